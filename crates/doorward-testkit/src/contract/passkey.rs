//! Passkeys are kept, used by counters and challenges that are good once, and removed.

use doorward_core::{
    audit::EventName,
    passkey::{Passkey, PasskeyId},
    second_factor::{FactorChange, FactorUse, LastFactor, SecondProof},
    store::{Conflict, NewUser, SessionProof, StoreError, UserChanges},
    user::Factors,
};

use super::{Bench, bench::after, refused};
use crate::{
    builders::{START, write},
    factors::both,
};

impl Bench {
    async fn with_passkey(&self) -> (NewUser, Passkey) {
        let mut user = self.user().await;
        let passkey = self.add_passkey(&mut user).await;
        (user, passkey)
    }

    async fn passkeys(&self, user: &NewUser) -> Vec<Passkey> {
        self.store.passkeys(user.user.id).await.unwrap()
    }
}

/// A passkey and nothing else.
fn alone(signed: FactorUse) -> SessionProof {
    SessionProof { second: SecondProof::Given(signed), ..SessionProof::default() }
}

/// Every member, alone and in the list of its owner, oldest first; with its user and their password.
pub async fn a_passkey_reads_back_whole(bench: Bench) {
    let (mut user, other) = (bench.user().await, bench.user().await);
    let plain = Passkey { created_at: after(2), ..bench.scene.passkey(&user.user) };
    let rich = Passkey {
        id: PasskeyId::from_bytes(vec![0xff; PasskeyId::MAX_BYTES]).unwrap(),
        name: "Ann’s “phone”".parse().unwrap(),
        sign_count: u32::MAX,
        synced: true,
        created_at: after(1),
        last_used_at: Some(after(9)),
        ..bench.scene.passkey(&user.user)
    };
    for passkey in [&plain, &rich] {
        user.user = bench.change_factors(&user, bench.addition(passkey)).await.unwrap().user;
    }
    assert_eq!(bench.passkeys(&user).await, [rich.clone(), plain.clone()]);
    assert_eq!(bench.passkeys(&other).await, []);
    for passkey in [plain, rich] {
        let (found, owner) = bench.store.passkey(&passkey.id).await.unwrap().unwrap();
        assert_eq!((found, owner.user, owner.password), (passkey, user.user.clone(), user.password.clone()));
    }
    let unknown = bench.scene.passkey(&user.user).id;
    assert!(bench.store.passkey(&unknown).await.unwrap().is_none());
}

/// The first one brings recovery codes for somebody who has none; none is anybody's a second time, and none too many.
pub async fn passkeys_are_added_up_to_so_many(bench: Bench) {
    let (user, codes) = (bench.user().await, bench.scene.recovery_codes());
    let add = |passkey: &Passkey, most| FactorChange::AddPasskey {
        passkey: passkey.clone(),
        challenge: bench.scene.challenge(),
        recovery_codes: codes.clone(),
        most,
    };
    let [first, second, third] = [(); 3].map(|()| bench.scene.passkey(&user.user));
    let done = bench.change_factors(&user, add(&first, 2)).await.unwrap();
    assert!(done.recovery_codes_made);
    assert_eq!(done.user.factors, Factors { totp: false, passkeys: 1, recovery_codes_left: 10 });
    let spent = both(&user, FactorUse::RecoveryCode(codes.clone()));
    bench.open_by(&user, spent).await.unwrap();
    let done = bench.change_factors(&user, add(&second, 2)).await.unwrap();
    assert!(!done.recovery_codes_made);
    assert_eq!(done.user.factors, Factors { totp: false, passkeys: 2, recovery_codes_left: 9 });
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(done.user));
    // Who brings none gets none.
    let (plain, _) = bench.with_passkey().await;
    assert_eq!(plain.user.factors, Factors { totp: false, passkeys: 1, recovery_codes_left: 0 });

    let other = bench.user().await;
    let stolen = Passkey { user_id: other.user.id, ..first.clone() };
    let before = bench.everything(&[]).await;
    let refusals = [
        (&user, add(&third, 2), Conflict::TooManyPasskeys),
        (&user, add(&first, 20), Conflict::PasskeyTaken),
        (&user, add(&first, 2), Conflict::PasskeyTaken),
        (&other, add(&stolen, 20), Conflict::PasskeyTaken),
    ];
    for (who, change, expected) in refusals {
        match bench.change_factors(who, change).await {
            Err(StoreError::Conflict(conflict)) => assert_eq!(conflict, expected),
            other => panic!("{other:?}"),
        }
    }
    // Only a defect could ask to let somebody in as somebody else.
    refused!(bench.change_factors(&other, add(&third, 20)).await, StoreError::Unavailable(_));
    assert_eq!(bench.everything(&[]).await, before);
    assert_eq!(bench.passkeys(&other).await, []);
}

