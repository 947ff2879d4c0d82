//! Administrators see the keys that sign access tokens, and replace the one that does.

use serde_json::json;

use crate::{
    paging::all,
    world::{BOTH, MINUTE, Plan, World},
};

const KEYS: &str = "/auth/v1/admin/keys";
const ROTATE: &str = "/auth/v1/admin/keys/rotate";

#[tokio::test]
async fn a_key_signs_then_verifies_then_is_retired_and_nobody_is_signed_out() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let admin = world.admin().await;
        let ann = world.signed_in("ann").await;
        let [first] = all(&admin, KEYS, 10).await.try_into().unwrap();
        assert_eq!((&first["state"], &first["retired_at"]), (&json!("signing"), &json!(null)));
        world.advance(MINUTE).await;
        let made = admin.post(ROTATE).await;
        made.is(201);
        assert_eq!(made.json()["state"], "signing");
        assert_eq!(world.last_event().await.0, "key.created");
        let keys = all(&admin, KEYS, 10).await;
        let states: Vec<_> = keys.iter().map(|key| (&key["id"], key["state"].as_str().unwrap())).collect();
        assert_eq!(states, [(&made.json()["id"], "signing"), (&first["id"], "verifying")]);
        assert_eq!(keys[1]["retired_at"], keys[0]["created_at"]);
        assert_eq!(ann.state().await, "200", "{storage:?}: what the old key signed is good until it expires");
        let published = world.get("/auth/.well-known/jwks.json").await.ok();
        assert_eq!(published["keys"].as_array().unwrap().len(), 2);
        assert!(!admin.get(KEYS).await.text().contains("private"));
    }
}

#[tokio::test]
async fn a_key_whose_last_token_has_expired_is_retired() {
    let world = World::new().await;
    world.advance(MINUTE).await;
    world.admin().await.post(ROTATE).await.is(201);
    world.advance(15 * MINUTE).await;
    let admin = world.admin().await;
    // The ring is read anew with the next key.
    admin.post(ROTATE).await.is(201);
    let states: Vec<_> = all(&admin, KEYS, 10).await.iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states, [json!("signing"), json!("verifying"), json!("retired")]);
}

#[tokio::test]
async fn nobody_but_an_administrator_sees_or_replaces_keys() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let ann = world.signed_in("ann").await;
    ann.get(KEYS).await.refused(403, "forbidden");
    ann.post(ROTATE).await.refused(403, "forbidden");
    let admin = world.admin().await;
    admin.post(ROTATE).without_csrf().await.refused(403, "csrf_failed");
    assert_eq!(all(&admin, KEYS, 10).await.len(), 1);
}
