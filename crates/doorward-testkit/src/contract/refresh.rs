//! Refresh families move one generation at a time, and not at all once dead.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use doorward_core::{
    audit::EventName,
    client::UserAgent,
    ids::DeviceId,
    session::{Generation, RefreshState, Session, SessionOfUser},
    store::{AdvanceRefresh, RepeatRefresh, RevokeWhich, SetupProof, StoreError, UserChanges},
    time::Timestamp,
};

use super::{
    Bench,
    bench::{after, around, race},
    refused,
};
use crate::builders::{IDLE_TTL, START, advance, opening, repeat, write};

impl Bench {
    async fn refresh(&self, session: &Session, now: Timestamp) -> Result<SessionOfUser, StoreError> {
        let refreshed = write(EventName::SessionRefreshed, now);
        self.store.advance_refresh(refreshed, advance(session, now)).await
    }
}

/// Everything a later decision needs is there, and nothing else has changed.
pub async fn a_refresh_moves_the_family_and_remembers_the_spender(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let now = after(1000);
    let spender = AdvanceRefresh {
        device: Some(DeviceId::from_bytes(bench.scene.bytes())),
        user_agent: UserAgent::new("another browser"),
        address: Some(IpAddr::from([203, 0, 113, 9])),
        ..advance(&session, now)
    };
    let events = bench.events().await.len();
    let moved =
        bench.store.advance_refresh(write(EventName::SessionRefreshed, now), spender.clone()).await.unwrap();
    let expected = Session {
        last_seen_at: now,
        idle_expires_at: now.plus(IDLE_TTL),
        device: spender.device,
        user_agent: spender.user_agent,
        address: spender.address,
        refresh: RefreshState { generation: Generation(1), spent_at: Some(now), ..session.refresh.clone() },
        ..session
    };
    assert_eq!(moved, SessionOfUser { session: expected.clone(), user: user.user });
    assert_eq!(bench.session(expected.id).await, expected);
    assert_eq!(bench.event_names(events).await, ["session.refreshed"]);
    assert_eq!(bench.feed().await.last_seq, 0);
    // What the spender does not tell is not kept from the one before.
    let silent = AdvanceRefresh {
        device: None,
        user_agent: UserAgent::default(),
        address: None,
        ..advance(&expected, now)
    };
    let moved =
        bench.store.advance_refresh(write(EventName::SessionRefreshed, now), silent).await.unwrap().session;
    assert_eq!((moved.device, moved.address, moved.user_agent.as_str()), (None, None, ""));
    assert_eq!(moved.refresh.generation, Generation(2));
}

/// Neither an older nor a later generation moves it.
pub async fn a_refresh_from_another_generation_changes_nothing(bench: Bench) {
    let (_, session) = bench.signed_in().await;
    bench.refresh(&session, START).await.unwrap();
    let before = bench.everything(&[&session]).await;
    for generation in [0, 2, 3, u64::MAX] {
        let spent = AdvanceRefresh { expected: Generation(generation), ..advance(&session, after(1)) };
        refused!(
            bench.store.advance_refresh(write(EventName::SessionRefreshed, after(1)), spent).await,
            StoreError::Stale
        );
    }
    assert_eq!(bench.everything(&[&session]).await, before);
}

/// A session is alive up to the millisecond before its idle end, and before its absolute end.
pub async fn a_refresh_works_until_the_last_millisecond_of_either_end(bench: Bench) {
    let user = bench.user().await;
    let end = after(60_000);
    let idle_ends = Session { idle_expires_at: end, ..bench.scene.session(&user.user) };
    let ends = Session { expires_at: end, ..bench.scene.session(&user.user) };
    for session in [idle_ends, ends] {
        for (now, alive) in around(end).into_iter().zip([true, false, false]).rev() {
            let session = Session { id: bench.scene.session(&user.user).id, ..session.clone() };
            bench.open(&user, START, opening(session.clone())).await.unwrap();
            let refreshed = bench.refresh(&session, now).await;
            let repeated = bench.store.repeat_refresh(now, repeat(&bench.session(session.id).await)).await;
            if alive {
                refreshed.unwrap();
                repeated.unwrap();
            } else {
                refused!(refreshed, StoreError::NotFound);
                refused!(repeated, StoreError::NotFound);
                assert_eq!(bench.session(session.id).await, session);
            }
        }
    }
}

/// However often it is refreshed, it ends.
pub async fn a_refresh_never_reaches_past_the_absolute_end(bench: Bench) {
    let (_, session) = bench.signed_in().await;
    let millisecond = Duration::from_millis(1);
    let ends = [
        (session.expires_at.minus(millisecond), session.expires_at.minus(millisecond)),
        (session.expires_at, session.expires_at),
        (session.expires_at.plus(millisecond), session.expires_at),
    ];
    let mut session = session;
    for (asked, given) in ends {
        let spent = AdvanceRefresh { idle_expires_at: asked, ..advance(&session, START) };
        let moved = bench.store.advance_refresh(write(EventName::SessionRefreshed, START), spent).await;
        session = moved.unwrap().session;
        assert_eq!(session.idle_expires_at, given);
        assert_eq!(bench.session(session.id).await, session);
    }
}

