//! What administrators do with users, in force on the next request.

use serde_json::{Value as Json, json};

use crate::{
    browser::Browser,
    world::{BOTH, PASSWORD, Plan, World},
};

async fn change(admin: &Browser, id: &str, body: Json) -> Json {
    admin.patch(&format!("/auth/v1/admin/users/{id}")).json(&body).await.ok()
}

#[tokio::test]
async fn a_user_is_made_read_changed_and_removed() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        let body =
            json!({"username": "Ann", "password": PASSWORD, "email": "ann@example.com", "roles": ["b", "a"]});
        let made = admin.post("/auth/v1/admin/users").json(&body).await;
        made.is(201);
        let made = made.json();
        assert!(made.get("invite_url").is_none());
        assert_eq!((&made["roles"], &made["email"]), (&json!(["a", "b"]), &json!("ann@example.com")));
        assert_eq!((&made["must_change_password"], &made["disabled"]), (&json!(false), &json!(false)));
        let target = format!("/auth/v1/admin/users/{}", made["id"].as_str().unwrap());
        assert_eq!(admin.get(&target).await.ok(), made);
        let changed =
            admin.patch(&target).json(&json!({"email": null, "must_change_password": true})).await.ok();
        assert_eq!((&changed["email"], &changed["must_change_password"]), (&json!(null), &json!(true)));
        assert_eq!(changed["roles"], json!(["a", "b"]), "left out, left alone");
        admin.delete(&target).await.is(204);
        admin.get(&target).await.refused(404, "not_found");
        admin.patch(&target).json(&json!({})).await.refused(404, "not_found");
        admin.delete(&target).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_role_taken_away_is_gone_on_the_next_request_and_a_refresh_mends_the_session() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = world.user("ann", &["admin", "editor"]).await;
        let browser = world.signed_in("ann").await;
        browser.get("/auth/v1/admin/users").await.is(200);
        let admin = world.admin().await;
        change(&admin, &ann.id.to_string(), json!({"roles": ["editor"]})).await;
        browser.get("/auth/v1/admin/users").await.refused(401, "session_expired");
        assert_eq!(browser.state().await, "session_expired");
        assert_eq!(browser.refresh().await.ok()["user"]["roles"], json!(["editor"]));
        browser.get("/auth/v1/admin/users").await.refused(403, "forbidden");
        assert_eq!(world.last_event().await, ("request.admin_refused".to_owned(), "forbidden".to_owned()));
    }
}

#[tokio::test]
async fn every_patch_outdates_the_tokens_of_its_user_and_of_nobody_else() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    world.user("ben", &[]).await;
    let admin = world.admin().await;
    let bystander = world.signed_in("ben").await;
    let browser = world.signed_in("ann").await;
    for body in [json!({"email": "a@b"}), json!({"roles": []}), json!({})] {
        assert_eq!(browser.state().await, "200");
        change(&admin, &ann.id.to_string(), body).await;
        assert_eq!(browser.state().await, "session_expired");
        browser.refresh().await.is(200);
    }
    assert_eq!(bystander.state().await, "200");
}

#[tokio::test]
async fn disabling_and_deleting_end_every_session_at_once() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        for delete in [false, true] {
            let name = format!("ann{delete}");
            let ann = world.user(&name, &[]).await;
            let browsers = [world.signed_in(&name).await, world.signed_in(&name).await];
            let target = format!("/auth/v1/admin/users/{}", ann.id);
            if delete {
                admin.delete(&target).await.is(204);
            } else {
                admin.patch(&target).json(&json!({"disabled": true})).await.is(200);
            }
            for browser in &browsers {
                assert_eq!(browser.state().await, "session_revoked");
                browser.refresh().await.refused(401, "session_revoked");
            }
            if !delete {
                admin.patch(&target).json(&json!({"disabled": false})).await.is(200);
                assert_eq!(browsers[0].state().await, "session_revoked", "enabling brings nothing back");
                world.signed_in(&name).await;
            }
        }
    }
}

#[tokio::test]
async fn the_last_enabled_administrator_stays() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        let id = admin.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
        let target = format!("/auth/v1/admin/users/{id}");
        let disabled = world.user("other", &["admin"]).await;
        change(&admin, &disabled.id.to_string(), json!({"disabled": true})).await;
        for body in [json!({"disabled": true}), json!({"roles": []}), json!({"roles": ["editor"]})] {
            admin.patch(&target).json(&body).await.refused(409, "last_admin");
        }
        admin.delete(&target).await.refused(409, "last_admin");
        assert_eq!(admin.state().await, "200");
        change(&admin, &disabled.id.to_string(), json!({"disabled": false})).await;
        admin.delete(&target).await.is(204);
        assert_eq!(admin.state().await, "session_revoked");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_who_remove_each_other_at_once_leave_one() {
    for storage in BOTH {
        for round in 0..10 {
            let world = Plan::at("http://localhost:8080").on(storage).start().await;
            world.user("other", &["admin"]).await;
            let (one, other) = (world.admin().await, world.signed_in("other").await);
            let id = async |browser: &Browser| {
                browser.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned()
            };
            let (first, second) = (id(&one).await, id(&other).await);
            let asks = [
                one.delete(&format!("/auth/v1/admin/users/{second}")),
                other.delete(&format!("/auth/v1/admin/users/{first}")),
            ];
            let answers = crate::ask::at_once(asks).await;
            let removed = answers.iter().filter(|answer| answer.status == 204).count();
            assert_eq!(removed, 1, "{storage:?} {round}: {answers:?}");
        }
    }
}

