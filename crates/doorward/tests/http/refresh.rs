//! Refresh: rotation by generations, the grace for honest tabs, and every way to be too late.

use std::time::Duration;

use doorward_core::{authority::Caller, users::ChangesForm};
use serde_json::json;

use crate::world::{BOTH, DAY, MILLISECOND, MINUTE, PASSWORD, Plan, World};

#[tokio::test]
async fn a_refresh_gives_new_cookies_for_the_same_session() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let browser = world.admin().await;
        let before = browser.copied();
        world.advance(5 * MINUTE).await;
        let body = browser.refresh().await.ok();
        assert_eq!(body["user"]["username"], "root");
        assert_eq!(body["session"]["id"], before.session_id().await);
        assert_eq!(body["session"]["last_seen_at"], "2027-01-15T08:05:00.437Z");
        assert_eq!(body["session"]["idle_expires_at"], "2027-01-22T08:05:00.437Z");
        assert_eq!(body["session"]["expires_at"], "2027-02-14T08:00:00.437Z");
        for name in ["dw_session", "dw_csrf", "dw_refresh"] {
            assert_ne!(browser.cookie(name), before.cookie(name), "{name}");
        }
        assert_eq!(browser.state().await, "200");
    }
}

#[tokio::test]
async fn without_the_refresh_cookie_nobody_is_authenticated() {
    let world = World::new().await;
    world.post("/auth/v1/refresh").await.refused(401, "not_authenticated");
    let browser = world.admin().await;
    browser.forget_cookie("dw_refresh");
    browser.refresh().await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn a_lost_answer_is_retried_within_the_grace_and_gives_the_same_token() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let browser = world.admin().await;
        let retry = browser.copied();
        let lost = browser.refresh().await.cookie("dw_refresh").value;
        world.advance(MINUTE - MILLISECOND).await;
        let answer = retry.refresh().await;
        answer.is(200);
        assert_eq!(answer.cookie("dw_refresh").value, lost, "{storage:?}");
        assert_eq!(retry.state().await, "200");
        retry.refresh().await.is(200);
    }
}

#[tokio::test]
async fn a_replay_after_the_grace_ends_the_session() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let browser = world.admin().await;
        let thief = browser.copied();
        browser.refresh().await.is(200);
        world.advance(MINUTE).await;
        let replay = thief.refresh().await;
        replay.refused(401, "refresh_token_reused");
        assert!(!replay.has("set-cookie"));
        assert_eq!(browser.state().await, "session_revoked", "{storage:?}");
        browser.refresh().await.refused(401, "session_revoked");
    }
}

#[tokio::test]
async fn a_replay_is_recorded_with_its_code_and_cause() {
    let world = World::new().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    let session = browser.session_id().await;
    browser.refresh().await.is(200);
    world.advance(MINUTE).await;
    thief.refresh().await.refused(401, "refresh_token_reused");
    let events = world.audit().await;
    let reused = events.iter().find(|event| event.name == "session.refresh_reused").unwrap();
    assert_eq!(
        (reused.outcome.as_str(), reused.reason.as_deref()),
        ("refused", Some("refresh_token_reused"))
    );
    assert_eq!(reused.session_id.unwrap().to_string(), session);
    assert_eq!(reused.details, [("cause".to_owned(), "after_grace".to_owned())]);
}

#[tokio::test]
async fn a_token_two_generations_old_is_reused_even_within_the_grace() {
    let world = World::new().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    browser.refresh().await.is(200);
    browser.refresh().await.is(200);
    thief.refresh().await.refused(401, "refresh_token_reused");
    assert_eq!(browser.state().await, "session_revoked");
}

