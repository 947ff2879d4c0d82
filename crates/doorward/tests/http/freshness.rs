//! What is sensitive asks for an authentication of the last five minutes, with the strongest factor there is.

use std::time::Duration;

use doorward_testkit::authenticator::Authenticator;
use http::Method;
use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    ask::Ask,
    authenticator_app::{Person, STEP, enrolled, enrolled_again, show, step_up, step_up_by_password},
    browser::Browser,
    passkey_holder::{HERE, PASSKEYS, options},
    world::{ADMIN, BOTH, DAY, MILLISECOND, MINUTE, PASSWORD, Plan, World},
};

const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// A request, and its status once it is let through; it changes nothing then.
struct Probe(Method, String, Json, u16);

impl Probe {
    fn new(method: Method, target: &str, status: u16) -> Self {
        Self(method, format!("/auth/v1{target}"), Json::Null, status)
    }

    fn with(self, body: Json) -> Self {
        Self(self.0, self.1, body, self.3)
    }

    fn ask(&self, browser: &Browser) -> Ask {
        let ask = browser.ask(self.0.clone(), &self.1);
        if self.2.is_null() { ask } else { ask.json(&self.2) }
    }
}

/// Everything about factors, of somebody who has none. (Passkeys that were made are registered in `passkeys`.)
fn own() -> Vec<Probe> {
    vec![
        Probe::new(Method::POST, "/mfa/totp/confirm", 404).with(json!({"code": "123456"})),
        Probe::new(Method::POST, "/mfa/recovery-codes", 404),
        Probe::new(Method::DELETE, "/mfa/totp", 404),
        Probe::new(Method::POST, "/passkeys/options", 200),
        Probe::new(Method::DELETE, "/passkeys/AAAA", 404),
        Probe::new(Method::POST, "/mfa/totp", 200),
    ]
}

/// Everything an administrator does to others.
fn others() -> Vec<Probe> {
    let nobody = |end: &str| format!("/admin/users/AAAAAAAAAAAAAAAAAAAAAA{end}");
    vec![
        Probe::new(Method::POST, "/admin/users", 422).with(json!({"username": ""})),
        Probe::new(Method::PATCH, &nobody(""), 404).with(json!({"roles": []})),
        Probe::new(Method::DELETE, &nobody(""), 404),
        Probe::new(Method::DELETE, &nobody("/sessions"), 404),
        Probe::new(Method::DELETE, &nobody("/devices"), 404),
        Probe::new(Method::DELETE, &nobody("/mfa"), 404),
        Probe::new(Method::POST, &nobody("/unlock"), 404),
        Probe::new(Method::POST, &nobody("/reset-link"), 404),
        Probe::new(Method::POST, "/admin/keys/rotate", 201),
    ]
}

/// Tokens tell of whole seconds.
async fn whole_second(world: &World) {
    let into = u64::try_from(world.now().as_millis() % 1000).unwrap();
    world.advance(Duration::from_millis(1000 - into)).await;
}

/// A browser of an administrator whose authentication is so old.
async fn authenticated(world: &World, ago: Duration) -> Browser {
    whole_second(world).await;
    let browser = world.admin().await;
    world.advance(ago).await;
    browser
}

#[tokio::test]
async fn everything_sensitive_is_let_through_until_five_minutes_are_over() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        for probe in own().into_iter().chain(others()) {
            let young = authenticated(&world, FIVE_MINUTES - MILLISECOND).await;
            probe.ask(&young).await.is(probe.3);
            let old = authenticated(&world, FIVE_MINUTES).await;
            probe.ask(&old).await.refused(403, "step_up_required");
            step_up_by_password(&old, PASSWORD).await.is(200);
            probe.ask(&old).await.is(probe.3);
        }
    }
}

/// What somebody does to an account that has a factor.
async fn change(browser: &Browser, what: &str, made: &Json) -> Answer {
    match what {
        "password" => {
            let body = json!({"current_password": PASSWORD, "new_password": "a whole new password"});
            browser.post("/auth/v1/password").json(&body).await
        }
        "passkey" => browser.post(PASSKEYS).json(made).await,
        "recovery codes" => browser.post("/auth/v1/mfa/recovery-codes").await,
        _ => browser.delete("/auth/v1/mfa/totp").await,
    }
}

