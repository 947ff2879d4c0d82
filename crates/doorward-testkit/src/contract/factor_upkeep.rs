//! What is kept of factors outlives restarts and master secrets, and not its own end.

use std::time::Duration;

use doorward_core::{
    audit::EventName,
    ids::UserId,
    second_factor::{TotpEnrolment, totp::Step},
    store::StoreError,
    user::Factors,
};

use super::{
    Bench,
    bench::{after, around},
    factor_bench::{CONFIRMED_AT, waiting},
    refused,
};
use crate::{
    builders::{START, clean_up_to, write},
    factors::both,
};

/// A new master secret: every sealed secret is found, in parts, and replaced where it is still the one.
pub async fn sealed_secrets_are_listed_and_sealed_anew(bench: Bench) {
    let (store, mut expected) = (&bench.store, Vec::new());
    for number in 0..4 {
        let user = if number == 2 { bench.user().await } else { bench.with_app().await.0 };
        let in_force = bench.claim(&user, None).await.unwrap().totp.map(|totp| totp.sealed);
        expected.extend(in_force.map(|sealed| (user.user.id, 1, sealed)));
        if number > 1 {
            expected.push((user.user.id, 2, bench.begin_app(&user).await.sealed));
        }
    }
    expected.sort();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let batch = store.sealed_totp(after, 1).await.unwrap();
        let Some((last, _)) = batch.last() else { break };
        assert!(batch.iter().all(|(user, _)| user == last), "a batch is of one user here");
        after = Some(*last);
        found.extend(batch);
    }
    let plain: Vec<_> = expected.into_iter().map(|(user, _, sealed)| (user, sealed)).collect();
    assert_eq!(found, plain);
    assert_eq!(store.sealed_totp(None, 10).await.unwrap(), plain);
    let (before, mut anew) = (bench.everything(&[]).await, plain.clone());
    for (at, (user, sealed)) in plain.iter().enumerate() {
        // Of somebody else, or another by now: it stays.
        store.reseal_totp(*user, b"another", vec![0]).await.unwrap();
        store.reseal_totp(UserId::from_bytes(bench.scene.bytes()), sealed, vec![0]).await.unwrap();
        anew[at].1 = vec![7, u8::try_from(at).unwrap()];
        store.reseal_totp(*user, sealed, anew[at].1.clone()).await.unwrap();
        assert_eq!(store.sealed_totp(None, 10).await.unwrap(), anew);
    }
    assert_eq!(bench.everything(&[]).await, before);
}

/// Each kind at its end, so many at a time, and nothing that counts.
pub async fn what_is_left_of_factors_is_cleaned_up_at_its_end(bench: Bench) {
    let end = after(1_000_000);
    let (mut user, _) = bench.with_app().await;
    let factors = bench.factors(&user).await;
    bench.add_passkey(&mut user).await;
    let passkeys_challenge = START.plus(Duration::from_mins(5));
    for step in 1..=2 {
        bench.trusted_device(&user, CONFIRMED_AT + step, end).await;
        let other = bench.user().await;
        let enrolment = TotpEnrolment { expires_at: end, ..bench.scene.totp_enrolment() };
        let began = write(EventName::TotpEnrolmentBegan, START);
        bench.store.begin_totp_enrolment(began, other.user.id, enrolment).await.unwrap();
        let mut login = bench.scene.pending_login(&user.user);
        login.expires_at = end;
        bench.begin_pending(&user, waiting(&user, login)).await.unwrap();
    }
    let removed =
        async |now, limit| bench.store.clean_up(clean_up_to(now, limit)).await.unwrap().factor_rests;
    for (now, expected) in around(passkeys_challenge).into_iter().zip([0, 1, 0]) {
        assert_eq!(removed(now, 10).await, expected);
    }
    let [before, at, _] = around(end);
    for (now, limit, expected) in [(before, 10, 0), (at, 1, 3), (at, 1, 3), (at, 10, 0)] {
        assert_eq!(removed(now, limit).await, expected);
    }
    assert_eq!(bench.factors(&user).await, Factors { passkeys: 1, ..factors });
    assert!(bench.claim(&user, None).await.unwrap().totp.is_some());
}

/// Apps, what is spent of them, codes, passkeys, logins that wait, devices, challenges, counts.
pub async fn factors_are_there_after_a_restart(bench: Bench) {
    let (mut user, codes) = bench.with_app().await;
    let passkey = bench.add_passkey(&mut user).await;
    let enrolment = bench.begin_app(&user).await;
    let device = bench.trusted_device(&user, CONFIRMED_AT + 1, after(9)).await;
    let login = bench.pending_login(&user).await;
    assert!(bench.opens(&user, codes[0]).await);
    let signed = bench.scene.signed_by(&passkey, 3);
    bench.open_by(&user, both(&user, signed.clone())).await.unwrap();
    let claimed = bench.claim(&user, Some(&login)).await.unwrap();
    let before = bench.everything(&[]).await;
    let bench = bench.restarted();
    assert_eq!(bench.everything(&[]).await, before);
    assert_eq!(bench.begun(&user, enrolment.session, START).await, Some(enrolment));
    assert!(bench.store.is_trusted(user.user.id, device, START).await.unwrap());
    let facts = bench.claim(&user, Some(&login)).await.unwrap();
    assert_eq!((facts.running, facts.tries_left), (claimed.running + 1, claimed.tries_left - 1));
    assert_eq!(facts.totp, claimed.totp);
    assert_eq!(facts.totp.unwrap().state.last_step, Some(Step(CONFIRMED_AT + 1)));
    assert!(!bench.opens(&user, codes[0]).await && bench.opens(&user, codes[1]).await);
    assert_eq!(bench.store.passkeys(user.user.id).await.unwrap()[0].sign_count, 3);
    refused!(bench.open_by(&user, both(&user, signed)).await, StoreError::AlreadySpent);
}