/// Disabled, due to change the password, deleted; and a session revoked or unknown.
pub async fn a_refresh_needs_a_user_in_good_standing(bench: Bench) {
    let (gone, of_gone) = bench.signed_in().await;
    bench.store.delete_user(write(EventName::UserDeleted, START), gone.user.id).await.unwrap();
    let (_, revoked) = bench.signed_in().await;
    let which = RevokeWhich::One { id: revoked.id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
    let unknown = bench.scene.session(&gone.user);
    let (due, of_due) = bench.signed_in().await;
    let changes = UserChanges { must_change_password: Some(true), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), due.user.id, changes).await.unwrap();
    // Disabled with a live session: disabling ends them all, so that only setup can make one.
    let mut disabled = bench.scene.admin();
    disabled.user.disabled = true;
    let of_disabled = bench.scene.session(&disabled.user);
    let setup = write(EventName::SetupCompleted, START);
    let open = opening(of_disabled.clone());
    bench.store.complete_setup(setup, SetupProof::Configured, disabled, open).await.unwrap();

    let before = bench.everything(&[&of_gone, &revoked, &of_due]).await;
    for session in [&of_gone, &revoked, &unknown, &of_due, &of_disabled] {
        refused!(bench.refresh(session, after(1)).await, StoreError::NotFound);
        refused!(bench.store.repeat_refresh(after(1), repeat(session)).await, StoreError::NotFound);
    }
    assert_eq!(bench.everything(&[&of_gone, &revoked, &of_due]).await, before);
}

