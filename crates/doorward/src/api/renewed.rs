//! Answers to whoever is signed in and gets other tokens: in cookies, or in the body where a bearer token was shown.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use doorward_core::{second_factor::FactorsAfter, sign_in::SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    token::{Tokens, tokens},
    wire::SignedInBody,
};
use crate::{app::App, credentials::Method, session_cookies::set_session_cookies};

/// Who is signed in now, with which session.
#[derive(Serialize, ToSchema)]
pub struct NewSessionBody {
    /// Who, and with which session.
    #[serde(flatten)]
    signed_in: SignedInBody,
    /// The new session's tokens, for a caller that showed a bearer token; others get them in cookies.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Tokens>,
}

/// The answer to somebody who got another session in place of theirs.
pub(crate) fn new_session(app: &App, method: Method, signed_in: &SignedIn) -> Response {
    let by_bearer = method == Method::Bearer;
    let body = NewSessionBody {
        signed_in: SignedInBody::from(signed_in),
        tokens: by_bearer.then(|| tokens(signed_in)),
    };
    let mut response = Json(body).into_response();
    if !by_bearer {
        set_session_cookies(app, response.headers_mut(), signed_in, true);
    }
    response
}

/// The answer to somebody who changed their factors, with fresh cookies of the same session: the access token they asked
/// with is outdated. A program refreshes its own.
pub(crate) fn factors_changed(
    app: &App,
    method: Method,
    after: &FactorsAfter,
    answer: impl IntoResponse,
) -> Response {
    let mut response = answer.into_response();
    if method == Method::Cookie {
        set_session_cookies(app, response.headers_mut(), &after.signed_in, false);
    }
    response
}