#[tokio::test]
async fn a_replay_is_recognised_for_as_long_as_the_session_exists() {
    let world = World::new().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    for _ in 0..4 {
        browser.refresh().await.is(200);
        world.advance(6 * DAY).await;
        while world.authority().clean_up().await.unwrap() != doorward_core::store::CleanedUp::default() {}
    }
    browser.refresh().await.is(200);
    thief.forget_cookie("dw_session");
    let cookies = format!("dw_refresh={}", thief.cookie("dw_refresh"));
    let csrf = browser.cookie("dw_csrf");
    let replay = world.post("/auth/v1/refresh").cookies(&cookies).csrf(&csrf).await;
    replay.refused(401, "refresh_token_reused");
    assert_eq!(browser.state().await, "session_revoked");
}

#[tokio::test]
async fn another_user_agent_or_device_gets_no_successor_within_the_grace() {
    let world = World::new().await;
    for other_device in [false, true] {
        let browser = world.admin().await;
        let thief = browser.copied();
        browser.refresh().await.is(200);
        let attempt = thief.post("/auth/v1/refresh");
        let attempt = if other_device {
            thief.forget_cookie("dw_device");
            thief.post("/auth/v1/refresh")
        } else {
            attempt.user_agent("curl/8")
        };
        attempt.await.refused(401, "refresh_token_reused");
        assert_eq!(browser.state().await, "session_revoked");
    }
}

#[tokio::test]
async fn a_token_is_repeated_64_times_a_generation_and_not_once_more() {
    let world = World::new().await;
    let browser = world.admin().await;
    let tabs = browser.copied();
    browser.refresh().await.is(200);
    let cookies = format!("dw_refresh={}; dw_device={}", tabs.cookie("dw_refresh"), tabs.cookie("dw_device"));
    let ask = || tabs.post("/auth/v1/refresh").cookies(&cookies);
    for repeat in 1..=64 {
        assert_eq!(ask().await.status, 200, "repeat {repeat}");
    }
    ask().await.refused(401, "refresh_token_reused");
    assert_eq!(browser.state().await, "session_revoked");
}

#[tokio::test]
async fn a_generation_never_issued_is_invalid_and_recorded() {
    use doorward_core::session::Generation;
    let world = World::new().await;
    let browser = world.admin().await;
    // Made with the server's own key, as after a restore of an older backup.
    let id = browser.session_id().await.parse().unwrap();
    let mut session = world.store().session_alone(id).await.unwrap().unwrap();
    session.refresh.generation = Generation(7);
    let ahead = world.authority().keys().refresh_token(&session);
    browser.replace_cookie("dw_refresh", ahead.reveal());
    browser.refresh().await.refused(401, "refresh_token_invalid");
    let event = ("session.refresh_refused".to_owned(), "refresh_token_invalid".to_owned());
    assert_eq!(world.last_event().await, event);
    assert_eq!(browser.state().await, "200");
}

#[tokio::test]
async fn texts_that_are_no_refresh_tokens_are_invalid_and_change_nothing() {
    let world = World::new().await;
    let browser = world.admin().await;
    let good = browser.cookie("dw_refresh");
    let other = Plan::at("http://localhost:8080").master(&"E".repeat(43)).start().await;
    let foreign = other.admin().await.cookie("dw_refresh");
    let csrf = browser.cookie("dw_csrf");
    for bad in ["x", "dwr_", "dwr_AAAA", &good[..good.len() - 1], &foreign, &format!("{good}A")] {
        let answer = browser.post("/auth/v1/refresh").cookies(&format!("dw_refresh={bad}")).csrf(&csrf).await;
        assert!(matches!(answer.status.as_u16(), 401 | 403), "{bad}");
        assert!(matches!(answer.code().as_str(), "refresh_token_invalid" | "csrf_failed"), "{bad}");
    }
    browser.refresh().await.is(200);
}

#[tokio::test]
async fn the_token_of_a_revoked_session_says_so() {
    let world = World::new().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    other.delete("/auth/v1/sessions").await.is(200);
    browser.refresh().await.refused(401, "session_revoked");
}

