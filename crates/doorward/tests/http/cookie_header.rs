//! Cookie headers as nobody means them: garbage, floods, and names planted twice.

use crate::world::{Plan, World};

#[tokio::test]
async fn a_cookie_header_of_garbage_counts_as_absent() {
    let world = World::new().await;
    for garbage in [
        "",
        ";;;",
        "=",
        "=x",
        "dw_session",
        "dw_session=",
        "dw_session=;",
        "a=b; =; ;c",
        "\u{e9}=\u{e9}",
        "\"",
        "dw_session =",
        "$Version=1; $Path=/",
        "DW_SESSION=x",
    ] {
        let answer = world.get("/auth/v1/session").cookies(garbage).await;
        answer.refused(401, "not_authenticated");
        assert!(!answer.has("www-authenticate"));
        world.post("/auth/v1/refresh").cookies(garbage).await.refused(401, "not_authenticated");
        world.post("/auth/v1/logout").cookies(garbage).await.is(204);
    }
}

#[tokio::test]
async fn a_cookie_header_of_4000_semicolons_counts_as_absent() {
    let world = World::new().await;
    let flood = ";".repeat(4000);
    world.get("/auth/v1/session").cookies(&flood).await.refused(401, "not_authenticated");
    let session = world.admin().await.cookie("dw_session");
    let with_ours = format!("{flood}dw_session={session}");
    world.get("/auth/v1/session").cookies(&with_ours).await.is(200);
}

#[tokio::test]
async fn cookies_are_read_with_and_without_a_space_after_the_semicolon() {
    let world = World::new().await;
    let session = world.admin().await.cookie("dw_session");
    for header in [format!("a=b;dw_session={session};c=d"), format!("a=b; dw_session={session}; c=d")] {
        world.get("/auth/v1/session").cookies(&header).await.is(200);
    }
}

#[tokio::test]
async fn cookies_split_over_several_headers_are_one_list() {
    let world = World::new().await;
    let session = world.admin().await.cookie("dw_session");
    let split = world.get("/auth/v1/session").another("cookie", "a=b");
    split.another("cookie", &format!("dw_session={session}")).await.is(200);
}

#[tokio::test]
async fn a_session_cookie_that_nobody_signed_is_no_session() {
    let world = World::new().await;
    for bad in ["x", "a.b.c", "..", "null", "eyJhbGciOiJub25lIn0.e30."] {
        let answer = world.get("/auth/v1/session").cookies(&format!("dw_session={bad}")).await;
        answer.refused(401, "token_invalid");
        assert!(!answer.has("www-authenticate"));
    }
}

#[tokio::test]
async fn of_a_name_sent_twice_the_cookie_that_nobody_signed_is_dropped() {
    let world = World::new().await;
    let browser = world.admin().await;
    let session = browser.cookie("dw_session");
    for header in [
        format!("dw_session=garbage; dw_session={session}"),
        format!("dw_session={session}; dw_session={session}x"),
        format!("dw_session={session}; dw_session={session}"),
        format!("dw_session=; dw_session={session}; dw_session=y"),
    ] {
        let answer = world.get("/auth/v1/session").cookies(&header).await;
        answer.is(200);
        assert!(!answer.has("set-cookie"));
    }
}

#[tokio::test]
async fn two_valid_sessions_of_one_name_are_ambiguous_and_expired_wherever_they_can_be() {
    let world = Plan::at("https://a.example.com").start().await;
    let (mine, theirs) = (world.admin().await, world.admin().await);
    let name = "__Host-dw_session";
    let both = format!("{name}={}; {name}={}", theirs.cookie(name), mine.cookie(name));
    let answer = world.get("/auth/v1/session").cookies(&both).await;
    answer.refused(400, "cookie_ambiguous");
    let expired = answer.set_cookies();
    assert!(
        expired.iter().all(|cookie| cookie.name == name && cookie.max_age() == 0 && cookie.value.is_empty())
    );
    for path in ["/", "/auth", "/auth/", "/auth/v1", "/auth/v1/", "/auth/v1/session"] {
        for domain in [None, Some("a.example.com"), Some("example.com")] {
            let covered =
                expired.iter().any(|c| c.attribute("path") == Some(path) && c.attribute("domain") == domain);
            assert!(covered, "{path} {domain:?}");
        }
    }
    // Both sessions live on: whoever planted one cannot end the other.
    assert_eq!((mine.state().await, theirs.state().await), ("200".to_owned(), "200".to_owned()));
}

#[tokio::test]
async fn two_valid_refresh_cookies_are_ambiguous_and_a_foreign_one_is_dropped() {
    let world = World::new().await;
    let (mine, theirs) = (world.admin().await, world.admin().await);
    let csrf = mine.cookie("dw_csrf");
    let (own, foreign) = (mine.cookie("dw_refresh"), theirs.cookie("dw_refresh"));
    let both = format!("dw_refresh={foreign}; dw_refresh={own}");
    let answer = world.post("/auth/v1/refresh").cookies(&both).csrf(&csrf).await;
    answer.refused(400, "cookie_ambiguous");
    assert!(answer.set_cookies().iter().all(|cookie| cookie.name == "dw_refresh" && cookie.max_age() == 0));
    let other = Plan::at("http://localhost:8080").master(&"E".repeat(43)).start().await;
    let unknown = other.admin().await.cookie("dw_refresh");
    let tossed = format!("dw_refresh={unknown}; dw_refresh={own}");
    world.post("/auth/v1/refresh").cookies(&tossed).csrf(&csrf).await.is(200);
    assert_eq!(theirs.state().await, "200");
}

#[tokio::test]
async fn an_ambiguous_device_cookie_does_not_stand_in_the_way_of_logging_in_for_ever() {
    let world = World::new().await;
    let (one, other) = (world.admin().await.cookie("dw_device"), world.admin().await.cookie("dw_device"));
    let body = serde_json::json!({"username": "root", "password": crate::world::PASSWORD});
    let cookies = format!("dw_device={one}; dw_device={other}");
    let answer = world.post("/auth/v1/login").cookies(&cookies).json(&body).await;
    answer.refused(400, "cookie_ambiguous");
    assert!(answer.set_cookies().iter().all(|cookie| cookie.name == "dw_device"));
}

#[tokio::test]
async fn the_bare_name_is_never_read_in_place_of_the_host_locked_one() {
    let world = Plan::at("https://auth.example.com").start().await;
    let browser = world.admin().await;
    let session = browser.cookie("__Host-dw_session");
    for name in ["dw_session", "__Secure-dw_session", "__host-dw_session", "__Host-dw_sessio"] {
        let answer = world.get("/auth/v1/session").cookies(&format!("{name}={session}")).await;
        answer.refused(401, "not_authenticated");
    }
    let refresh = browser.cookie("__Secure-dw_refresh");
    let cookies = format!("dw_refresh={refresh}");
    let csrf = browser.cookie("__Host-dw_csrf");
    world.post("/auth/v1/refresh").cookies(&cookies).csrf(&csrf).await.refused(401, "not_authenticated");
}
