//! Logging in: what it takes, and what it tells to whom.

use doorward_core::{authority::Caller, users::ChangesForm};
use serde_json::json;

use crate::world::{PASSWORD, Plan, World};

fn disable() -> ChangesForm<'static> {
    ChangesForm { disabled: Some(true), ..ChangesForm::default() }
}

#[tokio::test]
async fn a_login_answers_who_and_with_which_session_and_keeps_the_tokens_out_of_the_body() {
    let world = World::new().await;
    world.user("Ann", &["editor"]).await;
    let browser = world.browser();
    let answer = browser.login("Ann").await;
    let body = answer.ok();
    assert_eq!(body["status"], "authenticated");
    let user = &body["user"];
    assert_eq!(user["username"], "Ann");
    assert_eq!(user["roles"], json!(["editor"]));
    assert_eq!(user["email"], json!(null));
    assert_eq!(user["mfa"], json!({"totp": false, "passkeys": 0, "recovery_codes_left": 0}));
    assert_eq!((&user["must_change_password"], &user["disabled"]), (&json!(false), &json!(false)));
    let session = &body["session"];
    assert_eq!(session["created_at"], "2027-01-15T08:00:00.437Z");
    assert_eq!(session["idle_expires_at"], "2027-01-22T08:00:00.437Z");
    assert_eq!(session["expires_at"], "2027-02-14T08:00:00.437Z");
    assert_eq!((&session["aal"], &session["amr"]), (&json!(1), &json!(["pwd"])));
    assert_eq!((&session["binding"], &session["current"]), (&json!("off"), &json!(true)));
    assert_eq!(session["address"], "192.0.2.10");
    assert!(session["user_agent"].as_str().unwrap().contains("Firefox"));
    for cookie in answer.set_cookies() {
        assert!(!answer.text().contains(&cookie.value), "{} is in the body", cookie.name);
    }
    assert_eq!(browser.get("/auth/v1/me").await.ok(), body["user"]);
}

#[tokio::test]
async fn a_login_takes_an_oauth2_password_form_and_ignores_its_other_fields() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let form = [
        ("grant_type", "password"),
        ("username", "ann"),
        ("password", PASSWORD),
        ("scope", "a b"),
        ("client_id", "x"),
        ("client_secret", "y"),
    ];
    let answer = world.post("/auth/v1/login").form(&form).await;
    assert_eq!(answer.ok()["status"], "authenticated");
    assert!(!answer.cookie("dw_session").value.is_empty());
    let odd = [("username", "ann"), ("password", PASSWORD), ("user", "x")];
    world.post("/auth/v1/login").form(&odd).await.refused(400, "malformed_request");
}

#[tokio::test]
async fn a_login_takes_trust_device_although_it_has_no_effect_yet() {
    let world = World::new().await;
    let body = json!({"username": "root", "password": PASSWORD, "trust_device": true});
    world.post("/auth/v1/login").json(&body).await.is(200);
}

#[tokio::test]
async fn names_are_one_in_whatever_case_width_or_composition_they_are_typed() {
    let world = World::new().await;
    world.user("José", &[]).await;
    for typed in ["José", "JOSÉ", "Jose\u{301}", "Ｊosé"] {
        assert_eq!(world.browser().login(typed).await.ok()["user"]["username"], "José", "{typed}");
    }
}

#[tokio::test]
async fn a_known_an_unknown_and_a_disabled_name_get_one_answer_and_one_event_for_a_wrong_password() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let ben = world.user("ben", &[]).await;
    world.authority().change_user(&Caller::system(), ben.id, disable()).await.unwrap();
    let mut told = Vec::new();
    for name in ["ann", "nobody", "ben"] {
        let answer = world.browser().login_with(name, "wrong password").await;
        answer.refused(401, "invalid_credentials");
        assert!(!answer.has("set-cookie") && !answer.has("www-authenticate"));
        let mut body = answer.json();
        body["request_id"] = json!(null);
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        told.push((body, headers));
        let event = ("login.refused".to_owned(), "invalid_credentials".to_owned());
        assert_eq!(world.last_event().await, event);
        // From where, also of a refusal (M-D03).
        let refused = world.audit().await.pop().unwrap();
        assert_eq!(refused.address.unwrap().to_string(), "192.0.2.10");
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

#[tokio::test]
async fn a_disabled_user_is_told_so_only_with_the_right_password() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    world.authority().change_user(&Caller::system(), ann.id, disable()).await.unwrap();
    world.browser().login_with("ann", "wrong password").await.refused(401, "invalid_credentials");
    let told = world.browser().login("ann").await;
    told.refused(403, "account_disabled");
    assert!(!told.has("set-cookie"));
    assert_eq!(world.last_event().await, ("login.refused".to_owned(), "account_disabled".to_owned()));
}

