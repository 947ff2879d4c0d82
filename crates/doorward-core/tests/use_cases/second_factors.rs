//! The second step of a login, step-up and changes of factors, on each store, with others getting in between.

use std::time::Duration;

use doorward_core::{
    access_token::Principal,
    audit::{Actor, AuditEvent, EventName},
    authority::{Authority, Caller},
    client::Client,
    guard::{Standing, Subject},
    ids::{SessionId, UserId},
    login::{LoginOutcome, PresentedProofs},
    refusal::Refusal,
    second_factor::{
        ClaimCode, FactorChange, FactorStore, FactorsAfter, MAX_CODES_RUNNING, PendingFound, PresentedCode,
        Resealed, SecondFactorPolicy, StepUpProof, TotpEnrolment,
        totp::{Step, TotpSecret, TotpState},
    },
    settings::Settings,
    sign_in::{Origin, SignedIn},
    store::{RevokeWhich, Store, Write},
    time::{Clock, Timestamp},
};
use futures_executor::block_on;

use crate::{
    attempts::{WRONG, stranger},
    home::{Home, PASSWORD, browser, log_in, on_each_guarded_store, on_each_store, origin, settings},
};

/// Longer than a code lives, whichever way its clock goes.
const NEXT_CODE: Duration = Duration::from_secs(120);

/// Somebody with an authenticator app, and what it and they know.
struct Ann {
    session: SignedIn,
    app: TotpSecret,
    recovery: Vec<String>,
}

fn principal(authority: &Authority, signed_in: &SignedIn) -> Principal {
    let transport = signed_in.of.session.transport;
    let principal = authority.verifier().verify(signed_in.access_token.reveal(), transport);
    (*principal.unwrap()).clone()
}

fn caller(signed_in: &SignedIn) -> Caller {
    Caller::user(signed_in.of.user.id, browser())
}

fn code(app: &TotpSecret, home: &Home) -> String {
    app.code(Step::at(home.clock.wall().unwrap())).reveal().to_owned()
}

fn enrol(home: &Home, session: &SignedIn) -> (TotpSecret, FactorsAfter) {
    let principal = principal(&home.authority, session);
    let begun = block_on(home.authority.begin_totp(&principal, &caller(session))).unwrap();
    let typed = code(&begun.secret, home);
    let after = block_on(home.authority.confirm_totp(&principal, &typed, &caller(session))).unwrap();
    (begun.secret, after)
}

fn ann(home: &Home) -> Ann {
    let (app, after) = enrol(home, &home.somebody());
    home.live_on(NEXT_CODE);
    let recovery = after.recovery_codes.iter().map(|code| code.shown().reveal().to_owned()).collect();
    Ann { session: after.signed_in, app, recovery }
}

fn begin(authority: &Authority, origin: &Origin) -> Result<String, Refusal> {
    match block_on(authority.login("ann", PresentedProofs::password(PASSWORD), origin))? {
        LoginOutcome::SecondFactorDue(pending) => Ok(pending.token.reveal().to_owned()),
        LoginOutcome::Authenticated(_) => unreachable!("ann has a second factor"),
    }
}

fn pending(home: &Home) -> PendingFound {
    let token = begin(&home.authority, &origin()).unwrap();
    block_on(home.authority.pending_login(&token)).unwrap()
}

fn complete(home: &Home, pending: &PendingFound, code: PresentedCode<'_>) -> Result<SignedIn, Refusal> {
    block_on(home.authority.complete_login(pending, code, &origin()))
}

fn step_up(home: &Home, session: &SignedIn, proof: StepUpProof<'_>) -> Result<SignedIn, Refusal> {
    let principal = principal(&home.authority, session);
    block_on(home.authority.step_up(&principal, proof, &origin()))
}

fn write(now: Timestamp) -> Write {
    let audit = AuditEvent::new(EventName::FactorsReset, now, Actor::System, &Client::default());
    Write { now, revocations_expire_at: now.plus(Duration::from_secs(960)), audit }
}

