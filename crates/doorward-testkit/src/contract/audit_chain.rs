//! The audit log's chain: unbroken whatever is written, by how many, and whatever is undone.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex},
    time::Duration,
};

use doorward_core::{
    audit::{AuditFilter, EventName},
    audit_chain::{ChainHead, ChainMac, ChainPosition, ChainedEntry},
    audit_report::{AuditReport, FindingKind},
    audit_verification::AuditVerification,
    signing_key::Succession,
    store::{AuditRetention, CleanUp, Conflict, RevokeWhich, SetupProof, Store, StoreError, UserChanges},
    time::Timestamp,
};

use super::{
    Bench,
    bench::{after, race},
    refused,
};
use crate::builders::{START, advance, opening, write};

async fn verify(store: &dyn Store, known_heads: Vec<ChainHead>) -> AuditReport {
    let how = AuditVerification { known_heads, ..AuditVerification::default() };
    store.verify_audit(how, Box::new(|_, _| {})).await.unwrap()
}

/// The log is intact, and has this many rows.
async fn intact(store: &dyn Store) -> u64 {
    let report = verify(store, Vec::new()).await;
    assert!(report.is_intact(), "{report:?}");
    report.rows
}

/// How many rows the chains have, one with the other.
fn rows_up_to(heads: &[ChainHead]) -> u64 {
    heads.iter().map(|head| head.position.seq).sum()
}

/// Every row, as an export gives them.
async fn exported(store: &dyn Store) -> (Vec<ChainedEntry>, Vec<ChainHead>) {
    let rows = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&rows);
    let take = Box::new(move |row| {
        sink.lock().unwrap().push(row);
        ControlFlow::Continue(())
    });
    let heads = store.export_audit(&AuditFilter::default(), take).await.unwrap();
    let rows = std::mem::take(&mut *rows.lock().unwrap());
    (rows, heads)
}

/// What an empty log is like, and what one event makes of it.
pub async fn an_empty_log_is_intact_and_has_a_head(bench: Bench) {
    assert_eq!(intact(&*bench.store).await, 0);
    let empty = bench.store.audit_heads().await.unwrap();
    assert!(empty.iter().all(|head| (head.position.seq, head.position.mac) == (0, ChainMac::NONE)));
    bench.store.record(write(EventName::CsrfRefused, START).audit).await.unwrap();
    assert_eq!(rows_up_to(&bench.store.audit_heads().await.unwrap()), 1);
}

/// Setup, users, sessions, refreshes, links, passwords, keys, events alone: whatever writes, writes into the chain.
pub async fn every_write_joins_the_chain(bench: Bench) {
    let (_, first) = bench.set_up().await;
    let (user, session) = bench.signed_in().await;
    let id = user.user.id;
    let store = &*bench.store;
    store.advance_refresh(write(EventName::SessionRefreshed, START), advance(&session, START)).await.unwrap();
    let link = bench.scene.link(doorward_core::link::LinkPurpose::Reset, &user.user);
    store.add_link(write(EventName::ResetIssued, START), link).await.unwrap();
    let disabled = UserChanges { disabled: Some(true), ..UserChanges::default() };
    store.change_user(write(EventName::UserChanged, START), id, disabled).await.unwrap();
    store.delete_user(write(EventName::UserDeleted, START), id).await.unwrap();
    let key = bench.scene.signing_key(START);
    store
        .add_signing_key(write(EventName::SigningKeyCreated, START), key, None, Succession::InTurn)
        .await
        .unwrap();
    let which = RevokeWhich::One { id: first.id, owner: None };
    store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
    store.drop_keys_and_links(write(EventName::SigningKeyRetired, START)).await.unwrap();
    store.record(write(EventName::CsrfRefused, START).audit).await.unwrap();
    let (rows, heads) = exported(store).await;
    assert_eq!(intact(store).await, u64::try_from(rows.len()).unwrap());
    let events = bench.events().await;
    assert_eq!(rows.iter().map(|row| row.entry.clone()).collect::<Vec<_>>(), events);
    assert_eq!(rows_up_to(&heads), u64::try_from(rows.len()).unwrap());
    for ChainHead { chain, position } in &heads {
        let rows: Vec<_> = rows.iter().filter(|row| row.link.chain == *chain).collect();
        let numbers: Vec<_> = rows.iter().map(|row| row.link.seq).collect();
        assert_eq!(numbers, (1..).take(rows.len()).collect::<Vec<_>>());
        for pair in rows.windows(2) {
            assert_eq!(pair[1].link.previous, pair[0].link.mac);
        }
        assert_eq!(*position, rows.last().map_or(ChainPosition::START, |row| row.link.position()));
    }
    assert_eq!(heads, store.audit_heads().await.unwrap());
}

