//! Forward authentication: who may pass a policy, and what the app learns of them.

use std::time::Duration;

use doorward_core::user::Role;
use http::Method;
use serde_json::json;

use crate::{
    answer::Answer,
    proxy::{PROXY, about, about_by_nginx, policy, trust_proxy},
    world::{DAY, MILLISECOND, MINUTE, PASSWORD, World},
};

fn role(name: &str) -> Role {
    name.parse().unwrap()
}

const IDENTITY: [&str; 7] = [
    "x-auth-user-id",
    "x-auth-user",
    "x-auth-email",
    "x-auth-roles",
    "x-auth-session-id",
    "x-auth-aal",
    "x-auth-method",
];

/// A refusal tells the app nothing about anybody.
fn refused(answer: &Answer, status: u16, code: &str) {
    answer.refused(status, code);
    for name in IDENTITY {
        assert!(!answer.has(name), "{name}");
    }
}

#[tokio::test]
async fn a_signed_in_user_passes_the_default_policy_and_the_app_learns_who_it_is() {
    let world = World::with(trust_proxy).await;
    let ann = world.user("Ann Müller", &["b", "a"]).await;
    let browser = world.signed_in("Ann Müller").await;
    let answer = about(browser.get("/auth/verify/default"), "GET", "/app?x=1").await;
    assert!(answer.is(200).body.is_empty());
    let learnt = IDENTITY.map(|name| answer.header(name).to_owned());
    let (id, session) = (ann.id.to_string(), browser.session_id().await);
    assert_eq!(learnt, [id.as_str(), "Ann M%C3%BCller", "", "a,b", &session, "1", "cookie"]);
}

