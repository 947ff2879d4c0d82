//! SQLite keeps the store contract.

#![expect(clippy::unwrap_used, reason = "a test, outside of its functions")]

use std::sync::Arc;

use doorward_core::store::Store;
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{builders::audit_key, contract::Backend, store_contract};
use tempfile::TempDir;

struct Sqlite(TempDir);

impl Backend for Sqlite {
    fn open(&self) -> Arc<dyn Store> {
        let path = self.0.path().join("doorward.db");
        Arc::new(SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap())
    }
}

store_contract!(sqlite, || Box::new(Sqlite(TempDir::new().unwrap())));
