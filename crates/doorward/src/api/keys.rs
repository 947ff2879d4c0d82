//! `/.well-known/jwks.json`: the keys that verify our access tokens (RFC 7517, RFC 8037).

use axum::Json;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::signing_key::{PUBLISHED_KEYS_MAX_AGE, PublishedKey};
use http::{HeaderName, header::CACHE_CONTROL};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    context::RequestContext,
    problem::{Problem, ProblemDocument},
};

/// A set of public keys.
#[derive(Serialize, ToSchema)]
pub struct JsonWebKeySet {
    /// The keys, the one that signs first.
    keys: Vec<JsonWebKey>,
}

/// A public key.
#[derive(Serialize, ToSchema)]
pub struct JsonWebKey {
    /// `OKP`
    kty: &'static str,
    /// `Ed25519`
    crv: &'static str,
    /// The public key.
    x: String,
    /// Names the key.
    kid: String,
    /// `EdDSA`
    alg: &'static str,
    /// `sig`
    r#use: &'static str,
}

/// The keys that verify access tokens, the one that signs first. May be cached for a minute: a new key is among them for
/// longer than that before it signs.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "public",
    responses(
        (status = 200, description = "The keys.", body = JsonWebKeySet),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn jwks(
    context: RequestContext,
) -> Result<([(HeaderName, String); 1], Json<JsonWebKeySet>), Problem> {
    let published = context.app().authority().verifier().published_keys()?;
    let key = |key: PublishedKey| JsonWebKey {
        kty: "OKP",
        crv: "Ed25519",
        x: BASE64_URL_SAFE_NO_PAD.encode(key.public),
        kid: key.id.to_string(),
        alg: "EdDSA",
        r#use: "sig",
    };
    let caching = format!("public, max-age={}", PUBLISHED_KEYS_MAX_AGE.as_secs());
    Ok(([(CACHE_CONTROL, caching)], Json(JsonWebKeySet { keys: published.into_iter().map(key).collect() })))
}
