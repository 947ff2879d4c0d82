//! Guessing at passwords.

use std::time::Duration;

use serde_json::json;

use crate::{answer::Answer, ask::Ask, world::World};

pub(crate) const WRONG: &str = "another password";
/// How long a lock lasts by default.
pub(crate) const QUARTER: Duration = Duration::from_secs(900);
/// The longest wait of an account by default.
pub(crate) const LONGEST: Duration = Duration::from_secs(16);

/// One of as many addresses as an attacker cares to have.
pub(crate) fn address(number: u32) -> String {
    std::net::Ipv4Addr::from(0x0b00_0000 + number).to_string()
}

/// A login by a browser that never signed in here.
pub(crate) fn guess(world: &World, name: &str, password: &str, address: &str) -> Ask {
    world.post("/auth/v1/login").from(address).json(&json!({"username": name, "password": password}))
}

/// Fails `count` times from as many addresses, waiting after each as long as is asked for.
pub(crate) async fn guess_patiently(world: &World, name: &str, count: u32) {
    for number in 0..count {
        guess(world, name, WRONG, &address(number)).await.refused(401, "invalid_credentials");
        world.advance(LONGEST).await;
    }
}

/// Has strangers lock a name.
pub(crate) async fn lock(world: &World, name: &str) {
    guess_patiently(world, name, 9).await;
    locked(&guess(world, name, WRONG, &address(9)).await, 900);
}

/// That the account is locked, for so many more seconds.
#[track_caller]
pub(crate) fn locked(answer: &Answer, seconds: u64) {
    waits(answer, "account_locked", seconds);
}

/// That the last failure was too recent, for so many more seconds.
#[track_caller]
pub(crate) fn delayed(answer: &Answer, seconds: u64) {
    waits(answer, "too_many_attempts", seconds);
}

#[track_caller]
fn waits(answer: &Answer, code: &str, seconds: u64) {
    answer.refused(429, code);
    assert!(!answer.has("set-cookie"));
    let told = (answer.header("retry-after").to_owned(), answer.json()["retry_after"].clone());
    assert_eq!(told, (seconds.to_string(), json!(seconds)));
}
