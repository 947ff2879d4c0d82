//! The limit on logins by address.

use std::{num::NonZeroU32, time::Duration};

use doorward_core::rate_limit::Rate;
use serde_json::json;

use crate::world::{MILLISECOND, MINUTE, PASSWORD, World};

async fn world() -> World {
    World::with(|config| {
        config.settings.login_rate = Rate { attempts: NonZeroU32::new(5).unwrap(), per: MINUTE };
        config.token_endpoint = true;
        crate::proxy::trust_proxy(config);
    })
    .await
}

fn login(world: &World, password: &str, address: &str) -> crate::ask::Ask {
    world.post("/auth/v1/login").from(address).json(&json!({"username": "root", "password": password}))
}

#[tokio::test]
async fn the_sixth_attempt_from_an_address_waits_and_is_told_how_long() {
    let world = world().await;
    for _ in 0..5 {
        login(&world, "wrong password", "198.51.100.1").await.refused(401, "invalid_credentials");
    }
    let waits = login(&world, PASSWORD, "198.51.100.1").await;
    waits.refused(429, "rate_limited");
    assert_eq!((waits.header("retry-after"), &waits.json()["retry_after"]), ("12", &json!(12)));
    login(&world, PASSWORD, "198.51.100.2").await.is(200);
    world.advance(Duration::from_millis(500)).await;
    assert_eq!(login(&world, PASSWORD, "198.51.100.1").await.header("retry-after"), "12", "rounded up");
    world.advance(Duration::from_millis(11_499)).await;
    assert_eq!(login(&world, PASSWORD, "198.51.100.1").await.header("retry-after"), "1");
    world.advance(MILLISECOND).await;
    login(&world, PASSWORD, "198.51.100.1").await.is(200);
    login(&world, PASSWORD, "198.51.100.1").await.refused(429, "rate_limited");
}

#[tokio::test]
async fn every_way_to_guess_a_password_counts_together() {
    let world = world().await;
    let address = "198.51.100.3";
    let wrong = json!({"username": "root", "password": "wrong password"});
    world.post("/auth/v1/login").from(address).json(&wrong).await.is(401);
    world.post("/auth/v1/token").from(address).json(&wrong).await.is(401);
    let form = [("username", "root"), ("password", "wrong password")];
    world.post("/auth/login").from(address).form(&form).await.is(401);
    let setup = json!({"setup_token": "dws_x", "username": "x", "password": PASSWORD});
    world.post("/auth/v1/setup").from(address).json(&setup).await.is(409);
    world.post("/auth/invite/dws_x").from(address).form(&[("new_password", PASSWORD)]).await.is(404);
    world.post("/auth/v1/login").from(address).json(&wrong).await.refused(429, "rate_limited");
    world.post("/auth/v1/token").from(address).json(&wrong).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn guessing_the_current_password_counts_too() {
    let world = world().await;
    let browser = world.admin().await;
    let body = json!({"current_password": "wrong password", "new_password": "a whole new one"});
    for _ in 0..4 {
        browser.post("/auth/v1/password").from("198.51.100.4").json(&body).await.is(401);
    }
    browser.post("/auth/v1/password").from("198.51.100.4").json(&body).await.is(401);
    browser.post("/auth/v1/password").from("198.51.100.4").json(&body).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_clients_address_counts_and_cannot_be_chosen() {
    let world = world().await;
    let through = |chain: &str| login(&world, "wrong password", "10.0.0.1").header("x-forwarded-for", chain);
    for n in 0..5 {
        through(&format!("1.2.3.{n}, 203.0.113.9")).await.is(401);
    }
    through("9.9.9.9, 203.0.113.9").await.refused(429, "rate_limited");
    through("203.0.113.10").await.is(401);
    // From a peer that is no proxy, the header is nothing.
    for n in 0..5 {
        login(&world, "wrong password", "198.51.100.5")
            .header("x-forwarded-for", &format!("1.1.1.{n}"))
            .await
            .is(401);
    }
    login(&world, "x", "198.51.100.5")
        .header("x-forwarded-for", "1.1.1.9")
        .await
        .refused(429, "rate_limited");
}

#[tokio::test]
async fn who_is_signed_in_is_not_slowed() {
    let world = world().await;
    let browser = world.admin().await;
    for _ in 0..30 {
        browser.get("/auth/v1/session").await.is(200);
    }
    browser.refresh().await.is(200);
}
