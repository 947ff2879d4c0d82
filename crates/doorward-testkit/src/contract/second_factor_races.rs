//! However many race, what is good once is good once, and no more is examined than may be.

use std::sync::Arc;

use doorward_core::{
    audit::EventName,
    second_factor::{ClaimCode, FactorChange, FactorUse, LastFactor, SecondProof},
    secret::TokenHash,
    session::Session,
    store::{ChangePassword, Conflict, NewUser, Opened, SessionFilter, SessionProof, Store, StoreError},
    time::Timestamp,
};

use super::{
    Bench,
    bench::{ALL, race},
    factor_bench::{CONFIRMED_AT, confirmation, waiting},
};
use crate::{
    builders::{START, opening, write},
    factors::both,
};

const ROUNDS: u64 = 8;

/// The opening of a session by a proof, ready to race.
pub(super) async fn opens(
    store: Arc<dyn Store>,
    session: Session,
    proof: SessionProof,
) -> Result<Opened, StoreError> {
    store.open_session(write(EventName::LoginSucceeded, START), proof, opening(session)).await
}

/// How many won; each of the others was refused like this.
pub(super) fn winners<T: std::fmt::Debug>(
    results: &[Result<T, StoreError>],
    is_expected: impl Fn(&StoreError) -> bool,
) -> usize {
    for result in results {
        if let Err(error) = result {
            assert!(is_expected(error), "{error:?}");
        }
    }
    results.iter().filter(|result| result.is_ok()).count()
}

impl Bench {
    async fn live_sessions(&self, user: &NewUser) -> Vec<Session> {
        let filter = SessionFilter { user_id: Some(user.user.id) };
        self.store.sessions(filter, START, ALL).await.unwrap().items
    }
}

/// Somebody looked over the shoulder: each racer has a pending login of its own, and they have one code.
pub async fn one_code_raced_by_thirty_two_opens_one_session(bench: Bench) {
    let (handle, (user, _)) = (bench.handles(), bench.with_app().await);
    for round in 1..=ROUNDS {
        let mut proofs = Vec::new();
        for _ in 0..32 {
            let pending = Some(bench.pending_login(&user).await.id);
            proofs.push(SessionProof { pending, ..bench.by_code(&user, CONFIRMED_AT + round).await });
        }
        let results = race(
            proofs
                .into_iter()
                .enumerate()
                .map(|(racer, proof)| opens(handle(racer), bench.scene.strong_session(&user.user), proof)),
        )
        .await;
        assert_eq!(winners(&results, |error| matches!(error, StoreError::AlreadySpent)), 1);
        assert_eq!(bench.live_sessions(&user).await.len(), usize::try_from(round).unwrap());
    }
}

/// The same for a recovery code, of which one less is left.
pub async fn one_recovery_code_raced_by_thirty_two_opens_one_session(bench: Bench) {
    let (handle, (user, codes)) = (bench.handles(), bench.with_app().await);
    for (round, code) in codes.into_iter().enumerate() {
        let proof = both(&user, FactorUse::RecoveryCode(vec![code]));
        let racers =
            (0..32).map(|racer| opens(handle(racer), bench.scene.strong_session(&user.user), proof.clone()));
        let results = race(racers).await;
        assert_eq!(winners(&results, |error| matches!(error, StoreError::AlreadySpent)), 1);
        let left = bench.store.user(user.user.id).await.unwrap().unwrap().factors.recovery_codes_left;
        assert_eq!(usize::try_from(left).unwrap(), 9 - round);
    }
}

/// With a code each: the codes of those who come too late are good still.
pub async fn one_pending_login_raced_is_completed_once(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..ROUNDS {
        let (user, codes) = bench.with_app().await;
        let pending = Some(bench.pending_login(&user).await.id);
        let proof =
            |code: TokenHash| SessionProof { pending, ..both(&user, FactorUse::RecoveryCode(vec![code])) };
        let results =
            race(codes.iter().enumerate().map(|(racer, code)| {
                opens(handle(racer), bench.scene.strong_session(&user.user), proof(*code))
            }))
            .await;
        assert_eq!(winners(&results, |error| matches!(error, StoreError::NotFound)), 1);
        let left = bench.store.user(user.user.id).await.unwrap().unwrap().factors.recovery_codes_left;
        assert_eq!((bench.live_sessions(&user).await.len(), left), (1, 9));
    }
}

/// Guessing many at once is worth no more than one after the other.
pub async fn of_thirty_two_racing_claims_on_five_tries_five_are_granted(bench: Bench) {
    let (handle, (user, _)) = (bench.handles(), bench.with_app().await);
    for round in 0..u32::try_from(ROUNDS).unwrap() {
        let pending = Some(bench.pending_login(&user).await.id);
        let claim = ClaimCode { user: user.user.id, pending };
        let results = race((0..32).map(|racer| {
            let store = handle(racer);
            async move { store.claim_code(START, claim).await }
        }))
        .await;
        assert_eq!(winners(&results, |error| matches!(error, StoreError::NotFound)), 5);
        let mut counted: Vec<_> = results.into_iter().flatten().map(|facts| facts.running).collect();
        counted.sort_unstable();
        assert_eq!(counted, (5 * round + 1..=5 * round + 5).collect::<Vec<_>>());
    }
}

