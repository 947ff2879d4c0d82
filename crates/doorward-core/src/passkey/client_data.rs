//! What the browser says about where it was asked, and what (WebAuthn Level 3, 5.8.1).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use crate::passkey::{PasskeyError, RelyingParty};

/// Client data, parsed and not yet believed, and the bytes that were signed.
#[derive(Debug)]
pub(super) struct ClientData {
    pub(super) json: Vec<u8>,
    pub(super) challenge: Vec<u8>,
    origin: String,
    framed: bool,
}

#[derive(Deserialize)]
struct Members {
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: Option<bool>,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<Value>,
}

impl ClientData {
    pub(super) fn parse(json: Vec<u8>) -> Result<Self, PasskeyError> {
        let members: Members = serde_json::from_slice(&json).map_err(|_| PasskeyError::Malformed)?;
        let challenge =
            BASE64_URL_SAFE_NO_PAD.decode(members.challenge).map_err(|_| PasskeyError::Malformed)?;
        let framed = members.cross_origin == Some(true) || members.top_origin.is_some();
        Ok(Self { json, challenge, origin: members.origin, framed })
    }

    /// Whether a page of ours asked, which stood for itself. The library knows nothing of frames in an authentication,
    /// and takes an origin with a path. What else there is to say about client data, it checks.
    pub(super) fn check_origin(&self, relying_party: &RelyingParty) -> Result<(), PasskeyError> {
        let is_ours = !self.framed && relying_party.origins.contains(&self.origin);
        if is_ours { Ok(()) } else { Err(PasskeyError::WrongOrigin) }
    }
}
