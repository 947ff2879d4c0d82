//! The audit log: every change and every refused attempt, and never a secret.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    dump::Dump,
    world::{BOTH, MINUTE, PASSWORD, Plan, Storage, World},
};

/// A life of everything there is: each state change and each refused attempt at least once.
async fn everything(world: &World) {
    let admin = world.admin().await;
    let made = admin
        .post("/auth/v1/admin/users")
        .json(&json!({"username": "ann", "email": "ann@example.com"}))
        .await;
    let made = made.is(201).json();
    let link = made["invite_url"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap().to_owned();
    world.remember_secret(link.rsplit('/').next().unwrap());
    let ann = world.browser();
    ann.post(&link).form(&[("new_password", PASSWORD)]).await.is(200);
    ann.post(&link).form(&[("new_password", "used up already")]).await.is(404);
    let user = format!("/auth/v1/admin/users/{}", made["id"].as_str().unwrap());
    ann.get("/auth/v1/admin/users").await.refused(403, "forbidden");
    ann.delete("/auth/v1/sessions").without_csrf().await.refused(403, "csrf_failed");
    let wrong = json!({"current_password": "not the password", "new_password": "irrelevant then"});
    ann.post("/auth/v1/password").json(&wrong).await.refused(401, "invalid_credentials");
    let right = json!({"current_password": PASSWORD, "new_password": "the next password"});
    ann.post("/auth/v1/password").json(&right).await.is(200);
    let thief = ann.copied();
    ann.refresh().await.is(200);
    world.advance(MINUTE).await;
    thief.refresh().await.refused(401, "refresh_token_reused");
    world.browser().login_with("ann", "mistyped password").await.refused(401, "invalid_credentials");
    world
        .browser()
        .login_with("my password in the wrong field", "x")
        .await
        .refused(401, "invalid_credentials");
    world.remember_secret("my password in the wrong field");
    let ann = world.browser();
    ann.login_with("ann", "the next password").await.is(200);
    let tokens = json!({"username": "ann", "password": "the next password"});
    let tokens = world.post("/auth/v1/token").json(&tokens).await.ok();
    world.remember_secret(tokens["access_token"].as_str().unwrap());
    world.remember_secret(tokens["refresh_token"].as_str().unwrap());
    admin.patch(&user).json(&json!({"roles": ["editor"], "email": "new@example.com"})).await.is(200);
    let reset = admin.post(&format!("{user}/reset-link")).await.is(201).json();
    world.remember_secret(reset["reset_url"].as_str().unwrap().rsplit('/').next().unwrap());
    admin.delete(&format!("{user}/sessions")).await.is(204);
    admin.post(&format!("{user}/unlock")).await.is(204);
    admin.delete(&format!("{user}/devices")).await.is(204);
    let other = world.admin().await;
    let id = other.session_id().await;
    admin.delete(&format!("/auth/v1/sessions/{id}")).await.is(204);
    admin.patch(&user).json(&json!({"disabled": true})).await.is(200);
    world.browser().login_with("ann", "the next password").await.refused(403, "account_disabled");
    admin.delete(&user).await.is(204);
    admin.post("/auth/v1/logout").await.is(204);
}

async fn world(storage: Storage) -> World {
    let world = Plan::at("http://localhost:8080")
        .on(storage)
        .with(|config| config.token_endpoint = true)
        .before_setup()
        .await;
    let token = world.setup_token().await;
    let body = json!({"setup_token": "dws_wrong", "username": "root", "password": PASSWORD});
    world.post("/auth/v1/setup").json(&body).await.refused(403, "forbidden");
    let body = json!({"setup_token": token, "username": "root", "password": PASSWORD});
    world.post("/auth/v1/setup").json(&body).await.is(201);
    world
}

#[tokio::test]
async fn every_state_change_and_every_refused_attempt_is_an_event_whose_reason_is_the_code() {
    for storage in BOTH {
        let world = world(storage).await;
        everything(&world).await;
        let mut found: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
        for entry in world.audit().await {
            let (_, reasons) = found.entry(entry.name).or_insert((entry.outcome, Vec::new()));
            reasons.extend(entry.reason);
        }
        let changes = [
            "setup.token_issued",
            "setup.completed",
            "login.succeeded",
            "session.revoked",
            "session.many_revoked",
            "session.logged_out",
            "session.refreshed",
            "password.changed",
            "user.created",
            "user.changed",
            "user.deleted",
            "link.reset_issued",
            "link.used",
        ];
        for name in changes {
            let (outcome, _) = found.get(name).unwrap_or_else(|| panic!("{storage:?}: no {name}: {found:?}"));
            assert_eq!(outcome, "success", "{name}");
        }
        let refusals: [(&str, &[&str]); 7] = [
            ("setup.refused", &["forbidden"]),
            ("login.refused", &["account_disabled", "invalid_credentials"]),
            ("password.change_refused", &["invalid_credentials"]),
            ("session.refresh_reused", &["refresh_token_reused"]),
            ("request.csrf_refused", &["csrf_failed"]),
            ("request.admin_refused", &["forbidden"]),
            ("link.refused", &["not_found"]),
        ];
        for (name, codes) in refusals {
            let (outcome, reasons) = &found.get(name).unwrap_or_else(|| panic!("{storage:?}: no {name}"));
            assert_eq!(outcome, "refused");
            let mut reasons = reasons.clone();
            reasons.sort();
            reasons.dedup();
            assert_eq!(reasons, codes, "{name}");
        }
    }
}

#[tokio::test]
async fn no_event_ever_holds_a_secret() {
    for storage in BOTH {
        let world = world(storage).await;
        everything(&world).await;
        let log = format!("{:?}", world.audit().await);
        let secrets = world.secrets();
        assert!(secrets.len() > 30, "{}", secrets.len());
        for secret in secrets.iter().filter(|secret| secret.len() > 4) {
            assert!(!log.contains(secret.as_str()), "the log holds {secret}");
        }
    }
}

#[tokio::test]
async fn a_dump_of_the_database_holds_no_bearer_secret_in_any_encoding() {
    let world = world(Storage::Sqlite).await;
    everything(&world).await;
    let dump = Dump::of(&world);
    assert!(dump.holds(b"login.succeeded") && dump.holds(b"ann@example.com"), "the dump is no dump");
    assert!(dump.holds_none_of(&world.secrets()) > 30);
}

#[tokio::test]
async fn events_tell_who_did_what_to_whom_from_where_and_in_which_request() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    let root = admin.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
    let answer =
        admin.patch(&format!("/auth/v1/admin/users/{}", ann.id)).json(&json!({"roles": ["a"]})).await;
    let event = world.audit().await.pop().unwrap();
    assert_eq!((event.name.as_str(), event.outcome.as_str()), ("user.changed", "success"));
    assert_eq!((event.actor, event.user_id), (root, Some(ann.id)));
    assert_eq!(event.address.unwrap().to_string(), "192.0.2.10");
    assert_eq!(event.request_id.as_deref(), Some(answer.header("x-request-id")));
    assert!(event.user_agent.contains("Firefox"));
    assert_eq!(event.details, [("roles".to_owned(), "a".to_owned())]);
}

