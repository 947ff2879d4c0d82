//! The task that follows the server's stream of revocations.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    access_token::TokenRules,
    entropy::Entropy,
    feed_reading::{FeedPosition, FeedStep},
    revocation::{FeedEntry, Revocation},
    time::Clock,
    verifier::Verifier,
};
use http_body_util::BodyExt;
use tokio::time::timeout;
use tracing::{info, warn};

use super::{
    Shared,
    connection::{Answer, Failure},
    events::{Event, Events},
};
use crate::{
    api::revocations::{Confirmation, RevocationItem},
    event_stream::EVENT_STREAM,
    platform::SystemEntropy,
};

/// Without a word for so long, the connection is dead: the server speaks several times a second.
const SILENCE: Duration = Duration::from_secs(2);

/// A stream is asked for anew after so long: what the server tells is counted from the beginning of the request, and two
/// clocks drift apart. A bearer token that was replaced is used from then on at the latest.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// The server's clock may run faster than ours by one part in so many: both may be slewed by 500 ppm (NTP).
const DRIFT: u32 = 1000;

/// Waits between two attempts, doubled from the one to the other.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// What a stream left behind, for the next one.
#[derive(Default)]
struct Progress {
    /// Everything up to here was applied.
    position: FeedPosition,
    /// Whether this stream began with the entry that the one before ended with.
    found: bool,
    /// The keys are as of this.
    signing_keys_version: Option<u64>,
    /// What was heard before there was a verifier.
    heard: Vec<Revocation>,
    /// Whether the last stream confirmed anything.
    confirmed: bool,
}

