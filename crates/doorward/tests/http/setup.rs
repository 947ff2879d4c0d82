//! The first administrator, exactly once; and what is closed until then.

use doorward_core::secret::PlainToken;
use serde_json::{Value as Json, json};

use crate::{
    ask::at_once,
    world::{BOTH, PASSWORD, Plan, World},
};

fn plan() -> Plan {
    Plan::at("http://localhost:8080")
}

fn body(token: &str, username: &str) -> Json {
    json!({"setup_token": token, "username": username, "password": PASSWORD})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_clients_that_race_for_setup_one_becomes_administrator() {
    for storage in BOTH {
        let world = plan().on(storage).before_setup().await;
        let token = world.setup_token().await;
        let asks = (0..8).map(|n| world.post("/auth/v1/setup").json(&body(&token, &format!("admin{n}"))));
        let answers = at_once(asks).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(won.len(), 1, "{storage:?}");
        for lost in answers.iter().filter(|answer| answer.status != 201) {
            lost.refused(409, "setup_complete");
            assert!(!lost.has("set-cookie"));
        }
        let admin = won[0].json()["user"]["username"].as_str().unwrap().to_owned();
        let browser = world.signed_in(&admin).await;
        let users = browser.get("/auth/v1/admin/users").await.ok();
        assert_eq!(users["items"].as_array().unwrap().len(), 1, "{storage:?}");
    }
}

#[tokio::test]
async fn setup_answers_as_a_login_does_and_the_state_tells_that_it_is_complete() {
    let world = plan().before_setup().await;
    assert_eq!(world.get("/auth/v1/setup").await.ok(), json!({"complete": false}));
    let browser = world.browser();
    let token = world.setup_token().await;
    let done = browser.post("/auth/v1/setup").json(&body(&token, "root")).await;
    done.is(201);
    assert_eq!(done.json()["status"], "authenticated");
    assert_eq!(done.json()["user"]["roles"], json!(["admin"]));
    assert_eq!(done.json()["session"]["current"], true);
    assert_eq!(browser.cookie_names(), ["dw_csrf", "dw_device", "dw_refresh", "dw_session"]);
    for cookie in done.set_cookies() {
        assert!(!done.text().contains(&cookie.value), "{} is in the body", cookie.name);
    }
    browser.get("/auth/v1/admin/users").await.is(200);
    assert_eq!(world.get("/auth/v1/setup").await.ok(), json!({"complete": true}));
}

#[tokio::test]
async fn a_wrong_setup_token_is_forbidden_and_recorded() {
    let world = plan().before_setup().await;
    let good = world.setup_token().await;
    let other = plan().master(&"E".repeat(43)).before_setup().await.setup_token().await;
    for wrong in ["", "x", "dws_", &other, &good[..good.len() - 1], &good.to_lowercase()] {
        let refused = world.post("/auth/v1/setup").json(&body(wrong, "root")).await;
        refused.refused(403, "forbidden");
        assert_eq!(world.last_event().await, ("setup.refused".to_owned(), "forbidden".to_owned()));
    }
    world.post("/auth/v1/setup").json(&body(&good, "root")).await.is(201);
}

#[tokio::test]
async fn every_setup_token_is_good_until_setup_is_complete_and_none_afterwards() {
    let world = plan().before_setup().await;
    let (first, second) = (world.setup_token().await, world.setup_token().await);
    let restarted = world.restarted(|_| ()).await;
    restarted.post("/auth/v1/setup").json(&body(&first, "root")).await.is(201);
    for token in [&first, &second] {
        let late = restarted.post("/auth/v1/setup").json(&body(token, "other")).await;
        late.refused(409, "setup_complete");
    }
}

#[tokio::test]
async fn a_configured_setup_token_is_taken_and_no_other_is_issued() {
    let chosen = "an operator chose this setup token";
    let set = |config: &mut doorward::Config| {
        config.settings.setup_token = Some(PlainToken::new(chosen.to_owned()));
    };
    let world = plan().with(set).before_setup().await;
    let issued = world.authority().issue_setup_token(&doorward_core::authority::Caller::system()).await;
    assert!(issued.unwrap().is_none());
    world.post("/auth/v1/setup").json(&body(&chosen[1..], "root")).await.refused(403, "forbidden");
    world.post("/auth/v1/setup").json(&body(chosen, "root")).await.is(201);
    world.post("/auth/v1/setup").json(&body(chosen, "again")).await.refused(409, "setup_complete");
}

#[tokio::test]
async fn values_that_break_rules_are_named_and_leave_setup_open() {
    let world = plan().before_setup().await;
    let token = world.setup_token().await;
    let bad = json!({"setup_token": token, "username": "a\0b", "password": "short", "email": "nobody"});
    let refused = world.post("/auth/v1/setup").json(&bad).await;
    refused.refused(422, "validation_failed");
    let errors = refused.json()["errors"].as_array().unwrap().clone();
    let mut fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["email", "password", "username"]);
    assert!(errors.iter().all(|error| error["code"].is_string() && error["detail"].is_string()));
    world.post("/auth/v1/setup").json(&body(&token, "root")).await.is(201);
}

