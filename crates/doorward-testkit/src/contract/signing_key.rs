//! One key signs; the others verify until they are removed.

use doorward_core::{
    audit::EventName,
    link::LinkPurpose,
    signing_key::{KeyTerm, SealedSigningKey, SigningKeyId, Succession},
    store::{SetupProof, StoreError},
};

use super::{
    Bench,
    bench::{after, race},
    refused,
};
use crate::builders::{START, write};

impl Bench {
    async fn rotate(
        &self,
        at: u64,
        key: &SealedSigningKey,
        expected: Option<&SigningKeyId>,
    ) -> Result<(), StoreError> {
        self.follow(at, key, expected, Succession::InTurn).await
    }

    async fn follow(
        &self,
        at: u64,
        key: &SealedSigningKey,
        expected: Option<&SigningKeyId>,
        succession: Succession,
    ) -> Result<(), StoreError> {
        let created = write(EventName::SigningKeyCreated, after(at));
        self.store.add_signing_key(created, key.clone(), expected.cloned(), succession).await
    }

    /// A key made at `at` that signs from `signs_from`.
    fn key_of_term(&self, at: u64, signs_from: u64) -> SealedSigningKey {
        SealedSigningKey { term: KeyTerm::from(after(signs_from)), ..self.scene.signing_key(after(at)) }
    }

    async fn version(&self) -> u64 {
        self.feed().await.signing_keys_version
    }
}

/// From when the new one signs, be that now or later; and only the one that was last: an older retirement keeps its date.
pub async fn a_new_key_retires_the_one_before(bench: Bench) {
    assert!(bench.store.signing_keys().await.unwrap().is_empty());
    let [mut first, mut second, third] =
        [(1, 1), (2, 40), (3, 50)].map(|(at, signs_from)| bench.key_of_term(at, signs_from));
    bench.rotate(1, &first, None).await.unwrap();
    assert_eq!(bench.store.signing_keys().await.unwrap(), std::slice::from_ref(&first));
    bench.rotate(2, &second, Some(&first.id)).await.unwrap();
    bench.rotate(3, &third, Some(&second.id)).await.unwrap();
    first.term.retired_at = Some(after(40));
    second.term.retired_at = Some(after(50));
    assert_eq!(bench.store.signing_keys().await.unwrap(), [third, second, first]);
    assert_eq!(bench.version().await, 3);
    assert_eq!(bench.event_names(0).await, ["key.created"; 3]);
}

/// One of them has leaked. What had retired before keeps its date, and what would have signed never does.
pub async fn a_distrusting_key_takes_the_trust_from_every_other(bench: Bench) {
    let [mut first, mut second, mut waiting] =
        [(1, 1), (2, 10), (3, 40)].map(|(at, signs_from)| bench.key_of_term(at, signs_from));
    bench.rotate(1, &first, None).await.unwrap();
    bench.rotate(2, &second, Some(&first.id)).await.unwrap();
    bench.rotate(3, &waiting, Some(&second.id)).await.unwrap();
    let third = bench.key_of_term(20, 20);
    refused!(bench.follow(20, &third, Some(&second.id), Succession::Distrusting).await, StoreError::Stale);
    bench.follow(20, &third, Some(&waiting.id), Succession::Distrusting).await.unwrap();
    for (key, retired_at) in [(&mut first, 10), (&mut second, 20), (&mut waiting, 20)] {
        key.term.retired_at = Some(after(retired_at));
        key.term.distrusted = true;
    }
    let fourth = bench.key_of_term(30, 60);
    bench.rotate(30, &fourth, Some(&third.id)).await.unwrap();
    let third = SealedSigningKey { term: KeyTerm { retired_at: Some(after(60)), ..third.term }, ..third };
    assert_eq!(bench.store.signing_keys().await.unwrap(), [fourth, third, waiting, second, first]);
    assert_eq!(bench.version().await, 5);
}

