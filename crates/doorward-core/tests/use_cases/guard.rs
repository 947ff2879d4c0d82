//! Guessing at accounts: who waits, for how long, and whom it harms (M-A05, M-B09, M-B10).

use std::{num::NonZeroU32, time::Duration};

use doorward_core::{
    authority::Caller,
    guard::{GuardPolicy, Lockout, Subject, Throttle},
    refusal::Refusal,
    settings::Settings,
    store::Store,
    time::Clock,
    users::ChangesForm,
};
use doorward_testkit::builders::START;
use futures_executor::block_on;

use crate::{
    attempts::{LONGEST, MILLISECOND, QUARTER, SECOND, WRONG, at, attempt, delayed, locked, stranger},
    home::{Home, PASSWORD, guarded, on_each_guarded_store},
};

/// The guard without waits, so that attempts may come all at once.
fn without_waits(threshold: u32) -> Settings {
    let lockout =
        Lockout { threshold: NonZeroU32::new(threshold).unwrap(), window: QUARTER, duration: QUARTER };
    let guard = GuardPolicy { lockout, account: Throttle::default(), address: Throttle::default() };
    Settings { guard, ..guarded() }
}

/// As many wrong guesses at once, each from its own address; what became of them.
fn guess_at_once(home: &Home, name: &str, count: u32) -> Vec<Refusal> {
    std::thread::scope(|scope| {
        let guess = |number| scope.spawn(move || home.attempt(name, WRONG, &stranger(number)).unwrap_err());
        let guesses: Vec<_> = (0..count).map(guess).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    })
}

#[test]
fn the_waits_of_an_account_grow_to_16_seconds_and_end_exactly() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        for name in ["ann", "nobody"] {
            for (number, seconds) in (0..).zip([1, 2, 4, 8, 16, 16, 16, 16, 16]) {
                let wait = Duration::from_secs(seconds);
                assert_eq!(home.attempt(name, WRONG, &stranger(number)), Err(Refusal::InvalidCredentials));
                // Whoever comes, from wherever, with whichever password.
                assert_eq!(home.attempt(name, PASSWORD, &stranger(100)), Err(delayed(wait)), "{name}");
                home.clock.advance(wait - MILLISECOND);
                assert_eq!(home.attempt(name, PASSWORD, &stranger(101)), Err(delayed(MILLISECOND)));
                home.clock.advance(MILLISECOND);
            }
            assert_eq!(home.attempt(name, WRONG, &stranger(9)), Err(locked(QUARTER)), "{name}");
        }
    });
}

#[test]
fn who_is_refused_for_a_wait_or_a_lock_costs_no_hash_and_counts_for_nothing() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.guess("ann", 0..8);
        assert_eq!(home.attempt("ann", WRONG, &stranger(8)), Err(Refusal::InvalidCredentials));
        let (_, calls, work) = home.cost(|| {
            for number in 0..50 {
                assert_eq!(home.attempt("ann", WRONG, &stranger(number)), Err(delayed(LONGEST)));
            }
        });
        assert_eq!(work.hashes, 0);
        assert!(!calls.contains(&"record_failure"));
        home.clock.advance(LONGEST);
        // Had one of them counted, this would have been one too many; had it counted for its address, it would wait.
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(0)), Ok(()));
        home.lock("ann");
        let (_, calls, work) = home.cost(|| {
            for number in 0..50 {
                assert_eq!(home.attempt("ann", WRONG, &stranger(number)), Err(locked(QUARTER)));
            }
        });
        assert_eq!(work.hashes, 0);
        assert!(!calls.contains(&"record_failure"));
    });
}

