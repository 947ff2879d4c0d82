//! Who is calling: the one function that answers it, whether for a handler, a proxy, or logout (M-A03).

use std::sync::Arc;

use doorward_core::{
    access_token::Principal, ids::SessionId, refusal::Refusal, second_factor::PendingFound,
    session::Transport,
};
use http::{HeaderMap, header};

use crate::{
    app::App,
    cookies::{CookieKind, Presented, expire_everywhere},
    problem::Problem,
};

/// Somebody whose credential is valid.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who.
    pub principal: Arc<Principal>,
    /// How they showed it.
    pub method: Method,
}

/// How a credential was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// In the session cookie.
    Cookie,
    /// As a bearer token in the Authorization header (RFC 6750).
    Bearer,
}

impl Method {
    /// As `X-Auth-Method` names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }
}

/// Cookie first, then the Authorization header: a cookie that is no good does not stand in the way of a header
/// that is.
pub(crate) fn identify(app: &App, headers: &HeaderMap, path: &str) -> Result<Identity, Problem> {
    let verifier = app.authority().verifier();
    let by_cookie = match session_cookie(app, headers, path)? {
        Some(token) => verifier.verify(token, Transport::Cookie),
        None => Err(Refusal::NotAuthenticated),
    };
    if let Ok(principal) = by_cookie {
        return Ok(Identity { principal, method: Method::Cookie });
    }
    match (bearer_token(headers), by_cookie) {
        (Some(Ok(token)), _) => match verifier.verify(token, Transport::Bearer) {
            Ok(principal) => Ok(Identity { principal, method: Method::Bearer }),
            Err(refusal) => Err(Problem::from(refusal).to_bearer()),
        },
        (Some(Err(refusal)), _) => Err(Problem::from(refusal).to_bearer()),
        (None, Err(refusal)) => Err(refusal.into()),
        (None, Ok(principal)) => Ok(Identity { principal, method: Method::Cookie }),
    }
}

/// The session cookie's value. Of several, those that we did not sign are passed over; none, or one of ours, is
/// left, or the request is refused (cookie tossing).
pub(crate) fn session_cookie<'h>(
    app: &App,
    headers: &'h HeaderMap,
    path: &str,
) -> Result<Option<&'h str>, Problem> {
    let cookie = app.fixed.cookies.cookie(CookieKind::Session);
    let presented = Presented::read(headers, cookie.name());
    let ours = |token: &str| app.authority().verifier().is_authentic(token);
    only_one(app, CookieKind::Session, headers, path, &presented, ours)
}

/// The device that the device cookie proves, if it proves one.
pub(crate) fn known_device(
    app: &App,
    headers: &HeaderMap,
    path: &str,
) -> Result<Option<doorward_core::device::KnownDevice>, Problem> {
    let cookie = app.fixed.cookies.cookie(CookieKind::Device);
    let presented = Presented::read(headers, cookie.name());
    let verify = |token: &str| app.authority().keys().verify_device_token(token);
    let token =
        only_one(app, CookieKind::Device, headers, path, &presented, |token| verify(token).is_some())?;
    Ok(token.and_then(verify))
}

/// The refresh cookie's value. As [`session_cookie`], but which of several is ours only the store knows.
pub(crate) async fn refresh_cookie<'h>(
    app: &App,
    headers: &'h HeaderMap,
    path: &str,
) -> Result<Option<&'h str>, Problem> {
    let cookie = app.fixed.cookies.cookie(CookieKind::Refresh);
    let presented = Presented::read(headers, cookie.name());
    let mut ours = Vec::new();
    if presented.candidates().len() > 1 {
        for token in presented.candidates() {
            if app.authority().session_of_refresh_token(token, Transport::Cookie).await?.is_some() {
                ours.push(*token);
            }
        }
    }
    only_one(app, CookieKind::Refresh, headers, path, &presented, |token| ours.contains(&token))
}

/// The pending login that the pending cookie names, if it names a live one. Of several that do, which only tossed cookies
/// can be, none counts.
pub(crate) async fn pending_login(
    app: &App,
    headers: &HeaderMap,
    path: &str,
) -> Result<Option<PendingFound>, Problem> {
    let mut found = presented_pending_logins(app, headers).await?.into_iter();
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(ambiguous(app, CookieKind::Pending, headers, path)),
        (pending, _) => Ok(pending),
    }
}

