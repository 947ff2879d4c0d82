//! The login page.

use axum::response::Response;
use doorward_core::{
    login::{LoginOutcome, PresentedProofs},
    refusal::Refusal,
    session::Transport,
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use crate::{
    account_name::named,
    app::App,
    context::RequestContext,
    extract::{check_origin, origin_of},
    origin::OriginScope,
    page_response::{FormFailure, Target, anonymous, moving_on, page, see_other},
    pages::{
        Field,
        views::{LoginNotice, LoginPage, MovingOnReason},
    },
    problem::Problem,
    request_body::{FormRequest, Parameters},
    session_cookies::set_session_cookies,
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
    rd: Option<String>,
    #[serde(rename = "csrf_token")]
    _csrf_token: Option<String>,
}

/// The empty form.
pub(super) fn login_page(app: &App, target: &Target, notice: Option<LoginNotice>) -> Response {
    let mut view = LoginPage::new(anonymous(app), target.carried());
    view.continue_to = target.foreign_host(app);
    view.notice = notice;
    page(StatusCode::OK, &view)
}

/// Shows the form; who is signed in already moves on.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AfterwardsParameters>,
    parts: Parts,
) -> Response {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    match context.identity(&parts.headers, parts.uri.path()) {
        Ok(_) => see_other(target.url()),
        Err(_) => login_page(app, &target, None),
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
    let proofs = PresentedProofs::password(&form.password);
    match app.authority().login(username, proofs, &origin).await {
        Ok(LoginOutcome::Authenticated(signed_in)) => {
            let mut response = moving_on(app, &target, MovingOnReason::SignedIn);
            set_session_cookies(app, response.headers_mut(), &signed_in, true);
            Ok(response)
        }
        Ok(LoginOutcome::SecondFactorDue(_)) => Err(Refusal::MfaCodeInvalid.into()),
        Err(refusal) => {
            let failed = FormFailure::of(refusal);
            let mut view = LoginPage::new(anonymous(app), target.carried());
            view.continue_to = target.foreign_host(app);
            view.username = Field::of(username);
            view.failure.clone_from(&failed.failure);
            Ok(failed.page(&view))
        }
    }
}
