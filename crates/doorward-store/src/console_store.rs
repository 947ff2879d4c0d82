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

use super::{
    audit,
    database::{Database, Reading, reads, writes},
    event_counts, gauges, locks,
    store::SqlStore,
};

#[async_trait]
impl<D: Database> ConsoleStore for SqlStore<D> {
    async fn lockouts(&self, now: Timestamp, page: PageRequest) -> Result<Page<Lock>, StoreError> {
        self.database
            .read(Reading::Snapshot, reads!(now, page => |sql| locks::lockouts(sql, *now, page)))
            .await
    }

    async fn audit_after(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<AuditPart, StoreError> {
        let filter = filter.clone();
        self.database
            .read(
                Reading::EndOfLog,
                reads!(filter, after, limit => |sql| audit::part_after(sql, filter, *after, *limit)),
            )
            .await
    }

    async fn event_counts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<EventCount>, StoreError> {
        self.database
            .read(
                Reading::Snapshot,
                reads!(from, until => |sql| event_counts::event_counts(sql, *from, *until)),
            )
            .await
    }

    async fn gauges_at(&self, now: Timestamp) -> Result<Gauges, StoreError> {
        self.database.read(Reading::LongSnapshot, reads!(now => |sql| gauges::gauges_at(sql, *now))).await
    }

    async fn samples(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Gauges>, StoreError> {
        self.database
            .read(Reading::Snapshot, reads!(from, until => |sql| gauges::samples(sql, *from, *until)))
            .await
    }

    async fn keep_sample(&self, sample: Gauges) -> Result<(), StoreError> {
        self.database
            .write(Some(sample.as_of), writes!(sample => |sql| gauges::keep_sample(sql, *sample)))
            .await
    }
}
