//! Guessing at codes, and using one twice.

use doorward_core::rate_limit::Rate;
use serde_json::json;

use crate::{
    ask::at_once,
    authenticator_app::{App, Person, STEP, enrolled, recover, show, step_up},
    guesses::delayed,
    world::{BOTH, MINUTE, PASSWORD, Plan, Storage, World},
};

async fn on(storage: Storage) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage);
    plan.with(|config| config.token_endpoint = true).start().await
}

#[tokio::test]
async fn five_codes_are_looked_at_and_then_it_begins_anew() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let code = ann.app.next_code().await;
        let browser = Person::pending(&world, "ann").await;
        for number in 1..=5 {
            let last = browser.copied();
            let refused = show(&last, &ann.app.wrong_code()).await;
            refused.refused(401, "mfa_code_invalid");
            assert_eq!(last.has_cookie("dw_pending"), number < 5, "{storage:?} {number}");
        }
        show(&browser, &code).await.refused(401, "not_authenticated");
        // The fifth may be right, of either kind.
        let fifth = Person::pending(&world, "ann").await;
        for _ in 0..4 {
            recover(&fifth, "0000-0000-0000-0000").await.refused(401, "mfa_code_invalid");
        }
        show(&fifth, &code).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_many_race_five_codes_are_looked_at() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = Person::pending(&world, "ann").await;
        let wrong = ann.app.wrong_code();
        let answers = at_once((0..32).map(|_| show(&browser.copied(), &wrong))).await;
        let looked_at = answers.iter().filter(|answer| answer.code() == "mfa_code_invalid").count();
        let turned_away = answers.iter().filter(|answer| answer.code() == "not_authenticated").count();
        assert_eq!((looked_at, turned_away), (5, 27), "{storage:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_raced_by_32_logins_lets_one_in() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        for by_recovery_code in [false, true] {
            let mut browsers = Vec::new();
            for _ in 0..32 {
                browsers.push(Person::pending(&world, "ann").await);
            }
            let code = ann.app.next_code().await;
            let asks = browsers.iter().map(|browser| match by_recovery_code {
                true => recover(browser, &ann.recovery_codes[0]),
                false => show(browser, &code),
            });
            let answers = at_once(asks.collect::<Vec<_>>()).await;
            let let_in = answers.iter().filter(|answer| answer.status == 200).count();
            let refused = answers.iter().filter(|answer| answer.status == 401).count();
            assert_eq!((let_in, refused), (1, 31), "{storage:?} {by_recovery_code}");
            assert!(answers.iter().filter(|a| a.status == 401).all(|a| a.code() == "mfa_code_invalid"));
        }
    }
}

#[tokio::test]
async fn a_code_is_good_once_wherever_it_was_shown() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        // By the one that confirmed the app.
        show(&Person::pending(&world, "ann").await, &ann.app.code()).await.refused(401, "mfa_code_invalid");
        let code = ann.app.next_code().await;
        let browser = Person::pending(&world, "ann").await;
        show(&browser, &code).await.is(200);
        show(&Person::pending(&world, "ann").await, &code).await.refused(401, "mfa_code_invalid");
        step_up(&browser, &code).await.refused(401, "mfa_code_invalid");
        let token = json!({"username": "ann", "password": PASSWORD, "code": code});
        world.post("/auth/v1/token").json(&token).await.refused(401, "mfa_code_invalid");
        step_up(&browser, &ann.app.next_code().await).await.is(200);
        show(&Person::pending(&world, "ann").await, &ann.app.code()).await.refused(401, "mfa_code_invalid");
        // Nor is an earlier one that nobody used.
        let earlier = ann.app.next_code().await;
        show(&Person::pending(&world, "ann").await, &ann.app.next_code().await).await.is(200);
        show(&Person::pending(&world, "ann").await, &earlier).await.refused(401, "mfa_code_invalid");
    }
}

