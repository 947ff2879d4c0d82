//! Adding passkeys, and removing them.

use axum::response::Response;
use doorward_core::{passkey::RegistrationResponse, refusal::Refusal};
use serde::Deserialize;

use super::{factor_visit::Visit, not_now::NotNow};
use crate::{
    api::{passkeys::passkey_name, session::parse_id},
    context::RequestContext,
    page_response::moving_on,
    pages::{
        Failure,
        views::{FactorNotice, MovingOnReason, RecoveryCodesReason},
    },
    problem::Problem,
    request_body::FormRequest,
};

/// A passkey that a browser made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddForm {
    name: String,
    credential: String,
    rd: Option<String>,
    #[serde(default)]
    csrf_token: String,
}

/// The passkey to remove.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveForm {
    id: String,
    rd: Option<String>,
    #[serde(default)]
    csrf_token: String,
}

/// Adds one.
pub(crate) async fn add(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<AddForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts, form.rd.as_deref(), &form.csrf_token).await?;
    let name = match passkey_name(Some(&form.name), context.language(), &parts.headers) {
        Ok(name) => name,
        Err(refusal) => return visit.failed(refusal).await,
    };
    let made = attestation(&form.credential)?;
    let holder = &visit.holder;
    match visit.app.authority().add_passkey(holder.principal(), name, &made, &holder.caller).await {
        Ok((_, after)) if !after.recovery_codes.is_empty() => {
            visit.show_codes(&after, RecoveryCodesReason::PasskeyAdded)
        }
        Ok((_, after)) => match visit.target.carried() {
            Some(target) => {
                let page = moving_on(visit.context, target, MovingOnReason::PasskeyAdded);
                Ok(visit.changed(&after, page))
            }
            None => visit.show_change(&after, FactorNotice::PasskeyAdded).await,
        },
        Err(Refusal::NotFound) => Err(Refusal::NotFound.into()),
        Err(refusal @ Refusal::Invalid(_)) => {
            visit.failed_because(refusal, Some(Failure::of("passkey_not_added"))).await
        }
        Err(refusal) => visit.failed(refusal).await,
    }
}

/// Removes one.
pub(crate) async fn remove(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<RemoveForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts, form.rd.as_deref(), &form.csrf_token).await?;
    let (id, holder) = (parse_id(&form.id)?, &visit.holder);
    match visit.app.authority().remove_passkey(holder.principal(), id, &holder.caller).await {
        Ok(after) => visit.show_change(&after, FactorNotice::PasskeyRemoved).await,
        Err(refusal) => visit.failed(refusal).await,
    }
}

/// A new passkey as the script sends it.
fn attestation(credential: &str) -> Result<RegistrationResponse, Problem> {
    let not_one =
        || Problem::malformed("The field credential is not what a browser answers for a new passkey.");
    let json = serde_json::from_str(credential).map_err(|_| not_one())?;
    RegistrationResponse::parse(&json).map_err(|_| not_one())
}
