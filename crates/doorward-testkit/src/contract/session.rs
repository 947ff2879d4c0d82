//! Sessions are opened within the limit and listed while they live.

use std::collections::BTreeSet;

use doorward_core::{
    audit::EventName,
    client::UserAgent,
    ids::DeviceId,
    page::PageRequest,
    revocation::{Effect, Subject},
    session::{OnLimit, Session, SessionLimit, Transport},
    store::{
        ChangePassword, Conflict, NewUser, OpenSession, RevokeWhich, SessionFilter, SessionProof, SetupProof,
        StoreError, UserChanges,
    },
    time::Timestamp,
    user::Epoch,
};

use super::{
    Bench,
    bench::{ALL, after, around, race},
    refused,
};
use crate::builders::{FIVE, START, opening, write};

const REFUSE_SIXTH: SessionLimit = SessionLimit { max_per_user: 5, on_limit: OnLimit::Refuse };

fn limited(session: Session, limit: SessionLimit) -> OpenSession {
    OpenSession { limit, ..opening(session) }
}

impl Bench {
    /// Sessions opened one millisecond after the other, the first at the beginning.
    async fn sign_in_often(&self, user: &NewUser, count: u64, transport: Transport) -> Vec<Session> {
        let mut sessions = Vec::new();
        for at in 0..count {
            let session = Session { transport, ..self.scene.session_at(&user.user, after(at)) };
            sessions.push(self.open(user, after(at), opening(session)).await.unwrap().opened.session);
        }
        sessions
    }

    async fn live(&self, user: &NewUser, now: Timestamp) -> Vec<Session> {
        let filter = SessionFilter { user_id: Some(user.user.id) };
        self.store.sessions(filter, now, ALL).await.unwrap().items
    }
}

/// Every member, on both transports.
pub async fn an_opened_session_reads_back_whole(bench: Bench) {
    let user = bench.user().await;
    let plain = bench.scene.session(&user.user);
    let rich = Session {
        transport: Transport::Bearer,
        user_agent: UserAgent::new("curl/8 “é”"),
        address: Some("2001:db8::1".parse().unwrap()),
        device: Some(DeviceId::from_bytes(bench.scene.bytes())),
        ..bench.scene.session_at(&user.user, after(7))
    };
    let bare = Session { user_agent: UserAgent::default(), address: None, ..bench.scene.session(&user.user) };
    for session in [plain, rich, bare] {
        let opened = bench.open(&user, START, opening(session.clone())).await.unwrap();
        assert_eq!(opened.opened.session, session);
        assert_eq!(opened.opened.user, user.user);
        assert!(opened.revocations.is_empty());
        assert_eq!(bench.store.session(session.id).await.unwrap(), Some(opened.opened));
        assert_eq!(bench.session(session.id).await, session);
    }
    let unknown = bench.scene.session(&user.user).id;
    assert_eq!(bench.store.session(unknown).await.unwrap(), None);
    assert_eq!(bench.store.session_alone(unknown).await.unwrap(), None);
}

/// What was true when the password was verified may be true no longer.
pub async fn a_session_opens_only_for_the_verified_password_and_an_enabled_user(bench: Bench) {
    let nobody = bench.scene.user();
    let disabled = bench.user().await;
    let changes = UserChanges { disabled: Some(true), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), disabled.user.id, changes).await.unwrap();
    let mut changed = bench.user().await;
    changed.password = Some(bench.scene.password());
    let mut invited = bench.scene.user();
    invited.password = None;
    bench.create(invited.clone()).await;
    invited.password = Some(bench.scene.password());
    let (_, presented) = bench.signed_in().await;
    let before = bench.everything(&[&presented]).await;
    for user in [nobody, disabled, changed, invited] {
        let session = bench.scene.session(&user.user);
        let open = OpenSession { replaces: vec![presented.id], ..opening(session.clone()) };
        refused!(bench.open(&user, after(1), open).await, StoreError::Stale);
        assert_eq!(bench.store.session_alone(session.id).await.unwrap(), None);
    }
    assert_eq!(bench.everything(&[&presented]).await, before);
}

