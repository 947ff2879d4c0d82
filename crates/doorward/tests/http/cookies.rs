//! Names, attributes and lifetimes of cookies, exactly as the contract's table has them.

use std::time::Duration;

use doorward::cookies::{CookieSettings, SameSite, SecureCookies};

use crate::{
    answer::Answer,
    world::{DAY, MINUTE, PASSWORD, Plan, World},
};

async fn login(world: &World) -> Answer {
    world.browser().login("root").await
}

fn table(answer: &Answer) -> Vec<(String, String, i64)> {
    let mut rows: Vec<_> = answer
        .set_cookies()
        .into_iter()
        .map(|cookie| (cookie.name.clone(), cookie.attributes(), cookie.max_age()))
        .collect();
    rows.sort();
    rows
}

fn rows(expected: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    expected.iter().map(|&(name, attributes, age)| (name.to_owned(), attributes.to_owned(), age)).collect()
}

const WEEK: i64 = 7 * 24 * 3600;
const HALF_A_YEAR: i64 = 180 * 24 * 3600;

#[tokio::test]
async fn over_http_the_cookies_have_bare_names() {
    let world = World::new().await;
    assert_eq!(
        table(&login(&world).await),
        rows(&[
            ("dw_csrf", "path=/; samesite=Strict", WEEK),
            ("dw_device", "httponly; path=/auth; samesite=Strict", HALF_A_YEAR),
            ("dw_refresh", "httponly; path=/auth; samesite=Strict", WEEK),
            ("dw_session", "httponly; path=/; samesite=Strict", 900),
        ])
    );
}

#[tokio::test]
async fn over_https_they_are_secure_and_locked_to_the_host_or_the_base_path() {
    let world = Plan::at("https://auth.example.com").start().await;
    assert_eq!(
        table(&login(&world).await),
        rows(&[
            ("__Host-dw_csrf", "path=/; samesite=Strict; secure", WEEK),
            ("__Host-dw_session", "httponly; path=/; samesite=Strict; secure", 900),
            ("__Secure-dw_device", "httponly; path=/auth; samesite=Strict; secure", HALF_A_YEAR),
            ("__Secure-dw_refresh", "httponly; path=/auth; samesite=Strict; secure", WEEK),
        ])
    );
}

#[tokio::test]
async fn with_a_shared_domain_what_apps_see_is_shared_and_the_rest_is_locked_to_the_host() {
    let shared = |config: &mut doorward::Config| config.cookies.domain = Some("example.com".to_owned());
    let world = Plan::at("https://auth.example.com").with(shared).start().await;
    assert_eq!(
        table(&login(&world).await),
        rows(&[
            ("__Host-dw_device", "httponly; path=/; samesite=Strict; secure", HALF_A_YEAR),
            ("__Host-dw_refresh", "httponly; path=/; samesite=Strict; secure", WEEK),
            ("__Secure-dw_csrf", "domain=example.com; path=/; samesite=Strict; secure", WEEK),
            ("__Secure-dw_session", "domain=example.com; httponly; path=/; samesite=Strict; secure", 900),
        ])
    );
}

#[tokio::test]
async fn names_same_site_and_secure_are_configurable() {
    let world = World::with(|config| {
        config.cookies = CookieSettings {
            secure: SecureCookies::Always,
            same_site: SameSite::Lax,
            domain: None,
            session_name: Some("sid".to_owned()),
            csrf_name: Some("token".to_owned()),
            refresh_name: Some("again".to_owned()),
        };
    })
    .await;
    assert_eq!(
        table(&login(&world).await),
        rows(&[
            ("again", "httponly; path=/auth; samesite=Lax; secure", WEEK),
            ("dw_device", "httponly; path=/auth; samesite=Lax; secure", HALF_A_YEAR),
            ("sid", "httponly; path=/; samesite=Lax; secure", 900),
            ("token", "path=/; samesite=Lax; secure", WEEK),
        ])
    );
    let browser = world.signed_in("root").await;
    browser.refresh().await.is(200);
    browser.post("/auth/v1/logout").await.is(204);
    assert_eq!(browser.cookie_names(), ["dw_device"]);
}

