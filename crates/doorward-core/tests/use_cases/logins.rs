//! Logins: the same work for every name (M-D04). Counted, because time cannot be compared.

use doorward_core::{
    authority::Caller,
    password::{HashingCost, HashingWork},
    refusal::Refusal,
    settings::Settings,
    users::{ChangesForm, UserForm},
};
use futures_executor::block_on;

use crate::home::{Home, PASSWORD, on_each_store, settings};

/// What a login came to, and what it took.
fn cost_of(home: &Home, name: &str, password: &str) -> (Result<(), Refusal>, Vec<&'static str>, HashingWork) {
    home.store.calls();
    let before = home.authority.hashing_work();
    let outcome = home.log_in(name, password).map(drop);
    let after = home.authority.hashing_work();
    let work = HashingWork {
        hashes: after.hashes - before.hashes,
        filled_kib: after.filled_kib - before.filled_kib,
    };
    (outcome, home.store.calls(), work)
}

/// A known user, a disabled one, and one who never chose a password.
fn inhabited(home: &Home) {
    home.add_user("ann");
    let disabled = home.add_user("disabled");
    let form = ChangesForm { disabled: Some(true), ..ChangesForm::default() };
    let caller = Caller::command_line();
    block_on(home.authority.change_user(&caller, disabled.id, form)).unwrap();
    block_on(home.authority.create_user(&caller, UserForm { username: "invited", ..UserForm::default() }))
        .unwrap();
}

#[test]
fn every_refused_login_does_the_same_work_whether_or_not_the_name_exists() {
    on_each_store(|home| {
        inhabited(&home);
        let unknown = cost_of(&home, "nobody", PASSWORD);
        let HashingWork { hashes, filled_kib } = unknown.2;
        assert_eq!((hashes, filled_kib), (1, 8));
        assert_eq!(unknown.1, ["login_facts", "record_failure"]);
        assert_eq!(unknown.0, Err(Refusal::InvalidCredentials));
        for (name, password) in [
            ("ann", "another password"),
            ("disabled", "another password"),
            ("invited", PASSWORD),
            ("invited", "\0"),
            ("no\0body", PASSWORD),
            ("", PASSWORD),
            (&*"x".repeat(10_000), PASSWORD),
        ] {
            assert_eq!(cost_of(&home, name, password), unknown, "{name:.20}");
        }
        // Their own error, for the right password only, and for no other work.
        let disabled = cost_of(&home, "disabled", PASSWORD);
        assert_eq!(disabled, (Err(Refusal::AccountDisabled), unknown.1, unknown.2));
    });
}

#[test]
fn a_login_that_succeeds_hashes_as_often_as_one_that_does_not() {
    on_each_store(|home| {
        inhabited(&home);
        let (outcome, calls, work) = cost_of(&home, "ann", PASSWORD);
        assert_eq!(outcome, Ok(()));
        assert_eq!(calls, ["login_facts", "open_session"]);
        assert_eq!(work, cost_of(&home, "nobody", PASSWORD).2);
    });
}

#[test]
fn a_cost_that_was_raised_while_running_is_paid_for_unknown_names_too() {
    on_each_store(|home| {
        let dearer = HashingCost { memory_kib: 32, iterations: 2, parallelism: 1 };
        home.authority.replace_settings(Settings { hashing_cost: dearer, ..settings() });
        inhabited(&home);
        let unknown = cost_of(&home, "nobody", PASSWORD);
        assert_eq!(unknown.2.filled_kib, 64);
        assert_eq!(cost_of(&home, "ann", "another password"), unknown);
    });
}

#[test]
fn a_hash_of_another_cost_is_made_anew_at_a_login_that_succeeds() {
    on_each_store(|home| {
        inhabited(&home);
        let dearer = HashingCost { memory_kib: 32, iterations: 2, parallelism: 1 };
        home.authority.replace_settings(Settings { hashing_cost: dearer, ..settings() });
        let (_, calls, work) = cost_of(&home, "ann", PASSWORD);
        assert_eq!(calls, ["login_facts", "open_session", "upgrade_password_hash"]);
        assert_eq!((work.hashes, work.filled_kib), (2, 8 + 64));
        let (outcome, _, work) = cost_of(&home, "ann", PASSWORD);
        assert_eq!((outcome, work.hashes, work.filled_kib), (Ok(()), 1, 64));
    });
}

#[test]
fn a_password_nobody_can_have_costs_a_hash_as_any_other_does() {
    on_each_store(|home| {
        inhabited(&home);
        for password in ["", &"x".repeat(60_000)] {
            let unknown = cost_of(&home, "nobody", password);
            assert_eq!((unknown.0.clone(), unknown.2.hashes), (Err(Refusal::InvalidCredentials), 1));
            assert_eq!(cost_of(&home, "ann", password), unknown);
        }
    });
}

#[test]
fn a_refused_login_records_whose_account_it_was_and_not_what_was_typed() {
    on_each_store(|home| {
        let ann = home.add_user("ann");
        home.log_in("ANN", "wrong password").unwrap_err();
        home.log_in("my secret, typed into the wrong field", "x").unwrap_err();
        let [unknown, known] = home.events("login.refused").try_into().unwrap();
        assert_eq!(known.user_id, Some(ann.id));
        assert_eq!(unknown.user_id, None);
        for entry in [known, unknown] {
            assert_eq!(entry.reason.as_deref(), Some("invalid_credentials"));
            let written = format!("{entry:?}");
            assert!(!written.contains("secret") && !written.contains("wrong password"), "{written}");
        }
    });
}
