//! The events of an older database are counted, and found by their times.

use doorward_core::{
    audit::AuditFilter,
    console_store::ConsoleStore,
    page::PageRequest,
    statistics::{EventCount, HOUR},
    store::Store,
};
use doorward_testkit::builders::{START, audit_key};
use rusqlite::params;
use tempfile::TempDir;

use super::first_version;
use crate::sqlite::{SqliteOptions, SqliteStore};

#[tokio::test]
async fn the_events_of_an_older_database_are_counted_and_found_by_time() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    let old = first_version(&path);
    let hour = START.beginning_of(HOUR);
    for (at, reason) in [(hour, Some("a")), (hour.plus(HOUR), None), (hour, Some("a")), (hour, Some("b"))] {
        old.execute(
            "INSERT INTO audit (name, outcome, at, actor, user_agent, reason, details)
             VALUES ('login.refused', 'refused', ?1, 'anonymous', '', ?2, '[]')",
            params![at.as_millis(), reason],
        )
        .unwrap();
    }
    let store = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
    let counts = store.event_counts(hour, hour.plus(2 * HOUR)).await.unwrap();
    let count = |hour, reason: Option<&str>, count| EventCount {
        hour,
        name: "login.refused".to_owned(),
        reason: reason.map(str::to_owned),
        count,
    };
    let expected = [count(hour, Some("a"), 2), count(hour, Some("b"), 1), count(hour.plus(HOUR), None, 1)];
    assert_eq!(counts, expected);
    let filter = AuditFilter { after: Some(hour), before: Some(hour.plus(HOUR)), ..AuditFilter::default() };
    let page = PageRequest { after: None, limit: 10 };
    let found = store.audit(&filter, page).await.unwrap().items;
    assert_eq!(found.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [4, 3, 1]);
}