/// As where no factor is due: else whoever guesses many at once would ask at each address which guess was the right one.
#[test]
fn the_right_password_of_somebody_with_a_factor_that_comes_too_late_counts_for_its_address() {
    on_each_guarded_store(|home| {
        let ann = ann(&home);
        let (subject, from) = (Subject::account(ann.session.of.user.id), stranger(1));
        home.others_fail_before("begin_pending", subject, 10, home.clock.wall().unwrap());
        assert!(matches!(begin(&home.authority, &from), Err(Refusal::AccountLocked { .. })));
        let address = Subject::address(from.client.address.unwrap());
        let [record] = block_on(home.store.attempts(&[address])).unwrap().try_into().unwrap();
        // One failure: when, and how often.
        assert_eq!(record.failure_bytes().len(), 12);
        let [refused] = home.events("login.refused").try_into().unwrap();
        assert_eq!(refused.reason.as_deref(), Some("account_locked"));
    });
}

#[test]
fn a_password_and_a_code_are_two_factors_and_the_code_is_good_once() {
    on_each_store(|home| {
        let ann = ann(&home);
        let typed = code(&ann.app, &home);
        let first = complete(&home, &pending(&home), PresentedCode::Totp(&typed)).unwrap();
        let authentication = &first.of.session.authentication;
        let methods: Vec<_> = authentication.amr.iter().map(|method| method.as_str()).collect();
        assert_eq!((authentication.aal, methods), (2, vec!["pwd", "otp", "mfa"]));
        let replayed = complete(&home, &pending(&home), PresentedCode::Totp(&typed));
        assert_eq!(replayed.map(drop), Err(Refusal::MfaCodeInvalid));
        home.live_on(NEXT_CODE);
        let typed = code(&ann.app, &home);
        assert!(complete(&home, &pending(&home), PresentedCode::Totp(&typed)).is_ok());
    });
}

#[test]
fn five_codes_are_examined_and_then_the_password_is_due_again() {
    on_each_store(|home| {
        let ann = ann(&home);
        let waiting = pending(&home);
        for _ in 0..5 {
            let refused = complete(&home, &waiting, PresentedCode::Totp("000000"));
            assert_eq!(refused.map(drop), Err(Refusal::MfaCodeInvalid));
        }
        let typed = code(&ann.app, &home);
        let late = complete(&home, &waiting, PresentedCode::Totp(&typed));
        assert_eq!(late.map(drop), Err(Refusal::NotAuthenticated));
        assert!(complete(&home, &pending(&home), PresentedCode::Totp(&typed)).is_ok());
    });
}

#[test]
fn a_hundred_wrong_codes_running_lock_the_app_for_right_and_wrong_codes_and_nothing_else() {
    on_each_store(|home| {
        let ann = ann(&home);
        let user = ann.session.of.user.id;
        for claimed in 1..MAX_CODES_RUNNING {
            let claim = ClaimCode { user, pending: None };
            let facts = block_on(claim_code(&home, claim)).unwrap();
            assert_eq!(facts, claimed);
        }
        // The hundredth is still examined.
        let wrong = complete(&home, &pending(&home), PresentedCode::Totp("000000"));
        assert_eq!(wrong.map(drop), Err(Refusal::MfaCodeInvalid));
        assert_eq!(home.events("mfa.locked").len(), 1);
        for typed in [code(&ann.app, &home), "000000".to_owned()] {
            let locked = complete(&home, &pending(&home), PresentedCode::Totp(&typed));
            assert_eq!(locked.map(drop), Err(Refusal::FactorLocked));
        }
        let waiting = pending(&home);
        assert!(complete(&home, &waiting, PresentedCode::Recovery(&ann.recovery[0])).is_ok());
        let typed = code(&ann.app, &home);
        assert!(complete(&home, &pending(&home), PresentedCode::Totp(&typed)).is_ok(), "it unlocks");
    });
}

async fn claim_code(home: &Home, claim: ClaimCode) -> Result<u32, doorward_core::store::StoreError> {
    home.store.claim_code(home.clock.wall().unwrap(), claim).await.map(|facts| facts.running)
}

