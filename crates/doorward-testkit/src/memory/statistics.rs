//! Counts of events, and samples of gauges.

use std::collections::{BTreeMap, BTreeSet};

use doorward_core::{
    audit::AuditEntry,
    guard::SubjectKind,
    statistics::{EventCount, Gauges, HOUR, SAMPLED_EVERY},
    time::Timestamp,
};

use super::state::State;

#[derive(Clone, Default)]
pub(super) struct Statistics {
    counts: BTreeMap<(Timestamp, String, Option<String>), u64>,
    /// By the beginning of their quarters of an hour.
    samples: BTreeMap<Timestamp, Gauges>,
}

impl Statistics {
    pub(super) fn count(&mut self, entry: &AuditEntry) {
        let kind = (entry.at.beginning_of(HOUR), entry.name.clone(), entry.reason.clone());
        *self.counts.entry(kind).or_default() += entry.stands_for();
    }

    pub(super) fn counts(&self, from: Timestamp, until: Timestamp) -> Vec<EventCount> {
        let wanted = self.counts.iter().filter(|((hour, ..), _)| (from..until).contains(hour));
        let count = |((hour, name, reason), count): (&(_, String, Option<String>), &u64)| EventCount {
            hour: *hour,
            name: name.clone(),
            reason: reason.clone(),
            count: *count,
        };
        wanted.map(count).collect()
    }

    pub(super) fn keep_sample(&mut self, sample: Gauges) {
        self.samples.entry(sample.as_of.beginning_of(SAMPLED_EVERY)).or_insert(sample);
    }

    pub(super) fn samples(&self, from: Timestamp, until: Timestamp) -> Vec<Gauges> {
        let samples = self.samples.values().filter(|sample| (from..until).contains(&sample.as_of));
        samples.copied().collect()
    }

    pub(super) fn clean_up(&mut self, before: Timestamp, limit: u32) -> u32 {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let counts: Vec<_> =
            self.counts.keys().filter(|(hour, ..)| *hour < before).take(limit).cloned().collect();
        let samples: Vec<_> = self
            .samples
            .iter()
            .filter(|(_, sample)| sample.as_of < before)
            .map(|(quarter, _)| *quarter)
            .take(limit)
            .collect();
        self.counts.retain(|kind, _| !counts.contains(kind));
        self.samples.retain(|quarter, _| !samples.contains(quarter));
        u32::try_from(counts.len() + samples.len()).unwrap_or(u32::MAX)
    }
}

impl State {
    pub(super) fn gauges_at(&self, now: Timestamp) -> Gauges {
        let accounts = self.locked_subjects(now).filter(|(subject, _)| subject.kind == SubjectKind::Account);
        let locked: BTreeSet<_> =
            accounts.filter_map(|(subject, _)| subject.owner).chain(self.locked_apps()).collect();
        let count = |items: usize| u64::try_from(items).unwrap_or(u64::MAX);
        Gauges {
            as_of: now,
            users: count(self.users.len()),
            live_sessions: count(self.sessions.values().filter(|session| session.is_live(now)).count()),
            locked_accounts: count(locked.len()),
        }
    }
}
