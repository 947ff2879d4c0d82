//! A login that waits for its second factor: good for showing it, from our pages, for five minutes, and for nothing else.

use std::time::Duration;

use doorward_core::{authority::Caller, users::ChangesForm};
use http::Method;
use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    ask::Ask,
    authenticator_app::{Person, begin, enrolled, recover, show},
    browser::Browser,
    proxy::{about, trust_proxy},
    world::{BOTH, MILLISECOND, MINUTE, PASSWORD, Plan, World},
};

const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// Which endpoints may heed it: they log in or out.
const HEEDING: [&str; 5] = [
    "/auth/v1/login",
    "/auth/v1/login/mfa",
    "/auth/v1/login/passkey",
    "/auth/v1/login/passkey/options",
    "/auth/v1/logout",
];

/// Pages, which no description lists.
const PAGES: [&str; 5] =
    ["/auth/account", "/auth/password", "/auth/continue", "/auth/setup", "/auth/keepalive.js"];

async fn everything(world: &World) -> Vec<(Method, String)> {
    let document: Json = world.get("/auth/v1/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap().iter();
    let listed = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys().map(|name| name.to_uppercase().parse().unwrap());
        let path = path.replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA").replace("{policy}", "default");
        methods.map(move |method: Method| (method, path.clone())).collect::<Vec<_>>()
    });
    let pages = PAGES.map(|page| (Method::GET, page.to_owned()));
    listed.chain(pages).filter(|(_, path)| !HEEDING.contains(&path.as_str())).collect()
}

fn told(answer: &Answer) -> (u16, String) {
    let request_id = answer.header("x-request-id").to_owned();
    (answer.status.as_u16(), answer.text().replace(&request_id, "REQUEST"))
}

#[tokio::test]
async fn it_is_good_for_nothing_but_going_on_with_the_login() {
    let world = World::with(trust_proxy).await;
    enrolled(&world, "ann", &["admin"]).await;
    let browser = Person::pending(&world, "ann").await;
    let (token, csrf) = (browser.cookie("dw_pending"), browser.cookie("dw_csrf"));
    let ways: [fn(Ask, &str) -> Ask; 4] = [
        |ask, token| ask.cookies(&format!("dw_pending={token}")),
        |ask, token| ask.cookies(&format!("dw_pending={token}; dw_session={token}; dw_refresh={token}")),
        |ask, token| ask.cookies(&format!("dw_device={token}; dw_pending={token}")),
        |ask, token| ask.bearer(token).cookies(&format!("dw_pending={token}")),
    ];
    let garbage = format!("dwp_{}", "A".repeat(token.len() - 4));
    let mut asked = 0;
    for (method, path) in everything(&world).await {
        for way in ways {
            let ask = |token: &str| {
                let ask = about(world.ask(method.clone(), &path), "GET", "/app").csrf(&csrf);
                way(ask, token)
            };
            assert_eq!(told(&ask(&token).await), told(&ask(&garbage).await), "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked > 150, "{asked}");
    // And it still is what it was.
    assert_eq!(browser.get("/auth/v1/me").await.code(), "not_authenticated");
    browser.post("/auth/v1/login/passkey/options").await.is(200);
}

#[tokio::test]
async fn going_on_needs_the_csrf_token_of_this_very_login() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    let other = Person::pending(&world, "ann").await;
    let signed_in = ann.browser.cookie("dw_csrf");
    let code = ann.app.next_code().await;
    let bodies = ["/auth/v1/login/mfa", "/auth/v1/login/passkey/options", "/auth/v1/login/passkey"];
    for target in bodies {
        let ask = || browser.post(target).json(&json!({"method": "totp", "code": code}));
        ask().without_csrf().await.refused(403, "csrf_failed");
        for token in [other.cookie("dw_csrf"), signed_in.clone(), "garbage".to_owned(), String::new()] {
            ask().csrf(&token).await.refused(403, "csrf_failed");
        }
        let event = world.audit().await.pop().unwrap();
        assert_eq!(
            (event.name.as_str(), event.user_id.unwrap().to_string()),
            ("request.csrf_refused", ann.id.clone())
        );
    }
    show(&browser, &code).await.is(200);
}

#[tokio::test]
async fn a_session_has_no_use_for_the_csrf_token_of_a_login() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let pending = Person::pending(&world, "ann").await.cookie("dw_csrf");
    ann.browser.delete("/auth/v1/sessions").csrf(&pending).await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn other_sites_cannot_go_on_with_it() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    let cookies = format!("dw_pending={}", browser.cookie("dw_pending"));
    let code = ann.app.next_code().await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
        show(&browser, &code).cookies(&cookies).header(name, value).await.refused(403, "cross_site_refused");
    }
    let without = show(&browser, &code).without("sec-fetch-site").header("origin", "https://evil.test");
    without.await.refused(403, "cross_site_refused");
    show(&browser, &code).await.is(200);
}

