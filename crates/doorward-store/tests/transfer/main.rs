//! Everything is moved from SQLite to PostgreSQL, wholly or not at all, and nobody serves before it is.

#![expect(clippy::unwrap_used, reason = "a test, outside of its functions")]

mod filled;

use std::{collections::BTreeSet, panic::resume_unwind, sync::Arc, time::Duration};

use doorward_core::{
    audit::{AuditFilter, EventName},
    audit_verification::AuditVerification,
    page::PageRequest,
    revocation::FeedEntry,
    second_factor::FactorStore,
    store::{RevokeWhich, Store, StoreError},
    user_search::UserFilter,
};
use doorward_store::{
    PostgresOpenError, PostgresOptions, PostgresStore,
    postgres::Address,
    transfer::{TableCheck, Transfer, TransferError, TransferProgress},
};
use doorward_testkit::{
    SeededEntropy,
    builders::{START, advance, audit_key, write},
    postgres::{Cluster, Database},
};
use filled::{Filled, LATEST, filled, open};

const ALL: PageRequest = PageRequest { after: None, limit: 10_000 };

fn options() -> PostgresOptions {
    let options = PostgresOptions::new(Arc::new(SeededEntropy::new(7)));
    PostgresOptions { connections: 3, timeout: Duration::from_secs(60), ..options }
}

fn address(database: &Database<'_>) -> Address {
    Address::parse(&database.url(), None).unwrap()
}

async fn serve(database: &Database<'_>) -> Result<PostgresStore, PostgresOpenError> {
    PostgresStore::open(address(database), options(), audit_key()).await
}

/// Two rows at a time, so that tables are moved in parts.
fn transfer(source: &Filled, target: &Database<'_>) -> Transfer {
    let (from, to) = (source.path.clone(), address(target));
    Transfer { from, to, options: options(), key: audit_key(), batch: 2 }
}

async fn moved(source: &Filled, target: &Database<'_>) -> Result<Vec<TableCheck>, TransferError> {
    transfer(source, target).run(|_| ()).await
}

/// Moves for so long, and dies.
async fn killed_when(
    is_time: impl Fn(TransferProgress) -> bool + Send + 'static,
    source: &Filled,
    target: &Database<'_>,
) {
    let dies = move |told| {
        if is_time(told) {
            resume_unwind(Box::new("killed"));
        }
    };
    let dead = tokio::spawn(transfer(source, target).run(dies)).await;
    assert!(dead.is_err_and(|error| error.is_panic()));
}