#[tokio::test]
async fn a_session_presented_with_a_login_is_revoked() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    world.user("ben", &[]).await;
    let browser = world.signed_in("ann").await;
    let old = browser.copied();
    browser.login("ben").await.is(200);
    assert_eq!(old.state().await, "session_revoked");
    old.refresh().await.refused(401, "session_revoked");
    assert_eq!(browser.get("/auth/v1/me").await.ok()["username"], "ben");
}

#[tokio::test]
async fn an_expired_session_presented_with_a_login_is_revoked_too() {
    let world = World::new().await;
    let browser = world.admin().await;
    let old = browser.copied();
    let session = browser.cookie("dw_session");
    world.advance(std::time::Duration::from_secs(3600)).await;
    let body = json!({"username": "root", "password": PASSWORD});
    let cookies = format!("dw_session={session}");
    browser.post("/auth/v1/login").cookies(&cookies).json(&body).await.is(200);
    old.refresh().await.refused(401, "session_revoked");
}

/// Somebody who can toss a cookie into the browser could otherwise keep a session of theirs alive beside it.
#[tokio::test]
async fn sessions_presented_by_different_cookies_are_revoked_both() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    world.user("ben", &[]).await;
    let (ann, ben) = (world.signed_in("ann").await, world.signed_in("ben").await);
    let (of_ann, of_ben) = (ann.copied(), ben.copied());
    let cookies = format!("dw_session={}; dw_refresh={}", ann.cookie("dw_session"), ben.cookie("dw_refresh"));
    let body = json!({"username": "ann", "password": PASSWORD});
    world.browser().post("/auth/v1/login").cookies(&cookies).json(&body).await.is(200);
    of_ann.refresh().await.refused(401, "session_revoked");
    of_ben.refresh().await.refused(401, "session_revoked");
}

#[tokio::test]
async fn a_failed_login_leaves_the_session_that_was_presented_alone() {
    let world = World::new().await;
    let browser = world.admin().await;
    browser.login_with("root", "wrong password").await.refused(401, "invalid_credentials");
    assert_eq!(browser.state().await, "200");
}

