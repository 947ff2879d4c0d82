//! Which session is this? One resolver answers for every place that asks (M-A03).

use doorward_core::ids::SessionId;
use serde_json::{Value as Json, json};

use crate::{
    proxy::{about, trust_proxy},
    world::{MINUTE, PASSWORD, World},
};

async fn world() -> World {
    World::with(|config| {
        trust_proxy(config);
        config.token_endpoint = true;
    })
    .await
}

/// Tokens of `/v1/token`.
async fn tokens(world: &World, username: &str) -> Json {
    let tokens =
        world.post("/auth/v1/token").json(&json!({"username": username, "password": PASSWORD})).await.ok();
    world.remember_secret(tokens["access_token"].as_str().unwrap());
    tokens
}

fn access(tokens: &Json) -> &str {
    tokens["access_token"].as_str().unwrap()
}

#[tokio::test]
async fn beside_a_stale_cookie_a_good_bearer_token_counts_wherever_it_is_asked() {
    let world = world().await;
    world.user("ann", &[]).await;
    world.user("ben", &[]).await;
    let browser = world.signed_in("ann").await;
    let stale = browser.cookie("dw_session");
    world.advance(16 * MINUTE).await;
    let tokens = tokens(&world, "ben").await;
    let ask =
        |target: &str| world.get(target).cookies(&format!("dw_session={stale}")).bearer(access(&tokens));
    assert_eq!(ask("/auth/v1/me").await.ok()["username"], "ben");
    let session = ask("/auth/v1/session").await.ok();
    assert_eq!(session["user"]["username"], "ben");
    assert_eq!(session["session"]["id"], tokens["session_id"]);
    let sessions = ask("/auth/v1/sessions").await.ok();
    let listed = sessions["items"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["id"], &listed[0]["current"]), (&tokens["session_id"], &json!(true)));
    let verified = about(ask("/auth/verify/default"), "GET", "/x").await;
    assert_eq!((verified.header("x-auth-user"), verified.header("x-auth-method")), ("ben", "bearer"));
    // Logout ends both: the expired session can still be refreshed.
    let both = world.post("/auth/v1/logout").cookies(&format!("dw_session={stale}")).bearer(access(&tokens));
    both.await.is(204);
    ask("/auth/v1/me").await.refused(401, "session_revoked");
    browser.refresh().await.refused(401, "session_revoked");
}

#[tokio::test]
async fn a_good_cookie_goes_before_a_bearer_token() {
    let world = world().await;
    world.user("ann", &[]).await;
    let tokens = tokens(&world, "ann").await;
    let browser = world.admin().await;
    let me = browser.get("/auth/v1/me").bearer(access(&tokens)).await.ok();
    assert_eq!(me["username"], "root");
    let me = browser.get("/auth/v1/me").bearer("garbage").await.ok();
    assert_eq!(me["username"], "root");
}

#[tokio::test]
async fn what_the_cookie_authenticates_needs_the_csrf_token_although_a_bearer_token_is_there_too() {
    let world = world().await;
    let tokens = tokens(&world, "root").await;
    let browser = world.admin().await;
    let forged = browser.delete("/auth/v1/sessions").without_csrf().bearer(access(&tokens)).await;
    forged.refused(403, "csrf_failed");
}

#[tokio::test]
async fn a_program_needs_neither_csrf_token_nor_origin_nor_refresh_cookie() {
    let world = world().await;
    let tokens = tokens(&world, "root").await;
    let ask = |ask: crate::ask::Ask| ask.bearer(access(&tokens)).header("origin", "https://evil.example");
    ask(world.get("/auth/v1/admin/users")).await.is(200);
    let made = ask(world.post("/auth/v1/admin/users")).json(&json!({"username": "ann"})).await;
    made.is(201);
    let ended = ask(world.ask(http::Method::DELETE, "/auth/v1/sessions")).await;
    assert!(ended.ok()["revoked"].as_u64().is_some());
}

