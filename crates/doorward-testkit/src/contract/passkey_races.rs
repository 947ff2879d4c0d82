//! However many race, a signature is good once, and passkeys stay few.

use doorward_core::{
    audit::EventName,
    passkey::Passkey,
    second_factor::{FactorChange, FactorUse},
    store::{Conflict, NewUser, StoreError},
};

use super::{
    Bench,
    bench::race,
    second_factor_races::{opens, winners},
};
use crate::{
    builders::{START, write},
    factors::both,
};

const ROUNDS: u32 = 8;

/// What was signed once opens one session, though the counters would go on.
pub async fn a_challenge_raced_by_sixteen_is_good_once(bench: Bench) {
    let (handle, mut user) = (bench.handles(), bench.user().await);
    let passkey = bench.add_passkey(&mut user).await;
    for _ in 0..ROUNDS {
        let challenge = bench.scene.challenge();
        let id = &passkey.id;
        let results = race((0..16).map(|racer| {
            let signed = FactorUse::Passkey { id: id.clone(), sign_count: 0, synced: false, challenge };
            opens(handle(racer), bench.scene.strong_session(&user.user), both(&user, signed))
        }))
        .await;
        assert_eq!(winners(&results, |error| matches!(error, StoreError::AlreadySpent)), 1);
    }
}

/// A passkey and its copy count alike: one of them is found out.
pub async fn one_counter_raced_by_sixteen_opens_one_session(bench: Bench) {
    let (handle, mut user) = (bench.handles(), bench.user().await);
    let passkey = bench.add_passkey(&mut user).await;
    for round in 1..=ROUNDS {
        let results = race((0..16).map(|racer| {
            let proof = both(&user, bench.scene.signed_by(&passkey, round));
            opens(handle(racer), bench.scene.strong_session(&user.user), proof)
        }))
        .await;
        assert_eq!(winners(&results, |error| matches!(error, StoreError::AlreadySpent)), 1);
        assert_eq!(bench.store.passkeys(user.user.id).await.unwrap()[0].sign_count, round);
    }
}

/// Of one account at most so many; and one credential is one account's.
pub async fn passkeys_that_race_stay_few_and_apart(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..ROUNDS {
        let users = [bench.user().await, bench.user().await];
        let add = |owner: &NewUser, passkey: Passkey| FactorChange::AddPasskey {
            passkey: Passkey { user_id: owner.user.id, ..passkey },
            challenge: bench.scene.challenge(),
            recovery_codes: bench.scene.recovery_codes(),
            most: 3,
        };
        let changing = |racer: usize, owner: &NewUser, passkey: Passkey| {
            let (store, id, change) = (handle(racer), owner.user.id, add(owner, passkey));
            async move { store.change_factors(write(EventName::PasskeyAdded, START), id, None, change).await }
        };
        let one = bench.scene.passkey(&users[0].user);
        let taken = race((0..4).map(|racer| changing(racer, &users[racer % 2], one.clone()))).await;
        let is_taken = |error: &StoreError| matches!(error, StoreError::Conflict(Conflict::PasskeyTaken));
        assert_eq!(winners(&taken, is_taken), 1);
        let owner = bench.user().await;
        let many = race((0..8).map(|racer| changing(racer, &owner, bench.scene.passkey(&owner.user)))).await;
        let too_many = |error: &StoreError| matches!(error, StoreError::Conflict(Conflict::TooManyPasskeys));
        assert_eq!(winners(&many, too_many), 3);
        assert_eq!(many.iter().flatten().filter(|done| done.recovery_codes_made).count(), 1);
        assert_eq!(bench.store.passkeys(owner.user.id).await.unwrap().len(), 3);
    }
}
