//! One account, one password, no name (M-C01), behind the same guard.

use std::{num::NonZeroU32, time::Duration};

use doorward_core::{
    authority::{Caller, StartError},
    guard::GuardPolicy,
    mode::Mode,
    rate_limit::Rate,
};
use http::Method;
use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    browser::Browser,
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const WRONG: &str = "another long password";
const SECOND: Duration = Duration::from_secs(1);

fn plan() -> Plan {
    Plan::at("http://localhost:8080").with(|config| {
        config.settings.mode = Mode::SingleOperator;
        config.token_endpoint = true;
    })
}

async fn log_in(browser: &Browser, body: Json) -> Answer {
    browser.post("/auth/v1/login").json(&body).await
}

async fn set_up(world: &World, body: Json) -> Answer {
    let mut body = body;
    body["setup_token"] = world.setup_token().await.into();
    world.post("/auth/v1/setup").json(&body).await
}

#[tokio::test]
async fn setup_login_and_token_take_a_password_and_no_name() {
    for storage in BOTH {
        let world = plan().on(storage).before_setup().await;
        let made = set_up(&world, json!({"password": PASSWORD})).await;
        made.is(201);
        let user = &made.json()["user"];
        assert_eq!((&user["username"], &user["roles"]), (&json!("operator"), &json!(["admin"])));
        let browser = world.browser();
        let login = log_in(&browser, json!({"password": PASSWORD})).await.ok();
        assert_eq!(login["user"]["username"], "operator");
        browser.get("/auth/v1/admin/users").await.is(200);
        let form = world.post("/auth/v1/login").form(&[("password", PASSWORD)]).await;
        assert_eq!(form.ok()["user"]["username"], "operator");
        let tokens = world.post("/auth/v1/token").json(&json!({"password": PASSWORD})).await.ok();
        let me = world.get("/auth/v1/me").bearer(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(me.ok()["username"], "operator");
        let refresh =
            [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
        world.post("/auth/v1/token").form(&refresh).await.is(200);
    }
}

#[tokio::test]
async fn a_name_that_a_client_has_to_send_is_not_heeded() {
    let world = plan().before_setup().await;
    set_up(&world, json!({"username": "", "password": PASSWORD})).await.is(201);
    for name in ["operator", "root", "", " ", "a\u{202e}b", &"x".repeat(300)] {
        let login = log_in(&world.browser(), json!({"username": name, "password": PASSWORD})).await;
        assert_eq!(login.ok()["user"]["username"], "operator", "{name:?}");
        let form = [("grant_type", "password"), ("username", name), ("password", PASSWORD)];
        world.post("/auth/v1/login").form(&form).await.is(200);
        world.post("/auth/v1/token").form(&form).await.is(200);
    }
    for (body, target) in [
        (json!({}), "/auth/v1/login"),
        (json!({"password": 1}), "/auth/v1/login"),
        (json!({"username": 1, "password": PASSWORD}), "/auth/v1/login"),
        (json!({"user": "x", "password": PASSWORD}), "/auth/v1/login"),
        (json!({"setup_token": "x"}), "/auth/v1/setup"),
        (json!({"username": "x"}), "/auth/v1/token"),
    ] {
        world.post(target).json(&body).await.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn with_accounts_a_missing_name_is_malformed() {
    let world = World::with(|config| config.token_endpoint = true).await;
    for target in ["/auth/v1/login", "/auth/v1/token"] {
        world.post(target).json(&json!({"password": PASSWORD})).await.refused(400, "malformed_request");
        let absent = json!({"username": null, "password": PASSWORD});
        world.post(target).json(&absent).await.refused(400, "malformed_request");
        world.post(target).form(&[("password", PASSWORD)]).await.refused(400, "malformed_request");
    }
    let fresh = Plan::at("http://localhost:8080").before_setup().await;
    set_up(&fresh, json!({"password": PASSWORD})).await.refused(400, "malformed_request");
    assert_eq!(fresh.get("/auth/v1/setup").await.ok()["complete"], false);
    let page = world.browser().post("/auth/login").form(&[("password", PASSWORD)]).await;
    page.is(400);
}

#[tokio::test]
async fn nobody_else_can_be_made() {
    for storage in BOTH {
        let world = plan().on(storage).start().await;
        let operator = world.admin().await;
        for body in [
            json!({"username": "ann"}),
            json!({"username": "ann", "password": PASSWORD, "roles": ["admin"]}),
            json!({"username": "operator"}),
        ] {
            let refused = operator.post("/auth/v1/admin/users").json(&body).await;
            refused.refused(409, "conflict");
            let detail = refused.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("single operator"), "{detail}");
        }
        assert_eq!(operator.get("/auth/v1/admin/users").await.ok()["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_pages_ask_for_no_name() {
    let world = plan().before_setup().await;
    let token = world.setup_token().await;
    let setup = world.browser().get(&format!("/auth/setup?token={token}")).navigation().await.text();
    assert!(!setup.contains("name=\"username\"") && setup.contains("name=\"password\""), "{setup}");
    let browser = world.browser();
    let short = [("setup_token", token.as_str()), ("email", ""), ("password", "short")];
    let refused = browser.post("/auth/setup").form(&short).await;
    refused.is(422);
    assert!(!refused.text().contains("name=\"username\""), "{}", refused.text());
    let good = [("setup_token", token.as_str()), ("email", ""), ("password", PASSWORD)];
    browser.post("/auth/setup").form(&good).await.is(200);
    assert_eq!(browser.get("/auth/v1/me").await.ok()["username"], "operator");

    let browser = world.browser();
    let shown = browser.get("/auth/login").navigation().await.text();
    let refused = browser.post("/auth/login").form(&[("password", WRONG)]).await;
    refused.is(401);
    for page in [shown, refused.text()] {
        assert!(!page.contains("name=\"username\"") && page.contains("name=\"password\""), "{page}");
    }
    assert!(refused.text().contains("The password is not right."));
    browser.post("/auth/login").form(&[("password", PASSWORD)]).await.is(200);
    browser.get("/auth/v1/me").await.is(200);
}

#[tokio::test]
async fn the_password_is_held_to_what_a_single_factor_needs() {
    let world = plan().with(|config| config.settings.password.min_length_single_factor = 15).before_setup();
    let world = world.await;
    for weak in ["fourteen chars", "operator operator", "rotarepo-0per4tor-1"] {
        let refused = set_up(&world, json!({"password": weak})).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["field"], "password", "{weak}");
    }
    set_up(&world, json!({"password": PASSWORD})).await.is(201);
}

#[tokio::test]
async fn guessing_locks_the_one_account_for_strangers_under_whatever_name_and_not_for_its_owner() {
    for storage in BOTH {
        let plan = plan().on(storage).with(|config| {
            config.settings.guard = GuardPolicy::default();
            config.settings.guard.lockout.threshold = NonZeroU32::new(3).unwrap();
            config.settings.guard.account.delays.clear();
            config.settings.guard.address.delays.clear();
        });
        let world = plan.start().await;
        let owner = world.admin().await;
        for (name, code) in
            [("a", "invalid_credentials"), ("b", "invalid_credentials"), ("c", "account_locked")]
        {
            let refused = log_in(&world.browser(), json!({"username": name, "password": WRONG})).await;
            assert_eq!(refused.code(), code, "{storage:?}");
        }
        let body = json!({"password": PASSWORD});
        log_in(&world.browser(), body.clone()).await.refused(429, "account_locked");
        world.post("/auth/v1/token").json(&body).await.refused(429, "account_locked");
        log_in(&owner, body.clone()).await.is(200);
        world.advance(15 * MINUTE).await;
        log_in(&world.browser(), body).await.is(200);
    }
}

#[tokio::test]
async fn an_address_that_guesses_waits_longer_each_time_and_others_do_not() {
    for storage in BOTH {
        let plan = plan().on(storage).with(|config| {
            config.settings.guard = GuardPolicy::default();
            config.settings.guard.lockout.threshold = NonZeroU32::new(1_000).unwrap();
            config.settings.guard.account.delays.clear();
            config.settings.guard.address.free_failures = 1;
        });
        let world = plan.start().await;
        let guess = async |address: &str, password: &str| {
            world.browser().post("/auth/v1/login").from(address).json(&json!({"password": password})).await
        };
        guess("203.0.113.1", WRONG).await.refused(401, "invalid_credentials");
        for (millis, shown) in [(500, 1), (1_000, 1), (2_000, 2), (4_000, 4), (5_000, 5), (5_000, 5)] {
            guess("203.0.113.1", WRONG).await.refused(401, "invalid_credentials");
            let waits = guess("203.0.113.1", PASSWORD).await;
            waits.refused(429, "too_many_attempts");
            assert_eq!(waits.json()["retry_after"], shown);
            assert_eq!(waits.header("retry-after"), shown.to_string());
            world.advance(Duration::from_millis(millis)).await;
        }
        guess("203.0.113.1", WRONG).await.refused(401, "invalid_credentials");
        guess("203.0.113.2", PASSWORD).await.is(200);
    }
}

#[tokio::test]
async fn logins_of_one_address_are_limited() {
    let rate = Rate { attempts: NonZeroU32::new(2).unwrap(), per: SECOND * 60 };
    let world = plan().with(|config| config.settings.login_rate = rate).before_setup().await;
    set_up(&world, json!({"password": PASSWORD})).await.is(201);
    log_in(&world.browser(), json!({"password": PASSWORD})).await.is(200);
    log_in(&world.browser(), json!({"password": PASSWORD})).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn what_was_set_up_with_accounts_has_no_operator_unless_an_administrator_is_called_so() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let to_single = |config: &mut doorward::Config| config.settings.mode = Mode::SingleOperator;
        assert!(matches!(world.try_restarted(to_single).await, Err(StartError::NoOperator)));
        world.user("Operator", &["editor"]).await;
        assert!(matches!(world.try_restarted(to_single).await, Err(StartError::NoOperator)));
        let operator = world.authority().user_by_name("operator").await.unwrap();
        let admin = world.admin().await;
        let target = format!("/auth/v1/admin/users/{}", operator.id);
        admin.patch(&target).json(&json!({"roles": ["admin"]})).await.is(200);
        let single = world.try_restarted(to_single).await.unwrap();
        let login = log_in(&single.browser(), json!({"username": "root", "password": PASSWORD})).await;
        assert_eq!(login.ok()["user"]["username"], "Operator", "root's name opens nothing");
        let back = single.restarted(|config| config.settings.mode = Mode::Accounts).await;
        back.signed_in("operator").await;
        back.signed_in("root").await;
    }
}

#[tokio::test]
async fn links_of_accounts_left_over_open_nothing() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ids = [world.user("operator", &["admin"]).await.id, world.user("ann", &["admin"]).await.id];
        let mut links = Vec::new();
        for id in ids {
            let issued = world.authority().issue_password_link(&Caller::command_line(), id).await.unwrap();
            links.push(format!("/auth/reset/{}", issued.token.reveal()));
        }
        let single = world.restarted(|config| config.settings.mode = Mode::SingleOperator).await;
        let chosen = [("new_password", "a whole new password")];
        for (link, status) in links.iter().zip([200, 404]) {
            single.browser().get(link).navigation().await.is(status);
            single.browser().post(link).navigation().form(&chosen).await.is(status);
        }
    }
}

/// Another administrator who is left over from before cannot log in: without the operator nobody could.
#[tokio::test]
async fn the_operator_stays_whoever_is_left_over_from_before() {
    let world = Plan::at("http://localhost:8080").start().await;
    let operator = world.user("operator", &["admin"]).await;
    let left_over = world.user("ann", &["admin"]).await;
    let single = world.restarted(|config| config.settings.mode = Mode::SingleOperator).await;
    let browser = single.browser();
    log_in(&browser, json!({"password": PASSWORD})).await.is(200);
    let path = |id| format!("/auth/v1/admin/users/{id}");
    for changes in [json!({"disabled": true}), json!({"roles": []})] {
        let change = browser.patch(&path(operator.id)).json(&changes);
        change.await.refused(409, "last_admin");
    }
    browser.delete(&path(operator.id)).await.refused(409, "last_admin");
    browser.delete(&path(left_over.id)).await.is(204);
}

#[tokio::test]
async fn a_reload_changes_the_mode_no_more_than_it_changes_the_accounts() {
    let world = World::new().await;
    let mut config = world.config().clone();
    config.settings.mode = Mode::SingleOperator;
    world.doorward().reload(config).unwrap();
    log_in(&world.browser(), json!({"password": PASSWORD})).await.refused(400, "malformed_request");
    world.signed_in("root").await;
}

#[tokio::test]
async fn the_openapi_document_requires_a_name_only_where_there_are_accounts() {
    for single in [true, false] {
        let plan = if single { plan() } else { Plan::at("http://localhost:8080") };
        let world = plan.start().await;
        let document = world.ask(Method::GET, "/auth/v1/openapi.json").await.ok();
        for body in ["LoginBody", "SetupBody", "PasswordGrant"] {
            let schema = &document["components"]["schemas"][body];
            assert_eq!(schema["properties"]["username"]["type"], "string", "{body}");
            let required = schema["required"].as_array().unwrap();
            assert_eq!(required.contains(&json!("username")), !single, "{body}");
            assert!(required.contains(&json!("password")), "{body}");
        }
    }
}
