//! Everybody's sessions, in the console.

use doorward_core::{authority::Caller, users::UserForm};
use serde_json::json;

use crate::{
    answer::Answer,
    browser::Browser,
    page::{leads_to, link, submit, visit, words},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const SESSIONS: &str = "/auth/admin/sessions";
const REVOKE: &str = "/auth/admin/sessions/revoke";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";

/// What the list tells of each, as one who reads it would say it.
fn rows(page: &Answer) -> Vec<String> {
    let text = page.text();
    let list =
        text.split_once("<ul class=\"sessions\">").map(|(_, list)| list.to_owned()).unwrap_or_default();
    list.split("<h3>").skip(1).map(|row| words(row.split("</li>").next().unwrap())).collect()
}

async fn sign_in(world: &World, username: &str, address: &str) -> Browser {
    let browser = world.browser();
    let body = json!({"username": username, "password": PASSWORD});
    browser.post("/auth/v1/login").from(address).user_agent(FIREFOX).json(&body).await.is(200);
    browser
}

#[tokio::test]
async fn all_live_sessions_are_listed_newest_first_with_their_owners() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let ben = world.user("ben", &[]).await;
        sign_in(&world, "ann", "203.0.113.1").await;
        world.advance(MINUTE).await;
        sign_in(&world, "ben", "203.0.113.2").await;
        world.advance(MINUTE).await;
        let admin = sign_in(&world, "root", "203.0.113.3").await;
        let page = visit(&admin, SESSIONS).await;
        let told = rows(page.is(200));
        for (row, expected) in told.iter().zip([
            "Firefox on Linux This device User root Address 203.0.113.3 Last seen just now",
            "Firefox on Linux User ben Address 203.0.113.2 Last seen 1 minute ago",
            "Firefox on Linux User ann Address 203.0.113.1 Last seen 2 minutes ago",
        ]) {
            assert!(row.starts_with(expected), "{expected}: {told:?}");
        }
        assert!(told[1].ends_with("Sign out ben: Firefox on Linux at 203.0.113.2, last seen 1 minute ago"));
        assert_eq!(told.len(), 4, "with the one that completed setup");
        assert_eq!(link(&page, "<bdi>ben</bdi>"), Some(format!("/auth/admin/users/{}", ben.id)));
    }
}

#[tokio::test]
async fn one_users_are_found_by_name_or_id_and_nobodys_by_neither() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = world.user("Ann", &[]).await;
        sign_in(&world, "ann", "203.0.113.1").await;
        let admin = world.admin().await;
        for asked in ["ann", "%20ANN%20", &ann.id.to_string()] {
            let page = visit(&admin, &format!("{SESSIONS}?user={asked}")).await;
            assert!(page.is(200).text().contains("Live sessions of <bdi>Ann</bdi>, newest first"), "{asked}");
            assert_eq!(rows(&page).len(), 1, "{asked}");
            assert!(rows(&page)[0].contains("Sign out Ann: Firefox on Linux"), "whose it is is said");
        }
        let nobody = visit(&admin, &format!("{SESSIONS}?user=%3Cb%3Eann")).await;
        let text = nobody.is(422).text();
        assert!(text.contains("There is no such user.") && text.contains("aria-invalid=\"true\""), "{text}");
        assert!(rows(&nobody).is_empty() && !text.contains("<b>ann"), "{text}");
        world.user("ben", &[]).await;
        let none = visit(&admin, &format!("{SESSIONS}?user=ben")).await;
        assert!(none.is(200).text().contains("There are no live sessions."));
    }
}

#[tokio::test]
async fn a_session_is_ended_and_the_list_stays_that_of_its_owner() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let browsers =
            [sign_in(&world, "ann", "203.0.113.1").await, sign_in(&world, "ann", "203.0.113.2").await];
        let admin = world.admin().await;
        let page = visit(&admin, &format!("{SESSIONS}?user=ann")).await;
        assert!(page.text().contains("<input type=\"hidden\" name=\"user\" value=\"ann\">"));
        let ids = [browsers[0].session_id().await, browsers[1].session_id().await];
        let fields = [("session_id", ids[0].as_str()), ("user", "ann")];
        let ended = submit(&admin, &page, REVOKE, &fields).await;
        assert!(ended.is(200).text().contains("That session is ended."));
        assert_eq!(rows(&ended).len(), 1);
        assert_eq!(browsers[0].state().await, "session_revoked");
        assert_eq!(browsers[1].state().await, "200");
        let again = submit(&admin, &page, REVOKE, &fields).await;
        assert!(words(&again.is(404).text()).contains("That is gone already."));
        let everybodys =
            submit(&admin, &visit(&admin, SESSIONS).await, REVOKE, &[("session_id", &ids[1])]).await;
        assert!(everybodys.is(200).text().contains("Live sessions, newest first"));
    }
}

#[tokio::test]
async fn whoever_ends_their_own_session_is_led_to_the_login_page() {
    let world = World::new().await;
    let admin = world.admin().await;
    let page = visit(&admin, SESSIONS).await;
    let own = admin.session_id().await;
    let ended = submit(&admin, &page, REVOKE, &[("session_id", &own)]).await;
    assert_eq!(leads_to(&ended), "/auth/login");
    assert_eq!(admin.state().await, "session_revoked");
}

#[tokio::test]
async fn long_lists_are_shown_part_by_part() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        for number in 0..52 {
            let username = format!("user-{number}");
            let form = UserForm { username: &username, password: Some(PASSWORD), ..UserForm::default() };
            world.authority().create_user(&Caller::command_line(), form).await.unwrap();
            sign_in(&world, &username, "203.0.113.1").await;
        }
        let admin = world.admin().await;
        let first = visit(&admin, SESSIONS).await;
        let second = visit(&admin, &link(&first, "Next").unwrap()).await;
        assert_eq!((rows(&first).len(), rows(&second).len()), (50, 4));
        assert_eq!(link(&second, "Next"), None);
        assert_eq!(link(&second, "Back to the beginning").as_deref(), Some(SESSIONS));
    }
}

#[tokio::test]
async fn sessions_are_ended_by_administrators_who_signed_in_lately_and_by_nobody_else() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let ann = sign_in(&world, "ann", "203.0.113.1").await;
    let admin = world.admin().await;
    let page = visit(&admin, SESSIONS).await;
    let id = admin.session_id().await;
    let csrf = crate::page::csrf_of(&visit(&ann, "/auth/account").await);
    let form = [("csrf_token", csrf.as_str()), ("session_id", id.as_str())];
    ann.post(REVOKE).navigation().without_csrf().form(&form).await.is(403);
    world.advance(5 * MINUTE).await;
    world.advance(crate::world::MILLISECOND).await;
    let stale = submit(&admin, &page, REVOKE, &[("session_id", &id)]).await;
    assert_eq!(leads_to(&stale), "/auth/step-up?rd=%2Fauth%2Fadmin%2Fsessions");
    assert_eq!(admin.state().await, "200");
}
