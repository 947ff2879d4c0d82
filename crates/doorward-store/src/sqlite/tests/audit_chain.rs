//! The chain in the file: how old databases come into it, and what becomes of a file that somebody else wrote to while
//! it is open.

use std::{path::Path, time::Duration};

use doorward_core::{
    audit::{AuditEvent, AuditFilter, EventName},
    audit_chain::AuditChainKey,
    audit_report::{AuditReport, FindingKind},
    audit_verification::AuditVerification,
    master::{MasterSecret, ServerKeys},
    page::PageRequest,
    store::{AuditRetention, CleanUp, Store},
    time::Timestamp,
};
use doorward_testkit::builders::{START, audit_key, write};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::{Scratch, first_version};
use crate::sqlite::{OpenError, SqliteOptions, SqliteStore, verify_audit};

fn key(letter: &str, previous: &[&str]) -> AuditChainKey {
    let master = |letter: &str| MasterSecret::parse(&format!("{}A", letter.repeat(42))).unwrap();
    let previous: Vec<_> = previous.iter().map(|letter| master(letter)).collect();
    ServerKeys::derive(&master(letter), &previous).unwrap().audit_chain_key()
}

fn event(millis: u64) -> AuditEvent {
    write(EventName::LoginRefused, START.plus(Duration::from_millis(millis))).audit.with("number", millis)
}

async fn record(store: &SqliteStore, events: std::ops::Range<u64>) {
    for number in events {
        store.record(event(number)).await.unwrap();
    }
}

fn report(path: &Path, key: &AuditChainKey) -> AuditReport {
    verify_audit(path, key, AuditVerification::default(), Box::new(|_, _| {})).unwrap()
}

fn findings(path: &Path) -> Vec<(Option<u64>, FindingKind)> {
    report(path, &audit_key()).findings.into_iter().map(|finding| (finding.seq, finding.kind)).collect()
}

/// Writes to the file as an intruder does: past the triggers, which are put back.
fn tamper(path: &Path, sql: &str) {
    let intruder = Connection::open(path).unwrap();
    let triggers: Vec<(String, String)> = intruder
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let drops: String = triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name};")).collect();
    let makes: String = triggers.iter().map(|(_, sql)| format!("{sql};")).collect();
    intruder.execute_batch(&format!("BEGIN IMMEDIATE; {drops} {sql}; {makes} COMMIT;")).unwrap();
}

fn path_in(scratch: &Scratch) -> std::path::PathBuf {
    scratch.directory.path().join("doorward.db")
}

/// The database of a version before the chain, with these rows' details.
fn before_the_chain(path: &Path, details: &[&str]) {
    let old = first_version(path);
    for details in details {
        old.execute(
            "INSERT INTO audit (name, outcome, at, actor, user_id, session_id, address, user_agent, request_id,
                reason, details)
             VALUES ('login.refused', 'refused', ?1, 'anonymous', NULL, ?2, '192.0.2.1', 'curl', NULL, 'r', ?3)",
            params![START.as_millis(), [7_u8; 16], details],
        )
        .unwrap();
    }
}

#[tokio::test]
async fn the_events_of_an_older_database_come_into_the_chain() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    before_the_chain(&path, &[r#"[["a","b"]]"#, "[]", "[]"]);
    assert!(matches!(
        verify_audit(&path, &audit_key(), AuditVerification::default(), Box::new(|_, _| {})),
        Err(OpenError::NotChained { .. })
    ));
    let store = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
    let page = PageRequest { after: None, limit: 10 };
    let events = store.audit(&AuditFilter::default(), page).await.unwrap().items;
    let seen: Vec<_> = events.iter().map(|event| (event.seq, event.details.len())).collect();
    assert_eq!(seen, [(4, 1), (3, 0), (2, 0), (1, 1)]);
    assert_eq!(events[1].address, Some([192, 0, 2, 1].into()));
    record(&store, 0..2).await;
    // Nothing vouches for what was there before: whoever gives the database the form of an earlier version, with rows of
    // their own, would have them signed.
    assert_eq!(
        (events[0].name.as_str(), &events[0].details),
        ("audit.chain_began", &vec![("rows".to_owned(), "3".to_owned())])
    );
    let began = (Some(4), FindingKind::Began);
    assert_eq!((findings(&path), report(&path, &audit_key()).rows), (vec![began.clone()], 6));
    tamper(&path, "UPDATE audit SET details = '[]' WHERE seq = 1");
    assert_eq!(findings(&path), [(Some(1), FindingKind::Changed), began]);
}

#[tokio::test]
async fn an_older_database_that_cannot_be_read_stays_as_it_was() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    before_the_chain(&path, &["[]", "nonsense"]);
    let refused = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).err().unwrap();
    assert!(matches!(refused, OpenError::Migration { .. }), "{refused}");
    let version = Connection::open(&path).unwrap().query_row(
        "SELECT max(version), (SELECT count(*) FROM audit) FROM migrations",
        [],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
    );
    assert_eq!(version.unwrap(), (1, 2));
}

