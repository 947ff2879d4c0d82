//! What SQLite adds to the contract: bounds, groups, queues, failures of the disk, query plans, schemas.

mod attempts;
mod audit_chain;
mod failures;
mod groups;
mod key_terms;
mod population;
mod preparations;
mod query_plans;
mod schemas;
mod statistics;
mod user_search;

use std::path::Path;

use doorward_core::{audit::EventName, store::Store};
use doorward_testkit::builders::{START, Scene, audit_key, write};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{
    SqliteOptions, SqliteStore, chain::ChainWriter, connection::open_writer, transaction::SqliteTransaction,
    writer::Writer,
};
use crate::failure::Failure;

/// A database as the first version made it, with nothing in it.
fn first_version(path: &Path) -> Connection {
    let statements = include_str!("../migrations/0001_initial.sql");
    let old = Connection::open(path).unwrap();
    let history = "CREATE TABLE migrations (version INTEGER PRIMARY KEY, statements TEXT NOT NULL) STRICT";
    old.execute_batch(history).unwrap();
    old.execute_batch(statements).unwrap();
    old.execute("INSERT INTO migrations VALUES (1, ?1)", [statements]).unwrap();
    old.execute_batch("PRAGMA application_id = 0x64777264; PRAGMA user_version = 1;").unwrap();
    old
}

/// A store in a directory of its own.
struct Scratch {
    store: SqliteStore,
    directory: TempDir,
    scene: Scene,
}

impl Scratch {
    fn new() -> Self {
        Self::with(SqliteOptions::default())
    }

    fn with(options: SqliteOptions) -> Self {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(&directory.path().join("doorward.db"), options, audit_key()).unwrap();
        Self { store, directory, scene: Scene::new(1) }
    }

    /// A store that asks `refuse` at each commit whether it is to fail.
    fn asking(refuse: impl FnMut() -> bool + Send + 'static) -> Self {
        let mut scratch = Self::new();
        let mut connection =
            open_writer(&scratch.store.database.path, scratch.store.database.options.busy_timeout).unwrap();
        connection.commit_hook(Some(refuse)).unwrap();
        scratch.store.database.writer =
            Writer::start(SqliteTransaction::on(connection), ChainWriter::new(audit_key()), 100).unwrap();
        scratch
    }

    /// Writes something small; whether that was possible.
    async fn record(&self) -> bool {
        self.store.record(write(EventName::LoginRefused, START).audit).await.is_ok()
    }

    /// How SQLite would go about a statement, step by step.
    async fn plan(&self, sql: &'static str) -> Vec<String> {
        let plan = self.store.database.readers.read(move |c| {
            let connection = c.connection();
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            Ok(explain.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>()?)
        });
        plan.await.unwrap()
    }

    /// Runs statements as an operation of the writer.
    async fn batch(&self, sql: &'static str) -> bool {
        self.store
            .database
            .writer
            .write(None, move |c| c.connection().execute_batch(sql).map_err(Failure::from))
            .await
            .is_ok()
    }
}
