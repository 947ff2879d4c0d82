//! `/v1/setup`: the first administrator, once.

use axum::{Json, response::Response};
use doorward_core::{session::Transport, setup::SetupForm};
use http::{StatusCode, request::Parts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::login::{LoggedIn, logged_in};
use crate::{
    account_name::named,
    context::RequestContext,
    extract::{FromHere, origin_of},
    problem::{Problem, ProblemDocument},
    request_body::StrictJson,
};

/// Whether setup was completed.
#[derive(Serialize, ToSchema)]
pub struct SetupState {
    /// It was.
    complete: bool,
}

/// The first administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupBody {
    /// The token of the setup URL, or the configured one.
    setup_token: String,
    /// The name to log in with; where there is a single operator it may be left out, and is not heeded.
    #[schema(required = true, value_type = String)]
    username: Option<String>,
    /// The password.
    #[schema(format = Password)]
    password: String,
    /// A mail address.
    email: Option<String>,
}

/// Tells whether setup was completed.
#[utoipa::path(
    get, path = "/v1/setup", tag = "setup",
    responses(
        (status = 200, description = "Whether setup was completed.", body = SetupState),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn setup_state(context: RequestContext) -> Json<SetupState> {
    Json(SetupState { complete: context.app().authority().check_setup_complete().is_ok() })
}

/// Makes the first administrator and logs them in. Of racing calls one succeeds.
#[utoipa::path(
    post, path = "/v1/setup", tag = "setup", request_body = SetupBody,
    responses(
        (status = 201, description = "Done; logged in as by a login.", body = LoggedIn),
        (status = 403, description = "The setup token is wrong.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Setup was completed before.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn complete_setup(
    context: RequestContext,
    _from: FromHere,
    parts: Parts,
    StrictJson(body): StrictJson<SetupBody>,
) -> Result<Response, Problem> {
    let app = context.app();
    let username = named(app, body.username.as_deref())?;
    let origin = origin_of(&context, &parts, Transport::Cookie).await?;
    let form = SetupForm {
        setup_token: &body.setup_token,
        username,
        password: &body.password,
        email: body.email.as_deref(),
    };
    let signed_in = app.authority().complete_setup(form, &origin).await?;
    Ok(logged_in(app, &parts.headers, StatusCode::CREATED, &signed_in))
}
