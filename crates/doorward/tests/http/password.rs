//! Changing the password: re-authenticates, and leaves nothing older alive.

use serde_json::{Value as Json, json};

use crate::world::{BOTH, PASSWORD, Plan, World};

const NEW: &str = "a whole new password";

fn body(current: &str, new: &str) -> Json {
    json!({"current_password": current, "new_password": new})
}

#[tokio::test]
async fn a_password_change_leaves_no_older_token_alive_access_tokens_included() {
    for storage in BOTH {
        let plan = Plan::at("http://localhost:8080").on(storage);
        let world = plan.with(|config| config.token_endpoint = true).start().await;
        world.user("ann", &[]).await;
        let login = json!({"username": "ann", "password": PASSWORD});
        let tokens = world.post("/auth/v1/token").json(&login).await.ok();
        let (browser, elsewhere) = (world.signed_in("ann").await, world.signed_in("ann").await);
        let old = browser.copied();
        let changed = browser.post("/auth/v1/password").json(&body(PASSWORD, NEW)).await;
        let session = changed.ok()["session"].clone();
        assert_eq!(session["current"], true);
        for dead in [&old, &elsewhere] {
            assert_eq!(dead.state().await, "session_revoked", "{storage:?}");
            dead.refresh().await.refused(401, "session_revoked");
        }
        let bearer = world.get("/auth/v1/me").bearer(tokens["access_token"].as_str().unwrap()).await;
        bearer.refused(401, "session_revoked");
        let again = json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
        world.post("/auth/v1/token").json(&again).await.refused(401, "session_revoked");
        // The new cookies work, on a session of their own.
        assert_eq!(session["id"], json!(browser.session_id().await));
        browser.refresh().await.is(200);
        browser.delete("/auth/v1/sessions").await.is(200);
        let live = browser.get("/auth/v1/sessions").await.ok();
        assert_eq!(live["items"].as_array().unwrap().len(), 1);
        world.browser().login("ann").await.refused(401, "invalid_credentials");
        world.browser().login_with("ann", NEW).await.is(200);
    }
}

#[tokio::test]
async fn a_csrf_token_of_before_the_change_is_dead_too() {
    let world = World::new().await;
    let browser = world.admin().await;
    let old = browser.cookie("dw_csrf");
    browser.post("/auth/v1/password").json(&body(PASSWORD, NEW)).await.is(200);
    browser.delete("/auth/v1/sessions").csrf(&old).await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn a_wrong_current_password_changes_nothing_and_is_recorded() {
    let world = World::new().await;
    let browser = world.admin().await;
    let refused = browser.post("/auth/v1/password").json(&body("wrong password", NEW)).await;
    refused.refused(401, "invalid_credentials");
    assert!(!refused.has("set-cookie") && !refused.has("www-authenticate"));
    let event = ("password.change_refused".to_owned(), "invalid_credentials".to_owned());
    assert_eq!(world.last_event().await, event);
    assert_eq!(browser.state().await, "200");
    world.signed_in("root").await;
}

#[tokio::test]
async fn an_unchanged_a_short_and_an_endless_password_break_a_rule() {
    let world = World::new().await;
    let browser = world.admin().await;
    let long = "x".repeat(1025);
    for new in [PASSWORD, "short", "", "1234567", &long, "a long\0one"] {
        let refused = browser.post("/auth/v1/password").json(&body(PASSWORD, new)).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["field"], "new_password", "{new}");
        assert!(refused.json()["errors"][0]["code"].is_string());
    }
    assert_eq!(browser.state().await, "200");
    browser.post("/auth/v1/password").json(&body(PASSWORD, "kR7#pzQ2")).await.is(200);
}

#[tokio::test]
async fn the_least_length_counts_characters_and_is_configurable() {
    let world = World::with(|config| config.settings.password.min_length = 12).await;
    let browser = world.admin().await;
    let ask = |new: &str| browser.post("/auth/v1/password").json(&body(PASSWORD, new));
    ask("für Öl, Rüb").await.refused(422, "validation_failed");
    ask("für Öl, Rübe").await.is(200);
}

#[tokio::test]
async fn passwords_typed_on_another_keyboard_are_the_same() {
    let world = World::new().await;
    let browser = world.admin().await;
    browser.post("/auth/v1/password").json(&body(PASSWORD, "Cafe\u{301} Ａ long")).await.is(200);
    world.browser().login_with("root", "Caf\u{e9} A long").await.is(200);
}

#[tokio::test]
async fn only_a_signed_in_user_changes_a_password() {
    let world = World::new().await;
    world.post("/auth/v1/password").json(&body(PASSWORD, NEW)).await.refused(401, "not_authenticated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_racing_password_changes_one_wins_and_one_session_is_left() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let browser = world.signed_in("ann").await;
        let tabs: Vec<_> = (0..6).map(|_| browser.copied()).collect();
        let asks = tabs.iter().enumerate().map(|(n, tab)| {
            tab.post("/auth/v1/password").json(&body(PASSWORD, &format!("new password number {n}")))
        });
        let answers = crate::ask::at_once(asks).await;
        let won: Vec<_> = (0..6).filter(|&n| answers[n].status == 200).collect();
        assert_eq!(won.len(), 1, "{storage:?} {answers:?}");
        assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 200 | 401)));
        for (n, tab) in tabs.iter().enumerate() {
            let expected = if n == won[0] { "200" } else { "session_revoked" };
            assert_eq!(tab.state().await, expected);
        }
        let password = format!("new password number {}", won[0]);
        world.browser().login_with("ann", &password).await.is(200);
    }
}

#[tokio::test]
async fn the_password_page_names_the_field_that_is_wrong_and_ends_in_a_page_that_moves_on() {
    let world = World::new().await;
    let browser = world.admin().await;
    let form = |new: &str| {
        let csrf = browser.cookie("dw_csrf");
        let fields = [("current_password", PASSWORD), ("new_password", new), ("csrf_token", csrf.as_str())];
        browser.post("/auth/password").without_csrf().navigation().form(&fields)
    };
    let refused = form("short").await;
    assert!(refused.is(422).text().contains("at least 8 characters"));
    let done = form(NEW).await;
    assert!(done.is(200).text().contains("http-equiv=\"refresh\""));
    assert_eq!(browser.state().await, "200");
}