#[test]
fn a_lock_ends_exactly_when_it_said_and_nothing_that_comes_meanwhile_extends_it() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        for name in ["ann", "nobody"] {
            home.lock(name);
            for passed in 1..900 {
                home.clock.advance(SECOND);
                let remaining = Duration::from_secs(900 - passed);
                assert_eq!(home.attempt(name, WRONG, &stranger(50)), Err(locked(remaining)), "{name}");
            }
            home.clock.advance(SECOND - MILLISECOND);
            assert_eq!(home.attempt(name, PASSWORD, &stranger(50)), Err(locked(MILLISECOND)), "{name}");
            home.clock.advance(MILLISECOND);
            // The failures that led to it are spent: no wait either.
            assert_eq!(home.attempt(name, WRONG, &stranger(51)), Err(Refusal::InvalidCredentials), "{name}");
        }
        home.clock.advance(SECOND);
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(52)), Ok(()));
    });
}

#[test]
fn a_lock_outlives_restarts_clean_up_and_a_clock_that_is_set_back_to_the_millisecond() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.lock("ann");
        let began = home.clock.wall().unwrap();
        // Set back while the server was down: what the store has recorded counts.
        home.clock.set_wall(began.minus(4 * SECOND));
        let home = home.restart_with(guarded());
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(20)), Err(locked(QUARTER)));
        home.clock.set_wall(began);
        home.clock.advance(QUARTER / 2);
        block_on(home.authority.clean_up()).unwrap();
        let half = QUARTER / 2;
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(20)), Err(locked(half)));
        home.live_on(Duration::ZERO);
        home.clock.set_wall(began);
        assert!(matches!(home.attempt("ann", PASSWORD, &stranger(20)), Err(Refusal::ClockBehind)));
        home.clock.set_wall(began.plus(QUARTER - MILLISECOND));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(20)), Err(locked(MILLISECOND)));
        home.clock.advance(MILLISECOND);
        block_on(home.authority.clean_up()).unwrap();
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(20)), Ok(()));
    });
}

#[test]
fn an_address_has_five_failures_free_and_then_waits_whatever_name_it_tries() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        for (number, network) in [["192.0.2.7"; 2], ["2001:db8::1", "2001:db8::ffff:2"]].iter().enumerate() {
            let [one, other] = network.map(|text| at(text.parse::<std::net::IpAddr>().unwrap()));
            for free in 0..5 {
                let name = format!("name {number} {free}");
                assert_eq!(home.attempt(&name, WRONG, &one), Err(Refusal::InvalidCredentials));
            }
            for (turn, millis) in [500, 1_000, 2_000, 4_000, 5_000, 5_000].into_iter().enumerate() {
                let name = format!("name {number} after {turn}");
                assert_eq!(home.attempt(&name, WRONG, &other), Err(Refusal::InvalidCredentials), "{name}");
                let wait = Duration::from_millis(millis);
                let (outcome, _, work) = home.cost(|| home.attempt("ann", PASSWORD, &one));
                assert_eq!((outcome, work.hashes), (Err(delayed(wait)), 0));
                assert_eq!(home.attempt("ann", PASSWORD, &stranger(30)), Ok(()), "the account is free");
                home.clock.advance(wait - MILLISECOND);
                assert_eq!(home.attempt("ann", PASSWORD, &other), Err(delayed(MILLISECOND)));
                home.clock.advance(MILLISECOND);
            }
        }
        let next_door = at("2001:db8:0:1::1".parse::<std::net::IpAddr>().unwrap());
        assert_eq!(home.attempt("name 1 after 0", WRONG, &next_door), Err(Refusal::InvalidCredentials));
        assert_eq!(home.attempt("ann", PASSWORD, &next_door), Ok(()));
    });
}

