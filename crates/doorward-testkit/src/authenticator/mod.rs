//! A browser with an authenticator in it, in software: turns the options that Doorward gives out into what
//! `PublicKeyCredential.toJSON()` makes of an answer (WebAuthn Level 3, 5.1), correctly signed. It does as it is told,
//! so it can also be a phishing site's browser, a stolen key, a copy of a key or a broken one:
//!
//! ```
//! # fn post(path: &str, body: serde_json::Value) -> serde_json::Value {
//! #     serde_json::json!({"publicKey": {"rp": {"id": "auth.example.com"}, "user": {"id": "AAAA"}, "challenge": "AAAA"}})
//! # }
//! use doorward_testkit::authenticator::Authenticator;
//!
//! let mut phone = Authenticator::at("https://auth.example.com");
//! let options = post("/auth/v1/passkeys/options", serde_json::json!({}));
//! let passkey = phone.create(&options).unwrap();
//!
//! phone.origin = "https://auth.example.com.evil.test".to_owned();
//! phone.user_verified = false;
//! ```
//!
//! What was signed can be changed afterwards by [`edit`].

#![expect(clippy::expect_used, reason = "keys are made from constants, and sign")]

mod cbor;
mod key;

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub use key::Algorithm;
use key::Key;

/// A browser and its authenticator. A clone holds the same keys, and counts on its own.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// Where the browser says it is.
    pub origin: String,
    /// The page is in a frame of another site's.
    pub cross_origin: bool,
    /// That other site.
    pub top_origin: Option<String>,
    /// The relying party that the authenticator answers, where it is not the one that asks.
    pub rp_id: Option<String>,
    /// The challenge that is answered (base64url), where it is not the one that was given.
    pub challenge: Option<String>,
    /// What the browser was asked for, where it says something else than `webauthn.create` or `webauthn.get`.
    pub client_data_type: Option<String>,
    /// Somebody touches it.
    pub user_present: bool,
    /// It verifies who.
    pub user_verified: bool,
    /// Its keys may be on several devices.
    pub backup_eligible: bool,
    /// They are.
    pub backed_up: bool,
    /// The signature counter that the next answer has.
    pub sign_count: u32,
    /// Each answer raises the counter. Passkeys of phones do not count, and stay at zero.
    pub counts: bool,
    /// Whom it says the passkey is of.
    pub user_handle: UserHandle,
    /// What it says in extensions, asked or not, as Chromium has security keys tell of `credProtect`.
    pub extensions: Vec<(String, i16)>,
    /// What the next passkey signs by, whatever is asked for.
    pub algorithm: Algorithm,
    /// What it holds, oldest first: to be emptied, or given to another.
    pub passkeys: Vec<HeldPasskey>,
}

/// The user handle of an authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserHandle {
    /// The one the passkey was made for.
    Own,
    /// None, as of authenticators without discoverable keys.
    Absent,
    /// Another.
    Other(Vec<u8>),
}

/// Why there is no answer. Browsers tell a page `InvalidStateError` or `NotAllowedError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// It has one of the excluded passkeys.
    #[error("there is a passkey already")]
    AlreadyRegistered,
    /// It has no passkey that is asked for.
    #[error("no passkey that is asked for")]
    NoPasskey,
    /// What it was given are no options.
    #[error("not the options of a ceremony")]
    NotOptions,
}

/// A passkey, with its private key.
#[derive(Clone, Debug)]
pub struct HeldPasskey {
    id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    key: Arc<Key>,
}

