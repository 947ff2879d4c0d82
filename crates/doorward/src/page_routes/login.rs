//! The login page.

use axum::response::Response;
use doorward_core::{
    login::{LoginOutcome, PresentedProofs},
    second_factor::PendingIssued,
    session::Transport,
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{factor_form::passkey_prompt, onward::opened, second_factor::second_factor_view};
use crate::{
    account_name::named,
    context::RequestContext,
    extract::{check_origin, origin_of},
    origin::OriginScope,
    page_response::{FormFailure, Target, anonymous, page, see_other},
    pages::{
        Field,
        views::{LoginNotice, LoginPage, MovingOnReason, PasskeyPurpose},
    },
    pending_login::presents_pending_cookie,
    problem::Problem,
    request_body::{FormRequest, Parameters},
    session_cookies::{clear_pending_cookie, set_pending_cookies},
};

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(crate) struct AfterwardsParameters {
    /// The URL.
    pub(super) rd: Option<String>,
}

/// The login form. There is no CSRF token yet that it could carry; rule 1 guards it against login CSRF.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginForm {
    username: Option<String>,
    password: String,
    /// There if it is ticked.
    trust_device: Option<String>,
    rd: Option<String>,
    #[serde(rename = "csrf_token")]
    _csrf_token: Option<String>,
}

/// The empty form.
pub(super) fn login_view(context: &RequestContext, target: &Target) -> LoginPage {
    let app = context.app();
    let mut view = LoginPage::new(anonymous(context), target.carried());
    view.continue_to = target.foreign_host(app);
    view.trust_device_seconds =
        app.authority().settings().second_factors.trust_device.map(|time| time.as_secs());
    view.passkey = passkey_prompt(app, PasskeyPurpose::SignIn, None);
    view
}

/// The page with the empty form.
pub(super) fn login_page(context: &RequestContext, target: &Target, notice: Option<LoginNotice>) -> Response {
    let view = LoginPage { notice, ..login_view(context, target) };
    page(StatusCode::OK, &view)
}

/// Shows the form; who is signed in already moves on, and who was half-way through starts over.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AfterwardsParameters>,
    parts: Parts,
) -> Response {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    match context.identity(&parts.headers, parts.uri.path()) {
        Ok(_) => see_other(target.url()),
        Err(_) => {
            let mut response = login_page(&context, &target, None);
            if presents_pending_cookie(app, &parts.headers) {
                clear_pending_cookie(app, response.headers_mut());
            }
            response
        }
    }
}

/// Signs in.
pub(crate) async fn submit(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<LoginForm>,
) -> Result<Response, Problem> {
    let app = context.app();
    check_origin(app, &parts, OriginScope::Always)?;
    let username = named(app, form.username.as_deref())?;
    let target = Target::of(app, form.rd.as_deref());
    let origin = origin_of(&context, &parts, Transport::Cookie).await?;
    let trust_device = form.trust_device.is_some();
    let proofs = PresentedProofs { trust_device, ..PresentedProofs::password(&form.password) };
    match app.authority().login(username, proofs, &origin).await {
        Ok(LoginOutcome::Authenticated(signed_in)) => {
            Ok(opened(&context, &target, MovingOnReason::SignedIn, &signed_in, &parts.headers))
        }
        Ok(LoginOutcome::SecondFactorDue(pending)) => second_factor_due(&context, &pending, &target).await,
        Err(refusal) => {
            let failed = FormFailure::of(&context, refusal);
            let mut view = login_view(&context, &target);
            view.username = Field::of(username);
            view.trusts_device = trust_device;
            view.failure.clone_from(&failed.failure);
            Ok(failed.page(&view))
        }
    }
}

async fn second_factor_due(
    context: &RequestContext,
    issued: &PendingIssued,
    target: &Target,
) -> Result<Response, Problem> {
    let app = context.app();
    let pending = app.authority().pending_login(issued.token.reveal()).await?;
    let mut response = page(StatusCode::OK, &second_factor_view(context, &pending, target)?);
    set_pending_cookies(app, response.headers_mut(), issued);
    Ok(response)
}