fn fresh_database() -> Database<'static> {
    Cluster::of_this_process().fresh_database()
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_feed_and_log_go_on_where_they_were() {
    let (source, target) = (filled().await, fresh_database());
    let before = open(&source.path);
    let (users, feed) =
        (before.users(&UserFilter::default(), ALL).await.unwrap(), before.feed(0, 100).await.unwrap());
    let events = before.audit(&AuditFilter::default(), ALL).await.unwrap();
    drop(before);
    moved(&source, &target).await.unwrap();

    let store = serve(&target).await.unwrap();
    assert_eq!(store.users(&UserFilter::default(), ALL).await.unwrap(), users);
    assert_eq!(format!("{:?}", store.feed(0, 100).await.unwrap()), format!("{feed:?}"));
    assert_eq!(feed.highest_time, LATEST);
    assert_eq!(store.audit(&AuditFilter::default(), ALL).await.unwrap(), events);
    assert_eq!(store.passkeys(source.with_factors.user.id).await.unwrap().len(), 1);
    // Long after, when any chain has rested: the one of SQLite stays as it is.
    let later = LATEST.plus(Duration::from_hours(1));
    let refresh =
        |session| store.advance_refresh(write(EventName::SessionRefreshed, later), advance(session, later));
    let refreshed = refresh(&source.alive).await.unwrap().session;
    assert_eq!(refreshed.refresh.generation.0, source.alive.refresh.generation.0 + 1);
    assert!(matches!(refresh(&source.revoked).await, Err(StoreError::NotFound)));
    let which = RevokeWhich::One { id: source.alive.id, owner: None };
    let revoked = store.revoke_sessions(write(EventName::LoggedOut, later), which, "x").await.unwrap();
    let newest = FeedEntry { seq: feed.last_seq + 1, revocation: revoked.revocations[0] };
    assert_eq!(store.feed(feed.last_seq, 100).await.unwrap().entries, [newest]);
    let report = store.verify_audit(AuditVerification::default(), Box::new(|_, _| ())).await.unwrap();
    assert!(report.is_intact(), "{report:?}");
    let written = store.audit(&AuditFilter::default(), ALL).await.unwrap().items;
    assert!(written.ends_with(&events.items) && written.len() > events.items.len());
    assert_eq!(report.rows, u64::try_from(written.len()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_and_column_is_moved() {
    let (source, target) = (filled().await, fresh_database());
    let checks = moved(&source, &target).await.unwrap();
    assert!(checks.iter().all(|check| check.is_same() && check.sent.rows > 0), "{checks:?}");
    let checked: BTreeSet<_> = checks.iter().map(|check| check.table.to_owned()).collect();
    let there = target.sql(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'doorward_migrations'",
    );
    assert_eq!(checked, there.lines().map(str::to_owned).collect());
    let file = rusqlite::Connection::open(&source.path).unwrap();
    for table in checked {
        let text = format!("SELECT name FROM pragma_table_info('{table}')");
        let here: BTreeSet<String> =
            file.prepare(&text).unwrap().query_map([], |row| row.get(0)).unwrap().flatten().collect();
        let columns =
            format!("SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0");
        let there: BTreeSet<_> = target.sql(&columns).lines().map(str::to_owned).collect();
        let differing: Vec<_> = here.symmetric_difference(&there).map(String::as_str).collect();
        let elsewhere: &[_] = match table.as_str() {
            "state" | "audit_chains" => &["highest_time"],
            "event_counts" | "audit_hours" => &["chain"],
            _ => &[],
        };
        assert_eq!(differing, elsewhere, "{table}");
    }
}

/// Ids of rows and places in the log are given out by PostgreSQL from here on.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_given_out_above_those_that_were_moved() {
    let (source, target) = (filled().await, fresh_database());
    moved(&source, &target).await.unwrap();
    let places = "SELECT nextval('audit_seq') - max(seq) FROM audit";
    let ids = "SELECT nextval(pg_get_serial_sequence('attempts', 'id')) - max(id) FROM attempts";
    assert_eq!((target.sql(places), target.sql(ids)), ("1".to_owned(), "1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_was_killed_goes_on_where_it_was() {
    let (source, target) = (filled().await, fresh_database());
    let mut there = 0;
    // In the middle of the tables, of the log, and when everything is there and nothing is compared.
    for part in 1..=4 {
        killed_when(move |told| told.done * 8 >= told.total * part, &source, &target).await;
        assert!(matches!(serve(&target).await, Err(PostgresOpenError::TransferUnfinished)));
        let now = rows_in(&target);
        assert!(now > there, "{now} after {there}");
        there = now;
    }
    let (told, tell) = std::sync::mpsc::channel();
    transfer(&source, &target).run(move |progress| told.send(progress).unwrap()).await.unwrap();
    let last = tell.iter().last().unwrap();
    assert_eq!((last.done, last.total), (2 * there, 2 * there));
    serve(&target).await.unwrap();
}

fn rows_in(target: &Database<'_>) -> u64 {
    let counts = doorward_store::transfer::tables()
        .map(|table| format!("(SELECT count(*) FROM {table})"))
        .collect::<Vec<_>>()
        .join(" + ");
    target.sql(&format!("SELECT {counts}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_is_found_and_nobody_serves_it() {
    let (source, target) = (filled().await, fresh_database());
    killed_when(|told| told.done > 45, &source, &target).await;
    target.sql("UPDATE users SET email = 'muller@example.org' WHERE email = 'müller@example.org'");
    let error = moved(&source, &target).await.unwrap_err();
    let TransferError::Differs(checks) = &error else { panic!("{error:?}") };
    let different: Vec<_> = checks.iter().filter(|check| !check.is_same()).map(|check| check.table).collect();
    assert_eq!(different, ["users"]);
    assert!(error.to_string().contains("(users)"), "{error}");
    assert!(matches!(serve(&target).await, Err(PostgresOpenError::TransferUnfinished)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_use_is_not_written_to() {
    let (source, target) = (filled().await, fresh_database());
    let store = serve(&target).await.unwrap();
    store.record(write(EventName::LoginRefused, START).audit).await.unwrap();
    drop(store);
    let before = target.sql("SELECT count(*) FROM audit");
    let error = moved(&source, &target).await.unwrap_err();
    assert!(matches!(error, TransferError::Target(PostgresOpenError::NotEmpty { .. })), "{error:?}");
    assert_eq!(target.sql("SELECT count(*) FROM audit"), before);
    serve(&target).await.unwrap();
}

/// A schema that a node has made and nobody has used is as good as none.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_schema_is_filled() {
    let (source, target) = (filled().await, fresh_database());
    drop(serve(&target).await.unwrap());
    moved(&source, &target).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_written_to_between_two_parts_is_refused() {
    let (source, target) = (filled().await, fresh_database());
    killed_when(|told| told.done > 25, &source, &target).await;
    open(&source.path).record(write(EventName::LoginRefused, START).audit).await.unwrap();
    let error = moved(&source, &target).await.unwrap_err();
    assert!(matches!(error, TransferError::Target(PostgresOpenError::AnotherTransfer)), "{error:?}");
}

/// Even by something that leaves no trace in the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_written_to_meanwhile_is_noticed() {
    let (source, target) = (filled().await, fresh_database());
    let (file, mut wrote) = (rusqlite::Connection::open(&source.path).unwrap(), false);
    let transfer = transfer(&source, &target).run(|_| {
        if !std::mem::replace(&mut wrote, true) {
            file.execute("UPDATE users SET codes_running = codes_running + 1", []).unwrap();
        }
    });
    let error = transfer.await.unwrap_err();
    assert!(matches!(error, TransferError::SourceChanged), "{error:?}");
    assert!(matches!(serve(&target).await, Err(PostgresOpenError::TransferUnfinished)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there_is_not_made() {
    let (source, target) = (filled().await, fresh_database());
    let mut transfer = transfer(&source, &target);
    transfer.from = source.path.with_file_name("another.db");
    let error = transfer.run(|_| ()).await.unwrap_err();
    assert!(matches!(error, TransferError::Source(_)), "{error:?}");
    assert!(!source.path.with_file_name("another.db").exists());
}