/// Another node rotated meanwhile.
pub async fn a_rotation_on_old_facts_changes_nothing(bench: Bench) {
    let [first, second, third] = [1, 2, 3].map(|at| bench.scene.signing_key(after(at)));
    refused!(bench.rotate(1, &second, Some(&first.id)).await, StoreError::Stale);
    bench.rotate(1, &first, None).await.unwrap();
    bench.rotate(2, &second, Some(&first.id)).await.unwrap();
    let before = bench.everything(&[]).await;
    for expected in [None, Some(&first.id), Some(&third.id)] {
        refused!(bench.rotate(3, &third, expected).await, StoreError::Stale);
    }
    assert_eq!(bench.everything(&[]).await, before);
}

/// Several nodes find the key too old at once.
pub async fn rotations_that_race_have_one_winner(bench: Bench) {
    let handle = bench.handles();
    let mut current: Option<SigningKeyId> = None;
    for round in 1..=10 {
        let results = race((0..6).map(|racer| {
            let (store, key) = (handle(racer), bench.scene.signing_key(after(round)));
            let expected = current.clone();
            let created = write(EventName::SigningKeyCreated, after(round));
            async move {
                let added = store.add_signing_key(created, key.clone(), expected, Succession::InTurn).await;
                added.map(|()| key.id)
            }
        }))
        .await;
        let won: Vec<_> = results.into_iter().filter_map(Result::ok).collect();
        assert_eq!(won.len(), 1);
        current = won.into_iter().next();
        let keys = bench.store.signing_keys().await.unwrap();
        let signing: Vec<_> = keys.iter().filter(|key| key.term.retired_at.is_none()).collect();
        assert_eq!(signing.len(), 1);
        assert_eq!(Some(&signing[0].id), current.as_ref());
        assert_eq!(bench.version().await, round);
    }
}

/// A new master secret: the keys stay, and one that is gone stays gone.
pub async fn resealing_changes_the_sealed_parts_only(bench: Bench) {
    let [first, second, unknown] = [1, 2, 3].map(|at| bench.scene.signing_key(after(at)));
    bench.rotate(1, &first, None).await.unwrap();
    bench.rotate(2, &second, Some(&first.id)).await.unwrap();
    let mut expected = bench.store.signing_keys().await.unwrap();
    let mut resealed = bench.scene.signing_key(after(9));
    resealed.id = first.id.clone();
    bench.store.reseal_signing_keys(vec![unknown, resealed.clone()]).await.unwrap();
    expected[1].sealed_private = resealed.sealed_private;
    assert_eq!(bench.store.signing_keys().await.unwrap(), expected);
    assert_eq!(bench.event_names(0).await.len(), 2);
}

/// Nothing signed before verifies any more, and the next key is a first one.
pub async fn dropped_keys_are_gone(bench: Bench) {
    let [first, second] = [1, 2].map(|at| bench.scene.signing_key(after(at)));
    bench.rotate(1, &first, None).await.unwrap();
    bench.store.drop_keys_and_links(write(EventName::AllSessionsEnded, after(2))).await.unwrap();
    assert!(bench.store.signing_keys().await.unwrap().is_empty());
    assert_eq!(bench.version().await, 2);
    bench.rotate(3, &second, None).await.unwrap();
    assert_eq!(bench.event_names(0).await, ["key.created", "session.all_ended", "key.created"]);
}

/// A link that was used since the backup would be good again; so would a setup token.
pub async fn links_are_dropped_with_the_keys(bench: Bench) {
    let user = bench.user().await;
    let (reset, setup) = (bench.scene.link(LinkPurpose::Reset, &user.user), bench.scene.setup_link());
    for link in [&reset, &setup] {
        bench.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    }
    let setup = SetupProof::Link(vec![setup.hash]);
    assert!(bench.store.link(&[reset.hash], LinkPurpose::Reset, START).await.unwrap().is_some());
    bench.store.check_setup_proof(&setup).await.unwrap();
    bench.store.drop_keys_and_links(write(EventName::AllSessionsEnded, after(1))).await.unwrap();
    assert_eq!(bench.store.link(&[reset.hash], LinkPurpose::Reset, START).await.unwrap(), None);
    refused!(bench.store.check_setup_proof(&setup).await, StoreError::NotFound);
}
