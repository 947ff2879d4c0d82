//! The port to what administrators look at, operation by operation.

use async_trait::async_trait;
use doorward_core::{
    audit::{AuditFilter, AuditPart},
    console_store::ConsoleStore,
    guard::Lock,
    page::{Page, PageRequest},
    statistics::{EventCount, Gauges},
    store::StoreError,
    time::Timestamp,
};

use super::{SqliteStore, audit, event_counts, gauges, locks};

#[async_trait]
impl ConsoleStore for SqliteStore {
    async fn lockouts(&self, now: Timestamp, page: PageRequest) -> Result<Page<Lock>, StoreError> {
        self.readers.read(move |c| locks::lockouts(c, now, &page)).await
    }

    async fn audit_after(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<AuditPart, StoreError> {
        let filter = filter.clone();
        self.readers.read(move |c| audit::part_after(c, &filter, after, limit)).await
    }

    async fn event_counts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<EventCount>, StoreError> {
        self.readers.read(move |c| event_counts::event_counts(c, from, until)).await
    }

    async fn gauges_at(&self, now: Timestamp) -> Result<Gauges, StoreError> {
        self.readers.read(move |c| gauges::gauges_at(c, now)).await
    }

    async fn samples(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Gauges>, StoreError> {
        self.readers.read(move |c| gauges::samples(c, from, until)).await
    }

    async fn keep_sample(&self, sample: Gauges) -> Result<(), StoreError> {
        self.writer.write(Some(sample.as_of), move |c| gauges::keep_sample(c, sample)).await
    }
}
