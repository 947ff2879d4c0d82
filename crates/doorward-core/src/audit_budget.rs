//! How many refusals are recorded one by one. Refusing costs an attacker nothing; a row for each would fill the disk,
//! and bury what matters. So the first of a kind are rows, and the rest is one row a minute that says how many they were.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    audit::{AuditEvent, EventName},
    client::UserAgent,
    guard::network,
    ids::UserId,
    time::Timestamp,
};

/// How long refusals of a kind are counted together.
pub const BUDGET_WINDOW: Duration = Duration::from_secs(60);

/// So many of a kind are recorded one by one in a window; of each account as well, however much noise others make.
const FIRST: u32 = 10;

/// So many that were turned away before anything was examined are recorded one by one in a window, for each reason: a row
/// takes a durable write, and turning somebody away must stay cheap, from however many addresses they come.
const FIRST_TURNED_AWAY: u32 = 100;

/// Beside those of accounts, so many are recorded one by one at once,
const BURST: u64 = 10_000;

/// and one more each time this has passed.
const REFILL_EVERY: Duration = Duration::from_secs(1);

/// Kinds told apart by address in one window. Past it, addresses are counted together.
const MAX_KINDS: usize = 20_000;

/// Rows that tell of one address each, in one window. The others are put together.
const MAX_SUMMARIES: usize = 100;

/// Decides which refusals are recorded one by one, and counts the others. Any number of threads may ask it at once.
#[derive(Default)]
pub struct AuditBudget {
    state: Mutex<State>,
}

/// Whether accounts have a budget of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    EachAccount,
    Whoever,
}

/// Refusals of the same kind: the same thing refused for the same reason, to the same account, from the same place.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    name: EventName,
    reason: Option<String>,
    user: Option<UserId>,
    /// Of IPv6 the /64, which is the least that one client has.
    network: Option<IpAddr>,
}

impl Kind {
    fn of(event: &AuditEvent) -> Self {
        Self {
            name: event.name,
            reason: event.reason.clone(),
            user: event.user_id,
            network: event.address.map(network),
        }
    }

    fn regardless_of_network(&self) -> Self {
        Self { network: None, ..self.clone() }
    }
}

#[derive(Default)]
struct State {
    window_began: Duration,
    /// Recorded in this window, of each account and reason.
    of_accounts: HashMap<Kind, u32>,
    /// Recorded in this window of those who were turned away, of each reason.
    turned_away: HashMap<Kind, u32>,
    /// Recorded in this window one by one, of each kind.
    recorded: HashMap<Kind, u32>,
    /// Not recorded yet.
    counted: HashMap<Kind, RefusalSummary>,
    /// Since the beginning: recorded beside those of accounts.
    spent: u64,
}

/// Refusals of one kind that were not recorded one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalSummary {
    /// One of them, without what only that one had.
    sample: AuditEvent,
    count: u64,
    since: Timestamp,
    until: Timestamp,
    /// From how many places, where that is more than one.
    places: u64,
}

impl RefusalSummary {
    fn of(event: AuditEvent) -> Self {
        let at = event.at;
        let sample = AuditEvent {
            user_agent: UserAgent::default(),
            request_id: None,
            session_id: None,
            details: Vec::new(),
            ..event
        };
        Self { sample, count: 1, since: at, until: at, places: 1 }
    }

    fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.since = self.since.min(other.since);
        self.until = self.until.max(other.until);
        self.places = self.places.max(other.places);
    }

    fn add_another_place(&mut self, other: &Self) {
        let places = self.places.saturating_add(other.places);
        self.add(other);
        self.places = places;
        self.sample.address = None;
    }

    /// The event that tells of all of them: `count`, in how many `seconds`, and from how many `addresses` if not from one.
    #[must_use]
    pub fn event(&self) -> AuditEvent {
        let event = AuditEvent { at: self.until, ..self.sample.clone() };
        let event = event.with("count", self.count).with("seconds", self.until.since(self.since).as_secs());
        if self.places > 1 { event.with("addresses", self.places) } else { event }
    }
}

impl AuditBudget {
    /// The event, if it is to be recorded by itself; otherwise it is counted. `monotonic` is the time since any start.
    pub fn admit(&self, event: AuditEvent, monotonic: Duration) -> Option<AuditEvent> {
        self.state().admit(event, monotonic, Which::EachAccount)
    }

