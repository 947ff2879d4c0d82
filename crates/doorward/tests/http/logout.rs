//! Logging out: ends what is presented, succeeds without anything, forgets what it should.

use doorward::config::SiteData;
use serde_json::json;

use crate::world::{MINUTE, PASSWORD, World};

#[tokio::test]
async fn a_logout_ends_the_session_everywhere_and_at_once() {
    let world = World::new().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    browser.post("/auth/v1/logout").await.is(204);
    assert_eq!(thief.state().await, "session_revoked");
    thief.refresh().await.refused(401, "session_revoked");
    assert_eq!(world.last_event().await.0, "session.logged_out");
    // On a node that has not heard of it yet, for no longer than one look at the feed.
    let beside = world.restarted(|_| ()).await;
    assert_eq!(thief.at(&beside).state().await, "session_revoked");
}

#[tokio::test]
async fn a_logout_is_idempotent_and_succeeds_without_a_session() {
    let world = World::new().await;
    let browser = world.admin().await;
    let cookies =
        format!("dw_session={}; dw_refresh={}", browser.cookie("dw_session"), browser.cookie("dw_refresh"));
    for _ in 0..3 {
        world.post("/auth/v1/logout").cookies(&cookies).await.is(204);
    }
    let bare = world.post("/auth/v1/logout").await;
    assert_eq!(bare.is(204).set_cookies().len(), 4);
    world
        .post("/auth/v1/logout")
        .cookies("dw_session=garbage; dw_refresh=dwr_x")
        .bearer("garbage")
        .await
        .is(204);
}

#[tokio::test]
async fn a_logout_needs_rule_1_only() {
    let world = World::new().await;
    let browser = world.admin().await;
    let elsewhere =
        browser.post("/auth/v1/logout").without_csrf().header("sec-fetch-site", "same-site").await;
    elsewhere.refused(403, "cross_site_refused");
    assert!(!elsewhere.has("set-cookie"));
    assert_eq!(browser.state().await, "200");
    browser.post("/auth/v1/logout").without_csrf().await.is(204);
}

#[tokio::test]
async fn a_logout_ends_cookie_and_bearer_sessions_that_are_presented_together() {
    let world = World::with(|config| config.token_endpoint = true).await;
    let body = json!({"username": "root", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&body).await.ok();
    let access = tokens["access_token"].as_str().unwrap();
    let browser = world.admin().await;
    let thief = browser.copied();
    browser.post("/auth/v1/logout").bearer(access).await.is(204);
    assert_eq!(thief.state().await, "session_revoked");
    world.get("/auth/v1/me").bearer(access).await.refused(401, "session_revoked");
    let again = json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
    world.post("/auth/v1/token").json(&again).await.refused(401, "session_revoked");
}

#[tokio::test]
async fn a_logout_ends_a_session_whose_access_token_has_expired() {
    let world = World::new().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    world.advance(20 * MINUTE).await;
    browser.post("/auth/v1/logout").await.is(204);
    thief.refresh().await.refused(401, "session_revoked");
}

#[tokio::test]
async fn a_logout_by_a_spent_refresh_cookie_still_ends_the_session() {
    let world = World::new().await;
    let browser = world.admin().await;
    let old = browser.copied();
    browser.refresh().await.is(200);
    browser.refresh().await.is(200);
    old.forget_cookie("dw_session");
    old.post("/auth/v1/logout").await.is(204);
    assert_eq!(browser.state().await, "session_revoked");
}

#[tokio::test]
async fn the_session_of_a_session_cookie_in_the_wrong_transport_is_left_alone() {
    let world = World::new().await;
    let browser = world.admin().await;
    let session = browser.cookie("dw_session");
    world.post("/auth/v1/logout").bearer(&session).await.is(204);
    assert_eq!(browser.state().await, "200");
}

#[tokio::test]
async fn clear_site_data_is_sent_as_set_and_only_then() {
    let world = World::new().await;
    assert!(!world.post("/auth/v1/logout").await.has("clear-site-data"));
    let everything = vec![SiteData::Cache, SiteData::Cookies, SiteData::Storage];
    let world = World::with(|config| config.clear_site_data = everything).await;
    let browser = world.admin().await;
    let answer = browser.post("/auth/v1/logout").await;
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"cookies\", \"storage\"");
    assert!(!browser.login("root").await.has("clear-site-data"));
}

#[tokio::test]
async fn a_logout_that_could_not_be_remembered_is_no_logout() {
    use doorward_testkit::Fault;
    let world = World::new().await;
    let browser = world.admin().await;
    world.memory().break_down(Fault::ReadOnly);
    let answer = browser.post("/auth/v1/logout").await;
    answer.refused(503, "store_unavailable");
    assert!(!answer.has("set-cookie"), "it would show \"logged out\" while the session lives");
    world.memory().break_down(Fault::None);
    browser.post("/auth/v1/logout").await.is(204);
}

#[tokio::test]
async fn the_logout_page_asks_first_and_then_signs_out() {
    let world = World::new().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    let page = browser.get("/auth/logout").navigation().await;
    assert!(page.is(200).text().contains("method=\"post\" action=\"/auth/logout\""));
    assert_eq!(thief.state().await, "200");
    let csrf = browser.cookie("dw_csrf");
    let done = browser.post("/auth/logout").navigation().form(&[("csrf_token", &csrf)]).await;
    done.is(200);
    assert_eq!(browser.cookie_names(), ["dw_device"]);
    assert_eq!(thief.state().await, "session_revoked");
}
