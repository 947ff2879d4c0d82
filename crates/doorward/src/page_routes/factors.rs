//! The page of second factors: what somebody has, what they can add, and what they can remove.

use axum::response::Response;
use doorward_core::{
    access_token::Principal, passkey::Passkey, second_factor::recovery_code::RECOVERY_CODES, time::Timestamp,
    user::Factors,
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::Deserialize;

use super::{
    factor_form::passkey_prompt,
    factor_visit::Visit,
    login::login_page,
    not_now::NotNow,
    onward::{carrying, leading_to},
    resume::to_sign_in,
};
use crate::{
    context::RequestContext,
    extract::check_password_is_not_due,
    page_response::{Target, page, see_other, signed_in},
    pages::{
        Field, Language,
        device::Device,
        moment::Moment,
        views::{FactorSummary, FactorsPage, LoginNotice, PasskeyEntry, PasskeyPurpose, RecoveryCodesReason},
    },
    problem::Problem,
    request_body::{FormRequest, Parameters},
};

/// The page's own path, below the base path.
pub(super) const FACTORS: &str = "/account/factors";

/// Why somebody comes.
#[derive(Debug, Deserialize)]
pub(crate) struct FactorsParameters {
    /// Where they want to go.
    rd: Option<String>,
    /// Whether a second factor is wanted there.
    wanted: Option<String>,
}

/// Nothing to fill in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactorsForm {
    pub(super) rd: Option<String>,
    #[serde(default)]
    pub(super) csrf_token: String,
}

/// Shows the page.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<FactorsParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
        return Ok(to_sign_in(&context, &parts));
    };
    if check_password_is_not_due(&identity.principal).is_err() {
        return Ok(see_other(&leading_to(app, "/password", &carrying(app, FACTORS, &target))));
    }
    match factors_view(&context, &identity.principal, &parts.headers, &target).await {
        Ok(mut view) => {
            view.wanted = asked.wanted.is_some();
            Ok(page(StatusCode::OK, &view))
        }
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            Ok(login_page(&context, &target, Some(LoginNotice::SessionRevoked)))
        }
        Err(problem) => Err(problem),
    }
}

/// Makes new recovery codes.
pub(crate) async fn replace_recovery_codes(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<FactorsForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts, form.rd.as_deref(), &form.csrf_token).await?;
    let authority = visit.app.authority();
    match authority.replace_recovery_codes(visit.holder.principal(), &visit.holder.caller).await {
        Ok(after) => visit.show_codes(&after, RecoveryCodesReason::MadeAnew),
        Err(refusal) => visit.failed(refusal).await,
    }
}

/// The page as it is now, with nothing said about what was just asked for.
pub(super) async fn factors_view(
    context: &RequestContext,
    principal: &Principal,
    headers: &HeaderMap,
    target: &Target,
) -> Result<FactorsPage, Problem> {
    let app = context.app();
    let authority = app.authority();
    let factors = authority.session_of(principal).await?.user.factors;
    let passkeys = authority.passkeys(principal).await?;
    let now = authority.now()?;
    let step_up = leading_to(app, "/step-up", &carrying(app, FACTORS, target));
    let required = authority.settings().second_factors.required.applies_to(&principal.roles);
    Ok(FactorsPage {
        frame: signed_in(context, principal)?,
        rd: target.carried(),
        continue_to: target.foreign_host(app),
        factors: summary(factors),
        passkeys: passkeys.iter().map(|passkey| passkey_entry(passkey, now)).collect(),
        passkey: passkey_prompt(app, PasskeyPurpose::Register, Some(step_up.clone())),
        passkey_name: Field::of(browser_name(context.language(), headers)),
        confirm_url: principal.check_fresh(now).is_err().then_some(step_up),
        required,
        wanted: false,
        notice: None,
        failure: None,
    })
}

/// What somebody has.
pub(super) fn summary(factors: Factors) -> FactorSummary {
    FactorSummary {
        totp: factors.totp,
        passkeys: factors.passkeys,
        recovery_codes_left: factors.recovery_codes_left,
        recovery_codes_made: u32::try_from(RECOVERY_CODES).unwrap_or(u32::MAX),
    }
}

/// The browser at hand, which a passkey is first called after.
fn browser_name(t: Language, headers: &HeaderMap) -> String {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    t.device(&Device::from_user_agent(user_agent.unwrap_or_default()))
}

fn passkey_entry(passkey: &Passkey, now: Timestamp) -> PasskeyEntry {
    let moment = |at: Timestamp| Moment::new(at.as_millis(), now.as_millis());
    PasskeyEntry {
        id: passkey.id.to_string(),
        name: passkey.name.as_str().to_owned(),
        synced: passkey.synced,
        created: moment(passkey.created_at),
        last_used: passkey.last_used_at.map(moment),
    }
}
