//! Scripts of other origins: the allowed ones, and nobody else.

use doorward::origins::WebOrigin;
use http::Method;

use crate::{
    answer::Answer,
    world::{Plan, World},
};

const APP: &str = "https://app.example.com";

async fn world() -> World {
    let allowed = ["https://auth.example.com", APP].map(|text| WebOrigin::parse(text).unwrap());
    Plan::at("https://auth.example.com")
        .with(|config| {
            config.allowed_origins = allowed.into_iter().collect();
            config.csrf_header = http::HeaderName::from_static("x-my-token");
        })
        .start()
        .await
}

async fn preflight(world: &World, target: &str, origin: &str) -> Answer {
    world
        .ask(Method::OPTIONS, target)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,x-my-token")
        .await
}

#[tokio::test]
async fn an_allowed_origin_may_send_and_read_with_credentials() {
    let world = world().await;
    let answer = preflight(&world, "/auth/v1/refresh", APP).await;
    answer.is(204);
    assert_eq!(answer.header("access-control-allow-origin"), APP);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(answer.header("access-control-allow-methods").contains(method));
    }
    let headers = answer.header("access-control-allow-headers").to_ascii_lowercase();
    assert!(headers.contains("content-type") && headers.contains("authorization"));
    assert!(headers.contains("x-my-token"), "the configured CSRF header: {headers}");
    let read = world.get("/auth/v1/setup").header("origin", APP).await;
    assert_eq!(read.ok()["complete"], true);
    assert_eq!(read.header("access-control-allow-origin"), APP);
    assert_eq!(read.header("access-control-allow-credentials"), "true");
    assert!(read.header("vary").to_ascii_lowercase().contains("origin"));
    let readable = "Retry-After, X-Request-Id, X-Session-Expires-In";
    assert_eq!(read.header("access-control-expose-headers"), readable);
    let refused = world.get("/auth/v1/me").header("origin", APP).await;
    assert_eq!(refused.refused(401, "not_authenticated").header("access-control-allow-origin"), APP);
}

#[tokio::test]
async fn no_other_origin_may_read_anything() {
    let world = world().await;
    for origin in [
        "https://evil.example",
        "null",
        "http://app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com:8443",
        "https://APP.example.com",
        "*",
        "https://x.app.example.com",
    ] {
        let asked = preflight(&world, "/auth/v1/refresh", origin).await;
        assert!(!asked.has("access-control-allow-origin"), "{origin}");
        assert!(!asked.has("access-control-allow-credentials"), "{origin}");
        for target in ["/auth/v1/setup", "/auth/v1/me", "/auth/.well-known/jwks.json"] {
            let read = world.get(target).header("origin", origin).await;
            assert!(!read.has("access-control-allow-origin"), "{origin} {target}");
        }
    }
}

#[tokio::test]
async fn an_answer_names_no_origin_unless_asked_by_one() {
    let world = world().await;
    assert!(!world.get("/auth/v1/setup").await.has("access-control-allow-origin"));
}