#[tokio::test]
async fn a_factor_opens_what_is_sensitive_until_five_minutes_are_over() {
    for storage in BOTH {
        for what in ["password", "passkey", "recovery codes", "app"] {
            let world = Plan::at(HERE).on(storage).start().await;
            let ann = enrolled(&world, "ann", &[]).await;
            for (ago, may) in [(FIVE_MINUTES, false), (FIVE_MINUTES - MILLISECOND, true)] {
                world.advance(STEP).await;
                whole_second(&world).await;
                let browser = Person::pending(&world, "ann").await;
                show(&browser, &ann.app.code()).await.is(200);
                let made = Authenticator::at(HERE).create(&options(&browser, PASSKEYS).await).unwrap();
                world.advance(ago).await;
                let answer = change(&browser, what, &made).await;
                assert_eq!(answer.status.is_success(), may, "{storage:?} {what}: {answer:?}");
                assert!(may || answer.code() == "step_up_required");
            }
        }
    }
}

#[tokio::test]
async fn a_password_of_this_very_moment_is_not_enough_where_there_is_a_factor() {
    let plan = Plan::at(HERE).with(|config| config.settings.second_factors.trust_device = Some(DAY));
    let world = plan.start().await;
    let root = enrolled_again(&world, ADMIN).await;
    let browser = world.browser();
    let login = json!({"username": ADMIN, "password": PASSWORD, "trust_device": true});
    browser.post("/auth/v1/login").json(&login).await.is(200);
    show(&browser, &root.app.next_code().await).await.is(200);
    assert_eq!(browser.login(ADMIN).await.ok()["session"]["aal"], 1);
    for probe in own().into_iter().chain(others()) {
        probe.ask(&browser).await.refused(403, "step_up_required");
    }
    for what in ["password", "recovery codes", "app"] {
        change(&browser, what, &Json::Null).await.refused(403, "step_up_required");
    }
    step_up(&browser, &root.app.next_code().await).await.is(200);
    for probe in others() {
        probe.ask(&browser).await.is(probe.3);
    }
}

#[tokio::test]
async fn what_an_administrator_may_not_do_any_more_is_recorded() {
    let world = World::new().await;
    let old = authenticated(&world, FIVE_MINUTES).await;
    for probe in others() {
        let before = world.audit().await.len();
        probe.ask(&old).await.refused(403, "step_up_required");
        let event = ("request.admin_refused".to_owned(), "step_up_required".to_owned());
        assert_eq!(world.last_event().await, event);
        assert_eq!(world.audit().await.len(), before + 1, "{}", probe.1);
    }
}

#[tokio::test]
async fn looking_asks_for_nothing_more() {
    let world = World::new().await;
    let old = authenticated(&world, FIVE_MINUTES).await;
    for target in
        ["admin/users", "admin/audit", "sessions?scope=all", "passkeys", "me", "session", "sessions"]
    {
        old.get(&format!("/auth/v1/{target}")).await.is(200);
    }
    old.delete("/auth/v1/sessions").await.is(200);
}

#[tokio::test]
async fn a_refresh_makes_no_authentication_younger() {
    let world = World::new().await;
    let old = authenticated(&world, FIVE_MINUTES).await;
    old.refresh().await.is(200);
    old.post("/auth/v1/mfa/totp").await.refused(403, "step_up_required");
}

#[tokio::test]
async fn the_password_is_changed_by_the_password_and_with_a_factor_by_a_fresh_one() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        world.user("ben", &[]).await;
        let ben = world.signed_in("ben").await;
        world.advance(2 * STEP).await;
        let browser = Person::pending(&world, "ann").await;
        show(&browser, &ann.app.code()).await.is(200);
        world.advance(10 * MINUTE).await;
        let change = |to: &str| json!({"current_password": PASSWORD, "new_password": to});
        let ask = |browser: &Browser| browser.post("/auth/v1/password").json(&change("a whole new password"));
        ask(&ben).await.is(200);
        ask(&browser).await.refused(403, "step_up_required");
        let event = ("password.change_refused".to_owned(), "step_up_required".to_owned());
        assert_eq!(world.last_event().await, event);
        step_up(&browser, &ann.app.code()).await.is(200);
        ask(&browser).await.is(200);
        assert_eq!(browser.get("/auth/v1/session").await.ok()["session"]["aal"], 2);
    }
}

#[tokio::test]
async fn a_program_is_asked_the_same() {
    let world = World::with(|config| config.token_endpoint = true).await;
    let login = json!({"username": "root", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&login).await.ok();
    let bearer = tokens["access_token"].as_str().unwrap().to_owned();
    let begin = || world.post("/auth/v1/mfa/totp").bearer(&bearer);
    begin().await.is(200);
    world.advance(FIVE_MINUTES).await;
    begin().await.refused(403, "step_up_required");
    let make = world.post("/auth/v1/admin/users").bearer(&bearer).json(&json!({"username": "ann"}));
    make.await.refused(403, "step_up_required");
}
