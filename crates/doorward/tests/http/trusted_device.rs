//! Skipping the second factor on a device that is trusted: a setting, off by default.

use std::time::Duration;

use serde_json::json;

use crate::{
    answer::Answer,
    authenticator_app::{Person, begin, enrolled, enrolled_again, recover, show},
    browser::Browser,
    world::{BOTH, DAY, MILLISECOND, PASSWORD, Plan, Storage, World},
};

async fn on(storage: Storage, trust: Option<Duration>) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage);
    plan.with(|config| config.settings.second_factors.trust_device = trust).start().await
}

async fn trusting() -> World {
    on(Storage::Memory, Some(30 * DAY)).await
}

async fn login(browser: &Browser, trust_device: bool) -> Answer {
    let body = json!({"username": "ann", "password": PASSWORD, "trust_device": trust_device});
    browser.post("/auth/v1/login").json(&body).await
}

/// A browser that showed the second factor, and is to be trusted if it may be.
async fn trusted(world: &World, ann: &Person) -> Browser {
    let browser = world.browser();
    assert_eq!(login(&browser, true).await.ok()["status"], "mfa_required");
    show(&browser, &ann.app.next_code().await).await.is(200);
    browser
}

async fn is_asked(browser: &Browser) -> bool {
    login(browser, false).await.ok()["status"] == "mfa_required"
}

#[tokio::test]
async fn unless_it_is_set_no_device_is_trusted_whatever_is_wished() {
    for storage in BOTH {
        let world = on(storage, None).await;
        let ann = enrolled(&world, "ann", &[]).await;
        assert!(is_asked(&trusted(&world, &ann).await).await);
    }
}

#[tokio::test]
async fn a_trusted_device_is_let_in_by_the_password_on_the_lower_level() {
    for storage in BOTH {
        let world = on(storage, Some(30 * DAY)).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = trusted(&world, &ann).await;
        let session = login(&browser, false).await.ok()["session"].clone();
        assert_eq!((&session["aal"], &session["amr"]), (&json!(1), &json!(["pwd"])));
        let event = world.audit().await.into_iter().rfind(|event| event.name == "login.succeeded").unwrap();
        assert!(event.details.contains(&("factor".to_owned(), "trusted_device".to_owned())));
        // What is sensitive asks for the factor all the same.
        browser.post("/auth/v1/mfa/recovery-codes").await.refused(403, "step_up_required");
        // After a logout it still is trusted; other browsers are not.
        browser.post("/auth/v1/logout").await.is(204);
        assert!(!is_asked(&browser).await);
        assert!(is_asked(&world.browser()).await);
    }
}

#[tokio::test]
async fn it_is_trusted_only_if_that_was_wished_and_the_factor_shown() {
    let world = trusting().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = world.browser();
    begin(&browser, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
    assert!(is_asked(&browser).await);
    let browser = world.browser();
    login(&browser, true).await.is(200);
    assert!(is_asked(&browser).await);
    recover(&browser, &ann.recovery_codes[0]).await.is(200);
    assert!(is_asked(&browser).await, "the later login wished for nothing");
    login(&browser, true).await.is(200);
    recover(&browser, &ann.recovery_codes[1]).await.is(200);
    assert!(!is_asked(&browser).await);
}

#[tokio::test]
async fn a_form_can_wish_for_it_too() {
    let world = trusting().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = world.browser();
    let form = [("username", "ann"), ("password", PASSWORD), ("trust_device", "true")];
    browser.post("/auth/v1/login").form(&form).await.is(200);
    show(&browser, &ann.app.next_code().await).await.is(200);
    assert!(!is_asked(&browser).await);
}

#[tokio::test]
async fn trust_ends_when_its_time_is_over() {
    for storage in BOTH {
        for (after, asked) in [(3 * DAY - MILLISECOND, false), (3 * DAY, true)] {
            let world = on(storage, Some(3 * DAY)).await;
            let ann = enrolled(&world, "ann", &[]).await;
            let browser = trusted(&world, &ann).await;
            world.advance(after).await;
            assert_eq!(is_asked(&browser).await, asked, "{storage:?} {after:?}");
        }
    }
}

#[tokio::test]
async fn skipping_the_factor_does_not_prolong_the_trust() {
    let world = on(Storage::Memory, Some(3 * DAY)).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = trusted(&world, &ann).await;
    world.advance(2 * DAY).await;
    assert_eq!(login(&browser, true).await.ok()["status"], "authenticated");
    world.advance(DAY).await;
    assert!(is_asked(&browser).await);
}

#[tokio::test]
async fn a_device_is_trusted_by_the_one_who_said_so() {
    let world = trusting().await;
    let ann = enrolled(&world, "ann", &[]).await;
    enrolled(&world, "ben", &[]).await;
    let browser = trusted(&world, &ann).await;
    begin(&browser, "ben").await;
    assert!(!is_asked(&browser).await);
}

#[tokio::test]
async fn a_change_of_factors_ends_all_trust() {
    for storage in BOTH {
        let world = on(storage, Some(30 * DAY)).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let (browser, other) = (trusted(&world, &ann).await, trusted(&world, &ann).await);
        assert!(!is_asked(&other).await);
        browser.post("/auth/v1/mfa/recovery-codes").await.is(200);
        assert!(is_asked(&browser).await && is_asked(&other).await, "{storage:?}");
    }
}

#[tokio::test]
async fn forgotten_devices_are_trusted_no_more() {
    for storage in BOTH {
        let world = on(storage, Some(30 * DAY)).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = trusted(&world, &ann).await;
        let admin = world.admin().await;
        admin.delete(&format!("/auth/v1/admin/users/{}/devices", ann.id)).await.is(204);
        assert!(is_asked(&browser).await, "{storage:?}");
    }
}

#[tokio::test]
async fn the_setting_counts_when_somebody_logs_in_not_when_they_wished() {
    let world = trusting().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = trusted(&world, &ann).await;
    let mut config = world.config().clone();
    config.settings.second_factors.trust_device = None;
    world.doorward().reload(config).unwrap();
    assert!(is_asked(&browser).await);
}

#[tokio::test]
async fn a_stolen_device_cookie_is_worth_nothing_without_the_password() {
    let world = trusting().await;
    let ann = enrolled_again(&world, "root").await;
    let body = json!({"username": "root", "password": PASSWORD, "trust_device": true});
    let browser = world.browser();
    browser.post("/auth/v1/login").json(&body).await.is(200);
    show(&browser, &ann.app.next_code().await).await.is(200);
    browser.login_with("root", "wrong password").await.refused(401, "invalid_credentials");
    assert_eq!(browser.login("root").await.ok()["status"], "authenticated");
}
