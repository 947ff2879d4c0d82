//! What the disk does to us, and what becomes of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use doorward_core::{
    audit::{AuditFilter, EventName},
    page::PageRequest,
    store::{RevokeWhich, SessionProof, Store, StoreError},
};
use doorward_testkit::builders::{START, advance, opening, write};

use super::Scratch;
use crate::sqlite::verify_backup;

#[tokio::test]
async fn a_full_disk_stops_writes_and_neither_reads_nor_what_is_there() {
    let scratch = Scratch::new();
    let (store, scene) = (&scratch.store, &scratch.scene);
    let user = scene.user();
    let session = scene.session(&user.user);
    let proof = || SessionProof::password(user.password.clone().unwrap());
    store.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
    let login = || write(EventName::LoginSucceeded, START);
    store.open_session(login(), proof(), opening(session.clone())).await.unwrap();

    // No page more than there are.
    assert!(scratch.batch("PRAGMA max_page_count = 1").await);
    let mut opened = vec![session.id];
    let refused = loop {
        let another = scene.session(&user.user);
        match store.open_session(login(), proof(), opening(another.clone())).await {
            Ok(_) => opened.push(another.id),
            Err(error) => break error,
        }
        assert!(opened.len() < 10_000, "the disk never gets full");
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    let unwritten = scene.session(&user.user);
    for _ in 0..20 {
        let refused = store.open_session(login(), proof(), opening(unwritten.clone())).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    }
    for id in &opened {
        assert!(store.session(*id).await.unwrap().is_some());
    }
    assert!(store.session_alone(unwritten.id).await.unwrap().is_none());

    assert!(scratch.batch("PRAGMA max_page_count = 1000000").await);
    store.open_session(login(), proof(), opening(unwritten.clone())).await.unwrap();
    let refreshed = write(EventName::SessionRefreshed, START);
    store.advance_refresh(refreshed, advance(&session, START)).await.unwrap();
    let all = RevokeWhich::AllOf { user: user.user.id, except: None };
    let revoked = store.revoke_sessions(write(EventName::SessionRevoked, START), all, "x").await.unwrap();
    assert_eq!(revoked.sessions.len(), opened.len() + 1);
    assert_eq!(store.feed(0, 9).await.unwrap().entries[0].seq, 1);
    verify_backup(&scratch.directory.path().join("doorward.db")).unwrap();
}

#[tokio::test]
async fn a_commit_that_fails_is_unavailable_for_the_whole_group_and_leaves_nothing() {
    let fails = Arc::new(AtomicBool::new(true));
    let hook = Arc::clone(&fails);
    let scratch = Scratch::asking(move || hook.load(Ordering::SeqCst));
    assert!(!scratch.record().await);
    // A refusal that was decided on what is lost now is no refusal either.
    let user = scratch.scene.user();
    let create = || scratch.store.create_user(write(EventName::UserCreated, START), user.clone(), None);
    let (first, second) = tokio::join!(create(), create());
    for result in [first, second] {
        assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    }
    fails.store(false, Ordering::SeqCst);
    create().await.unwrap();
    let (filter, page) = (AuditFilter::default(), PageRequest { after: None, limit: 9 });
    assert_eq!(scratch.store.audit(&filter, page).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_is_unavailable_and_the_next_works() {
    let scratch = Scratch::new();
    assert!(!scratch.batch("ROLLBACK").await);
    assert!(scratch.record().await);
    assert!(!scratch.batch("COMMIT").await);
    assert!(scratch.record().await);
}

#[tokio::test]
async fn another_process_that_holds_the_lock_makes_writes_unavailable_and_not_reads() {
    let options = crate::SqliteOptions {
        busy_timeout: std::time::Duration::from_millis(20),
        ..crate::SqliteOptions::default()
    };
    let scratch = Scratch::with(options);
    let other = rusqlite::Connection::open(scratch.directory.path().join("doorward.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(!scratch.record().await);
    assert!(scratch.store.feed(0, 1).await.is_ok());
    other.execute_batch("COMMIT").unwrap();
    assert!(scratch.record().await);
}

#[tokio::test]
async fn a_reader_cannot_write_and_a_writer_waits_for_the_disk() {
    let scratch = Scratch::new();
    let written = scratch
        .store
        .database
        .readers
        .read(|c| Ok(c.connection().execute("UPDATE state SET feed_seq = 9", [])?))
        .await;
    assert!(written.is_err());
    for (pragma, expected) in [("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1")] {
        let value = scratch.store.database.writer.write(None, move |c| {
            let text = c.connection().pragma_query_value(None, pragma, |row| {
                row.get::<_, rusqlite::types::Value>(0).map(|value| match value {
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    rusqlite::types::Value::Text(text) => text,
                    _ => String::new(),
                })
            })?;
            Ok(text)
        });
        assert_eq!(value.await.unwrap(), expected, "{pragma}");
    }
}

#[tokio::test]
async fn names_and_the_audit_log_cannot_be_rewritten() {
    let scratch = Scratch::new();
    let user = scratch.scene.user();
    scratch.store.create_user(write(EventName::UserCreated, START), user, None).await.unwrap();
    for statement in [
        "DELETE FROM names",
        "UPDATE names SET name = 'x'",
        "DELETE FROM audit",
        "UPDATE audit SET reason = 'x'",
    ] {
        assert!(!scratch.batch(statement).await, "{statement}");
    }
}
