//! The port to what administrators look at, operation by operation.

use async_trait::async_trait;
use doorward_core::{
    console_store::ConsoleStore,
    guard::Lock,
    page::{Page, PageRequest},
    store::StoreError,
    time::Timestamp,
};

use super::{SqliteStore, locks};

#[async_trait]
impl ConsoleStore for SqliteStore {
    async fn lockouts(&self, now: Timestamp, page: PageRequest) -> Result<Page<Lock>, StoreError> {
        self.readers.read(move |c| locks::lockouts(c, now, &page)).await
    }
}