#[test]
fn an_administrator_unlocks_the_app_as_well() {
    on_each_store(|home| {
        let ann = ann(&home);
        let user = ann.session.of.user.id;
        for _ in 0..MAX_CODES_RUNNING {
            block_on(claim_code(&home, ClaimCode { user, pending: None })).unwrap();
        }
        let typed = code(&ann.app, &home);
        let locked = complete(&home, &pending(&home), PresentedCode::Totp(&typed));
        assert_eq!(locked.map(drop), Err(Refusal::FactorLocked));
        block_on(home.authority.unlock(&Caller::command_line(), user)).unwrap();
        assert!(complete(&home, &pending(&home), PresentedCode::Totp(&typed)).is_ok());
    });
}

#[test]
fn a_recovery_code_is_good_once_in_any_spelling_and_leaves_a_trace() {
    on_each_store(|home| {
        let ann = ann(&home);
        let spelled = ann.recovery[3].to_lowercase().replace('-', " ");
        let signed_in = complete(&home, &pending(&home), PresentedCode::Recovery(&spelled)).unwrap();
        assert_eq!(signed_in.of.user.factors.recovery_codes_left, 9);
        assert_eq!(home.events("mfa.recovery_code_used").len(), 1);
        let again = complete(&home, &pending(&home), PresentedCode::Recovery(&ann.recovery[3]));
        assert_eq!(again.map(drop), Err(Refusal::MfaCodeInvalid));
    });
}

/// Puts another authenticator app in force, in one go.
async fn take_another_app(store: &dyn Store, user: UserId, session: SessionId, now: Timestamp) {
    let enrolment = TotpEnrolment { session, sealed: vec![1], expires_at: now.plus(NEXT_CODE) };
    store.begin_totp_enrolment(write(now), user, enrolment).await.unwrap();
    let (state, recovery_codes) = (TotpState::default(), Vec::new());
    let change = FactorChange::ConfirmTotp { session, sealed: vec![1], state, recovery_codes };
    store.change_factors(write(now), user, None, change).await.unwrap();
}

#[test]
fn a_factor_that_is_confirmed_while_the_password_is_checked_counts_already() {
    on_each_store(|home| {
        let session = home.somebody();
        let user = session.of.user.id;
        let now = home.clock.wall().unwrap();
        home.store.overtake("open_session", move |store| async move {
            take_another_app(store.as_ref(), user, session.of.session.id, now).await;
        });
        let outcome =
            block_on(home.authority.login("ann", PresentedProofs::password(PASSWORD), &origin())).unwrap();
        assert!(matches!(outcome, LoginOutcome::SecondFactorDue(_)));
    });
}

#[test]
fn a_pending_login_dies_with_the_password_the_factors_and_the_login_that_supersedes_it() {
    on_each_store(|home| {
        let ann = ann(&home);
        let user = ann.session.of.user.id;
        let alive = |token: &str| block_on(home.authority.pending_login(token)).is_ok();
        let first = begin(&home.authority, &origin()).unwrap();
        let id = block_on(home.authority.pending_login(&first)).unwrap().login.id;
        let second = begin(&home.authority, &Origin { pending: Some(id), ..origin() }).unwrap();
        assert!(!alive(&first) && alive(&second));
        block_on(home.authority.set_password(&Caller::command_line(), user, "a whole new password", false))
            .unwrap();
        assert!(!alive(&second));
        block_on(home.authority.set_password(&Caller::command_line(), user, PASSWORD, false)).unwrap();
        let third = begin(&home.authority, &origin()).unwrap();
        block_on(home.authority.reset_factors(&Caller::command_line(), user)).unwrap();
        assert!(!alive(&third));
        assert!(log_in(&home.authority, "ann", PASSWORD).is_ok(), "the password alone is enough again");
    });
}

