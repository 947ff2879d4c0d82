//! `continue`: taking a navigation up again, silently where that is safe.

use doorward::{Config, origins::WebOrigin};
use serde_json::json;

use crate::{
    answer::Answer,
    browser::Browser,
    page::moves_on_to,
    world::{DAY, MINUTE, PASSWORD, Plan, World},
};

const APP: &str = "https://app.example.com";
const RD: &str = "/auth/continue?rd=https%3A%2F%2Fapp.example.com%2Fpage%3Fa%3Db";
const TARGET: &str = "https://app.example.com/page?a=b";

/// Doorward on a sibling host of the app.
fn siblings(config: &mut Config) {
    config.cookies.domain = Some("example.com".to_owned());
    let origins = || ["https://auth.example.com", APP].map(|text| WebOrigin::parse(text).unwrap());
    config.allowed_origins = origins().into_iter().collect();
    config.redirect_origins = origins().into_iter().collect();
}

async fn world() -> World {
    Plan::at("https://auth.example.com").with(siblings).start().await
}

fn is_login_page(answer: &Answer) -> bool {
    answer.status == 200 && answer.text().contains("action=\"/auth/login\"")
}

#[tokio::test]
async fn an_expired_session_is_refreshed_silently_and_the_person_ends_up_where_they_wanted() {
    let world = world().await;
    let browser = world.admin().await;
    world.advance(20 * MINUTE).await;
    let before = browser.cookie("__Host-dw_refresh");
    let answer = browser.get(RD).navigation().await;
    assert_eq!(answer.is(303).header("location"), TARGET);
    assert_ne!(browser.cookie("__Host-dw_refresh"), before);
    assert_eq!(browser.state().await, "200");
    // Who is signed in is sent on without any change.
    let again = browser.get(RD).navigation().await;
    assert_eq!(again.is(303).header("location"), TARGET);
    assert!(!again.has("set-cookie"));
}

#[tokio::test]
async fn without_a_session_the_login_page_is_shown_and_leads_to_the_target() {
    let world = world().await;
    let browser = world.browser();
    let page = browser.get(RD).navigation().await;
    assert!(is_login_page(&page));
    assert!(page.text().contains("app.example.com"));
    let form = [("username", "root"), ("password", PASSWORD), ("rd", TARGET)];
    let done = browser.post("/auth/login").navigation().form(&form).await;
    assert_eq!(moves_on_to(&done), TARGET);
}

#[tokio::test]
async fn a_session_that_ended_shows_the_login_page_and_sets_nothing() {
    let world = world().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    other.delete("/auth/v1/sessions").await.is(200);
    let page = browser.get(RD).navigation().await;
    assert!(is_login_page(&page) && !page.has("set-cookie"));
    let late = world.admin().await;
    world.advance(8 * DAY).await;
    assert!(is_login_page(&late.get(RD).navigation().await));
}

/// Session fixation by cookie tossing: a sibling subdomain plants the refresh cookie of its own session, hoping that
/// the victim goes on working in the attacker's account.
async fn tossed(world: &World, victim: &Browser) -> String {
    world.user("mallory", &[]).await;
    let attacker = world.signed_in("mallory").await;
    let refresh = attacker.cookie("dw_refresh_is_shared");
    let planted =
        format!("dw_refresh_is_shared={refresh}; Domain=example.com; Path=/auth; Max-Age=3600; Secure");
    victim.forget_cookie("dw_refresh_is_shared");
    victim.plant(&planted, "evil.example.com");
    refresh
}

/// Without the host-locked name, which no sibling can plant.
async fn world_with_a_name_that_siblings_can_set() -> World {
    let named = |config: &mut Config| {
        let origins = || [WebOrigin::parse("https://auth.example.com").unwrap()];
        config.allowed_origins = origins().into_iter().collect();
        config.redirect_origins = origins().into_iter().collect();
        config.cookies.refresh_name = Some("dw_refresh_is_shared".to_owned());
    };
    Plan::at("https://auth.example.com").with(named).start().await
}

