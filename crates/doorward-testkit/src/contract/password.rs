//! Password changes end everything older.

use doorward_core::{
    audit::EventName,
    password::PasswordHash,
    revocation::{Effect, Subject},
    store::{ChangePassword, NewUser, SessionProof, StoreError, UserChanges},
    user::Epoch,
};

use super::{
    Bench,
    bench::{after, race},
    refused,
};
use crate::builders::{START, opening, write};

fn change(user: &NewUser, expected: Option<PasswordHash>, new: PasswordHash) -> ChangePassword {
    ChangePassword {
        user: user.user.id,
        expected,
        new,
        must_change_password: false,
        needs_second_factor: false,
        open: None,
    }
}

/// One entry about the user stands for all their sessions; the session opened with it is alive.
pub async fn a_password_change_ends_everything_older_and_opens_one_session(bench: Bench) {
    let (user, first) = bench.signed_in().await;
    let second = bench.sign_in(&user).await;
    let (_, strangers) = bench.signed_in().await;
    let (_, bystander) = bench.signed_in().await;
    let new = bench.scene.session_at(&user.user, after(5));
    let mut wanted = change(&user, user.password.clone(), bench.scene.password());
    wanted.open = Some(opening(new.clone()));
    // Somebody else was logged in at this browser.
    wanted.open.as_mut().unwrap().replaces = vec![strangers.id];
    let write = write(EventName::PasswordChanged, after(5));
    let changed = bench.store.change_password(write, wanted.clone()).await.unwrap();

    assert_eq!(changed.user.epoch, Epoch(1));
    let opened = changed.opened.unwrap();
    assert_eq!((&opened.session, &opened.user), (&new, &changed.user));
    assert_eq!(bench.store.session(new.id).await.unwrap(), Some(opened));
    let found = bench.store.credentials(user.user.id).await.unwrap().unwrap();
    assert_eq!((found.user, found.password), (changed.user, Some(wanted.new)));
    for session in [first, second, strangers.clone()] {
        let found = bench.session(session.id).await;
        assert_eq!((found.revoked_at, found.epoch), (Some(after(5)), Epoch(1)));
    }
    assert_eq!(bench.session(bystander.id).await, bystander);

    let told: Vec<_> = changed.revocations.iter().map(|told| (told.subject, told.effect)).collect();
    assert_eq!(
        told,
        [(Subject::User(user.user.id), Effect::Revoked), (Subject::Session(strangers.id), Effect::Revoked)]
    );
    assert_eq!(bench.told().await, changed.revocations);
    let mut names = bench.event_names(7).await;
    assert_eq!(names.remove(0), "password.changed");
    assert_eq!(names, ["session.revoked"; 3]);
}

/// The password that was verified is not the user's any more.
pub async fn a_password_change_on_old_facts_changes_nothing(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let mut invited = bench.scene.user();
    invited.password = None;
    bench.create(invited.clone()).await;
    let before = bench.everything(&[&session]).await;
    for user in [&user, &invited] {
        let wanted = change(user, Some(bench.scene.password()), bench.scene.password());
        refused!(
            bench.store.change_password(write(EventName::PasswordChanged, START), wanted).await,
            StoreError::Stale
        );
    }
    assert_eq!(bench.everything(&[&session]).await, before);
}

/// An administrator sets a password without knowing the old one, and wants it changed.
pub async fn a_password_set_by_others_asks_for_no_old_one(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let mut wanted = change(&user, None, bench.scene.password());
    wanted.must_change_password = true;
    let changed = bench.store.change_password(write(EventName::PasswordSet, START), wanted).await.unwrap();
    assert!(changed.user.must_change_password);
    assert!(changed.opened.is_none());
    assert!(bench.session(session.id).await.revoked_at.is_some());
    let wanted = change(&user, None, bench.scene.password());
    let changed = bench.store.change_password(write(EventName::PasswordSet, START), wanted).await.unwrap();
    assert!(!changed.user.must_change_password);
}

/// Disabled between the check and the change.
pub async fn a_disabled_user_gets_a_password_but_no_session(bench: Bench) {
    let user = bench.user().await;
    let disabled = UserChanges { disabled: Some(true), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), user.user.id, disabled).await.unwrap();
    let before = bench.everything(&[]).await;
    let mut wanted = change(&user, user.password.clone(), bench.scene.password());
    wanted.open = Some(opening(bench.scene.session(&user.user)));
    refused!(
        bench.store.change_password(write(EventName::PasswordChanged, START), wanted.clone()).await,
        StoreError::Stale
    );
    assert_eq!(bench.everything(&[]).await, before);
    wanted.open = None;
    bench.store.change_password(write(EventName::PasswordSet, START), wanted).await.unwrap();
}

/// Two who know the old password change it at once: the second has to know the new one.
pub async fn password_changes_from_one_old_password_have_one_winner(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..10 {
        let user = bench.user().await;
        let results = race((0..8).map(|racer| {
            let (store, wanted) =
                (handle(racer), change(&user, user.password.clone(), bench.scene.password()));
            async move { store.change_password(write(EventName::PasswordChanged, START), wanted).await }
        }))
        .await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(bench.store.user(user.user.id).await.unwrap().unwrap().epoch, Epoch(1));
    }
}

/// A thief logs in with the old password while its owner changes it.
pub async fn no_login_with_the_old_password_outlives_the_change(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..20 {
        let user = bench.user().await;
        let sessions: Vec<_> = (0..6).map(|_| bench.scene.session(&user.user)).collect();
        race((0..7).map(|racer| {
            let (store, proof) = (handle(racer), SessionProof::password(user.password.clone().unwrap()));
            let open = sessions.get(racer).cloned().map(opening);
            let wanted = change(&user, user.password.clone(), bench.scene.password());
            async move {
                if let Some(open) = open {
                    let login = write(EventName::LoginSucceeded, START);
                    drop(store.open_session(login, proof, open).await);
                } else {
                    store.change_password(write(EventName::PasswordChanged, START), wanted).await.unwrap();
                }
            }
        }))
        .await;
        for session in sessions {
            let found = bench.store.session_alone(session.id).await.unwrap();
            assert!(found.is_none_or(|found| found.revoked_at.is_some()));
        }
    }
}

/// New parameters, the same password: no token dies, nothing is announced or audited.
pub async fn a_hash_is_upgraded_only_if_it_is_still_the_one(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let (events, feed) = (bench.events().await, bench.feed().await);
    let (id, old) = (user.user.id, user.password.unwrap());
    let (better, other) = (bench.scene.password(), bench.scene.password());
    bench.store.upgrade_password_hash(id, &other, &better).await.unwrap();
    assert_eq!(bench.store.credentials(id).await.unwrap().unwrap().password, Some(old.clone()));
    bench.store.upgrade_password_hash(id, &old, &better).await.unwrap();
    let found = bench.store.credentials(id).await.unwrap().unwrap();
    assert_eq!((found.password, found.user), (Some(better), user.user));
    assert_eq!(bench.session(session.id).await, session);
    assert_eq!(bench.events().await, events);
    assert_eq!(bench.feed().await.entries, feed.entries);
}

/// The user was deleted meanwhile.
pub async fn nobodys_password_cannot_be_changed(bench: Bench) {
    let nobody = bench.scene.user();
    let before = bench.everything(&[]).await;
    let wanted = change(&nobody, None, bench.scene.password());
    refused!(
        bench.store.change_password(write(EventName::PasswordSet, START), wanted).await,
        StoreError::NotFound
    );
    assert_eq!(bench.everything(&[]).await, before);
}
