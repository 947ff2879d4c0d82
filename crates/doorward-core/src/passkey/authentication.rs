//! Authentication: a passkey shows who somebody is (WebAuthn Level 3, 7.2).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};
use webauthn_rs_core::proto::{
    AuthenticationExtensionsClientOutputs, AuthenticationState, AuthenticatorAssertionResponseRaw,
    Credential, PublicKeyCredential,
};

use crate::{
    ids::UserId,
    passkey::{
        AuthenticationCeremony, AuthenticationResponse, Challenge, LiveChallenge, Passkey, PasskeyError,
        PasskeyId, RelyingParty, relying_party::descriptors,
    },
};

/// The argument of `navigator.credentials.get()`, as JSON: `{"publicKey": …}`, to be read by
/// `PublicKeyCredential.parseRequestOptionsFromJSON()`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct RequestOptions(Value);

/// Proof that somebody holds a passkey, and what to remember of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// The passkey.
    pub id: PasskeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// Whether the authenticator verified its user: a second factor in itself.
    pub user_verified: bool,
    /// The counter to remember: above the passkey's, or both are zero. Another answer may have raised the stored one
    /// meanwhile; the store must not lower it.
    pub sign_count: u32,
    /// See [`Passkey::synced`].
    pub synced: bool,
}

impl RelyingParty {
    /// Asks for one of the passkeys in `allowed`; for any that the user finds on their devices, if there are none (as
    /// there are in a passwordless ceremony, which does not know its user).
    #[must_use]
    pub fn start_authentication(
        &self,
        challenge: &Challenge<AuthenticationCeremony>,
        allowed: &[Passkey],
    ) -> RequestOptions {
        RequestOptions(json!({"publicKey": {
            "rpId": self.id,
            "challenge": BASE64_URL_SAFE_NO_PAD.encode(challenge.bytes),
            "timeout": Self::TIMEOUT_MILLIS,
            "allowCredentials": descriptors(allowed),
            "userVerification": verification(&challenge.ceremony),
        }}))
    }

    /// Whether `response` is an answer of `passkey`, the one it names, to this challenge. Where the ceremony knows its
    /// user, the passkey has to be theirs; where it does not, the authenticator has to name them and to have verified
    /// them.
    ///
    /// # Errors
    /// [`PasskeyError`]; [`PasskeyError::CounterRegressed`] only where everything else is right, so that nobody
    /// without the key can cast suspicion on it.
    pub fn finish_authentication(
        &self,
        response: &AuthenticationResponse,
        passkey: &Passkey,
        challenge: &LiveChallenge<AuthenticationCeremony>,
    ) -> Result<Authenticated, PasskeyError> {
        response.client_data.check_origin(self)?;
        check_owner(response, passkey, &challenge.ceremony)?;
        let state = authentication_state(challenge.as_bytes(), &challenge.ceremony)?;
        let credential = to_verify_with(passkey)?;
        let answer = for_the_library(response);
        let result = self.ask(|core| core.authenticate_single_credential(&answer, &state, &credential))?;
        let (stored, presented) = (passkey.sign_count, result.counter());
        if presented <= stored && (presented, stored) != (0, 0) {
            return Err(PasskeyError::CounterRegressed { stored, presented });
        }
        Ok(Authenticated {
            id: passkey.id.clone(),
            user_id: passkey.user_id,
            user_verified: result.user_verified(),
            sign_count: presented,
            synced: passkey.synced,
        })
    }
}

/// Level 3, 7.2, step 6. That it is an answer of this very credential, the library checks.
fn check_owner(
    response: &AuthenticationResponse,
    passkey: &Passkey,
    ceremony: &AuthenticationCeremony,
) -> Result<(), PasskeyError> {
    let is_theirs = ceremony.user().is_none_or(|user| user == passkey.user_id);
    let says_so = match &response.user_handle {
        Some(handle) => handle == passkey.user_id.as_bytes(),
        // Authenticators without discoverable keys have none to give.
        None => ceremony.user().is_some(),
    };
    if is_theirs && says_so { Ok(()) } else { Err(PasskeyError::Invalid) }
}

/// The credential, without two rules of the library that are not ours: the counter is compared with the store's, after
/// the signature was verified; and a passkey that was registered with its user verified is as good a *second* factor
/// without, if a password came before.
fn to_verify_with(passkey: &Passkey) -> Result<Credential, PasskeyError> {
    let stored = passkey.credential.credential().map_err(|_| PasskeyError::Invalid)?;
    Ok(Credential { counter: 0, user_verified: false, ..stored })
}

/// The library's idea of a ceremony that is under way: see the one of registration.
fn authentication_state(
    challenge: &[u8],
    ceremony: &AuthenticationCeremony,
) -> Result<AuthenticationState, PasskeyError> {
    serde_json::from_value(json!({
        "credentials": [],
        "policy": verification(ceremony),
        "challenge": BASE64_URL_SAFE_NO_PAD.encode(challenge),
        "appid": null,
        "allow_backup_eligible_upgrade": false,
    }))
    .map_err(|_| PasskeyError::Invalid)
}

fn for_the_library(response: &AuthenticationResponse) -> PublicKeyCredential {
    PublicKeyCredential {
        id: response.id.to_string(),
        raw_id: response.id.as_bytes().to_vec(),
        response: AuthenticatorAssertionResponseRaw {
            authenticator_data: response.authenticator_data.clone(),
            client_data_json: response.client_data.json.clone(),
            signature: response.signature.clone(),
            user_handle: None,
        },
        extensions: AuthenticationExtensionsClientOutputs::default(),
        type_: "public-key".to_owned(),
    }
}

const fn verification(ceremony: &AuthenticationCeremony) -> &'static str {
    if ceremony.demands_user_verification() { "required" } else { "preferred" }
}