#[tokio::test]
async fn the_base_path_is_the_path_of_what_apps_must_not_see() {
    let moved = |config: &mut doorward::Config| config.base_path = "/id".to_owned();
    let world = Plan::at("http://localhost:8080").with(moved).before_setup().await;
    let token = world.setup_token().await;
    let body = serde_json::json!({"setup_token": token, "username": "root", "password": PASSWORD});
    let answer = world.post("/id/v1/setup").json(&body).await;
    assert_eq!(answer.cookie("dw_refresh").attribute("path"), Some("/id"));
    assert_eq!(answer.cookie("dw_device").attribute("path"), Some("/id"));
    assert_eq!(answer.cookie("dw_session").attribute("path"), Some("/"));
    world.get("/auth/v1/me").await.refused(404, "not_found");
}

#[tokio::test]
async fn max_age_follows_the_lifetimes_and_is_capped_by_what_is_left_of_the_session() {
    let world = World::with(|config| {
        let lifetimes = &mut config.settings.lifetimes;
        lifetimes.access_ttl = 10 * MINUTE;
        lifetimes.idle_ttl = 2 * DAY;
        lifetimes.absolute_ttl = 3 * DAY;
    })
    .await;
    let browser = world.browser();
    let first = browser.login("root").await;
    let ages =
        |answer: &Answer| ["dw_session", "dw_csrf", "dw_refresh"].map(|name| answer.cookie(name).max_age());
    assert_eq!(ages(&first), [600, 172_800, 172_800]);
    world.advance(DAY + DAY / 2).await;
    assert_eq!(ages(&browser.refresh().await), [600, 129_600, 129_600]);
    world.advance(DAY + DAY / 2 - Duration::from_secs(100)).await;
    assert_eq!(ages(&browser.refresh().await), [100, 100, 100]);
}

#[tokio::test]
async fn logout_clears_the_cookies_with_the_attributes_they_were_set_with() {
    let shared = |config: &mut doorward::Config| config.cookies.domain = Some("example.com".to_owned());
    let plans = [
        Plan::at("http://localhost:8080"),
        Plan::at("https://auth.example.com"),
        Plan::at("https://auth.example.com").with(shared),
    ];
    for plan in plans {
        let world = plan.start().await;
        let browser = world.browser();
        let set = browser.login("root").await;
        let cleared = browser.post("/auth/v1/logout").await;
        cleared.is(204);
        assert_eq!(cleared.set_cookies().len(), 4);
        for cookie in cleared.set_cookies() {
            assert_eq!((cookie.value.as_str(), cookie.max_age()), ("", 0));
            // No login waits here; the cookie of one has the attributes of the refresh cookie.
            let like = cookie.name.replace("dw_pending", "dw_refresh");
            assert_eq!(cookie.attributes(), set.cookie(&like).attributes());
        }
        let left = browser.cookie_names();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(left[0].ends_with("dw_device"));
    }
}

#[tokio::test]
async fn a_refresh_sets_session_csrf_and_refresh_cookie_and_leaves_the_device_alone() {
    let world = World::new().await;
    let browser = world.admin().await;
    let answer = browser.refresh().await;
    answer.is(200);
    let mut names: Vec<_> = answer.set_cookies().into_iter().map(|cookie| cookie.name).collect();
    names.sort();
    assert_eq!(names, ["dw_csrf", "dw_refresh", "dw_session"]);
}

#[tokio::test]
async fn apps_behind_the_proxy_never_receive_the_refresh_cookie() {
    use crate::jar::Place;
    let world = Plan::at("https://auth.example.com").start().await;
    let browser = world.admin().await;
    let sent = |path| browser.cookie_header(Place { https: true, host: "auth.example.com", path }, true);
    let app = sent("/app").unwrap();
    assert!(app.contains("__Host-dw_session=") && !app.contains("dw_refresh") && !app.contains("dw_device"));
    assert!(sent("/auth/v1/refresh").unwrap().contains("__Secure-dw_refresh="));
    assert!(!sent("/authority").unwrap().contains("dw_refresh"));
}
