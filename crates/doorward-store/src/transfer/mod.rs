//! Everything that is remembered, moved from a SQLite file into a PostgreSQL database, sessions alive.
//!
//! Tables go one after the other, rows in the order of their keys, each batch in a transaction. So a transfer that was
//! killed goes on where the tables of the target end, and needs no record of its own to be right about that. A marker in
//! the target keeps nodes out until every row of both sides was read again and found to be the same.

mod checksum;
mod error;
mod state;
mod table;

use std::{path::PathBuf, sync::Arc};

use doorward_core::audit_chain::AuditChainKey;
use tokio::task::spawn_blocking;

pub use checksum::{Checksum, TableCheck};
pub use error::TransferError;

use crate::{
    PostgresOptions, PostgresStore,
    database::{Database, Reading, reads, writes},
    failure::{Failure, Trouble},
    postgres::Address,
    sql::params,
    sqlite::Snapshot,
};
use checksum::Digest;
use state::State;
use table::Table;

/// What is moved, and where to.
pub struct Transfer {
    /// The SQLite file. It is brought up to date, and not written to otherwise; nobody may write to it meanwhile.
    pub from: PathBuf,
    /// A database without tables, or with Doorward's and nothing in them; or what a transfer of the same file, as it is
    /// now, has left.
    pub to: Address,
    /// How the target is written to. An operation moves a whole batch: it takes longer than a server's.
    pub options: PostgresOptions,
    /// What chains the audit log of both.
    pub key: AuditChainKey,
    /// Rows to a transaction: what is done again, at the most, by a transfer that was killed.
    pub batch: u32,
}

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferProgress {
    /// Rows that are durable in the target, and those that were compared after that.
    pub done: u64,
    /// What that will be at the end.
    pub total: u64,
}

/// The tables whose rows are moved, in the order in which they are. The counters beside them are written last.
pub fn tables() -> impl Iterator<Item = &'static str> {
    table::names()
}

impl Transfer {
    /// Moves everything and compares both sides; every table with what was found in it. When it is over, nodes may serve
    /// from the target.
    ///
    /// Of two transfers into one database at once, one fails. Made for a program that does nothing else meanwhile: the file
    /// is read on the thread that polls this. Needs a Tokio runtime with time and I/O.
    ///
    /// # Errors
    /// [`TransferError`], which says what to do. Unless the target is complete, no node starts on it.
    pub async fn run(
        self,
        mut progress: impl FnMut(TransferProgress),
    ) -> Result<Vec<TableCheck>, TransferError> {
        let Self { from, to, options, key, batch } = self;
        let opened = key.clone();
        let source = spawn_blocking(move || Snapshot::take(&from, opened)).await;
        let source = source.map_err(|_| read(Trouble::Panicked.into()))??;
        let tables: Vec<_> = table::all(&source.sql).await.map_err(read)?.into_iter().map(Arc::new).collect();
        let state = State::read(&source.sql).await.map_err(read)?;
        let fingerprint = fingerprint(&source, &tables, state).await.map_err(read)?;
        let target = PostgresStore::receiving(to, options, key, fingerprint).await?;

        let mut counted = Counted { progress: &mut progress, done: 0, total: 0 };
        for table in &tables {
            counted.total += 2 * table.count(&source.sql).await.map_err(read)?;
        }
        for table in &tables {
            move_table(&source, &target, table, batch, &mut counted).await?;
        }
        let written = target.database.write(None, writes!(state => |sql| state.write(sql))).await;
        written.map_err(TransferError::Write)?;

        let checks = compare(&source, &target, &tables, batch, &mut counted).await?;
        if !source.is_unchanged()? {
            return Err(TransferError::SourceChanged);
        }
        if !checks.iter().all(TableCheck::is_same) {
            return Err(TransferError::Differs(checks));
        }
        target.transfer_is_complete().await.map_err(TransferError::Write)?;
        Ok(checks)
    }
}

fn read(failure: Failure) -> TransferError {
    TransferError::Read(failure.into_error())
}

/// Tells the progress.
struct Counted<'a, P> {
    progress: &'a mut P,
    done: u64,
    total: u64,
}

impl<P: FnMut(TransferProgress)> Counted<'_, P> {
    fn add(&mut self, rows: u64) {
        self.done += rows;
        (self.progress)(TransferProgress { done: self.done, total: self.total });
    }
}

/// What a source is known by: a transfer goes on only with the one it was begun with, as it was then. Nearly every write
/// moves the end of the audit log; what does not, shows in the comparison.
async fn fingerprint(source: &Snapshot, tables: &[Arc<Table>], state: State) -> Result<[u8; 32], Failure> {
    let mut digest = Digest::default();
    digest.row(params![source.schema_version(), state.feed_seq, state.highest_time]);
    for table in tables.iter().filter(|table| table.name == table::CHAINS) {
        let rows = table.page(&source.sql, None, u32::MAX).await?;
        rows.iter().for_each(|row| digest.row(row.as_slice()));
    }
    Ok(digest.finish().sha256)
}

/// Moves the rows that are not in the target yet.
async fn move_table<P: FnMut(TransferProgress)>(
    source: &Snapshot,
    target: &PostgresStore,
    table: &Arc<Table>,
    batch: u32,
    counted: &mut Counted<'_, P>,
) -> Result<(), TransferError> {
    let there = Arc::clone(table);
    let there = target.database.read(Reading::LongSnapshot, reads!(there => |sql| there.extent(sql)));
    let (rows, mut after) = there.await.map_err(TransferError::Write)?;
    counted.add(rows);
    loop {
        let rows = table.page(&source.sql, after.as_ref(), batch).await.map_err(read)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(table.key_of(last));
        let (table, count) = (Arc::clone(table), u64::try_from(rows.len()).unwrap_or(u64::MAX));
        let inserted = target.database.write(None, writes!(table, rows => |sql| table.insert(sql, rows)));
        inserted.await.map_err(TransferError::Write)?;
        counted.add(count);
    }
}

/// Reads every row of both sides.
async fn compare<P: FnMut(TransferProgress)>(
    source: &Snapshot,
    target: &PostgresStore,
    tables: &[Arc<Table>],
    batch: u32,
    counted: &mut Counted<'_, P>,
) -> Result<Vec<TableCheck>, TransferError> {
    let mut checks = Vec::new();
    for table in tables {
        let name = table.name;
        let sent = table.checksum(&source.sql, batch).await.map_err(read)?;
        let table = Arc::clone(table);
        let arrived = target
            .database
            .read(Reading::LongSnapshot, reads!(table, batch => |sql| table.checksum(sql, *batch)))
            .await
            .map_err(TransferError::Write)?;
        checks.push(TableCheck { table: name, sent, arrived });
        counted.add(sent.rows);
    }
    let sent = State::read(&source.sql).await.map_err(read)?.checksum();
    let arrived = target.database.read(Reading::Snapshot, |sql| Box::pin(State::read(sql))).await;
    let arrived = arrived.map_err(TransferError::Write)?.checksum();
    checks.push(TableCheck { table: state::TABLE, sent, arrived });
    Ok(checks)
}