async fn is_accepted(world: &World, app: &App, ahead: i64) -> bool {
    let answer = show(&Person::pending(world, "ann").await, &app.code_ahead(ahead)).await;
    answer.status == 200
}

#[tokio::test]
async fn a_clock_may_be_a_step_off_and_is_followed_from_there() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        world.advance(10 * MINUTE).await;
        for (ahead, accepted) in [(2, false), (-2, false), (-1, true), (0, true), (1, true)] {
            assert_eq!(is_accepted(&world, &ann.app, ahead).await, accepted, "{storage:?} {ahead}");
        }
        // It runs fast, by one more step each time, and is followed until it is ten ahead.
        for ahead in 2..=12 {
            world.advance(MINUTE).await;
            assert_eq!(is_accepted(&world, &ann.app, ahead).await, ahead <= 11, "{storage:?} {ahead}");
        }
        // Once it was set right, that is what is followed.
        world.advance(10 * MINUTE).await;
        assert!(is_accepted(&world, &ann.app, 0).await);
        world.advance(MINUTE).await;
        assert!(!is_accepted(&world, &ann.app, 11).await);
    }
}

#[tokio::test]
async fn a_stranger_who_guesses_codes_waits_as_one_who_guesses_passwords() {
    let world = World::guarded().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    let from = "198.51.100.7";
    let ask = |code: &str| show(&browser, code).from(from);
    for _ in 0..4 {
        ask(&ann.app.wrong_code()).await.refused(401, "mfa_code_invalid");
    }
    let next = Person::pending(&world, "ann").await;
    for _ in 0..2 {
        show(&next, &ann.app.wrong_code()).from(from).await.refused(401, "mfa_code_invalid");
    }
    // The sixth failure of the address costs a wait, for right codes as well, which are not looked at.
    let right = ann.app.next_code().await;
    show(&next, &ann.app.wrong_code()).from(from).await.refused(401, "mfa_code_invalid");
    delayed(&show(&next, &right).from(from).await, 1);
    assert_eq!(world.last_event().await, ("mfa.refused".to_owned(), "too_many_attempts".to_owned()));
    assert!(next.has_cookie("dw_pending"));
    // Elsewhere nobody waits.
    show(&next, &right).from("198.51.100.8").await.is(200);
}

#[tokio::test]
async fn codes_count_against_the_rate_limit_of_logins() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    let mut config = world.config().clone();
    config.settings.login_rate = Rate { attempts: std::num::NonZeroU32::new(2).unwrap(), per: MINUTE };
    world.doorward().reload(config).unwrap();
    let from = "198.51.100.7";
    for _ in 0..2 {
        show(&browser, &ann.app.wrong_code()).from(from).await.refused(401, "mfa_code_invalid");
    }
    show(&browser, &ann.app.code()).from(from).await.refused(429, "rate_limited");
    world.advance(STEP).await;
    show(&browser, &ann.app.code()).from(from).await.is(200);
}

#[tokio::test]
async fn an_account_that_strangers_lock_meanwhile_does_not_stop_the_second_step() {
    let world = World::guarded().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    crate::guesses::lock(&world, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
    // The lock stays.
    let stranger = crate::guesses::guess(&world, "ann", PASSWORD, "198.51.100.9").await;
    stranger.refused(429, "account_locked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_raced_by_32_programs_gives_tokens_to_one() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        for code in [ann.app.next_code().await, ann.recovery_codes[0].clone()] {
            let body = json!({"username": "ann", "password": PASSWORD, "code": code});
            let answers = at_once((0..32).map(|_| world.post("/auth/v1/token").json(&body))).await;
            let let_in = answers.iter().filter(|answer| answer.status == 200).count();
            let refused =
                answers.iter().filter(|a| a.status == 401 && a.code() == "mfa_code_invalid").count();
            assert_eq!((let_in, refused), (1, 31), "{storage:?}");
        }
    }
}
