//! `/.well-known/jwks.json`: the keys that verify our access tokens (RFC 7517, RFC 8037).

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderValue, header::CACHE_CONTROL};
use serde::Serialize;
use utoipa::ToSchema;

use crate::context::RequestContext;

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

/// The keys that verify access tokens. May be cached for a minute.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "public",
    responses((status = 200, description = "The keys.", body = JsonWebKeySet)),
)]
pub(crate) async fn jwks(context: RequestContext) -> Response {
    let ring = context.app().authority().verifier().ring();
    let key = |key: &doorward_core::access_token::VerifyingKey| JsonWebKey {
        kty: "OKP",
        crv: "Ed25519",
        x: BASE64_URL_SAFE_NO_PAD.encode(key.public()),
        kid: key.id().to_string(),
        alg: "EdDSA",
        r#use: "sig",
    };
    let mut response = Json(JsonWebKeySet { keys: ring.verifying().map(key).collect() }).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}
