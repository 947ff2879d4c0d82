//! Revocation ends what is alive, tells it in the feed, and is told once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use doorward_core::{
    audit::EventName,
    ids::SessionId,
    revocation::{Effect, FeedEntry, Subject},
    session::Session,
    store::{Conflict, RevokeWhich, Revoked, StoreError, UserChanges},
    user::Epoch,
};

use super::{
    Bench,
    bench::{after, around, race},
    refused,
};
use crate::builders::{ACCESS_TTL, START, advance, write};

impl Bench {
    async fn revoke(&self, which: RevokeWhich, at: u64) -> Revoked {
        self.store.revoke_sessions(write(EventName::SessionRevoked, after(at)), which, "why").await.unwrap()
    }
}

fn sorted(mut ids: Vec<SessionId>) -> Vec<SessionId> {
    ids.sort();
    ids
}

fn ids(sessions: &[Session]) -> Vec<SessionId> {
    sorted(sessions.iter().map(|session| session.id).collect())
}

/// A session's id in another's hands revokes nothing.
pub async fn one_session_is_revoked_for_its_owner_only(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let (other, others) = bench.signed_in().await;
    let before = bench.everything(&[&session, &others]).await;
    let revoked = bench.revoke(RevokeWhich::One { id: session.id, owner: Some(other.user.id) }, 0).await;
    assert!(revoked.sessions.is_empty() && revoked.revocations.is_empty());
    assert_eq!(bench.everything(&[&session, &others]).await, before);
    let owners = [Some(user.user.id), None];
    for (seq, (session, owner)) in (1..).zip([session, others].into_iter().zip(owners)) {
        let events = bench.events().await.len();
        let revoked = bench.revoke(RevokeWhich::One { id: session.id, owner }, seq).await;
        assert_eq!(revoked.sessions, [session.id]);
        assert_eq!(revoked.revocations.len(), 1);
        let told = revoked.revocations[0];
        assert_eq!(told.subject, Subject::Session(session.id));
        assert_eq!(bench.feed().await.entries.last(), Some(&FeedEntry { seq, revocation: told }));
        assert_eq!((told.effect, told.epoch), (Effect::Revoked, Epoch(1)));
        assert_eq!(told.expires_at, after(seq).plus(ACCESS_TTL));
        let expected = Session { revoked_at: Some(after(seq)), epoch: Epoch(1), ..session };
        assert_eq!(bench.session(expected.id).await, expected);
        // The operation's event, which is about no session, and the session's own.
        let told = bench.events().await.split_off(events);
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].session_id, told[1].session_id), (None, Some(expected.id)));
        assert_eq!((told[1].user_id, told[1].reason.as_deref()), (Some(expected.user_id), Some("why")));
    }
    assert_eq!(bench.store.user(user.user.id).await.unwrap().unwrap().epoch, Epoch(0));
    // An event about the very session needs no other beside it.
    let (_, last) = bench.signed_in().await;
    let events = bench.events().await.len();
    let mut logout = write(EventName::LoggedOut, after(9));
    logout.audit = logout.audit.about_session(last.id);
    let which = RevokeWhich::One { id: last.id, owner: None };
    bench.store.revoke_sessions(logout, which, "why").await.unwrap();
    assert_eq!(bench.event_names(events).await, ["session.logged_out"]);
    // And names the owner, whom whoever logs out with an old token need not know.
    assert_eq!(bench.events().await[events].user_id, Some(last.user_id));
}

/// Logging out twice is no error and no event; nor is it at and after the session's end.
pub async fn revoking_what_is_dead_or_absent_changes_nothing(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let (_, ended) = bench.signed_in().await;
    let one = |session: &Session| RevokeWhich::One { id: session.id, owner: None };
    bench.revoke(one(&session), 1).await;
    let before = bench.everything(&[&session, &ended]).await;
    let unknown = bench.scene.session(&user.user);
    let all = RevokeWhich::AllOf { user: user.user.id, except: None };
    let nobodys = RevokeWhich::AllOf { user: bench.scene.user().user.id, except: None };
    for which in [one(&session), one(&unknown), all, nobodys] {
        let revoked = bench.store.revoke_sessions(write(EventName::LoggedOut, after(1)), which, "x").await;
        let revoked = revoked.unwrap();
        assert!(revoked.sessions.is_empty() && revoked.revocations.is_empty());
    }
    assert_eq!(bench.everything(&[&session, &ended]).await, before);
    let times = around(ended.idle_expires_at).into_iter().zip([true, false, false]);
    for (now, alive) in times.rev() {
        let revoked = bench.store.revoke_sessions(write(EventName::LoggedOut, now), one(&ended), "x").await;
        assert_eq!(!revoked.unwrap().sessions.is_empty(), alive);
    }
}