/// The fifth costs nobody anything, the sixth the oldest, a lower limit all that are too many.
pub async fn past_the_limit_the_oldest_gives_way(bench: Bench) {
    let user = bench.user().await;
    let old = bench.sign_in_often(&user, 4, Transport::Cookie).await;
    let fifth = bench.scene.session_at(&user.user, after(10));
    let opened = bench.open(&user, after(10), limited(fifth.clone(), FIVE)).await.unwrap();
    assert!(opened.revocations.is_empty());
    let events = bench.events().await.len();

    // Opened in the past, by a clock set back: the new one is never the one to give way.
    let sixth = bench.scene.session_at(&user.user, START.minus(std::time::Duration::from_mins(1)));
    let opened = bench.open(&user, after(11), limited(sixth.clone(), FIVE)).await.unwrap();
    assert_eq!(opened.revocations.len(), 1);
    let told = opened.revocations[0];
    assert_eq!((told.subject, told.effect), (Subject::Session(old[0].id), Effect::Revoked));
    assert_eq!(told.epoch, Epoch(1));
    assert_eq!(bench.told().await, [told]);
    let found = bench.session(old[0].id).await;
    assert_eq!((found.revoked_at, found.epoch), (Some(after(11)), Epoch(1)));
    let new_events = bench.events().await.split_off(events);
    let names: Vec<_> = new_events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["login.succeeded", "session.revoked"]);
    assert_eq!(new_events[1].session_id, Some(old[0].id));
    assert_eq!(new_events[1].user_id, Some(user.user.id));
    assert_eq!(new_events[1].reason.as_deref(), Some("session_limit"));

    // By time of opening the one from the past is the oldest now.
    let seventh = bench.scene.session_at(&user.user, after(12));
    let two = SessionLimit { max_per_user: 2, on_limit: OnLimit::RevokeOldest };
    let opened = bench.open(&user, after(12), limited(seventh.clone(), two)).await.unwrap();
    let subjects: Vec<_> = opened.revocations.iter().map(|told| told.subject).collect();
    let expected = [sixth.id, old[1].id, old[2].id, old[3].id].map(Subject::Session);
    assert_eq!(subjects, expected);
    assert_eq!(bench.live(&user, after(12)).await, [seventh, fifth]);
}

/// The limit refuses, and changes nothing.
pub async fn past_the_limit_the_login_is_refused_if_so_configured(bench: Bench) {
    let user = bench.user().await;
    let old = bench.sign_in_often(&user, 4, Transport::Cookie).await;
    let fifth = limited(bench.scene.session(&user.user), REFUSE_SIXTH);
    bench.open(&user, after(10), fifth).await.unwrap();
    let before = bench.everything(&[&old[0]]).await;
    let sixth = limited(bench.scene.session(&user.user), REFUSE_SIXTH);
    refused!(bench.open(&user, after(11), sixth).await, StoreError::Conflict(Conflict::SessionLimit));
    assert_eq!(bench.everything(&[&old[0]]).await, before);
}