/// Every live pending login that a request presents: what a logout ends.
pub(crate) async fn presented_pending_logins(
    app: &App,
    headers: &HeaderMap,
) -> Result<Vec<PendingFound>, Refusal> {
    let mut found = Vec::new();
    for token in Presented::read(headers, app.fixed.cookies.cookie(CookieKind::Pending).name()).candidates() {
        match app.authority().pending_login(token).await {
            Ok(pending) => found.push(pending),
            Err(Refusal::NotAuthenticated) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(found)
}

/// Whether a CSRF cookie is presented that was made for this session.
pub(crate) fn has_csrf_cookie_of(app: &App, headers: &HeaderMap, session: SessionId) -> bool {
    let csrf = Presented::read(headers, app.fixed.cookies.cookie(CookieKind::Csrf).name());
    let keys = app.authority().keys();
    csrf.candidates().iter().any(|token| keys.verify_csrf_token(token, session))
}

fn only_one<'h>(
    app: &App,
    kind: CookieKind,
    headers: &HeaderMap,
    path: &str,
    presented: &Presented<'h>,
    ours: impl Fn(&str) -> bool,
) -> Result<Option<&'h str>, Problem> {
    match presented {
        Presented::Absent => Ok(None),
        Presented::One([token]) => Ok(Some(*token).filter(|token| !token.is_empty())),
        Presented::TooMany => Err(ambiguous(app, kind, headers, path)),
        Presented::Several(tokens) => {
            let mut good = tokens.iter().copied().filter(|token| ours(token));
            match (good.next(), good.next()) {
                (Some(_), Some(_)) => Err(ambiguous(app, kind, headers, path)),
                (Some(token), None) => Ok(Some(token)),
                // None is ours: any of them tells why.
                (None, _) => Ok(tokens.iter().copied().find(|token| !token.is_empty())),
            }
        }
    }
}

fn ambiguous(app: &App, kind: CookieKind, headers: &HeaderMap, path: &str) -> Problem {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = http::uri::Authority::try_from(host).map(|host| host.host().to_owned()).unwrap_or_default();
    let expired = expire_everywhere(app.fixed.cookies.cookie(kind), path, &host);
    Problem::cookie_ambiguous(expired.into_iter().map(|value| (header::SET_COOKIE, value)))
}

/// The bearer token, if the Authorization header holds one; an error if there are several headers, of which
/// nobody can say which one a proxy in front has looked at.
fn bearer_token(headers: &HeaderMap) -> Option<Result<&str, Refusal>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return Some(Err(Refusal::TokenInvalid));
    }
    // An app behind the proxy may use other schemes for itself: they are none of our business.
    let text = first.to_str().ok()?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| Ok(token.trim()))
}

/// The sessions that a request shows it holds.
pub(crate) struct PresentedSessions {
    /// By cookies.
    pub(crate) by_cookie: Vec<SessionId>,
    /// By the Authorization header.
    pub(crate) by_header: Option<SessionId>,
}

impl PresentedSessions {
    /// Each once.
    pub(crate) fn all(self) -> Vec<SessionId> {
        let mut sessions = self.by_cookie;
        sessions.extend(self.by_header);
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }
}

/// Every session that a request shows it holds, by whatever it presents, also expired ones: what a logout ends, and a
/// login what came by cookie.
pub(crate) async fn presented_sessions(app: &App, headers: &HeaderMap) -> Result<PresentedSessions, Problem> {
    let verifier = app.authority().verifier();
    let cookies = &app.fixed.cookies;
    let (mut by_cookie, mut by_header) = (Vec::new(), None);
    for token in Presented::read(headers, cookies.cookie(CookieKind::Session).name()).candidates() {
        by_cookie.extend(verifier.authentic_principal(token, Transport::Cookie).map(|p| p.session_id));
    }
    if let Some(Ok(token)) = bearer_token(headers) {
        by_header = verifier.authentic_principal(token, Transport::Bearer).map(|p| p.session_id);
    }
    for token in Presented::read(headers, cookies.cookie(CookieKind::Refresh).name()).candidates() {
        let found = app.authority().session_of_refresh_token(token, Transport::Cookie).await?;
        by_cookie.extend(found.map(|(session, _)| session.id));
    }
    Ok(PresentedSessions { by_cookie, by_header })
}
