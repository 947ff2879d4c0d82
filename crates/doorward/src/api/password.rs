//! `POST /v1/password`: a new password, a new session, and nothing older alive.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    token::{Tokens, tokens},
    wire::SignedInBody,
};
use crate::{
    context::RequestContext,
    credentials::Method,
    extract::{PasswordChanger, origin_of},
    problem::{Problem, ProblemDocument},
    request_body::StrictJson,
    session_cookies::set_session_cookies,
};

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    /// The password so far.
    #[schema(format = Password)]
    current_password: String,
    /// The password from now on.
    #[schema(format = Password)]
    new_password: String,
}

/// Who is signed in now, with which session.
#[derive(Serialize, ToSchema)]
pub struct PasswordChangedBody {
    /// Who, and with which session.
    #[serde(flatten)]
    signed_in: SignedInBody,
    /// The new session's tokens, for a caller that showed a bearer token; others get them in cookies.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Tokens>,
}

/// Changes the password: a new session in new cookies; every older session and token of the user is dead.
#[utoipa::path(
    post, path = "/v1/password", tag = "session", request_body = PasswordBody,
    responses(
        (status = 200, description = "Changed; new cookies are set.", body = PasswordChangedBody),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change_password(
    context: RequestContext,
    PasswordChanger(holder): PasswordChanger,
    parts: Parts,
    StrictJson(body): StrictJson<PasswordBody>,
) -> Result<Response, Problem> {
    let app = context.app();
    let principal = holder.principal();
    let origin = origin_of(&context, &parts, principal.transport).await?;
    let PasswordBody { current_password, new_password } = body;
    let changed =
        app.authority().change_password(principal, &current_password, &new_password, &origin).await?;
    let by_bearer = holder.identity.method == Method::Bearer;
    let body = PasswordChangedBody {
        signed_in: SignedInBody::from(&changed),
        tokens: by_bearer.then(|| tokens(&changed)),
    };
    let mut response = Json(body).into_response();
    if !by_bearer {
        set_session_cookies(app, response.headers_mut(), &changed, true);
    }
    Ok(response)
}
