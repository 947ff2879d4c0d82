//! `/v1/mfa/totp`: setting up an authenticator app, and removing it.

use axum::{Json, response::Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    recovery_codes::{RecoveryCodes, shown},
    renewed::factors_changed,
};
use crate::{
    context::RequestContext,
    extract::Enroller,
    pages::qr,
    problem::{Problem, ProblemDocument},
    request_body::{EmptyBody, StrictJson},
};

/// What an authenticator app needs to know. This answer is the only one that shows it.
#[derive(Serialize, ToSchema)]
pub struct TotpSecretBody {
    /// The secret, for whoever types it: 32 characters of base32 (RFC 4648).
    secret: String,
    /// All that an app needs: `otpauth://totp/…`.
    otpauth_uri: String,
    /// The same as a QR code: an SVG document.
    qr_svg: String,
}

/// A code of the app that is being set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotpBody {
    /// Six digits.
    #[schema(format = Password)]
    code: String,
}

/// Begins to set up an authenticator app; it counts once a code of it has confirmed it, within half an hour. Needs a
/// recent authentication.
#[utoipa::path(
    post, path = "/v1/mfa/totp", tag = "factors",
    responses(
        (status = 200, description = "What the app needs to know.", body = TotpSecretBody),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn begin_totp(
    context: RequestContext,
    Enroller(holder): Enroller,
    _empty: EmptyBody,
) -> Result<Json<TotpSecretBody>, Problem> {
    let begun = context.app().authority().begin_totp(holder.principal(), &holder.caller).await?;
    let uri = begun.uri.reveal();
    Ok(Json(TotpSecretBody {
        secret: begun.secret.to_base32().reveal().to_owned(),
        otpauth_uri: uri.to_owned(),
        // Names are far too short for it not to fit.
        qr_svg: qr::svg(uri, context.language()).unwrap_or_default(),
    }))
}

/// Puts the authenticator app in force that was being set up, in place of any other, and makes ten recovery codes; older
/// ones are dead. Needs a recent authentication.
#[utoipa::path(
    post, path = "/v1/mfa/totp/confirm", tag = "factors", request_body = ConfirmTotpBody,
    responses(
        (status = 200, description = "In force; fresh cookies of the same session are set.", body = RecoveryCodes),
        (status = 401, description = "The code is wrong.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "None is being set up.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn confirm_totp(
    context: RequestContext,
    Enroller(holder): Enroller,
    StrictJson(body): StrictJson<ConfirmTotpBody>,
) -> Result<Response, Problem> {
    let app = context.app();
    let after = app.authority().confirm_totp(holder.principal(), &body.code, &holder.caller).await?;
    let body = RecoveryCodes { recovery_codes: shown(&after.recovery_codes) };
    Ok(factors_changed(app, holder.identity.method, &after, Json(body)))
}

/// Removes the authenticator app. Needs a recent authentication.
#[utoipa::path(
    delete, path = "/v1/mfa/totp", tag = "factors",
    responses(
        (status = 204, description = "Removed; fresh cookies of the same session are set."),
        (status = 409, description = "It is the last factor, and policy demands one.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove_totp(
    context: RequestContext,
    Enroller(holder): Enroller,
    _empty: EmptyBody,
) -> Result<Response, Problem> {
    let app = context.app();
    let after = app.authority().remove_totp(holder.principal(), &holder.caller).await?;
    Ok(factors_changed(app, holder.identity.method, &after, StatusCode::NO_CONTENT))
}
