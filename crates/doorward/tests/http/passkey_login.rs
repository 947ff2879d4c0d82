//! `POST /v1/login/passkey`: a passkey after the password, and instead of it.

use doorward_core::{authority::Caller, users::ChangesForm};
use doorward_testkit::authenticator::Authenticator;
use serde_json::json;

use crate::{
    authenticator_app::{Person, begin, enrolled, recover, show},
    passkey_holder::{HERE, LOGIN, level, log_in, on, options, register, with_passkey},
    world::{BOTH, PASSWORD, World},
};

fn factor() -> (String, String) {
    ("factor".to_owned(), "passkey".to_owned())
}

#[tokio::test]
async fn after_the_password_a_passkey_completes_the_login() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        // The password was right: nobody has to be verified besides.
        for verified in [true, false] {
            key.user_verified = verified;
            let browser = world.browser();
            let due = begin(&browser, "ann").await.ok();
            assert_eq!(due["methods"], json!(["passkey", "recovery_code"]));
            let asked = options(&browser, LOGIN).await["publicKey"].clone();
            assert_eq!(asked["allowCredentials"].as_array().unwrap().len(), 1);
            assert_eq!(asked["userVerification"], "preferred");
            let done = log_in(&browser, &mut key).await;
            assert_eq!(level(&done), (json!(2), json!(["pwd", "hwk", "mfa"])), "{storage:?}");
            assert_eq!(done.cookie("dw_pending").max_age(), 0);
            let event = world.audit().await.pop().unwrap();
            assert!(event.name == "login.succeeded" && event.details.contains(&factor()));
            browser.refresh().await.is(200);
        }
    }
}

#[tokio::test]
async fn alone_it_signs_in_whom_it_has_verified() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let browser = world.browser();
        let asked = options(&browser, LOGIN).await["publicKey"].clone();
        assert_eq!(
            (&asked["allowCredentials"], &asked["userVerification"]),
            (&json!([]), &json!("required"))
        );
        let done = log_in(&browser, &mut key).await;
        assert_eq!(done.ok()["user"]["username"], "ann");
        assert_eq!(level(&done), (json!(2), json!(["hwk", "user", "mfa"])));
        for name in ["dw_session", "dw_csrf", "dw_refresh", "dw_device"] {
            assert!(done.cookie(name).max_age() > 0);
        }
        // Fresh, and strong enough for anything.
        browser.post("/auth/v1/mfa/recovery-codes").await.is(200);
        key.user_verified = false;
        log_in(&world.browser(), &mut key).await.refused(401, "invalid_credentials");
        let event = world.audit().await.pop().unwrap();
        assert_eq!(
            (event.name.as_str(), event.reason.as_deref()),
            ("login.refused", Some("invalid_credentials"))
        );
        assert!(event.details.contains(&("cause".to_owned(), "user_not_verified".to_owned())));
    }
}

#[tokio::test]
async fn a_passkey_on_several_devices_is_told_from_one_that_stays() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let mut phone = Authenticator::at(HERE);
    (phone.backup_eligible, phone.counts, phone.sign_count) = (true, false, 0);
    register(&world.signed_in("ann").await, &mut phone).await.is(201);
    for _ in 0..3 {
        // It does not count, and is good again and again.
        assert_eq!(level(&log_in(&world.browser(), &mut phone).await).1, json!(["swk", "user", "mfa"]));
    }
    let browser = Person::pending(&world, "ann").await;
    assert_eq!(level(&log_in(&browser, &mut phone).await).1, json!(["pwd", "swk", "mfa"]));
}

#[tokio::test]
async fn a_session_that_is_presented_ends_when_a_passkey_signs_in() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let browser = world.admin().await;
    let before = browser.copied();
    let answer = key.get(&options(&browser, LOGIN).await).unwrap();
    browser.post(LOGIN).without_csrf().json(&answer).await.is(200);
    assert_eq!(browser.get("/auth/v1/me").await.ok()["username"], "ann");
    assert_eq!(before.state().await, "session_revoked");
}

#[tokio::test]
async fn a_disabled_owner_is_told_so_and_a_deleted_one_is_unknown() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let browser = world.browser();
        log_in(&browser, &mut key).await.is(200);
        let id = browser.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
        let user = format!("/auth/v1/admin/users/{id}");
        let admin = world.admin().await;
        admin.patch(&user).json(&json!({"disabled": true})).await.is(200);
        log_in(&world.browser(), &mut key).await.refused(403, "account_disabled");
        admin.delete(&user).await.is(204);
        log_in(&world.browser(), &mut key).await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn a_locked_app_does_not_stop_a_passkey() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
    let mut key = Authenticator::at(HERE);
    register(&browser, &mut key).await.is(201);
    for number in 0..100 {
        if number % 5 == 0 {
            begin(&browser, "ann").await;
        }
        show(&browser, &ann.app.wrong_code()).await.refused(401, "mfa_code_invalid");
    }
    begin(&browser, "ann").await;
    show(&browser, &ann.app.next_code().await).await.refused(429, "account_locked");
    log_in(&browser, &mut key).await.is(200);
    // It is the app that is locked, and a passkey proves nothing about codes.
    begin(&browser, "ann").await;
    show(&browser, &ann.app.next_code().await).await.refused(429, "account_locked");
    recover(&browser, &ann.recovery_codes[0]).await.is(200);
    begin(&browser, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
}

#[tokio::test]
async fn the_cookie_of_a_login_that_is_over_does_not_stand_in_the_way() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let browser = Person::pending(&world, "ann").await;
        browser.copied().post("/auth/v1/logout").await.is(204);
        assert!(browser.has_cookie("dw_pending"));
        let done = log_in(&browser, &mut key).await;
        assert_eq!(level(&done).1, json!(["hwk", "user", "mfa"]));
        assert_eq!(done.cookie("dw_pending").max_age(), 0, "{storage:?}");
    }
}

#[tokio::test]
async fn who_must_change_the_password_signs_in_by_a_passkey_and_does_that_first() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let id = world.authority().user_by_name("ann").await.unwrap().id;
    let form = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), id, form).await.unwrap();
    let browser = world.browser();
    log_in(&browser, &mut key).await.is(200);
    browser.get("/auth/v1/sessions").await.refused(403, "password_change_required");
    let change = json!({"current_password": PASSWORD, "new_password": "a whole new password"});
    browser.post("/auth/v1/password").json(&change).await.is(200);
    browser.get("/auth/v1/sessions").await.is(200);
}

#[tokio::test]
async fn a_login_that_waits_ends_when_a_passkey_signs_in_from_another_tab() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let browser = world.browser();
        let shown = key.get(&options(&browser, LOGIN).await).unwrap().to_string();
        begin(&browser, "ann").await;
        let waiting = browser.copied();
        let form = [("credential", shown.as_str())];
        browser.post("/auth/login/passkey").navigation().form(&form).await.is(200);
        assert_eq!(browser.state().await, "200");
        assert!(!browser.has_cookie("dw_pending"));
        recover(&waiting, "0000-0000-0000-0000").await.refused(401, "not_authenticated");
    }
}
