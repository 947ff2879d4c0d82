//! One-time links are good once, until their end, for one person and purpose.

use doorward_core::{
    audit::EventName,
    link::{Link, LinkPurpose},
    store::{ChangePassword, NewUser, StoreError, UserChanges},
};

use super::{
    Bench,
    bench::{around, race},
    refused,
};
use crate::builders::{START, opening, write};

impl Bench {
    /// Keeps a reset link for a user.
    async fn reset_link(&self, user: &NewUser) -> Link {
        let link = self.scene.link(LinkPurpose::Reset, &user.user);
        self.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
        link
    }

    /// A new password for a user, whatever the old one.
    fn new_password(&self, user: &NewUser) -> ChangePassword {
        ChangePassword {
            user: user.user.id,
            expected: None,
            new: self.scene.password(),
            must_change_password: false,
            needs_second_factor: false,
            open: None,
        }
    }

    async fn is_good(&self, link: &Link) -> bool {
        self.store.link(&[link.hash], link.purpose, START).await.unwrap().is_some()
    }
}

/// Alive at the millisecond before its end, dead at its end, for those who look and for those who use it.
pub async fn a_link_lives_until_its_last_millisecond(bench: Bench) {
    let user = bench.user().await;
    let link = bench.reset_link(&user).await;
    let times = around(link.expires_at.unwrap());
    for (now, alive) in times.into_iter().zip([true, false, false]) {
        let found = bench.store.link(&[link.hash], LinkPurpose::Reset, now).await.unwrap();
        assert_eq!(found, alive.then(|| (link.clone(), user.user.clone())));
    }
    // The dead ones first: what is refused does not use the link up.
    for (now, alive) in times.into_iter().zip([true, false, false]).rev() {
        let used = bench
            .store
            .redeem_link(
                write(EventName::LinkUsed, now),
                link.hash,
                LinkPurpose::Reset,
                bench.new_password(&user),
            )
            .await;
        if alive {
            used.unwrap();
        } else {
            refused!(used, StoreError::AlreadySpent);
        }
    }
}

/// The caller knows the hash under each of its keys; the purpose has to be the link's.
pub async fn a_link_is_found_by_any_of_its_hashes_and_for_its_purpose_only(bench: Bench) {
    let user = bench.user().await;
    let link = bench.reset_link(&user).await;
    let other = bench.scene.token_hash();
    for hashes in [vec![link.hash], vec![other, link.hash], vec![link.hash, other]] {
        let found = bench.store.link(&hashes, LinkPurpose::Reset, START).await.unwrap();
        assert_eq!(found, Some((link.clone(), user.user.clone())));
    }
    for hashes in [vec![], vec![other]] {
        assert_eq!(bench.store.link(&hashes, LinkPurpose::Reset, START).await.unwrap(), None);
    }
    for purpose in [LinkPurpose::Invitation, LinkPurpose::Setup] {
        assert_eq!(bench.store.link(&[link.hash], purpose, START).await.unwrap(), None);
        let change = bench.new_password(&user);
        refused!(
            bench.store.redeem_link(write(EventName::LinkUsed, START), link.hash, purpose, change).await,
            StoreError::AlreadySpent
        );
    }
}

/// Whoever was sent two links can use the second only; nobody else's link is touched.
pub async fn a_new_link_replaces_the_older_ones_of_that_user(bench: Bench) {
    let (user, bystander) = (bench.user().await, bench.user().await);
    let others = bench.reset_link(&bystander).await;
    let old = bench.reset_link(&user).await;
    let new = bench.scene.link(LinkPurpose::Invitation, &user.user);
    bench.store.add_link(write(EventName::InvitationIssued, START), new.clone()).await.unwrap();
    assert!(!bench.is_good(&old).await);
    assert!(bench.is_good(&new).await);
    assert!(bench.is_good(&others).await);
}

