//! What the console draws: how many events there were, and how many users, sessions and locks there are. None of it
//! decides anything.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_channel::oneshot;

use crate::{
    audit::{AuditEntry, Outcome},
    authority::Authority,
    refusal::Refusal,
    time::Timestamp,
};

/// How long counts and samples are kept.
pub const STATISTICS_KEPT: Duration = Duration::from_secs(400 * 24 * 3600);

/// The parts of time in which events are counted.
pub const HOUR: Duration = Duration::from_secs(3600);

/// The parts of time of which one sample is kept.
pub const SAMPLED_EVERY: Duration = Duration::from_secs(900);

/// For how long gauges are believed at most.
const BELIEVED_FOR: Duration = Duration::from_secs(60);

/// Gauges are believed for so many times what reading them took, which is a walk over all live sessions: whoever asks,
/// however often, gets no more than a hundredth of a thread. A small installation sees what is, a great one what was.
const BELIEVED_TIMES: u32 = 100;

/// How many events of a kind there were in an hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventCount {
    /// When the hour began.
    pub hour: Timestamp,
    /// The event's name.
    pub name: String,
    /// Why; none where the event tells none.
    pub reason: Option<String>,
    /// How many. An event that tells of many refusals counts as many.
    pub count: u64,
}

/// How much there is of what comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauges {
    /// As of when.
    pub as_of: Timestamp,
    /// Users, disabled ones included.
    pub users: u64,
    /// Sessions that are alive.
    pub live_sessions: u64,
    /// Users whose account is locked for strangers, or whose authenticator app is locked.
    pub locked_accounts: u64,
}

impl Timestamp {
    /// Which part of time since 1970 this lies in, where all parts are as long as this one.
    #[must_use]
    pub fn number_of(self, part: Duration) -> i64 {
        self.as_millis().div_euclid(length(part))
    }

    /// When the part of time began that this lies in.
    #[must_use]
    pub fn beginning_of(self, part: Duration) -> Self {
        Self::beginning(self.number_of(part), part)
    }

    /// When the part of time of this number begins.
    #[must_use]
    pub fn beginning(number: i64, part: Duration) -> Self {
        Self::from_millis(number.saturating_mul(length(part)))
    }
}

/// In milliseconds; parts of no length have one.
fn length(part: Duration) -> i64 {
    i64::try_from(part.as_millis()).unwrap_or(i64::MAX).max(1)
}

impl AuditEntry {
    /// How many events it tells of: refusals beyond the first of a kind are put together in one that says how many they
    /// were ([`audit_budget`](crate::audit_budget)).
    #[must_use]
    pub fn stands_for(&self) -> u64 {
        let detail =
            |wanted: &str| self.details.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let is_summary = self.outcome == Outcome::Refused.as_str() && detail("seconds").is_some();
        let count = detail("count").filter(|_| is_summary).and_then(|count| count.parse().ok());
        count.unwrap_or(1)
    }
}

/// Gauges that were read, and until when by the monotonic clock they are believed.
#[derive(Clone, Copy)]
struct Known {
    gauges: Gauges,
    until: Duration,
}

/// The gauges as they were read last, for however many look at the console; they are read by one at a time.
#[derive(Default)]
pub(crate) struct LastGauges(Mutex<Last>);

#[derive(Default)]
struct Last {
    known: Option<Known>,
    /// While somebody reads them: those who wait for the first ones there are.
    waiting: Option<Vec<Waiting>>,
}

type Read = Result<Gauges, Refusal>;
type Waiting = oneshot::Sender<Read>;

/// What comes of asking.
enum Asked<'a> {
    /// They are known.
    Known(Gauges),
    /// Somebody reads them.
    Waits(oneshot::Receiver<Read>),
    /// They are to be read.
    Reads(Reading<'a>),
}

/// Held by the one who reads the gauges. Dropped without an answer, by one who gave up, it leaves the reading to another.
struct Reading<'a> {
    of: &'a LastGauges,
    answer: Option<Read>,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let waiting = self.of.lock().waiting.take().unwrap_or_default();
        if let Some(answer) = &self.answer {
            waiting.into_iter().for_each(|waiting| drop(waiting.send(answer.clone())));
        }
    }
}

