//! Whether a name exists is told by no answer, in no state (M-D04).

use std::num::NonZeroU32;

use doorward_core::{authority::Caller, rate_limit::Rate, users::ChangesForm};
use http::HeaderMap;
use serde_json::json;

use crate::{
    answer::Answer,
    ask::Ask,
    guesses::{LONGEST, WRONG, address},
    world::{BOTH, MINUTE, PASSWORD, Plan, Storage, World},
};

/// Somebody's, nobody's, a disabled one's, and one's who was invited and has no password yet.
const NAMES: [&str; 4] = ["known_", "nobody", "disabl", "invite"];

async fn inhabited(storage: Storage) -> World {
    let plan = Plan::at("http://localhost:8080").guarded().on(storage);
    let world = plan.with(|config| config.token_endpoint = true).start().await;
    world.user("known_", &[]).await;
    let disabled = world.user("disabl", &[]).await;
    let form = ChangesForm { disabled: Some(true), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), disabled.id, form).await.unwrap();
    let admin = world.admin().await;
    admin.post("/auth/v1/admin/users").json(&json!({"username": "invite"})).await.is(201);
    world
}

/// What an answer tells, but for what is another one for each request and the name that was typed.
fn told(answer: &Answer, name: &str) -> (u16, HeaderMap, String) {
    let request_id = answer.header("x-request-id").to_owned();
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    let body = answer.text().replace(&request_id, "REQUEST").replace(name, "NAME");
    (answer.status.as_u16(), headers, body)
}

/// The ways to log in.
const WAYS: [&str; 5] = ["json", "form", "token", "token form", "page"];

fn login(world: &World, way: &str, name: &str, password: &str) -> Ask {
    let body = json!({"username": name, "password": password});
    let form = [("username", name), ("password", password)];
    match way {
        "json" => world.post("/auth/v1/login").json(&body),
        "form" => world.post("/auth/v1/login").form(&form),
        "token" => world.post("/auth/v1/token").json(&body),
        "token form" => {
            let form = [("grant_type", "password"), form[0], form[1]];
            world.post("/auth/v1/token").form(&form)
        }
        _ => world.post("/auth/login").form(&form),
    }
}

/// Asks the same for each name, by this way; all are told the same, with this status.
async fn each_is_told(world: &World, way: &str, password: &str, from: &str, status: u16) {
    let mut all = Vec::new();
    for name in NAMES {
        let answer = login(world, way, name, password).from(from).await;
        answer.is(status);
        assert!(!answer.has("set-cookie"));
        all.push(told(&answer, name));
    }
    for (name, told) in NAMES.iter().zip(&all) {
        assert_eq!(told, &all[0], "{name} by {way}");
    }
}

#[tokio::test]
async fn fresh_delayed_and_locked_names_answer_alike_whether_they_exist_or_not() {
    for storage in BOTH {
        let world = inhabited(storage).await;
        for turn in 0..10 {
            let way = WAYS[turn % WAYS.len()];
            let from = address(u32::try_from(turn).unwrap());
            let locks = turn == 9;
            each_is_told(&world, way, WRONG, &from, if locks { 429 } else { 401 }).await;
            for way in WAYS {
                for password in [WRONG, PASSWORD] {
                    each_is_told(&world, way, password, &address(100), 429).await;
                }
            }
            world.advance(LONGEST).await;
        }
    }
}

#[tokio::test]
async fn an_address_that_waits_or_is_limited_is_told_the_same_of_every_name() {
    let world = inhabited(Storage::Memory).await;
    for number in 0..6 {
        login(&world, "json", &format!("name {number}"), WRONG).from("198.51.100.7").await.is(401);
    }
    for way in WAYS {
        each_is_told(&world, way, PASSWORD, "198.51.100.7", 429).await;
    }
    let mut config = world.config().clone();
    config.settings.login_rate = Rate { attempts: NonZeroU32::new(1).unwrap(), per: MINUTE };
    world.doorward().reload(config).unwrap();
    drop(login(&world, "json", "somebody", WRONG).from("198.51.100.8").await);
    for way in WAYS {
        each_is_told(&world, way, PASSWORD, "198.51.100.8", 429).await;
    }
}

#[tokio::test]
async fn a_password_nobody_can_have_is_told_the_same_of_every_name() {
    let world = inhabited(Storage::Memory).await;
    for (turn, password) in (0..).zip(["", "\0", &"x".repeat(60_000)]) {
        each_is_told(&world, "json", password, &address(turn), 401).await;
        world.advance(LONGEST).await;
    }
}
