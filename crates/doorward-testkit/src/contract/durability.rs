//! What was acknowledged is there, for other processes and after a restart.

use doorward_core::{
    audit::EventName,
    link::LinkPurpose,
    revocation::FeedEntry,
    signing_key::Succession,
    store::{Conflict, RevokeWhich, SetupProof, StoreError},
};

use super::{Bench, bench::after, refused};
use crate::builders::{START, advance, write};

/// Users, names, sessions, families, links, keys, the feed, the log and the counters.
pub async fn everything_is_there_after_a_restart(bench: Bench) {
    let (admin, first) = bench.set_up().await;
    let (user, second) = bench.signed_in().await;
    let refreshed = write(EventName::SessionRefreshed, after(1));
    bench.store.advance_refresh(refreshed, advance(&first, after(1))).await.unwrap();
    let which = RevokeWhich::One { id: second.id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, after(2)), which, "x").await.unwrap();
    let link = bench.scene.link(LinkPurpose::Reset, &user.user);
    bench.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    let key = bench.scene.signing_key(START);
    bench
        .store
        .add_signing_key(write(EventName::SigningKeyCreated, START), key, None, Succession::InTurn)
        .await
        .unwrap();
    let gone = bench.user().await;
    bench.store.delete_user(write(EventName::UserDeleted, START), gone.user.id).await.unwrap();

    let before = bench.everything(&[&first, &second]).await;
    let bench = bench.restarted();
    assert_eq!(bench.everything(&[&first, &second]).await, before);
    assert_eq!(bench.store.link(&[link.hash], link.purpose, START).await.unwrap(), Some((link, user.user)));
    assert_eq!(bench.feed().await.highest_time, after(2));
    refused!(
        bench.store.check_setup_proof(&SetupProof::Configured).await,
        StoreError::Conflict(Conflict::SetupComplete)
    );
    refused!(
        bench.store.create_user(write(EventName::UserCreated, START), gone, None).await,
        StoreError::Conflict(Conflict::NameTaken)
    );
    assert_eq!(bench.store.session(first.id).await.unwrap().unwrap().user, admin.user);
    // Numbers go on where they were.
    let which = RevokeWhich::One { id: first.id, owner: None };
    let revoked = bench.store.revoke_sessions(write(EventName::LoggedOut, after(3)), which, "x").await;
    let revocation = revoked.unwrap().revocations[0];
    assert_eq!(bench.feed().await.entries.last(), Some(&FeedEntry { seq: 3, revocation }));
}

/// The command line works on the data of a running server.
pub async fn two_processes_see_each_other(bench: Bench) {
    let other = bench.beside();
    for _ in 0..10 {
        let user = bench.user().await;
        assert_eq!(other.user(user.user.id).await.unwrap(), Some(user.user.clone()));
        let session = bench.sign_in(&user).await;
        let which = RevokeWhich::One { id: session.id, owner: None };
        let revoked = other.revoke_sessions(write(EventName::SessionRevoked, START), which, "x").await;
        let told = revoked.unwrap().revocations[0];
        assert!(bench.session(session.id).await.revoked_at.is_some());
        assert_eq!(bench.told().await.last(), Some(&told));
    }
}

/// Asking whether it works changes nothing.
pub async fn a_store_is_ready_for_reads_and_writes(bench: Bench) {
    bench.set_up().await;
    let before = bench.everything(&[]).await;
    bench.store.check().await.unwrap();
    assert_eq!(bench.everything(&[]).await, before);
}
