//! Registration: a user adds a passkey (WebAuthn Level 3, 7.1).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};
use webauthn_rs_core::proto::{
    AuthenticatorAttestationResponseRaw, AuthenticatorTransport, COSEAlgorithm, COSEKey, COSEKeyType,
    ECDSACurve, RegisterPublicKeyCredential, RegistrationExtensionsClientOutputs, RegistrationState,
};

use crate::{
    ids::UserId,
    passkey::{
        Challenge, LiveChallenge, Passkey, PasskeyError, PasskeyId, PasskeyName, RegistrationCeremony,
        RegistrationResponse, RelyingParty, StoredCredential, relying_party::descriptors,
    },
    time::Timestamp,
    user::Username,
};

/// What is asked for, best first: ES256, which every authenticator can, and RS256, since some that are part of Windows can
/// nothing else. (EdDSA would be -8; the library cannot verify it.)
const ALGORITHMS: [COSEAlgorithm; 2] = [COSEAlgorithm::ES256, COSEAlgorithm::RS256];

/// The argument of `navigator.credentials.create()`, as JSON: `{"publicKey": …}`, to be read by
/// `PublicKeyCredential.parseCreationOptionsFromJSON()`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct CreationOptions(Value);

/// A passkey that was just made, and has no name yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// See [`Passkey::id`]. That no other passkey has it is for the store to ensure.
    pub id: PasskeyId,
    /// See [`Passkey::credential`].
    pub credential: StoredCredential,
    /// See [`Passkey::sign_count`].
    pub sign_count: u32,
    /// See [`Passkey::synced`].
    pub synced: bool,
    /// Whether the authenticator verified its user.
    pub user_verified: bool,
    user_id: UserId,
}

impl NewPasskey {
    /// The passkey to store.
    #[must_use]
    pub fn named(self, name: PasskeyName, now: Timestamp) -> Passkey {
        Passkey {
            id: self.id,
            user_id: self.user_id,
            name,
            credential: self.credential,
            sign_count: self.sign_count,
            synced: self.synced,
            created_at: now,
            last_used_at: None,
        }
    }
}

impl RelyingParty {
    /// Asks for a passkey that can be found without a user name, with its user verified if that can be done; not on an
    /// authenticator that has one of `existing` already. The user handle is the user's id.
    #[must_use]
    pub fn start_registration(
        &self,
        challenge: &Challenge<RegistrationCeremony>,
        username: &Username,
        existing: &[Passkey],
    ) -> CreationOptions {
        let algorithms = ALGORITHMS.map(|algorithm| json!({"type": "public-key", "alg": algorithm as i32}));
        CreationOptions(json!({"publicKey": {
            "rp": {"id": self.id, "name": self.name},
            "user": {
                "id": BASE64_URL_SAFE_NO_PAD.encode(challenge.ceremony.user.as_bytes()),
                "name": username.as_str(),
                "displayName": username.as_str(),
            },
            "challenge": BASE64_URL_SAFE_NO_PAD.encode(challenge.bytes),
            "pubKeyCredParams": algorithms,
            "timeout": Self::TIMEOUT_MILLIS,
            "excludeCredentials": descriptors(existing),
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": true,
                "userVerification": "preferred",
            },
            "attestation": "none",
        }}))
    }

    /// The passkey that `response` tells of, if it was made for this relying party and this challenge.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_registration(
        &self,
        response: &RegistrationResponse,
        challenge: &LiveChallenge<RegistrationCeremony>,
    ) -> Result<NewPasskey, PasskeyError> {
        response.client_data.check_origin(self)?;
        let state = registration_state(challenge.as_bytes())?;
        let mut credential =
            self.ask(|core| core.register_credential(&for_the_library(response), &state, None))?;
        if credential.cred_id != response.id.as_bytes() || !is_on_its_curve(&credential.cred) {
            return Err(PasskeyError::Invalid);
        }
        // The library believes attested transports only. They are hints, and to be repeated (Level 3, 5.2.1).
        credential.transports = known_transports(&response.transports);
        Ok(NewPasskey {
            id: response.id.clone(),
            credential: StoredCredential::of(&credential).map_err(|_| PasskeyError::Invalid)?,
            sign_count: credential.counter,
            synced: credential.backup_eligible,
            user_verified: credential.user_verified,
            user_id: challenge.ceremony.user,
        })
    }
}

/// The library's idea of a ceremony that is under way. It can make one only along with a challenge of its own, from
/// randomness that nobody gave it.
fn registration_state(challenge: &[u8]) -> Result<RegistrationState, PasskeyError> {
    serde_json::from_value(json!({
        "policy": "preferred",
        "exclude_credentials": [],
        "challenge": BASE64_URL_SAFE_NO_PAD.encode(challenge),
        "credential_algorithms": ALGORITHMS,
        "require_resident_key": true,
        "authenticator_attachment": null,
        "extensions": {},
        "allow_synchronised_authenticators": true,
    }))
    .map_err(|_| PasskeyError::Invalid)
}

/// The response with no attestation and no extension results, whatever came.
fn for_the_library(response: &RegistrationResponse) -> RegisterPublicKeyCredential {
    RegisterPublicKeyCredential {
        id: response.id.to_string(),
        raw_id: response.id.as_bytes().to_vec(),
        response: AuthenticatorAttestationResponseRaw {
            attestation_object: unattested(&response.authenticator_data),
            client_data_json: response.client_data.json.clone(),
            transports: None,
        },
        type_: "public-key".to_owned(),
        extensions: RegistrationExtensionsClientOutputs::default(),
    }
}

/// An attestation object of format `none` (Level 3, 8.7) in CBOR.
fn unattested(authenticator_data: &[u8]) -> Vec<u8> {
    // A map of three; "fmt": "none"; "attStmt": {}; "authData": bytes, their length in two bytes.
    let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59";
    let length = u16::try_from(authenticator_data.len()).unwrap_or(u16::MAX);
    [head.as_slice(), &length.to_be_bytes(), authenticator_data].concat()
}

fn known_transports(claimed: &[String]) -> Option<Vec<AuthenticatorTransport>> {
    let mut known: Vec<_> = claimed.iter().filter_map(|name| name.parse().ok()).collect();
    known.truncate(8);
    Some(known).filter(|known| !known.is_empty())
}

/// Level 3, 5.8.5: a key for ES256 is on P-256. The library takes other curves, with other hashes.
fn is_on_its_curve(key: &COSEKey) -> bool {
    match &key.key {
        COSEKeyType::EC_EC2(key) => key.curve == ECDSACurve::SECP256R1,
        COSEKeyType::RSA(_) => true,
        COSEKeyType::EC_OKP(_) => false,
    }
}
