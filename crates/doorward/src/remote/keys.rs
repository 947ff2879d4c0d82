//! The server's public keys (RFC 7517).

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::{access_token::VerifyingKey, key_ring::KeyRing, signing_key::SigningKeyId, time::Clock};
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{Shared, connection::Failure};

/// Nothing longer is a key set of ours.
const MOST_BYTES: usize = 64 * 1024;

/// The longest that the keys may take to arrive once the server has answered.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the server is asked because a token names a key that nobody knows: anybody can send one.
const ASK_FOR_UNKNOWN_EVERY: Duration = Duration::from_secs(5);

/// When the server was last asked because of an unknown key, by monotonic time.
#[derive(Default)]
pub(super) struct Keys(Mutex<Option<Duration>>);

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

/// Members that other kinds of keys lack may be absent; such a key is not ours.
#[derive(Deserialize)]
struct Key {
    kid: Option<String>,
    crv: Option<String>,
    x: Option<String>,
}

impl Key {
    fn read(self) -> Option<VerifyingKey> {
        let id = SigningKeyId::parse(&self.kid?).ok()?;
        let public = BASE64_URL_SAFE_NO_PAD.decode(self.x?).ok()?.try_into().ok()?;
        VerifyingKey::new(id, public).ok().filter(|_| self.crv.as_deref() == Some("Ed25519"))
    }
}

impl Shared {
    /// The keys that verify now.
    pub(super) async fn read_keys(&self) -> Result<KeyRing, Failure> {
        let answer = self.server.get("/.well-known/jwks.json", "application/json", None, &self.clock).await?;
        let read = Limited::new(answer.body, MOST_BYTES).collect();
        let body = tokio::time::timeout(PATIENCE, read).await.map_err(|_| Failure::Late)?;
        let body = body.map_err(|_| Failure::Unreadable)?.to_bytes();
        let set: KeySet = serde_json::from_slice(&body).map_err(|_| Failure::Unreadable)?;
        Ok(KeyRing::verifying_only(set.keys.into_iter().filter_map(Key::read).collect()))
    }

    /// Reads the keys again because a token names one that is not among them, unless that was done just now.
    pub(super) async fn refresh_keys_for_unknown(&self) {
        // Whoever comes meanwhile waits for the same answer.
        let mut asked = self.keys.0.lock().await;
        let now = self.clock.monotonic();
        if asked.is_some_and(|asked| now.saturating_sub(asked) < ASK_FOR_UNKNOWN_EVERY) {
            return;
        }
        *asked = Some(now);
        if let (Ok(ring), Some(verifier)) = (self.read_keys().await, self.verifier.get()) {
            verifier.replace_ring(ring);
        }
    }
}
