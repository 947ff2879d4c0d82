//! What people are told of what happened to their account.

use doorward_core::authority::Caller;
use serde_json::json;

use crate::{
    answer::Answer,
    browser::Browser,
    page::{leads_to, link, visit, words},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";

/// An attempt to sign in from elsewhere.
async fn attempt(world: &World, username: &str, password: &str, address: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    world.post("/auth/v1/login").from(address).user_agent(FIREFOX).json(&body).await
}

/// What a page tells, entry by entry, as one who reads it would say it.
pub(crate) fn entries(page: &Answer) -> Vec<String> {
    let text = page.is(200).text();
    let Some((_, list)) = text.split_once("<ul class=\"activity\">") else { return Vec::new() };
    let list = list.split("</ul>\n</section>").next().unwrap();
    let list = list.split("<p class=\"aside\">").next().unwrap();
    list.split("<p><strong>").skip(1).map(words).collect()
}

#[tokio::test]
async fn people_see_what_happened_to_their_account_and_what_was_refused_and_nothing_of_others() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        world.user("ben", &[]).await;
        attempt(&world, "ann", "wrong", "203.0.113.9").await.is(401);
        attempt(&world, "ben", "wrong", "203.0.113.77").await.is(401);
        attempt(&world, "nobody", "wrong", "203.0.113.78").await.is(401);
        world.advance(5 * MINUTE).await;
        let browser = world.browser();
        let body = json!({"username": "ann", "password": PASSWORD});
        browser.post("/auth/v1/login").from("198.51.100.4").user_agent(FIREFOX).json(&body).await.is(200);
        let account = visit(&browser, "/auth/account").await;
        let told = entries(&account);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("Signed in just now,"), "{told:?}");
        assert!(told[0].ends_with("Firefox on Linux 198.51.100.4"), "{told:?}");
        let refused = "Sign-in refused: wrong name or password Refused 5 minutes ago,";
        assert!(
            told[1].starts_with(refused) && told[1].ends_with("Firefox on Linux 203.0.113.9"),
            "{told:?}"
        );
        assert!(told[2].starts_with("Account created") && told[2].ends_with("By a command on the server"));
        let text = account.text();
        assert!(!text.contains("203.0.113.77") && !text.contains("203.0.113.78"));
        let german = browser.get("/auth/account").navigation().header("accept-language", "de").await;
        assert!(entries(&german)[1].starts_with("Anmeldung abgelehnt: Name oder Passwort falsch Abgelehnt"));
    }
}

/// What is routine is left out, and each of the rest stands on one page.
#[tokio::test]
async fn the_list_goes_on_page_by_page_without_refreshes() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let browser = world.signed_in("ann").await;
        for minute in 0..23 {
            world.advance(MINUTE).await;
            browser.refresh().await.is(200);
            attempt(&world, "ann", "wrong", &format!("203.0.113.{minute}")).await.is(401);
        }
        let mut page = visit(&browser, "/auth/account").await;
        let mut told = entries(&page);
        assert_eq!(told.len(), 20);
        while let Some(url) = link(&page, "See more") {
            page = visit(&browser, &url).await;
            told.extend(entries(&page));
        }
        assert_eq!(told.len(), 25, "{told:?}");
        assert!(!told.iter().any(|entry| entry.contains("renewed")), "{told:?}");
        for minute in 0..23 {
            assert!(told[22 - minute].ends_with(&format!("203.0.113.{minute}")), "{minute}: {told:?}");
        }
    }
}

/// Where administrators work is none of everybody's business.
#[tokio::test]
async fn what_administrators_did_is_told_without_where_they_are() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    let url = format!("/auth/v1/admin/users/{}", ann.id);
    let changes = json!({"roles": ["editor", "billing"], "email": "ann@example.com"});
    admin.patch(&url).from("192.0.2.200").user_agent(FIREFOX).json(&changes).await.is(200);
    let browser = world.signed_in("ann").await;
    let account = visit(&browser, "/auth/account").await;
    let told = entries(&account);
    assert!(told[1].starts_with("Account changed just now,"), "{told:?}");
    assert!(told[1].ends_with("roles: billing, editor email changed By the administration"), "{told:?}");
    assert!(!account.text().contains("192.0.2.200"));
    assert!(!account.text().contains("root"), "the administrator is not named");
}

/// Nobody is told that the administration did what somebody did who had their browser.
#[tokio::test]
async fn a_session_that_gave_way_to_another_users_is_told_of_as_that() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        world.user("ben", &[]).await;
        let shared = world.signed_in("ann").await;
        let body = json!({"username": "ben", "password": PASSWORD});
        shared.post("/auth/v1/login").from("192.0.2.200").json(&body).await.is(200);
        let told = entries(&visit(&world.signed_in("ann").await, "/auth/account").await);
        let ended = told.iter().find(|entry| entry.contains("another session took its place")).unwrap();
        assert!(ended.ends_with("By somebody else in the same browser"), "{told:?}");
        let account = visit(&shared, "/auth/account").await;
        assert!(!entries(&account).iter().any(|entry| entry.contains("took its place")), "ben's own has not");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_any_more_is_told_nothing() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let browser: Browser = world.signed_in("ann").await;
    assert_eq!(entries(&visit(&browser, "/auth/account/activity").await).len(), 2);
    let anonymous = visit(&world.browser(), "/auth/account/activity").await;
    assert_eq!(leads_to(&anonymous), "/auth/continue?rd=%2Fauth%2Faccount%2Factivity");
    world.authority().revoke_sessions_of(&Caller::command_line(), ann.id, None).await.unwrap();
    let revoked = visit(&browser, "/auth/account/activity").await;
    assert!(leads_to(&revoked).starts_with("/auth/continue"));
}