/// Thirty-two tabs, two processes, one token: one successor.
pub async fn a_refresh_raced_by_sixteen_has_one_winner(bench: Bench) {
    let (_, mut session) = bench.signed_in().await;
    let handle = bench.handles();
    for round in 0..25 {
        let events = bench.events().await.len();
        let results = race((0..16).map(|racer| {
            let (store, spent) = (handle(racer), advance(&session, after(round)));
            async move { store.advance_refresh(write(EventName::SessionRefreshed, START), spent).await }
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for lost in lost {
            refused!(lost, StoreError::Stale);
        }
        session = bench.session(session.id).await;
        assert_eq!(session.refresh.generation, Generation(round + 1));
        assert_eq!(bench.event_names(events).await, ["session.refreshed"]);
    }
}

/// Logout races refresh, forty times: what is refreshed after the logout was acknowledged is refused, and nothing
/// is alive afterwards.
pub async fn a_refresh_never_succeeds_after_a_revocation_was_acknowledged(bench: Bench) {
    let handle = bench.handles();
    for round in 0..40 {
        let (_, session) = bench.signed_in().await;
        let acknowledged = Arc::new(AtomicBool::new(false));
        race((0..5_usize).map(|racer| {
            let (store, acknowledged, session) = (handle(racer), Arc::clone(&acknowledged), session.clone());
            async move {
                if racer == 0 {
                    for _ in 0..round % 4 {
                        tokio::task::yield_now().await;
                    }
                    let which = RevokeWhich::One { id: session.id, owner: None };
                    let revoked =
                        store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
                    assert_eq!(revoked.sessions, [session.id]);
                    acknowledged.store(true, Ordering::SeqCst);
                    return;
                }
                let mut generation = session.refresh.generation;
                loop {
                    let too_late = acknowledged.load(Ordering::SeqCst);
                    let spent = AdvanceRefresh { expected: generation, ..advance(&session, START) };
                    let done = store.advance_refresh(write(EventName::SessionRefreshed, START), spent).await;
                    assert!(!(too_late && done.is_ok()), "refreshed after the revocation");
                    match done {
                        Ok(moved) => generation = moved.session.refresh.generation,
                        Err(StoreError::Stale) => generation = generation.next(),
                        Err(StoreError::NotFound) => return,
                        Err(error) => panic!("{error:?}"),
                    }
                    // A store that never waits would not let the revocation in.
                    tokio::task::yield_now().await;
                }
            }
        }))
        .await;
        assert!(!bench.session(session.id).await.is_live(START));
    }
}

/// The answer was lost; the client asks again and gets the same. No event, no entry, no later end.
pub async fn a_repeat_counts_and_changes_nothing_else(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let session = bench.refresh(&session, after(1)).await.unwrap().session;
    let (events, feed) = (bench.events().await, bench.feed().await);
    let mut expected = session.clone();
    for (repeats, elsewhere) in [(1, false), (2, true), (3, false)] {
        let again = RepeatRefresh { elsewhere, max_repeats: 3, ..repeat(&session) };
        let found = bench.store.repeat_refresh(after(5), again).await.unwrap();
        expected.refresh.repeats = repeats;
        expected.refresh.repeated_elsewhere |= elsewhere;
        assert_eq!(found, SessionOfUser { session: expected.clone(), user: user.user.clone() });
        assert_eq!(bench.session(session.id).await, expected);
    }
    let again = RepeatRefresh { max_repeats: 3, ..repeat(&session) };
    refused!(bench.store.repeat_refresh(after(5), again).await, StoreError::Stale);
    assert_eq!(bench.session(session.id).await, expected);
    assert_eq!(bench.events().await, events);
    assert_eq!(bench.feed().await.entries, feed.entries);
    // The next generation counts anew.
    let next = bench.refresh(&expected, after(6)).await.unwrap().session;
    assert_eq!((next.refresh.repeats, next.refresh.repeated_elsewhere), (0, false));
}

/// What the caller saw is not so any more.
pub async fn a_repeat_is_refused_once_the_family_has_moved_or_died(bench: Bench) {
    let (_, session) = bench.signed_in().await;
    let first = bench.refresh(&session, START).await.unwrap().session;
    let second = bench.refresh(&first, START).await.unwrap().session;
    for seen in [&session, &first] {
        refused!(bench.store.repeat_refresh(START, repeat(seen)).await, StoreError::Stale);
    }
    bench.store.repeat_refresh(START, repeat(&second)).await.unwrap();
    let which = RevokeWhich::One { id: session.id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
    refused!(bench.store.repeat_refresh(START, repeat(&second)).await, StoreError::NotFound);
}

/// Sixty-four of a hundred, and each is told apart.
pub async fn repeats_are_bounded_exactly_in_a_race(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..5 {
        let (_, session) = bench.signed_in().await;
        let session = bench.refresh(&session, START).await.unwrap().session;
        let results = race((0..100).map(|racer| {
            let (store, again) = (handle(racer), repeat(&session));
            async move { store.repeat_refresh(START, again).await }
        }))
        .await;
        let mut counts: Vec<u32> =
            results.iter().filter_map(|result| Some(result.as_ref().ok()?.session.refresh.repeats)).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=64).collect::<Vec<_>>());
        for lost in results.into_iter().filter(Result::is_err) {
            refused!(lost, StoreError::Stale);
        }
        assert_eq!(bench.session(session.id).await.refresh.repeats, 64);
    }
}

/// A thief in lockstep repeats every generation from another address; an honest tab does so now and then.
pub async fn repeats_from_elsewhere_lengthen_the_streak_and_others_end_it(bench: Bench) {
    let (_, session) = bench.signed_in().await;
    let mut session = bench.refresh(&session, START).await.unwrap().session;
    // Each: the repeats of a generation, from elsewhere or not; then the streak once that generation is spent.
    let steps: [(&[bool], u32); 6] =
        [(&[true], 1), (&[false, true, false], 2), (&[false], 0), (&[true], 1), (&[], 0), (&[true, true], 1)];
    for (repeats, streak) in steps {
        for elsewhere in repeats {
            let again = RepeatRefresh { elsewhere: *elsewhere, ..repeat(&session) };
            bench.store.repeat_refresh(START, again).await.unwrap();
        }
        session = bench.refresh(&session, START).await.unwrap().session;
        assert_eq!(session.refresh.elsewhere_streak, streak);
        assert_eq!(bench.session(session.id).await, session);
    }
}

/// Stores that commit in groups undo one without undoing the others.
pub async fn a_refused_operation_does_its_neighbours_no_harm(bench: Bench) {
    let (user, _) = bench.signed_in().await;
    let mut sessions = Vec::new();
    for _ in 0..8 {
        sessions.push(bench.sign_in(&user).await);
    }
    let handle = bench.handles();
    for round in 0..10 {
        let results = race((0..32).map(|racer| {
            let (store, user) = (handle(racer), user.clone());
            let session = sessions[racer % 8].clone();
            let refreshed = write(EventName::SessionRefreshed, START);
            let good = AdvanceRefresh { expected: Generation(round), ..advance(&session, START) };
            let stale = AdvanceRefresh { expected: Generation(99), ..good.clone() };
            let unknown = RevokeWhich::AllOf { user: bench.scene.user().user.id, except: None };
            async move {
                match racer / 8 {
                    0 => store.advance_refresh(refreshed, good).await.is_ok(),
                    1 => store.advance_refresh(refreshed, stale).await.is_err(),
                    2 => store.create_user(refreshed, user, None).await.is_err(),
                    _ => store.revoke_sessions(refreshed, unknown, "x").await.is_ok(),
                }
            }
        }))
        .await;
        assert_eq!(results, [true; 32]);
        for session in &sessions {
            assert_eq!(bench.session(session.id).await.refresh.generation, Generation(round + 1));
        }
    }
    // One event for each refresh that happened.
    let refreshed = bench.event_names(0).await.into_iter().filter(|name| name == "session.refreshed").count();
    assert_eq!(refreshed, 80);
}
