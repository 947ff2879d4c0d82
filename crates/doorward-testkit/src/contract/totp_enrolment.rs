//! An authenticator app is set up in the session that began it, and by what holds until the end.

use doorward_core::{
    audit::EventName,
    second_factor::{FactorChange, FactorUse, LastFactor, SecondProof, TotpEnrolment},
    session::Session,
    store::{ChangePassword, NewUser, SessionProof, StoreError},
};

use super::{
    Bench,
    factor_bench::{CONFIRMED_AT, confirmation},
    refused,
};
use crate::builders::{START, write};

/// Whoever has stolen a session can end what another one has begun, and cannot show it a secret of theirs.
pub async fn an_app_is_set_up_in_the_session_that_began_it(bench: Bench) {
    let user = bench.user().await;
    let [owners, thiefs] = [bench.begin_app(&user).await, bench.begin_app(&user).await];
    assert_eq!(bench.begun(&user, owners.session, START).await, None);
    assert_eq!(bench.begun(&user, thiefs.session, START).await, Some(thiefs.clone()));
    let before = bench.everything(&[]).await;
    let elsewhere = TotpEnrolment { session: owners.session, ..thiefs.clone() };
    for lost in [&owners, &elsewhere] {
        refused!(bench.confirm(&user, lost, START).await, StoreError::Stale);
    }
    assert_eq!(bench.everything(&[]).await, before);
    bench.confirm(&user, &thiefs, START).await.unwrap();
}

/// Half an hour is longer than an authentication is fresh.
pub async fn an_app_that_is_being_set_up_goes_on_in_the_session_that_was_stepped_up_to(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let (other, others) = bench.signed_in().await;
    let open = async |step| bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + step).await).await;
    let [begins, unconcerned] = [open(1).await, open(2).await].map(|opened| opened.unwrap().opened.session);
    let begun = bench.begin_app_in(&user, begins.id).await;
    // As if ids were the same by chance: what somebody else is setting up stays where it is.
    let foreign = bench.begin_app_in(&other, begins.id).await;
    let step_up = async |from: &Session, code| {
        let proof = SessionProof {
            second: SecondProof::Given(FactorUse::RecoveryCode(vec![code])),
            steps_up: Some(from.id),
            ..SessionProof::default()
        };
        bench.open_by(&user, proof).await.map(|opened| opened.opened.session)
    };
    let unmoved = async || bench.begun(&user, begins.id, START).await == Some(begun.clone());
    step_up(&unconcerned, codes[0]).await.unwrap();
    assert!(unmoved().await);
    refused!(step_up(&begins, codes[0]).await, StoreError::AlreadySpent);
    refused!(step_up(&others, codes[1]).await, StoreError::NotFound);
    assert!(unmoved().await);
    let steps_up = step_up(&begins, codes[1]).await.unwrap();
    let moved = TotpEnrolment { session: steps_up.id, ..begun.clone() };
    assert_eq!(bench.begun(&user, begins.id, START).await, None);
    assert_eq!(bench.begun(&user, steps_up.id, START).await, Some(moved.clone()));
    assert_eq!(bench.begun(&other, begins.id, START).await, Some(foreign));
    refused!(bench.confirm(&user, &begun, START).await, StoreError::Stale);
    bench.confirm(&user, &moved, START).await.unwrap();
}

/// Whoever changed them may have done so because of what somebody else has begun.
pub async fn a_change_of_factors_or_password_ends_what_is_being_set_up(bench: Bench) {
    let (bystander, _) = bench.with_app().await;
    let unconcerned = bench.begin_app(&bystander).await;
    let (mut user, _) = bench.with_app().await;
    let passkey = bench.scene.passkey(&user.user);
    for change in [
        FactorChange::ReplaceRecoveryCodes(bench.scene.recovery_codes()),
        bench.addition(&passkey),
        FactorChange::RemovePasskey(passkey.id.clone(), LastFactor::Stays),
        FactorChange::RemoveTotp(LastFactor::MayGo),
        FactorChange::Reset,
    ] {
        let begun = bench.begin_app(&user).await;
        user.user = bench.change_factors(&user, change).await.unwrap().user;
        assert!(bench.is_over(&user, &begun).await);
    }
    let begun = bench.begin_app(&user).await;
    let change = ChangePassword {
        user: user.user.id,
        expected: None,
        new: bench.scene.password(),
        must_change_password: false,
        needs_second_factor: false,
        open: None,
    };
    bench.store.change_password(write(EventName::PasswordChanged, START), change).await.unwrap();
    assert!(bench.is_over(&user, &begun).await);
    assert_eq!(bench.begun(&bystander, unconcerned.session, START).await, Some(unconcerned));
}

impl Bench {
    async fn is_over(&self, user: &NewUser, begun: &TotpEnrolment) -> bool {
        let change = confirmation(begun, &self.scene.recovery_codes());
        refused!(self.change_factors(user, change).await, StoreError::Stale);
        let left = self.store.sealed_totp(None, 100).await.unwrap();
        left.iter().all(|(_, sealed)| *sealed != begun.sealed)
    }
}
