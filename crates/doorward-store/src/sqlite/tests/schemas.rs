//! A database that is not what it should be stops the start, and says what is wrong.

use std::{path::PathBuf, sync::Arc, thread};

use doorward_testkit::builders::audit_key;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{OpenError, SqliteOptions, SqliteStore, sqlite::migrate::newest_version};

/// A database after some statements were run on it behind our back.
fn tampered(sql: &str) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    drop(open(&path).unwrap());
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    (directory, path)
}

fn open(path: &std::path::Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, SqliteOptions::default(), audit_key())
}

fn refusal(sql: &str) -> String {
    let (_directory, path) = tampered(sql);
    let error = open(&path).err().unwrap().to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    error
}

#[test]
fn a_schema_that_was_changed_is_refused_and_the_difference_named() {
    for (sql, difference) in [
        ("DROP INDEX sessions_by_end", "index sessions_by_end is missing"),
        ("DROP TRIGGER audit_is_not_shortened", "trigger audit_is_not_shortened is missing"),
        ("CREATE TABLE notes (text TEXT)", "table notes does not belong there"),
        ("ALTER TABLE users ADD COLUMN phone TEXT", "table users is"),
        ("UPDATE migrations SET statements = statements || ' '", "migration 1 was another one"),
        ("DELETE FROM migrations", "migration 1 was another one"),
    ] {
        let error = refusal(sql);
        assert!(error.contains(difference), "{sql}: {error}");
    }
    // Statistics are no difference.
    let (_directory, path) = tampered("ANALYZE");
    open(&path).unwrap();
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let known = newest_version();
    let newer = known + 1;
    let error = refusal(&format!("PRAGMA user_version = {newer}"));
    let told = format!("newer Doorward (schema {newer}, this version knows {known})");
    assert!(error.contains(&told), "{error}");
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("other.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(open(&path), Err(OpenError::NotDoorward { .. })));
    assert!(std::fs::read(&path).unwrap() == before);
    std::fs::write(&path, "no database at all, but some text that is long enough to have a header").unwrap();
    assert!(matches!(open(&path), Err(OpenError::Sqlite { .. })));
}

#[test]
fn an_empty_file_becomes_a_database_and_a_missing_directory_is_named() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("empty.db");
    std::fs::write(&path, "").unwrap();
    open(&path).unwrap();
    let missing = directory.path().join("missing").join("doorward.db");
    let error = open(&missing).err().unwrap().to_string();
    assert!(error.contains("missing"), "{error}");
}

#[test]
fn eight_that_start_at_once_on_no_database_make_one() {
    let directory = TempDir::new().unwrap();
    let path = Arc::new(directory.path().join("doorward.db"));
    let starting: Vec<_> = (0..8)
        .map(|_| {
            let path = Arc::clone(&path);
            thread::spawn(move || open(&path).map(|_| ()))
        })
        .collect();
    for start in starting {
        start.join().unwrap().unwrap();
    }
}
