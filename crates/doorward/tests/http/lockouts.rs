//! What is locked, as administrators are told.

use serde_json::json;

use crate::{
    authenticator_app::{Person, enrolled, show},
    guesses::{QUARTER, lock},
    paging::all,
    world::{BOTH, Plan, World},
};

const LOCKOUTS: &str = "/auth/v1/admin/lockouts";

#[tokio::test]
async fn administrators_see_what_is_locked_until_when_and_whose_it_is() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").guarded().on(storage).start().await;
        let ann = world.user("ann", &[]).await;
        let admin = world.admin().await;
        assert_eq!(admin.get(LOCKOUTS).await.ok(), json!({"items": [], "next_cursor": null}));
        lock(&world, "nobody").await;
        lock(&world, "ann").await;
        let locked = all(&admin, LOCKOUTS, 1).await;
        let shown: Vec<_> = locked.iter().map(|lock| (&lock["subject"], &lock["username"])).collect();
        let (account, unknown) = (json!("account"), json!("unknown_name"));
        assert_eq!(shown, [(&account, &json!("ann")), (&unknown, &json!(null))], "{storage:?}");
        assert_eq!(
            (&locked[0]["user_id"], &locked[1]["user_id"]),
            (&json!(ann.id.to_string()), &json!(null))
        );
        let until = doorward::api::wire::parse_rfc3339(locked[0]["locked_until"].as_str().unwrap()).unwrap();
        let remaining = until.since(world.now());
        assert!(remaining <= QUARTER && !remaining.is_zero(), "{remaining:?}");
        assert!(!admin.get(LOCKOUTS).await.text().contains("nobody"), "what somebody typed is not told");
        admin.post(&format!("/auth/v1/admin/users/{}/unlock", ann.id)).await.is(204);
        assert_eq!(all(&admin, LOCKOUTS, 200).await.len(), 1);
        world.advance(QUARTER).await;
        assert!(world.admin().await.get(LOCKOUTS).await.ok()["items"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_app_that_is_locked_for_good_is_listed_without_an_end() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let mut browser = world.browser();
    for number in 0..100 {
        if number % 5 == 0 {
            browser = Person::pending(&world, "ann").await;
        }
        show(&browser, &ann.app.wrong_code()).await.refused(401, "mfa_code_invalid");
    }
    let admin = world.admin().await;
    let [lock] = all(&admin, LOCKOUTS, 10).await.try_into().unwrap();
    assert_eq!((&lock["subject"], &lock["locked_until"]), (&json!("authenticator_app"), &json!(null)));
    assert_eq!(lock["username"], json!("ann"));
}

#[tokio::test]
async fn nobody_but_an_administrator_sees_who_is_locked() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    world.get(LOCKOUTS).await.refused(401, "not_authenticated");
    world.signed_in("ann").await.get(LOCKOUTS).await.refused(403, "forbidden");
}
