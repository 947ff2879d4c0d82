//! Locked accounts, as clients see them.

use std::{num::NonZeroU32, time::Duration};

use doorward_core::guard::{GuardPolicy, Lockout, Throttle};
use serde_json::json;

use crate::{
    ask::at_once,
    guesses::{LONGEST, QUARTER, WRONG, address, guess, guess_patiently, lock, locked},
    world::{BOTH, MILLISECOND, PASSWORD, Plan, World},
};

fn without_waits() -> GuardPolicy {
    GuardPolicy { account: Throttle::default(), address: Throttle::default(), ..GuardPolicy::default() }
}

#[tokio::test]
async fn the_failure_that_crosses_the_threshold_is_told_of_the_lock_and_later_ones_what_remains() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").guarded().on(storage).start().await;
        for name in ["root", "nobody"] {
            lock(&world, name).await;
            world.advance(MILLISECOND).await;
            locked(&guess(&world, name, PASSWORD, &address(20)).await, 900);
            world.advance(QUARTER / 2).await;
            locked(&guess(&world, name, WRONG, &address(20)).await, 450);
            world.advance(QUARTER / 2 - MILLISECOND - MILLISECOND).await;
            locked(&guess(&world, name, PASSWORD, &address(20)).await, 1);
            world.advance(MILLISECOND).await;
            guess(&world, name, WRONG, &address(20)).await.refused(401, "invalid_credentials");
        }
        world.advance(LONGEST).await;
        guess(&world, "root", PASSWORD, &address(21)).await.is(200);
    }
}

#[tokio::test]
async fn a_thousand_guesses_at_once_tell_no_more_than_nine() {
    for storage in BOTH {
        let plan = Plan::at("http://localhost:8080").on(storage).hashing_queue(1_000);
        let world = plan.with(|config| config.settings.guard = without_waits()).start().await;
        let ann = world.user("ann", &[]).await;
        let right = 500;
        let guesses = (0..1_000).map(|number| {
            let password = if number == right { PASSWORD.to_owned() } else { format!("guess {number}") };
            guess(&world, "ann", &password, &address(number))
        });
        let answers = at_once(guesses).await;
        let told = answers.iter().filter(|answer| answer.status == 401).count();
        assert_eq!(told, 9, "{storage:?}");
        for answer in answers.iter().filter(|answer| answer.status != 401) {
            locked(answer, 900);
        }
        let page = doorward_core::page::PageRequest { after: None, limit: 10 };
        assert!(world.authority().sessions(Some(ann.id), page).await.unwrap().items.is_empty());
        world.advance(QUARTER).await;
        guess(&world, "ann", PASSWORD, &address(1)).await.is(200);
    }
}

#[tokio::test]
async fn every_way_in_counts_together_and_every_way_is_shut() {
    let plan = Plan::at("http://localhost:8080").guarded();
    let world = plan.with(|config| config.token_endpoint = true).start().await;
    for name in ["root", "nobody"] {
        let json = |password: &str| json!({"username": name, "password": password});
        let form = |password| [("grant_type", "password"), ("username", name), ("password", password)];
        let page = |password| [("username", name), ("password", password)];
        let ways = |password| {
            [
                world.post("/auth/v1/login").json(&json(password)),
                world.post("/auth/v1/login").form(&form(password)),
                world.post("/auth/v1/token").json(&json(password)),
                world.post("/auth/v1/token").form(&form(password)),
                world.post("/auth/login").form(&page(password)),
            ]
        };
        let mut number = 0;
        for _ in 0..2 {
            for way in ways(WRONG) {
                number += 1;
                let answer = way.from(&address(number)).await;
                answer.is(if number == 10 { 429 } else { 401 });
                world.advance(LONGEST).await;
            }
        }
        for way in ways(PASSWORD) {
            let answer = way.from(&address(30)).await;
            answer.is(429);
            assert_eq!(answer.header("retry-after"), "884", "{name}");
            assert!(!answer.has("set-cookie"));
            if answer.header("content-type").starts_with("application/problem+json") {
                locked(&answer, 884);
            }
        }
    }
}

#[tokio::test]
async fn a_lock_outlives_a_restart() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").guarded().on(storage).start().await;
        lock(&world, "root").await;
        world.advance(QUARTER / 2).await;
        let again = world.restarted(|_| {}).await;
        locked(&guess(&again, "root", PASSWORD, &address(1)).await, 450);
    }
}

#[tokio::test]
async fn a_reloaded_threshold_decides_on_the_next_failure() {
    let world = World::guarded().await;
    guess_patiently(&world, "root", 2).await;
    let mut config = world.config().clone();
    let lockout = Lockout {
        threshold: NonZeroU32::new(3).unwrap(),
        window: QUARTER,
        duration: Duration::from_secs(60),
    };
    config.settings.guard = GuardPolicy { lockout, ..without_waits() };
    world.doorward().reload(config).unwrap();
    locked(&guess(&world, "root", WRONG, &address(2)).await, 60);
}

#[tokio::test]
async fn a_stolen_session_has_as_many_guesses_at_the_password_as_the_threshold() {
    let world = World::guarded().await;
    let (stolen, owners) = (world.admin().await, world.admin().await);
    lock(&world, "root").await;
    let body = |current: &str| json!({"current_password": current, "new_password": "a whole new password"});
    for _ in 0..9 {
        stolen.post("/auth/v1/password").json(&body(WRONG)).await.refused(401, "invalid_credentials");
        world.advance(LONGEST).await;
    }
    locked(&stolen.post("/auth/v1/password").json(&body(WRONG)).await, 900);
    locked(&stolen.post("/auth/v1/password").json(&body(PASSWORD)).await, 900);
    let form = [("current_password", PASSWORD), ("new_password", "a whole new password")];
    let csrf = stolen.cookie("dw_csrf");
    let form = [form[0], form[1], ("csrf_token", &csrf)];
    let page = stolen.post("/auth/password").form(&form).await;
    assert_eq!(page.is(429).header("retry-after"), "900");
    // The owner is stopped by neither the strangers nor the thief.
    owners.post("/auth/v1/password").json(&body(PASSWORD)).await.is(200);
    assert_eq!(stolen.state().await, "session_revoked");
}
