//! The verifier: turns an access token into a [`Principal`] or a [`Refusal`], without the store.
//!
//! A token seen before costs a look-up; every use still checks the lifetime, the transport, the key ring
//! and the revocations. Failures are never remembered. A node that has not been able to confirm the revocation feed
//! for longer than its bound ([`Settings::max_staleness`](crate::settings::Settings::max_staleness)) refuses to answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;

use crate::{
    access_token::{self, Principal, SignatureIsGood, TokenRules, Unverified, VerifyingKey},
    feed_reading::is_fresh,
    key_ring::KeyRing,
    refusal::Refusal,
    revocation::{Effect, Revocation},
    revocation_set::RevocationSet,
    secret::PlainToken,
    session::{SessionOfUser, Transport},
    signing_key::{KeyState, KeyTerm, PublishedKey},
    time::{Timekeeper, Timestamp},
    verified_tokens::{Fingerprint, Remembered, VerifiedTokens},
};

pub use crate::verified_tokens::DEFAULT_BYTES as DEFAULT_CACHE_BYTES;

/// See the [module](self). Shared by all threads; verifying takes no lock that a writer could hold.
pub struct Verifier {
    time: Arc<Timekeeper>,
    rules: ArcSwap<TokenRules>,
    ring: ArcSwap<KeyRing>,
    revocations: RevocationSet,
    remembered: VerifiedTokens,
    /// Monotonic milliseconds at which the last confirmed reading of the feed began.
    confirmed_at_millis: AtomicU64,
    /// See [`Settings::max_staleness`](crate::settings::Settings::max_staleness).
    max_staleness_millis: AtomicU64,
    /// The longest lifetime that tokens had since this process began.
    longest_ttl_millis: AtomicU64,
}

impl Verifier {
    /// A verifier whose revocation state counts as confirmed at monotonic time `confirmed_at`, and may be as old as
    /// `max_staleness`.
    #[must_use]
    pub fn new(
        time: Arc<Timekeeper>,
        rules: TokenRules,
        max_staleness: Duration,
        ring: KeyRing,
        confirmed_at: Duration,
    ) -> Self {
        Self {
            time,
            max_staleness_millis: AtomicU64::new(millis(max_staleness)),
            longest_ttl_millis: AtomicU64::new(millis(rules.access_ttl)),
            rules: ArcSwap::from_pointee(rules),
            ring: ArcSwap::from_pointee(ring),
            revocations: RevocationSet::default(),
            remembered: VerifiedTokens::within(DEFAULT_CACHE_BYTES),
            confirmed_at_millis: AtomicU64::new(millis(confirmed_at)),
        }
    }

    /// The same verifier, remembering nothing yet, and never more than about so many bytes of tokens that it has verified.
    /// Memory is taken as it is needed. A kilobyte holds a token; sixteen bytes hold that its signature was good, and
    /// three quarters of the bytes are used for that.
    #[must_use]
    pub fn with_cache_bytes(self, bytes: usize) -> Self {
        Self { remembered: VerifiedTokens::within(bytes), ..self }
    }

    /// Who `unverified` speaks for on this transport, right now.
    ///
    /// # Errors
    /// - [`Refusal::TokenInvalid`]: not a token of ours, or one for the other transport.
    /// - [`Refusal::SessionExpired`]: past its end, or outdated by a change that a refresh mends.
    /// - [`Refusal::SessionRevoked`]: its session, or every session of its user, was revoked.
    /// - [`Refusal::RevocationStateStale`], [`Refusal::ClockBehind`]: this node cannot tell.
    pub fn verify(&self, unverified: &str, transport: Transport) -> Result<Arc<Principal>, Refusal> {
        let now = self.time.now()?;
        self.check_fresh()?;
        let ring = self.ring.load();
        let (principal, key) = self.authentic(unverified, &ring)?;
        if principal.transport != transport {
            return Err(Refusal::TokenInvalid);
        }
        self.check(&principal, now)?;
        // By the time, and not by whether somebody has thrown the key away: a copy in memory gives nobody more time.
        if key.state(now, self.rules.load().access_ttl) == KeyState::Gone {
            return Err(Refusal::SessionExpired);
        }
        Ok(principal)
    }

