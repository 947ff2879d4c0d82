//! `BASE/continue`: takes a navigation up again, silently where a refresh does, else by the login page.

use axum::response::Response;
use doorward_core::{refresh::UnverifiedRefreshToken, refusal::Refusal, session::Transport};
use http::{HeaderMap, request::Parts};
use serde::Deserialize;

use super::{
    login::login_page,
    onward::{Dues, Needs, leading_to},
};
use crate::{
    app::App,
    context::RequestContext,
    credentials::{has_csrf_cookie_of, known_device, refresh_cookie},
    page_response::{Target, bounce, lost_its_cookies, see_other},
    pages::views::LoginNotice,
    problem::Problem,
    request_body::Parameters,
    session_cookies::set_session_cookies,
};

/// What a navigation is to lead to.
#[derive(Debug, Deserialize)]
pub(crate) struct ResumeParameters {
    /// The URL to return to.
    rd: Option<String>,
    /// `login`: the session does not do. Whoever has one confirms who they are.
    prompt: Option<String>,
    /// `2`, with `prompt`: by a second factor.
    aal: Option<String>,
    /// Whether the navigation was bounced before.
    bounced: Option<String>,
}

impl ResumeParameters {
    fn needs(&self) -> Needs {
        match (self.prompt.as_deref(), self.aal.as_deref()) {
            (Some("login"), Some("2")) => Needs::SecondFactor,
            (Some("login"), _) => Needs::StepUp,
            _ => Needs::Nothing,
        }
    }
}

/// Returns to `rd` with a session that is good, refreshed on the way if need be; or asks to sign in.
pub(crate) async fn resume(
    context: RequestContext,
    Parameters(asked): Parameters<ResumeParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    let needs = asked.needs();
    if asked.bounced.is_none() && lost_its_cookies(app, &parts.headers) {
        let needed = match needs {
            Needs::Nothing => "",
            Needs::StepUp => "&prompt=login",
            Needs::SecondFactor => "&prompt=login&aal=2",
        };
        return Ok(bounce(
            &context,
            &format!("{}{needed}&bounced=1", leading_to(app, "/continue", target.url())),
        ));
    }
    match context.identity(&parts.headers, parts.uri.path()) {
        Ok(identity) => Ok(see_other(&Dues::of(app, &identity.principal).way_to(app, &target, needs))),
        Err(problem) if problem.code == "cookie_ambiguous" => Err(problem),
        Err(problem) => refresh_silently(&context, &parts, &target, needs, &problem).await,
    }
}

async fn refresh_silently(
    context: &RequestContext,
    parts: &Parts,
    target: &Target,
    needs: Needs,
    why: &Problem,
) -> Result<Response, Problem> {
    let app = context.app();
    let (headers, path) = (&parts.headers, parts.uri.path());
    let notice = match why.code {
        "session_expired" => Some(LoginNotice::SessionExpired),
        "session_revoked" => Some(LoginNotice::SessionRevoked),
        _ => (needs != Needs::Nothing).then_some(LoginNotice::ConfirmIdentity),
    };
    let token = refresh_cookie(app, headers, path).await?;
    let Some(token) = token.filter(|token| is_of_csrf_cookies_session(app, parts, token)) else {
        return Ok(login_page(context, target, notice));
    };
    let device = known_device(app, headers, path)?;
    let client = context.client(headers);
    match app.authority().refresh(token, Transport::Cookie, device, &client).await {
        Ok(refreshed) => {
            let way = Dues::of_user(app, &refreshed.of.user).way_to(app, target, needs);
            let mut response = see_other(&way);
            set_session_cookies(app, response.headers_mut(), &refreshed, false);
            Ok(response)
        }
        // The access token cannot be renewed any more, and the password page wants one: signing in gives it.
        Err(Refusal::PasswordChangeRequired) => {
            Ok(login_page(context, target, Some(LoginNotice::ConfirmIdentity)))
        }
        Err(Refusal::SessionExpired) => Ok(login_page(context, target, Some(LoginNotice::SessionExpired))),
        Err(Refusal::SessionRevoked | Refusal::RefreshTokenReused) => {
            Ok(login_page(context, target, Some(LoginNotice::SessionRevoked)))
        }
        Err(Refusal::RefreshTokenInvalid) => Ok(login_page(context, target, notice)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// A sibling subdomain can plant a refresh cookie of its own session, but not the host-locked CSRF cookie: only the
/// session that the latter was made for is taken up (session fixation by cookie tossing).
fn is_of_csrf_cookies_session(app: &App, parts: &Parts, refresh_token: &str) -> bool {
    let Some(named) = UnverifiedRefreshToken::parse(refresh_token) else { return false };
    has_csrf_cookie_of(app, &parts.headers, named.session)
}

/// To where somebody without session signs in and comes back from.
pub(crate) fn to_sign_in(context: &RequestContext, parts: &Parts) -> Response {
    let app = context.app();
    by_continue(context, &parts.headers, &leading_to(app, "/continue", context.here()))
}

/// To `way`, an address of `continue` with its query.
pub(super) fn by_continue(context: &RequestContext, headers: &HeaderMap, way: &str) -> Response {
    // A redirect would stay a cross-site navigation, and arrive without the Strict cookies as well.
    if lost_its_cookies(context.app(), headers) {
        bounce(context, &format!("{way}&bounced=1"))
    } else {
        see_other(way)
    }
}
