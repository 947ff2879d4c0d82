//! Users, their names, and the last administrator.

use std::collections::BTreeSet;

use doorward_core::{
    audit::EventName,
    link::LinkPurpose,
    page::PageRequest,
    revocation::{Effect, FeedEntry, Subject},
    store::{Conflict, StoreError, UserChanges},
    user::{Epoch, NormalisedName, Roles, User},
    user_search::UserFilter,
};

use super::{
    Bench,
    bench::{ALL, after, race},
    refused,
};
use crate::builders::{ACCESS_TTL, START, opening, write};

fn demoted() -> UserChanges {
    UserChanges { roles: Some(Roles::default()), ..UserChanges::default() }
}

fn disabled(disabled: bool) -> UserChanges {
    UserChanges { disabled: Some(disabled), ..UserChanges::default() }
}

impl Bench {
    async fn change(&self, user: &User, changes: UserChanges) -> Result<User, StoreError> {
        let write = write(EventName::UserChanged, START);
        self.store.change_user(write, user.id, changes).await.map(|(user, _)| user)
    }
}

/// Everything about a user reads back, however their name is written.
pub async fn a_user_is_found_by_id_and_by_every_form_of_the_name(bench: Bench) {
    let mut user = bench.scene.user();
    user.user.username = "Ann Müller".parse().unwrap();
    user.user.email = Some("ann@example.com".parse().unwrap());
    user.user.roles = Roles::parse(["editor", "a.b-c_9"]).unwrap();
    user.user.must_change_password = true;
    bench.create(user.clone()).await;
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(user.user.clone()));
    for name in ["Ann Müller", "ann müller", "ANN MU\u{308}LLER", "Ａｎｎ Müller"] {
        let found = bench.store.credentials_by_name(&NormalisedName::of(name)).await.unwrap().unwrap();
        assert_eq!((found.user, found.password), (user.user.clone(), user.password.clone()), "{name}");
    }
    for name in ["", "ann", "Ann Müller ", "x' OR '1'='1"] {
        assert!(bench.store.credentials_by_name(&NormalisedName::of(name)).await.unwrap().is_none());
    }
    let nobody = bench.scene.user().user.id;
    assert_eq!(bench.store.user(nobody).await.unwrap(), None);
    assert!(bench.store.credentials(nobody).await.unwrap().is_none());
}

/// Two people cannot be confused by case, width or composition.
pub async fn a_name_in_use_is_refused_in_every_form(bench: Bench) {
    let mut first = bench.scene.user();
    first.user.username = "José".parse().unwrap();
    bench.create(first).await;
    let before = bench.everything(&[]).await;
    for name in ["José", "jose\u{301}", "JOSÉ"] {
        let mut second = bench.scene.user();
        second.user.username = name.parse().unwrap();
        refused!(
            bench.store.create_user(write(EventName::UserCreated, START), second, None).await,
            StoreError::Conflict(Conflict::NameTaken)
        );
    }
    assert_eq!(bench.everything(&[]).await, before);
}

/// Nobody inherits what a name was trusted with.
pub async fn a_name_once_used_stays_taken(bench: Bench) {
    let gone = bench.user().await;
    bench.store.delete_user(write(EventName::UserDeleted, START), gone.user.id).await.unwrap();
    assert!(bench.store.credentials_by_name(gone.user.username.normalised()).await.unwrap().is_none());
    let mut heir = bench.scene.user();
    heir.user.username = gone.user.username.clone();
    refused!(
        bench.store.create_user(write(EventName::UserCreated, START), heir, None).await,
        StoreError::Conflict(Conflict::NameTaken)
    );
}