/// Whoever exports may stop early, and filter; the heads are those of the whole log.
pub async fn an_export_is_filtered_and_stops_when_told(bench: Bench) {
    for number in 0..6 {
        let name = if number % 2 == 0 { EventName::LoginRefused } else { EventName::CsrfRefused };
        bench.store.record(write(name, after(number)).audit).await.unwrap();
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let filter = AuditFilter {
        name: Some("login.refused".to_owned()),
        after: Some(after(1)),
        before: Some(after(5)),
        ..AuditFilter::default()
    };
    let take = Box::new(move |row: ChainedEntry| {
        let mut seen = sink.lock().unwrap();
        seen.push(row.entry.at);
        if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let heads = bench.store.export_audit(&filter, take).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [after(2), after(4)]);
    assert_eq!(rows_up_to(&heads), 6);
}

/// Two handles, as of two processes, many writers: no chain has a gap.
pub async fn parallel_writers_leave_one_unbroken_chain(bench: Bench) {
    let handle = bench.handles();
    race((0..200).map(|racer| {
        let store = handle(racer);
        let event = write(EventName::LoginRefused, after(1)).audit.with("racer", racer);
        async move { store.record(event).await.unwrap() }
    }))
    .await;
    assert_eq!(intact(&*bench.store).await, 200);
    assert_eq!(intact(&*handle(1)).await, 200);
    assert_eq!(rows_up_to(&bench.store.audit_heads().await.unwrap()), 200);
}

/// What did not happen leaves no gap, however far it had come.
pub async fn an_operation_that_is_undone_leaves_no_gap(bench: Bench) {
    let (admin, _) = bench.set_up().await;
    let handle = bench.handles();
    let proof = SetupProof::Configured;
    refused!(
        bench
            .store
            .complete_setup(
                write(EventName::SetupCompleted, START),
                proof,
                admin.clone(),
                opening(bench.scene.session(&admin.user)),
            )
            .await,
        StoreError::Conflict(Conflict::SetupComplete)
    );
    race((0..60).map(|racer| {
        let (store, admin) = (handle(racer), admin.clone());
        async move {
            if racer % 3 == 0 {
                store.record(write(EventName::LoginRefused, after(1)).audit).await.unwrap();
            } else {
                // The last administrator stays, and so does the name.
                let done = write(EventName::UserDeleted, after(1));
                assert!(store.delete_user(done, admin.user.id).await.is_err());
                let done = write(EventName::UserCreated, after(1));
                assert!(store.create_user(done, admin, None).await.is_err());
            }
        }
    }))
    .await;
    assert_eq!(intact(&*bench.store).await, 1 + 20);
}

/// A restart goes on where the chain ended; a head that was kept is found again, and another is not.
pub async fn the_chain_goes_on_after_a_restart(bench: Bench) {
    for number in 0..3 {
        bench.store.record(write(EventName::LoginRefused, after(number)).audit).await.unwrap();
    }
    let kept = bench.store.audit_heads().await.unwrap();
    let bench = bench.restarted();
    let found = bench.store.audit_heads().await.unwrap();
    assert!(kept.iter().all(|head| found.contains(head)));
    bench.store.record(write(EventName::LoginRefused, after(9)).audit).await.unwrap();
    assert!(verify(&*bench.store, kept.clone()).await.is_intact());
    let busy = kept.iter().position(|head| head.position.seq == 3).unwrap();
    let mut other = kept.clone();
    other[busy].position.mac = ChainMac::from_bytes([1; 32]);
    let kinds =
        |report: AuditReport| report.findings.into_iter().map(|finding| finding.kind).collect::<Vec<_>>();
    assert_eq!(kinds(verify(&*bench.store, other).await), [FindingKind::KnownHeadDiffers { seq: 3 }]);
    let mut later = kept;
    later[busy].position.seq = 5;
    assert_eq!(kinds(verify(&*bench.store, later).await), [FindingKind::KnownHeadMissing { seq: 5 }]);
}

fn trim(remove_before: Timestamp, slack: Duration, limit: u32) -> CleanUp {
    let never = Timestamp::from_millis(0);
    let due_before = remove_before.minus(slack);
    CleanUp {
        now: never,
        sessions_ended_before: never,
        keys_retired_before: never,
        attempts_expired_before: never,
        statistics_before: Timestamp::from_millis(0),
        audit: Some(AuditRetention { now: after(1000), remove_before, due_before }),
        limit,
    }
}

/// The oldest go in one piece, at their very millisecond, in batches, and with one event for all of them.
pub async fn retention_removes_the_oldest_and_says_so_once(bench: Bench) {
    for number in 0..10 {
        bench.store.record(write(EventName::LoginRefused, after(number)).audit).await.unwrap();
    }
    let kept = bench.store.audit_heads().await.unwrap();
    let slack = Duration::from_millis(3);
    // Not due: the oldest is not old enough yet, though it may go.
    assert_eq!(bench.store.clean_up(trim(after(3), slack, 4)).await.unwrap().audit_events, 0);
    assert_eq!(bench.events().await.len(), 10);
    let mut removed = Vec::new();
    for _ in 0..3 {
        removed.push(bench.store.clean_up(trim(after(6), slack, 4)).await.unwrap().audit_events);
        assert!(verify(&*bench.store, kept.clone()).await.is_intact());
    }
    assert_eq!(removed, [4, 2, 0]);
    let events = bench.events().await;
    let left: Vec<_> = events.iter().map(|event| event.at).collect();
    assert_eq!(left, [after(6), after(7), after(8), after(9), after(1000)]);
    let told = events.last().unwrap();
    assert_eq!((told.name.as_str(), told.actor.as_str()), ("audit.trimmed", "system"));
    let detail = |name| told.details.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    assert_eq!((detail("rows"), detail("first"), detail("last")), (Some("6"), Some("1"), Some("6")));
    let report = verify(&*bench.store, Vec::new()).await;
    assert_eq!((report.chains[0].trimmed_to, report.rows), (6, 5));
    // A head before the anchor cannot be compared any more: nothing is said of it, and nothing is wrong.
    let mut gone = kept;
    gone[0].position.seq = 2;
    let report = verify(&*bench.store, gone.clone()).await;
    assert!(report.is_intact() && report.heads_past_retention == gone, "{report:?}");
}

/// One event that is younger stops it, whatever comes after: the log never gets holes.
pub async fn retention_stops_at_the_first_event_that_is_too_young(bench: Bench) {
    for at in [0, 1, 50, 2, 3] {
        bench.store.record(write(EventName::LoginRefused, after(at)).audit).await.unwrap();
    }
    let what = trim(after(10), Duration::ZERO, 100);
    assert_eq!(bench.store.clean_up(what).await.unwrap().audit_events, 2);
    assert_eq!(bench.store.clean_up(what).await.unwrap().audit_events, 0);
    intact(&*bench.store).await;
    // Everything may go, the event that tells of it aside.
    let everything = trim(after(900), Duration::ZERO, 100);
    assert_eq!(bench.store.clean_up(everything).await.unwrap().audit_events, 4 - 1);
    assert_eq!(bench.event_names(0).await, ["audit.trimmed", "audit.trimmed"]);
    // What tells of removals is not removed by itself, or there would be no end of it.
    let again = trim(after(5000), Duration::ZERO, 100);
    assert_eq!(bench.store.clean_up(again).await.unwrap().audit_events, 0);
    let bench = bench.restarted();
    bench.store.record(write(EventName::LoginRefused, after(2000)).audit).await.unwrap();
    assert_eq!(intact(&*bench.store).await, 3);
}
