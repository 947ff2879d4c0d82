//! The pages of one-time links: an invitation, a reset.

use axum::response::Response;
use doorward_core::{
    link::{Link, LinkPurpose},
    refusal::Refusal,
    session::Transport,
    user::User,
};
use http::StatusCode;
use serde::Deserialize;

use super::{login::login_page, onward::opened};
use crate::{
    context::RequestContext,
    extract::{check_origin, origin_of},
    origin::OriginScope,
    page_response::{FormFailure, Target, anonymous, page},
    pages::{
        moment::Moment,
        views::{DeadLinkPage, LinkKind, LinkPage, LoginNotice, MovingOnReason},
    },
    problem::Problem,
    request_body::{FormRequest, PathText},
};

/// The new password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasswordForm {
    new_password: String,
    #[serde(rename = "csrf_token")]
    _csrf_token: Option<String>,
}

/// Shows an invitation.
pub(crate) async fn show_invitation(
    context: RequestContext,
    PathText(token): PathText,
) -> Result<Response, Problem> {
    show(&context, LinkPurpose::Invitation, &token).await
}

/// Shows a reset link.
pub(crate) async fn show_reset(
    context: RequestContext,
    PathText(token): PathText,
) -> Result<Response, Problem> {
    show(&context, LinkPurpose::Reset, &token).await
}

/// Accepts an invitation.
pub(crate) async fn submit_invitation(
    context: RequestContext,
    PathText(token): PathText,
    form: FormRequest<NewPasswordForm>,
) -> Result<Response, Problem> {
    submit(&context, LinkPurpose::Invitation, &token, form).await
}

/// Sets a new password by a reset link.
pub(crate) async fn submit_reset(
    context: RequestContext,
    PathText(token): PathText,
    form: FormRequest<NewPasswordForm>,
) -> Result<Response, Problem> {
    submit(&context, LinkPurpose::Reset, &token, form).await
}

const fn kind(purpose: LinkPurpose) -> LinkKind {
    match purpose {
        LinkPurpose::Invitation => LinkKind::Invitation,
        LinkPurpose::Reset | LinkPurpose::Setup => LinkKind::Reset,
    }
}

fn view(
    context: &RequestContext,
    purpose: LinkPurpose,
    token: &str,
    (link, user): (Link, User),
) -> Result<LinkPage, Problem> {
    let app = context.app();
    let has_factor = user.factors.any();
    let now = app.authority().now()?;
    let page = match purpose {
        LinkPurpose::Invitation => "invite",
        LinkPurpose::Reset | LinkPurpose::Setup => "reset",
    };
    Ok(LinkPage {
        frame: anonymous(context),
        kind: kind(purpose),
        action: app.path(&format!("/{page}/{token}")),
        username: user.username.as_str().to_owned(),
        expires: link.expires_at.map(|at| Moment::new(at.as_millis(), now.as_millis())),
        password_error: None,
        password_min_length: app.authority().settings().password.least_length(has_factor),
        failure: None,
    })
}

fn dead(context: &RequestContext, purpose: LinkPurpose) -> Response {
    page(StatusCode::NOT_FOUND, &DeadLinkPage { frame: anonymous(context), kind: kind(purpose) })
}

async fn show(context: &RequestContext, purpose: LinkPurpose, token: &str) -> Result<Response, Problem> {
    match context.app().authority().live_link(token, purpose).await {
        Ok(live) => Ok(page(StatusCode::OK, &view(context, purpose, token, live)?)),
        Err(Refusal::NotFound) => Ok(dead(context, purpose)),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn submit(
    context: &RequestContext,
    purpose: LinkPurpose,
    token: &str,
    FormRequest { parts, form }: FormRequest<NewPasswordForm>,
) -> Result<Response, Problem> {
    let app = context.app();
    check_origin(app, &parts, OriginScope::Always)?;
    let origin = origin_of(context, &parts, Transport::Cookie).await?;
    match app.authority().redeem_link(token, purpose, &form.new_password, &origin).await {
        Ok(Some(signed_in)) => Ok(opened(
            context,
            &Target::of(app, None),
            MovingOnReason::PasswordChanged,
            &signed_in,
            &parts.headers,
        )),
        Ok(None) => Ok(login_page(context, &Target::of(app, None), Some(LoginNotice::PasswordSet))),
        Err(Refusal::NotFound) => Ok(dead(context, purpose)),
        Err(refusal) => {
            let failed = FormFailure::of(context, refusal);
            let Ok(live) = app.authority().live_link(token, purpose).await else {
                return Ok(dead(context, purpose));
            };
            let mut view = view(context, purpose, token, live)?;
            view.password_error = failed.field("new_password");
            view.failure.clone_from(&failed.failure);
            Ok(failed.page(&view))
        }
    }
}