/// Revoked ones, ended ones, other transports, other people.
pub async fn what_is_dead_or_travels_otherwise_does_not_count(bench: Bench) {
    let user = bench.user().await;
    let other = bench.user().await;
    bench.sign_in_often(&user, 5, Transport::Bearer).await;
    bench.sign_in_often(&other, 5, Transport::Cookie).await;
    let cookies = bench.sign_in_often(&user, 5, Transport::Cookie).await;
    let revoke = RevokeWhich::One { id: cookies[4].id, owner: None };
    bench.store.revoke_sessions(write(EventName::SessionRevoked, after(9)), revoke, "x").await.unwrap();
    let refuse_second = |session| OpenSession {
        limit: SessionLimit { max_per_user: 4, on_limit: OnLimit::Refuse },
        ..opening(session)
    };
    // Four are alive until the first of them ends.
    for (now, room) in around(cookies[0].idle_expires_at).into_iter().zip([false, true, false]) {
        let opened = bench.open(&user, now, refuse_second(bench.scene.session_at(&user.user, now))).await;
        assert_eq!(opened.is_ok(), room, "{now:?}");
        if !room {
            refused!(opened, StoreError::Conflict(Conflict::SessionLimit));
        } else if let Ok(opened) = opened {
            // Makes the number four again when the second of them ends, one millisecond later.
            let extra = bench.scene.session_at(&opened.opened.user, now);
            bench.open(&user, now, opening(extra)).await.unwrap();
        }
    }
}

/// Zero is no limit.
pub async fn without_a_limit_nobody_gives_way(bench: Bench) {
    let user = bench.user().await;
    bench.sign_in_often(&user, 20, Transport::Cookie).await;
    assert_eq!(bench.live(&user, after(30)).await.len(), 20);
}

/// Login is no way to keep a planted session: what was presented ends, whoever owns it, and is not counted.
pub async fn the_session_presented_with_a_login_ends_first(bench: Bench) {
    let user = bench.user().await;
    let old = bench.sign_in_often(&user, 5, Transport::Cookie).await;
    let (_, strangers) = bench.signed_in().await;

    let replacing = |replaces, limit| OpenSession {
        replaces: vec![replaces],
        ..limited(bench.scene.session_at(&user.user, after(50)), limit)
    };
    // Refused: the session that was presented stays.
    refused!(
        bench.open(&user, after(20), replacing(strangers.id, REFUSE_SIXTH)).await,
        StoreError::Conflict(Conflict::SessionLimit)
    );
    assert_eq!(bench.session(strangers.id).await, strangers);

    let opened = bench.open(&user, after(20), replacing(old[3].id, REFUSE_SIXTH)).await.unwrap();
    assert_eq!(opened.revocations.len(), 1);
    assert_eq!(opened.revocations[0].subject, Subject::Session(old[3].id));
    let last = bench.events().await.pop().unwrap();
    assert_eq!((last.session_id, last.reason.as_deref()), (Some(old[3].id), Some("replaced")));

    let opened = bench.open(&user, after(21), replacing(strangers.id, FIVE)).await.unwrap();
    let subjects: Vec<_> = opened.revocations.iter().map(|told| told.subject).collect();
    assert_eq!(subjects, [Subject::Session(strangers.id), Subject::Session(old[0].id)]);
    assert_eq!(bench.session(strangers.id).await.revoked_at, Some(after(21)));

    // Dead or unknown ones are passed over.
    for gone in [old[3].id, bench.scene.session(&user.user).id] {
        let opened =
            bench.open(&user, after(22), replacing(gone, SessionLimit { max_per_user: 0, ..FIVE })).await;
        assert!(opened.unwrap().revocations.is_empty());
    }
}

/// Ids are random: one that comes twice is a broken source of randomness, and nobody's session is overwritten.
pub async fn an_id_in_use_is_refused(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let other = bench.user().await;
    let mut twin = bench.scene.user();
    twin.user.id = user.user.id;
    let before = bench.everything(&[&session]).await;
    let second = Session { id: session.id, ..bench.scene.session(&other.user) };
    refused!(bench.open(&other, START, opening(second)).await, StoreError::Unavailable(_));
    refused!(
        bench.store.create_user(write(EventName::UserCreated, START), twin, None).await,
        StoreError::Unavailable(_)
    );
    assert_eq!(bench.everything(&[&session]).await, before);
}

