//! Who may see the console, and who may act there.

use std::time::Duration;

use crate::{
    page::{csrf_of, escaped, leads_to, moves_on_to, submit, visit},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

/// Every page of the console that is there to be looked at.
const PAGES: [&str; 6] = [
    "/auth/admin",
    "/auth/admin/users",
    "/auth/admin/sessions",
    "/auth/admin/audit",
    "/auth/admin/lockouts",
    "/auth/admin/keys",
];
/// Every page of the console that asks before it does something.
const QUESTIONS: [&str; 2] = ["/auth/admin/users/new", "/auth/admin/keys/rotate"];
const STALE: Duration = Duration::from_secs(5 * 60 + 1);

#[tokio::test]
async fn whoever_is_not_signed_in_is_asked_to_and_comes_back() {
    let world = World::new().await;
    for page in PAGES.into_iter().chain(QUESTIONS) {
        let to = leads_to(&visit(&world.browser(), page).await);
        assert_eq!(to, format!("/auth/continue?rd={}", escaped(page)));
    }
}

#[tokio::test]
async fn whoever_is_no_administrator_sees_nothing_and_the_log_says_so() {
    let world = World::new().await;
    world.user("ann", &["editor"]).await;
    let browser = world.signed_in("ann").await;
    for page in PAGES.into_iter().chain(QUESTIONS) {
        let answer = visit(&browser, page).await;
        assert!(answer.is(403).text().contains("Not allowed"), "{page}");
        assert_eq!(world.last_event().await, ("request.admin_refused".to_owned(), "forbidden".to_owned()));
    }
}

#[tokio::test]
async fn a_session_without_its_refresh_cookie_sees_nothing() {
    let world = World::new().await;
    let browser = world.admin().await;
    browser.forget_cookie("dw_refresh");
    for page in PAGES.into_iter().chain(QUESTIONS) {
        visit(&browser, page).await.is(401);
    }
}

#[tokio::test]
async fn whoever_signed_in_long_ago_confirms_who_they_are_before_they_are_asked() {
    let world = World::new().await;
    let browser = world.admin().await;
    world.advance(STALE).await;
    for page in PAGES {
        visit(&browser, page).await.is(200);
    }
    for page in QUESTIONS {
        let step_up = leads_to(&visit(&browser, page).await);
        assert_eq!(step_up, format!("/auth/step-up?rd={}", escaped(page)));
    }
}

#[tokio::test]
async fn a_form_that_was_open_for_too_long_does_nothing_and_leads_back_by_a_step_up() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let browser = world.admin().await;
        let question = visit(&browser, "/auth/admin/keys/rotate").await;
        let before = world.authority().signing_keys().await.unwrap();
        world.advance(STALE).await;
        let step_up = leads_to(&submit(&browser, &question, "/auth/admin/keys/rotate", &[]).await);
        assert_eq!(step_up, format!("/auth/step-up?rd={}", escaped("/auth/admin/keys")));
        assert_eq!(world.authority().signing_keys().await.unwrap().len(), before.len());

        let form = visit(&browser, &step_up).await;
        let fields = [("method", "password"), ("password", PASSWORD), ("rd", "/auth/admin/keys")];
        let confirmed = submit(&browser, &form, "/auth/step-up", &fields).await;
        assert_eq!(moves_on_to(&confirmed), "http://localhost:8080/auth/admin/keys");
        let question = visit(&browser, "/auth/admin/keys/rotate").await;
        let done = submit(&browser, &question, "/auth/admin/keys/rotate", &[]).await;
        assert!(done.is(200).text().contains("A new key is made known, and signs in two minutes."));
        assert_eq!(world.authority().signing_keys().await.unwrap().len(), before.len() + 1);
    }
}

#[tokio::test]
async fn a_form_without_its_token_or_from_elsewhere_does_nothing() {
    let world = World::new().await;
    let browser = world.admin().await;
    let csrf = csrf_of(&visit(&browser, "/auth/admin/keys/rotate").await);
    let before = world.authority().signing_keys().await.unwrap();
    let post = || browser.post("/auth/admin/keys/rotate").navigation().without_csrf();
    post().form(&[("csrf_token", "wrong")]).await.is(403);
    post().form(&[]).await.is(403);
    post().cross_site().form(&[("csrf_token", &csrf)]).await;
    assert_eq!(world.authority().signing_keys().await.unwrap(), before);
    world.advance(MINUTE).await;
    post().form(&[("csrf_token", &csrf)]).await.is(200);
    assert_ne!(world.authority().signing_keys().await.unwrap(), before);
}
