//! The store on SQLite: one file, no second service.
//!
//! One thread writes and commits in groups, so that a hundred logins at once cost one fsync; a pool of threads
//! reads. Neither needs an async runtime: answers travel through a channel that any executor can wait on.

mod audit_lines;
mod audit_verification;
mod backup;
mod chain;
mod connection;
mod migrate;
mod open_error;
mod readers;
mod schema;
mod search_keys;
mod snapshot;
mod tally;
#[cfg(test)]
mod tests;
mod transaction;
mod writer;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use audit_verification::verify_audit;
pub use backup::{BackupFacts, BackupProgress, restore, settle, verify_backup};
pub(crate) use chain::CHAIN;
pub use open_error::OpenError;
pub(crate) use snapshot::Snapshot;

use chain::ChainWriter;
use connection::{create_private, open_reader, open_writer};
use doorward_core::{audit_chain::AuditChainKey, store::StoreError, time::Timestamp};
use migrate::OpeningLock;
use readers::Readers;
use transaction::{SqliteTransaction, at_once};
use writer::Writer;

use crate::{
    audit_chain,
    database::{Database, Doing, Reading},
    store::SqlStore,
};

/// How a [`SqliteStore`] works. The defaults are right for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How many threads read.
    pub readers: usize,
    /// The most writes that wait; one more is refused with `Unavailable`.
    pub write_queue_length: usize,
    /// The most reads that wait; one more is refused with `Unavailable`.
    pub read_queue_length: usize,
    /// How long to wait for another process that is writing.
    pub busy_timeout: Duration,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            write_queue_length: 4096,
            read_queue_length: 4096,
            busy_timeout: Duration::from_secs(5),
        }
    }
}

/// The store in a SQLite file.
///
/// - An operation is answered once it is on the disk (WAL, `synchronous=FULL`), in the same transaction as its
///   audit event and its entries in the feed.
/// - Several processes may have the file open, on one machine; not over a network file system.
/// - Nothing is lost or half done when the process is killed. When the disk is full, writes answer `Unavailable`
///   and reads go on.
/// - The file and those beside it (`-wal`, `-shm`, `.lock`) are readable by their owner only.
///
/// Dropping it finishes what is queued, then stops its threads; it blocks for that long.
pub type SqliteStore = SqlStore<Sqlite>;

/// A SQLite file, open.
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
    path: PathBuf,
    options: SqliteOptions,
    key: AuditChainKey,
}

impl Database for Sqlite {
    type Sql = SqliteTransaction;

    async fn read<T: Send + 'static>(
        &self,
        _how: Reading,
        operation: impl for<'a> FnOnce(&'a SqliteTransaction) -> Doing<'a, T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(move |sql| at_once(operation(sql))).await
    }

    async fn write<T: Send + 'static>(
        &self,
        now: Option<Timestamp>,
        operation: impl for<'a> Fn(&'a SqliteTransaction) -> Doing<'a, T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(now, move |sql| at_once(operation(sql))).await
    }

    fn audit_chain_key(&self) -> &AuditChainKey {
        &self.key
    }
}

impl SqliteStore {
    /// Opens the database at `path`, or makes it; its directory has to exist. Brings the schema up to date. `key`
    /// chains the audit log ([`ServerKeys::audit_chain_key`]).
    ///
    /// [`ServerKeys::audit_chain_key`]: doorward_core::master::ServerKeys::audit_chain_key
    ///
    /// # Errors
    /// [`OpenError`], which says what to do.
    pub fn open(path: &Path, options: SqliteOptions, key: AuditChainKey) -> Result<Self, OpenError> {
        let file = |source| OpenError::File { path: path.to_owned(), source };
        let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
        // Absolute, so that no name is special to SQLite and a change of directory moves nothing.
        let path = std::path::absolute(path).map_err(file)?;
        let _lock = OpeningLock::acquire(&path)?;
        create_private(&path).map_err(file)?;
        // Before anything is written: the file may be somebody else's, or a newer version's.
        let reader = open_reader(&path, options.busy_timeout).map_err(sqlite)?;
        migrate::version_of(&reader, &path)?;
        let sql = SqliteTransaction::on(open_writer(&path, options.busy_timeout).map_err(sqlite)?);
        migrate::migrate(&sql, &path, &key)?;
        at_once(audit_chain::reseal(&sql, &key))
            .map_err(|error| OpenError::Migration { path: path.clone(), source: error.into_error() })?;
        let readers = (0..options.readers.max(1))
            .map(|_| open_reader(&path, options.busy_timeout))
            .collect::<Result<_, _>>()
            .map_err(sqlite)?;
        let database = Sqlite {
            writer: Writer::start(sql, ChainWriter::new(key.clone()), options.write_queue_length)
                .map_err(file)?,
            readers: Readers::start(readers, options.read_queue_length).map_err(file)?,
            path,
            options,
            key,
        };
        Ok(Self { database })
    }

    /// Writes a consistent copy of the database, as of one moment, to the new file `to`, while this and other
    /// processes go on reading and writing. Blocks until the copy is on the disk; `progress` is called now and
    /// then. The copy is readable by its owner only, and one file: nothing lies beside it.
    ///
    /// # Errors
    /// [`OpenError::File`] when `to` exists already or cannot be written; nothing is left behind.
    pub fn backup_to(&self, to: &Path, progress: impl FnMut(BackupProgress)) -> Result<(), OpenError> {
        let Sqlite { path, options, .. } = &self.database;
        let source = open_reader(path, options.busy_timeout)
            .map_err(|source| OpenError::Sqlite { path: path.clone(), source })?;
        backup::copy(&source, path, to, progress)
    }
}
