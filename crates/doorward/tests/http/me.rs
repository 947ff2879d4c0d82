//! Asking who one is: `me`, and the cheap question of a page that loads whether its session is still good.

use doorward_core::authority::Caller;
use doorward_core::users::ChangesForm;
use serde_json::json;

use crate::world::{MINUTE, World};

#[tokio::test]
async fn a_page_that_loads_learns_whose_session_it_has_or_why_none() {
    let world = World::new().await;
    world.user("ann", &["editor"]).await;
    let browser = world.browser();
    assert_eq!(browser.state().await, "not_authenticated");
    let login = browser.login("ann").await.ok();
    let answer = browser.get("/auth/v1/session").await;
    let told = answer.ok();
    assert_eq!((&told["user"], &told["session"]), (&login["user"], &login["session"]));
    assert_eq!(told.as_object().unwrap().len(), 2);
    assert!(answer.set_cookies().is_empty(), "asking changes nothing");
    world.advance(14 * MINUTE).await;
    assert_eq!(browser.state().await, "200");
    world.advance(MINUTE).await;
    assert_eq!(browser.state().await, "not_authenticated", "the cookie went with its token");
    browser.refresh().await.is(200);
    assert_eq!(browser.state().await, "200");
    let elsewhere = browser.copied();
    browser.post("/auth/v1/logout").await.is(204);
    assert_eq!(browser.state().await, "not_authenticated");
    assert_eq!(elsewhere.state().await, "session_revoked");
}

#[tokio::test]
async fn me_is_the_user_as_they_are_now() {
    let world = World::new().await;
    let ann = world.user("ann", &["editor"]).await;
    let browser = world.signed_in("ann").await;
    world.get("/auth/v1/me").await.refused(401, "not_authenticated");
    let changes = ChangesForm { email: Some(Some("ann@example.com")), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), ann.id, changes).await.unwrap();
    browser.get("/auth/v1/me").await.refused(401, "session_expired");
    browser.refresh().await.is(200);
    let me = browser.get("/auth/v1/me").await.ok();
    assert_eq!((&me["id"], &me["username"]), (&json!(ann.id.to_string()), &json!("ann")));
    assert_eq!((&me["email"], &me["roles"]), (&json!("ann@example.com"), &json!(["editor"])));
}
