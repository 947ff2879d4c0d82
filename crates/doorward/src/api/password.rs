//! `POST /v1/password`: a new password, a new session, and nothing older alive.

use axum::response::Response;
use http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;

use super::renewed::{NewSessionBody, new_session};
use crate::{
    context::RequestContext,
    extract::{PasswordChanger, origin_of},
    problem::{Problem, ProblemDocument},
    request_body::StrictJson,
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

/// Changes the password: a new session in new cookies; every older session and token of the user is dead.
#[utoipa::path(
    post, path = "/v1/password", tag = "session", request_body = PasswordBody,
    responses(
        (status = 200, description = "Changed; new cookies are set.", body = NewSessionBody),
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
    Ok(new_session(app, holder.identity.method, &changed))
}
