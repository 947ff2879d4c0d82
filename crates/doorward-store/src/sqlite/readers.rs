//! The threads that read, each on a connection of its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use doorward_core::store::StoreError;
use futures_channel::oneshot;
use rusqlite::Connection;

use super::transaction::SqliteTransaction;
use crate::failure::{Failure, Trouble};

type Job = Box<dyn FnOnce(&SqliteTransaction) + Send>;

/// Runs queries, each on one snapshot of the database.
pub(crate) struct Readers {
    // None only while the readers are being dropped.
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts a thread for each connection. At most `queue_length` queries wait.
    pub(crate) fn start(connections: Vec<Connection>, queue_length: usize) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(queue_length);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut readers = Self { queue: Some(queue), threads: Vec::new() };
        for connection in connections {
            let waiting = Arc::clone(&waiting);
            let sql = SqliteTransaction::on(connection);
            let thread = std::thread::Builder::new()
                .name("doorward-reader".to_owned())
                .spawn(move || answer_queries(&sql, &waiting))?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Runs `query` on a snapshot that holds everything acknowledged before.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&SqliteTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |sql| {
            // Whoever asked may have gone away meanwhile.
            drop(answer.send(on_a_snapshot(sql, query).map_err(Failure::into_error)));
        });
        let queue = self.queue.as_ref().ok_or(Trouble::ShutDown)?;
        queue.try_send(job).map_err(Trouble::of_queue)?;
        answered.await.map_err(|oneshot::Canceled| Trouble::ShutDown)?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // A panic of the thread has been answered already: its callers saw their channels close.
            drop(thread.join());
        }
    }
}

/// Until the store is dropped.
fn answer_queries(sql: &SqliteTransaction, waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting, and given back before working.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic drops the channel inside the job, which answers its caller.
        drop(catch_unwind(AssertUnwindSafe(|| job(sql))));
        if !sql.connection().is_autocommit() {
            // If this fails, so does the next BEGIN, and its caller is answered that the store is unavailable.
            drop(sql.connection().execute_batch("ROLLBACK"));
        }
    }
}

fn on_a_snapshot<T>(
    sql: &SqliteTransaction,
    query: impl FnOnce(&SqliteTransaction) -> Result<T, Failure>,
) -> Result<T, Failure> {
    sql.connection().prepare_cached("BEGIN")?.execute([])?;
    let found = query(sql)?;
    sql.connection().prepare_cached("COMMIT")?.execute([])?;
    Ok(found)
}
