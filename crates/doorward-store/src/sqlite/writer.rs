//! The one thread that writes, and how it shares an fsync among everyone who is waiting.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use doorward_core::{store::StoreError, time::Timestamp};
use futures_channel::oneshot;

use super::{audit_lines::AuditLines, chain::ChainWriter, transaction::SqliteTransaction};
use crate::failure::{Failure, Trouble};

/// The most operations in one transaction: bounds how long the first of them waits for the last.
const MAX_GROUP: usize = 256;

/// Runs operations one at a time, in groups that are committed together.
pub(crate) struct Writer {
    // Both are none once the writer was stopped.
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. At most `queue_length` operations wait.
    pub(crate) fn start(
        sql: SqliteTransaction,
        chain: ChainWriter,
        queue_length: usize,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(queue_length);
        let thread = std::thread::Builder::new()
            .name("doorward-writer".to_owned())
            .spawn(move || write_groups(&sql, chain, &waiting))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` in a savepoint of its own and answers once its effect is durable. `now` is recorded as a time
    /// the store has seen, if `work` succeeds.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        now: Option<Timestamp>,
        work: impl FnOnce(&SqliteTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Operation { now, work: Some(work), result: Err(Trouble::Panicked.into()), answer };
        // Never waits for room: under a flood the caller learns at once that it has to come back later.
        let queue = self.queue.as_ref().ok_or(Trouble::ShutDown)?;
        queue.try_send(Box::new(job)).map_err(Trouble::of_queue)?;
        answered.await.map_err(|oneshot::Canceled| Trouble::ShutDown)?
    }
}

impl Writer {
    /// Ends the thread after what is waiting is done.
    pub(crate) fn stop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been answered already: its callers saw their channels close.
            drop(thread.join());
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// An operation of any type.
trait Job: Send {
    /// Runs the operation and keeps its result. The time to be recorded, if it succeeded.
    fn run(&mut self, sql: &SqliteTransaction) -> Ran;
    /// Answers with the kept result, or with why its transaction was not committed.
    fn answer(self: Box<Self>, lost: Option<Trouble>);
}

/// What became of an operation within its savepoint.
enum Ran {
    Succeeded(Option<Timestamp>),
    Failed,
}

struct Operation<T, F> {
    now: Option<Timestamp>,
    work: Option<F>,
    result: Result<T, StoreError>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Operation<T, F>
where
    T: Send,
    F: FnOnce(&SqliteTransaction) -> Result<T, Failure> + Send,
{
    fn run(&mut self, sql: &SqliteTransaction) -> Ran {
        if let Some(work) = self.work.take() {
            self.result = work(sql).map_err(Failure::into_error);
        }
        if self.result.is_ok() { Ran::Succeeded(self.now) } else { Ran::Failed }
    }

    fn answer(self: Box<Self>, lost: Option<Trouble>) {
        // Whoever asked may have gone away meanwhile; what is committed stays.
        drop(self.answer.send(lost.map_or(self.result, |trouble| Err(trouble.into()))));
    }
}

/// Until the store is dropped.
fn write_groups(sql: &SqliteTransaction, mut chain: ChainWriter, waiting: &Receiver<Box<dyn Job>>) {
    let mut audit_lines = AuditLines::from_here(&sql.connection());
    while let Ok(first) = waiting.recv() {
        let mut group = Vec::new();
        let committed = run_group(sql, &mut chain, first, waiting, &mut group);
        if !sql.connection().is_autocommit() {
            // If this fails too, the next BEGIN does, and everyone is answered that the store is unavailable.
            drop(sql.connection().execute_batch("ROLLBACK"));
        }
        sql.keep_events(0);
        let lost = committed.err().map(|error| Trouble::NotCommitted(Arc::new(error.into_error())));
        for job in group {
            job.answer(lost.clone());
        }
        if lost.is_none() {
            audit_lines.write(&sql.connection());
        }
    }
}

/// Runs everything that is waiting, and what arrives meanwhile, in one transaction. Everything taken from the
/// queue is in `group` afterwards, whether or not it was committed: nobody is told "refused" on the strength of
/// a neighbour's write that then was lost.
fn run_group(
    sql: &SqliteTransaction,
    chain: &mut ChainWriter,
    first: Box<dyn Job>,
    waiting: &Receiver<Box<dyn Job>>,
    group: &mut Vec<Box<dyn Job>>,
) -> Result<(), Failure> {
    group.push(first);
    // IMMEDIATE, because the command line may be writing from another process: a transaction that reads first and
    // asks for the lock later can only fail.
    let begun = sql.connection().execute_batch("BEGIN IMMEDIATE");
    if let Err(error) = begun {
        // Whoever waits has waited for the lock as long as this one.
        group.extend(waiting.try_iter().take(MAX_GROUP));
        return Err(error.into());
    }
    let mut highest: Option<Timestamp> = None;
    let mut done = 0;
    while let Some(job) = group.get_mut(done) {
        if let Ran::Succeeded(now) = run_in_savepoint(sql, job.as_mut())? {
            highest = highest.max(now);
        }
        done += 1;
        if group.len() == done && done < MAX_GROUP {
            group.extend(waiting.try_recv());
        }
    }
    if let Some(highest) = highest {
        sql.connection()
            .prepare_cached("UPDATE state SET highest_time = ?1 WHERE highest_time < ?1")?
            .execute([highest.as_millis()])?;
    }
    let end = chain.write_waiting(sql)?;
    sql.connection().execute_batch("COMMIT")?;
    chain.committed(end);
    Ok(())
}

/// Runs one operation so that its failure undoes it and nothing else.
///
/// # Errors
/// When the whole transaction is lost, as SQLite does on its own after some failures of the disk.
fn run_in_savepoint(sql: &SqliteTransaction, job: &mut dyn Job) -> rusqlite::Result<Ran> {
    let events_before = sql.count_events();
    sql.connection().prepare_cached("SAVEPOINT operation")?.execute([])?;
    let ran = catch_unwind(AssertUnwindSafe(|| job.run(sql))).unwrap_or(Ran::Failed);
    if matches!(ran, Ran::Failed) {
        sql.connection().prepare_cached("ROLLBACK TO operation")?.execute([])?;
        sql.keep_events(events_before);
    }
    sql.connection().prepare_cached("RELEASE operation")?.execute([])?;
    Ok(ran)
}
