//! The page where a password is changed.

use axum::response::Response;
use doorward_core::{access_token::Principal, refusal::Refusal};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    login::AfterwardsParameters,
    onward::{Dues, carrying, opened, to_step_up},
    resume::to_sign_in,
};
use crate::{
    app::App,
    context::RequestContext,
    extract::{FormToken, origin_of, session_holder},
    page_response::{FormFailure, Target, page, see_other, signed_in},
    pages::views::{MovingOnReason, PasswordPage},
    problem::Problem,
    request_body::{FormRequest, Parameters},
};

/// The old password and the new one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordForm {
    current_password: String,
    new_password: String,
    rd: Option<String>,
    #[serde(default)]
    csrf_token: String,
}

/// Shows the form.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AfterwardsParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
        return Ok(to_sign_in(&context, &parts));
    };
    let principal = &identity.principal;
    let target = Target::of(app, asked.rd.as_deref());
    if let Some(first) = due_first(app, principal, &target) {
        return Ok(first);
    }
    // Asked for at once, or what is typed here would be lost. Without a second factor the current password does.
    if principal.has_factor && principal.check_fresh(app.authority().now()?).is_err() {
        return Ok(to_step_up(app, &carrying(app, "/password", &target)));
    }
    let min_length = app.authority().settings().password.least_length(principal.has_factor);
    let mut view =
        PasswordPage::new(signed_in(&context, principal)?, principal.must_change_password, min_length);
    view.rd = target.carried();
    Ok(page(StatusCode::OK, &view))
}

/// To what is due before a password is changed that is not due itself.
fn due_first(app: &App, principal: &Principal, target: &Target) -> Option<Response> {
    let due = Dues::of(app, principal).page(app, target);
    due.filter(|_| !principal.must_change_password).map(|due| see_other(&due))
}

/// Changes the password.
pub(crate) async fn submit(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<PasswordForm>,
) -> Result<Response, Problem> {
    let app = context.app();
    let identity = context.identity(&parts.headers, parts.uri.path())?;
    let holder = session_holder(&context, &parts, identity, FormToken::Field(&form.csrf_token)).await?;
    let principal = holder.principal();
    let target = Target::of(app, form.rd.as_deref());
    if let Some(first) = due_first(app, principal, &target) {
        return Ok(first);
    }
    let origin = origin_of(&context, &parts, principal.transport).await?;
    let authority = app.authority();
    match authority.change_password(principal, &form.current_password, &form.new_password, &origin).await {
        Ok(changed) => {
            Ok(opened(&context, &target, MovingOnReason::PasswordChanged, &changed, &parts.headers))
        }
        Err(Refusal::StepUpRequired) => Ok(to_step_up(app, &carrying(app, "/password", &target))),
        Err(refusal) => {
            let failed = FormFailure::of(&context, refusal);
            let min_length = authority.settings().password.least_length(principal.has_factor);
            let due = principal.must_change_password;
            let mut view = PasswordPage::new(signed_in(&context, principal)?, due, min_length);
            view.rd = target.carried();
            view.new_password_error = failed.field("new_password");
            view.failure.clone_from(&failed.failure);
            Ok(failed.page(&view))
        }
    }
}