impl LastGauges {
    fn lock(&self) -> MutexGuard<'_, Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, known: Known) {
        self.lock().known = Some(known);
    }

    fn ask(&self, monotonic: Duration) -> Asked<'_> {
        let mut last = self.lock();
        match (last.known, &mut last.waiting) {
            (Some(known), _) if monotonic < known.until => Asked::Known(known.gauges),
            (Some(known), Some(_)) => Asked::Known(known.gauges),
            (None, Some(waiting)) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push(sender);
                Asked::Waits(receiver)
            }
            (_, waiting @ None) => {
                *waiting = Some(Vec::new());
                Asked::Reads(Reading { of: self, answer: None })
            }
        }
    }
}

impl Authority {
    /// How much there is, as of the last minute or, where reading is quick, of the last moment. Read by one at a time:
    /// whoever asks meanwhile is told what was known before, or waits for it if nothing was. Many who read at once would
    /// keep every reader of the store from logins.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn overview(&self) -> Result<Gauges, Refusal> {
        loop {
            match self.last_gauges.ask(self.time.monotonic()) {
                Asked::Known(gauges) => return Ok(gauges),
                Asked::Waits(answer) => {
                    // There is none from one who gave up.
                    if let Ok(read) = answer.await {
                        return read;
                    }
                }
                Asked::Reads(mut reading) => {
                    let read = self.read_gauges().await;
                    reading.answer = Some(read.clone());
                    return read;
                }
            }
        }
    }

    async fn read_gauges(&self) -> Result<Gauges, Refusal> {
        let began = self.time.monotonic();
        let gauges = self.store.gauges_at(self.time.now()?).await?;
        let ended = self.time.monotonic();
        let believed_for = ended.saturating_sub(began).saturating_mul(BELIEVED_TIMES).min(BELIEVED_FOR);
        self.last_gauges.keep(Known { gauges, until: ended.saturating_add(believed_for) });
        Ok(gauges)
    }

    /// Samples of the gauges from `from` on and before `until`, oldest first: one for each quarter of an hour in which a
    /// node ran.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn gauges(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Gauges>, Refusal> {
        Ok(self.store.samples(from, until).await?)
    }

    /// Keeps a sample of the gauges, unless this node or another one has kept one of this quarter of an hour. To be called
    /// every few minutes.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn sample_gauges(&self) -> Result<(), Refusal> {
        let now = self.time.now()?;
        let quarter = now.beginning_of(SAMPLED_EVERY);
        if self.store.samples(quarter, quarter.plus(SAMPLED_EVERY)).await?.is_empty() {
            let gauges = self.read_gauges().await?;
            self.store.keep_sample(gauges).await?;
        }
        Ok(())
    }

    /// How many events there were in the hours that begin at `from` or later and before `until`, by hour, name and
    /// reason. Counted beside the log, in the same transaction, and outside of its chain: the log is the evidence.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn event_counts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<EventCount>, Refusal> {
        Ok(self.store.event_counts(from, until).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::{Actor, AuditEvent, EventName},
        client::Client,
    };

    #[test]
    fn a_part_of_time_begins_at_its_first_millisecond() {
        for (at, beginning) in [(0, 0), (3_599_999, 0), (3_600_000, 3_600_000), (-1, -3_600_000)] {
            assert_eq!(Timestamp::from_millis(at).beginning_of(HOUR), Timestamp::from_millis(beginning));
        }
    }

    #[test]
    fn an_event_that_tells_of_many_refusals_counts_as_many() {
        let event =
            |name| AuditEvent::new(name, Timestamp::from_millis(0), Actor::System, &Client::default());
        let weight = |event: AuditEvent| event.into_entry(1).stands_for();
        let refused = event(EventName::LoginRefused);
        assert_eq!(weight(refused.clone()), 1);
        assert_eq!(weight(refused.clone().with("count", 90).with("seconds", 60)), 90);
        assert_eq!(weight(refused.clone().with("count", 90)), 1, "something else that is called so");
        assert_eq!(weight(refused.with("count", "x").with("seconds", 60)), 1);
        assert_eq!(weight(event(EventName::UserCreated).with("count", 9).with("seconds", 9)), 1);
    }
}
