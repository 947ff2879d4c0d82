//! Somebody signed in, at a time that stands still, by keys that are the same each time.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::access_token::{SigningKey, TokenRules};
use doorward_core::client::UserAgent;
use doorward_core::entropy::{Entropy, EntropyFailed};
use doorward_core::ids::{SessionId, UserId};
use doorward_core::key_ring::{KeyRing, Signer};
use doorward_core::master::{MasterSecret, ServerKeys};
use doorward_core::session::{Authentication, Generation, RefreshState, Session, SessionOfUser, Transport};
use doorward_core::signing_key::{KeyTerm, SigningKeyId};
use doorward_core::time::{Clock, ClockFailed, Timekeeper, Timestamp};
use doorward_core::user::{Epoch, Factors, Roles, User};
use doorward_core::verifier::Verifier;

use crate::Failure;
use crate::operations::BROWSER;

/// When all of it happens.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

const ACCESS_TTL: Duration = Duration::from_mins(15);

/// See the [module](self).
pub(crate) struct Prepared {
    pub(crate) verifier: Verifier,
    /// The key that signs.
    pub(crate) public: [u8; 32],
    pub(crate) keys: ServerKeys,
    pub(crate) of: SessionOfUser,
}

impl Prepared {
    pub(crate) fn new() -> Result<Self, Failure> {
        let id = SigningKeyId::parse("counted-key").map_err(|error| Failure::of("a key's name", error))?;
        let key = SigningKey::new(id, &[1; 32]).map_err(|error| Failure::of("a signing key", error))?;
        let public = *key.verifying().public();
        let ring = KeyRing::of(vec![Signer { key, term: KeyTerm::from(NOW) }], NOW)
            .ok_or_else(|| Failure::of("the ring", "none of its keys signs"))?;
        let issuer = "https://auth.example.com/auth".to_owned();
        let rules =
            TokenRules { audience: "https://auth.example.com".to_owned(), issuer, access_ttl: ACCESS_TTL };
        let time = Arc::new(Timekeeper::new(Arc::new(Standing), NOW));
        let verifier = Verifier::new(time, rules, Duration::from_secs(1), ring, Duration::ZERO);
        let secret =
            MasterSecret::parse(&"A".repeat(43)).map_err(|error| Failure::of("the master secret", error))?;
        let keys =
            ServerKeys::derive(&secret, &[]).map_err(|error| Failure::of("the server's keys", error))?;
        Ok(Self { verifier, public, keys, of: signed_in()? })
    }

    /// An access token; by each number another one.
    pub(crate) fn token(&self, number: u64) -> Result<String, Failure> {
        let issued = self.verifier.issue(&self.of, u128::from(number).to_be_bytes(), NOW);
        let (token, _) = issued.ok_or_else(|| Failure::of("the ring", "none of its keys signs"))?;
        Ok(token.reveal().to_owned())
    }

    pub(crate) fn csrf_token(&self) -> Result<String, Failure> {
        let token = self.keys.issue_csrf_token(&Predictable, self.of.session.id);
        Ok(token.map_err(|error| Failure::of("a CSRF token", error))?.reveal().to_owned())
    }
}

/// Somebody with a mail address and a role.
fn signed_in() -> Result<SessionOfUser, Failure> {
    let invalid = |error| Failure::of("a user", format!("{error:?}"));
    let user = User {
        id: UserId::from_bytes(*b"sixteen bytes: u"),
        username: "ann.example".parse().map_err(invalid)?,
        email: Some("ann@example.com".parse().map_err(invalid)?),
        roles: Roles::parse(["editor"]).map_err(invalid)?,
        must_change_password: false,
        disabled: false,
        created_at: NOW,
        epoch: Epoch(0),
        device_epoch: Epoch(0),
        factors: Factors::default(),
    };
    let session = Session {
        id: SessionId::from_bytes(*b"sixteen bytes: s"),
        user_id: user.id,
        transport: Transport::Cookie,
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(24)),
        idle_expires_at: NOW.plus(Duration::from_hours(12)),
        authentication: Authentication::by_password(NOW),
        user_agent: UserAgent::new(BROWSER),
        address: None,
        device: None,
        refresh: RefreshState {
            generation: Generation(3),
            nonce: [3; 16],
            spent_at: Some(NOW),
            repeats: 0,
            repeated_elsewhere: false,
            elsewhere_streak: 0,
        },
        epoch: Epoch(0),
        revoked_at: None,
    };
    Ok(SessionOfUser { session, user })
}

/// A clock that stands still.
struct Standing;

impl Clock for Standing {
    fn wall(&self) -> Result<Timestamp, ClockFailed> {
        Ok(NOW)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// The same bytes each time.
struct Predictable;

impl Entropy for Predictable {
    fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed> {
        destination.fill(5);
        Ok(())
    }
}