#[tokio::test]
async fn a_refresh_cookie_tossed_by_a_sibling_is_not_taken_up() {
    let world = world_with_a_name_that_siblings_can_set().await;
    let victim = world.admin().await;
    tossed(&world, &victim).await;
    world.advance(20 * MINUTE).await;
    let page = victim.get("/auth/continue?rd=/app").navigation().await;
    assert!(is_login_page(&page), "{page:?}");
    assert!(!page.has("set-cookie"));
}

#[tokio::test]
async fn a_tossed_refresh_cookie_is_not_taken_up_by_somebody_who_was_never_signed_in() {
    let world = world_with_a_name_that_siblings_can_set().await;
    let victim = world.browser();
    tossed(&world, &victim).await;
    assert!(is_login_page(&victim.get("/auth/continue?rd=/app").navigation().await));
    assert!(!victim.has_cookie("__Host-dw_session"));
    // Nor by the API, where the CSRF token that goes with it would be needed.
    victim.refresh().await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn a_tossed_refresh_cookie_beside_the_own_one_is_ambiguous_and_both_are_expired() {
    let world = world_with_a_name_that_siblings_can_set().await;
    let victim = world.admin().await;
    let own = victim.cookie("dw_refresh_is_shared");
    let theirs = tossed(&world, &victim).await;
    world.advance(20 * MINUTE).await;
    let cookies = format!(
        "dw_refresh_is_shared={theirs}; dw_refresh_is_shared={own}; __Host-dw_csrf={}",
        victim.cookie("__Host-dw_csrf")
    );
    let answer = victim.get("/auth/continue?rd=/app").navigation().cookies(&cookies).await;
    answer.is(400);
    let expired = answer.set_cookies();
    for domain in [None, Some("example.com"), Some("auth.example.com")] {
        assert!(
            expired.iter().any(|c| c.attribute("domain") == domain && c.attribute("path") == Some("/auth")),
            "{domain:?}"
        );
    }
    assert!(expired.iter().all(|c| c.name == "dw_refresh_is_shared" && c.max_age() == 0));
    // The next attempt is not stuck.
    assert!(is_login_page(&victim.get("/auth/continue?rd=/app").navigation().await));
}

#[tokio::test]
async fn a_link_from_another_site_is_bounced_once_and_then_nobody_sees_a_login_page() {
    let world = world().await;
    let browser = world.admin().await;
    // The click in the mail: the app's session cookie stays at home, the proxy redirects here, still cross-site.
    let bounced = browser.get(RD).navigation().cross_site().await;
    assert!(!is_login_page(&bounced));
    let way = moves_on_to(&bounced);
    assert!(way.starts_with("/auth/continue?"), "{way}");
    // Our own page navigates: same-site, with the cookies.
    let resumed = browser.get(&way).navigation().await;
    assert_eq!(resumed.is(303).header("location"), TARGET);
}

#[tokio::test]
async fn somebody_without_any_session_is_bounced_exactly_once() {
    let world = world().await;
    let browser = world.browser();
    let way = moves_on_to(&browser.get(RD).navigation().cross_site().await);
    assert!(is_login_page(&browser.get(&way).navigation().await));
    // Even if something in between makes it cross-site once more.
    assert!(is_login_page(&browser.get(&way).navigation().cross_site().await));
}

#[tokio::test]
async fn only_document_navigations_from_other_sites_are_bounced() {
    let world = world().await;
    for dest in ["iframe", "image", "empty", "script"] {
        let answer = world.browser().get(RD).navigation().cross_site().header("sec-fetch-dest", dest).await;
        assert!(is_login_page(&answer), "{dest}");
    }
    for site in ["same-origin", "same-site", "none"] {
        let answer = world.browser().get(RD).navigation().header("sec-fetch-site", site).await;
        assert!(is_login_page(&answer), "{site}");
    }
}

#[tokio::test]
async fn a_link_from_another_site_to_the_account_page_does_not_look_logged_out() {
    let world = world().await;
    let browser = world.admin().await;
    let way = moves_on_to(&browser.get("/auth/account").navigation().cross_site().await);
    let on = browser.get(&way).navigation().await;
    assert_eq!(on.is(303).header("location"), "https://auth.example.com/auth/account");
}

#[tokio::test]
async fn rd_is_followed_to_redirect_origins_only_and_ignored_otherwise() {
    let world = world().await;
    let browser = world.admin().await;
    let home = "https://auth.example.com/auth/account";
    let location = async |rd: &str| {
        let rd: String = url::form_urlencoded::byte_serialize(rd.as_bytes()).collect();
        let answer = browser.get(&format!("/auth/continue?rd={rd}")).navigation().await;
        answer.is(303).header("location").to_owned()
    };
    for (rd, target) in [
        ("https://app.example.com/x?y=z", "https://app.example.com/x?y=z"),
        ("hTTpS://APP.example.com/x", "https://app.example.com/x"),
        ("/auth/logout", "https://auth.example.com/auth/logout"),
    ] {
        assert_eq!(location(rd).await, target);
    }
    for rd in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://app.example.com@evil.example/",
        "https://app.example.com:443@evil.example/",
        "https://evil.example/app.example.com",
        "https://app.example.com.evil.example/",
        "https://app.example.com:8443/",
        "http://app.example.com/",
        "https://evil.example#@app.example.com",
        "https://app.example.com%2f@evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "JaVaScRiPt://app.example.com/%0aalert(1)",
        "/\tevil",
        "\t//evil.example",
        "https://app.example.com\n.evil.example",
        "/\r\nSet-Cookie: x=y",
        "/%0d%0aSet-Cookie:%20x=y",
        "/%2f/evil.example",
        "/%5cevil.example",
        "/.//evil.example",
        " https://evil.example",
        "evil.example",
        "",
        "?x",
        "https://аpp.example.com/",
        "ftp://app.example.com/",
        "https://[::1]/",
        "\u{0}/x",
    ] {
        assert_eq!(location(rd).await, home, "{rd:?}");
    }
    let long = format!("https://app.example.com/{}", "a".repeat(4000));
    assert_eq!(location(&long).await, home);
}

