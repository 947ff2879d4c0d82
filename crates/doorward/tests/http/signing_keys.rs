//! Administrators see the keys that sign access tokens, and replace the one that does.

use std::time::Duration;

use doorward_core::{
    authority::Caller,
    settings::MAX_STALENESS,
    signing_key::{PUBLISH_AHEAD, Rotation},
};
use serde_json::json;

use crate::{
    paging::all,
    world::{BOTH, MINUTE, Plan, World},
};

const KEYS: &str = "/auth/v1/admin/keys";
const ROTATE: &str = "/auth/v1/admin/keys/rotate";

#[tokio::test]
async fn a_key_is_published_then_signs_then_verifies_then_is_retired_and_nobody_is_signed_out() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let admin = world.admin().await;
        let ann = world.signed_in("ann").await;
        let [first] = all(&admin, KEYS, 10).await.try_into().unwrap();
        assert_eq!((&first["state"], &first["retired_at"]), (&json!("signing"), &json!(null)));
        assert_eq!(first["signs_from"], first["created_at"]);
        let published = async || {
            let keys = world.get("/auth/.well-known/jwks.json").await.ok()["keys"].clone();
            keys.as_array().unwrap().iter().map(|key| key["kid"].clone()).collect::<Vec<_>>()
        };
        let states = async || {
            let keys = all(&admin, KEYS, 10).await;
            keys.iter().map(|key| (key["id"].clone(), key["state"].clone())).collect::<Vec<_>>()
        };
        world.advance(MINUTE).await;
        let made = admin.post(ROTATE).await;
        made.is(201);
        assert_eq!(made.json()["state"], "next");
        assert_eq!(world.last_event().await.0, "key.created");
        let (old, new) = (first["id"].clone(), made.json()["id"].clone());
        assert_eq!(states().await, [(new.clone(), json!("next")), (old.clone(), json!("signing"))]);
        assert_eq!(published().await, [old.clone(), new.clone()], "two minutes before it signs");
        admin.post(ROTATE).await.refused(409, "conflict");
        world.advance(PUBLISH_AHEAD).await;
        assert_eq!(states().await, [(new.clone(), json!("signing")), (old.clone(), json!("verifying"))]);
        assert_eq!(published().await, [new.clone(), old.clone()]);
        let keys = all(&admin, KEYS, 10).await;
        assert_eq!(keys[1]["retired_at"], keys[0]["signs_from"]);
        assert!(keys[1]["verifies_until"].is_string() && keys[0]["verifies_until"].is_null());
        assert_eq!(ann.state().await, "200", "{storage:?}: what the old key signed is good until it expires");
        world.advance(15 * MINUTE).await;
        let admin = world.admin().await;
        let states: Vec<_> = all(&admin, KEYS, 10).await.iter().map(|key| key["state"].clone()).collect();
        assert_eq!(states, [json!("signing"), json!("retired")]);
        assert_eq!(published().await, [new], "by the time alone");
        assert!(!admin.get(KEYS).await.text().contains("private"));
    }
}

#[tokio::test]
async fn what_a_leaked_key_signed_is_refused_as_expired_and_a_refresh_mends_it() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let ann = world.signed_in("ann").await;
    let caller = Caller::command_line();
    world.authority().rotate_signing_key(&caller, Rotation::AtOnce).await.unwrap();
    assert_eq!(ann.state().await, "session_expired");
    ann.post("/auth/v1/refresh").await.is(200);
    assert_eq!(ann.state().await, "200");
}

#[tokio::test]
async fn a_node_that_cannot_confirm_its_keys_publishes_none() {
    let world = World::new().await;
    let published = world.get("/auth/.well-known/jwks.json").await;
    published.ok();
    assert_eq!(published.header("cache-control"), "public, max-age=60");
    world.clock().advance(MAX_STALENESS + Duration::from_millis(1));
    let refused = world.get("/auth/.well-known/jwks.json").await;
    refused.refused(503, "revocation_state_stale");
    assert_eq!(refused.header("cache-control"), "no-store");
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
