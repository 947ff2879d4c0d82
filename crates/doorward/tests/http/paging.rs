//! Lists in parts.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::{
    browser::Browser,
    world::{BOTH, Plan, World},
};

/// Every item of a list, fetched `limit` at a time.
pub(crate) async fn all(browser: &Browser, target: &str, limit: usize) -> Vec<Json> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let joint = if target.contains('?') { '&' } else { '?' };
        let page = browser.get(&format!("{target}{joint}limit={limit}{cursor}")).await.ok();
        let here = page["items"].as_array().unwrap();
        assert!(here.len() <= limit);
        items.extend(here.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

#[tokio::test]
async fn every_list_is_read_in_parts_without_a_gap_or_a_repeat() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        for n in 0..11 {
            world.user(&format!("user{n}"), &[]).await;
            world.signed_in(&format!("user{n}")).await;
        }
        let admin = world.admin().await;
        for (target, key) in [
            ("/auth/v1/admin/users", "id"),
            ("/auth/v1/sessions?scope=all", "id"),
            ("/auth/v1/admin/audit", "seq"),
        ] {
            let whole = all(&admin, target, 200).await;
            assert!(whole.len() >= 12, "{target}");
            for limit in [1, 5, whole.len(), whole.len() + 1] {
                assert_eq!(all(&admin, target, limit).await, whole, "{storage:?} {target} {limit}");
            }
            let keys: BTreeSet<String> = whole.iter().map(|item| item[key].to_string()).collect();
            assert_eq!(keys.len(), whole.len());
        }
    }
}

#[tokio::test]
async fn users_come_oldest_first_and_events_newest_first() {
    let world = World::new().await;
    world.advance(crate::world::MILLISECOND).await;
    world.user("ann", &[]).await;
    let admin = world.admin().await;
    let users = all(&admin, "/auth/v1/admin/users", 10).await;
    let names: Vec<_> = users.iter().map(|user| user["username"].clone()).collect();
    assert_eq!(names, [json!("root"), json!("ann")]);
    let events = all(&admin, "/auth/v1/admin/audit", 10).await;
    assert!(events.is_sorted_by_key(|event| std::cmp::Reverse(event["seq"].as_u64().unwrap())));
}

#[tokio::test]
async fn a_limit_or_cursor_that_cannot_be_is_refused() {
    let world = World::new().await;
    let admin = world.admin().await;
    for target in ["/auth/v1/admin/users", "/auth/v1/sessions", "/auth/v1/admin/audit"] {
        for limit in [1, 100] {
            admin.get(&format!("{target}?limit={limit}")).await.is(200);
        }
        for limit in ["0", "1000000"] {
            admin.get(&format!("{target}?limit={limit}")).await.refused(422, "validation_failed");
        }
        for query in ["limit=x", "limit=-1", "limit=", "limit=1.5", "cursor=x", "cursor=", "limit=1&limit=2"]
        {
            admin.get(&format!("{target}?{query}")).await.refused(400, "malformed_request");
        }
    }
}

#[tokio::test]
async fn a_cursor_survives_the_removal_of_what_it_stands_at() {
    let world = World::new().await;
    let ids = [world.user("a", &[]).await.id, world.user("b", &[]).await.id, world.user("c", &[]).await.id];
    let admin = world.admin().await;
    let page = admin.get("/auth/v1/admin/users?limit=2").await.ok();
    let last = page["items"][1]["id"].as_str().unwrap().to_owned();
    assert!(ids.iter().any(|id| id.to_string() == last));
    admin.delete(&format!("/auth/v1/admin/users/{last}")).await.is(204);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("/auth/v1/admin/users?limit=2&cursor={cursor}")).await.ok();
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
}
