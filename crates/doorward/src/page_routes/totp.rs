//! Setting up an authenticator app, and removing it.

use axum::response::Response;
use doorward_core::{access_token::Principal, refusal::Refusal, second_factor::BegunTotp};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    factor_visit::Visit,
    factors::{FACTORS, FactorsForm},
    login::AfterwardsParameters,
    not_now::NotNow,
    onward::{carrying, leading_to, to_step_up},
    resume::to_sign_in,
};
use crate::{
    context::RequestContext,
    extract::{FormToken, session_holder},
    page_response::{FormFailure, Target, page, see_other, signed_in},
    pages::{
        Failure, qr,
        views::{FactorNotice, RecoveryCodesReason, TotpPage},
    },
    problem::Problem,
    request_body::{FormRequest, Parameters},
};

/// The page's own path, below the base path.
const HERE: &str = "/account/factors/totp";

/// A code of the app that is being set up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmForm {
    code: String,
    rd: Option<String>,
    #[serde(default)]
    csrf_token: String,
}

/// Begins.
pub(crate) async fn begin(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<FactorsForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts, form.rd.as_deref(), &form.csrf_token).await?;
    match visit.app.authority().begin_totp(visit.holder.principal(), &visit.holder.caller).await {
        Ok(_) => Ok(see_other(&visit.page(HERE))),
        Err(refusal) => visit.failed(refusal).await,
    }
}

/// Shows what was begun, to the authenticator app and to its owner; not to an app behind the proxy, which has the session
/// cookie too.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AfterwardsParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
        return Ok(to_sign_in(&context, &parts));
    };
    if identity.principal.must_change_password {
        return Ok(see_other(&leading_to(app, "/password", &carrying(app, HERE, &target))));
    }
    let holder = match session_holder(&context, &parts, identity, FormToken::Absent).await {
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            return Ok(see_other(&carrying(app, FACTORS, &target)));
        }
        holder => holder?,
    };
    let principal = holder.principal();
    match app.authority().begun_totp(principal).await {
        Ok(begun) => Ok(page(StatusCode::OK, &totp_view(&context, principal, &begun, &target).await?)),
        Err(Refusal::NotFound) => Ok(see_other(&carrying(app, FACTORS, &target))),
        Err(Refusal::StepUpRequired) => Ok(to_step_up(app, &carrying(app, HERE, &target))),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Puts it in force.
pub(crate) async fn confirm(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<ConfirmForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts, form.rd.as_deref(), &form.csrf_token).await?;
    let (authority, principal) = (visit.app.authority(), visit.holder.principal());
    match authority.confirm_totp(principal, &form.code, &visit.holder.caller).await {
        Ok(after) => visit.show_codes(&after, RecoveryCodesReason::TotpEnabled),
        Err(Refusal::StepUpRequired) => Ok(to_step_up(visit.app, &visit.page(HERE))),
        Err(Refusal::NotFound) => {
            visit.failed_because(Refusal::NotFound, Some(Failure::of("enrolment_over"))).await
        }
        Err(Refusal::MfaCodeInvalid) => {
            let begun = authority.begun_totp(principal).await?;
            let mut view = totp_view(visit.context, principal, &begun, &visit.target).await?;
            view.code_refused = true;
            Ok(FormFailure::of(visit.context, Refusal::MfaCodeInvalid).page(&view))
        }
        Err(refusal) => visit.failed(refusal).await,
    }
}

/// Removes it.
pub(crate) async fn remove(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<FactorsForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts, form.rd.as_deref(), &form.csrf_token).await?;
    match visit.app.authority().remove_totp(visit.holder.principal(), &visit.holder.caller).await {
        Ok(after) => visit.show_change(&after, FactorNotice::TotpRemoved).await,
        Err(refusal) => visit.failed(refusal).await,
    }
}

async fn totp_view(
    context: &RequestContext,
    principal: &Principal,
    begun: &BegunTotp,
    target: &Target,
) -> Result<TotpPage, Problem> {
    let uri = begun.uri.reveal();
    Ok(TotpPage {
        frame: signed_in(context, principal)?,
        rd: target.carried(),
        qr_code: qr::svg(uri, context.language()).ok(),
        uri: uri.to_owned(),
        secret: begun.secret.to_base32().reveal().to_owned(),
        replaces: context.app().authority().session_of(principal).await?.user.factors.totp,
        code_refused: false,
        cancel: carrying(context.app(), FACTORS, target),
    })
}
