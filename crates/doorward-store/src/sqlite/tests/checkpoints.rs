//! The write-ahead log is moved into the file beside the writer, and begins anew.

use std::{
    ffi::c_int,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rusqlite::{Connection, hooks::Wal};
use tempfile::TempDir;

use crate::sqlite::{
    checkpoints::{Checkpoints, LONG, SOON},
    connection::{create_private, open_writer},
};

const WITHIN: Duration = Duration::from_secs(60);

/// A connection whose checkpoints can be looked at, and how many pages its log held after the last commit.
struct Watched {
    connection: Connection,
    checkpoints: Arc<Mutex<Checkpoints>>,
    pages: Arc<Mutex<c_int>>,
}

impl Watched {
    fn open(path: &Arc<Path>) -> Self {
        create_private(path).unwrap();
        let mut connection = open_writer(path, WITHIN).unwrap();
        let checkpoints = Arc::new(Mutex::new(Checkpoints::of(Arc::clone(path), WITHIN)));
        let pages = Arc::new(Mutex::new(0));
        let (looked_at, seen) = (Arc::clone(&checkpoints), Arc::clone(&pages));
        let hook = move |log: &mut Wal, pages| {
            *seen.lock().unwrap() = pages;
            looked_at.lock().unwrap().after_commit(log, pages);
            Ok(())
        };
        connection.wal_hook(Some(hook)).unwrap();
        connection.execute_batch("CREATE TABLE filling (bytes BLOB)").unwrap();
        Self { connection, checkpoints, pages }
    }

    fn write_pages(&self, pages: c_int) {
        let bytes = i64::from(pages) * 4096;
        self.connection.execute("INSERT INTO filling VALUES (zeroblob(?1))", [bytes]).unwrap();
    }

    fn is_under_way(&self) -> bool {
        self.checkpoints.lock().unwrap().under_way().is_some()
    }

    fn pages(&self) -> c_int {
        *self.pages.lock().unwrap()
    }

    /// Waits until what is under way is over, and commits.
    #[expect(clippy::disallowed_methods, reason = "another thread is waited for")]
    fn go_on(&self) {
        let deadline = Instant::now() + WITHIN;
        while self.checkpoints.lock().unwrap().under_way().is_some_and(|moving| !moving.is_finished()) {
            assert!(Instant::now() < deadline, "it never ends");
            std::thread::yield_now();
        }
        self.write_pages(1);
        assert!(!self.is_under_way());
    }
}

#[test]
fn a_long_log_is_moved_beside_the_writer_and_begins_anew() {
    let directory = TempDir::new().unwrap();
    let watched = Watched::open(&directory.path().join("doorward.db").into());
    watched.write_pages(LONG / 2);
    assert!(!watched.is_under_way(), "it is short");
    watched.write_pages(LONG / 2);
    assert!(watched.is_under_way(), "the commit does not wait");
    watched.go_on();
    watched.write_pages(1);
    assert!(watched.pages() < LONG / 2, "it has begun anew, with {}", watched.pages());
}

/// Under load somebody reads nearly always when the last pages are to be moved.
#[test]
fn a_log_that_somebody_read_at_the_wrong_moment_begins_anew_soon() {
    let directory = TempDir::new().unwrap();
    let path: Arc<Path> = directory.path().join("doorward.db").into();
    let watched = Watched::open(&path);
    let reader = open_writer(&path, WITHIN).unwrap();
    watched.write_pages(LONG - SOON);
    reader.execute_batch("BEGIN; SELECT count(*) FROM filling").unwrap();
    watched.write_pages(SOON);
    assert!(watched.is_under_way());
    watched.go_on();
    reader.execute_batch("COMMIT").unwrap();
    watched.write_pages(SOON);
    assert!(!watched.is_under_way() && watched.pages() > LONG, "the writer moves few pages by itself");
    watched.write_pages(1);
    assert!(watched.pages() < LONG, "it has begun anew, with {}", watched.pages());
}

/// Whoever reads for long keeps the log from beginning anew, and must not have it moved at each commit.
#[test]
fn a_log_that_somebody_reads_is_moved_again_only_when_it_has_grown() {
    let directory = TempDir::new().unwrap();
    let path: Arc<Path> = directory.path().join("doorward.db").into();
    let watched = Watched::open(&path);
    let reader = open_writer(&path, WITHIN).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM filling").unwrap();
    watched.write_pages(LONG);
    assert!(watched.is_under_way());
    watched.go_on();
    watched.write_pages(1);
    assert!(!watched.is_under_way() && watched.pages() > LONG);
    watched.write_pages(LONG);
    assert!(watched.is_under_way(), "it has grown");
    reader.execute_batch("COMMIT").unwrap();
    watched.go_on();
    watched.write_pages(1);
    assert!(watched.pages() < LONG, "it has begun anew, with {}", watched.pages());
}

/// Whoever closes a database may move its file next.
#[test]
fn no_thread_is_left_when_a_database_is_closed() {
    let directory = TempDir::new().unwrap();
    let path: Arc<Path> = directory.path().join("doorward.db").into();
    let watched = Watched::open(&path);
    watched.write_pages(LONG);
    assert!(watched.is_under_way());
    drop(watched);
    assert_eq!(Arc::strong_count(&path), 1, "each has a hold of the path");
    assert!(!directory.path().join("doorward.db-wal").exists(), "who closes last takes the log away");
}