/// Signing the other devices out.
pub async fn all_but_one_are_revoked(bench: Bench) {
    let (user, kept) = bench.signed_in().await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(bench.sign_in(&user).await);
    }
    let (_, strangers) = bench.signed_in().await;
    let events = bench.events().await.len();
    let which = RevokeWhich::AllOf { user: user.user.id, except: Some(kept.id) };
    let revoked = bench.revoke(which, 1).await;
    assert_eq!(sorted(revoked.sessions), ids(&others));
    let told = |told: &doorward_core::revocation::Revocation| match told.subject {
        Subject::Session(id) => id,
        Subject::User(_) => panic!("the session that stays would be told dead"),
    };
    assert_eq!(sorted(revoked.revocations.iter().map(told).collect()), ids(&others));
    assert_eq!(bench.told().await, revoked.revocations);
    assert_eq!(bench.session(kept.id).await, kept);
    assert_eq!(bench.session(strangers.id).await, strangers);
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(user.user));
    let told = bench.events().await.split_off(events + 1);
    assert_eq!(sorted(told.iter().filter_map(|event| event.session_id).collect()), ids(&others));
    // With nothing left to revoke, the one that stays is no reason for an entry.
    assert!(bench.revoke(which, 2).await.revocations.is_empty());
}

/// One entry about the user stands for all of them.
pub async fn revoking_all_of_a_user_raises_their_epoch(bench: Bench) {
    let (user, first) = bench.signed_in().await;
    let second = bench.sign_in(&user).await;
    let (_, strangers) = bench.signed_in().await;
    let events = bench.events().await.len();
    let revoked = bench.revoke(RevokeWhich::AllOf { user: user.user.id, except: None }, 1).await;
    let sessions = [first, second];
    assert_eq!(sorted(revoked.sessions), ids(&sessions));
    assert_eq!(revoked.revocations.len(), 1);
    let told = revoked.revocations[0];
    assert_eq!((told.subject, told.effect), (Subject::User(user.user.id), Effect::Revoked));
    assert_eq!(told.epoch, Epoch(1));
    assert_eq!(bench.store.user(user.user.id).await.unwrap().unwrap().epoch, Epoch(1));
    for session in &sessions {
        assert_eq!(bench.session(session.id).await.revoked_at, Some(after(1)));
    }
    assert_eq!(bench.session(strangers.id).await, strangers);
    let told = bench.events().await.split_off(events + 1);
    assert_eq!(sorted(told.iter().filter_map(|event| event.session_id).collect()), ids(&sessions));
}

/// After a restore nobody is signed in.
pub async fn everyone_can_be_revoked(bench: Bench) {
    let (ann, first) = bench.signed_in().await;
    let second = bench.sign_in(&ann).await;
    let (bob, third) = bench.signed_in().await;
    let signed_out = bench.user().await;
    let revoked = bench.revoke(RevokeWhich::Everyone, 1).await;
    assert_eq!(sorted(revoked.sessions), ids(&[first, second, third]));
    assert_eq!(revoked.revocations.len(), 2);
    for (user, epoch) in [(ann, 1), (bob, 1), (signed_out, 0)] {
        let told = revoked.revocations.iter().find(|told| told.subject == Subject::User(user.user.id));
        assert_eq!(told.is_some(), epoch > 0);
        assert!(told.is_none_or(|told| told.effect == Effect::Revoked && told.epoch == Epoch(epoch)));
        assert_eq!(bench.store.user(user.user.id).await.unwrap().unwrap().epoch, Epoch(epoch));
    }
    assert_eq!(bench.told().await, revoked.revocations);
    let before = bench.everything(&[]).await;
    assert!(bench.revoke(RevokeWhich::Everyone, 1).await.sessions.is_empty());
    assert_eq!(bench.everything(&[]).await, before);
}

/// Eight devices sign one out at once: one entry, one pair of events.
pub async fn a_revocation_raced_by_eight_happens_once(bench: Bench) {
    let handle = bench.handles();
    for round in 0..10 {
        let (user, session) = bench.signed_in().await;
        let events = bench.events().await.len();
        let results = race((0..8_usize).map(|racer| {
            let store = handle(racer);
            let which = match racer % 3 {
                0 => RevokeWhich::One { id: session.id, owner: None },
                1 => RevokeWhich::AllOf { user: user.user.id, except: None },
                _ => RevokeWhich::Everyone,
            };
            async move { store.revoke_sessions(write(EventName::SessionRevoked, START), which, "x").await }
        }))
        .await;
        let happened: usize = results.into_iter().map(|result| result.unwrap().sessions.len()).sum();
        assert_eq!(happened, 1);
        assert_eq!(bench.feed().await.last_seq, round + 1);
        assert_eq!(bench.events().await.len(), events + 2);
    }
}