/// A claim came before the change, and counted, or after it, and found nothing: none is left of the old factors.
pub async fn claims_race_a_change_of_factors(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..ROUNDS {
        let (user, _) = bench.with_app().await;
        let (id, enrolment) = (user.user.id, bench.begin_app(&user).await);
        let login = bench.pending_login(&user).await;
        let claim = ClaimCode { user: id, pending: Some(login.id) };
        let codes = bench.scene.recovery_codes();
        let results = race((0..4).map(|racer| {
            let (store, change) = (handle(racer), confirmation(&enrolment, &codes));
            async move {
                if racer == 2 {
                    let enabled = write(EventName::TotpEnabled, START);
                    store.change_factors(enabled, id, None, change).await.map(|_| None)
                } else {
                    store.claim_code(START, claim).await.map(Some)
                }
            }
        }))
        .await;
        winners(&results, |error| matches!(error, StoreError::NotFound));
        for facts in results.into_iter().flatten().flatten() {
            assert_ne!(facts.totp.unwrap().sealed, enrolment.sealed, "of the new app none was asked for");
        }
        assert!(!bench.waits(&login).await);
        assert_eq!(bench.claim(&user, None).await.unwrap().running, 1);
    }
}

/// Who logs in while a factor takes effect was either before it, and is stale, or needs it.
pub async fn no_password_alone_opens_a_session_after_a_factor_took_effect(bench: Bench) {
    let handle = bench.handles();
    let (mut before, mut too_late) = (0, 0);
    for round in 0..4 * ROUNDS {
        let user = bench.user().await;
        let enrolment = bench.begin_app(&user).await;
        let codes = bench.scene.recovery_codes();
        let results = race((0..8).map(|racer| {
            let (store, id) = (handle(racer), user.user.id);
            let session = bench.scene.session(&user.user);
            let proof = SessionProof::password(user.password.clone().unwrap());
            let change = confirmation(&enrolment, &codes);
            let confirms = racer as u64 == round % 8;
            async move {
                if confirms {
                    let enabled = write(EventName::TotpEnabled, START);
                    store.change_factors(enabled, id, None, change).await.map(|_| ())
                } else {
                    opens(store, session, proof).await.map(|_| ())
                }
            }
        }))
        .await;
        let won = winners(&results, |error| matches!(error, StoreError::Stale));
        let sessions = bench.live_sessions(&user).await;
        assert_eq!(sessions.len(), won - 1);
        for session in sessions {
            assert_eq!(session.authentication.auth_time, Timestamp::from_millis(0));
        }
        before += won - 1;
        too_late += 8 - won;
    }
    assert!(before > 0 && too_late > 0, "{before} {too_late}");
}

/// Each is the last but one until the other has gone.
pub async fn of_the_last_two_factors_removed_at_once_one_stays(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..2 * ROUNDS {
        let (mut user, _) = bench.with_app().await;
        let passkey = bench.add_passkey(&mut user).await;
        let changes = [
            FactorChange::RemoveTotp(LastFactor::Stays),
            FactorChange::RemovePasskey(passkey.id, LastFactor::Stays),
        ];
        let results =
            race(
                changes.into_iter().enumerate().map(|(racer, change)| {
                    let (store, id) = (handle(racer), user.user.id);
                    async move {
                        store.change_factors(write(EventName::TotpRemoved, START), id, None, change).await
                    }
                }),
            )
            .await;
        let required = |error: &StoreError| matches!(error, StoreError::Conflict(Conflict::FactorRequired));
        assert_eq!(winners(&results, required), 1);
        assert!(bench.store.user(user.user.id).await.unwrap().unwrap().factors.any());
    }
}

/// Tabs of one browser: the session that all of them came from ends once, and one takes its place.
pub async fn a_step_up_raced_by_eight_has_one_winner(bench: Bench) {
    let handle = bench.handles();
    for _ in 0..ROUNDS {
        let (user, codes) = bench.with_app().await;
        let before =
            bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 1).await).await.unwrap().opened.session;
        let proof = |code: TokenHash| SessionProof {
            second: SecondProof::Given(FactorUse::RecoveryCode(vec![code])),
            steps_up: Some(before.id),
            ..SessionProof::default()
        };
        let results =
            race(codes[..8].iter().enumerate().map(|(racer, code)| {
                opens(handle(racer), bench.scene.strong_session(&user.user), proof(*code))
            }))
            .await;
        assert_eq!(winners(&results, |error| matches!(error, StoreError::NotFound)), 1);
        let sessions = bench.live_sessions(&user).await;
        assert_eq!(sessions.len(), 1);
        assert_ne!(sessions[0].id, before.id);
    }
}

/// A password that was found out is changed: nothing that was begun with the old one waits on.
pub async fn no_login_with_the_old_password_waits_after_the_change(bench: Bench) {
    let handle = bench.handles();
    let mut too_late = 0;
    for round in 0..2 * ROUNDS {
        let (user, _) = bench.with_app().await;
        let logins: Vec<_> = (0..8).map(|_| bench.scene.pending_login(&user.user)).collect();
        let results = race(logins.iter().enumerate().map(|(racer, login)| {
            let (store, verified) = (handle(racer), user.password.clone().unwrap());
            let begin = waiting(&user, login.clone());
            let change = ChangePassword {
                user: user.user.id,
                expected: Some(verified.clone()),
                new: bench.scene.password(),
                must_change_password: false,
                needs_second_factor: false,
                open: None,
            };
            let changes = racer as u64 == round % 8;
            async move {
                if changes {
                    let changed = write(EventName::PasswordChanged, START);
                    store.change_password(changed, change).await.map(|_| ())
                } else {
                    let pending = write(EventName::LoginPending, START);
                    store.begin_pending(pending, &verified, begin).await.map(|_| ())
                }
            }
        }))
        .await;
        too_late += 8 - winners(&results, |error| matches!(error, StoreError::Stale));
        for login in logins {
            assert!(!bench.waits(&login).await);
        }
    }
    assert!(too_late > 0);
}