impl Authenticator {
    /// One without passkeys, in a browser that shows a page of `origin`: there is somebody, whom it verifies; it counts
    /// from 1 on, and its keys stay where they are.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            cross_origin: false,
            top_origin: None,
            rp_id: None,
            challenge: None,
            client_data_type: None,
            user_present: true,
            user_verified: true,
            backup_eligible: false,
            backed_up: false,
            sign_count: 1,
            counts: true,
            user_handle: UserHandle::Own,
            extensions: Vec::new(),
            algorithm: Algorithm::Es256,
            passkeys: Vec::new(),
        }
    }

    /// `navigator.credentials.create()`: makes a passkey and tells of it, without attestation. `options` is what
    /// Doorward gave out, or its member `publicKey`.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn create(&mut self, options: &Value) -> Result<Value, Declined> {
        let options = options.get("publicKey").unwrap_or(options);
        let rp_id = self.rp_id.clone().or_else(|| text(options, "/rp/id")).ok_or(Declined::NotOptions)?;
        let user_handle = bytes(options, "/user/id").ok_or(Declined::NotOptions)?;
        if self.passkeys.iter().any(|passkey| names(options, "excludeCredentials", passkey)) {
            return Err(Declined::AlreadyRegistered);
        }
        let client_data = self.client_data("webauthn.create", options)?;
        let key = Arc::new(Key::generate(self.algorithm));
        let id = digest(&SHA256, &key.public_der()).as_ref().to_vec();
        let attested = [[0; 16].as_slice(), &[0, 32], &id, &key.cose()].concat();
        let authenticator_data = self.authenticator_data(&rp_id, &attested);
        let attestation_object = cbor::map(&[
            (cbor::text("fmt"), cbor::text("none")),
            (cbor::text("attStmt"), cbor::map(&[])),
            (cbor::text("authData"), cbor::bytes(&authenticator_data)),
        ]);
        let response = json!({
            "clientDataJSON": base64(&client_data),
            "attestationObject": base64(&attestation_object),
            "authenticatorData": base64(&authenticator_data),
            "publicKey": base64(&key.public_der()),
            "publicKeyAlgorithm": key.algorithm().cose(),
            "transports": ["hybrid", "internal"],
        });
        let answer = credential(&id, &response);
        self.passkeys.push(HeldPasskey { id, rp_id, user_handle, key });
        Ok(answer)
    }

    /// `navigator.credentials.get()`: answers with the first of its passkeys that `options` asks for. `options` is
    /// what Doorward gave out, or its member `publicKey`.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn get(&mut self, options: &Value) -> Result<Value, Declined> {
        let options = options.get("publicKey").unwrap_or(options);
        let asking = text(options, "/rpId").ok_or(Declined::NotOptions)?;
        let client_data = self.client_data("webauthn.get", options)?;
        let any = options.get("allowCredentials").and_then(Value::as_array).is_none_or(Vec::is_empty);
        let is_asked_for =
            |key: &&HeldPasskey| key.rp_id == asking && (any || names(options, "allowCredentials", key));
        let passkey = self.passkeys.iter().find(is_asked_for).ok_or(Declined::NoPasskey)?.clone();
        let rp_id = self.rp_id.clone().unwrap_or(asking);
        let authenticator_data = self.authenticator_data(&rp_id, &[]);
        let signed = [authenticator_data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let mut response = json!({
            "clientDataJSON": base64(&client_data),
            "authenticatorData": base64(&authenticator_data),
            "signature": base64(&passkey.key.sign(&signed)),
        });
        let user_handle = match &self.user_handle {
            UserHandle::Own => Some(&passkey.user_handle),
            UserHandle::Absent => None,
            UserHandle::Other(other) => Some(other),
        };
        if let (Some(user_handle), Some(members)) = (user_handle, response.as_object_mut()) {
            members.insert("userHandle".to_owned(), base64(user_handle).into());
        }
        Ok(credential(&passkey.id, &response))
    }

    /// Client data as Chromium writes them.
    fn client_data(&self, kind: &str, options: &Value) -> Result<Vec<u8>, Declined> {
        let given = text(options, "/challenge").ok_or(Declined::NotOptions)?;
        let mut client_data = json!({
            "type": self.client_data_type.as_deref().unwrap_or(kind),
            "challenge": self.challenge.as_ref().unwrap_or(&given),
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
            "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
        });
        if let (Some(top_origin), Some(members)) = (&self.top_origin, client_data.as_object_mut()) {
            members.insert("topOrigin".to_owned(), top_origin.clone().into());
        }
        Ok(client_data.to_string().into_bytes())
    }

    /// Authenticator data (Level 3, 6.1), with attested credential data if there are any. Counts.
    fn authenticator_data(&mut self, rp_id: &str, attested: &[u8]) -> Vec<u8> {
        let flags = [
            self.user_present,
            false,
            self.user_verified,
            self.backup_eligible,
            self.backed_up,
            false,
            !attested.is_empty(),
            !self.extensions.is_empty(),
        ];
        let flags = flags.iter().rev().fold(0, |all, flag| all << 1 | u8::from(*flag));
        let rp_id_hash = digest(&SHA256, rp_id.as_bytes());
        let counter = self.sign_count.to_be_bytes();
        if self.counts {
            self.sign_count += 1;
        }
        let extensions: Vec<_> =
            self.extensions.iter().map(|(name, value)| (cbor::text(name), cbor::integer(*value))).collect();
        let extensions = if extensions.is_empty() { Vec::new() } else { cbor::map(&extensions) };
        [rp_id_hash.as_ref(), &[flags], &counter, attested, &extensions].concat()
    }
}

/// Changes one member of an answer's `response`, such as `signature`: what was base64url is given as bytes.
///
/// # Panics
/// If there is no such member.
pub fn edit(answer: &mut Value, member: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let member = answer.pointer_mut(&format!("/response/{member}")).expect("an answer has that member");
    let text = member.as_str().expect("members are texts");
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(text).expect("members are base64url");
    change(&mut bytes);
    *member = base64(&bytes).into();
}

fn credential(id: &[u8], response: &Value) -> Value {
    json!({
        "id": base64(id),
        "rawId": base64(id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    })
}

fn names(options: &Value, member: &str, passkey: &HeldPasskey) -> bool {
    let listed = options.get(member).and_then(Value::as_array);
    listed.is_some_and(|listed| listed.iter().any(|one| bytes(one, "/id").as_ref() == Some(&passkey.id)))
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(ToOwned::to_owned)
}

fn bytes(value: &Value, pointer: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text(value, pointer)?).ok()
}

fn base64(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