#[tokio::test]
async fn it_waits_for_five_minutes() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        for (after, status) in [(FIVE_MINUTES - MILLISECOND, 200), (FIVE_MINUTES, 401)] {
            let browser = Person::pending(&world, "ann").await;
            // A browser has dropped the cookie by then, a thief has not.
            let (cookie, csrf) = (browser.cookie("dw_pending"), browser.cookie("dw_csrf"));
            world.advance(after).await;
            let ask = show(&browser, &ann.app.code()).cookies(&format!("dw_pending={cookie}")).csrf(&csrf);
            ask.await.is(status);
        }
    }
}

/// Whether a login still waits.
async fn waits(browser: &Browser) -> bool {
    let answer = recover(browser, "0000-0000-0000-0000").await;
    answer.is(401);
    answer.code() == "mfa_code_invalid"
}

#[tokio::test]
async fn logging_in_again_and_logging_out_end_it() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        enrolled(&world, "ann", &[]).await;
        world.user("ben", &[]).await;
        let browser = Person::pending(&world, "ann").await;
        let first = browser.copied();
        begin(&browser, "ann").await;
        assert!(!waits(&first).await && waits(&browser).await, "{storage:?}");
        // As somebody who has no factor.
        let second = browser.copied();
        browser.login("ben").await.is(200);
        assert!(!browser.has_cookie("dw_pending"));
        assert!(!waits(&second).await);
        let browser = Person::pending(&world, "ann").await;
        let third = browser.copied();
        let logout = browser.post("/auth/v1/logout").await;
        assert_eq!(logout.is(204).cookie("dw_pending").max_age(), 0);
        assert!(!waits(&third).await);
        assert_eq!(browser.cookie_names(), [""; 0]);
    }
}

#[tokio::test]
async fn a_login_that_fails_leaves_the_one_that_waits() {
    let world = World::new().await;
    enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    browser.login_with("ann", "wrong password").await.refused(401, "invalid_credentials");
    assert!(waits(&browser).await);
}

#[tokio::test]
async fn what_changes_the_account_ends_it() {
    for storage in BOTH {
        for what in ["password", "reset link", "disabled", "deleted", "factors", "reset"] {
            let world = Plan::at("http://localhost:8080").on(storage).start().await;
            let ann = enrolled(&world, "ann", &[]).await;
            let waiting = Person::pending(&world, "ann").await;
            let owner = Person::pending(&world, "ann").await;
            show(&owner, &ann.app.next_code().await).await.is(200);
            assert!(waits(&waiting).await, "{what}");
            let admin = world.admin().await;
            let user = format!("/auth/v1/admin/users/{}", ann.id);
            match what {
                "password" => {
                    let body = json!({"current_password": PASSWORD, "new_password": "a whole new password"});
                    owner.post("/auth/v1/password").json(&body).await.is(200);
                }
                "reset link" => {
                    let link = admin.post(&format!("{user}/reset-link")).await.is(201).json();
                    let link = link["reset_url"].as_str().unwrap();
                    let target = link.strip_prefix("http://localhost:8080").unwrap();
                    let form = [("new_password", "a whole new password")];
                    world.browser().post(target).form(&form).await.is(200);
                }
                "disabled" => {
                    admin.patch(&user).json(&json!({"disabled": true})).await.is(200);
                }
                "deleted" => {
                    admin.delete(&user).await.is(204);
                }
                "factors" => {
                    owner.post("/auth/v1/mfa/recovery-codes").await.is(200);
                }
                _ => {
                    admin.delete(&format!("{user}/mfa")).await.is(204);
                }
            }
            assert!(!waits(&waiting).await, "{storage:?} {what}");
        }
    }
}

#[tokio::test]
async fn changes_that_are_none_of_its_business_leave_it() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let waiting = Person::pending(&world, "ann").await;
    let id = ann.id.parse().unwrap();
    let form = ChangesForm { roles: Some(&["editor".to_owned()]), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), id, form).await.unwrap();
    ann.browser.post("/auth/v1/logout").await.is(204);
    world.advance(MINUTE).await;
    assert!(waits(&waiting).await);
}

#[tokio::test]
async fn two_of_them_are_ambiguous_and_a_made_up_one_beside_it_is_passed_over() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let (browser, other) = (Person::pending(&world, "ann").await, Person::pending(&world, "ann").await);
    let (mine, tossed) = (browser.cookie("dw_pending"), other.cookie("dw_pending"));
    let code = ann.app.next_code().await;
    let refused = show(&browser, &code).cookies(&format!("dw_pending={mine}; dw_pending={tossed}")).await;
    refused.refused(400, "cookie_ambiguous");
    assert!(refused.set_cookies().iter().all(|cookie| cookie.name == "dw_pending" && cookie.max_age() == 0));
    // Nobody is kept from leaving.
    let both = format!("dw_pending={mine}; dw_pending={tossed}");
    world.post("/auth/v1/logout").cookies(&both).await.is(204);
    assert!(!waits(&browser).await && !waits(&other).await);
    let browser = Person::pending(&world, "ann").await;
    let beside = format!("dw_pending=dwp_x; dw_pending={}", browser.cookie("dw_pending"));
    show(&browser, &code).cookies(&beside).await.is(200);
}
