//! `POST /v1/login/passkey`: a passkey completes a login whose password was right, or logs in by itself.

use axum::{Json, response::Response};
use doorward_core::{refusal::Refusal, session::Transport};
use http::{StatusCode, request::Parts};

use super::{
    credential::{Assertion, PasskeyOptions, PublicKeyCredential},
    login::{LoggedIn, logged_in},
};
use crate::{
    context::RequestContext,
    extract::origin_of,
    pending_login::{LoginUnderWay, login_refused},
    problem::{Problem, ProblemDocument},
    request_body::{EmptyBody, StrictJson},
};

/// Instead of the word on user names and passwords: neither was asked for.
const NOBODYS: &str =
    "This passkey signs nobody in. It may have been removed, or have been asked for too long ago: try again.";

/// What `navigator.credentials.get()` is given to log in. With a pending cookie the passkey is the second factor, and the
/// CSRF token of the pending login is needed; without one the passkey is all, and has to verify its user.
#[utoipa::path(
    post, path = "/v1/login/passkey/options", tag = "session", security((), ("pending_cookie" = [], "csrf" = [])),
    responses(
        (status = 200, description = "To be read by `PublicKeyCredential.parseRequestOptionsFromJSON()`.", body = PasskeyOptions),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn passkey_login_options(
    context: RequestContext,
    LoginUnderWay(pending): LoginUnderWay,
    _empty: EmptyBody,
) -> Result<Json<impl serde::Serialize>, Problem> {
    Ok(Json(context.app().authority().passkey_login_options(pending.as_ref()).await?))
}

/// Logs in by a passkey.
#[utoipa::path(
    post, path = "/v1/login/passkey", tag = "session", request_body = PublicKeyCredential<Assertion>,
    security((), ("pending_cookie" = [], "csrf" = [])),
    responses(
        (status = 200, description = "Logged in; session, CSRF, refresh and device cookies are set, a pending cookie is cleared.", body = LoggedIn),
        (status = "default", description = "Refused. A pending cookie is cleared where the login is over.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn login_by_passkey(
    context: RequestContext,
    LoginUnderWay(pending): LoginUnderWay,
    parts: Parts,
    StrictJson(body): StrictJson<PublicKeyCredential<Assertion>>,
) -> Result<Response, Problem> {
    let app = context.app();
    let answer = body.answer()?;
    let origin = origin_of(&context, &parts, Transport::Cookie).await?;
    let logged = match &pending {
        Some(pending) => app.authority().complete_login_by_passkey(pending, &answer, &origin).await,
        None => app.authority().login_by_passkey(&answer, &origin).await,
    };
    match logged {
        Ok(signed_in) => Ok(logged_in(app, &parts.headers, StatusCode::OK, &signed_in)),
        Err(refusal) => {
            let unknown = refusal == Refusal::InvalidCredentials;
            let mut problem = login_refused(&context, &parts, refusal).await;
            if unknown {
                problem.detail = NOBODYS.into();
            }
            Err(problem)
        }
    }
}
