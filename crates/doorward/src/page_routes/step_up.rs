//! The page where somebody signed in confirms who they are, and goes on from there to where it was asked of them.

use axum::response::Response;
use doorward_core::{
    access_token::Principal,
    refusal::{Refusal, RefusalKind},
    second_factor::StepUpProof,
};
use http::{StatusCode, request::Parts};

use super::{
    factor_form::{FactorForm, Shown, factor_forms},
    login::{AfterwardsParameters, login_page},
    onward::{leading_to, opened, to_step_up},
    resume::by_continue,
};
use crate::{
    context::RequestContext,
    extract::{FormToken, origin_of, session_holder},
    page_response::{FormFailure, Target, page, signed_in},
    pages::views::{LoginNotice, MovingOnReason, PasskeyPurpose, StepUpPage},
    problem::Problem,
    request_body::{FormRequest, Parameters},
};

/// Shows the form, also to somebody whose password or second factor is due: both may ask for this first.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AfterwardsParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
        return Ok(signed_in_first(&context, &parts, &target));
    };
    match step_up_view(&context, &identity.principal, &target).await {
        Ok(view) => Ok(page(StatusCode::OK, &view)),
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            Ok(login_page(&context, &target, Some(LoginNotice::SessionRevoked)))
        }
        Err(problem) => Err(problem),
    }
}

/// Examines what they show.
pub(crate) async fn submit(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<FactorForm>,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, form.rd.as_deref());
    let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
        return Ok(signed_in_first(&context, &parts, &target));
    };
    let holder = session_holder(&context, &parts, identity, FormToken::Field(&form.csrf_token)).await?;
    let principal = holder.principal();
    let origin = origin_of(&context, &parts, principal.transport).await?;
    let authority = app.authority();
    let stepped_up = match form.shown()? {
        Shown::Password(typed) => authority.step_up(principal, StepUpProof::Password(typed), &origin).await,
        Shown::Code(code) => authority.step_up(principal, StepUpProof::Code(code), &origin).await,
        Shown::Passkey(answer) => authority.step_up_by_passkey(principal, &answer, &origin).await,
    };
    match stepped_up {
        Ok(signed_in) => Ok(opened(&context, &target, MovingOnReason::Confirmed, &signed_in, &parts.headers)),
        // A second factor was set up since the page was shown: it asks for that now.
        Err(Refusal::StepUpRequired) => Ok(to_step_up(app, target.url())),
        Err(refusal) if ends_session(&refusal) => Ok(signed_in_first(&context, &parts, &target)),
        Err(refusal) => {
            let mut view = step_up_view(&context, principal, &target).await?;
            if let Some(factors) = &mut view.factors {
                factors.wrong = form.wrong_code(&refusal, None);
            }
            let failed = FormFailure::of(&context, refusal.clone());
            view.failure = form.failure(&refusal, &failed);
            Ok(failed.page(&view))
        }
    }
}

/// Whether a refusal says that nobody is signed in any more; that the password or the code is wrong does not.
fn ends_session(refusal: &Refusal) -> bool {
    let wrong = matches!(refusal, Refusal::InvalidCredentials | Refusal::MfaCodeInvalid);
    refusal.kind() == RefusalKind::Unauthenticated && !wrong
}

/// To sign in, which is as good as a step-up; or back to here, where a silent refresh does.
fn signed_in_first(context: &RequestContext, parts: &Parts, target: &Target) -> Response {
    by_continue(
        context,
        &parts.headers,
        &format!("{}&prompt=login", leading_to(context.app(), "/continue", target.url())),
    )
}

async fn step_up_view(
    context: &RequestContext,
    principal: &Principal,
    target: &Target,
) -> Result<StepUpPage, Problem> {
    let app = context.app();
    // As they are now, whatever the token says: it may be minutes old.
    let factors = app.authority().session_of(principal).await?.user.factors;
    let here = leading_to(app, "/step-up", target.url());
    let forms = || factor_forms(app, factors, PasskeyPurpose::StepUp, here);
    Ok(StepUpPage {
        frame: signed_in(context, principal)?,
        rd: target.carried(),
        continue_to: target.foreign_host(app),
        factors: factors.any().then(forms),
        failure: None,
    })
}
