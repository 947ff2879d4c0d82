//! `/v1/admin/keys`: the keys that sign access tokens.

use axum::Json;
use doorward_core::{
    page::Page,
    signing_key::{ListedKey, Rotation},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::{List, rfc3339};
use crate::{
    context::RequestContext,
    extract::Admin,
    problem::{Problem, ProblemDocument},
    request_body::EmptyBody,
};

/// A key that signs access tokens, or did.
#[derive(Serialize, ToSchema)]
pub struct SigningKey {
    /// Names the key in tokens.
    id: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// `next`: published, to sign from `signs_from` on; `signing`; `verifying` what it signed before it was retired; or
    /// `retired`: nothing it signed is believed any more.
    state: &'static str,
    /// From when on it signs.
    #[schema(format = DateTime)]
    signs_from: String,
    /// From when on it signs no more, which may lie ahead; none if no other is to follow it.
    #[schema(format = DateTime)]
    retired_at: Option<String>,
    /// When the last token that it signed will have expired; none if no other is to follow it.
    #[schema(format = DateTime)]
    verifies_until: Option<String>,
}

impl From<ListedKey> for SigningKey {
    fn from(key: ListedKey) -> Self {
        Self {
            id: key.id.to_string(),
            created_at: rfc3339(key.created_at),
            state: key.state.as_str(),
            signs_from: rfc3339(key.term.signs_from),
            retired_at: key.term.retired_at.map(rfc3339),
            verifies_until: key.verifies_until.map(rfc3339),
        }
    }
}

/// The keys that sign access tokens, or did: newest first, all of them at once.
#[utoipa::path(
    get, path = "/v1/admin/keys", tag = "admin",
    responses(
        (status = 200, description = "The keys.", body = List<SigningKey>),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn signing_keys(
    context: RequestContext,
    _admin: Admin,
) -> Result<Json<List<SigningKey>>, Problem> {
    let items = context.app().authority().signing_keys().await?;
    Ok(Json(List::of(Page { items, next: None }, SigningKey::from)))
}

/// Makes a new key, which signs two minutes later, when every verifier knows it; the one that signs is retired then. What
/// it signed stays good until it expires: nobody is signed out, and no request is refused. 409 `conflict` while a new key
/// waits already.
#[utoipa::path(
    post, path = "/v1/admin/keys/rotate", tag = "admin",
    responses(
        (status = 201, description = "Made.", body = SigningKey),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn rotate_signing_key(
    context: RequestContext,
    Admin(holder): Admin,
    _empty: EmptyBody,
) -> Result<(StatusCode, Json<SigningKey>), Problem> {
    let rotated = context.app().authority().rotate_signing_key(&holder.caller, Rotation::Announced).await?;
    Ok((StatusCode::CREATED, Json(rotated.into())))
}