/// There is no link without a user, setup aside.
pub async fn a_link_for_nobody_is_refused(bench: Bench) {
    let nobody = bench.scene.user();
    let link = bench.scene.link(LinkPurpose::Reset, &nobody.user);
    let before = bench.everything(&[]).await;
    refused!(bench.store.add_link(write(EventName::ResetIssued, START), link).await, StoreError::NotFound);
    assert_eq!(bench.everything(&[]).await, before);
}

/// It sets the password, opens the session, and is gone.
pub async fn a_link_is_good_once(bench: Bench) {
    let mut invited = bench.scene.user();
    invited.password = None;
    let link = bench.scene.link(LinkPurpose::Invitation, &invited.user);
    bench
        .store
        .create_user(write(EventName::UserCreated, START), invited.clone(), Some(link.clone()))
        .await
        .unwrap();
    let session = bench.scene.session(&invited.user);
    let mut change = bench.new_password(&invited);
    change.open = Some(opening(session.clone()));
    let redeem = || {
        bench.store.redeem_link(write(EventName::LinkUsed, START), link.hash, link.purpose, change.clone())
    };
    let changed = redeem().await.unwrap();
    assert_eq!(changed.opened.unwrap().session, session);
    let found = bench.store.credentials(invited.user.id).await.unwrap().unwrap();
    assert_eq!(found.password, Some(change.new.clone()));
    assert_eq!(found.user, changed.user);
    let before = bench.everything(&[&session]).await;
    refused!(redeem().await, StoreError::AlreadySpent);
    assert_eq!(bench.everything(&[&session]).await, before);
    assert_eq!(bench.event_names(0).await, ["user.created", "link.used"]);
}

/// Whoever stole the link and its owner use it at once: one password is set.
pub async fn a_link_raced_by_eight_is_used_once(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..10 {
        let user = bench.user().await;
        let link = bench.reset_link(&user).await;
        let results = race((0..8).map(|racer| {
            let (store, change) = (handle(racer), bench.new_password(&user));
            let (hash, purpose) = (link.hash, link.purpose);
            async move {
                let wanted = change.new.clone();
                let used = store.redeem_link(write(EventName::LinkUsed, START), hash, purpose, change).await;
                (used, wanted)
            }
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(|(used, _)| used.is_ok());
        assert_eq!(won.len(), 1);
        for (lost, _) in lost {
            refused!(lost, StoreError::AlreadySpent);
        }
        let found = bench.store.credentials(user.user.id).await.unwrap().unwrap();
        assert_eq!(found.password.as_ref(), Some(&won[0].1));
    }
}

/// A link is its user's, whatever the caller says.
pub async fn a_link_sets_nobody_elses_password(bench: Bench) {
    let (user, victim) = (bench.user().await, bench.user().await);
    let link = bench.reset_link(&user).await;
    let before = bench.everything(&[]).await;
    let change = bench.new_password(&victim);
    refused!(
        bench.store.redeem_link(write(EventName::LinkUsed, START), link.hash, link.purpose, change).await,
        StoreError::AlreadySpent
    );
    assert_eq!(bench.everything(&[]).await, before);
    assert!(bench.is_good(&link).await);
}

/// A refused use is no use.
pub async fn a_link_that_was_refused_stays_good(bench: Bench) {
    let user = bench.user().await;
    let link = bench.reset_link(&user).await;
    let disabled = UserChanges { disabled: Some(true), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), user.user.id, disabled).await.unwrap();
    let mut change = bench.new_password(&user);
    change.open = Some(opening(bench.scene.session(&user.user)));
    refused!(
        bench.store.redeem_link(write(EventName::LinkUsed, START), link.hash, link.purpose, change).await,
        StoreError::Stale
    );
    assert!(bench.is_good(&link).await);
}

/// A link stolen before the change is dead after it.
pub async fn a_password_change_ends_every_link_of_the_user(bench: Bench) {
    let (user, bystander) = (bench.user().await, bench.user().await);
    let (link, others) = (bench.reset_link(&user).await, bench.reset_link(&bystander).await);
    let change = bench.new_password(&user);
    bench.store.change_password(write(EventName::PasswordChanged, START), change).await.unwrap();
    assert!(!bench.is_good(&link).await);
    assert!(bench.is_good(&others).await);
}
