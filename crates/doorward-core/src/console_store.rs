//! The port to what administrators look at, beside what decisions need.

use async_trait::async_trait;

use crate::{
    guard::Lock,
    page::{Page, PageRequest},
    store::StoreError,
    time::Timestamp,
};

/// What administrators look at. What holds for every method of [`Store`](crate::store::Store) holds for these.
#[async_trait]
pub trait ConsoleStore: Send + Sync + 'static {
    /// Locks that are in force at `now`, in the descending order of [`Lock::cursor`].
    async fn lockouts(&self, now: Timestamp, page: PageRequest) -> Result<Page<Lock>, StoreError>;
}
