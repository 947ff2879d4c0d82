//! Seeing and ending one's own sessions.

use serde_json::json;

use crate::world::{BOTH, MILLISECOND, Plan, World};

#[tokio::test]
async fn one_sees_ones_own_live_sessions_newest_first_with_the_current_one_flagged() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let first = world.signed_in("ann").await;
        world.advance(MILLISECOND).await;
        let second = world.signed_in("ann").await;
        world.advance(MILLISECOND).await;
        let gone = world.signed_in("ann").await;
        gone.post("/auth/v1/logout").await.is(204);
        for target in ["/auth/v1/sessions", "/auth/v1/sessions?scope=own"] {
            let items = first.get(target).await.ok()["items"].as_array().unwrap().clone();
            let shown: Vec<_> =
                items.iter().map(|item| (item["id"].clone(), item["current"].clone())).collect();
            let expected = [
                (json!(second.session_id().await), json!(false)),
                (json!(first.session_id().await), json!(true)),
            ];
            assert_eq!(shown, expected, "{storage:?}");
        }
    }
}

#[tokio::test]
async fn one_session_is_ended_at_once() {
    let world = World::new().await;
    let (here, there) = (world.admin().await, world.admin().await);
    let id = there.session_id().await;
    here.delete(&format!("/auth/v1/sessions/{id}")).await.is(204);
    assert_eq!(there.state().await, "session_revoked");
    assert_eq!(here.state().await, "200");
    here.delete(&format!("/auth/v1/sessions/{id}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn somebody_elses_session_is_not_found_as_if_it_were_not_there() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let admin = world.admin().await;
    let theirs = admin.session_id().await;
    let ann = world.signed_in("ann").await;
    let refused = ann.delete(&format!("/auth/v1/sessions/{theirs}")).await;
    refused.refused(404, "not_found");
    let unknown = ann.delete("/auth/v1/sessions/00000000000000000000000000").await;
    unknown.refused(404, "not_found");
    assert_eq!(refused.json()["detail"], unknown.json()["detail"]);
    assert_eq!(admin.state().await, "200");
    let own_id = ann.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
    ann.get(&format!("/auth/v1/sessions?user_id={own_id}")).await.is(200);
    let admin_id = admin.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
    ann.get(&format!("/auth/v1/sessions?user_id={admin_id}")).await.refused(403, "forbidden");
}

#[tokio::test]
async fn all_others_are_ended_and_counted_and_the_current_one_stays() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let browsers =
            [world.signed_in("ann").await, world.signed_in("ann").await, world.signed_in("ann").await];
        assert_eq!(browsers[1].delete("/auth/v1/sessions").await.ok(), json!({"revoked": 2}));
        assert_eq!(browsers[0].state().await, "session_revoked");
        assert_eq!(browsers[1].state().await, "200");
        assert_eq!(browsers[2].state().await, "session_revoked");
        assert_eq!(browsers[1].delete("/auth/v1/sessions").await.ok(), json!({"revoked": 0}));
    }
}

#[tokio::test]
async fn administrators_see_everybodys_sessions_or_one_users() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    world.signed_in("ann").await;
    world.signed_in("ann").await;
    let admin = world.admin().await;
    let count = async |query: &str| {
        let listed = admin.get(&format!("/auth/v1/sessions?{query}")).await.ok();
        listed["items"].as_array().unwrap().len()
    };
    assert_eq!(count("scope=own").await, 2, "setup opened one");
    assert_eq!(count("scope=all").await, 4);
    assert_eq!(count(&format!("scope=all&user_id={}", ann.id)).await, 2);
    admin.get("/auth/v1/sessions?scope=everything").await.refused(400, "malformed_request");
}

#[tokio::test]
async fn the_account_page_shows_and_ends_sessions() {
    let world = World::new().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    let page = browser.get("/auth/account").navigation().await;
    assert!(page.is(200).text().contains("192.0.2.10"));
    let csrf = browser.cookie("dw_csrf");
    let id = other.session_id().await;
    let form = [("session_id", id.as_str()), ("csrf_token", csrf.as_str())];
    browser.post("/auth/account/sessions/revoke").navigation().form(&form).await.is(200);
    assert_eq!(other.state().await, "session_revoked");
    let own = browser.session_id().await;
    let form = [("session_id", own.as_str()), ("csrf_token", csrf.as_str())];
    let left = browser.post("/auth/account/sessions/revoke").navigation().form(&form).await;
    assert_eq!(left.is(303).header("location"), "/auth/login");
}
