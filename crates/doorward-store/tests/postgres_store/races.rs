//! What others do between two statements of ours, and what waits for what.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    audit::EventName,
    session::SessionOfUser,
    store::{AuditRetention, CleanUp, NewUser, RevokeWhich, SessionProof, Store, StoreError},
};
use doorward_store::{PostgresOptions, PostgresStore};
use doorward_testkit::{
    builders::{START, Scene, advance, audit_key, clean_up_to, opening, write},
    postgres::Database,
};
use tokio::task::JoinHandle;

use super::{address, another, database, open, options, record};

/// A store whose operations share one connection.
async fn open_narrow(database: &Database<'_>) -> PostgresStore {
    let options = PostgresOptions { connections: 1, ..options() };
    PostgresStore::open(address(database), options, audit_key()).await.unwrap()
}

async fn create(store: &PostgresStore, user: &NewUser) {
    store.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
}

async fn sign_in(store: &PostgresStore, scene: &Scene) -> SessionOfUser {
    let user = scene.user();
    create(store, &user).await;
    let proof = SessionProof::password(user.password.unwrap());
    let session = opening(scene.session(&user.user));
    store.open_session(write(EventName::LoginSucceeded, START), proof, session).await.unwrap().opened
}

/// Waits until a statement of an operation waits for a lock.
fn wait_until_it_waits<T>(database: &Database<'_>, operation: &JoinHandle<T>, statement: &str) {
    let waits = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            AND query LIKE '%{statement}%' AND pid <> pg_backend_pid()"
    );
    while database.sql(&waits).trim() == "0" {
        assert!(!operation.is_finished(), "it was over without waiting for anybody");
    }
}

/// A change of factors writes the user and their sessions: a refresh that waits for it gives no token of the epoch after it
/// to somebody who has to change the password first.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_waited_sees_what_became_of_the_user() {
    let database = database();
    let store = Arc::new(open(&database).await.unwrap());
    let of = sign_in(&store, &Scene::new(1)).await;
    let other = another(&database).await;
    other
        .batch_execute("BEGIN; UPDATE users SET must_change_password = 1, epoch = epoch + 1; UPDATE sessions SET auth_time = 0")
        .await
        .unwrap();
    let refreshing = tokio::spawn({
        let (store, session) = (Arc::clone(&store), of.session.clone());
        async move {
            store.advance_refresh(write(EventName::SessionRefreshed, START), advance(&session, START)).await
        }
    });
    wait_until_it_waits(&database, &refreshing, "UPDATE sessions");
    other.batch_execute("COMMIT").await.unwrap();
    let refreshed = refreshing.await.unwrap();
    assert!(matches!(refreshed, Err(StoreError::NotFound)), "{refreshed:?}");
}

/// A flood of whatever waits for a connection, or for a row, must not keep a node from hearing of revocations: it would let
/// nobody in any more.
#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_read_while_every_other_connection_waits() {
    let database = database();
    let store = Arc::new(open_narrow(&database).await);
    let user = Scene::new(1).user();
    create(&store, &user).await;
    let other = another(&database).await;
    other.batch_execute("BEGIN; SELECT 1 FROM users FOR UPDATE").await.unwrap();
    let unlocking = tokio::spawn({
        let (store, id) = (Arc::clone(&store), user.user.id);
        async move { store.unlock(write(EventName::UserChanged, START), id).await }
    });
    wait_until_it_waits(&database, &unlocking, "FOR NO KEY UPDATE");
    store.feed(0, 10).await.unwrap();
    assert!(!unlocking.is_finished(), "the connection was free, and this shows nothing");
    other.batch_execute("COMMIT").await.unwrap();
    unlocking.await.unwrap().unwrap();
}

