//! A hundred wrong codes running, and what they lock.

use std::time::Duration;

use doorward_core::authority::Caller;
use serde_json::json;

use crate::{
    answer::Answer,
    authenticator_app::{Person, begin, enrolled, enrolled_again, recover, show, step_up},
    world::{ADMIN, BOTH, PASSWORD, Plan, Storage, World},
};

async fn on(storage: Storage) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage);
    plan.with(|config| config.token_endpoint = true).start().await
}

/// That so many codes were wrong that none counts any more; waiting does not help.
#[track_caller]
fn factor_locked(answer: &Answer) {
    answer.refused(429, "account_locked");
    assert!(!answer.has("retry-after"));
}

/// Has somebody who knows the password try so many wrong codes.
pub(crate) async fn guess(world: &World, ann: &Person, count: usize) {
    let mut browser = world.browser();
    for number in 0..count {
        if number % 5 == 0 {
            browser = Person::pending(world, "ann").await;
        }
        show(&browser, &ann.app.wrong_code()).await.refused(401, "mfa_code_invalid");
    }
}

#[tokio::test]
async fn after_a_hundred_wrong_codes_right_and_wrong_ones_are_refused_alike() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        guess(&world, &ann, 99).await;
        let locking = Person::pending(&world, "ann").await;
        show(&locking, &ann.app.wrong_code()).await.refused(401, "mfa_code_invalid");
        assert_eq!(world.last_event().await, ("mfa.locked".to_owned(), "account_locked".to_owned()));
        let right = ann.app.next_code().await;
        let mut told = Vec::new();
        for code in [&right, &ann.app.wrong_code()] {
            let answer = show(&locking, code).await;
            factor_locked(&answer);
            told.push(answer.text().replace(answer.header("x-request-id"), ""));
            factor_locked(&step_up(&ann.browser, code).await);
            let token = json!({"username": "ann", "password": PASSWORD, "code": code});
            factor_locked(&world.post("/auth/v1/token").json(&token).await);
        }
        assert_eq!(told[0], told[1]);
        // Time does not mend it, and the password alone tells nothing.
        world.advance(Duration::from_secs(24 * 3600)).await;
        factor_locked(&show(&Person::pending(&world, "ann").await, &ann.app.code()).await);
        let events = world.audit().await;
        assert_eq!(events.iter().filter(|event| event.name == "mfa.locked").count(), 1);
    }
}

#[tokio::test]
async fn a_locked_app_is_unlocked_by_a_recovery_code_an_administrator_or_a_reset() {
    for storage in BOTH {
        for by in ["recovery code", "unlock", "reset"] {
            let world = on(storage).await;
            let ann = enrolled(&world, "ann", &[]).await;
            guess(&world, &ann, 100).await;
            factor_locked(&show(&Person::pending(&world, "ann").await, &ann.app.next_code().await).await);
            let user = format!("/auth/v1/admin/users/{}", ann.id);
            let admin = world.admin().await;
            match by {
                "recovery code" => {
                    let browser = Person::pending(&world, "ann").await;
                    recover(&browser, &ann.recovery_codes[0]).await.is(200);
                }
                "unlock" => {
                    admin.post(&format!("{user}/unlock")).await.is(204);
                }
                _ => {
                    admin.delete(&format!("{user}/mfa")).await.is(204);
                    let browser = world.signed_in("ann").await;
                    assert_eq!(browser.get("/auth/v1/me").await.ok()["mfa"]["totp"], false);
                    continue;
                }
            }
            let browser = Person::pending(&world, "ann").await;
            show(&browser, &ann.app.next_code().await).await.is(200);
            // It counts from nothing again.
            guess(&world, &ann, 100).await;
            factor_locked(&show(&Person::pending(&world, "ann").await, &ann.app.code()).await);
        }
    }
}

#[tokio::test]
async fn only_a_right_code_begins_the_count_anew() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    guess(&world, &ann, 60).await;
    // Neither time, nor the password, nor a code that is used up by now.
    world.advance(Duration::from_secs(24 * 3600)).await;
    let browser = Person::pending(&world, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
    guess(&world, &ann, 60).await;
    show(&Person::pending(&world, "ann").await, &ann.app.code()).await.refused(401, "mfa_code_invalid");
    guess(&world, &ann, 39).await;
    factor_locked(&show(&Person::pending(&world, "ann").await, &ann.app.next_code().await).await);
}

#[tokio::test]
async fn unlocking_by_command_line_does_the_same() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    guess(&world, &ann, 100).await;
    world.authority().unlock(&Caller::command_line(), ann.id.parse().unwrap()).await.unwrap();
    show(&Person::pending(&world, "ann").await, &ann.app.next_code().await).await.is(200);
    // An administrator's own app can be locked too, and is no other.
    let root = enrolled_again(&world, ADMIN).await;
    show(&Person::pending(&world, ADMIN).await, &root.app.next_code().await).await.is(200);
}

#[tokio::test]
async fn wrong_codes_count_wherever_they_are_shown_and_whatever_they_are_of() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let none = "0000-0000-0000-0000";
        let token = |code: &str| json!({"username": "ann", "password": PASSWORD, "code": code});
        let browser = world.browser();
        for _ in 0..20 {
            let wrong = ann.app.wrong_code();
            begin(&browser, "ann").await;
            show(&browser, &wrong).await.refused(401, "mfa_code_invalid");
            recover(&browser, none).await.refused(401, "mfa_code_invalid");
            step_up(&ann.browser, &wrong).await.refused(401, "mfa_code_invalid");
            for code in [&wrong, none] {
                world.post("/auth/v1/token").json(&token(code)).await.refused(401, "mfa_code_invalid");
            }
        }
        let right = ann.app.next_code().await;
        factor_locked(&step_up(&ann.browser, &right).await);
        // A step-up by a recovery code is a right code like any other.
        let body = json!({"method": "recovery_code", "code": ann.recovery_codes[0]});
        ann.browser.post("/auth/v1/step-up").json(&body).await.is(200);
        step_up(&ann.browser, &right).await.is(200);
    }
}
