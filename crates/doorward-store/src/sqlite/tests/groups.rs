//! Commits are shared, failures are not, and nobody hangs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use doorward_core::{
    audit::{AuditFilter, EventName},
    page::PageRequest,
    store::{Store, StoreError},
};
use doorward_testkit::builders::{START, audit_key, write};
use futures_channel::oneshot;
use tokio::task::JoinHandle;

use super::Scratch;
use crate::{
    failure::Failure,
    sql::Sql,
    sqlite::{SqliteOptions, chain::ChainWriter, transaction::SqliteTransaction, writer::Writer},
};

/// Holds the writer up until it is told to go on.
struct Held {
    go_on: mpsc::Sender<()>,
    operation: JoinHandle<Result<(), StoreError>>,
}

async fn hold(scratch: &Arc<Scratch>) -> Held {
    let (go_on, wait) = mpsc::channel();
    let (started, has_started) = oneshot::channel();
    let scratch = Arc::clone(scratch);
    let operation = tokio::spawn(async move {
        let held = move |_: &SqliteTransaction| {
            started.send(()).unwrap();
            wait.recv().unwrap();
            Ok::<(), Failure>(())
        };
        scratch.store.database.writer.write(None, held).await
    });
    has_started.await.unwrap();
    Held { go_on, operation }
}

/// Lets tasks run until each waits for something.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_waits_shares_one_commit() {
    let commits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&commits);
    let scratch = Arc::new(Scratch::asking(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        false
    }));
    let held = hold(&scratch).await;
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let scratch = Arc::clone(&scratch);
            tokio::spawn(async move { scratch.record().await })
        })
        .collect();
    settle().await;
    held.go_on.send(()).unwrap();
    for operation in waiting {
        assert!(operation.await.unwrap());
    }
    held.operation.await.unwrap().unwrap();
    assert_eq!(commits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_recovers() {
    let options = SqliteOptions { write_queue_length: 3, ..SqliteOptions::default() };
    let scratch = Arc::new(Scratch::with(options));
    let held = hold(&scratch).await;
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let scratch = Arc::clone(&scratch);
            tokio::spawn(async move { scratch.record().await })
        })
        .collect();
    settle().await;
    assert!(!scratch.record().await);
    assert!(scratch.store.feed(0, 1).await.is_ok());
    held.go_on.send(()).unwrap();
    for operation in waiting {
        assert!(operation.await.unwrap());
    }
    assert!(scratch.record().await);
}

#[tokio::test]
async fn a_panic_undoes_its_own_operation_only() {
    let scratch = Arc::new(Scratch::new());
    let held = hold(&scratch).await;
    let neighbours: Vec<_> = (0..6)
        .map(|number| {
            let scratch = Arc::clone(&scratch);
            tokio::spawn(async move {
                if number != 3 {
                    return scratch.record().await;
                }
                let panics = |c: &SqliteTransaction| -> Result<(), Failure> {
                    c.connection().execute("UPDATE state SET feed_seq = 99", [])?;
                    panic!("as the test wants it");
                };
                scratch.store.database.writer.write(None, panics).await.is_ok()
            })
        })
        .collect();
    settle().await;
    held.go_on.send(()).unwrap();
    let mut results = Vec::new();
    for neighbour in neighbours {
        results.push(neighbour.await.unwrap());
    }
    assert_eq!(results, [true, true, true, false, true, true]);
    assert_eq!(scratch.store.feed(0, 1).await.unwrap().last_seq, 0);
    let reader =
        scratch.store.database.readers.read(|_| -> Result<(), Failure> { panic!("as the test wants it") });
    assert!(reader.await.is_err());
    assert!(scratch.store.check().await.is_ok());
}

/// What an operation of the writer comes to after it has added an event.
#[derive(Clone, Copy)]
enum End {
    Success,
    Failure,
    Panic,
}

async fn tell(scratch: &Scratch, number: u64, end: End) -> bool {
    let event = write(EventName::LoginRefused, START).audit.with("number", number);
    let operation = move |sql: &SqliteTransaction| {
        sql.append(&event)?;
        match end {
            End::Success => Ok(()),
            End::Failure => Err(StoreError::Stale.into()),
            End::Panic => panic!("as the test wants it"),
        }
    };
    scratch.store.database.writer.write(None, operation).await.is_ok()
}

/// The log from its beginning on, by the numbers that [`tell`] was given.
async fn told(scratch: &Scratch) -> Vec<String> {
    let page = PageRequest { after: None, limit: 100 };
    let entries = scratch.store.audit(&AuditFilter::default(), page).await.unwrap().items;
    entries.into_iter().rev().flat_map(|entry| entry.details).map(|(_, number)| number).collect()
}

#[tokio::test]
async fn the_log_tells_of_no_operation_that_failed_beside_others() {
    let scratch = Arc::new(Scratch::new());
    let held = hold(&scratch).await;
    let ends = [End::Failure, End::Success, End::Panic, End::Success, End::Failure];
    let neighbours: Vec<_> = (0..)
        .zip(ends)
        .map(|(number, end)| {
            let scratch = Arc::clone(&scratch);
            tokio::spawn(async move { tell(&scratch, number, end).await })
        })
        .collect();
    settle().await;
    held.go_on.send(()).unwrap();
    for neighbour in neighbours {
        neighbour.await.unwrap();
    }
    assert_eq!(told(&scratch).await, ["1", "3"]);
}

#[tokio::test]
async fn the_log_tells_nothing_of_a_group_that_was_lost() {
    let refused = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&refused);
    let scratch = Scratch::asking(move || counter.fetch_add(1, Ordering::SeqCst) == 0);
    assert!(!tell(&scratch, 0, End::Success).await);
    assert!(tell(&scratch, 1, End::Success).await);
    let lost = |sql: &SqliteTransaction| {
        sql.append(&write(EventName::LoginRefused, START).audit.with("number", 2))?;
        // As SQLite does by itself after some failures of the disk.
        sql.connection().execute_batch("ROLLBACK")?;
        Ok::<(), Failure>(())
    };
    assert!(scratch.store.database.writer.write(None, lost).await.is_err());
    assert!(tell(&scratch, 3, End::Success).await);
    assert_eq!(told(&scratch).await, ["1", "3"]);
}

#[tokio::test]
async fn what_was_waiting_when_the_store_was_dropped_is_done() {
    let scratch = Arc::new(Scratch::new());
    let held = hold(&scratch).await;
    let operation = {
        let scratch = Arc::clone(&scratch);
        tokio::spawn(async move { scratch.record().await })
    };
    settle().await;
    held.go_on.send(()).unwrap();
    assert!(operation.await.unwrap());
    held.operation.await.unwrap().unwrap();
    // The last handle: blocks until the threads have ended, or the test would never do.
    drop(Arc::into_inner(scratch).unwrap());
}

#[tokio::test]
async fn a_writer_that_is_gone_is_unavailable() {
    let scratch = Scratch::new();
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let mut writer =
        Writer::start(SqliteTransaction::on(connection), ChainWriter::new(audit_key()), 1).unwrap();
    writer.stop();
    let result = writer.write(None, |_| Ok(())).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    drop(scratch);
}
