//! `POST /v1/step-up/passkey`: who is signed in shows their passkey once more.

use doorward_testkit::authenticator::Authenticator;
use serde_json::{Value as Json, json};

use crate::{
    authenticator_app::{enrolled, show},
    passkey_holder::{HERE, STEP_UP, fresh, level, on, options, register, step_up, with_passkey},
    world::{BOTH, DAY, MINUTE, PASSWORD, Plan, World},
};

#[tokio::test]
async fn a_passkey_steps_a_session_up() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let browser = fresh(&world, &mut key).await;
        let (old, before) = (browser.copied(), browser.get("/auth/v1/session").await.ok()["session"].clone());
        world.advance(10 * MINUTE).await;
        browser.post("/auth/v1/mfa/recovery-codes").await.refused(403, "step_up_required");
        let answer = key.get(&options(&browser, STEP_UP).await).unwrap();
        browser.post(STEP_UP).without_csrf().json(&answer).await.refused(403, "csrf_failed");
        let done = browser.post(STEP_UP).json(&answer).await;
        assert_eq!(level(&done), (json!(2), json!(["hwk", "user", "mfa"])));
        let session = &done.ok()["session"];
        assert_ne!(session["id"], before["id"]);
        assert_eq!(session["expires_at"], before["expires_at"], "it lives no longer for it");
        assert_eq!(old.state().await, "session_revoked", "{storage:?}");
        old.refresh().await.refused(401, "session_revoked");
        let event = world.audit().await.into_iter().rfind(|event| event.name == "session.stepped_up");
        assert!(event.unwrap().details.contains(&("factor".to_owned(), "passkey".to_owned())));
        browser.post("/auth/v1/mfa/recovery-codes").await.is(200);
    }
}

#[tokio::test]
async fn after_a_password_a_passkey_raises_the_level_though_it_verified_nobody() {
    for storage in BOTH {
        let plan = Plan::at(HERE).on(storage);
        let world = plan.with(|c| c.settings.second_factors.trust_device = Some(DAY)).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = world.browser();
        let login = json!({"username": "ann", "password": PASSWORD, "trust_device": true});
        browser.post("/auth/v1/login").json(&login).await.is(200);
        show(&browser, &ann.app.next_code().await).await.is(200);
        let mut key = Authenticator::at(HERE);
        register(&browser, &mut key).await.is(201);
        // Trust went with the change of factors, and comes back with the next login that wishes for it.
        browser.post("/auth/v1/login").json(&login).await.is(200);
        show(&browser, &ann.app.next_code().await).await.is(200);
        assert_eq!(level(&browser.login("ann").await), (json!(1), json!(["pwd"])));
        key.user_verified = false;
        let done = step_up(&browser, &mut key).await;
        assert_eq!(level(&done), (json!(2), json!(["pwd", "hwk", "mfa"])), "{storage:?}");
    }
}

#[tokio::test]
async fn a_program_steps_up_by_a_passkey_and_gets_tokens() {
    let world = World::with(|config| config.token_endpoint = true).await;
    world.user("ann", &[]).await;
    let login = json!({"username": "ann", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&login).await.ok();
    let bearer = |tokens: &Json| tokens["access_token"].as_str().unwrap().to_owned();
    let mut key = Authenticator::at(HERE);
    let browser = world.signed_in("ann").await;
    register(&browser, &mut key).await.is(201);
    let again = json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
    let tokens = world.post("/auth/v1/token").json(&again).await.ok();
    let asked = world.post("/auth/v1/step-up/passkey/options").bearer(&bearer(&tokens)).await.ok();
    let answer = world.post(STEP_UP).bearer(&bearer(&tokens)).json(&key.get(&asked).unwrap()).await;
    assert_eq!(level(&answer), (json!(2), json!(["pwd", "hwk", "mfa"])));
    assert!(!answer.has("set-cookie"));
    world.get("/auth/v1/me").bearer(&bearer(&tokens)).await.refused(401, "session_revoked");
    let renewed = answer.ok()["tokens"].clone();
    world.post("/auth/v1/mfa/recovery-codes").bearer(&bearer(&renewed)).await.is(200);
}

#[tokio::test]
async fn a_copy_and_a_passkey_of_somebody_else_are_refused_and_told_of() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let mut other = with_passkey(&world, "ben").await;
        let browser = fresh(&world, &mut key).await;
        let before = browser.session_id().await;
        let mut any = options(&browser, STEP_UP).await;
        any["publicKey"]["allowCredentials"] = json!([]);
        browser.post(STEP_UP).json(&other.get(&any).unwrap()).await.refused(401, "mfa_code_invalid");
        let event = ("session.step_up_refused".to_owned(), "mfa_code_invalid".to_owned());
        assert_eq!(world.last_event().await, event);
        let mut copy = key.clone();
        copy.sign_count = 1;
        step_up(&browser, &mut copy).await.refused(401, "mfa_code_invalid");
        let names: Vec<_> = world.audit().await.into_iter().rev().take(2).map(|event| event.name).collect();
        assert_eq!(names, ["session.step_up_refused", "passkey.clone_suspected"]);
        assert_eq!(browser.session_id().await, before, "{storage:?}");
    }
}

#[tokio::test]
async fn a_password_change_needs_the_passkey_lately() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let browser = fresh(&world, &mut key).await;
    world.advance(5 * MINUTE).await;
    let change = json!({"current_password": PASSWORD, "new_password": "a whole new password"});
    browser.post("/auth/v1/password").json(&change).await.refused(403, "step_up_required");
    step_up(&browser, &mut key).await.is(200);
    browser.post("/auth/v1/password").json(&change).await.is(200);
}