#[test]
fn a_pending_login_lives_to_its_last_millisecond_and_over_a_restart() {
    on_each_store(|home| {
        let ann = ann(&home);
        let (token, late) =
            (begin(&home.authority, &origin()).unwrap(), begin(&home.authority, &origin()).unwrap());
        let home = home.restart();
        home.live_on(Duration::from_millis(299_999));
        let found = block_on(home.authority.pending_login(&token)).unwrap();
        let typed = code(&ann.app, &home);
        assert!(complete(&home, &found, PresentedCode::Totp(&typed)).is_ok());
        home.live_on(Duration::from_millis(1));
        let dead = block_on(home.authority.pending_login(&late)).map(drop);
        assert_eq!(dead, Err(Refusal::NotAuthenticated));
    });
}

#[test]
fn guesses_at_the_password_do_not_stop_the_second_step_nor_are_they_forgotten_by_it() {
    on_each_store(|home| {
        let ann = ann(&home);
        home.authority.replace_settings(crate::home::guarded());
        let waiting = pending(&home);
        home.lock("ann");
        let typed = code(&ann.app, &home);
        assert!(complete(&home, &waiting, PresentedCode::Totp(&typed)).is_ok());
        let stranger = home.attempt("ann", PASSWORD, &crate::attempts::stranger(7));
        assert!(matches!(stranger, Err(Refusal::AccountLocked { .. })), "{stranger:?}");
    });
}

#[test]
fn only_a_login_complete_in_all_its_factors_forgives_wrong_passwords() {
    on_each_store(|home| {
        let ann = ann(&home);
        home.authority.replace_settings(crate::home::guarded());
        let failures =
            |home: &Home| block_on(home.authority.account_standing(ann.session.of.user.id)).unwrap();
        home.attempt("ann", WRONG, &origin()).unwrap_err();
        home.live_on(Duration::from_secs(1));
        let before = failures(&home);
        let waiting = pending(&home);
        assert_eq!(failures(&home), before);
        home.attempt("ann", WRONG, &origin()).unwrap_err();
        assert!(
            matches!(
                failures(&home).strangers,
                Standing::Delayed { remaining } if remaining == Duration::from_secs(2)
            ),
            "the second failure, although the password was right in between"
        );
        let typed = code(&ann.app, &home);
        complete(&home, &waiting, PresentedCode::Totp(&typed)).unwrap();
        assert_eq!(failures(&home).strangers, Standing::Clear);
    });
}

#[test]
fn a_step_up_opens_a_fresh_session_and_ends_the_one_it_came_from() {
    on_each_store(|home| {
        let before = home.somebody();
        home.live_on(Duration::from_secs(300));
        let stale =
            block_on(home.authority.begin_totp(&principal(&home.authority, &before), &caller(&before)));
        assert_eq!(stale.map(drop), Err(Refusal::StepUpRequired));
        let after = step_up(&home, &before, StepUpProof::Password(PASSWORD)).unwrap();
        assert_ne!(after.of.session.id, before.of.session.id);
        assert_eq!(after.of.session.expires_at, before.of.session.expires_at, "it lives no longer for it");
        assert_eq!(home.verify(&before), Err(Refusal::SessionRevoked));
        assert_eq!(home.refresh(&before).map(drop), Err(Refusal::SessionRevoked));
        assert!(home.verify(&after).is_ok());
        assert_eq!(home.live_sessions(before.of.user.id), 1);
        enrol(&home, &after);
    });
}

#[test]
fn a_password_is_no_step_up_for_who_has_a_factor_and_a_code_is() {
    on_each_store(|home| {
        let ann = ann(&home);
        let before = home.refresh(&ann.session).unwrap();
        let refused = step_up(&home, &before, StepUpProof::Password(PASSWORD));
        assert_eq!(refused.map(drop), Err(Refusal::StepUpRequired));
        let typed = code(&ann.app, &home);
        let after = step_up(&home, &before, StepUpProof::Code(PresentedCode::Totp(&typed))).unwrap();
        assert_eq!(after.of.session.authentication.aal, 2);
        assert!(principal(&home.authority, &after).check_fresh(home.clock.wall().unwrap()).is_ok());
        let again = step_up(&home, &after, StepUpProof::Code(PresentedCode::Totp(&typed)));
        assert_eq!(again.map(drop), Err(Refusal::MfaCodeInvalid));
    });
}

