//! What administrators do for somebody who is locked out, or whose device cookie was stolen.

use std::num::NonZeroU32;

use doorward_core::guard::{GuardPolicy, Throttle};
use http::Method;

use crate::{
    browser::Browser,
    world::{BOTH, Plan, Storage, World},
};

const THRESHOLD: u32 = 3;

/// Accounts and devices lock after three failures; nobody waits for anything else.
async fn world(storage: Storage) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage).with(|config| {
        let guard = &mut config.settings.guard;
        *guard = GuardPolicy {
            account: Throttle::default(),
            address: Throttle::default(),
            ..GuardPolicy::default()
        };
        guard.lockout.threshold = NonZeroU32::new(THRESHOLD).unwrap();
    });
    plan.start().await
}

async fn lock(browser: &Browser, username: &str) {
    for _ in 1..THRESHOLD {
        browser.login_with(username, "wrong password").await.refused(401, "invalid_credentials");
    }
    browser.login_with(username, "wrong password").await.refused(429, "account_locked");
}

async fn events(world: &World) -> Vec<String> {
    world.audit().await.into_iter().map(|entry| entry.name).collect()
}

#[tokio::test]
async fn an_unlocked_account_and_its_devices_may_try_at_once_and_fail_as_often_as_before() {
    for storage in BOTH {
        let world = world(storage).await;
        let ann = world.user("ann", &[]).await;
        let device = world.signed_in("ann").await;
        lock(&world.browser(), "ann").await;
        lock(&device, "ann").await;
        let admin = world.admin().await;
        admin.post(&format!("/auth/v1/admin/users/{}/unlock", ann.id)).await.is(204);
        lock(&world.browser(), "ann").await;
        device.login("ann").await.is(200);
        admin.post(&format!("/auth/v1/admin/users/{}/unlock", ann.id)).await.is(204);
        world.signed_in("ann").await;
        let unlocked = events(&world).await.into_iter().filter(|name| name == "account.unlocked");
        assert_eq!(unlocked.count(), 2, "{storage:?}");
    }
}

#[tokio::test]
async fn unlocking_one_user_leaves_the_others_locked() {
    for storage in BOTH {
        let world = world(storage).await;
        let ann = world.user("ann", &[]).await;
        world.user("ben", &[]).await;
        let admin = world.admin().await;
        lock(&world.browser(), "ann").await;
        lock(&world.browser(), "ben").await;
        admin.post(&format!("/auth/v1/admin/users/{}/unlock", ann.id)).await.is(204);
        world.browser().login("ben").await.refused(429, "account_locked");
        world.signed_in("ann").await;
    }
}

#[tokio::test]
async fn a_device_that_was_forgotten_shares_the_lock_of_strangers_and_stays_signed_in() {
    for storage in BOTH {
        let world = world(storage).await;
        let ann = world.user("ann", &[]).await;
        let device = world.signed_in("ann").await;
        lock(&world.browser(), "ann").await;
        device.login("ann").await.is(200);
        let admin = world.admin().await;
        admin.delete(&format!("/auth/v1/admin/users/{}/devices", ann.id)).await.is(204);
        assert_eq!(device.state().await, "200", "{storage:?}");
        device.login("ann").await.refused(429, "account_locked");
        assert!(events(&world).await.contains(&"account.devices_forgotten".to_owned()));
        admin.post(&format!("/auth/v1/admin/users/{}/unlock", ann.id)).await.is(204);
        device.login("ann").await.is(200);
        lock(&world.browser(), "ann").await;
        device.login("ann").await.is(200);
    }
}

#[tokio::test]
async fn nobody_by_that_id_is_404_and_neither_is_a_name() {
    let world = world(Storage::Memory).await;
    let gone = world.user("gone", &[]).await;
    let admin = world.admin().await;
    admin.delete(&format!("/auth/v1/admin/users/{}", gone.id)).await.is(204);
    for id in [gone.id.to_string().as_str(), "root", "AAAAAAAAAAAAAAAAAAAAAA", "%00"] {
        for (method, what) in [(Method::POST, "unlock"), (Method::DELETE, "devices")] {
            let target = format!("/auth/v1/admin/users/{id}/{what}");
            admin.ask(method, &target).await.refused(404, "not_found");
        }
    }
    for (method, what) in [(Method::GET, "unlock"), (Method::DELETE, "unlock"), (Method::POST, "devices")] {
        let target = format!("/auth/v1/admin/users/{}/{what}", gone.id);
        admin.ask(method, &target).await.refused(405, "method_not_allowed");
    }
}
