//! `POST /v1/passkeys`, and `GET`: making passkeys, and which there are.

use std::time::Duration;

use doorward_testkit::authenticator::{Authenticator, Declined, edit};
use http::Method;
use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    authenticator_app::{Person, enrolled, recover, recovery_codes, show, step_up_by_password},
    passkey_holder::{HERE, Lie, PASSKEYS, STEP_UP, fresh, listed, on, options, register},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

/// Without recovery codes, which come once.
fn passkey_of(added: &Answer) -> Json {
    let mut body = added.is(201).json();
    body.as_object_mut().unwrap().remove("recovery_codes");
    body
}

#[tokio::test]
async fn a_passkey_is_added_with_ten_recovery_codes_and_listed() {
    for storage in BOTH {
        let world = on(storage).await;
        world.user("ann", &[]).await;
        let browser = world.signed_in("ann").await;
        assert_eq!(listed(&browser).await, [Json::Null; 0]);
        let mut key = Authenticator::at(HERE);
        let asked = options(&browser, PASSKEYS).await;
        let public_key = &asked["publicKey"];
        assert_eq!(
            (&public_key["rp"]["id"], &public_key["user"]["name"]),
            (&json!("localhost"), &json!("ann"))
        );
        let added = browser.post(PASSKEYS).json(&key.create(&asked).unwrap()).await;
        assert_eq!(recovery_codes(&world, &added.is(201).json()).len(), 10);
        assert_eq!(world.last_event().await.0, "passkey.added");
        let mut names: Vec<_> = added.set_cookies().into_iter().map(|cookie| cookie.name).collect();
        names.sort();
        assert_eq!(names, ["dw_csrf", "dw_refresh", "dw_session"]);
        let mfa = json!({"totp": false, "passkeys": 1, "recovery_codes_left": 10});
        assert_eq!(browser.get("/auth/v1/me").await.ok()["mfa"], mfa);
        let passkey = passkey_of(&added);
        assert_eq!(listed(&browser).await, std::slice::from_ref(&passkey));
        assert_eq!(passkey["name"], "Firefox on Linux");
        assert_eq!((&passkey["synced"], &passkey["last_used_at"]), (&json!(false), &Json::Null));
        assert_eq!(passkey["created_at"], "2027-01-15T08:00:00.437Z");
        // A second one of another make comes without.
        world.advance(MINUTE).await;
        let browser = fresh(&world, &mut key).await;
        let mut phone = Authenticator::at(HERE);
        phone.backup_eligible = true;
        let mut made = phone.create(&options(&browser, PASSKEYS).await).unwrap();
        made["name"] = json!("  My phone ");
        let added = browser.post(PASSKEYS).json(&made).await;
        assert!(added.is(201).json().get("recovery_codes").is_none());
        assert_eq!(added.json()["name"], "My phone");
        assert_eq!(added.json()["synced"], true);
        let items = listed(&browser).await;
        assert_eq!(items.len(), 2);
        assert_eq!(items[0]["name"], "Firefox on Linux", "the oldest comes first");
        assert_eq!(items[0]["last_used_at"], "2027-01-15T08:01:00.437Z");
    }
}

#[tokio::test]
async fn a_name_is_held_to_its_rules() {
    let world = World::new().await;
    let browser = world.admin().await;
    let made = Authenticator::at(HERE).create(&options(&browser, PASSKEYS).await).unwrap();
    let named = |name: Json| {
        let mut made = made.clone();
        made["name"] = name;
        browser.post(PASSKEYS).json(&made)
    };
    for name in ["", "   ", "a\u{0}b", &"x".repeat(65)] {
        let refused = named(json!(name)).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["field"], "name");
    }
    named(json!(7)).await.refused(400, "malformed_request");
    assert_eq!(listed(&browser).await.len(), 0);
    // The challenge was not used up by any of them.
    assert_eq!(named(json!("ä".repeat(64))).await.is(201).json()["name"], "ä".repeat(64));
}

