//! A browser that has lost its CSRF cookie is not stuck: it gets another, if it holds all the rest of its session.

use crate::{
    answer::Answer,
    browser::Browser,
    world::{DAY, MINUTE, World},
};

/// Who is signed in, as `browser` is told.
async fn session(browser: &Browser) -> Answer {
    let answer = browser.get("/auth/v1/session").await;
    answer.is(200);
    answer
}

#[tokio::test]
async fn a_browser_that_lost_it_is_given_another_and_goes_on() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.login("root").await;
    browser.forget_cookie("dw_csrf");
    world.advance(MINUTE).await;
    let restored = session(&browser).await.cookie("dw_csrf");
    let first = login.cookie("dw_csrf");
    assert_ne!(restored.value, first.value);
    assert_eq!(restored.attributes(), first.attributes());
    assert_eq!(restored.max_age(), first.max_age() - 60, "until the session ends");
    browser.delete("/auth/v1/sessions").await.is(200);
    world.advance(DAY).await;
    browser.refresh().await.is(200);
}

#[tokio::test]
async fn so_is_one_that_has_the_token_of_another_session_or_garbage() {
    let world = World::new().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    for bad in [&other.cookie("dw_csrf"), "", "garbage"] {
        browser.replace_cookie("dw_csrf", bad);
        assert!(session(&browser).await.has("set-cookie"), "{bad}");
        browser.refresh().await.is(200);
    }
}

#[tokio::test]
async fn one_that_has_it_keeps_it() {
    let world = World::new().await;
    let browser = world.admin().await;
    let first = browser.cookie("dw_csrf");
    assert!(!session(&browser).await.has("set-cookie"));
    browser.refresh().await.is(200);
    // An older token of the same session is as good.
    browser.replace_cookie("dw_csrf", &first);
    assert!(!session(&browser).await.has("set-cookie"));
}

#[tokio::test]
async fn an_app_behind_the_proxy_gets_none_by_what_it_is_sent() {
    let world = World::new().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    let theirs = other.cookie("dw_refresh");
    let app = browser.copied();
    app.forget_cookie("dw_csrf");
    for tossed in [theirs.as_str(), "garbage"] {
        app.replace_cookie("dw_refresh", tossed);
        assert!(!session(&app).await.has("set-cookie"), "{tossed}");
    }
    app.forget_cookie("dw_refresh");
    assert!(!session(&app).await.has("set-cookie"), "without the refresh cookie");
}

#[tokio::test]
async fn the_refresh_cookie_alone_gives_none() {
    let world = World::new().await;
    let browser = world.admin().await;
    let refresh = format!("dw_refresh={}", browser.cookie("dw_refresh"));
    let answer = world.get("/auth/v1/session").cookies(&refresh).await;
    answer.refused(401, "not_authenticated");
    assert!(!answer.has("set-cookie"));
    // As a sibling host may have planted it, beside the session of somebody who has signed in since.
    let victim = world.admin().await;
    victim.replace_cookie("dw_refresh", &browser.cookie("dw_refresh"));
    victim.forget_cookie("dw_csrf");
    assert!(!session(&victim).await.has("set-cookie"));
}

#[tokio::test]
async fn other_sites_gain_nothing_by_asking() {
    let world = World::new().await;
    let browser = world.admin().await;
    browser.forget_cookie("dw_csrf");
    let asked = browser.get("/auth/v1/session").cross_site().await;
    asked.refused(401, "not_authenticated");
    assert!(!asked.has("set-cookie"));
}
