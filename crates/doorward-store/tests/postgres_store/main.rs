//! What PostgreSQL adds to the contract: schemas of two versions, chains that somebody changed, writers that are late.

#![expect(clippy::unwrap_used, reason = "a test, outside of its functions")]

mod races;

use std::{sync::Arc, time::Duration};

use doorward_core::{
    audit::{AuditFilter, EventName},
    audit_report::{AuditReport, FindingKind},
    audit_verification::AuditVerification,
    console_store::ConsoleStore,
    page::PageRequest,
    store::{Store, StoreError},
};
use doorward_store::{PostgresOpenError, PostgresOptions, PostgresStore, postgres::Address};
use doorward_testkit::{
    SeededEntropy,
    builders::{START, Scene, audit_key, write},
    postgres::{Cluster, Database},
};
use tokio_postgres::Client;

fn database() -> Database<'static> {
    Cluster::of_this_process().fresh_database()
}

fn address(database: &Database<'_>) -> Address {
    Address::parse(&database.url(), None).unwrap()
}

fn options() -> PostgresOptions {
    PostgresOptions {
        connections: 4,
        timeout: Duration::from_secs(60),
        ..PostgresOptions::new(Arc::new(SeededEntropy::new(1)))
    }
}

async fn open(database: &Database<'_>) -> Result<PostgresStore, PostgresOpenError> {
    PostgresStore::open(address(database), options(), audit_key()).await
}

/// A connection of somebody else.
async fn another(database: &Database<'_>) -> Client {
    let (client, connection) = address(database).connect().await.unwrap();
    tokio::spawn(connection);
    client
}

async fn verify(store: &PostgresStore) -> AuditReport {
    store.verify_audit(AuditVerification::default(), Box::new(|_, _| {})).await.unwrap()
}

async fn record(store: &PostgresStore) {
    store.record(write(EventName::LoginRefused, START).audit).await.unwrap();
}

