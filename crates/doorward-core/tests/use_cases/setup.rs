//! First-run setup: exactly once, by whoever holds a setup token.

use doorward_core::{
    authority::Caller, refusal::Refusal, secret::PlainToken, settings::Settings, setup::SetupForm,
};
use futures_executor::block_on;

use crate::home::{PASSWORD, on_each_store, origin, settings};

const CONFIGURED: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn of_eight_who_race_for_setup_one_becomes_administrator() {
    on_each_store(|home| {
        let token = home.setup_token();
        assert_eq!(home.authority.check_setup_complete(), Err(Refusal::SetupRequired));
        let answers: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|number| {
                    let (home, token) = (&home, &token);
                    scope.spawn(move || {
                        let username = format!("root{number}");
                        let form = SetupForm {
                            setup_token: token,
                            username: &username,
                            password: PASSWORD,
                            email: None,
                        };
                        block_on(home.authority.complete_setup(form, &origin()))
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let (winners, losers): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(winners.len(), 1);
        assert!(losers.into_iter().all(|loser| loser.err() == Some(Refusal::SetupComplete)));
        let winner = winners.into_iter().next().unwrap().unwrap();
        assert!(winner.of.user.roles.is_admin());
        assert_eq!(home.verify(&winner), Ok(()));
        assert_eq!(home.authority.check_setup_complete(), Ok(()));
        assert_eq!(home.events("setup.completed").len(), 1);
        assert_eq!(home.restart().authority.check_setup_complete(), Ok(()));
    });
}

#[test]
fn every_setup_token_is_good_until_setup_is_done_and_none_afterwards() {
    on_each_store(|home| {
        let (first, second) = (home.setup_token(), home.setup_token());
        let home = home.restart();
        let third = home.setup_token();
        assert!(home.set_up(&first).is_ok());
        for token in [&first, &second, &third] {
            assert_eq!(home.set_up(token).map(drop), Err(Refusal::SetupComplete));
        }
        let another = block_on(home.authority.issue_setup_token(&Caller::system()));
        assert_eq!(another.map(drop), Err(Refusal::SetupComplete));
    });
}

#[test]
fn a_wrong_setup_token_is_refused_before_anything_is_hashed() {
    on_each_store(|home| {
        let token = home.setup_token();
        let before = home.authority.hashing_work();
        for wrong in ["", "dws_", CONFIGURED, &token[..token.len() - 1], &token.to_uppercase()] {
            assert_eq!(home.set_up(wrong).map(drop), Err(Refusal::Forbidden), "{wrong}");
        }
        assert_eq!(home.authority.hashing_work(), before);
        assert_eq!(home.events("setup.refused").len(), 5);
        assert_eq!(home.authority.check_setup_complete(), Err(Refusal::SetupRequired));
    });
}

#[test]
fn a_configured_token_is_good_and_is_not_told() {
    on_each_store(|home| {
        let configured = Some(PlainToken::new(CONFIGURED.to_owned()));
        home.authority.replace_settings(Settings { setup_token: configured, ..settings() });
        let issued = block_on(home.authority.issue_setup_token(&Caller::system()));
        assert!(issued.unwrap().is_none());
        for wrong in ["", &CONFIGURED[1..], &CONFIGURED.to_uppercase(), &format!("{CONFIGURED} ")] {
            assert_eq!(home.set_up(wrong).map(drop), Err(Refusal::Forbidden), "{wrong}");
        }
        assert!(home.set_up(CONFIGURED).is_ok());
        assert_eq!(home.set_up(CONFIGURED).map(drop), Err(Refusal::SetupComplete));
    });
}

#[test]
fn an_empty_token_is_never_the_configured_one() {
    on_each_store(|home| {
        assert_eq!(home.set_up("").map(drop), Err(Refusal::Forbidden));
    });
}

#[test]
fn every_broken_rule_is_named_and_the_token_stays_good() {
    on_each_store(|home| {
        let token = home.setup_token();
        let form =
            SetupForm { setup_token: &token, username: "a\0b", password: "short", email: Some("nowhere") };
        let Err(Refusal::Invalid(errors)) = block_on(home.authority.complete_setup(form, &origin())) else {
            panic!("it breaks three rules");
        };
        let mut fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["email", "password", "username"]);
        assert!(home.set_up(&token).is_ok());
    });
}