#[test]
fn a_code_is_of_no_use_once_another_app_has_taken_the_place_of_the_one_it_was_examined_by() {
    on_each_store(|home| {
        let ann = ann(&home);
        let session = home.refresh(&ann.session).unwrap();
        let (id, user, now) = (session.of.session.id, session.of.user.id, home.clock.wall().unwrap());
        home.store.overtake("open_session", move |store| async move {
            take_another_app(store.as_ref(), user, id, now).await;
        });
        let typed = code(&ann.app, &home);
        let late = step_up(&home, &session, StepUpProof::Code(PresentedCode::Totp(&typed)));
        assert_eq!(late.map(drop), Err(Refusal::MfaCodeInvalid));
    });
}

#[test]
fn a_change_of_factors_outdates_every_token_and_makes_every_authentication_stale() {
    on_each_store(|home| {
        let other = home.somebody();
        let session = home.log_in("ann", PASSWORD).unwrap();
        let (_, after) = enrol(&home, &session);
        for outdated in [&other, &session] {
            assert_eq!(home.verify(outdated), Err(Refusal::SessionExpired), "a refresh mends it");
        }
        assert!(home.verify(&after.signed_in).is_ok(), "whoever changed them goes on");
        let now = home.clock.wall().unwrap();
        for renewed in [home.refresh(&other).unwrap(), after.signed_in] {
            let stale = principal(&home.authority, &renewed).check_fresh(now);
            assert_eq!(stale, Err(Refusal::StepUpRequired));
            assert_eq!(renewed.of.session.authentication.auth_time, Timestamp::from_millis(0));
        }
    });
}

/// Somebody has stolen one of the owner's sessions while it was fresh.
#[test]
fn an_app_that_another_session_began_is_neither_shown_nor_confirmed() {
    on_each_store(|home| {
        let (owner, thief) = (home.somebody(), home.log_in("ann", PASSWORD).unwrap());
        let begin = |session: &SignedIn| {
            block_on(home.authority.begin_totp(&principal(&home.authority, session), &caller(session)))
        };
        let shown =
            |session: &SignedIn| block_on(home.authority.begun_totp(&principal(&home.authority, session)));
        let confirm = |session: &SignedIn, app: &TotpSecret| {
            let principal = principal(&home.authority, session);
            block_on(home.authority.confirm_totp(&principal, &code(app, &home), &caller(session)))
        };
        begin(&owner).unwrap();
        let thiefs = begin(&thief).unwrap();
        assert_eq!(shown(&owner).map(drop), Err(Refusal::NotFound));
        assert_eq!(confirm(&owner, &thiefs.secret).map(drop), Err(Refusal::NotFound));
        assert_eq!(shown(&thief).unwrap().secret.as_bytes(), thiefs.secret.as_bytes());
        let owners = begin(&owner).unwrap();
        assert_eq!(confirm(&thief, &thiefs.secret).map(drop), Err(Refusal::NotFound));
        let stepped_up = step_up(&home, &owner, StepUpProof::Password(PASSWORD)).unwrap();
        assert_eq!(shown(&stepped_up).unwrap().secret.as_bytes(), owners.secret.as_bytes());
        confirm(&stepped_up, &owners.secret).unwrap();
    });
}

/// Their request was on its way already: its token had been looked at.
#[test]
fn whoever_loses_the_session_while_they_change_factors_changes_nothing() {
    on_each_store(|home| {
        let session = home.somebody();
        let principal = principal(&home.authority, &session);
        let (id, user) = (principal.session_id, principal.user_id);
        let begun = block_on(home.authority.begin_totp(&principal, &caller(&session))).unwrap();
        let now = home.clock.wall().unwrap();
        home.store.overtake("change_factors", move |store| async move {
            let which = RevokeWhich::One { id, owner: None };
            store.revoke_sessions(write(now), which, "revoked").await.unwrap();
        });
        let typed = code(&begun.secret, &home);
        let late = block_on(home.authority.confirm_totp(&principal, &typed, &caller(&session)));
        assert_eq!(late.map(drop), Err(Refusal::SessionExpired));
        assert!(!block_on(home.authority.user(user)).unwrap().factors.any());
    });
}

