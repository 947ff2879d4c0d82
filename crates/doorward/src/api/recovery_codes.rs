//! `POST /v1/mfa/recovery-codes`: ten new ones.

use axum::{Json, response::Response};
use doorward_core::second_factor::recovery_code::RecoveryCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::renewed::factors_changed;
use crate::{
    context::RequestContext,
    extract::Enroller,
    problem::{Problem, ProblemDocument},
    request_body::EmptyBody,
};

/// Recovery codes. This answer is the only one that shows them.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten, each good once: `XXXX-XXXX-XXXX-XXXX`.
    pub(crate) recovery_codes: Vec<String>,
}

/// Recovery codes as their owner sees them, once.
pub(crate) fn shown(codes: &[RecoveryCode]) -> Vec<String> {
    codes.iter().map(|code| code.shown().reveal().to_owned()).collect()
}

/// Makes ten new recovery codes; the old ones are dead. Needs a recent authentication.
#[utoipa::path(
    post, path = "/v1/mfa/recovery-codes", tag = "factors",
    responses(
        (status = 200, description = "The codes; fresh cookies of the same session are set.", body = RecoveryCodes),
        (status = 404, description = "There is no factor that they could stand in for.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn replace_recovery_codes(
    context: RequestContext,
    Enroller(holder): Enroller,
    _empty: EmptyBody,
) -> Result<Response, Problem> {
    let app = context.app();
    let after = app.authority().replace_recovery_codes(holder.principal(), &holder.caller).await?;
    let body = RecoveryCodes { recovery_codes: shown(&after.recovery_codes) };
    Ok(factors_changed(app, holder.identity.method, &after, Json(body)))
}
