//! `POST /v1/step-up`: who is signed in shows again who they are, and gets a new session for it.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::{authority::Caller, users::ChangesForm};
use serde_json::{Value as Json, json};

use crate::{
    authenticator_app::{Person, enrolled, show, step_up, step_up_by_password},
    browser::Browser,
    guesses::{WRONG, delayed},
    world::{BOTH, DAY, MINUTE, PASSWORD, Plan, Storage, World},
};

async fn on(storage: Storage) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage);
    let plan = plan.with(|config| config.settings.second_factors.trust_device = Some(DAY));
    plan.with(|config| config.token_endpoint = true).start().await
}

fn claims(token: &str) -> Json {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Level, methods and time of the authentication, which the session and its access token must tell alike.
async fn authentication(world: &World, browser: &Browser) -> (Json, Json, i64) {
    let session = browser.get("/auth/v1/session").await.ok()["session"].clone();
    let claims = claims(&browser.cookie("dw_session"));
    assert_eq!((&claims["aal"], &claims["amr"]), (&session["aal"], &session["amr"]));
    let at = claims["auth_time"].as_i64().unwrap();
    let told = doorward::api::wire::parse_rfc3339(session["auth_time"].as_str().unwrap()).unwrap();
    assert_eq!(told.as_seconds(), at);
    (session["aal"].clone(), session["amr"].clone(), world.now().as_seconds() - at)
}

#[tokio::test]
async fn a_password_renews_the_authentication_of_somebody_without_a_factor() {
    for storage in BOTH {
        let world = on(storage).await;
        world.user("ann", &[]).await;
        let browser = world.signed_in("ann").await;
        let (old, before) = (browser.copied(), browser.session_id().await);
        world.advance(10 * MINUTE).await;
        assert_eq!(authentication(&world, &browser).await, (json!(1), json!(["pwd"]), 600));
        let stepped_up = step_up_by_password(&browser, PASSWORD).await;
        let body = stepped_up.ok();
        assert_eq!((&body["user"]["username"], &body["session"]["current"]), (&json!("ann"), &json!(true)));
        assert!(body.get("tokens").is_none());
        for name in ["dw_session", "dw_csrf", "dw_refresh", "dw_device"] {
            assert!(stepped_up.cookie(name).max_age() > 0);
        }
        assert_eq!(authentication(&world, &browser).await, (json!(1), json!(["pwd"]), 0));
        let event = world.audit().await.into_iter().rfind(|event| event.name == "session.stepped_up");
        assert!(event.unwrap().details.contains(&("factor".to_owned(), "password".to_owned())));
        // A copied cookie gains nothing.
        assert_ne!(browser.session_id().await, before);
        assert_eq!(old.state().await, "session_revoked", "{storage:?}");
        old.refresh().await.refused(401, "session_revoked");
        let ended = world.audit().await.into_iter().rfind(|event| event.name == "session.revoked").unwrap();
        assert_eq!(ended.session_id.unwrap().to_string(), before);
        assert_eq!(ended.reason.as_deref(), Some("step_up"));
        browser.refresh().await.is(200);
    }
}

#[tokio::test]
async fn a_code_raises_the_level_of_a_session_that_skipped_it() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = world.browser();
        let login = json!({"username": "ann", "password": PASSWORD, "trust_device": true});
        browser.post("/auth/v1/login").json(&login).await.is(200);
        show(&browser, &ann.app.next_code().await).await.is(200);
        for by_recovery_code in [false, true] {
            browser.login("ann").await.is(200);
            assert_eq!(authentication(&world, &browser).await, (json!(1), json!(["pwd"]), 0));
            world.advance(MINUTE).await;
            if by_recovery_code {
                let body = json!({"method": "recovery_code", "code": ann.recovery_codes[0]});
                browser.post("/auth/v1/step-up").json(&body).await.is(200);
            } else {
                step_up(&browser, &ann.app.code()).await.is(200);
            }
            let stepped_up = (json!(2), json!(["pwd", "otp", "mfa"]), 0);
            assert_eq!(authentication(&world, &browser).await, stepped_up, "{storage:?}");
        }
    }
}

