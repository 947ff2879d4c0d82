//! `/v1/passkeys`: a user's own passkeys.

use axum::{Json, response::Response};
use doorward_core::{
    passkey::{Passkey as CorePasskey, PasskeyName},
    refusal::{FieldError, Refusal},
    user::InvalidValue,
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    credential::{Attestation, PasskeyOptions, PublicKeyCredential},
    recovery_codes::shown,
    renewed::factors_changed,
    session::parse_id,
    wire::{List, rfc3339},
};
use crate::{
    context::RequestContext,
    extract::Enroller,
    pages::{Language, device::Device},
    problem::{Problem, ProblemDocument},
    request_body::{EmptyBody, PathText, StrictJson},
};

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
pub struct Passkey {
    /// Its credential id, as base64url.
    id: String,
    /// What its owner calls it.
    name: String,
    /// It may be on several devices, or come back from a backup.
    synced: bool,
    /// When it was added.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// A passkey that a browser made.
#[derive(Deserialize, ToSchema)]
pub struct NewPasskeyBody {
    /// What to call it; after the browser unless given.
    name: Option<String>,
    /// The passkey.
    #[serde(flatten)]
    credential: PublicKeyCredential<Attestation>,
}

/// A passkey that was added.
#[derive(Serialize, ToSchema)]
pub struct AddedPasskey {
    /// The passkey.
    #[serde(flatten)]
    passkey: Passkey,
    /// Recovery codes, for somebody who had none; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

impl From<&CorePasskey> for Passkey {
    fn from(passkey: &CorePasskey) -> Self {
        Self {
            id: passkey.id.to_string(),
            name: passkey.name.as_str().to_owned(),
            synced: passkey.synced,
            created_at: rfc3339(passkey.created_at),
            last_used_at: passkey.last_used_at.map(rfc3339),
        }
    }
}

/// What `navigator.credentials.create()` is given to make a passkey. Needs a recent authentication.
#[utoipa::path(
    post, path = "/v1/passkeys/options", tag = "factors",
    responses(
        (status = 200, description = "To be read by `PublicKeyCredential.parseCreationOptionsFromJSON()`.", body = PasskeyOptions),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn passkey_registration_options(
    context: RequestContext,
    Enroller(holder): Enroller,
    _empty: EmptyBody,
) -> Result<Json<impl Serialize>, Problem> {
    Ok(Json(context.app().authority().passkey_registration_options(holder.principal()).await?))
}

/// Adds a passkey. Needs a recent authentication. Somebody who has no recovery codes gets ten with it.
#[utoipa::path(
    post, path = "/v1/passkeys", tag = "factors", request_body = NewPasskeyBody,
    responses(
        (status = 201, description = "Added; fresh cookies of the same session are set.", body = AddedPasskey),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add_passkey(
    context: RequestContext,
    Enroller(holder): Enroller,
    headers: HeaderMap,
    StrictJson(body): StrictJson<NewPasskeyBody>,
) -> Result<Response, Problem> {
    let app = context.app();
    let name = passkey_name(body.name.as_deref(), context.language(), &headers)?;
    let answer = body.credential.answer()?;
    let (passkey, after) =
        app.authority().add_passkey(holder.principal(), name, &answer, &holder.caller).await?;
    let made = !after.recovery_codes.is_empty();
    let added = AddedPasskey {
        passkey: Passkey::from(&passkey),
        recovery_codes: made.then(|| shown(&after.recovery_codes)),
    };
    Ok(factors_changed(app, holder.identity.method, &after, (StatusCode::CREATED, Json(added))))
}

/// What a passkey is called: as its owner says, or after the browser that made it, in their language.
pub(crate) fn passkey_name(
    given: Option<&str>,
    t: Language,
    headers: &HeaderMap,
) -> Result<PasskeyName, Refusal> {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let name = match given {
        Some(name) => name.to_owned(),
        None => t.device(&Device::from_user_agent(user_agent.unwrap_or_default())),
    };
    name.parse().map_err(|invalid: InvalidValue| FieldError::new("name", invalid).into())
}

/// The passkeys of whoever asks, oldest first.
#[utoipa::path(
    get, path = "/v1/passkeys", tag = "factors",
    responses(
        (status = 200, description = "All of them: there is no further part.", body = List<Passkey>),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn passkeys(
    context: RequestContext,
    Enroller(holder): Enroller,
) -> Result<Json<List<Passkey>>, Problem> {
    let found = context.app().authority().passkeys(holder.principal()).await?;
    Ok(Json(List { items: found.iter().map(Passkey::from).collect(), next_cursor: None }))
}

/// Removes a passkey. Needs a recent authentication.
#[utoipa::path(
    delete, path = "/v1/passkeys/{id}", tag = "factors", params(("id" = String, Path, description = "The passkey.")),
    responses(
        (status = 204, description = "Removed; fresh cookies of the same session are set."),
        (status = 409, description = "It is the last factor, and policy demands one.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove_passkey(
    context: RequestContext,
    Enroller(holder): Enroller,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<Response, Problem> {
    let app = context.app();
    let after = app.authority().remove_passkey(holder.principal(), parse_id(&id)?, &holder.caller).await?;
    Ok(factors_changed(app, holder.identity.method, &after, StatusCode::NO_CONTENT))
}