#[tokio::test]
async fn every_page_that_takes_rd_ignores_a_bad_one() {
    let world = world().await;
    let evil = "https%3A%2F%2Fevil.example%2F";
    for page in [
        "login",
        "login/mfa",
        "continue",
        "password",
        "account",
        "account/factors",
        "account/factors/totp",
        "step-up",
    ] {
        for browser in [world.browser(), world.admin().await] {
            let answer = browser.get(&format!("/auth/{page}?rd={evil}")).navigation().await;
            let everything = format!("{:?} {}", answer.headers, answer.text());
            assert!(!everything.contains("//evil.example"), "{page}: {everything}");
        }
    }
    let form = [("username", "root"), ("password", PASSWORD), ("rd", "https://evil.example/")];
    let done = world.browser().post("/auth/login").navigation().form(&form).await;
    assert_eq!(moves_on_to(&done), "https://auth.example.com/auth/account");
}

#[tokio::test]
async fn a_due_password_change_ends_at_a_page_and_not_in_a_loop() {
    let world = Plan::at("http://localhost:8080").start().await;
    let ann = world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let admin = world.admin().await;
    let due = json!({"must_change_password": true});
    admin.patch(&format!("/auth/v1/admin/users/{}", ann.id)).json(&due).await.is(200);
    let mut target = "/auth/account".to_owned();
    for _ in 0..5 {
        let answer = browser.get(&target).navigation().await;
        if answer.status == 200 {
            return;
        }
        target = answer.is(303).header("location").replace("http://localhost:8080", "");
    }
    panic!("still redirected, to {target}");
}

#[tokio::test]
async fn a_spent_refresh_cookie_in_a_stolen_jar_is_found_out_here_too() {
    let world = Plan::at("http://localhost:8080").start().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    world.advance(20 * MINUTE).await;
    browser.refresh().await.is(200);
    world.advance(MINUTE).await;
    assert!(is_login_page(&thief.get("/auth/continue?rd=/x").navigation().await));
    assert_eq!(browser.state().await, "session_revoked");
    assert_eq!(
        world.last_event().await,
        ("session.refresh_reused".to_owned(), "refresh_token_reused".to_owned())
    );
}