#[tokio::test]
async fn a_password_is_not_enough_for_somebody_who_has_a_factor() {
    let world = on(Storage::Memory).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let before = ann.browser.session_id().await;
    for password in [PASSWORD, WRONG] {
        step_up_by_password(&ann.browser, password).await.refused(403, "step_up_required");
    }
    let event = ("session.step_up_refused".to_owned(), "step_up_required".to_owned());
    assert_eq!(world.last_event().await, event);
    assert_eq!(ann.browser.session_id().await, before);
}

#[tokio::test]
async fn a_program_gets_its_tokens_in_the_body_and_stays_on_its_transport() {
    for storage in BOTH {
        let world = on(storage).await;
        world.user("ann", &[]).await;
        let login = json!({"username": "ann", "password": PASSWORD});
        let old = world.post("/auth/v1/token").json(&login).await.ok();
        world.advance(10 * MINUTE).await;
        let bearer = |tokens: &Json| tokens["access_token"].as_str().unwrap().to_owned();
        let ask = world.post("/auth/v1/step-up").bearer(&bearer(&old));
        let answer = ask.json(&json!({"password": PASSWORD})).await;
        let tokens = answer.ok()["tokens"].clone();
        assert!(!answer.has("set-cookie"));
        assert_eq!(tokens["session_id"], answer.ok()["session"]["id"]);
        assert_eq!(claims(&bearer(&tokens))["auth_time"], world.now().as_seconds());
        world.get("/auth/v1/me").bearer(&bearer(&tokens)).await.is(200);
        let as_cookie = format!("dw_session={}", bearer(&tokens));
        world.get("/auth/v1/me").cookies(&as_cookie).await.refused(401, "token_invalid");
        world.get("/auth/v1/me").bearer(&bearer(&old)).await.refused(401, "session_revoked");
        let again =
            |tokens: &Json| json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
        world.post("/auth/v1/token").json(&again(&old)).await.refused(401, "session_revoked");
        world.post("/auth/v1/token").json(&again(&tokens)).await.is(200);
    }
}

#[tokio::test]
async fn a_program_steps_up_by_a_code() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let login = json!({"username": "ann", "password": PASSWORD, "code": ann.app.next_code().await});
        let mut tokens = world.post("/auth/v1/token").json(&login).await.ok();
        let bearer = |tokens: &Json| tokens["access_token"].as_str().unwrap().to_owned();
        for method in ["totp", "recovery_code"] {
            world.advance(10 * MINUTE).await;
            let make = |tokens: &Json| world.post("/auth/v1/passkeys/options").bearer(&bearer(tokens));
            make(&tokens).await.refused(403, "step_up_required");
            let step_up = |body: Json| world.post("/auth/v1/step-up").bearer(&bearer(&tokens)).json(&body);
            step_up(json!({"password": PASSWORD})).await.refused(403, "step_up_required");
            let code = if method == "totp" { ann.app.code() } else { ann.recovery_codes[0].clone() };
            let stepped_up = step_up(json!({"method": method, "code": code})).await;
            assert!(!stepped_up.has("set-cookie"));
            let before = std::mem::replace(&mut tokens, stepped_up.ok()["tokens"].clone());
            make(&before).await.refused(401, "session_revoked");
            make(&tokens).await.is(200);
        }
    }
}

#[tokio::test]
async fn it_lives_no_longer_than_the_session_it_came_from() {
    let world = on(Storage::Memory).await;
    let browser = world.admin().await;
    let ends = async || browser.get("/auth/v1/session").await.ok()["session"]["expires_at"].clone();
    let before = ends().await;
    world.advance(3 * DAY).await;
    browser.refresh().await.is(200);
    step_up_by_password(&browser, PASSWORD).await.is(200);
    assert_eq!(ends().await, before);
}

