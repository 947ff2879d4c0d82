//! Guessing the current password in a session that somebody left open or lost.

use doorward_core::{guard::Subject, refusal::Refusal, sign_in::SignedIn, store::Store};
use doorward_testkit::builders::START;
use futures_executor::block_on;

use crate::{
    attempts::{LONGEST, QUARTER, SECOND, WRONG, delayed, locked, stranger},
    home::{Home, PASSWORD, on_each_guarded_store},
};

const NEW: &str = "a whole new password";

fn change(home: &Home, session: &SignedIn, current: &str, new: &str) -> Result<SignedIn, Refusal> {
    let verifier = home.authority.verifier();
    let principal = verifier.verify(session.access_token.reveal(), session.of.session.transport)?;
    block_on(home.authority.change_password(&principal, current, new, &stranger(90)))
}

/// A thief's session and the owner's.
fn two_sessions(home: &Home) -> (SignedIn, SignedIn) {
    home.add_user("ann");
    (home.log_in("ann", PASSWORD).unwrap(), home.log_in("ann", PASSWORD).unwrap())
}

#[test]
fn a_session_has_as_many_guesses_at_the_password_as_the_threshold_and_then_waits() {
    on_each_guarded_store(|home| {
        let (stolen, owners) = two_sessions(&home);
        for seconds in [1, 2, 4, 8, 16, 16, 16, 16, 16] {
            let refused = change(&home, &stolen, WRONG, NEW).map(drop);
            assert_eq!(refused, Err(Refusal::InvalidCredentials));
            let (refused, _, work) = home.cost(|| change(&home, &stolen, PASSWORD, NEW).map(drop));
            assert_eq!((refused, work.hashes), (Err(delayed(seconds * SECOND)), 0));
            home.live_on(seconds * SECOND);
        }
        assert_eq!(change(&home, &stolen, WRONG, NEW).map(drop), Err(locked(QUARTER)));
        let (refused, _, work) = home.cost(|| change(&home, &stolen, PASSWORD, NEW).map(drop));
        assert_eq!((refused, work.hashes), (Err(locked(QUARTER)), 0));
        // By another session, at once; and that is the end of the stolen one.
        assert!(change(&home, &owners, PASSWORD, NEW).is_ok());
        assert_eq!(change(&home, &stolen, NEW, PASSWORD).map(drop), Err(Refusal::SessionRevoked));
        // The account itself was never in question.
        assert_eq!(home.attempt("ann", NEW, &stranger(1)), Ok(()));
    });
}

#[test]
fn strangers_who_lock_the_account_do_not_stop_its_owner_from_changing_the_password() {
    on_each_guarded_store(|home| {
        let (_, owners) = two_sessions(&home);
        home.lock("ann");
        for name in 0..6 {
            // Nor those at the same address.
            let refused = home.attempt(&format!("name {name}"), WRONG, &stranger(90));
            assert_eq!(refused, Err(Refusal::InvalidCredentials));
        }
        home.live_on(std::time::Duration::ZERO);
        assert!(change(&home, &owners, PASSWORD, NEW).is_ok());
    });
}

#[test]
fn the_right_password_forgives_the_session_that_guessed() {
    on_each_guarded_store(|home| {
        let (_, owners) = two_sessions(&home);
        let subject = Subject::session(owners.of.session.id, owners.of.user.id);
        for _ in 0..9 {
            assert_eq!(change(&home, &owners, WRONG, NEW).map(drop), Err(Refusal::InvalidCredentials));
            home.live_on(LONGEST);
        }
        let failures =
            |home: &Home| block_on(home.store.attempts(&[subject])).unwrap()[0].failure_bytes().len();
        assert_ne!(failures(&home), 0);
        let changed = change(&home, &owners, PASSWORD, NEW).unwrap();
        assert_eq!(failures(&home), 0);
        assert_eq!(change(&home, &changed, WRONG, PASSWORD).map(drop), Err(Refusal::InvalidCredentials));
    });
}

/// Goal: many guesses at once gain nothing over ten, whether the new password is another one or, which asks for no
/// change at all, the guess itself.
#[test]
fn the_right_password_is_not_told_when_others_have_locked_the_session_meanwhile() {
    for new in [NEW, PASSWORD] {
        on_each_guarded_store(|home| {
            let (stolen, _) = two_sessions(&home);
            let subject = Subject::session(stolen.of.session.id, stolen.of.user.id);
            home.others_fail_before("credentials", subject, 10, START);
            let (refused, calls, work) = home.cost(|| change(&home, &stolen, PASSWORD, new).map(drop));
            assert_eq!(refused, Err(locked(QUARTER)), "{new}");
            assert_eq!(work.hashes, 1, "as many as a wrong one costs");
            assert!(!calls.contains(&"change_password"));
            assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Ok(()), "nothing was changed");
        });
    }
    on_each_guarded_store(|home| {
        let (stolen, _) = two_sessions(&home);
        let subject = Subject::session(stolen.of.session.id, stolen.of.user.id);
        home.others_fail_before("change_password", subject, 10, START);
        assert_eq!(change(&home, &stolen, PASSWORD, NEW).map(drop), Err(locked(QUARTER)));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Ok(()), "nothing was changed");
    });
}