#[tokio::test]
async fn only_what_retention_let_go_can_be_deleted_by_a_statement() {
    let scratch = Scratch::new();
    record(&scratch.store, 0..10).await;
    for statement in ["DELETE FROM audit", "DELETE FROM audit WHERE seq = 1", "DELETE FROM audit_chains"] {
        assert!(!scratch.batch(statement).await, "{statement}");
    }
    assert_eq!(scratch.store.clean_up(trim(5, 2)).await.unwrap().audit_events, 2);
    assert!(!scratch.batch("DELETE FROM audit").await);
    assert!(!scratch.batch("DELETE FROM audit WHERE seq = 6").await);
    assert!(scratch.batch("DELETE FROM audit WHERE seq = 5").await);
}

fn trim(millis: u64, limit: u32) -> CleanUp {
    let never = Timestamp::from_millis(0);
    let before = START.plus(Duration::from_millis(millis));
    CleanUp {
        now: never,
        sessions_ended_before: never,
        keys_retired_before: never,
        attempts_expired_before: never,
        statistics_before: never,
        audit: Some(AuditRetention { now: START, remove_before: before, due_before: before }),
        limit,
    }
}

/// Whoever can write to the file must not have the server destroy the evidence for them.
#[tokio::test]
async fn a_forged_time_or_anchor_makes_retention_let_nothing_go() {
    let scratch = Scratch::new();
    let path = path_in(&scratch);
    record(&scratch.store, 0..10).await;
    tamper(&path, "UPDATE audit SET at = 0");
    assert_eq!(scratch.store.clean_up(trim(5, 100)).await.unwrap().audit_events, 0);
    assert_eq!(findings(&path).len(), 10);

    let scratch = Scratch::new();
    let path = path_in(&scratch);
    record(&scratch.store, 0..10).await;
    tamper(&path, "UPDATE audit SET at = 0 WHERE seq = 1; UPDATE audit SET at = at + 1000 WHERE seq = 2");
    // They go when what was written after them is old enough to go.
    assert_eq!(scratch.store.clean_up(trim(0, 100)).await.unwrap().audit_events, 0);
    assert_eq!(scratch.store.clean_up(trim(5, 100)).await.unwrap().audit_events, 5);
    tamper(&path, "UPDATE audit_chains SET anchor_seq = 9");
    assert_eq!(scratch.store.clean_up(trim(0, 100)).await.unwrap().audit_events, 0);
    assert_eq!(findings(&path)[0].1, FindingKind::AnchorForged);
}

#[tokio::test]
async fn a_head_put_back_under_a_running_server_is_not_written_after() {
    let scratch = Scratch::new();
    let path = path_in(&scratch);
    record(&scratch.store, 0..5).await;
    let intruder = Connection::open(&path).unwrap();
    intruder.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM audit_chains").unwrap();
    record(&scratch.store, 5..8).await;
    tamper(&path, "DELETE FROM audit WHERE seq > 5");
    intruder
        .execute_batch(
            "UPDATE audit_chains SET (head_seq, head_mac, head_key_id, head_tag) =
                (SELECT head_seq, head_mac, head_key_id, head_tag FROM kept)",
        )
        .unwrap();
    assert_eq!(findings(&path), [], "the file alone cannot tell");
    record(&scratch.store, 8..9).await;
    assert_eq!(findings(&path), [(Some(6), FindingKind::Restarted)]);
    record(&scratch.store, 9..12).await;
    assert_eq!(findings(&path).len(), 1, "once");
}