#[tokio::test]
async fn what_no_authenticator_made_here_is_refused_and_recorded() {
    for storage in BOTH {
        let world = on(storage).await;
        let (browser, other) = (world.admin().await, world.admin().await);
        let asked = options(&browser, PASSKEYS).await;
        let lies: [(&str, Lie); 5] = [
            ("wrong_origin", |key| key.rp_id = Some("evil.test".to_owned())),
            ("wrong_origin", |key| key.origin = "https://doorward.evil.test".to_owned()),
            ("wrong_origin", |key| key.cross_origin = true),
            ("wrong_challenge", |key| key.challenge = Some("AAAA".to_owned())),
            ("invalid", |key| key.user_present = false),
        ];
        for (code, lie) in lies {
            let mut key = Authenticator::at(HERE);
            lie(&mut key);
            let refused = browser.post(PASSKEYS).json(&key.create(&asked).unwrap()).await;
            refused.refused(422, "validation_failed");
            let error = refused.json()["errors"][0].clone();
            assert_eq!((&error["field"], &error["code"]), (&json!("credential"), &json!(code)));
            let event = ("passkey.refused".to_owned(), "validation_failed".to_owned());
            assert_eq!(world.last_event().await, event);
        }
        // The answer to what another session was asked.
        let stolen = Authenticator::at(HERE).create(&options(&other, PASSKEYS).await).unwrap();
        browser.post(PASSKEYS).json(&stolen).await.refused(422, "validation_failed");
        assert_eq!(listed(&browser).await.len(), 0, "{storage:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_credential_does_not_fit_or_breaks_a_rule() {
    let world = World::new().await;
    let browser = world.admin().await;
    let made = Authenticator::at(HERE).create(&options(&browser, PASSKEYS).await).unwrap();
    for path in
        ["/id", "/rawId", "/type", "/response", "/response/clientDataJSON", "/response/attestationObject"]
    {
        let mut body = made.clone();
        *body.pointer_mut(path).unwrap() = json!(7);
        browser.post(PASSKEYS).json(&body).await.refused(400, "malformed_request");
    }
    browser.post(PASSKEYS).json(&json!({})).await.refused(400, "malformed_request");
    let mut body = made.clone();
    body["type"] = json!("password");
    browser.post(PASSKEYS).json(&body).await.refused(400, "malformed_request");
    for path in ["/id", "/response/clientDataJSON", "/response/attestationObject"] {
        let mut body = made.clone();
        *body.pointer_mut(path).unwrap() = json!("not base64url!");
        let refused = browser.post(PASSKEYS).json(&body).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["code"], "malformed");
    }
    let mut body = made;
    edit(&mut body, "attestationObject", |bytes| bytes.truncate(20));
    browser.post(PASSKEYS).json(&body).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn an_answer_counts_once() {
    for storage in BOTH {
        let world = on(storage).await;
        let browser = world.admin().await;
        let mut key = Authenticator::at(HERE);
        register(&browser, &mut key).await.is(201);
        let browser = fresh(&world, &mut key).await;
        let made = Authenticator::at(HERE).create(&options(&browser, PASSKEYS).await).unwrap();
        let id = made["id"].as_str().unwrap();
        browser.post(PASSKEYS).json(&made).await.is(201);
        // Even if the passkey is gone meanwhile. The challenge is this session's: it has to stay.
        let answer = key.get(&browser.post("/auth/v1/step-up/passkey/options").await.ok()).unwrap();
        browser.post(PASSKEYS).json(&made).await.refused(403, "step_up_required");
        browser.post(STEP_UP).json(&answer).await.is(200);
        browser.delete(&format!("/auth/v1/passkeys/{id}")).await.is(204);
        let browser = fresh(&world, &mut key).await;
        browser.post(PASSKEYS).json(&made).await.refused(422, "validation_failed");
        assert_eq!(listed(&browser).await.len(), 1, "{storage:?}");
    }
}

#[tokio::test]
async fn a_passkey_is_somebodys_once() {
    for storage in BOTH {
        let world = on(storage).await;
        world.user("ann", &[]).await;
        let (ann, root) = (world.signed_in("ann").await, world.admin().await);
        let mut key = Authenticator::at(HERE);
        register(&ann, &mut key).await.is(201);
        // Their own authenticators are told not to make a second one.
        let ann = fresh(&world, &mut key).await;
        assert_eq!(key.create(&options(&ann, PASSKEYS).await).unwrap_err(), Declined::AlreadyRegistered);
        // Somebody else's would have to have the same id.
        let id = listed(&ann).await[0]["id"].clone();
        let mut made = Authenticator::at(HERE).create(&options(&root, PASSKEYS).await).unwrap();
        made["id"] = id.clone();
        made["rawId"] = id;
        root.post(PASSKEYS).json(&made).await.refused(422, "validation_failed");
    }
}

#[tokio::test]
async fn there_are_twenty_at_most() {
    let world = World::new().await;
    let browser = world.admin().await;
    let mut first = Authenticator::at(HERE);
    register(&browser, &mut first).await.is(201);
    for number in 2..=21 {
        let browser = fresh(&world, &mut first).await;
        let added = register(&browser, &mut Authenticator::at(HERE)).await;
        if number <= 20 {
            added.is(201);
        } else {
            added.refused(409, "conflict");
            assert_eq!(listed(&browser).await.len(), 20);
        }
    }
}

#[tokio::test]
async fn a_passkey_beside_an_app_leaves_its_recovery_codes() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
    let added = register(&browser, &mut Authenticator::at(HERE)).await;
    assert!(added.is(201).json().get("recovery_codes").is_none());
    let browser = Person::pending(&world, "ann").await;
    recover(&browser, &ann.recovery_codes[0]).await.is(200);
}

#[tokio::test]
async fn it_takes_a_recent_authentication_to_make_one() {
    let world = World::new().await;
    let browser = world.admin().await;
    let made = Authenticator::at(HERE).create(&options(&browser, PASSKEYS).await).unwrap();
    world.advance(Duration::from_secs(300)).await;
    browser.post(PASSKEYS).json(&made).await.refused(403, "step_up_required");
    browser.post("/auth/v1/passkeys/options").await.refused(403, "step_up_required");
    step_up_by_password(&browser, PASSWORD).await.is(200);
    register(&browser, &mut Authenticator::at(HERE)).await.is(201);
}

#[tokio::test]
async fn where_the_public_url_names_no_domain_there_are_no_passkeys() {
    let world = Plan::at("http://127.0.0.1:8080").start().await;
    let browser = world.admin().await;
    browser.post("/auth/v1/passkeys/options").await.refused(404, "not_found");
    let mut key = Authenticator::at("http://127.0.0.1:8080");
    let elsewhere = World::new().await;
    let made = key.create(&options(&elsewhere.admin().await, PASSKEYS).await).unwrap();
    browser.post(PASSKEYS).json(&made).await.refused(404, "not_found");
    world.post("/auth/v1/login/passkey/options").await.refused(404, "not_found");
    let asked = elsewhere.post("/auth/v1/login/passkey/options").await.ok();
    let answer = key.get(&asked).unwrap();
    world.post("/auth/v1/login/passkey").json(&answer).await.refused(404, "not_found");
    browser.post("/auth/v1/step-up/passkey/options").await.refused(404, "not_found");
    browser.ask(Method::GET, PASSKEYS).await.is(200);
}