#[tokio::test]
async fn a_session_cookie_replayed_as_a_bearer_token_is_invalid() {
    let world = world().await;
    let session = world.admin().await.cookie("dw_session");
    for target in ["/auth/v1/me", "/auth/v1/session", "/auth/v1/sessions", "/auth/v1/admin/users"] {
        let answer = world.get(target).bearer(&session).await;
        answer.refused(401, "token_invalid");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn a_bearer_token_in_the_session_cookie_is_invalid() {
    let world = world().await;
    let tokens = tokens(&world, "root").await;
    let answer = world.get("/auth/v1/me").cookies(&format!("dw_session={}", access(&tokens))).await;
    answer.refused(401, "token_invalid");
    assert!(!answer.has("www-authenticate"));
}

#[tokio::test]
async fn a_refresh_token_is_good_on_its_own_transport_only() {
    let world = world().await;
    let tokens = tokens(&world, "root").await;
    let browser = world.admin().await;
    let of_cookie = browser.cookie("dw_refresh");
    let body = json!({"grant_type": "refresh_token", "refresh_token": of_cookie});
    world.post("/auth/v1/token").json(&body).await.refused(401, "refresh_token_invalid");
    let of_body = tokens["refresh_token"].as_str().unwrap();
    // With the CSRF token that would go with it.
    let keys = world.authority().keys();
    let session: SessionId = tokens["session_id"].as_str().unwrap().parse().unwrap();
    let csrf = keys.issue_csrf_token(world.authority().entropy(), session).unwrap();
    let cookies = format!("dw_refresh={of_body}");
    let swapped = world.post("/auth/v1/refresh").cookies(&cookies).csrf(csrf.reveal()).await;
    swapped.refused(401, "refresh_token_invalid");
    let good = json!({"grant_type": "refresh_token", "refresh_token": of_body});
    world.post("/auth/v1/token").json(&good).await.is(200);
    browser.refresh().await.is(200);
}

#[tokio::test]
async fn an_access_token_is_no_refresh_token() {
    let world = world().await;
    let tokens = tokens(&world, "root").await;
    let body = json!({"grant_type": "refresh_token", "refresh_token": access(&tokens)});
    world.post("/auth/v1/token").json(&body).await.refused(401, "refresh_token_invalid");
    let browser = world.admin().await;
    let session = browser.cookie("dw_session");
    browser.replace_cookie("dw_refresh", &session);
    browser.refresh().await.refused(401, "refresh_token_invalid");
}

#[tokio::test]
async fn a_401_names_the_bearer_scheme_only_where_the_authorization_header_was_used() {
    let world = world().await;
    for target in ["/auth/v1/me", "/auth/v1/session", "/auth/v1/sessions"] {
        assert!(!world.get(target).await.refused(401, "not_authenticated").has("www-authenticate"));
        let bearer = world.get(target).bearer("x").await;
        assert_eq!(bearer.refused(401, "token_invalid").header("www-authenticate"), "Bearer");
        let basic = world.get(target).header("authorization", "Basic cm9vdDpyb290").await;
        basic.refused(401, "not_authenticated");
    }
}

#[tokio::test]
async fn the_token_endpoint_is_off_unless_enabled() {
    let world = World::new().await;
    let body = json!({"username": "root", "password": PASSWORD});
    world.post("/auth/v1/token").json(&body).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_token_endpoint_gives_tokens_in_the_body_and_never_a_cookie() {
    let world = world().await;
    let form = [("grant_type", "password"), ("username", "root"), ("password", PASSWORD)];
    let answer = world.post("/auth/v1/token").form(&form).await;
    let tokens = answer.ok();
    assert!(!answer.has("set-cookie"));
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(tokens["refresh_expires_in"], 604_800);
    assert!(tokens["refresh_token"].as_str().unwrap().starts_with("dwr_"));
    let session = world.get("/auth/v1/session").bearer(access(&tokens)).await.ok();
    assert_eq!(session["session"]["id"], tokens["session_id"]);
    world.advance(MINUTE).await;
    let body = json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
    let next = world.post("/auth/v1/token").json(&body).await;
    assert!(!next.has("set-cookie"));
    let next = next.ok();
    assert_eq!(next["session_id"], tokens["session_id"]);
    assert_ne!(next["refresh_token"], tokens["refresh_token"]);
    world.get("/auth/v1/me").bearer(access(&next)).await.is(200);
}

#[tokio::test]
async fn the_token_endpoint_refuses_mixed_and_unknown_members() {
    let world = world().await;
    for body in [
        json!({}),
        json!({"username": "root"}),
        json!({"grant_type": "refresh_token"}),
        json!({"grant_type": "refresh_token", "username": "root", "password": PASSWORD}),
        json!({"username": "root", "password": PASSWORD, "refresh_token": "x"}),
        json!({"grant_type": "client_credentials", "username": "root", "password": PASSWORD}),
        json!({"username": "root", "password": PASSWORD, "trust_device": true}),
    ] {
        world.post("/auth/v1/token").json(&body).await.refused(400, "malformed_request");
    }
    let wrong = json!({"username": "root", "password": "wrong password"});
    world.post("/auth/v1/token").json(&wrong).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn sessions_of_programs_have_a_limit_of_their_own() {
    let world = world().await;
    let browser = world.admin().await;
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(tokens(&world, "root").await);
        world.advance(std::time::Duration::from_secs(1)).await;
    }
    assert_eq!(browser.state().await, "200");
    world.get("/auth/v1/me").bearer(access(&all[0])).await.refused(401, "session_revoked");
    for kept in &all[1..] {
        world.get("/auth/v1/me").bearer(access(kept)).await.is(200);
    }
}
