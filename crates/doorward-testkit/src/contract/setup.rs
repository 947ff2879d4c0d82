//! Setup happens exactly once.

use doorward_core::{
    audit::EventName,
    store::{Conflict, SetupProof, StoreError},
    user_search::UserFilter,
};

use super::{
    Bench,
    bench::{ALL, race},
    refused,
};
use crate::builders::{START, opening, write};

/// The first administrator exists, is signed in, and setup is over.
pub async fn setup_makes_the_administrator_and_opens_their_session(bench: Bench) {
    assert!(!bench.feed().await.setup_complete);
    let link = bench.scene.setup_link();
    bench.store.add_link(write(EventName::SetupTokenIssued, START), link.clone()).await.unwrap();
    let admin = bench.scene.admin();
    let session = bench.scene.session(&admin.user);
    let proof = SetupProof::Link(vec![bench.scene.token_hash(), link.hash]);
    bench.store.check_setup_proof(&proof).await.unwrap();
    let done = bench
        .store
        .complete_setup(
            write(EventName::SetupCompleted, START),
            proof,
            admin.clone(),
            opening(session.clone()),
        )
        .await
        .unwrap();
    assert_eq!(done.opened.session, session);
    assert_eq!(done.opened.user, admin.user);
    assert!(done.revocations.is_empty());
    assert_eq!(bench.store.session(session.id).await.unwrap(), Some(done.opened));
    let found = bench.store.credentials(admin.user.id).await.unwrap().unwrap();
    assert_eq!((found.user, found.password), (admin.user, admin.password));
    assert!(bench.feed().await.setup_complete);
    assert_eq!(bench.event_names(0).await, ["setup.token_issued", "setup.completed"]);
}

/// Neither a link nobody issued nor no link at all is a proof.
pub async fn setup_without_proof_changes_nothing(bench: Bench) {
    let link = bench.scene.setup_link();
    bench.store.add_link(write(EventName::SetupTokenIssued, START), link).await.unwrap();
    let before = bench.everything(&[]).await;
    for hashes in [vec![], vec![bench.scene.token_hash()]] {
        let proof = SetupProof::Link(hashes);
        refused!(bench.store.check_setup_proof(&proof).await, StoreError::NotFound);
        let admin = bench.scene.admin();
        let open = opening(bench.scene.session(&admin.user));
        let write = write(EventName::SetupCompleted, START);
        refused!(bench.store.complete_setup(write, proof, admin, open).await, StoreError::NotFound);
    }
    assert_eq!(bench.everything(&[]).await, before);
}

/// Whoever started the server twice has two links, and both are good.
pub async fn every_setup_link_works_until_setup_is_done(bench: Bench) {
    let links = [bench.scene.setup_link(), bench.scene.setup_link()];
    for link in &links {
        bench.store.add_link(write(EventName::SetupTokenIssued, START), link.clone()).await.unwrap();
    }
    for link in &links {
        bench.store.check_setup_proof(&SetupProof::Link(vec![link.hash])).await.unwrap();
    }
}

/// Nobody sets up what is set up, whatever they show.
pub async fn after_setup_there_is_no_setup(bench: Bench) {
    let link = bench.scene.setup_link();
    bench.store.add_link(write(EventName::SetupTokenIssued, START), link.clone()).await.unwrap();
    bench.set_up().await;
    let before = bench.everything(&[]).await;
    for proof in [SetupProof::Configured, SetupProof::Link(vec![link.hash]), SetupProof::Link(vec![])] {
        refused!(bench.store.check_setup_proof(&proof).await, StoreError::Conflict(Conflict::SetupComplete));
        let admin = bench.scene.admin();
        let open = opening(bench.scene.session(&admin.user));
        refused!(
            bench.store.complete_setup(write(EventName::SetupCompleted, START), proof, admin, open).await,
            StoreError::Conflict(Conflict::SetupComplete)
        );
    }
    refused!(
        bench.store.add_link(write(EventName::SetupTokenIssued, START), bench.scene.setup_link()).await,
        StoreError::Conflict(Conflict::SetupComplete)
    );
    assert_eq!(bench.everything(&[]).await, before);
}

/// A user made from the command line before setup keeps the name, and setup stays open.
pub async fn setup_refuses_a_name_that_was_given_before(bench: Bench) {
    let user = bench.user().await;
    let mut admin = bench.scene.admin();
    admin.user.username = user.user.username.clone();
    let open = opening(bench.scene.session(&admin.user));
    let write = write(EventName::SetupCompleted, START);
    refused!(
        bench.store.complete_setup(write, SetupProof::Configured, admin, open).await,
        StoreError::Conflict(Conflict::NameTaken)
    );
    bench.store.check_setup_proof(&SetupProof::Configured).await.unwrap();
    bench.set_up().await;
}

/// Eight browsers complete setup at once: one administrator.
pub async fn setup_raced_by_eight_has_one_winner(bench: Bench) {
    for _ in 0..8 {
        let bench = bench.another();
        let handle = bench.handles();
        let link = bench.scene.setup_link();
        bench.store.add_link(write(EventName::SetupTokenIssued, START), link.clone()).await.unwrap();
        let results =
            race((0..8).map(|racer| {
                let (store, admin) = (handle(racer), bench.scene.admin());
                let open = opening(bench.scene.session(&admin.user));
                let proof = SetupProof::Link(vec![link.hash]);
                async move {
                    store.complete_setup(write(EventName::SetupCompleted, START), proof, admin, open).await
                }
            }))
            .await;
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for lost in lost {
            refused!(lost, StoreError::Conflict(Conflict::SetupComplete));
        }
        assert_eq!(bench.store.users(&UserFilter::default(), ALL).await.unwrap().items.len(), 1);
        assert_eq!(bench.event_names(1).await, ["setup.completed"]);
    }
}