#[tokio::test]
async fn every_identity_header_is_on_every_200_so_that_a_proxy_overwrites_what_a_client_sent() {
    let world = World::with(|config| {
        trust_proxy(config);
        config.token_endpoint = true;
    })
    .await;
    world.user("ann", &[]).await;
    let tokens = json!({"username": "ann", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&tokens).await.ok();
    let access = tokens["access_token"].as_str().unwrap();
    let forge = |mut ask: crate::ask::Ask| {
        for name in IDENTITY {
            ask = ask.header(name, "root");
        }
        ask
    };
    let by_bearer = forge(about(world.get("/auth/verify/default").bearer(access), "POST", "/app")).await;
    let browser = world.signed_in("ann").await;
    let by_cookie = forge(about(browser.get("/auth/verify/default"), "GET", "/app")).await;
    for (answer, method) in [(by_bearer, "bearer"), (by_cookie, "cookie")] {
        answer.is(200);
        assert_eq!((answer.header("x-auth-user"), answer.header("x-auth-method")), ("ann", method));
        assert_eq!((answer.header("x-auth-email"), answer.header("x-auth-roles")), ("", ""));
        for name in IDENTITY {
            assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{name}");
            assert_ne!(answer.header(name), "root", "{name}");
        }
    }
}

#[tokio::test]
async fn names_outside_of_printable_ascii_are_percent_encoded() {
    let world = World::with(trust_proxy).await;
    for (name, sent) in
        [("Zoë", "Zo%C3%AB"), ("100%", "100%25"), ("日本", "%E6%97%A5%E6%9C%AC"), ("a,b;c", "a,b;c")]
    {
        world.user(name, &[]).await;
        let browser = world.signed_in(name).await;
        let answer = about(browser.get("/auth/verify/default"), "GET", "/app").await;
        assert_eq!(answer.is(200).header("x-auth-user"), sent);
    }
}

#[tokio::test]
async fn nobody_an_expired_and_a_revoked_session_are_told_apart() {
    let world = World::with(trust_proxy).await;
    let ask = |cookies: &str| about(world.get("/auth/verify/default").cookies(cookies), "GET", "/app");
    refused(&ask("").await, 401, "not_authenticated");
    refused(&ask("dw_session=x").await, 401, "token_invalid");
    let browser = world.admin().await;
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    ask(&cookies).await.is(200);
    world.advance(15 * MINUTE).await;
    refused(&ask(&cookies).await, 401, "session_expired");
    let browser = world.admin().await;
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    browser.post("/auth/v1/logout").await.is(204);
    refused(&ask(&cookies).await, 401, "session_revoked");
    let bearer = about(world.get("/auth/verify/default").bearer("x"), "GET", "/app").await;
    refused(&bearer, 401, "token_invalid");
    assert_eq!(bearer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_policy_of_roles_takes_any_of_them_and_a_role_taken_away_is_gone_at_once() {
    let world = World::with(policy("staff", |p| p.roles_any = vec![role("editor"), role("author")])).await;
    let ann = world.user("ann", &["author"]).await;
    world.user("ben", &["reader"]).await;
    let ask = |browser: &crate::browser::Browser| about(browser.get("/auth/verify/staff"), "GET", "/app");
    let (ann_browser, ben) = (world.signed_in("ann").await, world.signed_in("ben").await);
    ask(&ann_browser).await.is(200);
    refused(&ask(&ben).await, 403, "forbidden");
    about(ben.get("/auth/verify/default"), "GET", "/app").await.is(200);
    // An administrator is no editor.
    refused(&ask(&world.admin().await).await, 403, "forbidden");
    let admin = world.admin().await;
    admin.patch(&format!("/auth/v1/admin/users/{}", ann.id)).json(&json!({"roles": []})).await.is(200);
    refused(&ask(&ann_browser).await, 401, "session_expired");
    ann_browser.refresh().await.is(200);
    refused(&ask(&ann_browser).await, 403, "forbidden");
}

#[tokio::test]
async fn a_policy_of_a_higher_assurance_level_asks_for_a_step_up() {
    let world = World::with(policy("strong", |p| p.aal = 2)).await;
    let browser = world.admin().await;
    refused(&about(browser.get("/auth/verify/strong"), "GET", "/app").await, 403, "step_up_required");
}

#[tokio::test]
async fn a_policy_of_a_recent_authentication_counts_from_the_login_and_no_refresh_renews_it() {
    let world = World::with(policy("fresh", |p| p.max_age = Some(5 * MINUTE))).await;
    let browser = world.admin().await;
    let ask = || about(browser.get("/auth/verify/fresh"), "GET", "/app");
    // `auth_time` is a whole second.
    world.advance(5 * MINUTE - Duration::from_millis(437)).await;
    ask().await.is(200);
    world.advance(MILLISECOND).await;
    refused(&ask().await, 403, "step_up_required");
    browser.refresh().await.is(200);
    refused(&ask().await, 403, "step_up_required");
    browser.login("root").await.is(200);
    ask().await.is(200);
}

#[tokio::test]
async fn somebody_who_must_change_the_password_passes_no_policy() {
    let world = World::with(trust_proxy).await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    let due = json!({"must_change_password": true});
    admin.patch(&format!("/auth/v1/admin/users/{}", ann.id)).json(&due).await.is(200);
    let browser = world.signed_in("ann").await;
    let answer = about(browser.get("/auth/verify/default"), "GET", "/app").await;
    refused(&answer, 403, "password_change_required");
}

#[tokio::test]
async fn an_unknown_policy_lets_nobody_pass() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    for name in ["nothing", "Default", "DEFAULT", "default%2f", "defaul", "%64efault", "default;x"] {
        let answer = about(browser.get(&format!("/auth/verify/{name}")), "GET", "/app").await;
        refused(&answer, 403, "policy_unknown");
    }
}

#[tokio::test]
async fn what_follows_the_name_and_the_whole_query_are_ignored() {
    let world = World::with(policy("strict", |p| p.roles_any = vec![role("nobody")])).await;
    let browser = world.admin().await;
    for after in [
        "/",
        "/app/page",
        "/../default",
        "//x",
        "?csrf=off",
        "/x?redirect=true",
        "?policy=default",
        "/%2e%2e/default",
    ] {
        let passed = about(browser.get(&format!("/auth/verify/default{after}")), "GET", "/app").await;
        assert_eq!(passed.status, 200, "{after}");
        let answer = about(browser.get(&format!("/auth/verify/strict{after}")), "GET", "/app").await;
        refused(&answer, 403, "forbidden");
    }
    let forged = about(browser.get("/auth/verify/default?csrf=off"), "POST", "/app").cross_site();
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    refused(&forged.cookies(&cookies).await, 403, "cross_site_refused");
}

#[tokio::test]
async fn any_method_may_ask_and_only_the_original_one_counts() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
        let method: Method = method.parse().unwrap();
        about(browser.ask(method, "/auth/verify/default"), "GET", "/app").await.is(200);
    }
    about(browser.ask(Method::HEAD, "/auth/verify/default"), "GET", "/app").await.is(200);
}

