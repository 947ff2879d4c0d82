//! The port to what administrators look at, beside what decisions need.

use async_trait::async_trait;

use crate::{
    audit::{AuditFilter, AuditPart},
    guard::Lock,
    page::{Page, PageRequest},
    statistics::{EventCount, Gauges},
    store::StoreError,
    time::Timestamp,
};

/// What administrators look at. What holds for every method of [`Store`](crate::store::Store) holds for these.
#[async_trait]
pub trait ConsoleStore: Send + Sync + 'static {
    /// Locks that are in force at `now`, in the descending order of [`Lock::cursor`].
    async fn lockouts(&self, now: Timestamp, page: PageRequest) -> Result<Page<Lock>, StoreError>;

    /// At most `limit` of the events after this place in the log that `filter` lets through, oldest first. Nothing is
    /// ever added to the log before a place that was looked at: who goes on after [`AuditPart::upto`] misses none.
    async fn audit_after(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<AuditPart, StoreError>;

    /// How many events there were in the hours that begin at `from` or later and before `until`, in the order of hour,
    /// name and reason. Every event of the log has been counted in the transaction that wrote it, by
    /// [`stands_for`](crate::audit::AuditEntry::stands_for).
    async fn event_counts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<EventCount>, StoreError>;

    /// How much there is at `now`. May walk over all live sessions.
    async fn gauges_at(&self, now: Timestamp) -> Result<Gauges, StoreError>;

    /// The samples that were kept of the times from `from` on and before `until`, oldest first.
    async fn samples(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Gauges>, StoreError>;

    /// Keeps a sample, unless there is one of the same [quarter of an hour](crate::statistics::SAMPLED_EVERY).
    async fn keep_sample(&self, sample: Gauges) -> Result<(), StoreError>;
}