#[tokio::test]
async fn a_login_of_another_site_is_refused_although_no_cookie_comes_along() {
    let world = World::new().await;
    let body = json!({"username": "root", "password": PASSWORD});
    let forged = world.post("/auth/v1/login").header("origin", "https://evil.example").json(&body).await;
    forged.refused(403, "cross_site_refused");
    let form = [("username", "root"), ("password", PASSWORD)];
    for target in ["/auth/login", "/auth/v1/login"] {
        let forged = world.browser().post(target).cross_site().header("origin", "null").form(&form).await;
        forged.refused(403, "cross_site_refused");
        assert!(!forged.has("set-cookie"));
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_wrong_password() {
    use doorward_testkit::Fault;
    let world = World::new().await;
    let good = world.admin().await;
    world.memory().break_down(Fault::ReadOnly);
    let answer = world.browser().login("root").await;
    answer.refused(503, "store_unavailable");
    assert!(!answer.has("set-cookie"));
    world.browser().login_with("root", "wrong password").await.refused(503, "store_unavailable");
    world.memory().break_down(Fault::AnswersLost);
    let lost = world.browser().login("root").await;
    lost.refused(503, "store_unavailable");
    assert!(!lost.has("set-cookie"), "a session of which we do not know");
    world.memory().break_down(Fault::Unavailable);
    let verified = good.get("/auth/v1/session").await;
    verified.refused(503, "store_unavailable");
    world.memory().break_down(Fault::None);
    assert_eq!(good.state().await, "200");
}

#[tokio::test]
async fn the_login_page_says_what_went_wrong_and_keeps_the_name() {
    let world = World::new().await;
    let browser = world.browser();
    let form = [("username", "ann"), ("password", "wrong password"), ("rd", "/somewhere")];
    let page = browser.post("/auth/login").navigation().form(&form).await;
    page.is(401);
    assert!(
        page.text().contains("value=\"ann\"")
            && page.text().contains("value=\"http://localhost:8080/somewhere\"")
    );
    assert!(!page.text().contains("wrong password"));
    let form = [("username", "root"), ("password", PASSWORD), ("rd", "/somewhere")];
    let done = browser.post("/auth/login").navigation().form(&form).await;
    done.is(200);
    assert!(done.text().contains("content=\"0;url=http://localhost:8080/somewhere\""));
    assert_eq!(browser.state().await, "200");
    let again = browser.get("/auth/login").navigation().await;
    assert_eq!(again.is(303).header("location"), "http://localhost:8080/auth/account");
}

/// Goal: an unknown name costs a hash too (M-D04). Method: hashing so dear, and a queue so short, that a few logins at
/// once are too many; a name that skipped the hash would never be.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_unknown_names_is_overloaded_as_one_of_known_names_is() {
    use doorward_core::password::HashingCost;
    let dear = HashingCost { memory_kib: 65_536, iterations: 3, parallelism: 1 };
    for name in ["root", "nobody"] {
        let world = Plan::at("http://localhost:8080").hashing_queue(1).start().await;
        let mut config = world.config().clone();
        config.settings.hashing_cost = dear;
        // The stored hash has the old cost; a new password makes it dear.
        world.doorward().reload(config).unwrap();
        let admin = world.admin().await;
        let change = json!({"current_password": PASSWORD, "new_password": "a dear password"});
        admin.post("/auth/v1/password").json(&change).await.is(200);
        let body = json!({"username": name, "password": "wrong password"});
        let answers = crate::ask::at_once((0..12).map(|_| world.post("/auth/v1/login").json(&body))).await;
        let (hashed, overloaded): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 401);
        assert!(!overloaded.is_empty() && !hashed.is_empty(), "{name}: {}", overloaded.len());
        for answer in overloaded {
            answer.refused(503, "overloaded");
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        }
    }
}

#[tokio::test]
async fn a_user_with_as_many_and_as_long_roles_as_allowed_can_log_in() {
    let world = World::new().await;
    let roles: Vec<String> = (10..42).map(|n| format!("{n}{}", "r".repeat(62))).collect();
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    world.user("ann", &roles).await;
    let browser = world.signed_in("ann").await;
    assert_eq!(browser.get("/auth/v1/me").await.ok()["roles"].as_array().unwrap().len(), 32);
    browser.refresh().await.is(200);
}

/// Browsers drop a cookie over 4096 bytes silently: somebody with one would never get in.
#[tokio::test]
async fn what_is_told_of_a_user_fits_into_a_cookie_or_is_refused_when_it_is_written() {
    let url = format!("https://{}.example.com", "a".repeat(50));
    let world = Plan::at(&url).start().await;
    let admin = world.admin().await;
    let roles: Vec<String> = (10..42).map(|n| format!("{n}{}", "r".repeat(62))).collect();
    // 32 roles take 2,144 bytes of 2,300.
    let with_name =
        |length: usize| json!({"username": "n".repeat(length), "password": PASSWORD, "roles": roles});
    let refused = admin.post("/auth/v1/admin/users").json(&with_name(157)).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.json()["errors"][0]["field"], "roles");
    let made = admin.post("/auth/v1/admin/users").json(&with_name(156)).await.is(201).json();
    let browser = world.signed_in(&"n".repeat(156)).await;
    assert_eq!(browser.state().await, "200");
    let target = format!("/auth/v1/admin/users/{}", made["id"].as_str().unwrap());
    let with_email = json!({"email": "a@b"});
    admin.patch(&target).json(&with_email).await.refused(422, "validation_failed");
    admin.patch(&target).json(&json!({"roles": ["a"], "email": "a@b"})).await.is(200);
}