#[tokio::test]
async fn a_session_idle_for_its_ttl_has_expired_and_a_millisecond_earlier_has_not() {
    let world = World::new().await;
    let (early, late) = (world.admin().await, world.admin().await);
    let refresh = |browser: &crate::browser::Browser| {
        // A browser has dropped the cookies by then; a program has not.
        let cookies =
            format!("dw_refresh={}; dw_device={}", browser.cookie("dw_refresh"), browser.cookie("dw_device"));
        browser.post("/auth/v1/refresh").cookies(&cookies).csrf(&browser.cookie("dw_csrf"))
    };
    world.advance(7 * DAY - MILLISECOND).await;
    refresh(&early).await.is(200);
    world.advance(MILLISECOND).await;
    refresh(&late).await.refused(401, "session_expired");
    refresh(&early).await.is(200);
}

#[tokio::test]
async fn no_refresh_carries_a_session_past_its_absolute_end() {
    let world = World::new().await;
    let browser = world.admin().await;
    for _ in 0..4 {
        world.advance(6 * DAY).await;
        browser.refresh().await.is(200);
    }
    world.advance(6 * DAY - MILLISECOND).await;
    let last = browser.refresh().await;
    last.is(200);
    assert_eq!(last.cookie("dw_refresh").max_age(), 0, "a millisecond is left");
    world.advance(MILLISECOND).await;
    let cookies = format!("dw_refresh={}", last.cookie("dw_refresh").value);
    let token = last.cookie("dw_csrf").value;
    world.post("/auth/v1/refresh").cookies(&cookies).csrf(&token).await.refused(401, "session_expired");
}

#[tokio::test]
async fn a_refresh_is_refused_while_a_password_change_is_due() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let due = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
    world.authority().change_user(&Caller::system(), ann.id, due).await.unwrap();
    browser.refresh().await.refused(403, "password_change_required");
}

#[tokio::test]
async fn a_refresh_that_could_not_be_remembered_sets_no_cookie_and_can_be_retried() {
    use doorward_testkit::Fault;
    let world = World::new().await;
    let browser = world.admin().await;
    for fault in [Fault::ReadOnly, Fault::AnswersLost] {
        world.memory().break_down(fault);
        let failed = browser.refresh().await;
        failed.refused(503, "store_unavailable");
        assert!(!failed.has("set-cookie"), "{fault:?}");
        world.memory().break_down(Fault::None);
        browser.refresh().await.is(200);
    }
}

#[tokio::test]
async fn a_refused_refresh_clears_no_cookie_because_another_tab_may_have_logged_in() {
    let world = World::new().await;
    let browser = world.admin().await;
    let other = world.admin().await;
    other.delete("/auth/v1/sessions").await.is(200);
    assert!(!browser.refresh().await.refused(401, "session_revoked").has("set-cookie"));
}

#[tokio::test]
async fn sessions_survive_a_restart_and_so_does_the_knowledge_of_spent_tokens() {
    let world = Plan::at("http://localhost:8080").on(crate::world::Storage::Sqlite).start().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    browser.refresh().await.is(200);
    let restarted = world.restarted(|_| ()).await;
    let (browser, thief) = (browser.at(&restarted), thief.at(&restarted));
    assert_eq!(browser.state().await, "200");
    browser.refresh().await.is(200);
    restarted.advance(2 * MINUTE).await;
    thief.refresh().await.refused(401, "refresh_token_reused");
    assert_eq!(browser.state().await, "session_revoked");
    let again = restarted.restarted(|_| ()).await;
    assert_eq!(browser.at(&again).state().await, "session_revoked");
}

#[tokio::test]
async fn a_grace_of_nothing_takes_no_repeat() {
    let world = World::with(|config| config.settings.reuse_grace = Duration::ZERO).await;
    let browser = world.admin().await;
    let retry = browser.copied();
    browser.refresh().await.is(200);
    retry.refresh().await.refused(401, "refresh_token_reused");
    let body = json!({"username": "root", "password": PASSWORD});
    browser.post("/auth/v1/login").json(&body).await.is(200);
}