#[test]
fn on_a_trusted_device_the_factor_is_skipped_until_it_expires_or_the_factors_change() {
    const DAYS: Duration = Duration::from_secs(30 * 86_400);
    on_each_store(|home| {
        let ann = ann(&home);
        let trusting = SecondFactorPolicy { trust_device: Some(DAYS), ..SecondFactorPolicy::default() };
        home.authority.replace_settings(Settings { second_factors: trusting, ..settings() });
        let wanted = PresentedProofs { trust_device: true, ..PresentedProofs::password(PASSWORD) };
        let Ok(LoginOutcome::SecondFactorDue(issued)) =
            block_on(home.authority.login("ann", wanted, &origin()))
        else {
            unreachable!("it is not trusted yet")
        };
        let found = block_on(home.authority.pending_login(issued.token.reveal())).unwrap();
        let typed = code(&ann.app, &home);
        let signed_in = complete(&home, &found, PresentedCode::Totp(&typed)).unwrap();
        let token = signed_in.device_token.clone().unwrap();
        let device = home.authority.keys().verify_device_token(token.reveal());
        let trusted = Origin { device, ..origin() };
        let skips = |home: &Home, origin: &Origin| {
            let proofs = PresentedProofs::password(PASSWORD);
            match block_on(home.authority.login("ann", proofs, origin)).unwrap() {
                LoginOutcome::Authenticated(signed_in) => Some(signed_in.of.session.authentication.aal),
                LoginOutcome::SecondFactorDue(_) => None,
            }
        };
        assert_eq!(skips(&home, &trusted), Some(1), "a password is one factor all the same");
        assert_eq!(skips(&home, &origin()), None, "a stranger");
        home.authority.replace_settings(settings());
        assert_eq!(skips(&home, &trusted), None, "the setting was taken back");
        home.authority.replace_settings(Settings { second_factors: trusting, ..settings() });
        home.live_on(DAYS.saturating_sub(Duration::from_millis(1)));
        assert_eq!(skips(&home, &trusted), Some(1));
        home.live_on(Duration::from_millis(1));
        assert_eq!(skips(&home, &trusted), None);
    });
}

#[test]
fn what_a_previous_master_secret_sealed_is_sealed_anew_and_needs_it_no_more() {
    on_each_store(|home| {
        let ann = ann(&home);
        let rotated = home.start('B', &['A']).unwrap();
        let done = |resealed, unreadable| Ok(Resealed { resealed, unreadable });
        assert_eq!(block_on(home.start('B', &[]).unwrap().reseal_totp_secrets()), done(0, 1));
        assert_eq!(block_on(rotated.reseal_totp_secrets()), done(1, 0));
        assert_eq!(block_on(rotated.reseal_totp_secrets()), done(0, 0));
        let later = home.start('B', &[]).unwrap();
        let token = begin(&later, &origin()).unwrap();
        let found = block_on(later.pending_login(&token)).unwrap();
        let typed = code(&ann.app, &home);
        assert!(block_on(later.complete_login(&found, PresentedCode::Totp(&typed), &origin())).is_ok());
    });
}

#[test]
fn a_secret_that_does_not_open_lets_nobody_in_and_is_no_wrong_code() {
    on_each_store(|home| {
        let ann = ann(&home);
        let other = home.start('C', &['A']).unwrap();
        let token = begin(&other, &origin()).unwrap();
        let without = home.start('C', &[]).unwrap();
        let found = block_on(without.pending_login(&token)).unwrap();
        let typed = code(&ann.app, &home);
        let refused = block_on(without.complete_login(&found, PresentedCode::Totp(&typed), &origin()));
        assert_eq!(refused.map(drop), Err(Refusal::StoreUnavailable));
    });
}
