//! What browsers send back (`PublicKeyCredential.toJSON()`, WebAuthn Level 3, 5.1), parsed and not yet believed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use crate::passkey::{PasskeyError, PasskeyId, client_data::ClientData};

/// The most bytes of anything an authenticator says of itself. Keys of 2048-bit RSA under the longest credential id
/// take a third of it.
const MAX_AUTHENTICATOR_BYTES: usize = 4096;
/// The most bytes of an attestation object. No certificates are asked for, and some authenticators send theirs.
const MAX_ATTESTATION_BYTES: usize = 16_384;
/// The most bytes that a browser says about where it is.
const MAX_CLIENT_DATA_BYTES: usize = 4096;
/// The longest user handle (Level 3, 5.4.3).
const MAX_USER_HANDLE_BYTES: usize = 64;

/// Bytes as the JSON forms of Level 3 write them: base64url without padding.
struct Base64Url<const MAX: usize>(Vec<u8>);

impl<'de, const MAX: usize> Deserialize<'de> for Base64Url<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > (MAX * 4).div_ceil(3) {
            return Err(D::Error::custom("too long"));
        }
        BASE64_URL_SAFE_NO_PAD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
struct PublicKeyCredential<R> {
    id: String,
    #[serde(rename = "rawId")]
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: R,
}

impl<R: for<'de> Deserialize<'de>> PublicKeyCredential<R> {
    fn parse(response: &Value) -> Result<(PasskeyId, R), PasskeyError> {
        let parsed = Self::deserialize(response).map_err(|_| PasskeyError::Malformed)?;
        if parsed.kind != "public-key" || parsed.id != parsed.raw_id {
            return Err(PasskeyError::Malformed);
        }
        let id = parsed.raw_id.parse().map_err(|_| PasskeyError::Malformed)?;
        Ok((id, parsed.response))
    }
}

/// The answer of `navigator.credentials.create()`.
#[derive(Debug)]
pub struct RegistrationResponse {
    pub(super) id: PasskeyId,
    pub(super) client_data: ClientData,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) transports: Vec<String>,
}

#[derive(Deserialize)]
struct Attestation {
    #[serde(rename = "clientDataJSON")]
    client_data: Base64Url<MAX_CLIENT_DATA_BYTES>,
    #[serde(rename = "attestationObject")]
    object: Base64Url<MAX_ATTESTATION_BYTES>,
    #[serde(default)]
    transports: Option<Vec<String>>,
}

/// Of an attestation object only what does not need to be vouched for.
#[derive(Deserialize)]
struct AttestationObject<'a> {
    #[serde(rename = "authData")]
    authenticator_data: &'a [u8],
}

impl RegistrationResponse {
    /// Parses one. Members this page of the standard does not name are ignored.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`].
    pub fn parse(response: &Value) -> Result<Self, PasskeyError> {
        let (id, attestation) = PublicKeyCredential::<Attestation>::parse(response)?;
        let object: AttestationObject<'_> =
            serde_cbor_2::from_slice(&attestation.object.0).map_err(|_| PasskeyError::Malformed)?;
        if object.authenticator_data.len() > MAX_AUTHENTICATOR_BYTES {
            return Err(PasskeyError::Malformed);
        }
        Ok(Self {
            id,
            client_data: ClientData::parse(attestation.client_data.0)?,
            authenticator_data: object.authenticator_data.to_vec(),
            transports: attestation.transports.unwrap_or_default(),
        })
    }

    /// The challenge it claims to answer: to be recognised by
    /// [`LiveChallenge::verify`](super::LiveChallenge::verify).
    #[must_use]
    pub fn unverified_challenge(&self) -> &[u8] {
        &self.client_data.challenge
    }
}

/// The answer of `navigator.credentials.get()`.
#[derive(Debug)]
pub struct AuthenticationResponse {
    pub(super) id: PasskeyId,
    pub(super) client_data: ClientData,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct Assertion {
    #[serde(rename = "clientDataJSON")]
    client_data: Base64Url<MAX_CLIENT_DATA_BYTES>,
    #[serde(rename = "authenticatorData")]
    authenticator_data: Base64Url<MAX_AUTHENTICATOR_BYTES>,
    signature: Base64Url<MAX_AUTHENTICATOR_BYTES>,
    #[serde(rename = "userHandle", default)]
    user_handle: Option<Base64Url<MAX_USER_HANDLE_BYTES>>,
}

impl AuthenticationResponse {
    /// Parses one. Members this page of the standard does not name are ignored.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`].
    pub fn parse(response: &Value) -> Result<Self, PasskeyError> {
        let (id, assertion) = PublicKeyCredential::<Assertion>::parse(response)?;
        Ok(Self {
            id,
            client_data: ClientData::parse(assertion.client_data.0)?,
            authenticator_data: assertion.authenticator_data.0,
            signature: assertion.signature.0,
            user_handle: assertion.user_handle.map(|handle| handle.0),
        })
    }

    /// The passkey it claims to be of, to be looked up.
    #[must_use]
    pub const fn credential_id(&self) -> &PasskeyId {
        &self.id
    }

    /// The challenge it claims to answer: to be recognised by
    /// [`LiveChallenge::verify`](super::LiveChallenge::verify).
    #[must_use]
    pub fn unverified_challenge(&self) -> &[u8] {
        &self.client_data.challenge
    }
}