    /// As [`AuditBudget::admit`], for what is refused before anything was examined. Whether it is a row must not depend
    /// on whose account it is: a row takes a durable write, and its time would tell which names exist (M-D04).
    pub fn admit_whoever(&self, event: AuditEvent, monotonic: Duration) -> Option<AuditEvent> {
        self.state().admit(event, monotonic, Which::Whoever)
    }

    /// What was counted and is not recorded. Whoever cannot record it gives it back.
    #[must_use]
    pub fn take(&self) -> Vec<RefusalSummary> {
        let counted = std::mem::take(&mut self.state().counted);
        put_together(counted.into_values().collect())
    }

    /// Counts again what could not be recorded.
    pub fn give_back(&self, summaries: impl IntoIterator<Item = RefusalSummary>) {
        let mut state = self.state();
        for summary in summaries {
            state.count(Kind::of(&summary.sample), summary);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admit(&mut self, event: AuditEvent, monotonic: Duration, which: Which) -> Option<AuditEvent> {
        if monotonic.saturating_sub(self.window_began) >= BUDGET_WINDOW {
            self.window_began = monotonic;
            self.of_accounts.clear();
            self.recorded.clear();
            self.turned_away.clear();
        }
        let kind = Kind::of(&event);
        // An account's first refusals are rows of their own whatever else goes on: there are no more of them than there
        // are accounts, and noise must not hide them.
        let first_of_account = which == Which::EachAccount
            && kind.user.is_some()
            && spend(self.of_accounts.entry(kind.regardless_of_network()).or_default(), FIRST);
        let spender = match which {
            Which::EachAccount => kind.clone(),
            Which::Whoever => Kind { user: None, ..kind.clone() },
        };
        let is_known = self.recorded.len() < MAX_KINDS || self.recorded.contains_key(&spender);
        let first_of_kind = is_known && spend(self.recorded.entry(spender.clone()).or_default(), FIRST);
        let first_of_reason = which == Which::EachAccount
            || first_of_kind
                && spend(
                    self.turned_away.entry(spender.regardless_of_network()).or_default(),
                    FIRST_TURNED_AWAY,
                );
        if first_of_account || (first_of_kind && first_of_reason && self.spend_overall(monotonic)) {
            return Some(event);
        }
        self.count(kind, RefusalSummary::of(event));
        None
    }

    fn spend_overall(&mut self, monotonic: Duration) -> bool {
        let refilled = monotonic.as_secs() / REFILL_EVERY.as_secs().max(1);
        // What was not spent is not saved up beyond the burst.
        self.spent = self.spent.max(refilled);
        let is_left = self.spent < refilled.saturating_add(BURST);
        self.spent += u64::from(is_left);
        is_left
    }

    fn count(&mut self, kind: Kind, summary: RefusalSummary) {
        let is_known = self.counted.len() < MAX_KINDS || self.counted.contains_key(&kind);
        let kind = if is_known { kind } else { kind.regardless_of_network() };
        match self.counted.get_mut(&kind) {
            Some(counted) if is_known => counted.add(&summary),
            Some(counted) => counted.add_another_place(&summary),
            None => drop(self.counted.insert(kind, summary)),
        }
    }
}

fn spend(recorded: &mut u32, first: u32) -> bool {
    let is_first = *recorded < first;
    *recorded = recorded.saturating_add(1);
    is_first
}

/// The most frequent as they are; the others by event, reason and account, wherever they came from.
fn put_together(mut summaries: Vec<RefusalSummary>) -> Vec<RefusalSummary> {
    summaries.sort_by_key(|summary| std::cmp::Reverse(summary.count));
    let others = summaries.split_off(summaries.len().min(MAX_SUMMARIES));
    let mut from_anywhere: HashMap<Kind, RefusalSummary> = HashMap::new();
    for other in others {
        match from_anywhere.get_mut(&Kind::of(&other.sample).regardless_of_network()) {
            Some(together) => together.add_another_place(&other),
            None => drop(from_anywhere.insert(Kind::of(&other.sample).regardless_of_network(), other)),
        }
    }
    summaries.extend(from_anywhere.into_values());
    summaries.sort_by_key(|summary| summary.until);
    summaries
}

#[cfg(test)]
#[path = "audit_budget_tests.rs"]
mod tests;
