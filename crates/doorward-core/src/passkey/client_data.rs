//! What the browser says about where it was asked, and what (WebAuthn Level 3, 5.8.1).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use crate::passkey::{Ceremony, LiveChallenge, PasskeyError, RelyingParty};

/// Client data, parsed and not yet believed, and the bytes that were signed.
#[derive(Debug)]
pub(super) struct ClientData {
    pub(super) json: Vec<u8>,
    pub(super) challenge: Vec<u8>,
    kind: String,
    origin: String,
    framed: bool,
}

#[derive(Deserialize)]
struct Members {
    #[serde(rename = "type")]
    kind: String,
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
        Ok(Self { json, challenge, kind: members.kind, origin: members.origin, framed })
    }

    /// Whether the browser was asked for this (`webauthn.create`, `webauthn.get`), now, by a page of ours that stands
    /// for itself. The library knows nothing of frames in an authentication, and takes an origin with a path.
    pub(super) fn check<C: Ceremony>(
        &self,
        kind: &str,
        challenge: &LiveChallenge<C>,
        relying_party: &RelyingParty,
    ) -> Result<(), PasskeyError> {
        if self.kind != kind {
            return Err(PasskeyError::Invalid);
        }
        if !challenge.is(&self.challenge) {
            return Err(PasskeyError::WrongChallenge);
        }
        if self.framed || !relying_party.origins.contains(&self.origin) {
            return Err(PasskeyError::WrongOrigin);
        }
        Ok(())
    }
}
