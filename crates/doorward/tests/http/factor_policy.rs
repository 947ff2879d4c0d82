//! `mfa.required`: who has no factor where one is demanded sets one up, and does nothing else.

use doorward_core::{authority::Caller, second_factor::MfaRequired, users::ChangesForm};
use doorward_testkit::authenticator::Authenticator;
use http::Method;
use serde_json::{Value as Json, json};

use crate::{
    authenticator_app::{Person, enrol, enrolled, show, step_up_by_password},
    browser::Browser,
    passkey_holder::{HERE, register},
    proxy::{about, trust_proxy},
    world::{BOTH, MINUTE, PASSWORD, Plan, Storage, World},
};

async fn on(storage: Storage, required: MfaRequired) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage).with(trust_proxy);
    plan.with(|config| config.settings.second_factors.required = required).start().await
}

fn require(world: &World, required: MfaRequired) {
    let mut config = world.config().clone();
    config.settings.second_factors.required = required;
    world.doorward().reload(config).unwrap();
}

/// What is closed to somebody who must set up a factor first, by request and body.
const CLOSED: [(Method, &str, &str); 12] = [
    (Method::GET, "/auth/v1/sessions", ""),
    (Method::DELETE, "/auth/v1/sessions", ""),
    (Method::DELETE, "/auth/v1/sessions/AAAAAAAAAAAAAAAAAAAAAA", ""),
    (Method::POST, "/auth/v1/password", r#"{"current_password": "x", "new_password": "y"}"#),
    (Method::GET, "/auth/v1/admin/users", ""),
    (Method::POST, "/auth/v1/admin/users", r#"{"username": "ben"}"#),
    (Method::GET, "/auth/v1/admin/users/AAAAAAAAAAAAAAAAAAAAAA", ""),
    (Method::PATCH, "/auth/v1/admin/users/AAAAAAAAAAAAAAAAAAAAAA", "{}"),
    (Method::DELETE, "/auth/v1/admin/users/AAAAAAAAAAAAAAAAAAAAAA", ""),
    (Method::DELETE, "/auth/v1/admin/users/AAAAAAAAAAAAAAAAAAAAAA/mfa", ""),
    (Method::POST, "/auth/v1/admin/users/AAAAAAAAAAAAAAAAAAAAAA/unlock", ""),
    (Method::GET, "/auth/v1/admin/audit", ""),
];

/// Whether they can do nothing but set up a factor; else, whether they can do as they please.
async fn must_enrol(world: &World, browser: &Browser) -> bool {
    let verify = about(browser.get("/auth/verify/default"), "GET", "/app").await;
    if verify.status == 200 {
        browser.get("/auth/v1/sessions").await.is(200);
        return false;
    }
    verify.refused(403, "step_up_required");
    // Stepping up would not do, and they are told what does.
    assert!(verify.json()["detail"].as_str().unwrap().contains("Set one up first"));
    for (method, target, body) in CLOSED {
        let mut ask = browser.ask(method.clone(), target);
        if !body.is_empty() {
            ask = ask.json(&serde_json::from_str::<Json>(body).unwrap());
        }
        ask.await.refused(403, "step_up_required");
    }
    for target in ["session", "me", "passkeys"] {
        browser.get(&format!("/auth/v1/{target}")).await.is(200);
    }
    browser.refresh().await.is(200);
    step_up_by_password(browser, PASSWORD).await.is(200);
    browser.post("/auth/v1/passkeys/options").await.is(200);
    browser.post("/auth/v1/mfa/totp").await.is(200);
    browser.copied().delete("/auth/v1/mfa/totp").await.refused(404, "not_found");
    world.advance(MINUTE).await;
    true
}

#[tokio::test]
async fn each_word_of_the_setting_means_those_people() {
    for storage in BOTH {
        for (required, admins, others) in [
            (MfaRequired::Never, false, false),
            (MfaRequired::Admins, true, false),
            (MfaRequired::Everyone, true, true),
        ] {
            let world = on(storage, required).await;
            world.user("ann", &["editor"]).await;
            let (admin, ann) = (world.admin().await, world.signed_in("ann").await);
            assert_eq!(must_enrol(&world, &admin).await, admins, "{storage:?} {required:?}");
            assert_eq!(must_enrol(&world, &ann).await, others, "{storage:?} {required:?}");
        }
    }
}

#[tokio::test]
async fn whoever_sets_one_up_may_do_the_rest() {
    for storage in BOTH {
        let world = on(storage, MfaRequired::Everyone).await;
        let admin = world.admin().await;
        let (app, _) = enrol(&world, &admin).await;
        assert!(!must_enrol(&world, &admin).await);
        let browser = Person::pending(&world, "root").await;
        show(&browser, &app.next_code().await).await.is(200);
        browser.post("/auth/v1/admin/users").json(&json!({"username": "ben"})).await.is(201);
        admin.post("/auth/v1/logout").await.is(204);
    }
}

#[tokio::test]
async fn who_is_signed_in_feels_a_change_of_the_setting_at_once() {
    let world = on(Storage::Memory, MfaRequired::Never).await;
    world.user("ann", &[]).await;
    let ann = world.signed_in("ann").await;
    for (required, must) in [
        (MfaRequired::Everyone, true),
        (MfaRequired::Admins, false),
        (MfaRequired::Everyone, true),
        (MfaRequired::Never, false),
    ] {
        require(&world, required);
        assert_eq!(must_enrol(&world, &ann).await, must, "{required:?}");
    }
    // And so does somebody who becomes an administrator.
    require(&world, MfaRequired::Admins);
    let id = ann.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().parse().unwrap();
    let form = ChangesForm { roles: Some(&["admin".to_owned()]), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), id, form).await.unwrap();
    ann.refresh().await.is(200);
    assert!(must_enrol(&world, &ann).await);
}

#[tokio::test]
async fn the_last_factor_stays_where_one_is_required() {
    for storage in BOTH {
        let world = on(storage, MfaRequired::Everyone).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = Person::pending(&world, "ann").await;
        show(&browser, &ann.app.next_code().await).await.is(200);
        browser.delete("/auth/v1/mfa/totp").await.refused(409, "conflict");
        let mfa = browser.get("/auth/v1/me").await.ok()["mfa"].clone();
        assert_eq!(mfa, json!({"totp": true, "passkeys": 0, "recovery_codes_left": 10}), "{storage:?}");
        // Nothing was changed: the authentication still is a fresh one.
        require(&world, MfaRequired::Admins);
        browser.delete("/auth/v1/mfa/totp").await.is(204);
    }
}

#[tokio::test]
async fn an_administrator_may_reset_what_policy_demands() {
    let world = on(Storage::Memory, MfaRequired::Everyone).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let root = crate::authenticator_app::enrolled_again(&world, "root").await;
    let admin = Person::pending(&world, "root").await;
    show(&admin, &root.app.next_code().await).await.is(200);
    admin.delete(&format!("/auth/v1/admin/users/{}/mfa", ann.id)).await.is(204);
    ann.browser.refresh().await.is(200);
    assert!(must_enrol(&world, &ann.browser).await);
}

#[tokio::test]
async fn a_password_that_is_due_comes_before_the_factor() {
    let world = on(Storage::Memory, MfaRequired::Everyone).await;
    let ann = world.user("ann", &[]).await;
    let form = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), ann.id, form).await.unwrap();
    let browser = world.signed_in("ann").await;
    browser.post("/auth/v1/mfa/totp").await.refused(403, "password_change_required");
    browser.post("/auth/v1/passkeys/options").await.refused(403, "password_change_required");
    browser.get("/auth/v1/sessions").await.refused(403, "password_change_required");
    let change = json!({"current_password": PASSWORD, "new_password": "a whole new password"});
    browser.post("/auth/v1/password").json(&change).await.is(200);
    browser.get("/auth/v1/sessions").await.refused(403, "step_up_required");
    enrol(&world, &browser).await;
    browser.get("/auth/v1/sessions").await.is(200);
}

#[tokio::test]
async fn a_passkey_is_a_factor_as_well() {
    for storage in BOTH {
        let world = on(storage, MfaRequired::Everyone).await;
        let admin = world.admin().await;
        register(&admin, &mut Authenticator::at(HERE)).await.is(201);
        assert!(!must_enrol(&world, &admin).await, "{storage:?}");
    }
}

#[tokio::test]
async fn a_program_can_do_nothing_else_either() {
    let plan = Plan::at(HERE).with(|config| config.token_endpoint = true);
    let required =
        |config: &mut doorward::Config| config.settings.second_factors.required = MfaRequired::Admins;
    let world = plan.with(required).start().await;
    let login = json!({"username": "root", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&login).await.ok();
    let bearer = tokens["access_token"].as_str().unwrap();
    world.get("/auth/v1/admin/users").bearer(bearer).await.refused(403, "step_up_required");
    world.get("/auth/v1/sessions").bearer(bearer).await.refused(403, "step_up_required");
    world.get("/auth/v1/me").bearer(bearer).await.is(200);
    world.post("/auth/v1/mfa/totp").bearer(bearer).await.is(200);
}
