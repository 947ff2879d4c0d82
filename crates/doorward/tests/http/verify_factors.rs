//! Forward authentication: policies that ask for a second factor, or for a recent authentication.

use std::time::Duration;

use serde_json::json;

use crate::{
    ask::Ask,
    authenticator_app::{Person, enrolled, show, step_up, step_up_by_password},
    browser::Browser,
    passkey_holder::{HERE, fresh, with_passkey},
    proxy::{about, policy},
    world::{BOTH, DAY, MILLISECOND, MINUTE, PASSWORD, Plan, Storage, World},
};

async fn on(storage: Storage) -> World {
    let plan = Plan::at(HERE).on(storage).with(policy("strong", |policy| policy.aal = 2));
    let plan = plan.with(policy("fresh", |policy| policy.max_age = Some(5 * MINUTE)));
    plan.with(|config| config.settings.second_factors.trust_device = Some(DAY)).start().await
}

fn ask(browser: &Browser, policy: &str) -> Ask {
    about(browser.get(&format!("/auth/verify/{policy}")), "GET", "/app")
}

#[tokio::test]
async fn a_second_factor_passes_a_policy_of_the_higher_level() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = world.browser();
        let login = json!({"username": "ann", "password": PASSWORD, "trust_device": true});
        browser.post("/auth/v1/login").json(&login).await.is(200);
        // The password alone is nobody yet.
        ask(&browser, "strong").await.refused(401, "not_authenticated");
        show(&browser, &ann.app.next_code().await).await.is(200);
        assert_eq!(ask(&browser, "strong").await.is(200).header("x-auth-aal"), "2");
        // On a trusted device the password alone is somebody, on the lower level, until they step up.
        browser.login("ann").await.is(200);
        ask(&browser, "strong").await.refused(403, "step_up_required");
        assert_eq!(ask(&browser, "default").await.is(200).header("x-auth-aal"), "1");
        step_up(&browser, &ann.app.next_code().await).await.is(200);
        assert_eq!(ask(&browser, "strong").await.is(200).header("x-auth-aal"), "2", "{storage:?}");
        browser.refresh().await.is(200);
        ask(&browser, "strong").await.is(200);
    }
}

#[tokio::test]
async fn a_passkey_alone_passes_a_policy_of_the_higher_level() {
    let world = on(Storage::Memory).await;
    let mut key = with_passkey(&world, "ann").await;
    let browser = fresh(&world, &mut key).await;
    assert_eq!(ask(&browser, "strong").await.is(200).header("x-auth-aal"), "2");
}

#[tokio::test]
async fn a_step_up_renews_what_a_policy_of_a_recent_authentication_asks_for() {
    for storage in BOTH {
        let world = on(storage).await;
        let browser = world.admin().await;
        // `auth_time` is a whole second.
        world.advance(5 * MINUTE - Duration::from_millis(437)).await;
        ask(&browser, "fresh").await.is(200);
        world.advance(MILLISECOND).await;
        ask(&browser, "fresh").await.refused(403, "step_up_required");
        step_up_by_password(&browser, PASSWORD).await.is(200);
        ask(&browser, "fresh").await.is(200);
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = Person::pending(&world, "ann").await;
        show(&browser, &ann.app.next_code().await).await.is(200);
        world.advance(6 * MINUTE).await;
        ask(&browser, "fresh").await.refused(403, "step_up_required");
        step_up(&browser, &ann.app.code()).await.is(200);
        ask(&browser, "fresh").await.is(200);
    }
}

#[tokio::test]
async fn a_change_of_factors_makes_nobody_recent() {
    for storage in BOTH {
        let world = on(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        ask(&ann.browser, "fresh").await.refused(403, "step_up_required");
        ask(&ann.browser, "default").await.is(200);
        step_up(&ann.browser, &ann.app.next_code().await).await.is(200);
        ask(&ann.browser, "fresh").await.is(200);
    }
}
