//! What browsers and we exchange about passkeys: the JSON forms of WebAuthn Level 3, 5.1.8 to 5.1.10.

use doorward_core::{
    passkey::{AuthenticationResponse, PasskeyError, RegistrationResponse},
    refusal::Refusal,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What a browser is asked.
#[derive(ToSchema)]
pub struct PasskeyOptions {
    /// The member `publicKey` of the argument of `navigator.credentials.create()` or `.get()`, with bytes as base64url.
    #[schema(rename = "publicKey", value_type = Object)]
    _public_key: (),
}

/// What a browser answers: `PublicKeyCredential.toJSON()`. Members that are not named here are passed over, as browsers
/// add some.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct PublicKeyCredential<R: ToSchema> {
    /// The credential id, as base64url.
    id: String,
    /// The same.
    #[serde(rename = "rawId")]
    raw_id: String,
    /// `public-key`
    #[serde(rename = "type")]
    kind: CredentialKind,
    /// What the authenticator says.
    response: R,
}

/// The kinds of credentials there are.
#[derive(Deserialize, Serialize, ToSchema)]
pub enum CredentialKind {
    /// A passkey.
    #[serde(rename = "public-key")]
    PublicKey,
}

/// The `response` of a passkey that was made (`AuthenticatorAttestationResponse`), bytes as base64url.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Attestation {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "attestationObject")]
    attestation_object: String,
    transports: Option<Vec<String>>,
}

/// The `response` of a passkey that signs in (`AuthenticatorAssertionResponse`), bytes as base64url.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Assertion {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "authenticatorData")]
    authenticator_data: String,
    signature: String,
    #[serde(rename = "userHandle")]
    user_handle: Option<String>,
}

impl PublicKeyCredential<Attestation> {
    /// What the use case takes.
    ///
    /// # Errors
    /// 422 `validation_failed`: of the right shape, and not what an authenticator says.
    pub(crate) fn answer(&self) -> Result<RegistrationResponse, Problem> {
        parse(self, RegistrationResponse::parse)
    }
}

impl PublicKeyCredential<Assertion> {
    /// What the use case takes.
    ///
    /// # Errors
    /// 422 `validation_failed`: of the right shape, and not what an authenticator says.
    pub(crate) fn answer(&self) -> Result<AuthenticationResponse, Problem> {
        parse(self, AuthenticationResponse::parse)
    }
}

fn parse<R: Serialize + ToSchema, T>(
    credential: &PublicKeyCredential<R>,
    parse: fn(&Value) -> Result<T, PasskeyError>,
) -> Result<T, Problem> {
    let json = serde_json::to_value(credential).map_err(|_| PasskeyError::Malformed);
    let parsed = json.and_then(|json| parse(&json));
    parsed.map_err(|error| Refusal::invalid("credential", error.as_str(), error.to_string()).into())
}