#[test]
fn an_account_of_ones_own_does_not_wipe_an_address_clean() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.add_user("mallory");
        let here = at([192, 0, 2, 7]);
        for free in 0..5 {
            let name = format!("name {free}");
            assert_eq!(home.attempt(&name, WRONG, &here), Err(Refusal::InvalidCredentials));
            assert_eq!(home.attempt("mallory", PASSWORD, &here), Ok(()));
        }
        assert_eq!(home.attempt("ann", WRONG, &here), Err(Refusal::InvalidCredentials));
        assert_eq!(home.attempt("mallory", PASSWORD, &here), Err(delayed(SECOND / 2)));
        home.clock.advance(SECOND / 2);
        assert_eq!(home.attempt("mallory", PASSWORD, &here), Ok(()));
        assert_eq!(home.attempt("another", WRONG, &here), Err(Refusal::InvalidCredentials));
        assert_eq!(home.attempt("mallory", PASSWORD, &here), Err(delayed(SECOND)));
        // Only age does.
        home.clock.advance(QUARTER);
        assert_eq!(home.attempt("another 2", WRONG, &here), Err(Refusal::InvalidCredentials));
        assert_eq!(home.attempt("mallory", PASSWORD, &here), Ok(()));
    });
}

#[test]
fn failures_count_for_as_long_as_the_window_and_not_longer() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.guess("ann", 0..9);
        // The first is out of it: nine are left.
        home.clock.advance(QUARTER - 9 * LONGEST);
        assert_eq!(home.attempt("ann", WRONG, &stranger(10)), Err(Refusal::InvalidCredentials));
        home.clock.advance(LONGEST - MILLISECOND);
        assert_eq!(home.attempt("ann", WRONG, &stranger(11)), Err(delayed(MILLISECOND)));
    });
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.guess("ann", 0..9);
        home.clock.advance(QUARTER - 9 * LONGEST - MILLISECOND);
        assert_eq!(home.attempt("ann", WRONG, &stranger(10)), Err(locked(QUARTER)));
    });
}

#[test]
fn a_stranger_who_logs_in_wipes_the_account_clean() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.guess("ann", 0..9);
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(20)), Ok(()));
        home.lock("ann");
    });
}

#[test]
fn a_name_is_one_however_it_is_written() {
    on_each_guarded_store(|home| {
        home.add_user("José");
        for spellings in
            [["José", "JOSÉ", "Jose\u{301}", "Ｊosé"], ["Noémi", "NOÉMI", "Noe\u{301}mi", "Ｎoémi"]]
        {
            for number in 0..9 {
                let typed = spellings[usize::try_from(number).unwrap() % spellings.len()];
                assert_eq!(
                    home.attempt(typed, WRONG, &stranger(number)),
                    Err(Refusal::InvalidCredentials),
                    "{typed}"
                );
                home.clock.advance(LONGEST);
            }
            assert_eq!(home.attempt(spellings[1], WRONG, &stranger(9)), Err(locked(QUARTER)));
            for typed in spellings {
                assert_eq!(home.attempt(typed, PASSWORD, &stranger(10)), Err(locked(QUARTER)), "{typed}");
            }
        }
    });
}

#[test]
fn of_nine_that_fail_at_once_nine_count_and_the_tenth_locks() {
    on_each_guarded_store(|home| {
        home.authority.replace_settings(without_waits(10));
        home.add_user("ann");
        for name in ["ann", "nobody"] {
            let refused = guess_at_once(&home, name, 9);
            assert_eq!(refused, vec![Refusal::InvalidCredentials; 9], "{name}");
            assert_eq!(home.attempt(name, WRONG, &stranger(9)), Err(locked(QUARTER)), "{name}");
        }
    });
}

#[test]
fn of_forty_that_fail_at_once_nine_learn_that_they_are_wrong() {
    on_each_guarded_store(|home| {
        home.authority.replace_settings(without_waits(10));
        home.add_user("ann");
        for name in ["ann", "nobody"] {
            let refused = guess_at_once(&home, name, 40);
            let told = refused.iter().filter(|refusal| **refusal == Refusal::InvalidCredentials).count();
            assert_eq!(told, 9, "{name}");
            assert!(
                refused
                    .iter()
                    .all(|refusal| [Refusal::InvalidCredentials, locked(QUARTER)].contains(refusal))
            );
            home.clock.advance(QUARTER - MILLISECOND);
            assert_eq!(home.attempt(name, WRONG, &stranger(41)), Err(locked(MILLISECOND)), "{name}");
        }
    });
}

