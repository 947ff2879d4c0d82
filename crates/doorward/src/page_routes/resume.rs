//! `BASE/continue`: takes a navigation up again, silently where a refresh does, else by the login page.

use axum::response::Response;
use doorward_core::{refresh::UnverifiedRefreshToken, refusal::Refusal, session::Transport};
use http::request::Parts;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::login::login_page;
use crate::{
    app::App,
    context::RequestContext,
    cookies::{CookieKind, Presented},
    credentials::{known_device, refresh_cookie},
    extract::cookie_name,
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
    /// `login`: ask for the password, whatever session there is.
    prompt: Option<String>,
    /// Whether the navigation was bounced before.
    bounced: Option<String>,
}

/// Returns to `rd` with a session that is good, refreshed on the way if need be; or asks to sign in.
pub(crate) async fn resume(
    context: RequestContext,
    Parameters(asked): Parameters<ResumeParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    if asked.prompt.as_deref() == Some("login") {
        return Ok(login_page(app, &target, Some(LoginNotice::ConfirmIdentity)));
    }
    if asked.bounced.is_none() && lost_its_cookies(app, &parts.headers) {
        let rd: String = byte_serialize(target.url().as_bytes()).collect();
        return Ok(bounce(app, &app.path(&format!("/continue?rd={rd}&bounced=1"))));
    }
    match context.identity(&parts.headers, parts.uri.path()) {
        Ok(identity) if identity.principal.must_change_password => Ok(to_password_page(app, &target)),
        Ok(_) => Ok(see_other(target.url())),
        Err(problem) if problem.code == "cookie_ambiguous" => Err(problem),
        Err(problem) => refresh_silently(&context, &parts, &target, &problem).await,
    }
}

async fn refresh_silently(
    context: &RequestContext,
    parts: &Parts,
    target: &Target,
    why: &Problem,
) -> Result<Response, Problem> {
    let app = context.app();
    let (headers, path) = (&parts.headers, parts.uri.path());
    let notice = match why.code {
        "session_expired" => Some(LoginNotice::SessionExpired),
        "session_revoked" => Some(LoginNotice::SessionRevoked),
        _ => None,
    };
    let token = refresh_cookie(app, headers, path).await?;
    let Some(token) = token.filter(|token| is_of_csrf_cookies_session(app, parts, token)) else {
        return Ok(login_page(app, target, notice));
    };
    let device = known_device(app, headers, path)?;
    let client = context.client(headers);
    match app.authority().refresh(token, Transport::Cookie, device, &client).await {
        Ok(refreshed) => {
            let mut response = see_other(target.url());
            set_session_cookies(app, response.headers_mut(), &refreshed, false);
            Ok(response)
        }
        // The access token cannot be renewed any more, and the password page wants one: signing in gives it.
        Err(Refusal::PasswordChangeRequired) => {
            Ok(login_page(app, target, Some(LoginNotice::ConfirmIdentity)))
        }
        Err(Refusal::SessionExpired) => Ok(login_page(app, target, Some(LoginNotice::SessionExpired))),
        Err(Refusal::SessionRevoked | Refusal::RefreshTokenReused) => {
            Ok(login_page(app, target, Some(LoginNotice::SessionRevoked)))
        }
        Err(Refusal::RefreshTokenInvalid) => Ok(login_page(app, target, notice)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// A sibling subdomain can plant a refresh cookie of its own session, but not the host-locked CSRF cookie: only the
/// session that the latter was made for is taken up (session fixation by cookie tossing).
fn is_of_csrf_cookies_session(app: &App, parts: &Parts, refresh_token: &str) -> bool {
    let Some(named) = UnverifiedRefreshToken::parse(refresh_token) else { return false };
    let csrf = Presented::read(&parts.headers, cookie_name(app, CookieKind::Csrf));
    let keys = app.authority().keys();
    csrf.candidates().iter().any(|token| keys.verify_csrf_token(token, named.session))
}

/// To the page where a due password is changed, and from there to the target.
pub(super) fn to_password_page(app: &App, target: &Target) -> Response {
    let rd: String = byte_serialize(target.url().as_bytes()).collect();
    see_other(&app.path(&format!("/password?rd={rd}")))
}

/// To where somebody without session signs in and comes back from.
pub(crate) fn to_sign_in(context: &RequestContext, parts: &Parts) -> Response {
    let app = context.app();
    let here = context.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let rd: String = byte_serialize(here.as_bytes()).collect();
    let way = app.path(&format!("/continue?rd={rd}"));
    // A redirect would stay a cross-site navigation, and arrive without the Strict cookies as well.
    if lost_its_cookies(app, &parts.headers) {
        bounce(app, &format!("{way}&bounced=1"))
    } else {
        see_other(&way)
    }
}
