//! What holds for every request and answer: hosts, request ids, methods, unknown paths.

use std::time::Duration;

use http::Method;

use crate::{
    proxy::{PROXY, trust_proxy},
    world::{Plan, World},
};

#[tokio::test]
async fn a_host_that_is_not_ours_is_misdirected_whatever_it_asks_for() {
    use doorward::origins::WebOrigin;
    let allowed = [WebOrigin::parse("https://app.example.com").unwrap()];
    let world = Plan::at("https://auth.example.com")
        .with(|config| config.allowed_origins = allowed.into_iter().collect())
        .start()
        .await;
    for host in [
        "auth.example.com",
        "auth.example.com:8443",
        "app.example.com",
        "localhost:1",
        "127.0.0.1:8080",
        "[::1]",
    ] {
        world.get("/auth/v1/setup").header("host", host).await.is(200);
    }
    for host in [
        "evil.example",
        "auth.example.com.evil.example",
        "192.0.2.1",
        "",
        "auth.example.com@evil.example",
        "a b",
    ] {
        for target in ["/auth/v1/setup", "/healthz", "/auth/login", "/auth/verify/default", "/nothing"] {
            let answer = world.get(target).header("host", host).await;
            answer.refused(421, "misdirected_request");
        }
    }
    let twice =
        world.get("/auth/v1/setup").header("host", "auth.example.com").another("host", "evil.example");
    twice.await.refused(421, "misdirected_request");
}

