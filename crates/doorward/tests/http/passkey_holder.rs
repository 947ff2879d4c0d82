//! An authenticator that holds passkeys, in the hands of somebody of a test.

use doorward_testkit::authenticator::Authenticator;
use serde_json::Value as Json;

use crate::{
    answer::Answer,
    browser::Browser,
    world::{Plan, Storage, World},
};

/// Where passkeys are made and shown.
pub(crate) const HERE: &str = "http://localhost:8080";
pub(crate) const PASSKEYS: &str = "/auth/v1/passkeys";
pub(crate) const LOGIN: &str = "/auth/v1/login/passkey";
pub(crate) const STEP_UP: &str = "/auth/v1/step-up/passkey";

/// What an authenticator is made to tell wrongly.
pub(crate) type Lie = fn(&mut Authenticator);

pub(crate) async fn on(storage: Storage) -> World {
    Plan::at(HERE).on(storage).start().await
}

/// What a browser is asked, to make a passkey, to log in or to step up.
pub(crate) async fn options(browser: &Browser, target: &str) -> Json {
    browser.post(&format!("{target}/options")).await.ok()
}

/// Adds a passkey of this authenticator.
pub(crate) async fn register(browser: &Browser, key: &mut Authenticator) -> Answer {
    let made = key.create(&options(browser, PASSKEYS).await).unwrap();
    browser.post(PASSKEYS).json(&made).await
}

/// Shows a passkey: alone, or after the password.
pub(crate) async fn log_in(browser: &Browser, key: &mut Authenticator) -> Answer {
    show_at(browser, LOGIN, key).await
}

/// Shows a passkey in a session.
pub(crate) async fn step_up(browser: &Browser, key: &mut Authenticator) -> Answer {
    show_at(browser, STEP_UP, key).await
}

async fn show_at(browser: &Browser, target: &str, key: &mut Authenticator) -> Answer {
    let answer = key.get(&options(browser, target).await).unwrap();
    browser.post(target).json(&answer).await
}

/// The authenticator of a new user.
pub(crate) async fn with_passkey(world: &World, username: &str) -> Authenticator {
    world.user(username, &[]).await;
    let mut key = Authenticator::at(HERE);
    register(&world.signed_in(username).await, &mut key).await.is(201);
    key
}

/// A session that its owner may do with what is sensitive.
pub(crate) async fn fresh(world: &World, key: &mut Authenticator) -> Browser {
    let browser = world.browser();
    log_in(&browser, key).await.is(200);
    browser
}

/// Level and methods of the authentication that an answer tells of.
pub(crate) fn level(answer: &Answer) -> (Json, Json) {
    let session = answer.ok()["session"].clone();
    (session["aal"].clone(), session["amr"].clone())
}

pub(crate) async fn listed(browser: &Browser) -> Vec<Json> {
    let list = browser.get(PASSKEYS).await.ok();
    assert!(list["next_cursor"].is_null());
    list["items"].as_array().unwrap().clone()
}