/// Goal: many guesses at once gain nothing over ten. Method: the right one is let in to be examined, then the others
/// are faster.
#[test]
fn the_right_password_is_not_told_when_others_have_locked_the_account_meanwhile() {
    on_each_guarded_store(|home| {
        let ann = home.add_user("ann");
        home.others_fail_before("open_session", Subject::account(ann.id), 10, START);
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Err(locked(QUARTER)));
        assert_eq!(home.live_sessions(ann.id), 0);
        let [refused] = home.events("login.refused").try_into().unwrap();
        assert_eq!(refused.reason.as_deref(), Some("account_locked"));
        home.clock.advance(QUARTER);
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Ok(()));
        // Nine are too few.
        home.others_fail_before("open_session", Subject::account(ann.id), 9, START.plus(QUARTER));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Ok(()));
    });
}

#[test]
fn nobody_is_told_of_a_lock_that_lasts_longer_than_locks_do() {
    for call in ["login_facts", "open_session", "record_failure"] {
        on_each_guarded_store(|home| {
            let ann = home.add_user("ann");
            let later = home.clock.wall().unwrap().plus(MILLISECOND);
            home.others_fail_before(call, Subject::account(ann.id), 10, later);
            let password = if call == "record_failure" { WRONG } else { PASSWORD };
            assert_eq!(home.attempt("ann", password, &stranger(1)), Err(locked(QUARTER)), "{call}");
        });
    }
}

#[test]
fn who_was_told_to_wait_is_told_of_the_lock_that_somebody_else_causes_meanwhile() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        let address = Throttle { free_failures: 0, delays: vec![SECOND] };
        let settings = without_waits(2);
        home.authority.replace_settings(Settings {
            guard: GuardPolicy { address, ..settings.guard.clone() },
            ..settings
        });
        assert_eq!(home.attempt("ann", WRONG, &stranger(1)), Err(Refusal::InvalidCredentials));
        assert_eq!(home.attempt("ann", WRONG, &stranger(1)), Err(delayed(SECOND)));
        assert_eq!(home.attempt("ann", WRONG, &stranger(2)), Err(locked(QUARTER)));
        assert_eq!(home.attempt("ann", WRONG, &stranger(1)), Err(locked(QUARTER)));
    });
}

/// Else the time of the answer would tell what the answer does not: one commit more, or one less.
#[test]
fn the_right_password_that_comes_too_late_is_refused_by_one_write_as_a_wrong_one_is() {
    on_each_guarded_store(|home| {
        let ann = home.add_user("ann");
        let calls_of = |before, password| {
            home.others_fail_before(before, Subject::account(ann.id), 10, home.clock.wall().unwrap());
            home.store.calls();
            assert_eq!(home.attempt("ann", password, &stranger(1)), Err(locked(QUARTER)));
            home.clock.advance(QUARTER);
            home.store.calls()
        };
        assert_eq!(calls_of("open_session", PASSWORD), ["login_facts", "open_session"]);
        assert_eq!(calls_of("record_failure", WRONG), ["login_facts", "record_failure"]);
    });
}

/// Else whoever guesses many at once, each from an address of its own, would ask at each of them afterwards.
#[test]
fn what_is_remembered_of_an_address_does_not_tell_the_right_password_that_comes_too_late_from_a_wrong_one() {
    on_each_guarded_store(|home| {
        let ann = home.add_user("ann");
        for (number, before, password) in [(1, "open_session", PASSWORD), (2, "record_failure", WRONG)] {
            home.others_fail_before(before, Subject::account(ann.id), 10, home.clock.wall().unwrap());
            let origin = stranger(number);
            assert_eq!(home.attempt("ann", password, &origin), Err(locked(QUARTER)));
            let address = Subject::address(origin.client.address.unwrap());
            let [record] = block_on(home.store.attempts(&[address])).unwrap().try_into().unwrap();
            // One failure: when, and how often.
            assert_eq!(record.failure_bytes().len(), 12, "{before}");
            home.clock.advance(QUARTER);
        }
    });
}

