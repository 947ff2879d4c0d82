//! When access tokens and sessions end, to the millisecond, whatever the clock does.

use std::time::Duration;

use doorward_core::time::Timestamp;
use serde_json::json;

use crate::{
    answer::Answer,
    browser::Browser,
    world::{DAY, MILLISECOND, MINUTE, PASSWORD, START, World},
};

/// What is said of the access token alone: a browser would have dropped its cookie at the end.
async fn verdict(world: &World, browser: &Browser) -> String {
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    let answer = world.get("/auth/v1/me").cookies(&cookies).await;
    if answer.status == 200 { "200".to_owned() } else { answer.code() }
}

fn later(by: Duration) -> Timestamp {
    START.plus(by)
}

#[tokio::test]
async fn an_access_token_ends_at_exp_and_not_a_millisecond_later() {
    let world = World::new().await;
    let browser = world.admin().await;
    // `exp` is a whole second: 900 s after the second in which it was issued.
    let end = 15 * MINUTE - Duration::from_millis(437);
    world.advance(end - MILLISECOND).await;
    assert_eq!(verdict(&world, &browser).await, "200");
    world.advance(MILLISECOND).await;
    assert_eq!(verdict(&world, &browser).await, "session_expired");
    world.advance(MILLISECOND).await;
    assert_eq!(verdict(&world, &browser).await, "session_expired");
    browser.refresh().await.is(200);
    assert_eq!(verdict(&world, &browser).await, "200");
}

#[tokio::test]
async fn answers_tell_for_how_long_the_access_token_is_good() {
    let world = World::new().await;
    let browser = world.browser();
    world.user("ann", &[]).await;
    let told = |answer: Answer| answer.is(200).header("x-session-expires-in").parse::<u64>().unwrap();
    // `exp` is a whole second, and what is left of the one under way does not count.
    assert_eq!(told(browser.login("ann").await), 899);
    world.advance(5 * MINUTE).await;
    assert_eq!(told(browser.get("/auth/v1/session").await), 599);
    assert_eq!(told(browser.refresh().await), 899);
    let stepped_up = browser.post("/auth/v1/step-up").json(&json!({"password": PASSWORD}));
    assert_eq!(told(stepped_up.await), 899);
    let changed = json!({"current_password": PASSWORD, "new_password": "another horse's battery"});
    assert_eq!(told(browser.post("/auth/v1/password").json(&changed).await), 899);
}

