//! Clean-up removes what core names, and nothing a decision still needs.

use std::time::Duration;

use doorward_core::{
    audit::EventName,
    link::{Link, LinkPurpose},
    session::Session,
    signing_key::Succession,
    store::{CleanUp, CleanedUp, Conflict, RevokeWhich, StoreError},
    time::Timestamp,
};

use super::{
    Bench,
    bench::{after, around},
    refused,
};
use crate::builders::{START, Scene, advance, clean_up_to, opening, write};

const NOTHING: CleanedUp = CleanedUp {
    sessions: 0,
    links: 0,
    revocations: 0,
    signing_keys: 0,
    audit_events: 0,
    statistics: 0,
    attempts: 0,
    factor_rests: 0,
};
const LONG_AGO: Timestamp = Timestamp::from_millis(0);

/// Each kind has its own bound, and goes at that very millisecond.
pub async fn clean_up_removes_at_the_bound_and_not_before(bench: Bench) {
    let end = after(1_000_000);
    let (user, _) = bench.signed_in().await;
    let session = Session { expires_at: end, ..bench.scene.session(&user.user) };
    bench.open(&user, START, opening(session.clone())).await.unwrap();
    let link = Link { expires_at: Some(end), ..bench.scene.link(LinkPurpose::Reset, &user.user) };
    bench.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    let mut logout = write(EventName::LoggedOut, START);
    logout.revocations_expire_at = end;
    let which = RevokeWhich::One { id: session.id, owner: None };
    bench.store.revoke_sessions(logout, which, "x").await.unwrap();
    let [old, new] = [START, end].map(|at| bench.scene.signing_key(at));
    let created = |at| write(EventName::SigningKeyCreated, at);
    bench.store.add_signing_key(created(START), old.clone(), None, Succession::InTurn).await.unwrap();
    bench.store.add_signing_key(created(START), new, Some(old.id), Succession::InTurn).await.unwrap();

    let kinds: [fn(Timestamp) -> CleanUp; 3] = [
        |at| CleanUp { now: at, ..clean_up_to(LONG_AGO, 10) },
        |at| CleanUp { sessions_ended_before: at, ..clean_up_to(LONG_AGO, 10) },
        |at| CleanUp { keys_retired_before: at, ..clean_up_to(LONG_AGO, 10) },
    ];
    let removed = [
        CleanedUp { links: 1, revocations: 1, ..NOTHING },
        CleanedUp { sessions: 1, ..NOTHING },
        CleanedUp { signing_keys: 1, ..NOTHING },
    ];
    for (kind, removed) in kinds.into_iter().zip(removed) {
        let expected = [NOTHING, removed, NOTHING];
        for (at, expected) in around(end).into_iter().zip(expected) {
            assert_eq!(bench.store.clean_up(kind(at)).await.unwrap(), expected, "{at:?}");
        }
    }
    assert_eq!(bench.store.session_alone(session.id).await.unwrap(), None);
    assert_eq!(bench.store.link(&[link.hash], link.purpose, START).await.unwrap(), None);
    assert_eq!(bench.store.signing_keys().await.unwrap().len(), 1);
    let feed = bench.feed().await;
    assert!(feed.entries.is_empty());
    // The counters go on: a reader who was away finds out that it missed something.
    assert_eq!((feed.last_seq, feed.signing_keys_version), (1, 3));
}

/// Logins are not held up by a long backlog.
pub async fn clean_up_removes_so_many_and_the_oldest_first(bench: Bench) {
    let user = bench.user().await;
    let mut sessions = Vec::new();
    for at in [3, 1, 5, 2, 4] {
        let session = Session { expires_at: after(at), ..bench.scene.session(&user.user) };
        bench.open(&user, START, opening(session.clone())).await.unwrap();
        let mut logout = write(EventName::LoggedOut, START);
        logout.revocations_expire_at = after(at);
        let which = RevokeWhich::One { id: session.id, owner: None };
        bench.store.revoke_sessions(logout, which, "x").await.unwrap();
        sessions.push(session);
    }
    for left in [vec![5, 3, 4], vec![5], vec![]] {
        bench.store.clean_up(clean_up_to(after(10), 2)).await.unwrap();
        let mut found = Vec::new();
        for session in &sessions {
            found.extend(bench.store.session_alone(session.id).await.unwrap().map(|left| left.expires_at));
        }
        let mut expected: Vec<_> = left.iter().map(|at| after(*at)).collect();
        let mut told: Vec<_> = bench.told().await.iter().map(|told| told.expires_at).collect();
        for times in [&mut found, &mut expected, &mut told] {
            times.sort();
        }
        assert_eq!((&found, &told), (&expected, &expected));
    }
}

/// M-A18: live sessions, revoked ones that could still be replayed, names, setup links, the key that signs, events.
pub async fn clean_up_leaves_what_decisions_need(bench: Bench) {
    let setup = bench.scene.setup_link();
    bench.store.add_link(write(EventName::SetupTokenIssued, START), setup.clone()).await.unwrap();
    let (gone, _) = bench.signed_in().await;
    bench.store.delete_user(write(EventName::UserDeleted, START), gone.user.id).await.unwrap();
    let (_, alive) = bench.signed_in().await;
    let (_, idle) = bench.signed_in().await;
    let (_, revoked) = bench.signed_in().await;
    let which = RevokeWhich::One { id: revoked.id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
    let key = bench.scene.signing_key(START);
    let created = write(EventName::SigningKeyCreated, START);
    bench.store.add_signing_key(created, key.clone(), None, Succession::InTurn).await.unwrap();
    let now = idle.idle_expires_at.minus(Duration::from_mins(1));
    let refreshed = write(EventName::SessionRefreshed, now);
    bench.store.advance_refresh(refreshed, advance(&alive, now)).await.unwrap();
    let events = bench.events().await;
    // Idle sessions are over by now, and their absolute end is not.
    let late = idle.idle_expires_at.plus(Duration::from_mins(1));
    bench.store.clean_up(clean_up_to(late, 1000)).await.unwrap();
    for session in [alive, idle, revoked] {
        assert!(bench.store.session_alone(session.id).await.unwrap().is_some());
    }
    bench.store.check_setup_proof(&doorward_core::store::SetupProof::Link(vec![setup.hash])).await.unwrap();
    assert_eq!(bench.store.signing_keys().await.unwrap(), [key]);
    assert_eq!(bench.events().await, events);
    // Not even when everything else has ended is a name free again.
    bench.store.clean_up(clean_up_to(Timestamp::from_millis(i64::MAX), 1000)).await.unwrap();
    assert_eq!(bench.events().await, events);
    let mut heir = Scene::new(99).user();
    heir.user.username = gone.user.username;
    refused!(
        bench.store.create_user(write(EventName::UserCreated, START), heir, None).await,
        StoreError::Conflict(Conflict::NameTaken)
    );
}