#[tokio::test]
async fn each_session_of_a_bulk_revocation_has_an_event_of_its_own() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browsers = [world.signed_in("ann").await, world.signed_in("ann").await, world.signed_in("ann").await];
    let mut expected = [browsers[0].session_id().await, browsers[2].session_id().await];
    expected.sort();
    browsers[1].delete("/auth/v1/sessions").await.is(200);
    let events = world.audit().await;
    let ended = events.iter().filter(|event| event.name == "session.revoked");
    let mut ended: Vec<_> = ended.map(|event| event.session_id.unwrap().to_string()).collect();
    ended.sort();
    assert_eq!(ended, expected);
}

#[tokio::test]
async fn the_log_is_filtered_by_user_name_and_time() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    world.advance(MINUTE).await;
    world.signed_in("ann").await;
    world.advance(MINUTE).await;
    let admin = world.admin().await;
    let names = async |query: &str| {
        let items = admin.get(&format!("/auth/v1/admin/audit?{query}")).await.ok()["items"].clone();
        items.as_array().unwrap().iter().map(|i| i["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&format!("user_id={}", ann.id)).await, ["login.succeeded", "user.created"]);
    assert_eq!(names("event=login.succeeded").await.len(), 2);
    assert_eq!(names("event=nothing.of.the.kind").await.len(), 0);
    assert_eq!(
        names("after=2027-01-15T08:01:00.437Z&before=2027-01-15T08:02:00.437Z").await,
        ["login.succeeded"]
    );
    assert_eq!(names("after=2027-01-15T08:01:00.438Z&before=2027-01-15T08:02:00.437Z").await.len(), 0);
    assert_eq!(names("after=2027-01-15T10:02:00.437%2B02:00").await, ["login.succeeded"]);
    for bad in ["after=yesterday", "before=2027-01-15", "user_id=x"] {
        let refused = admin.get(&format!("/auth/v1/admin/audit?{bad}")).await;
        assert!(matches!(refused.status.as_u16(), 400 | 404), "{bad}");
    }
}

#[tokio::test]
async fn the_log_is_filtered_by_address() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let admin = world.admin().await;
    for address in ["198.51.100.7", "198.51.100.70", "2001:db8::7"] {
        let body = json!({"username": "ann", "password": PASSWORD});
        world.browser().post("/auth/v1/login").json(&body).from(address).await.is(200);
    }
    let from = async |query: &str| {
        let items = admin.get(&format!("/auth/v1/admin/audit?{query}")).await.ok()["items"].clone();
        items
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["address"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(from("address=198.51.100.7").await, ["198.51.100.7"]);
    assert_eq!(from("address=::ffff:198.51.100.7").await, ["198.51.100.7"], "as the log writes it");
    assert_eq!(from("address=2001:DB8:0::7&event=login.succeeded").await, ["2001:db8::7"]);
    assert!(from("address=2001:db8::7&event=login.refused").await.is_empty());
    for bad in ["address=", "address=198.51.100", "address=198.51.100.7%2F24"] {
        admin.get(&format!("/auth/v1/admin/audit?{bad}")).await.refused(422, "validation_failed");
    }
}

#[tokio::test]
async fn a_change_that_is_not_recorded_does_not_happen() {
    use doorward_testkit::Fault;
    let world = World::new().await;
    let admin = world.admin().await;
    let before = world.audit().await.len();
    world.memory().break_down(Fault::ReadOnly);
    admin
        .post("/auth/v1/admin/users")
        .json(&json!({"username": "ann"}))
        .await
        .refused(503, "store_unavailable");
    world.browser().login_with("root", "wrong password").await.refused(503, "store_unavailable");
    world.memory().break_down(Fault::None);
    assert_eq!(world.audit().await.len(), before);
    admin.post("/auth/v1/admin/users").json(&json!({"username": "ann"})).await.is(201);
}