#[tokio::test]
async fn until_setup_is_complete_everything_else_is_unavailable() {
    let world = plan().with(|config| config.token_endpoint = true).before_setup().await;
    for target in [
        "/auth/v1/me",
        "/auth/v1/session",
        "/auth/v1/sessions",
        "/auth/v1/admin/users",
        "/auth/login",
        "/auth/account",
        "/auth/continue",
        "/auth/v1/nothing",
        "/",
        "/auth/v1/openapi.json",
    ] {
        let answer = world.get(target).await;
        answer.refused(503, "setup_required");
        assert!(answer.json()["detail"].as_str().unwrap().contains("setup-url"));
    }
    let login = json!({"username": "root", "password": PASSWORD});
    for target in
        ["/auth/v1/login", "/auth/v1/token", "/auth/v1/refresh", "/auth/v1/logout", "/auth/v1/password"]
    {
        world.post(target).json(&login).await.refused(503, "setup_required");
    }
    for target in
        ["/auth/v1/setup", "/auth/setup", "/healthz", "/auth/.well-known/jwks.json", "/auth/keepalive.js"]
    {
        world.get(target).await.is(200);
    }
}

#[tokio::test]
async fn other_processes_hear_that_setup_is_complete() {
    let world = plan().before_setup().await;
    let beside = world.restarted(|_| ()).await;
    let token = world.setup_token().await;
    world.post("/auth/v1/setup").json(&body(&token, "root")).await.is(201);
    beside.get("/auth/v1/me").await.refused(503, "setup_required");
    beside.authority().follow_feed().await.unwrap();
    beside.get("/auth/v1/me").await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn a_setup_form_of_another_site_is_refused() {
    let world = plan().before_setup().await;
    let token = world.setup_token().await;
    let forged = world.post("/auth/v1/setup").header("origin", "https://evil.example");
    forged.json(&body(&token, "root")).await.refused(403, "cross_site_refused");
    let forged = world.post("/auth/setup").cross_site();
    let fields = [("setup_token", token.as_str()), ("username", "root"), ("password", PASSWORD)];
    forged.form(&fields).await.refused(403, "cross_site_refused");
    assert_eq!(world.get("/auth/v1/setup").await.ok()["complete"], false);
}

#[tokio::test]
async fn the_setup_page_works_without_script_and_ends_in_a_page_that_moves_on() {
    let world = plan().before_setup().await;
    let token = world.setup_token().await;
    let browser = world.browser();
    let page = browser.get(&format!("/auth/setup?token={token}")).navigation().await;
    page.is(200);
    assert!(page.text().contains(&token));
    let fields =
        [("setup_token", token.as_str()), ("username", "root"), ("email", ""), ("password", PASSWORD)];
    let done = browser.post("/auth/setup").navigation().form(&fields).await;
    done.is(200);
    assert!(done.text().contains("http-equiv=\"refresh\""));
    browser.get("/auth/v1/me").await.is(200);
    let world: World = world;
    world.get("/auth/setup").await.refused(409, "setup_complete");
}