#[tokio::test]
async fn an_expired_access_token_says_so_on_either_transport() {
    let world = World::with(|config| config.token_endpoint = true).await;
    let body = json!({"username": "root", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&body).await.ok();
    let browser = world.admin().await;
    world.advance(15 * MINUTE).await;
    assert_eq!(verdict(&world, &browser).await, "session_expired");
    let bearer = world.get("/auth/v1/me").bearer(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(bearer.refused(401, "session_expired").header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn an_access_token_never_outlives_its_session() {
    let world = World::with(|config| {
        config.settings.lifetimes.idle_ttl = DAY;
        config.settings.lifetimes.absolute_ttl = DAY;
    })
    .await;
    let browser = world.admin().await;
    world.advance(DAY - MINUTE).await;
    browser.refresh().await.is(200);
    world.advance(MINUTE - Duration::from_secs(1)).await;
    assert_eq!(verdict(&world, &browser).await, "200");
    world.advance(Duration::from_secs(1)).await;
    assert_eq!(verdict(&world, &browser).await, "session_expired");
}

#[tokio::test]
async fn a_token_older_than_a_shortened_lifetime_is_refused_whatever_its_exp_says() {
    let world = World::new().await;
    let browser = world.admin().await;
    let mut config = world.config().clone();
    config.settings.lifetimes.access_ttl = MINUTE;
    world.doorward().reload(config).unwrap();
    assert_eq!(verdict(&world, &browser).await, "200");
    world.advance(3 * MINUTE).await;
    assert_eq!(verdict(&world, &browser).await, "session_expired");
}

#[tokio::test]
async fn a_session_extends_itself_on_activity_up_to_its_absolute_end() {
    let world = World::new().await;
    let browser = world.admin().await;
    let idle_end = async || browser.get("/auth/v1/session").await.ok()["session"]["idle_expires_at"].clone();
    assert_eq!(idle_end().await, "2027-01-22T08:00:00.437Z");
    for _ in 0..4 {
        world.advance(6 * DAY).await;
        browser.refresh().await.is(200);
    }
    assert_eq!(idle_end().await, "2027-02-14T08:00:00.437Z", "capped by the absolute end");
}

#[tokio::test]
async fn a_clock_set_back_after_a_revocation_brings_nothing_back() {
    let world = World::new().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    world.advance(4 * MINUTE).await;
    other.delete("/auth/v1/sessions").await.is(200);
    assert_eq!(verdict(&world, &browser).await, "session_revoked");
    // Within what is borne, the recorded time counts; beyond it, nobody is let in at all.
    world.clock().set_wall(later(4 * MINUTE - Duration::from_secs(3)));
    assert_eq!(verdict(&world, &browser).await, "session_revoked");
    browser.refresh().await.refused(401, "session_revoked");
    world.clock().set_wall(later(Duration::ZERO));
    assert_eq!(verdict(&world, &browser).await, "clock_behind");
    browser.refresh().await.refused(503, "clock_behind");
    world.clock().set_wall(later(5 * MINUTE));
    assert_eq!(verdict(&world, &browser).await, "session_revoked");
}

#[tokio::test]
async fn a_clock_set_back_lengthens_no_lifetime() {
    let world = World::new().await;
    let browser = world.admin().await;
    world.advance(15 * MINUTE).await;
    // Something is written, so that the store knows how late it is.
    world.admin().await;
    world.clock().set_wall(later(15 * MINUTE - Duration::from_secs(4)));
    assert_eq!(verdict(&world, &browser).await, "session_expired");
}

#[tokio::test]
async fn five_seconds_behind_the_store_are_borne_and_a_millisecond_more_is_not() {
    let world = World::new().await;
    let browser = world.admin().await;
    world.advance(MINUTE).await;
    world.admin().await;
    world.clock().set_wall(later(MINUTE - Duration::from_secs(5)));
    assert_eq!(verdict(&world, &browser).await, "200");
    world.clock().set_wall(later(MINUTE - Duration::from_millis(5001)));
    for target in ["/auth/v1/me", "/auth/v1/session", "/readyz"] {
        let cookies = format!("dw_session={}", browser.cookie("dw_session"));
        let answer = world.get(target).cookies(&cookies).await;
        answer.refused(503, "clock_behind");
        assert!(answer.has("retry-after"));
    }
    world.browser().login("root").await.refused(503, "clock_behind");
    world.get("/healthz").await.is(200);
}

#[tokio::test]
async fn a_clock_that_cannot_be_read_lets_nobody_in() {
    let world = World::new().await;
    let cookies = format!("dw_session={}", world.admin().await.cookie("dw_session"));
    world.clock().fail(true);
    world.get("/auth/v1/me").cookies(&cookies).await.refused(503, "clock_behind");
    world.post("/auth/v1/refresh").cookies(&cookies).await.refused(401, "not_authenticated");
    world.clock().fail(false);
    world.get("/auth/v1/me").cookies(&cookies).await.is(200);
}

#[tokio::test]
async fn a_feed_confirmed_a_second_ago_is_good_and_a_millisecond_more_is_stale() {
    use crate::proxy::{about, trust_proxy};
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    let verify = || about(browser.get("/auth/verify/default"), "GET", "/app");
    world.clock().advance(Duration::from_secs(1));
    assert_eq!(verdict(&world, &browser).await, "200");
    verify().await.is(200);
    world.clock().advance(MILLISECOND);
    assert_eq!(verdict(&world, &browser).await, "revocation_state_stale");
    verify().await.refused(503, "revocation_state_stale");
    world.get("/readyz").await.refused(503, "revocation_state_stale");
    world.authority().follow_feed().await.unwrap();
    assert_eq!(verdict(&world, &browser).await, "200");
    verify().await.is(200);
    world.get("/readyz").await.is(200);
}

#[tokio::test]
async fn with_the_store_gone_signed_in_requests_work_until_the_staleness_bound() {
    use crate::proxy::{about, trust_proxy};
    use doorward_testkit::Fault;
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    let verify = || about(browser.get("/auth/verify/default"), "GET", "/app");
    world.memory().break_down(Fault::Unavailable);
    verify().await.is(200);
    world.clock().advance(Duration::from_millis(900));
    assert!(world.authority().follow_feed().await.is_err());
    verify().await.is(200);
    world.clock().advance(Duration::from_millis(200));
    assert!(world.authority().follow_feed().await.is_err());
    verify().await.refused(503, "revocation_state_stale");
    world.memory().break_down(Fault::None);
    world.authority().follow_feed().await.unwrap();
    verify().await.is(200);
}

#[tokio::test]
async fn a_revocation_elsewhere_is_in_force_with_the_next_look_at_the_feed() {
    let world = World::new().await;
    let beside = world.restarted(|_| ()).await;
    let browser = world.admin().await;
    assert_eq!(browser.at(&beside).state().await, "200");
    browser.copied().post("/auth/v1/logout").await.is(204);
    beside.authority().follow_feed().await.unwrap();
    assert_eq!(browser.at(&beside).state().await, "session_revoked");
}
