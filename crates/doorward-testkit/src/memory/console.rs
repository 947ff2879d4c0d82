//! What administrators look at.

use async_trait::async_trait;
use doorward_core::{
    audit::{AuditFilter, AuditPart},
    console_store::ConsoleStore,
    guard::{Lock, LockedSubject},
    ids::UserId,
    page::{Page, PageRequest},
    second_factor::MAX_CODES_RUNNING,
    statistics::{EventCount, Gauges},
    store::StoreError,
    time::Timestamp,
};

use super::{
    MemoryStore,
    state::{State, page_of},
};

#[async_trait]
impl ConsoleStore for MemoryStore {
    async fn lockouts(&self, now: Timestamp, page: PageRequest) -> Result<Page<Lock>, StoreError> {
        self.read(|state| state.lockouts(now, page))
    }

    async fn audit_after(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<AuditPart, StoreError> {
        self.read(|state| state.audit_after(filter, after, limit))
    }

    async fn event_counts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<EventCount>, StoreError> {
        self.read(|state| state.statistics.counts(from, until))
    }

    async fn gauges_at(&self, now: Timestamp) -> Result<Gauges, StoreError> {
        self.read(|state| state.gauges_at(now))
    }

    async fn samples(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Gauges>, StoreError> {
        self.read(|state| state.statistics.samples(from, until))
    }

    async fn keep_sample(&self, sample: Gauges) -> Result<(), StoreError> {
        self.write(Some(sample.as_of), |state| {
            state.statistics.keep_sample(sample);
            Ok(())
        })
    }
}

impl State {
    fn lockouts(&self, now: Timestamp, page: PageRequest) -> Page<Lock> {
        let apps = self.locked_apps().map(|user| {
            let lock = Lock { subject: LockedSubject::AuthenticatorApp(user), until: None };
            (lock.cursor("", *user.as_bytes()), lock)
        });
        let locked = self.locked_subjects(now).filter_map(|(subject, until)| {
            let lock = Lock { subject: LockedSubject::of(subject.kind, subject.owner)?, until: Some(until) };
            Some((lock.cursor(subject.kind.as_str(), subject.key), lock))
        });
        let Page { items, next } = page_of(apps.chain(locked), page, true, |(cursor, _)| cursor.clone());
        Page { items: items.into_iter().map(|(_, lock)| lock).collect(), next }
    }

    pub(super) fn locked_apps(&self) -> impl Iterator<Item = UserId> {
        let codes = self.factors.codes_running.iter();
        let too_many = codes.filter(|(_, codes)| **codes >= MAX_CODES_RUNNING).map(|(user, _)| *user);
        too_many.filter(|user| self.factors.totp.contains_key(user))
    }
}
