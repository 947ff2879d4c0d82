//! `/v1/admin/keys`: the keys that sign access tokens.

use axum::Json;
use doorward_core::{page::Page, signing_key::SealedSigningKey};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::{List, rfc3339};
use crate::{
    app::App,
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
    /// `signing`, `verifying` what it signed before it was retired, or `retired`: the last token it signed has expired.
    state: &'static str,
    /// From when on it signs no more.
    #[schema(format = DateTime)]
    retired_at: Option<String>,
}

impl SigningKey {
    fn of(app: &App, key: &SealedSigningKey) -> Self {
        let state = match key.term.retired_at {
            None => "signing",
            Some(_) if app.authority().verifier().ring().holds(&key.id) => "verifying",
            Some(_) => "retired",
        };
        Self {
            id: key.id.to_string(),
            created_at: rfc3339(key.created_at),
            state,
            retired_at: key.term.retired_at.map(rfc3339),
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
    let app = context.app();
    let items = app.authority().signing_keys().await?;
    Ok(Json(List::of(Page { items, next: None }, |key| SigningKey::of(app, &key))))
}

/// Makes a new key sign, and retires the one that did: what it signed stays good until it expires, so nobody is signed
/// out.
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
    let app = context.app();
    let key = app.authority().rotate_signing_key(&holder.caller).await?;
    Ok((StatusCode::CREATED, Json(SigningKey::of(app, &key))))
}