/// After a number, at most so many; and what else a node watches.
pub async fn the_feed_is_read_in_parts(bench: Bench) {
    let mut told = Vec::new();
    for at in 1..=5 {
        let (_, session) = bench.signed_in().await;
        told.extend(bench.revoke(RevokeWhich::One { id: session.id, owner: None }, at).await.revocations);
    }
    let entries: Vec<_> = (1..).zip(told).map(|(seq, revocation)| FeedEntry { seq, revocation }).collect();
    for (after, limit, from, to) in [
        (0, 10, 0, 5),
        (0, 2, 0, 2),
        (2, 2, 2, 4),
        (4, 9, 4, 5),
        (5, 9, 5, 5),
        (99, 9, 5, 5),
        (0, 0, 0, 0),
        (u64::MAX, 9, 5, 5),
    ] {
        let feed = bench.store.feed(after, limit).await.unwrap();
        assert_eq!(feed.entries, entries[from..to], "{after} {limit}");
        assert_eq!(feed.last_seq, 5);
        assert!(!feed.setup_complete);
        assert_eq!(feed.signing_keys_version, 0);
    }
}

/// A reader that has seen a number has seen all below it, whatever is being written.
pub async fn the_feed_has_no_gaps_under_parallel_writers(bench: Bench) {
    let (user, _) = bench.signed_in().await;
    let mut sessions = Vec::new();
    for _ in 0..60 {
        sessions.push(bench.sign_in(&user).await);
    }
    let handle = bench.handles();
    let done = Arc::new(AtomicBool::new(false));
    let (reader, stop) = (handle(1), Arc::clone(&done));
    let tail = tokio::spawn(async move {
        let mut seen = Vec::new();
        loop {
            let last_round = stop.load(Ordering::SeqCst);
            let feed = reader.feed(seen.len().try_into().unwrap(), 7).await.unwrap();
            seen.extend(feed.entries.iter().map(|told| told.seq));
            if last_round && u64::try_from(seen.len()).unwrap() == feed.last_seq {
                return seen;
            }
        }
    });
    let results = race((0..60).map(|racer| {
        let (store, session, other) = (handle(racer), sessions[racer].clone(), bench.scene.user());
        let user = user.user.id;
        async move {
            let revoke = write(EventName::SessionRevoked, START);
            match racer % 3 {
                // Refused ones in between: their numbers must not be missing.
                0 => match store.change_user(revoke, other.user.id, UserChanges::default()).await {
                    Err(StoreError::NotFound) => 0,
                    other => panic!("{other:?}"),
                },
                1 => store.change_user(revoke, user, UserChanges::default()).await.unwrap().1.len(),
                _ => {
                    let which = RevokeWhich::One { id: session.id, owner: None };
                    store.revoke_sessions(revoke, which, "x").await.unwrap().revocations.len()
                }
            }
        }
    }))
    .await;
    done.store(true, Ordering::SeqCst);
    let told: usize = results.into_iter().sum();
    assert_eq!(told, 40);
    assert_eq!(tail.await.unwrap(), (1..=40).collect::<Vec<u64>>());
}

/// Never earlier than any write that happened; not moved by one that was refused.
pub async fn the_highest_time_is_what_writes_recorded(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    assert_eq!(bench.feed().await.highest_time, START);
    let later = write(EventName::SessionRefreshed, after(500));
    let moved = bench.store.advance_refresh(later, advance(&session, START)).await.unwrap().session;
    assert_eq!(bench.feed().await.highest_time, after(500));
    bench.sign_in(&user).await;
    assert_eq!(bench.feed().await.highest_time, after(500));
    refused!(
        bench.store.create_user(write(EventName::UserCreated, after(900)), user, None).await,
        StoreError::Conflict(Conflict::NameTaken)
    );
    assert_eq!(bench.feed().await.highest_time, after(500));
    bench.store.repeat_refresh(after(501), crate::builders::repeat(&moved)).await.unwrap();
    assert_eq!(bench.feed().await.highest_time, after(501));
    bench.store.record(write(EventName::LoginRefused, after(502)).audit).await.unwrap();
    assert_eq!(bench.feed().await.highest_time, after(502));
}