/// Eight administrators give one name at once.
pub async fn a_name_raced_by_eight_has_one_owner(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..10 {
        let name = bench.scene.user().user.username;
        let results = race((0..8).map(|racer| {
            let (store, mut user) = (handle(racer), bench.scene.user());
            user.user.username = name.clone();
            async move { store.create_user(write(EventName::UserCreated, START), user, None).await }
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for lost in lost {
            refused!(lost, StoreError::Conflict(Conflict::NameTaken));
        }
        let owner = bench.store.credentials_by_name(name.normalised()).await.unwrap().unwrap().user;
        assert_eq!(Some(&owner), won[0].as_ref().ok());
    }
}

/// What is not mentioned stays; the epoch rises each time, also when nothing is different.
pub async fn a_change_shows_and_outdates_older_tokens(bench: Bench) {
    let (new, session) = bench.signed_in().await;
    let mut expected = new.user;
    let mail = "new@example.com".parse().unwrap();
    let steps = [
        UserChanges { roles: Some(Roles::parse(["x", "y"]).unwrap()), ..UserChanges::default() },
        UserChanges { must_change_password: Some(true), ..UserChanges::default() },
        UserChanges { email: Some(Some(mail)), ..UserChanges::default() },
        UserChanges { email: Some(None), must_change_password: Some(false), ..UserChanges::default() },
        UserChanges::default(),
    ];
    for (seq, changes) in (1..).zip(steps) {
        expected.roles = changes.roles.clone().unwrap_or(expected.roles);
        expected.must_change_password = changes.must_change_password.unwrap_or(expected.must_change_password);
        expected.email = changes.email.clone().unwrap_or(expected.email);
        expected.epoch = Epoch(seq);
        let write = write(EventName::UserChanged, after(seq));
        let (user, revocations) = bench.store.change_user(write, expected.id, changes).await.unwrap();
        assert_eq!(user, expected);
        assert_eq!(bench.store.user(expected.id).await.unwrap().as_ref(), Some(&expected));
        assert_eq!(revocations.len(), 1);
        let told = revocations[0];
        assert_eq!(told.subject, Subject::User(expected.id));
        assert_eq!((told.effect, told.epoch), (Effect::Outdated, Epoch(seq)));
        assert_eq!(told.expires_at, after(seq).plus(ACCESS_TTL));
        assert_eq!(bench.feed().await.entries.last(), Some(&FeedEntry { seq, revocation: told }));
    }
    assert_eq!(bench.session(session.id).await, session);
}

/// A disabled user is out at once, and has to log in again when enabled.
pub async fn disabling_ends_every_session_and_enabling_revives_none(bench: Bench) {
    let (user, first) = bench.signed_in().await;
    let second = bench.sign_in(&user).await;
    let (_, bystander) = bench.signed_in().await;
    let write = |at| write(EventName::UserChanged, after(at));
    let (found, revocations) = bench.store.change_user(write(1), user.user.id, disabled(true)).await.unwrap();
    assert!(found.disabled);
    assert_eq!(revocations.len(), 1);
    assert_eq!((revocations[0].subject, revocations[0].epoch), (Subject::User(user.user.id), found.epoch));
    assert_eq!(revocations[0].effect, Effect::Revoked);
    let (_, revocations) = bench.store.change_user(write(2), user.user.id, disabled(false)).await.unwrap();
    assert_eq!(revocations[0].effect, Effect::Outdated);
    for session in [first, second] {
        let found = bench.session(session.id).await;
        assert_eq!((found.revoked_at, found.epoch), (Some(after(1)), Epoch(1)));
    }
    assert_eq!(bench.session(bystander.id).await, bystander);
}

/// The user is gone; what they held is known and dead.
pub async fn deleting_ends_sessions_and_links_and_leaves_the_sessions_known(bench: Bench) {
    let (user, session) = bench.signed_in().await;
    let link = bench.scene.link(LinkPurpose::Reset, &user.user);
    bench.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    let revoked =
        bench.store.delete_user(write(EventName::UserDeleted, after(1)), user.user.id).await.unwrap();
    assert_eq!(revoked.sessions, [session.id]);
    assert_eq!(revoked.revocations.len(), 1);
    let told = revoked.revocations[0];
    assert_eq!((told.subject, told.effect), (Subject::User(user.user.id), Effect::Revoked));
    assert_eq!(told.epoch, Epoch(1));
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), None);
    assert_eq!(bench.store.session(session.id).await.unwrap(), None);
    assert_eq!(bench.session(session.id).await.revoked_at, Some(after(1)));
    assert_eq!(bench.store.link(&[link.hash], link.purpose, START).await.unwrap(), None);
    refused!(bench.open(&user, START, opening(session)).await, StoreError::Stale);
}

/// An administrator acts on a list that is out of date.
pub async fn nobody_can_be_neither_changed_nor_deleted(bench: Bench) {
    let nobody = bench.scene.user().user;
    let before = bench.everything(&[]).await;
    refused!(bench.change(&nobody, disabled(true)).await, StoreError::NotFound);
    let write = write(EventName::UserDeleted, START);
    refused!(bench.store.delete_user(write, nobody.id).await, StoreError::NotFound);
    assert_eq!(bench.everything(&[]).await, before);
}

/// Neither demoted, nor disabled, nor deleted, as long as no other enabled administrator exists.
pub async fn the_last_administrator_stays(bench: Bench) {
    let (admin, session) = bench.set_up().await;
    let second = bench.create(bench.scene.admin()).await;
    bench.user().await;
    bench.change(&second.user, disabled(true)).await.unwrap();
    let before = bench.everything(&[&session]).await;
    let all_at_once =
        UserChanges { roles: Some(Roles::default()), disabled: Some(true), ..UserChanges::default() };
    for changes in [demoted(), disabled(true), all_at_once] {
        refused!(bench.change(&admin.user, changes).await, StoreError::Conflict(Conflict::LastAdmin));
    }
    refused!(
        bench.store.delete_user(write(EventName::UserDeleted, START), admin.user.id).await,
        StoreError::Conflict(Conflict::LastAdmin)
    );
    assert_eq!(bench.everything(&[&session]).await, before);
    // A change that leaves them an administrator is nobody's loss; nor is the end of a disabled one.
    let roles = Roles::parse(["admin", "editor"]).unwrap();
    bench.change(&admin.user, UserChanges { roles: Some(roles), ..UserChanges::default() }).await.unwrap();
    bench.change(&second.user, disabled(false)).await.unwrap();
    bench.change(&admin.user, demoted()).await.unwrap();
    refused!(bench.change(&second.user, demoted()).await, StoreError::Conflict(Conflict::LastAdmin));
}

/// Four administrators demote, disable and delete each other at once: one is left.
pub async fn the_last_administrator_stays_when_demotions_race(bench: Bench) {
    for _ in 0..6 {
        let bench = bench.another();
        let handle = bench.handles();
        let mut admins = Vec::new();
        for _ in 0..4 {
            admins.push(bench.create(bench.scene.admin()).await.user);
        }
        let refusals: Vec<bool> = race(admins.iter().enumerate().map(|(racer, admin)| {
            let (store, id) = (handle(racer), admin.id);
            async move {
                let refusal = match racer % 3 {
                    0 => store.delete_user(write(EventName::UserDeleted, START), id).await.err(),
                    1 => store.change_user(write(EventName::UserChanged, START), id, demoted()).await.err(),
                    _ => store
                        .change_user(write(EventName::UserChanged, START), id, disabled(true))
                        .await
                        .err(),
                };
                refusal.is_some_and(|error| matches!(error, StoreError::Conflict(Conflict::LastAdmin)))
            }
        }))
        .await;
        assert_eq!(refusals.iter().filter(|refused| **refused).count(), 1);
        let users = bench.store.users(&UserFilter::default(), ALL).await.unwrap().items;
        assert_eq!(users.iter().filter(|user| user.roles.is_admin() && !user.disabled).count(), 1);
    }
}

/// Every user once, in a fixed order, also those made in the same millisecond.
pub async fn users_are_listed_oldest_first_page_by_page(bench: Bench) {
    let mut expected = BTreeSet::new();
    for at in [0, 2, 1, 1, 1, 3, 0] {
        let mut user = bench.scene.user();
        user.user.created_at = after(at);
        expected.insert((after(at), bench.create(user).await.user.id));
    }
    for limit in [1, 2, 3, 7, 8] {
        let mut found = Vec::new();
        let mut page = PageRequest { after: None, limit };
        loop {
            let part = bench.store.users(&UserFilter::default(), page.clone()).await.unwrap();
            assert!(part.items.len() <= usize::try_from(limit).unwrap());
            found.extend(part.items.iter().map(|user| (user.created_at, user.id)));
            let Some(next) = part.next else { break };
            page.after = Some(next);
        }
        assert_eq!(found, expected.iter().copied().collect::<Vec<_>>());
    }
}
