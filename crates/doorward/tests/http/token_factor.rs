//! `POST /v1/token` of somebody who has a second factor: the code comes with the password.

use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    authenticator_app::{Person, enrolled, show},
    world::{BOTH, PASSWORD, Plan, Storage, World},
};

async fn on(storage: Storage) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage);
    plan.with(|config| config.token_endpoint = true).start().await
}

async fn ask(world: &World, body: &Json) -> Answer {
    world.post("/auth/v1/token").json(body).await
}

fn login(code: &str) -> Json {
    json!({"username": "ann", "password": PASSWORD, "code": code})
}

#[tokio::test]
async fn without_the_factor_that_is_due_there_are_no_tokens() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let bare = ask(&world, &json!({"username": "ann", "password": PASSWORD})).await;
        bare.refused(401, "mfa_code_invalid");
        assert!(!bare.has("set-cookie"));
        assert_eq!(world.last_event().await, ("login.refused".to_owned(), "mfa_code_invalid".to_owned()));
        ask(&world, &login(&ann.app.wrong_code())).await.refused(401, "mfa_code_invalid");
        ask(&world, &login("")).await.refused(401, "mfa_code_invalid");
    }
}

#[tokio::test]
async fn a_code_of_either_kind_gives_tokens_of_the_higher_level() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        for code in [ann.app.next_code().await, ann.recovery_codes[0].to_lowercase()] {
            let answer = ask(&world, &login(&code)).await;
            let tokens = answer.ok();
            assert!(!answer.has("set-cookie"));
            let bearer = tokens["access_token"].as_str().unwrap();
            let session = world.get("/auth/v1/session").bearer(bearer).await.ok()["session"].clone();
            assert_eq!((&session["aal"], &session["amr"]), (&json!(2), &json!(["pwd", "otp", "mfa"])));
            ask(&world, &login(&code)).await.refused(401, "mfa_code_invalid");
        }
        let form = [("username", "ann"), ("password", PASSWORD), ("code", &ann.app.next_code().await)];
        world.post("/auth/v1/token").form(&form).await.is(200);
    }
}

#[tokio::test]
async fn a_code_beside_a_wrong_password_is_not_looked_at() {
    let world = on(Storage::Memory).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let code = ann.app.next_code().await;
    for code in [code.as_str(), &ann.app.wrong_code(), &ann.recovery_codes[0]] {
        let body = json!({"username": "ann", "password": "wrong password", "code": code});
        ask(&world, &body).await.refused(401, "invalid_credentials");
        let unknown = json!({"username": "nobody", "password": "wrong password", "code": code});
        ask(&world, &unknown).await.refused(401, "invalid_credentials");
    }
    ask(&world, &login(&code)).await.is(200);
    ask(&world, &login(&ann.recovery_codes[0])).await.is(200);
}

#[tokio::test]
async fn a_code_of_somebody_who_has_no_factor_is_passed_over() {
    let world = on(Storage::Memory).await;
    world.user("ann", &[]).await;
    let tokens = ask(&world, &login("123456")).await.ok();
    let bearer = tokens["access_token"].as_str().unwrap();
    let session = world.get("/auth/v1/session").bearer(bearer).await.ok()["session"].clone();
    assert_eq!((&session["aal"], &session["amr"]), (&json!(1), &json!(["pwd"])));
}

#[tokio::test]
async fn refreshing_asks_for_no_code_and_keeps_the_level() {
    let world = on(Storage::Memory).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let tokens = ask(&world, &login(&ann.app.next_code().await)).await.ok();
    let again = json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
    let tokens = ask(&world, &again).await.ok();
    let bearer = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.get("/auth/v1/session").bearer(bearer).await.ok()["session"]["aal"], 2);
    // A login by cookie meanwhile is none of its business.
    show(&Person::pending(&world, "ann").await, &ann.app.next_code().await).await.is(200);
    world.get("/auth/v1/session").bearer(bearer).await.is(200);
}
