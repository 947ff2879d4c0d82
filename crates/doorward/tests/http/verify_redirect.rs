//! Forward authentication: where a person is sent instead, and how nginx wants to be told.

use doorward::config::{CsrfPolicy, ProxyKind};
use doorward_core::user::Role;
use serde_json::json;

use crate::{
    ask::Ask,
    proxy::{about, about_by_nginx, policy},
    world::{MINUTE, World},
};

const CONTINUE: &str =
    "http://localhost:8080/auth/continue?rd=http%3A%2F%2Flocalhost%3A8080%2Fapp%3Fa%3Db%26c%3Dd";

fn navigation(ask: Ask) -> Ask {
    about(ask.navigation(), "GET", "/app?a=b&c=d")
}

async fn world() -> World {
    World::with(|config| {
        policy("web", |p| p.redirect = true)(config);
        policy("strong", |p| (p.redirect, p.aal) = (true, 2))(config);
        policy("staff", |p| (p.redirect, p.roles_any) = (true, vec!["staff".parse::<Role>().unwrap()]))(
            config,
        );
        config.token_endpoint = true;
    })
    .await
}

#[tokio::test]
async fn a_navigation_without_session_is_redirected_to_continue_with_the_whole_url() {
    let world = world().await;
    let answer = navigation(world.get("/auth/verify/web")).await;
    assert_eq!(answer.is(302).header("location"), CONTINUE);
    assert!(answer.body.is_empty());
    let without_fetch_metadata = navigation(world.get("/auth/verify/web")).without("sec-fetch-mode").await;
    assert_eq!(without_fetch_metadata.is(302).header("location"), CONTINUE);
    let by_nginx = about_by_nginx(
        world.get("/auth/verify/web").navigation(),
        "GET",
        "http://localhost:8080/app?a=b&c=d",
    );
    assert_eq!(by_nginx.await.is(302).header("location"), CONTINUE);
}

#[tokio::test]
async fn an_expired_and_a_revoked_session_are_redirected_too() {
    let world = world().await;
    let browser = world.admin().await;
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    world.advance(15 * MINUTE).await;
    let expired = navigation(world.get("/auth/verify/web").cookies(&cookies)).await;
    assert_eq!(expired.is(302).header("location"), CONTINUE);
    let browser = world.admin().await;
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    browser.post("/auth/v1/logout").await.is(204);
    let revoked = navigation(world.get("/auth/verify/web").cookies(&cookies)).await;
    assert_eq!(revoked.is(302).header("location"), CONTINUE);
}

#[tokio::test]
async fn only_navigations_are_redirected() {
    let world = world().await;
    let ask = || navigation(world.get("/auth/verify/web"));
    for method in ["POST", "HEAD", "PUT", "get"] {
        ask().header("x-forwarded-method", method).await.refused(401, "not_authenticated");
    }
    for accept in ["application/json", "*/*", ""] {
        ask().header("accept", accept).await.refused(401, "not_authenticated");
    }
    ask().without("accept").await.refused(401, "not_authenticated");
    for mode in ["cors", "no-cors", "same-origin", "websocket"] {
        ask().header("sec-fetch-mode", mode).await.refused(401, "not_authenticated");
    }
    ask().bearer("x").await.refused(401, "token_invalid");
    navigation(world.get("/auth/verify/default")).await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn a_step_up_is_redirected_to_where_the_password_is_asked_for_again() {
    let world = world().await;
    let browser = world.admin().await;
    let answer = navigation(browser.get("/auth/verify/strong")).await;
    assert_eq!(answer.is(302).header("location"), format!("{CONTINUE}&prompt=login&aal=2"));
}

#[tokio::test]
async fn a_due_password_change_is_redirected() {
    let world = world().await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    let due = json!({"must_change_password": true});
    admin.patch(&format!("/auth/v1/admin/users/{}", ann.id)).json(&due).await.is(200);
    let browser = world.signed_in("ann").await;
    let answer = navigation(browser.get("/auth/verify/web")).await;
    let way = answer.is(302).header("location").strip_prefix("http://localhost:8080").unwrap().to_owned();
    let to_password = browser.get(&way).navigation().await;
    let location = to_password.is(303).header("location").to_owned();
    assert!(location.starts_with("/auth/password?rd="), "{location}");
    browser.get(&location).navigation().await.is(200);
}

#[tokio::test]
async fn forbidden_never_redirects_because_it_would_loop() {
    let world = world().await;
    let browser = world.admin().await;
    let answer = navigation(browser.get("/auth/verify/staff")).await;
    answer.refused(403, "forbidden");
    assert!(!answer.has("location"));
    let unknown = navigation(browser.get("/auth/verify/nothing")).await;
    assert!(!unknown.refused(403, "policy_unknown").has("location"));
    let stranger = navigation(browser.get("/auth/verify/web")).from("192.0.2.66").await;
    assert!(!stranger.refused(403, "proxy_not_trusted").has("location"));
}

async fn behind_nginx() -> World {
    World::with(|config| {
        policy("web", |p| (p.redirect, p.proxy) = (true, ProxyKind::Nginx))(config);
        policy("api", |p| (p.csrf, p.proxy) = (CsrfPolicy::Token, ProxyKind::Nginx))(config);
        policy("strong", |p| (p.redirect, p.aal, p.proxy) = (true, 2, ProxyKind::Nginx))(config);
        policy("staff", |p| {
            p.roles_any = vec!["staff".parse::<Role>().unwrap()];
            p.proxy = ProxyKind::Nginx;
        })(config);
    })
    .await
}

#[tokio::test]
async fn nginx_gets_a_redirect_as_401_with_location() {
    let world = behind_nginx().await;
    let answer = navigation(world.get("/auth/verify/web")).await;
    assert_eq!(answer.refused(401, "not_authenticated").header("location"), CONTINUE);
    let browser = world.admin().await;
    let step_up = navigation(browser.get("/auth/verify/strong")).await;
    let location = step_up.refused(401, "step_up_required").header("location").to_owned();
    assert_eq!(location, format!("{CONTINUE}&prompt=login&aal=2"));
    let api = about(world.get("/auth/verify/api"), "GET", "/app").await;
    assert!(!api.refused(401, "not_authenticated").has("location"));
}

#[tokio::test]
async fn nginx_gets_every_other_refusal_as_401_or_403() {
    let world = behind_nginx().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    let ask = |name: &str| about(browser.get(&format!("/auth/verify/{name}")), "GET", "/app");
    ask("staff").await.refused(403, "forbidden");
    ask("strong").await.refused(403, "step_up_required");
    let post = about(browser.get("/auth/verify/api"), "POST", "/app").await;
    post.refused(403, "csrf_failed");
    let both =
        format!("dw_session={}; dw_session={}", browser.cookie("dw_session"), other.cookie("dw_session"));
    let ambiguous = about(world.get("/auth/verify/api").cookies(&both), "GET", "/app").await;
    ambiguous.refused(403, "cookie_ambiguous");
    world.clock().advance(2 * MINUTE);
    ask("web").await.refused(403, "revocation_state_stale");
    world.authority().follow_feed().await.unwrap();
    ask("web").await.is(200);
    let before_setup = crate::world::Plan::at("http://localhost:8080")
        .with(policy("web", |p| p.proxy = ProxyKind::Nginx))
        .before_setup()
        .await;
    about(before_setup.get("/auth/verify/web"), "GET", "/app").await.refused(403, "setup_required");
}
