//! A database as it is at one moment, and whether it has changed since.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use doorward_core::audit_chain::AuditChainKey;
use rusqlite::Connection;

use super::{
    OpenError, SqliteOptions, SqliteStore, connection::open_reader, migrate, transaction::SqliteTransaction,
};

/// A snapshot that is read for as long as it takes.
pub(crate) struct Snapshot {
    /// What reads it.
    pub(crate) sql: SqliteTransaction,
    /// Reads nothing: it is told of every commit since, which those within a snapshot are not.
    watch: Mutex<Connection>,
    version: i64,
    path: PathBuf,
}

impl Snapshot {
    /// Brings the schema of a database up to date, and begins to read. `key` chains its audit log.
    ///
    /// # Errors
    /// [`OpenError`]: there is none, or it cannot be used.
    pub(crate) fn take(path: &Path, key: AuditChainKey) -> Result<Self, OpenError> {
        fs::metadata(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        drop(SqliteStore::open(path, SqliteOptions::default(), key)?);
        let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
        let connect = || open_reader(path, SqliteOptions::default().busy_timeout).map_err(sqlite);
        let (watch, reader) = (connect()?, connect()?);
        // Before the snapshot: what is written between the two is noticed, and does no harm.
        let version = data_version(&watch).map_err(sqlite)?;
        reader.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;").map_err(sqlite)?;
        Ok(Self {
            sql: SqliteTransaction::on(reader),
            watch: Mutex::new(watch),
            version,
            path: path.to_owned(),
        })
    }

    /// Which schema it has.
    #[expect(clippy::unused_self, reason = "a snapshot is only ever taken of the newest")]
    pub(crate) fn schema_version(&self) -> u32 {
        migrate::newest_version()
    }

    /// Whether nobody has written anything since.
    ///
    /// # Errors
    /// [`OpenError::Sqlite`]: it cannot be told.
    pub(crate) fn is_unchanged(&self) -> Result<bool, OpenError> {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let version =
            data_version(&watch).map_err(|source| OpenError::Sqlite { path: self.path.clone(), source })?;
        Ok(version == self.version)
    }
}

/// Another number once another connection has committed anything.
fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}
