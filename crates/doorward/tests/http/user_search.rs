//! Administrators find users by how a name or a mail address begins, and nobody else does.

use serde_json::json;

use crate::{
    browser::Browser,
    paging::all,
    world::{BOTH, PASSWORD, Plan, Storage, World},
};

async fn world(storage: Storage) -> World {
    let world = Plan::at("http://localhost:8080").on(storage).start().await;
    let admin = world.admin().await;
    for (username, email) in [
        ("Ann", json!("first@example.com")),
        ("anna", json!(null)),
        ("Ann Müller", json!("ann.mueller@example.com")),
        ("bob", json!("Annual.Report@example.com")),
        ("carl", json!("carl@example.com")),
    ] {
        let body = json!({"username": username, "password": PASSWORD, "email": email});
        admin.post("/auth/v1/admin/users").json(&body).await.is(201);
    }
    world
}

/// The names of those whom a search finds, one at a time.
async fn found(admin: &Browser, search: &str) -> Vec<String> {
    let search: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
    let users = all(admin, &format!("/auth/v1/admin/users?search={search}"), 1).await;
    users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn users_are_found_by_name_then_by_mail_address_and_by_id() {
    for storage in BOTH {
        let world = world(storage).await;
        let admin = world.admin().await;
        for (search, expected) in [
            ("ANN", &["Ann", "Ann Müller", "anna", "bob"] as &[&str]),
            ("annu", &["bob"]),
            ("ann mu\u{308}", &["Ann Müller"]),
            ("carl@", &["carl"]),
            ("ann%", &[]),
            ("", &["root", "Ann", "anna", "Ann Müller", "bob", "carl"]),
        ] {
            let mut expected = expected.to_vec();
            let mut names = found(&admin, search).await;
            if search.is_empty() {
                // All made in the same moment.
                expected.sort();
                names.sort();
            }
            assert_eq!(names, expected, "{storage:?} {search:?}");
        }
        let carl = world.authority().user_by_name("carl").await.unwrap();
        assert_eq!(found(&admin, &carl.id.to_string()).await, ["carl"]);
    }
}

#[tokio::test]
async fn nobody_but_an_administrator_searches() {
    let world = world(Storage::Memory).await;
    world.get("/auth/v1/admin/users?search=ann").await.refused(401, "not_authenticated");
    let ann = world.signed_in("Ann").await;
    for search in ["ann", "nobody"] {
        ann.get(&format!("/auth/v1/admin/users?search={search}")).await.refused(403, "forbidden");
    }
}