/// A few users at a time, so that no transaction takes longer than an operation may: a database that was put back is good for
/// nothing until everybody's sessions have ended.
#[tokio::test]
async fn everybodys_sessions_are_ended_however_many_there_are() {
    let database = database();
    let (store, scene) = (open(&database).await.unwrap(), Scene::new(1));
    for _ in 0..205 {
        sign_in(&store, &scene).await;
    }
    let ended = write(EventName::AllSessionsEnded, START);
    let revoked = store.revoke_sessions(ended, RevokeWhich::Everyone, "restored").await.unwrap();
    assert_eq!((revoked.sessions.len(), revoked.revocations.len()), (205, 205));
    assert_eq!(database.sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL").trim(), "0");
    assert_eq!(database.sql("SELECT count(DISTINCT xmin::text) FROM revocations").trim(), "3");
    assert_eq!(database.sql("SELECT count(*) FROM revocations").trim(), "205");
}

/// Each clean-up of each node looks at where the log begins, and not at the log.
#[tokio::test(flavor = "multi_thread")]
async fn retention_reads_no_further_than_it_has_to() {
    let database = database();
    let store = open(&database).await.unwrap();
    record(&store).await;
    database.sql(
        "INSERT INTO audit SELECT nextval('audit_seq'), name, outcome, at, actor, user_id, session_id, address, user_agent,
            request_id, reason, details, chain, number, key_id, previous, mac FROM audit, generate_series(2, 20000) AS number",
    );
    database.sql("ANALYZE audit");
    // The statistics of what has been done so far come late, and those of a connection that ends do not.
    database.sql("SELECT pg_stat_reset()");
    let due = AuditRetention { now: START, remove_before: START, due_before: START };
    let what = CleanUp { audit: Some(due), ..clean_up_to(START, 100) };
    assert_eq!(store.clean_up(what).await.unwrap().audit_events, 0);
    drop(store);
    let connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'doorward'";
    while database.sql(connected).trim() != "0" {}
    let read =
        database.sql("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'audit'");
    let read: u64 = read.trim().parse().unwrap();
    assert!((1..5000).contains(&read), "{read} rows");
}

/// However many chains there are: otherwise the transaction grows with the number of connections.
#[tokio::test]
async fn retention_removes_so_many_rows_at_once_of_all_chains_together() {
    let database = database();
    let (first, second) = (open(&database).await.unwrap(), open(&database).await.unwrap());
    for _ in 0..5 {
        record(&first).await;
        record(&second).await;
    }
    let later = START.plus(Duration::from_secs(1));
    let due = AuditRetention { now: later, remove_before: later, due_before: later };
    let what = CleanUp { audit: Some(due), ..clean_up_to(later, 4) };
    for removed in [4, 4, 2, 0] {
        assert_eq!(first.clean_up(what).await.unwrap().audit_events, removed);
    }
}

/// What had expired when clean-up found it, and was given another end before it was removed, stays.
#[tokio::test(flavor = "multi_thread")]
async fn clean_up_removes_nothing_that_was_renewed_meanwhile() {
    let database = database();
    let store = Arc::new(open(&database).await.unwrap());
    create(&store, &Scene::new(1).user()).await;
    for (table, columns, values) in [
        ("attempts", "kind, key, failures", "'account', id, ''"),
        ("totp_enrolments", "user_id, session_id, sealed", "id, id, ''"),
        ("trusted_devices", "user_id, device", "id, id"),
    ] {
        database.sql(&format!("INSERT INTO {table} ({columns}, expires_at) SELECT {values}, 1 FROM users"));
        let other = another(&database).await;
        let renewed = START.as_millis() + 1;
        other.batch_execute(&format!("BEGIN; UPDATE {table} SET expires_at = {renewed}")).await.unwrap();
        let cleaning = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.clean_up(clean_up_to(START, 100)).await }
        });
        wait_until_it_waits(&database, &cleaning, &format!("DELETE FROM {table}"));
        other.batch_execute("COMMIT").await.unwrap();
        cleaning.await.unwrap().unwrap();
        assert_eq!(database.sql(&format!("SELECT count(*) FROM {table}")).trim(), "1", "{table}");
    }
}

/// Another chain for each time that somebody was in the way would be one more to verify for good.
#[tokio::test]
async fn a_connection_keeps_its_chain_when_something_else_is_in_the_way() {
    let database = database();
    let store = open_narrow(&database).await;
    let user = Scene::new(1).user();
    create(&store, &user).await;
    database.sql(
        "CREATE SEQUENCE tries; CREATE FUNCTION be_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('tries') <= 5 THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '40P01'; END IF; RETURN NEW;
         END $$;
         CREATE TRIGGER in_the_way BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION be_in_the_way()",
    );
    store.unlock(write(EventName::UserChanged, START), user.user.id).await.unwrap();
    assert_eq!(database.sql("SELECT last_value FROM tries").trim(), "6");
    assert_eq!(database.sql("SELECT count(*) FROM audit_chains").trim(), "1");
}
