//! SQLite and PostgreSQL keep the store contract, without an exception.

#![expect(clippy::unwrap_used, reason = "a test, outside of its functions")]

use std::sync::{Arc, OnceLock};

use doorward_core::store::Store;
use doorward_store::{PostgresOptions, PostgresStore, SqliteOptions, SqliteStore, postgres::Address};
use doorward_testkit::{
    SeededEntropy,
    builders::audit_key,
    contract::Backend,
    postgres::{Cluster, Database},
    store_contract,
};
use tempfile::TempDir;
use tokio::{runtime::Handle, task::block_in_place};

struct Sqlite(TempDir);

impl Backend for Sqlite {
    fn open(&self) -> Arc<dyn Store> {
        let path = self.0.path().join("doorward.db");
        Arc::new(SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap())
    }
}

store_contract!(sqlite, || Box::new(Sqlite(TempDir::new().unwrap())));

/// Each rule has a database of its own in the one cluster of this process.
struct Postgres {
    database: Database<'static>,
    options: PostgresOptions,
}

impl Postgres {
    fn new(prepared_statements: bool) -> Self {
        let options = PostgresOptions {
            connections: 6,
            timeout: std::time::Duration::from_secs(60),
            prepared_statements,
            ..PostgresOptions::new(Arc::new(SeededEntropy::new(7)))
        };
        Self { database: with_schema(&options).copy(), options }
    }
}

/// A database of which each rule has a copy: to make one and its schema takes several times as long.
fn with_schema(options: &PostgresOptions) -> &'static Database<'static> {
    static MADE: OnceLock<Database<'static>> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = Cluster::of_this_process().fresh_database();
        drop(open(&made, options));
        made
    })
}

fn open(database: &Database<'_>, options: &PostgresOptions) -> PostgresStore {
    let address = Address::parse(&database.url(), None).unwrap();
    let opened = PostgresStore::open(address, options.clone(), audit_key());
    block_in_place(|| Handle::current().block_on(opened)).unwrap()
}

impl Backend for Postgres {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(open(&self.database, &self.options))
    }
}

store_contract!(postgres, || Box::new(Postgres::new(true)));
// As behind a pooler that gives each transaction another connection.
store_contract!(postgres_without_session, || Box::new(Postgres::new(false)));
