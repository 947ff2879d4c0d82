//! The same answer for the same work, whoever's name it is, in every state an account can be in (M-D04). Counted: the
//! hashes, the memory they fill, the store's calls.

use std::{num::NonZeroU32, time::Duration};

use doorward_core::{
    authority::Caller,
    password::HashingWork,
    rate_limit::Rate,
    refusal::Refusal,
    settings::Settings,
    sign_in::Origin,
    users::{ChangesForm, UserForm},
};
use futures_executor::block_on;

use crate::{
    attempts::{LONGEST, QUARTER, WRONG, at, delayed, locked, on_device, stranger},
    home::{Home, PASSWORD, guarded, on_each_guarded_store},
};

/// Known, disabled, invited and without a password yet, and nobody's.
const NAMES: [&str; 4] = ["ann", "disabled", "invited", "nobody"];

fn inhabited(home: &Home) {
    home.add_user("ann");
    let disabled = home.add_user("disabled");
    let form = ChangesForm { disabled: Some(true), ..ChangesForm::default() };
    let caller = Caller::command_line();
    block_on(home.authority.change_user(&caller, disabled.id, form)).unwrap();
    block_on(home.authority.create_user(&caller, UserForm { username: "invited", ..UserForm::default() }))
        .unwrap();
}

type Cost = (Result<(), Refusal>, Vec<&'static str>, HashingWork);

/// What one and the same attempt costs for each name, which must be the same.
#[track_caller]
fn cost_of_any(home: &Home, password: &str, from: &Origin) -> Cost {
    let costs = NAMES.map(|name| home.cost(|| home.attempt(name, password, from)));
    for (name, cost) in NAMES.iter().zip(&costs) {
        assert_eq!(cost, &costs[0], "{name}");
    }
    costs.into_iter().next().unwrap()
}

const NOTHING: HashingWork = HashingWork { hashes: 0, filled_kib: 0 };
const ONE_HASH: HashingWork = HashingWork { hashes: 1, filled_kib: 8 };

#[test]
fn fresh_delayed_and_locked_accounts_answer_alike_at_the_same_cost_whether_they_exist_or_not() {
    on_each_guarded_store(|home| {
        inhabited(&home);
        for turn in 0..9 {
            let fresh = cost_of_any(&home, WRONG, &stranger(turn));
            assert_eq!(fresh.0, Err(Refusal::InvalidCredentials));
            assert_eq!(
                (fresh.1.as_slice(), fresh.2),
                (["login_facts", "record_failure"].as_slice(), ONE_HASH)
            );
            for password in [WRONG, PASSWORD] {
                let (outcome, _, work) = cost_of_any(&home, password, &stranger(40 + turn));
                assert_eq!(
                    outcome,
                    Err(delayed(Duration::from_secs([1, 2, 4, 8].get(turn as usize).copied().unwrap_or(16))))
                );
                assert_eq!(work, NOTHING);
            }
            home.clock.advance(LONGEST);
        }
        let crossing = cost_of_any(&home, WRONG, &stranger(9));
        assert_eq!((crossing.0, crossing.2), (Err(locked(QUARTER)), ONE_HASH));
        for password in [WRONG, PASSWORD] {
            let (outcome, _, work) = cost_of_any(&home, password, &stranger(41));
            assert_eq!((outcome, work), (Err(locked(QUARTER)), NOTHING));
        }
        home.clock.advance(QUARTER);
        assert_eq!(cost_of_any(&home, WRONG, &stranger(42)).0, Err(Refusal::InvalidCredentials));
    });
}

#[test]
fn an_address_that_waits_or_is_limited_is_told_the_same_of_every_name() {
    on_each_guarded_store(|home| {
        inhabited(&home);
        let here = at([198, 51, 100, 1]);
        for number in 0..10 {
            drop(home.attempt(&format!("name {number}"), WRONG, &here));
            home.clock.advance(Duration::from_secs(5));
        }
        drop(home.attempt("name 11", WRONG, &here));
        let (outcome, calls, work) = cost_of_any(&home, PASSWORD, &here);
        assert_eq!((outcome, work), (Err(delayed(Duration::from_secs(5))), NOTHING));
        assert_eq!(calls[0], "login_facts");
        let login_rate = Rate { attempts: NonZeroU32::new(1).unwrap(), per: Duration::from_secs(60) };
        home.authority.replace_settings(Settings { login_rate, ..guarded() });
        let (outcome, calls, work) = cost_of_any(&home, PASSWORD, &here);
        assert!(matches!(outcome, Err(Refusal::RateLimited { .. })), "{outcome:?}");
        assert_eq!(work, NOTHING);
        assert!(!calls.contains(&"login_facts"), "not even a look-up");
    });
}

/// Goal: whether a refusal is a row of the log, which takes a durable write, is told by no name. Method: enough noise
/// that refusals from here are only counted, then each name in turn, by a stranger and by a device of somebody else.
#[test]
fn refusals_beyond_what_the_log_takes_cost_the_same_for_every_name() {
    on_each_guarded_store(|home| {
        inhabited(&home);
        home.add_user("mallory");
        let mallorys = on_device(&home.authority, &home.log_in("mallory", PASSWORD).unwrap()).device;
        for turn in 0..10 {
            for name in NAMES.into_iter().chain(["name of noise"]) {
                home.attempt(name, WRONG, &stranger(turn)).unwrap_err();
            }
            home.clock.advance(LONGEST);
        }
        for device in [None, mallorys] {
            let here = Origin { device, ..at([198, 51, 100, 1]) };
            for _ in 0..30 {
                home.attempt("name of noise", WRONG, &here).unwrap_err();
            }
            let (outcome, calls, _) = cost_of_any(&home, PASSWORD, &here);
            assert!(matches!(outcome, Err(Refusal::AccountLocked { .. })), "{outcome:?}");
            assert_eq!(calls, ["login_facts"]);
        }
        let login_rate = Rate { attempts: NonZeroU32::new(1).unwrap(), per: Duration::from_secs(60) };
        home.authority.replace_settings(Settings { login_rate, ..guarded() });
        let here = Origin { device: mallorys, ..at([198, 51, 100, 2]) };
        for _ in 0..30 {
            home.attempt("name of noise", WRONG, &here).unwrap_err();
        }
        let (outcome, calls, _) = cost_of_any(&home, PASSWORD, &here);
        assert!(matches!(outcome, Err(Refusal::RateLimited { .. })), "{outcome:?}");
        assert_eq!(calls, ["login_facts"]);
    });
}

#[test]
fn a_device_cookie_of_another_account_makes_no_difference_to_what_a_name_costs() {
    on_each_guarded_store(|home| {
        inhabited(&home);
        home.add_user("mallory");
        let mallorys = on_device(&home.authority, &home.log_in("mallory", PASSWORD).unwrap());
        let by = |number| Origin { device: mallorys.device, ..stranger(number) };
        let fresh = cost_of_any(&home, WRONG, &by(0));
        assert_eq!((fresh.0, fresh.2), (Err(Refusal::InvalidCredentials), ONE_HASH));
        let waits = cost_of_any(&home, PASSWORD, &by(1));
        assert_eq!((waits.0, waits.2), (Err(delayed(Duration::from_secs(1))), NOTHING));
    });
}

#[test]
fn a_password_that_cannot_be_one_is_counted_as_any_other_and_costs_as_much() {
    on_each_guarded_store(|home| {
        inhabited(&home);
        for (turn, password) in (0..).zip(["", &"x".repeat(60_000), "\0"]) {
            let cost = cost_of_any(&home, password, &stranger(turn));
            assert_eq!((cost.0, cost.2), (Err(Refusal::InvalidCredentials), ONE_HASH));
            home.clock.advance(LONGEST);
        }
        home.attempt("ann", WRONG, &stranger(5)).unwrap_err();
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(5)), Err(delayed(Duration::from_secs(8))));
    });
}