#[tokio::test]
async fn wrong_attempts_delay_their_session_and_nobody_else() {
    let world = World::guarded().await;
    world.user("ann", &[]).await;
    let (browser, other) = (world.signed_in("ann").await, world.signed_in("ann").await);
    step_up_by_password(&browser, WRONG).await.refused(401, "invalid_credentials");
    let event = ("session.step_up_refused".to_owned(), "invalid_credentials".to_owned());
    assert_eq!(world.last_event().await, event);
    delayed(&step_up_by_password(&browser, PASSWORD).await, 1);
    step_up_by_password(&other, PASSWORD).await.is(200);
    world.browser().login("ann").await.is(200);
    world.advance(Duration::from_secs(1)).await;
    step_up_by_password(&browser, PASSWORD).await.is(200);
}

#[tokio::test]
async fn wrong_codes_delay_and_lock_their_session() {
    let world = World::guarded().await;
    let ann = enrolled(&world, "ann", &[]).await;
    for turn in 0..10 {
        let refused = step_up(&ann.browser, &ann.app.wrong_code()).await;
        if turn < 9 {
            refused.refused(401, "mfa_code_invalid");
            assert_eq!(step_up(&ann.browser, &ann.app.code()).await.code(), "too_many_attempts");
        } else {
            refused.refused(429, "account_locked");
            assert!(refused.has("retry-after"));
        }
        world.advance(Duration::from_secs(16)).await;
    }
    step_up(&ann.browser, &ann.app.code()).await.refused(429, "account_locked");
    show(&Person::pending(&world, "ann").await, &ann.app.next_code().await).await.is(200);
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused() {
    let world = World::new().await;
    let browser = world.admin().await;
    for body in [
        json!({}),
        json!({"password": 1}),
        json!({"code": "123456"}),
        json!({"method": "totp"}),
        json!({"method": "password", "code": PASSWORD}),
        json!({"password": PASSWORD, "method": "totp", "code": "123456"}),
        json!({"password": PASSWORD, "username": "root"}),
    ] {
        browser.post("/auth/v1/step-up").json(&body).await.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn it_takes_the_whole_session_and_no_other_sites_page() {
    let world = World::new().await;
    let browser = world.admin().await;
    let body = json!({"password": PASSWORD});
    let ask = || browser.post("/auth/v1/step-up").json(&body);
    ask().without_csrf().await.refused(403, "csrf_failed");
    let session = format!("dw_session={}", browser.cookie("dw_session"));
    let whole = format!("{session}; dw_refresh={}", browser.cookie("dw_refresh"));
    ask().cookies(&whole).header("sec-fetch-site", "cross-site").await.refused(403, "cross_site_refused");
    ask().cookies(&session).await.refused(401, "not_authenticated");
    world.post("/auth/v1/step-up").json(&body).await.refused(401, "not_authenticated");
    ask().await.is(200);
    ask().await.is(200);
}

#[tokio::test]
async fn somebody_who_must_change_the_password_may_step_up_to_do_so() {
    let world = on(Storage::Memory).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let form = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
    let id = ann.id.parse().unwrap();
    world.authority().change_user(&Caller::command_line(), id, form).await.unwrap();
    let browser = Person::pending(&world, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
    world.advance(5 * MINUTE).await;
    let change = json!({"current_password": PASSWORD, "new_password": "a whole new password"});
    browser.post("/auth/v1/password").json(&change).await.refused(403, "step_up_required");
    step_up(&browser, &ann.app.code()).await.is(200);
    browser.get("/auth/v1/sessions").await.refused(403, "password_change_required");
    browser.post("/auth/v1/password").json(&change).await.is(200);
    assert_eq!(browser.get("/auth/v1/session").await.ok()["session"]["aal"], 2);
}
