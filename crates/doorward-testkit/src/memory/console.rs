//! What administrators look at.

use async_trait::async_trait;
use doorward_core::{
    console_store::ConsoleStore,
    guard::{Lock, LockedSubject},
    page::{Page, PageRequest},
    second_factor::MAX_CODES_RUNNING,
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
}

impl State {
    fn lockouts(&self, now: Timestamp, page: PageRequest) -> Page<Lock> {
        let codes = self.factors.codes_running.iter();
        let apps = codes
            .filter(|(user, codes)| **codes >= MAX_CODES_RUNNING && self.factors.totp.contains_key(user));
        let apps = apps.map(|(user, _)| {
            let lock = Lock { subject: LockedSubject::AuthenticatorApp(*user), until: None };
            (lock.cursor("", *user.as_bytes()), lock)
        });
        let locked = self.locked_subjects(now).filter_map(|(subject, until)| {
            let lock = Lock { subject: LockedSubject::of(subject.kind, subject.owner)?, until: Some(until) };
            Some((lock.cursor(subject.kind.as_str(), subject.key), lock))
        });
        let Page { items, next } = page_of(apps.chain(locked), page, true, |(cursor, _)| cursor.clone());
        Page { items: items.into_iter().map(|(_, lock)| lock).collect(), next }
    }
}