#[tokio::test]
async fn nodes_that_start_at_once_make_one_schema() {
    let database = database();
    let opened = futures_util::future::join_all((0..4).map(|_| open(&database))).await;
    for store in opened {
        record(&store.unwrap()).await;
    }
    assert_eq!(database.sql("SELECT count(*) FROM doorward_migrations").trim(), "1");
    assert_eq!(database.sql("SELECT count(*) FROM audit").trim(), "4");
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let database = database();
    database.sql("CREATE TABLE orders (id int)");
    let refused = open(&database).await.err().unwrap();
    assert!(matches!(&refused, PostgresOpenError::NotDoorward { table } if table == "orders"), "{refused}");
    assert_eq!(database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").trim(), "1");
}

#[tokio::test]
async fn what_was_changed_by_hand_is_named() {
    let database = database();
    drop(open(&database).await.unwrap());
    database.sql("DROP INDEX audit_of_chain; ALTER TABLE users ALTER COLUMN email SET NOT NULL");
    let Err(PostgresOpenError::SchemaDiffers { differences }) = open(&database).await else {
        panic!("a changed schema was taken");
    };
    let named = |what: &str| differences.iter().any(|difference| difference.contains(what));
    assert!(named("index audit_of_chain is missing") && named("column users.email"), "{differences:?}");
}

/// Operators install such things wherever they look: a node that has run with it has to start again.
#[tokio::test]
async fn what_came_with_an_extension_is_left_alone() {
    let database = database();
    database.sql("CREATE EXTENSION pg_stat_statements");
    drop(open(&database).await.unwrap());
    drop(open(&database).await.unwrap());
}

/// While nodes are upgraded one after the other, those of this version go on, and even start, with a schema that says it
/// can be worked with; not with another.
#[tokio::test]
async fn a_schema_of_the_next_version_is_worked_with_as_far_as_it_says() {
    let database = database();
    let running = open(&database).await.unwrap();
    record(&running).await;
    database.sql(
        "ALTER TABLE users ADD COLUMN favourite_colour text; CREATE TABLE webhooks (id bigint);
         INSERT INTO doorward_migrations VALUES (2, 'the next', 1)",
    );
    record(&running).await;
    let started = open(&database).await.unwrap();
    let user = Scene::new(1).user();
    let made = started.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
    assert_eq!(running.user(user.user.id).await.unwrap(), Some(made));
    database.sql("UPDATE doorward_migrations SET works_with = 2 WHERE version = 2");
    let refused = open(&database).await.err().unwrap();
    assert!(matches!(refused, PostgresOpenError::Newer { found: 2, known: 1 }), "{refused}");
}

/// Numbers of the log are not given out in the order of commits: whoever follows it waits for those who were given a lower
/// one and have not committed yet.
#[tokio::test(flavor = "multi_thread")]
async fn who_follows_the_log_misses_no_late_commit() {
    let database = database();
    let first = open(&database).await.unwrap();
    record(&first).await;
    let late = another(&database).await;
    late.batch_execute(
        "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0;
         UPDATE audit_chains SET head_seq = head_seq WHERE chain = 'postgres-1';
         INSERT INTO audit SELECT nextval('audit_seq'), 'login.refused', outcome, at, actor, user_id, session_id, address,
            user_agent, request_id, 'late', details, 'of nobody', 1, key_id, previous, mac FROM audit",
    )
    .await
    .unwrap();
    // Another handle has a chain of its own, and is in nobody's way.
    let second = open(&database).await.unwrap();
    record(&second).await;
    let following =
        tokio::spawn(async move { second.audit_after(&AuditFilter::default(), 0, 100).await.unwrap() });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%audit_chains FOR SHARE%'";
    while database.sql(waits).trim() == "0" {
        assert!(!following.is_finished(), "it did not wait for the writer that was given a lower number");
    }
    late.batch_execute("COMMIT").await.unwrap();
    let part = following.await.unwrap();
    let reasons: Vec<_> = part.entries.iter().map(|entry| entry.reason.as_deref()).collect();
    assert_eq!((part.entries.len(), reasons.get(1)), (3, Some(&Some("late"))));
}

#[tokio::test]
async fn a_chain_whose_end_was_changed_is_written_no_more_and_found() {
    let database = database();
    let store = open(&database).await.unwrap();
    record(&store).await;
    record(&store).await;
    assert!(verify(&store).await.is_intact());
    database.sql("UPDATE audit_chains SET head_seq = 1 WHERE chain = 'postgres-1'");
    record(&store).await;
    record(&store).await;
    assert_eq!(database.sql("SELECT count(*) FROM audit WHERE chain = 'postgres-1'").trim(), "2");
    assert_eq!(database.sql("SELECT count(*) FROM audit WHERE chain = 'postgres-2'").trim(), "2");
    let report = verify(&store).await;
    assert!(report.findings.iter().all(|finding| finding.chain == "postgres-1"), "{report:?}");
    assert!(!report.is_intact(), "{report:?}");
}

#[tokio::test]
async fn rows_that_were_changed_or_taken_away_are_found() {
    let database = database();
    let store = open(&database).await.unwrap();
    for _ in 0..5 {
        record(&store).await;
    }
    database.sql(
        "ALTER TABLE audit DISABLE TRIGGER ALL; UPDATE audit SET address = '192.0.2.1' WHERE chain_seq = 2;
         DELETE FROM audit WHERE chain_seq = 4; ALTER TABLE audit ENABLE TRIGGER ALL",
    );
    let kinds: Vec<_> =
        verify(&store).await.findings.into_iter().map(|finding| (finding.seq, finding.kind)).collect();
    assert!(kinds.contains(&(Some(2), FindingKind::Changed)), "{kinds:?}");
    assert!(kinds.iter().any(|(_, kind)| matches!(kind, FindingKind::Missing { .. })), "{kinds:?}");
}

/// A chain that was taken away whole, with its record, leaves a gap among the numbers of chains.
#[tokio::test]
async fn a_chain_that_was_taken_away_is_missed() {
    let database = database();
    let (first, second) = (open(&database).await.unwrap(), open(&database).await.unwrap());
    record(&first).await;
    record(&second).await;
    database.sql(
        "ALTER TABLE audit DISABLE TRIGGER ALL; ALTER TABLE audit_chains DISABLE TRIGGER ALL;
         DELETE FROM audit WHERE chain = 'postgres-1'; DELETE FROM audit_chains WHERE chain = 'postgres-1'",
    );
    let report = verify(&second).await;
    assert!(report.findings.iter().any(|finding| finding.chain == "postgres-1"), "{report:?}");
}

/// Whoever waits for too long is told that it is unknown what happened, and the connection that waited is not used again.
#[tokio::test]
async fn an_operation_that_takes_too_long_is_unavailable_and_undone() {
    let database = database();
    let patient = open(&database).await.unwrap();
    let user = Scene::new(1).user();
    patient.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
    let in_the_way = another(&database).await;
    in_the_way.batch_execute("BEGIN; SELECT 1 FROM users FOR UPDATE").await.unwrap();
    let options = PostgresOptions { timeout: Duration::from_millis(300), connections: 1, ..options() };
    let hasty = PostgresStore::open(address(&database), options, audit_key()).await.unwrap();
    let unlocked = hasty.unlock(write(EventName::UserChanged, START), user.user.id).await;
    assert!(matches!(unlocked, Err(StoreError::Unavailable(_))), "{unlocked:?}");
    in_the_way.batch_execute("COMMIT").await.unwrap();
    // The one connection there is was closed, and another one opened.
    while hasty.check().await.is_err() {}
    let (all, page) = (AuditFilter::default(), PageRequest { after: None, limit: 9 });
    assert_eq!(patient.audit(&all, page).await.unwrap().items.len(), 1);
}