#[tokio::test]
async fn a_record_of_the_end_that_is_gone_or_forged_is_not_written_after() {
    for sql in [
        "DELETE FROM audit_chains",
        "UPDATE audit_chains SET head_seq = head_seq - 1",
        "UPDATE audit_chains SET head_mac = zeroblob(32)",
        "UPDATE audit_chains SET head_key_id = -1",
    ] {
        let scratch = Scratch::new();
        let path = path_in(&scratch);
        record(&scratch.store, 0..5).await;
        tamper(&path, sql);
        assert_eq!(findings(&path).len(), 1, "{sql}");
        record(&scratch.store, 5..7).await;
        assert_eq!(findings(&path), [(Some(6), FindingKind::Restarted)], "{sql}");
    }
}

/// A row that somebody added must not stop every write, nor be taken for one of ours.
#[tokio::test]
async fn a_row_added_at_the_end_is_found_and_writing_goes_on() {
    let scratch = Scratch::new();
    let path = path_in(&scratch);
    record(&scratch.store, 0..5).await;
    tamper(
        &path,
        "CREATE TEMP TABLE copy AS SELECT * FROM audit WHERE seq = 5;
         UPDATE copy SET seq = 6, chain_seq = 6, reason = 'made up';
         INSERT INTO audit SELECT * FROM copy",
    );
    record(&scratch.store, 5..9).await;
    assert_eq!(findings(&path), [(Some(6), FindingKind::Added)]);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_finding_and_not_the_end() {
    let scratch = Scratch::new();
    let path = path_in(&scratch);
    record(&scratch.store, 0..9).await;
    tamper(
        &path,
        "UPDATE audit SET details = 'nonsense' WHERE seq = 2;
         UPDATE audit SET address = 'nowhere' WHERE seq = 4;
         UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE seq = 6;
         UPDATE audit SET chain_seq = -7 WHERE seq = 8",
    );
    let changed = |seq| (Some(seq), FindingKind::Changed);
    assert_eq!(findings(&path), [changed(2), changed(4), changed(6), changed(8)]);
    tamper(&path, "DROP TABLE audit_chains; CREATE TABLE audit_chains (x)");
    let kinds: Vec<_> = findings(&path).into_iter().map(|(_, kind)| kind.as_str()).collect();
    assert!(kinds.contains(&"positions_missing") && kinds.contains(&"schema_changed"), "{kinds:?}");
}

#[tokio::test]
async fn a_new_master_secret_seals_anew_and_the_rows_keep_the_old_one() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    let open = |key| SqliteStore::open(&path, SqliteOptions::default(), key).unwrap();
    record(&open(key("A", &[])), 0..3).await;
    record(&open(key("B", &["A"])), 3..4).await;
    assert!(report(&path, &key("B", &["A"])).is_intact());
    let kinds: Vec<_> =
        report(&path, &key("B", &[])).findings.into_iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::UnknownKey { first: 1, last: 3, key: key("A", &[]).id() }]);
    // Without the old one at hand when it was opened first, nobody can vouch for where the log ended.
    record(&open(key("C", &[])), 4..5).await;
    let report = report(&path, &key("C", &["B", "A"]));
    let kinds: Vec<_> = report.findings.into_iter().map(|finding| (finding.seq, finding.kind)).collect();
    assert_eq!(kinds, [(Some(5), FindingKind::Restarted)]);
}

#[tokio::test]
async fn a_log_of_another_copy_of_the_file_does_not_fit() {
    let (one, other) = (Scratch::new(), Scratch::new());
    record(&one.store, 0..4).await;
    record(&other.store, 0..4).await;
    record(&one.store, 10..14).await;
    record(&other.store, 20..24).await;
    drop(other.store);
    let from = other.directory.path().join("doorward.db");
    tamper(
        &path_in(&one),
        &format!(
            "COMMIT; ATTACH '{}' AS other; BEGIN;
             DELETE FROM main.audit WHERE seq = 6; INSERT INTO main.audit SELECT * FROM other.audit WHERE seq = 6",
            from.display()
        ),
    );
    let unlinked = |seq| (Some(seq), FindingKind::Unlinked);
    assert_eq!(findings(&path_in(&one)), [unlinked(6), unlinked(7)]);
}