/// Whatever defect asks for it: what was proved about one user signs no other in.
pub async fn no_operation_opens_somebody_elses_session(bench: Bench) {
    let (user, victim) = (bench.user().await, bench.user().await);
    let admin = bench.scene.admin();
    let before = bench.everything(&[]).await;
    let open = opening(bench.scene.session(&victim.user));
    let change = ChangePassword {
        user: user.user.id,
        expected: None,
        new: bench.scene.password(),
        must_change_password: false,
        needs_second_factor: false,
        open: Some(open.clone()),
    };
    refused!(
        bench.store.change_password(write(EventName::PasswordChanged, START), change).await,
        StoreError::Unavailable(_)
    );
    let setup = write(EventName::SetupCompleted, START);
    refused!(
        bench.store.complete_setup(setup, SetupProof::Configured, admin, open).await,
        StoreError::Unavailable(_)
    );
    assert_eq!(bench.everything(&[]).await, before);
}

/// The limit holds at every moment, also when logins race.
pub async fn twelve_racing_logins_leave_five_sessions(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..10 {
        let user = bench.user().await;
        let results = race((0..12).map(|racer| {
            let (store, proof) = (handle(racer), SessionProof::password(user.password.clone().unwrap()));
            let open = limited(bench.scene.session(&user.user), FIVE);
            async move { store.open_session(write(EventName::LoginSucceeded, START), proof, open).await }
        }))
        .await;
        let told: usize = results.into_iter().map(|result| result.unwrap().revocations.len()).sum();
        assert_eq!(told, 7);
        assert_eq!(bench.live(&user, START).await.len(), 5);
    }
}

/// The same, where the login is refused.
pub async fn twelve_racing_logins_are_five_where_the_sixth_is_refused(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..10 {
        let user = bench.user().await;
        let results = race((0..12).map(|racer| {
            let (store, proof) = (handle(racer), SessionProof::password(user.password.clone().unwrap()));
            let open = limited(bench.scene.session(&user.user), REFUSE_SIXTH);
            async move { store.open_session(write(EventName::LoginSucceeded, START), proof, open).await }
        }))
        .await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
        assert_eq!(bench.live(&user, START).await.len(), 5);
    }
}

/// Every live session once, in a fixed order; dead ones never.
pub async fn live_sessions_are_listed_newest_first_page_by_page(bench: Bench) {
    let (ann, bob) = (bench.user().await, bench.user().await);
    let mut expected = BTreeSet::new();
    for (owner, at) in [(&ann, 0), (&bob, 2), (&ann, 1), (&ann, 1), (&bob, 1), (&ann, 3)] {
        let session = bench.scene.session_at(&owner.user, after(at));
        bench.open(owner, START, opening(session.clone())).await.unwrap();
        expected.insert((session.created_at, session.id, session.user_id));
    }
    let revoked = bench.sign_in(&ann).await;
    let revoke = RevokeWhich::One { id: revoked.id, owner: None };
    bench.store.revoke_sessions(write(EventName::SessionRevoked, START), revoke, "x").await.unwrap();
    let ending = Session { expires_at: after(100), ..bench.scene.session_at(&ann.user, after(5)) };
    bench.open(&ann, START, opening(ending.clone())).await.unwrap();
    for (now, alive) in around(ending.expires_at).into_iter().zip([true, false, false]) {
        assert_eq!(bench.live(&ann, now).await.contains(&ending), alive);
    }
    for user_id in [None, Some(ann.user.id), Some(bob.user.id), Some(bench.scene.user().user.id)] {
        let wanted: Vec<_> = expected
            .iter()
            .rev()
            .filter(|(_, _, owner)| user_id.is_none_or(|user| user == *owner))
            .map(|(_, id, _)| *id)
            .collect();
        for limit in [1, 2, 5, 6] {
            let mut found = Vec::new();
            let mut page = PageRequest { after: None, limit };
            loop {
                let part =
                    bench.store.sessions(SessionFilter { user_id }, after(100), page.clone()).await.unwrap();
                found.extend(part.items.iter().map(|session| session.id));
                let Some(next) = part.next else { break };
                page.after = Some(next);
            }
            assert_eq!(found, wanted);
        }
    }
}