/// Follows for ever.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut progress = Progress::default();
    let mut wait = FIRST_WAIT;
    let mut failing = false;
    let entropy: &dyn Entropy = &SystemEntropy;
    loop {
        progress.confirmed = false;
        let outcome = shared.follow(&mut progress).await;
        if progress.confirmed {
            wait = FIRST_WAIT;
        }
        match outcome {
            Ok(()) => {
                if failing {
                    info!(event = "remote.recovered", "the server's revocations are followed again");
                }
                failing = false;
                continue;
            }
            Err(Failure::BeginAgain) => progress.position = FeedPosition::BEGINNING,
            Err(error) if !failing || progress.confirmed => {
                failing = true;
                let error = &error as &dyn std::error::Error;
                warn!(
                    event = "remote.failed",
                    error, "the server's revocations cannot be followed; trying again"
                );
            }
            Err(_) => {}
        }
        // Not all at once, when the server is back.
        let part = entropy.bytes::<1>().map_or(u8::MAX, |[byte]| byte);
        let pause = wait / 2 + wait / 2 * u32::from(part) / u32::from(u8::MAX);
        drop(timeout(pause, shared.credential_replaced.notified()).await);
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

impl Shared {
    /// Follows one stream until it is time for another.
    async fn follow(&self, progress: &mut Progress) -> Result<(), Failure> {
        let path = format!("/v1/revocations?after={}", progress.position.asks_after());
        let credential = self.credential.load_full();
        let Answer { asked_at, mut body } =
            self.server.get(&path, EVENT_STREAM, Some(&credential), &self.clock).await?;
        // Read anew with each stream: a server behind the one that told of other keys may have answered with the old ones.
        progress.signing_keys_version = None;
        progress.found = false;
        let mut events = Events::default();
        while self.clock.monotonic().saturating_sub(asked_at) < RENEW_EVERY {
            let frame = timeout(SILENCE, body.frame()).await.map_err(|_| Failure::Silent)?;
            let frame = frame.ok_or_else(|| Failure::Ended(String::new()))??;
            let Some(bytes) = frame.data_ref() else { continue };
            for event in events.take(bytes)? {
                self.heed(&event, asked_at, progress).await?;
            }
        }
        Ok(())
    }

    async fn heed(&self, event: &Event, asked_at: Duration, progress: &mut Progress) -> Result<(), Failure> {
        match event.name.as_str() {
            "" => {
                let item: RevocationItem = read(&event.data)?;
                let entry = FeedEntry::try_from(item).map_err(|_| Failure::Unreadable)?;
                match self.verifier.get() {
                    Some(verifier) => verifier.apply([&entry.revocation]),
                    None => progress.heard.push(entry.revocation),
                }
                // A number alone may be another entry's by now: see `FeedPosition`.
                let stood = if progress.found { FeedPosition::BEGINNING } else { progress.position };
                progress.found = true;
                match stood.step(&[entry], u32::MAX) {
                    FeedStep::Anew => Err(Failure::BeginAgain),
                    FeedStep::More(position) | FeedStep::End(position) => {
                        progress.position = position;
                        Ok(())
                    }
                }
            }
            "confirmed" => self.confirm(read(&event.data)?, asked_at, progress).await,
            "end" if event.data.contains("\"conflict\"") => Err(Failure::BeginAgain),
            "end" => Err(Failure::Ended(event.data.clone())),
            // Of a later version.
            _ => Ok(()),
        }
    }

    async fn confirm(
        &self,
        told: Confirmation,
        asked_at: Duration,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        if !progress.found && progress.position != FeedPosition::BEGINNING {
            return Err(Failure::BeginAgain);
        }
        let Some(as_of) = as_of(asked_at, told.since_request_milliseconds, self.clock.monotonic()) else {
            return Ok(());
        };
        let access_ttl = Duration::from_secs(told.access_ttl);
        let keys = if progress.signing_keys_version == Some(told.signing_keys_version) {
            None
        } else {
            Some(self.read_keys().await?)
        };
        progress.signing_keys_version = Some(told.signing_keys_version);
        match (self.verifier.get(), keys) {
            (Some(verifier), keys) => {
                verifier.replace_access_ttl(access_ttl);
                if let Some(ring) = keys {
                    verifier.replace_ring(ring);
                }
                verifier.confirm(as_of, self.now()?);
            }
            (None, Some(ring)) => {
                let rules =
                    TokenRules { issuer: self.issuer.clone(), audience: self.audience.clone(), access_ttl };
                let verifier = Verifier::new(self.timekeeper(), rules, self.max_staleness, ring, as_of);
                verifier.apply(&progress.heard);
                progress.heard = Vec::new();
                drop(self.verifier.set(verifier));
            }
            // Keys are read before anything is confirmed.
            (None, None) => return Err(Failure::Unreadable),
        }
        progress.confirmed = true;
        Ok(())
    }
}

fn read<T: serde::de::DeserializeOwned>(data: &str) -> Result<T, Failure> {
    serde_json::from_str(data).map_err(|_| Failure::Unreadable)
}

/// The moment, by our monotonic clock, that a confirmation speaks of; none if that is before our time began.
///
/// The server counts from the arrival of a request that we sent earlier: so the moment is never thought later than it was,
/// however long the request or the confirmation was on its way.
fn as_of(asked_at: Duration, since_request_milliseconds: i64, now: Duration) -> Option<Duration> {
    let distance = Duration::from_millis(since_request_milliseconds.unsigned_abs());
    if since_request_milliseconds < 0 {
        asked_at.checked_sub(distance)
    } else {
        Some(asked_at.saturating_add(distance - distance / DRIFT).min(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_confirmation_counts_from_when_the_request_went_out_whenever_it_comes() {
        assert_eq!(as_of(ms(5000), 0, ms(9000)), Some(ms(5000)));
        assert_eq!(
            as_of(ms(5000), 2000, ms(9000)),
            Some(ms(6998)),
            "but for a thousandth, for the clocks' drift"
        );
        assert_eq!(as_of(ms(5000), 2000, ms(60_000)), Some(ms(6998)), "a message that was held up is old");
    }

    #[test]
    fn what_the_server_knew_before_the_request_is_as_old_as_it_says() {
        assert_eq!(as_of(ms(5000), -41, ms(5001)), Some(ms(4959)));
        assert_eq!(as_of(ms(40), -41, ms(50)), None, "before our time began");
    }

    /// A server that says so is wrong, or lies.
    #[test]
    fn nothing_is_confirmed_for_the_future() {
        assert_eq!(as_of(ms(5000), 90_000, ms(6000)), Some(ms(6000)));
    }
}