#[test]
fn a_failure_that_completes_while_the_account_is_locked_is_told_of_the_lock_and_does_not_count() {
    on_each_guarded_store(|home| {
        let ann = home.add_user("ann");
        home.others_fail_before("record_failure", Subject::account(ann.id), 10, START.minus(SECOND));
        assert_eq!(home.attempt("ann", WRONG, &stranger(1)), Err(locked(QUARTER - SECOND)));
        home.clock.advance(QUARTER - SECOND);
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Ok(()));
    });
}

#[test]
fn a_disabled_account_says_so_to_the_right_password_and_not_while_it_is_locked_or_waits() {
    on_each_guarded_store(|home| {
        let ann = home.add_user("ann");
        let form = ChangesForm { disabled: Some(true), ..ChangesForm::default() };
        block_on(home.authority.change_user(&Caller::command_line(), ann.id, form)).unwrap();
        for number in 0..20 {
            // It counts for nothing, or somebody who knows it would lock the account.
            assert_eq!(home.attempt("ann", PASSWORD, &stranger(number)), Err(Refusal::AccountDisabled));
        }
        home.others_fail_before("record_failure", Subject::account(ann.id), 9, START);
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Err(Refusal::AccountDisabled));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Err(delayed(LONGEST)));
        home.clock.advance(LONGEST);
        home.others_fail_before("record_failure", Subject::account(ann.id), 1, START.plus(LONGEST));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Err(locked(QUARTER)));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Err(locked(QUARTER)));
    });
}

#[test]
fn the_log_tells_of_each_failure_what_its_client_was_told_and_of_the_lock_once() {
    on_each_guarded_store(|home| {
        let ann = home.add_user("ann");
        for (name, user) in [("ann", Some(ann.id)), ("nobody", None)] {
            home.lock(name);
            home.attempt(name, WRONG, &stranger(20)).unwrap_err();
            let refused = home.events("login.refused");
            let reasons: Vec<_> = refused[..11].iter().map(|event| event.reason.clone().unwrap()).collect();
            assert_eq!(reasons[..2], ["account_locked"; 2]);
            assert_eq!(reasons[2..], ["invalid_credentials"; 9]);
            assert!(refused[..11].iter().all(|event| event.user_id == user));
            let locks = home.events("account.locked");
            assert_eq!(locks.len(), if user.is_some() { 1 } else { 2 });
            assert_eq!((locks[0].user_id, locks[0].address), (user, stranger(9).client.address));
        }
    });
}

#[test]
fn settings_that_are_changed_while_running_decide_on_the_next_attempt() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.guess("ann", 0..5);
        home.authority.replace_settings(without_waits(6));
        assert_eq!(home.attempt("ann", WRONG, &stranger(6)), Err(locked(QUARTER)));
        home.clock.advance(QUARTER);
        assert_eq!(home.attempt("ann", WRONG, &stranger(6)), Err(Refusal::InvalidCredentials));
        assert_eq!(home.attempt("ann", WRONG, &stranger(6)), Err(Refusal::InvalidCredentials), "no wait");
        home.authority.replace_settings(guarded());
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(6)), Err(delayed(2 * SECOND)));
    });
}

#[test]
fn another_process_on_the_same_store_counts_on() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        let other = home.start('A', &[]).unwrap();
        other.replace_settings(guarded());
        for number in 0..9 {
            let authority = if number % 2 == 0 { &home.authority } else { &other };
            let refused = attempt(authority, "ann", WRONG, &stranger(number)).map(drop);
            assert_eq!(refused, Err(Refusal::InvalidCredentials));
            home.clock.advance(LONGEST);
        }
        assert_eq!(attempt(&other, "ann", WRONG, &stranger(9)).map(drop), Err(locked(QUARTER)));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(10)), Err(locked(QUARTER)));
    });
}
