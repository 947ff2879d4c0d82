//! The setup page.

use axum::response::Response;
use doorward_core::{refusal::Refusal, session::Transport, setup::SetupForm};
use http::StatusCode;
use serde::Deserialize;

use super::onward::opened;
use crate::{
    account_name::named,
    context::RequestContext,
    extract::{check_origin, origin_of},
    origin::OriginScope,
    page_response::{FormFailure, Target, anonymous, page},
    pages::{
        Field,
        views::{MovingOnReason, SetupPage},
    },
    problem::Problem,
    request_body::{FormRequest, Parameters},
};

/// What the setup URL carries.
#[derive(Debug, Deserialize)]
pub(crate) struct SetupParameters {
    token: Option<String>,
}

/// What the first administrator enters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupFields {
    setup_token: String,
    username: Option<String>,
    #[serde(default)]
    email: String,
    password: String,
    #[serde(rename = "csrf_token")]
    _csrf_token: Option<String>,
}

/// Shows the form until setup is complete.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<SetupParameters>,
) -> Result<Response, Problem> {
    let app = context.app();
    if app.authority().check_setup_complete().is_ok() {
        return Err(Refusal::SetupComplete.into());
    }
    let min_length = app.authority().settings().password.least_length(false);
    Ok(page(StatusCode::OK, &SetupPage::new(anonymous(&context), asked.token, min_length)))
}

/// Makes the first administrator, and signs them in.
pub(crate) async fn submit(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<SetupFields>,
) -> Result<Response, Problem> {
    let app = context.app();
    check_origin(app, &parts, OriginScope::Always)?;
    let username = named(app, form.username.as_deref())?;
    let origin = origin_of(&context, &parts, Transport::Cookie).await?;
    let fields = SetupForm {
        setup_token: form.setup_token.trim(),
        username,
        password: &form.password,
        email: Some(form.email.as_str()).filter(|email| !email.is_empty()),
    };
    match app.authority().complete_setup(fields, &origin).await {
        Ok(signed_in) => {
            Ok(opened(&context, &Target::of(app, None), MovingOnReason::SetUp, &signed_in, &parts.headers))
        }
        Err(Refusal::SetupComplete) => Err(Refusal::SetupComplete.into()),
        Err(refusal) => {
            let failed = FormFailure::of(&context, refusal);
            let min_length = app.authority().settings().password.least_length(false);
            let mut view = SetupPage::new(anonymous(&context), Some(form.setup_token), min_length);
            view.username = Field { value: username.to_owned(), error: failed.field("username") };
            view.email = Field { value: form.email, error: failed.field("email") };
            view.password_error = failed.field("password");
            view.failure.clone_from(&failed.failure);
            Ok(failed.page(&view))
        }
    }
}
