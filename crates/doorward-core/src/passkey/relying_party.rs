//! Who asks: the relying party's id, and the origins it asks from.

use serde_json::{Value, json};
use tracing::Dispatch;
use url::{Host, Url};
use webauthn_rs_core::{WebauthnCore, error::WebauthnError};

use crate::passkey::{Passkey, PasskeyError, challenge::LIFETIME};

/// A relying party (WebAuthn Level 3, 4): passkeys are made for its id, and answer only on its origins.
///
/// Cheap to share: it holds nothing that changes.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    pub(super) id: String,
    pub(super) name: String,
    /// As browsers write them, without a path.
    pub(super) origins: Vec<String>,
    core: WebauthnCore,
}

/// Why there can be no passkeys for such a relying party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRelyingParty {
    /// Addresses have no passkeys.
    #[error("a relying party's id is a domain, in lower case: neither an address nor a URL")]
    NotADomain,
    /// Somewhere has to be asked.
    #[error("a relying party has an origin")]
    NoOrigin,
    /// Browsers would not ask there.
    #[error("an origin of a relying party is https, or http on localhost")]
    Insecure,
    /// Browsers would not let it ask for this id.
    #[error("an origin's host is the relying party's id, or below it")]
    Elsewhere,
}

impl RelyingParty {
    /// How long browsers are told to wait.
    pub(super) const TIMEOUT_MILLIS: u128 = LIFETIME.as_millis();

    /// A relying party with this id (a domain), which asks from `origins` only: what is said of one port or subdomain
    /// says nothing about another. `name` is what authenticators show.
    ///
    /// # Errors
    /// [`InvalidRelyingParty`], where no browser would answer.
    pub fn new(id: &str, origins: Vec<Url>, name: &str) -> Result<Self, InvalidRelyingParty> {
        match Host::parse(id) {
            Ok(Host::Domain(domain)) if domain == id => {}
            _ => return Err(InvalidRelyingParty::NotADomain),
        }
        if origins.is_empty() {
            return Err(InvalidRelyingParty::NoOrigin);
        }
        for origin in &origins {
            check(id, origin)?;
        }
        Ok(Self {
            id: id.to_owned(),
            name: name.to_owned(),
            origins: origins.iter().map(|url| url.origin().ascii_serialization()).collect(),
            core: WebauthnCore::new_unsafe_experts_only(
                name,
                id,
                origins,
                LIFETIME,
                Some(false),
                Some(false),
            ),
        })
    }

    /// The relying party's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Asks the library, which logs whole inputs, at levels up to ERROR: whatever it has to say is not heard. A
    /// stranger could fill the log, and challenges have no business there.
    pub(super) fn ask<T>(
        &self,
        verify: impl FnOnce(&WebauthnCore) -> Result<T, WebauthnError>,
    ) -> Result<T, PasskeyError> {
        tracing::dispatcher::with_default(&Dispatch::none(), || verify(&self.core)).map_err(|error| {
            match error {
                WebauthnError::InvalidRPIDHash => PasskeyError::WrongOrigin,
                WebauthnError::MismatchedChallenge => PasskeyError::WrongChallenge,
                WebauthnError::UserNotVerified => PasskeyError::UserNotVerified,
                WebauthnError::ParseNOMFailure => PasskeyError::Malformed,
                _ => PasskeyError::Invalid,
            }
        })
    }
}

/// What browsers are told about passkeys that exist already.
pub(super) fn descriptors(passkeys: &[Passkey]) -> Vec<Value> {
    passkeys
        .iter()
        .map(|passkey| {
            let credential = passkey.credential.credential().ok();
            let transports = credential.and_then(|credential| credential.transports).unwrap_or_default();
            json!({"type": "public-key", "id": passkey.id.to_string(), "transports": transports})
        })
        .collect()
}

fn check(id: &str, origin: &Url) -> Result<(), InvalidRelyingParty> {
    let host = origin.host_str().unwrap_or_default();
    let is_local = host == "localhost" || host.ends_with(".localhost");
    if origin.scheme() != "https" && !(origin.scheme() == "http" && is_local) {
        return Err(InvalidRelyingParty::Insecure);
    }
    // Nothing asks for all of `com`: a name of one label is nobody's but the host's of that name.
    let is_below = id.contains('.') && host.strip_suffix(id).is_some_and(|labels| labels.ends_with('.'));
    if host == id || is_below { Ok(()) } else { Err(InvalidRelyingParty::Elsewhere) }
}
