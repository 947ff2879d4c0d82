//! Attempts to log in, from elsewhere and by others.

use std::{net::IpAddr, sync::Arc, time::Duration};

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    client::Client,
    device::KnownDevice,
    guard::{FailedAttempt, GuardPolicy, Subject},
    login::{LoginOutcome, PresentedProofs},
    password::HashingWork,
    refusal::Refusal,
    sign_in::{Origin, SignedIn},
    time::{Clock, Timestamp},
};
use futures_executor::block_on;

use crate::home::{Home, browser, origin};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);
/// How long a lock lasts by default.
pub(crate) const QUARTER: Duration = Duration::from_secs(900);
/// The longest wait of an account by default.
pub(crate) const LONGEST: Duration = Duration::from_secs(16);
pub(crate) const WRONG: &str = "another password";

/// A browser that never signed in here, at this address.
pub(crate) fn at(address: impl Into<IpAddr>) -> Origin {
    Origin { client: Client { address: Some(address.into()), ..browser() }, ..origin() }
}

/// One of as many addresses as an attacker cares to have.
pub(crate) fn stranger(number: u32) -> Origin {
    at((0x0a00_0000 + number).to_be_bytes())
}

/// The device that somebody signed in with.
pub(crate) fn device_of(authority: &Authority, signed_in: &SignedIn) -> KnownDevice {
    let token = signed_in.device_token.as_ref().unwrap();
    authority.keys().verify_device_token(token.reveal()).unwrap()
}

/// A browser with the device cookie of somebody who signed in.
pub(crate) fn on_device(authority: &Authority, signed_in: &SignedIn) -> Origin {
    Origin { device: Some(device_of(authority, signed_in)), ..origin() }
}

pub(crate) fn attempt(
    authority: &Authority,
    name: &str,
    password: &str,
    from: &Origin,
) -> Result<SignedIn, Refusal> {
    let proofs = PresentedProofs::password(password);
    let LoginOutcome::Authenticated(signed_in) = block_on(authority.login(name, proofs, from))? else {
        unreachable!("the password was given")
    };
    Ok(*signed_in)
}

pub(crate) const fn locked(retry_after: Duration) -> Refusal {
    Refusal::AccountLocked { retry_after }
}

pub(crate) const fn delayed(retry_after: Duration) -> Refusal {
    Refusal::TooManyAttempts { retry_after }
}

impl Home {
    /// What became of an attempt.
    pub(crate) fn attempt(&self, name: &str, password: &str, from: &Origin) -> Result<(), Refusal> {
        attempt(&self.authority, name, password, from).map(drop)
    }

    /// Guesses once from each of these strangers' addresses, waiting as long as is asked for after each, as an
    /// attacker who is in no hurry.
    pub(crate) fn guess(&self, name: &str, strangers: impl IntoIterator<Item = u32>) {
        for number in strangers {
            let refused = self.attempt(name, WRONG, &stranger(number)).unwrap_err();
            assert_eq!(refused, Refusal::InvalidCredentials, "guess {number} at {name}");
            self.clock.advance(LONGEST);
        }
    }

    /// Has strangers lock a name.
    pub(crate) fn lock(&self, name: &str) {
        self.guess(name, 0..9);
        assert_eq!(self.attempt(name, WRONG, &stranger(9)), Err(locked(QUARTER)), "{name}");
    }

    /// What an operation costs: the calls of the store, and the hashing.
    pub(crate) fn cost<T>(&self, operation: impl FnOnce() -> T) -> (T, Vec<&'static str>, HashingWork) {
        self.store.calls();
        let before = self.authority.hashing_work();
        let outcome = operation();
        let after = self.authority.hashing_work();
        let work = HashingWork {
            hashes: after.hashes - before.hashes,
            filled_kib: after.filled_kib - before.filled_kib,
        };
        (outcome, self.store.calls(), work)
    }

    /// Others fail `count` times as `subject`, from nowhere, right before the next call of this name; it is `now` by then.
    pub(crate) fn others_fail_before(
        &self,
        call: &'static str,
        subject: Subject,
        count: u32,
        now: Timestamp,
    ) {
        let clock = Arc::clone(&self.clock);
        self.store.overtake(call, |store| async move {
            clock.advance(now.since(clock.wall().unwrap()));
            for _ in 0..count {
                store.record_failure(failure(subject, now)).await.unwrap();
            }
        });
    }
}

fn failure(subject: Subject, now: Timestamp) -> FailedAttempt {
    let policy = GuardPolicy::default();
    let audit = AuditEvent::new(EventName::LoginRefused, now, Actor::Anonymous, &Client::default());
    FailedAttempt { now, counts: true, subject, address: None, audit, recorded: false, policy }
}