#[tokio::test]
async fn a_name_once_used_stays_taken_in_every_spelling_also_after_its_user_is_gone() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        let ann = world.user("José", &[]).await;
        for spelling in ["José", "JOSÉ", "Jose\u{301}"] {
            let again = admin.post("/auth/v1/admin/users").json(&json!({"username": spelling})).await;
            again.refused(409, "conflict");
        }
        admin.delete(&format!("/auth/v1/admin/users/{}", ann.id)).await.is(204);
        let again = admin.post("/auth/v1/admin/users").json(&json!({"username": "josé"})).await;
        again.refused(409, "conflict");
    }
}

#[tokio::test]
async fn values_that_break_rules_are_named() {
    let world = World::new().await;
    let admin = world.admin().await;
    let many: Vec<String> = (0..33).map(|n| format!("r{n}")).collect();
    for (body, field) in [
        (json!({"username": ""}), "username"),
        (json!({"username": " ann"}), "username"),
        (json!({"username": "a", "password": "short"}), "password"),
        (json!({"username": "a", "email": "nobody"}), "email"),
        (json!({"username": "a", "roles": ["Admin"]}), "roles"),
        (json!({"username": "a", "roles": ["a,b"]}), "roles"),
        (json!({"username": "a", "roles": many}), "roles"),
    ] {
        let refused = admin.post("/auth/v1/admin/users").json(&body).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
    let ann = world.user("ann", &[]).await;
    let target = format!("/auth/v1/admin/users/{}", ann.id);
    admin.patch(&target).json(&json!({"roles": ["A"]})).await.refused(422, "validation_failed");
    admin.patch(&target).json(&json!({"email": ""})).await.refused(422, "validation_failed");
    admin.patch(&target).json(&json!({"username": "x"})).await.refused(400, "malformed_request");
    admin.patch(&target).json(&json!({"disabled": "yes"})).await.refused(400, "malformed_request");
}

#[tokio::test]
async fn the_routes_of_administrators_are_forbidden_to_everybody_else() {
    let world = World::new().await;
    let ann = world.user("ann", &["administrator", "root"]).await;
    let browser = world.signed_in("ann").await;
    let user = format!("/auth/v1/admin/users/{}", ann.id);
    let asks = [
        browser.get("/auth/v1/admin/users"),
        browser.post("/auth/v1/admin/users").json(&json!({"username": "new"})),
        browser.get(&user),
        browser.patch(&user).json(&json!({"roles": ["admin"]})),
        browser.delete(&user),
        browser.delete(&format!("{user}/sessions")),
        browser.post(&format!("{user}/reset-link")),
        browser.post(&format!("{user}/unlock")),
        browser.delete(&format!("{user}/devices")),
        browser.get("/auth/v1/admin/audit"),
        browser.get("/auth/v1/sessions?scope=all"),
    ];
    for ask in asks {
        ask.await.refused(403, "forbidden");
        assert_eq!(world.last_event().await, ("request.admin_refused".to_owned(), "forbidden".to_owned()));
    }
    for target in ["/auth/v1/admin/users", "/auth/v1/admin/audit", &user] {
        world.get(target).await.refused(401, "not_authenticated");
    }
}

#[tokio::test]
async fn administrators_end_anybodys_sessions() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let browsers = [world.signed_in("ann").await, world.signed_in("ann").await, world.signed_in("ann").await];
    let admin = world.admin().await;
    let one = browsers[0].session_id().await;
    admin.delete(&format!("/auth/v1/sessions/{one}")).await.is(204);
    assert_eq!(browsers[0].state().await, "session_revoked");
    admin.delete(&format!("/auth/v1/admin/users/{}/sessions", ann.id)).await.is(204);
    assert_eq!(browsers[1].state().await, "session_revoked");
    assert_eq!(browsers[2].state().await, "session_revoked");
    assert_eq!(admin.state().await, "200");
}

#[tokio::test]
async fn somebody_who_must_change_the_password_can_do_nothing_else() {
    let world = World::new().await;
    let ann = world.user("ann", &["admin"]).await;
    let admin = world.admin().await;
    change(&admin, &ann.id.to_string(), json!({"must_change_password": true})).await;
    let browser = world.browser();
    let login = browser.login("ann").await.ok();
    assert_eq!(login["user"]["must_change_password"], true);
    browser.get("/auth/v1/session").await.is(200);
    assert_eq!(browser.get("/auth/v1/me").await.ok()["must_change_password"], true);
    let asks = [
        browser.get("/auth/v1/sessions"),
        browser.delete("/auth/v1/sessions"),
        browser.refresh_ask(),
        browser.get("/auth/v1/admin/users"),
        browser.post("/auth/v1/admin/users").json(&json!({"username": "new"})),
        browser.get("/auth/v1/admin/audit"),
    ];
    for ask in asks {
        ask.await.refused(403, "password_change_required");
    }
    let body = json!({"current_password": PASSWORD, "new_password": "a whole new one"});
    let changed = browser.post("/auth/v1/password").json(&body).await.ok();
    assert_eq!(changed["user"]["must_change_password"], false);
    browser.get("/auth/v1/admin/users").await.is(200);
    browser.post("/auth/v1/logout").await.is(204);
}
