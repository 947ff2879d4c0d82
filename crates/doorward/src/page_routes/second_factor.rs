//! The second step of a login, and the login by a passkey alone.

use axum::response::Response;
use doorward_core::{refusal::Refusal, second_factor::PendingFound, session::Transport};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    factor_form::{FactorForm, Shown, assertion, factor_forms},
    login::{AfterwardsParameters, login_page, login_view},
    onward::{carrying, opened},
};
use crate::{
    context::RequestContext,
    credentials::pending_login,
    extract::{FormToken, check_origin, origin_of},
    origin::OriginScope,
    page_response::{FormFailure, Target, anonymous, page, see_other},
    pages::{
        Failure, Frame,
        views::{LoginNotice, MovingOnReason, PasskeyPurpose, SecondFactorPage},
    },
    pending_login::login_under_way,
    problem::Problem,
    request_body::{FormRequest, Parameters},
    session_cookies::clear_pending_cookie,
};

/// A passkey that is shown instead of name and password. There is no CSRF token yet; rule 1 guards it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyLoginForm {
    credential: String,
    rd: Option<String>,
}

/// Shows the form to somebody whose password was right.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AfterwardsParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    match pending_login(app, &parts.headers, parts.uri.path()).await? {
        Some(pending) => Ok(page(StatusCode::OK, &second_factor_view(&context, &pending, &target)?)),
        None => Ok(see_other(&carrying(app, "/login", &target))),
    }
}

/// Examines what they show.
pub(crate) async fn submit(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<FactorForm>,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, form.rd.as_deref());
    let token = FormToken::Field(&form.csrf_token);
    let Some(pending) = login_under_way(&context, &parts, token).await? else {
        return Ok(start_again(&context, &target));
    };
    let origin = origin_of(&context, &parts, Transport::Cookie).await?;
    let authority = app.authority();
    let completed = match form.shown()? {
        Shown::Password(_) => return Err(Problem::malformed("The password was shown already.")),
        Shown::Code(code) => authority.complete_login(&pending, code, &origin).await,
        Shown::Passkey(answer) => authority.complete_login_by_passkey(&pending, &answer, &origin).await,
    };
    match completed {
        Ok(signed_in) => Ok(opened(&context, &target, MovingOnReason::SignedIn, &signed_in, &parts.headers)),
        Err(refusal) => {
            // That may have been the last try; or the time is over.
            let Some(pending) = pending_login(app, &parts.headers, parts.uri.path()).await? else {
                return Ok(start_again(&context, &target));
            };
            let mut view = second_factor_view(&context, &pending, &target)?;
            view.factors.wrong = form.wrong_code(&refusal, Some(pending.login.tries_left));
            let failed = FormFailure::of(&context, refusal.clone());
            view.failure = form.failure(&refusal, &failed);
            Ok(failed.page(&view))
        }
    }
}

/// Signs in by a passkey alone.
pub(crate) async fn submit_passkey(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<PasskeyLoginForm>,
) -> Result<Response, Problem> {
    let app = context.app();
    check_origin(app, &parts, OriginScope::Always)?;
    let target = Target::of(app, form.rd.as_deref());
    let answer = assertion(&form.credential)?;
    let origin = origin_of(&context, &parts, Transport::Cookie).await?;
    match app.authority().login_by_passkey(&answer, &origin).await {
        Ok(signed_in) => Ok(opened(&context, &target, MovingOnReason::SignedIn, &signed_in, &parts.headers)),
        Err(refusal) => {
            let unknown = refusal == Refusal::InvalidCredentials;
            let failed = FormFailure::of(&context, refusal);
            let mut view = login_view(&context, &target);
            let passkey_refused = || Some(Failure::of("passkey_refused"));
            view.failure = if unknown { passkey_refused() } else { failed.failure.clone() };
            Ok(failed.page(&view))
        }
    }
}

/// The empty form.
pub(super) fn second_factor_view(
    context: &RequestContext,
    pending: &PendingFound,
    target: &Target,
) -> Result<SecondFactorPage, Problem> {
    let app = context.app();
    let authority = app.authority();
    let token =
        authority.keys().issue_csrf_token(authority.entropy(), pending.login.id).map_err(Refusal::from)?;
    let start_over = carrying(app, "/login", target);
    Ok(SecondFactorPage {
        frame: Frame { csrf_token: Some(token.reveal().to_owned()), ..anonymous(context) },
        rd: target.carried(),
        continue_to: target.foreign_host(app),
        username: pending.user.username.as_str().to_owned(),
        factors: factor_forms(app, pending.user.factors, PasskeyPurpose::SecondFactor, start_over.clone()),
        failure: None,
        start_over,
    })
}

/// The login page, for whoever came too late or was wrong too often.
fn start_again(context: &RequestContext, target: &Target) -> Response {
    let mut response = login_page(context, target, Some(LoginNotice::StartAgain));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    clear_pending_cookie(context.app(), response.headers_mut());
    response
}