#[tokio::test]
async fn a_request_id_is_taken_over_only_from_a_trusted_proxy() {
    let world = World::with(trust_proxy).await;
    let ask = |from: &str, id: &str| world.get("/auth/v1/me").from(from).header("x-request-id", id);
    assert_eq!(ask(PROXY, "abc-123").await.header("x-request-id"), "abc-123");
    assert_ne!(ask("192.0.2.10", "abc-123").await.header("x-request-id"), "abc-123");
    for odd in ["", "a b", "a\"b", "é", &"x".repeat(129)] {
        assert_ne!(ask(PROXY, odd).await.header("x-request-id"), odd);
    }
    let (one, other) = (world.get("/healthz").await, world.get("/healthz").await);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

#[tokio::test]
async fn unknown_paths_and_unbuilt_features_are_not_found() {
    let world = World::with(|config| config.token_endpoint = true).await;
    let browser = world.admin().await;
    for target in [
        "/auth/v1/nothing",
        "/auth/v1/",
        "/auth/",
        "/nothing",
        "/auth/v2/me",
        "/auth/v1/me/",
        "/metrics",
        "/auth/v1/api-keys",
        "/auth/v1/ws-tickets",
        "/auth/v1/ws-tickets/redeem",
        "/auth/v1/introspect",
        "/auth/v1/hooks/clerk",
    ] {
        for method in [Method::GET, Method::POST] {
            browser.ask(method, target).await.refused(404, "not_found");
        }
    }
    for name in ["..%2f..%2fCargo.toml", "%2e%2e", "a%00b", ""] {
        browser.get(&format!("/auth/static/{name}")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_method_that_an_endpoint_does_not_take_is_told_those_it_takes() {
    let world = World::new().await;
    for (method, target, allowed) in [
        (Method::GET, "/auth/v1/login", "POST"),
        (Method::DELETE, "/auth/v1/login", "POST"),
        (Method::POST, "/auth/v1/me", "GET,HEAD"),
        (Method::PUT, "/auth/v1/sessions", "GET,HEAD,DELETE"),
        (Method::OPTIONS, "/auth/v1/me", "GET,HEAD"),
        (Method::TRACE, "/auth/v1/me", "GET,HEAD"),
        (Method::PUT, "/auth/v1/admin/users/x", "GET,HEAD,PATCH,DELETE"),
    ] {
        let answer = world.ask(method.clone(), target).await;
        answer.refused(405, "method_not_allowed");
        let sorted = |list: &str| {
            let mut list: Vec<_> = list.split(',').map(|name| name.trim().to_owned()).collect();
            list.sort();
            list
        };
        assert_eq!(sorted(answer.header("allow")), sorted(allowed), "{method} {target}");
    }
    world.ask("BREW".parse().unwrap(), "/auth/v1/me").await.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let world = World::new().await;
    let browser = world.admin().await;
    for target in ["/auth/v1/me", "/auth/v1/setup", "/auth/login", "/healthz", "/auth/keepalive.js"] {
        let (get, head) = (browser.get(target).await, browser.ask(Method::HEAD, target).await);
        assert_eq!(get.status, head.status, "{target}");
        assert!(head.body.is_empty(), "{target}");
        assert_eq!(get.headers.get("content-type"), head.headers.get("content-type"));
    }
    let refused = world.ask(Method::HEAD, "/auth/v1/me").await;
    assert_eq!(refused.status, 401);
}

#[tokio::test]
async fn a_person_gets_errors_as_pages_and_a_program_as_problems() {
    let world = World::new().await;
    let page = world.get("/auth/nothing").navigation().await;
    assert!(page.is(404).header("content-type").starts_with("text/html"));
    assert!(page.text().contains(page.header("x-request-id")));
    world.get("/auth/v1/nothing").navigation().await.refused(404, "not_found");
    world.get("/auth/nothing").await.refused(404, "not_found");
}

#[tokio::test]
async fn public_files_may_be_cached_and_nothing_else() {
    let world = World::new().await;
    let keys = world.get("/auth/.well-known/jwks.json").await;
    assert!(keys.header("cache-control").starts_with("public"));
    assert_eq!(keys.ok()["keys"].as_array().unwrap().len(), 1);
    let script = world.get("/auth/keepalive.js").await;
    assert!(script.header("content-type").contains("javascript"));
    let page = world.get("/auth/login").await.text();
    let files = page.split('"').filter(|text| text.starts_with("/auth/static/"));
    let mut found = 0;
    for file in files {
        found += 1;
        assert!(world.get(file).await.is(200).header("cache-control").contains("immutable"), "{file}");
    }
    assert!(found >= 2);
}

/// Pages never: what stands in them for their reader alone could be guessed by how long they become (BREACH).
#[tokio::test]
async fn files_are_compressed_for_those_who_take_it_and_pages_for_nobody() {
    let world = World::new().await;
    let page = world.get("/auth/login").header("accept-encoding", "gzip").await;
    assert!(!page.is(200).has("content-encoding"));
    let page = page.text();
    for file in page.split('"').filter(|text| text.starts_with("/auth/static/")) {
        let plain = world.get(file).await;
        let packed = world.get(file).header("accept-encoding", "br, gzip").await;
        assert!(!plain.is(200).has("content-encoding"), "{file}");
        assert_eq!(packed.is(200).header("content-encoding"), "gzip", "{file}");
        assert!(packed.body.len() < plain.body.len(), "{file}");
        for answer in [plain, packed] {
            assert_eq!(answer.header("vary"), "Accept-Encoding", "{file}");
        }
    }
}

/// Everything else goes to the router, and is asked about by [`Ask`](crate::ask::Ask) both ways.
#[tokio::test]
async fn only_forward_authentication_is_answered_ahead_of_the_router() {
    let world = World::new().await;
    let is_answered = |target: &str| {
        let request = http::Request::get(target).body(()).unwrap();
        world.doorward().forward_auth("192.0.2.1".parse().unwrap(), &request).is_some()
    };
    for target in ["/auth/verify/default", "/auth/verify/default/", "/auth/verify/x/y?z", "/auth/verify/%41"]
    {
        assert!(is_answered(target), "{target}");
    }
    for target in
        ["/", "/auth/verify", "/auth/verify/", "/auth/verify//x", "/authx/verify/default", "/auth/v1/me"]
    {
        assert!(!is_answered(target), "{target}");
    }
}

#[tokio::test]
async fn no_key_in_the_key_set_is_private() {
    let world = World::new().await;
    let keys = world.get("/auth/.well-known/jwks.json").await.ok();
    let mut members: Vec<_> = keys["keys"][0].as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
}

#[tokio::test]
async fn health_and_readiness_are_told_at_the_root() {
    use doorward_testkit::Fault;
    let world = World::new().await;
    world.get("/healthz").await.is(200);
    world.get("/readyz").await.is(200);
    world.memory().break_down(Fault::Unavailable);
    world.get("/healthz").await.is(200);
    // The check of a second ago is believed, so that a flood of questions is no flood of durable writes.
    world.clock().advance(Duration::from_millis(999));
    world.get("/readyz").await.is(200);
    world.clock().advance(Duration::from_millis(1));
    world.get("/readyz").await.refused(503, "store_unavailable");
}

#[tokio::test]
async fn a_reload_replaces_what_can_be_replaced_and_an_invalid_one_nothing() {
    let world = World::new().await;
    let mut config = world.config().clone();
    config.settings.session_limit.max_per_user = 1;
    config.token_endpoint = true;
    world.doorward().reload(config.clone()).unwrap();
    let first = world.admin().await;
    let second = world.admin().await;
    assert_eq!((first.state().await, second.state().await), ("session_revoked".to_owned(), "200".to_owned()));
    config.settings.lifetimes.idle_ttl = config.settings.lifetimes.access_ttl;
    config.token_endpoint = false;
    assert!(world.doorward().reload(config).is_err());
    let body = serde_json::json!({"username": "root", "password": crate::world::PASSWORD});
    world.post("/auth/v1/token").json(&body).await.is(200);
}

#[tokio::test]
async fn the_openapi_document_names_every_route_and_the_configured_cookies() {
    let world = Plan::at("https://auth.example.com").start().await;
    let document = world.get("/auth/v1/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/v1/setup",
        "/v1/login",
        "/v1/token",
        "/v1/refresh",
        "/v1/logout",
        "/v1/session",
        "/v1/me",
        "/v1/sessions",
        "/v1/sessions/{id}",
        "/v1/password",
        "/v1/admin/users",
        "/v1/admin/users/{id}",
        "/v1/admin/users/{id}/sessions",
        "/v1/admin/users/{id}/unlock",
        "/v1/admin/users/{id}/devices",
        "/v1/admin/users/{id}/reset-link",
        "/v1/admin/audit",
        "/v1/revocations",
        "/.well-known/jwks.json",
        "/v1/openapi.json",
    ] {
        assert!(paths.contains_key(&format!("/auth{path}")), "{path}");
    }
    assert_eq!(document["servers"][0]["url"], "https://auth.example.com");
    assert!(document.to_string().contains("__Host-dw_session"));
}