#[tokio::test]
async fn a_body_that_is_announced_is_not_read_and_closes_the_connection() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    let ask = || about(browser.post("/auth/verify/default"), "GET", "/app");
    assert!(!ask().await.has("connection"));
    assert!(!ask().header("content-length", "0").await.has("connection"));
    assert_eq!(ask().header("content-length", "5").await.is(200).header("connection"), "close");
    assert_eq!(ask().header("transfer-encoding", "chunked").await.is(200).header("connection"), "close");
    let huge = ask().raw("application/json", vec![b'['; 200_000]).header("content-length", "200000").await;
    assert_eq!(huge.is(200).header("connection"), "close");
    let refused = about(world.get("/auth/verify/default"), "GET", "/app").header("content-length", "5").await;
    assert_eq!(refused.is(401).header("connection"), "close");
}

#[tokio::test]
async fn until_setup_is_complete_nobody_passes() {
    use crate::world::Plan;
    let world =
        Plan::at("http://localhost:8080").with(policy("web", |p| p.redirect = true)).before_setup().await;
    for name in ["default", "web"] {
        let answer = about(world.get(&format!("/auth/verify/{name}")).navigation(), "GET", "/app").await;
        refused(&answer, 503, "setup_required");
    }
}

#[tokio::test]
async fn a_verified_request_keeps_no_session_alive() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    let before = browser.get("/auth/v1/session").await.ok();
    world.advance(10 * MINUTE).await;
    about(browser.get("/auth/verify/default"), "GET", "/app").await.is(200);
    assert_eq!(browser.get("/auth/v1/session").await.ok(), before);
    world.advance(8 * DAY).await;
    let late = about(browser.get("/auth/verify/default"), "GET", "/app").await;
    refused(&late, 401, "not_authenticated");
}

#[tokio::test]
async fn the_question_is_believed_from_a_trusted_proxy_only() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    about(browser.get("/auth/verify/default"), "GET", "/app").await.is(200);
    about_by_nginx(browser.get("/auth/verify/default"), "GET", "http://localhost:8080/app").await.is(200);
    for stranger in ["10.0.0.2", "192.0.2.10", "127.0.0.1", "::1"] {
        let answer = about(browser.get("/auth/verify/default"), "GET", "/app").from(stranger).await;
        refused(&answer, 403, "proxy_not_trusted");
        let answer = about_by_nginx(browser.get("/auth/verify/default"), "GET", "http://localhost:8080/app");
        refused(&answer.from(stranger).await, 403, "proxy_not_trusted");
    }
    let nobody = World::new().await;
    let answer = about(nobody.admin().await.get("/auth/verify/default"), "GET", "/app").await;
    refused(&answer, 403, "proxy_not_trusted");
}

#[tokio::test]
async fn one_family_of_headers_has_to_be_complete_and_nothing_is_guessed() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    let ask = || about(browser.get("/auth/verify/default"), "GET", "/app");
    for missing in ["x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"] {
        refused(&ask().without(missing).await, 403, "proxy_not_trusted");
        refused(&ask().header(missing, "").await, 403, "proxy_not_trusted");
        refused(&ask().another(missing, "x").await, 403, "proxy_not_trusted");
    }
    let by_nginx = || about_by_nginx(browser.get("/auth/verify/default"), "GET", "http://localhost:8080/app");
    for missing in ["x-original-method", "x-original-url"] {
        refused(&by_nginx().without(missing).await, 403, "proxy_not_trusted");
        refused(&by_nginx().another(missing, "x").await, 403, "proxy_not_trusted");
    }
    let bare = browser.get("/auth/verify/default").from(PROXY).await;
    refused(&bare, 403, "proxy_not_trusted");
    // A client adds a part of the other family: ignored. It adds all of it: nobody can tell which is the proxy's.
    by_nginx().header("x-forwarded-method", "GET").await.is(200);
    let both = about(by_nginx(), "GET", "/app").await;
    refused(&both, 403, "proxy_not_trusted");
    for (name, value) in [
        ("x-forwarded-uri", "app"),
        ("x-forwarded-host", "a b"),
        ("x-forwarded-proto", "ftp"),
        ("x-forwarded-method", "G T"),
        ("x-forwarded-host", "user@localhost"),
    ] {
        refused(&ask().header(name, value).await, 403, "proxy_not_trusted");
    }
}
