//! Invitation and reset by one-time link.

use serde_json::json;

use crate::{
    authenticator_app::{enrolled, show},
    browser::Browser,
    world::{BOTH, DAY, MILLISECOND, PASSWORD, Plan, World},
};

const NEW: &str = "chosen by its owner";

fn path(url: &str) -> String {
    url.strip_prefix("http://localhost:8080").unwrap().to_owned()
}

async fn invite(admin: &Browser, name: &str) -> String {
    let made = admin.post("/auth/v1/admin/users").json(&json!({"username": name})).await;
    path(made.is(201).json()["invite_url"].as_str().unwrap())
}

async fn reset(admin: &Browser, id: &str) -> String {
    let issued = admin.post(&format!("/auth/v1/admin/users/{id}/reset-link")).await;
    path(issued.is(201).json()["reset_url"].as_str().unwrap())
}

async fn choose(world: &World, link: &str, password: &str) -> (Browser, crate::answer::Answer) {
    let browser = world.browser();
    let answer = browser.post(link).navigation().form(&[("new_password", password)]).await;
    (browser, answer)
}

#[tokio::test]
async fn an_invited_user_chooses_a_password_once_and_is_signed_in() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        let link = invite(&admin, "ann").await;
        assert!(link.starts_with("/auth/invite/dws_"));
        world.browser().login("ann").await.refused(401, "invalid_credentials");
        let page = world.browser().get(&link).navigation().await;
        assert!(page.is(200).text().contains("ann"));
        let (browser, answer) = choose(&world, &link, NEW).await;
        assert!(answer.is(200).text().contains("http-equiv=\"refresh\""));
        assert_eq!(browser.get("/auth/v1/me").await.ok()["username"], "ann");
        let (other, again) = choose(&world, &link, "somebody else's choice").await;
        again.is(404);
        assert_eq!(other.cookie_names(), Vec::<String>::new());
        world.browser().get(&link).navigation().await.is(404);
        assert_eq!(world.last_event().await, ("link.refused".to_owned(), "not_found".to_owned()));
        world.browser().login_with("ann", NEW).await.is(200);
    }
}

#[tokio::test]
async fn a_reset_ends_every_older_session() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let old = world.signed_in("ann").await;
    let admin = world.admin().await;
    let link = reset(&admin, &ann.id.to_string()).await;
    assert!(link.starts_with("/auth/reset/dws_"));
    assert_eq!(old.state().await, "200", "a link that is not used changes nothing");
    let (browser, answer) = choose(&world, &link, NEW).await;
    answer.is(200);
    assert_eq!(old.state().await, "session_revoked");
    assert_eq!(browser.state().await, "200");
    world.browser().login_with("ann", PASSWORD).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn a_reset_stands_in_for_the_password_and_not_for_the_factor() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let link = reset(&world.admin().await, &ann.id).await;
    let (browser, answer) = choose(&world, &link, NEW).await;
    answer.is(200);
    assert_eq!(browser.state().await, "not_authenticated");
    assert_eq!(ann.browser.state().await, "session_revoked");
    world.browser().login("ann").await.refused(401, "invalid_credentials");
    assert_eq!(browser.login_with("ann", NEW).await.ok()["status"], "mfa_required");
    show(&browser, &ann.app.next_code().await).await.is(200);
}

#[tokio::test]
async fn an_invitation_lives_seven_days_and_a_reset_one() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    let link = reset(&admin, &ann.id.to_string()).await;
    world.advance(DAY - MILLISECOND).await;
    world.browser().get(&link).navigation().await.is(200);
    world.advance(MILLISECOND).await;
    world.browser().get(&link).navigation().await.is(404);
    choose(&world, &link, NEW).await.1.is(404);
    let admin = world.admin().await;
    let link = invite(&admin, "ben").await;
    world.advance(7 * DAY - MILLISECOND).await;
    world.browser().get(&link).navigation().await.is(200);
    world.advance(MILLISECOND).await;
    choose(&world, &link, NEW).await.1.is(404);
}

#[tokio::test]
async fn a_newer_link_kills_the_older_one() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    let first = reset(&admin, &ann.id.to_string()).await;
    let second = reset(&admin, &ann.id.to_string()).await;
    choose(&world, &first, NEW).await.1.is(404);
    choose(&world, &second, NEW).await.1.is(200);
}

#[tokio::test]
async fn the_link_of_a_disabled_or_removed_user_is_dead() {
    let world = World::new().await;
    let admin = world.admin().await;
    for (name, remove) in [("ann", false), ("ben", true)] {
        let user = world.user(name, &[]).await;
        let link = reset(&admin, &user.id.to_string()).await;
        let target = format!("/auth/v1/admin/users/{}", user.id);
        if remove {
            admin.delete(&target).await.is(204);
        } else {
            admin.patch(&target).json(&json!({"disabled": true})).await.is(200);
        }
        world.browser().get(&link).navigation().await.is(404);
        choose(&world, &link, NEW).await.1.is(404);
    }
}

#[tokio::test]
async fn a_link_opens_only_the_page_it_was_made_for() {
    let world = World::new().await;
    let admin = world.admin().await;
    let link = invite(&admin, "ann").await;
    let as_reset = link.replace("/invite/", "/reset/");
    choose(&world, &as_reset, NEW).await.1.is(404);
    choose(&world, &link, NEW).await.1.is(200);
}

#[tokio::test]
async fn a_password_that_breaks_a_rule_leaves_the_link_good() {
    let world = World::new().await;
    let admin = world.admin().await;
    let link = invite(&admin, "ann").await;
    let (browser, refused) = choose(&world, &link, "short").await;
    assert!(refused.is(422).text().contains("at least 8 characters"));
    assert_eq!(browser.cookie_names(), Vec::<String>::new());
    choose(&world, &link, NEW).await.1.is(200);
}

#[tokio::test]
async fn made_up_links_are_dead() {
    let world = World::new().await;
    for token in
        ["x", "dws_", "dws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%00", "..%2f..%2fetc", &"a".repeat(5000)]
    {
        let link = format!("/auth/invite/{token}");
        world.browser().get(&link).navigation().await.is(404);
        choose(&world, &link, NEW).await.1.is(404);
    }
}

#[tokio::test]
async fn a_link_posted_from_another_site_is_refused() {
    let world = World::new().await;
    let admin = world.admin().await;
    let link = invite(&admin, "ann").await;
    let forged = world.browser().post(&link).cross_site().form(&[("new_password", NEW)]).await;
    forged.refused(403, "cross_site_refused");
    choose(&world, &link, NEW).await.1.is(200);
}