/// Counters go up, or stand at zero for a passkey that does not count: a copy gives itself away (WebAuthn Level 3, 6.1.1).
pub async fn a_passkey_opens_by_a_counter_that_goes_on(bench: Bench) {
    let (user, passkey) = bench.with_passkey().await;
    for (at, sign_count, good) in [
        (1, 0, true),
        (2, 0, true),
        (3, 5, true),
        (4, 5, false),
        (5, 4, false),
        (6, 0, false),
        (7, 6, true),
        (8, u32::MAX, true),
        (9, u32::MAX, false),
    ] {
        let before = bench.passkeys(&user).await;
        let proof = both(&user, bench.scene.signed_by(&passkey, sign_count));
        let session = bench.scene.strong_session_at(&user.user, after(at));
        let opened = bench.open_as(session, after(at), proof).await;
        if good {
            opened.unwrap();
            let used = Passkey { sign_count, last_used_at: Some(after(at)), ..passkey.clone() };
            assert_eq!(bench.passkeys(&user).await, [used]);
        } else {
            refused!(opened, StoreError::AlreadySpent);
            assert_eq!(bench.passkeys(&user).await, before);
        }
    }
    // Neither somebody else's nor one that is gone.
    let (other, others) = bench.with_passkey().await;
    for (who, passkey) in [(&user, &others), (&other, &passkey), (&other, &bench.scene.passkey(&other.user))]
    {
        let proof = both(who, bench.scene.signed_by(passkey, 1));
        refused!(bench.open_by(who, proof).await, StoreError::AlreadySpent);
    }
    assert_eq!(bench.passkeys(&other).await, [others]);
}

/// Whatever it was signed for, and although the counter would go on.
pub async fn a_challenge_is_good_once(bench: Bench) {
    let (mut user, passkey) = bench.with_passkey().await;
    let challenge = bench.scene.challenge();
    let signed =
        |sign_count| FactorUse::Passkey { id: passkey.id.clone(), sign_count, synced: false, challenge };
    // Refused for something else: not spent.
    let mut weak = bench.scene.session(&user.user);
    weak.authentication.aal = 1;
    refused!(bench.open_as(weak, START, both(&user, signed(1))).await, StoreError::Stale);
    assert!(!bench.store.is_spent(&challenge).await.unwrap());
    bench.open_by(&user, both(&user, signed(1))).await.unwrap();
    assert!(bench.store.is_spent(&challenge).await.unwrap());
    let before = bench.everything(&[]).await;
    refused!(bench.open_by(&user, both(&user, signed(2))).await, StoreError::AlreadySpent);
    let another = bench.scene.passkey(&user.user);
    let add = |passkey: &Passkey, challenge| FactorChange::AddPasskey {
        passkey: passkey.clone(),
        challenge,
        recovery_codes: Vec::new(),
        most: 20,
    };
    refused!(bench.change_factors(&user, add(&another, challenge)).await, StoreError::AlreadySpent);
    assert_eq!(bench.everything(&[]).await, before);
    assert_eq!(bench.passkeys(&user).await[0].sign_count, 1);
    // The one of a registration is spent too.
    let registered = bench.scene.challenge();
    user.user = bench.change_factors(&user, add(&another, registered)).await.unwrap().user;
    let replayed =
        FactorUse::Passkey { id: passkey.id.clone(), sign_count: 9, synced: false, challenge: registered };
    refused!(bench.open_by(&user, both(&user, replayed)).await, StoreError::AlreadySpent);
}

/// Nothing else was shown, and nothing else is asked; but the account must be in use.
pub async fn a_passkey_alone_opens_a_session(bench: Bench) {
    let (user, passkey) = bench.with_passkey().await;
    let opened = bench.open_by(&user, alone(bench.scene.signed_by(&passkey, 1))).await.unwrap();
    assert_eq!(opened.opened.user, user.user);
    let changes = UserChanges { disabled: Some(true), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), user.user.id, changes).await.unwrap();
    let proof = alone(bench.scene.signed_by(&passkey, 2));
    refused!(bench.open_by(&user, proof.clone()).await, StoreError::Stale);
    bench.store.delete_user(write(EventName::UserDeleted, START), user.user.id).await.unwrap();
    refused!(bench.open_by(&user, proof).await, StoreError::Stale);
    // It went with its user, and is anybody's to register.
    assert!(bench.store.passkey(&passkey.id).await.unwrap().is_none());
    let heir = bench.user().await;
    let inherited = Passkey { user_id: heir.user.id, ..passkey };
    bench.change_factors(&heir, bench.addition(&inherited)).await.unwrap();
}

/// Its owner's, and that one only.
pub async fn a_passkey_is_removed_by_its_owner(bench: Bench) {
    let (mut user, passkey) = bench.with_passkey().await;
    let kept = bench.add_passkey(&mut user).await;
    let (other, _) = bench.with_passkey().await;
    let remove = |passkey: &Passkey| FactorChange::RemovePasskey(passkey.id.clone(), LastFactor::MayGo);
    let before = bench.everything(&[]).await;
    refused!(bench.change_factors(&other, remove(&passkey)).await, StoreError::NotFound);
    let unknown = bench.scene.passkey(&user.user);
    refused!(bench.change_factors(&user, remove(&unknown)).await, StoreError::NotFound);
    assert_eq!(bench.everything(&[]).await, before);
    let done = bench.change_factors(&user, remove(&passkey)).await.unwrap();
    assert_eq!(done.user.factors.passkeys, 1);
    assert_eq!(bench.passkeys(&user).await, [kept]);
    refused!(bench.change_factors(&user, remove(&passkey)).await, StoreError::NotFound);
}