    /// Whether whoever was let in with [`Verifier::verify`] would be let in still, for what is done later in the same
    /// request: its body may have taken its time.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_again(&self, principal: &Principal) -> Result<(), Refusal> {
        let now = self.time.now()?;
        self.check_fresh()?;
        self.check(principal, now)
    }

    fn check(&self, principal: &Principal, now: Timestamp) -> Result<(), Refusal> {
        match self.revocations.effect_on(
            (principal.session_id, principal.session_epoch),
            (principal.user_id, principal.user_epoch),
        ) {
            Some(Effect::Revoked) => return Err(Refusal::SessionRevoked),
            Some(Effect::Outdated) => return Err(Refusal::SessionExpired),
            None => {}
        }
        access_token::check_lifetime(principal, now, self.rules.load().access_ttl)
    }

    /// Whether `unverified` is signed by us at all, for whatever use and however old, by a key that has not leaked. Tells
    /// which of several cookies of one name are ours; lets nobody in.
    #[must_use]
    pub fn is_authentic(&self, unverified: &str) -> bool {
        self.trusted(unverified).is_some()
    }

    /// The session of a token that is signed by us, however old, by a key that has not leaked, for a transport: for logout,
    /// which must be able to end what has expired on this side only.
    #[must_use]
    pub fn authentic_principal(&self, unverified: &str, transport: Transport) -> Option<Arc<Principal>> {
        self.trusted(unverified).filter(|principal| principal.transport == transport)
    }

    fn trusted(&self, unverified: &str) -> Option<Arc<Principal>> {
        let (principal, key) = self.authentic(unverified, &self.ring.load()).ok()?;
        (!key.distrusted).then_some(principal)
    }

    /// Whom a token that a key of the ring signed speaks for, and the key's term.
    fn authentic(&self, unverified: &str, ring: &KeyRing) -> Result<(Arc<Principal>, KeyTerm), Refusal> {
        if let Some(found) = self.remembered.principals.get(unverified)
            && let Some(known) = found.as_ref()
            && let Some(term) = ring.term(&known.key)
        {
            return Ok((Arc::clone(&known.principal), term));
        }
        let token = Unverified::parse(unverified, ring.keys())?;
        let key = token.key().published();
        let fingerprint = Fingerprint::of(unverified, &key);
        let known = self.remembered.signatures.was_good(&fingerprint);
        let good = if known { SignatureIsGood::as_before() } else { token.verify_signature()? };
        let principal = Arc::new(token.principal(good, &self.rules.load())?);
        let term = ring.term(&key).ok_or(Refusal::TokenInvalid)?;
        if !known {
            self.remembered.signatures.remember(&fingerprint);
        }
        self.remembered.principals.remember(Remembered::new(unverified, Arc::clone(&principal), key));
        Ok((principal, term))
    }

    /// Issues an access token at `now`, by the key that signs then, and tells when it ends; none where the ring only
    /// verifies.
    #[must_use]
    pub fn issue(
        &self,
        of: &SessionOfUser,
        jti: [u8; 16],
        now: Timestamp,
    ) -> Option<(PlainToken, Timestamp)> {
        Some(self.ring.load().signing(now)?.issue(of, jti, now, &self.rules.load()))
    }

    /// Takes over what was revoked; idempotent.
    pub fn apply<'a>(&self, revocations: impl IntoIterator<Item = &'a Revocation>) {
        for revocation in revocations {
            self.revocations.apply(revocation);
        }
    }

    /// Tells that everything revoked before monotonic time `began` has been applied.
    pub fn confirm(&self, began: Duration, now: Timestamp) {
        self.confirmed_at_millis.fetch_max(millis(began), Ordering::AcqRel);
        let forgotten_until = self.no_longer_needed(now);
        // A clock that ran ahead and is set back must not revive what was forgotten meanwhile.
        self.time.observe(forgotten_until);
        self.revocations.forget_expired(forgotten_until);
    }

    /// Revocations that expired at or before this concern no token that is alive at `now`.
    ///
    /// An entry's end was computed by whoever wrote it, by the lifetime it was configured with: a command run
    /// without the server's environment, or the server itself before a reload. Were it believed as it is, a session
    /// that was revoked by a shorter lifetime than its tokens have would come back to life. So each entry is kept
    /// for the longest lifetime known here on top.
    pub(crate) fn no_longer_needed(&self, now: Timestamp) -> Timestamp {
        now.minus(Duration::from_millis(self.longest_ttl_millis.load(Ordering::Acquire)))
    }

    /// How long ago the revocation feed was confirmed, and how many entries are kept of it.
    #[must_use]
    pub fn revocation_state(&self) -> (Duration, usize) {
        let confirmed = Duration::from_millis(self.confirmed_at_millis.load(Ordering::Acquire));
        (self.time.monotonic().saturating_sub(confirmed), self.revocations.len())
    }

    /// Whether this node may answer at all.
    ///
    /// # Errors
    /// [`Refusal::RevocationStateStale`] when the feed was confirmed longer ago than the bound.
    pub fn check_fresh(&self) -> Result<(), Refusal> {
        let confirmed = Duration::from_millis(self.confirmed_at_millis.load(Ordering::Acquire));
        if is_fresh(confirmed, self.time.monotonic(), self.max_staleness()) {
            Ok(())
        } else {
            Err(Refusal::RevocationStateStale)
        }
    }

    /// The bound on revocation in force.
    #[must_use]
    pub fn max_staleness(&self) -> Duration {
        Duration::from_millis(self.max_staleness_millis.load(Ordering::Acquire))
    }

    /// Changes the bound on revocation, at once.
    pub fn replace_max_staleness(&self, max_staleness: Duration) {
        self.max_staleness_millis.store(millis(max_staleness), Ordering::Release);
    }

    /// Whether `unverified` says that a key of the ring signed it: where not, there may be a newer ring.
    #[must_use]
    pub fn knows_key_of(&self, unverified: &str) -> bool {
        let header = unverified.split('.').next().unwrap_or_default();
        self.ring.load().keys().any(|key| key.writes(header))
    }

    /// Replaces the key ring, because there are other keys now; that their times come needs no other ring. Tokens of keys
    /// that are not in it any more are refused from now on.
    pub fn replace_ring(&self, ring: KeyRing) {
        self.ring.store(Arc::new(ring));
    }

    /// The keys that offline verifiers are to know, the one that signs first.
    ///
    /// # Errors
    /// [`Refusal::RevocationStateStale`], [`Refusal::ClockBehind`]: this node may not know the newest, which wait to sign
    /// until nobody can be without them.
    pub fn published_keys(&self) -> Result<Vec<PublishedKey>, Refusal> {
        let now = self.time.now()?;
        self.check_fresh()?;
        let ring = self.ring.load();
        let keys = ring.published(now, self.rules.load().access_ttl);
        Ok(keys.map(VerifyingKey::published).collect())
    }

    /// Changes the lifetime of tokens issued from now on, and the longest one that is believed. Issuer and audience
    /// stay for as long as the process lives.
    pub fn replace_access_ttl(&self, access_ttl: Duration) {
        self.longest_ttl_millis.fetch_max(millis(access_ttl), Ordering::AcqRel);
        self.rules.rcu(|rules| TokenRules { access_ttl, ..TokenRules::clone(rules) });
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
