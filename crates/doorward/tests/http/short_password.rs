//! A password that is long enough only beside a second factor: it has to be changed when the last factor goes.

use doorward_core::{authority::Caller, ids::UserId};
use serde_json::json;

use crate::{
    answer::Answer,
    authenticator_app::{Person, enrolled, show},
    browser::Browser,
    factor_pages::{FACTORS, fresh},
    page::{leads_to, submit, visit},
    world::{BOTH, PASSWORD, Plan, Storage, World},
};

const LONG: &str = "kR7#pzQ2+vLw9xG";
const SHORT: &str = "kR7#pzQ2+vLw9x";

async fn world(storage: Storage) -> World {
    let plan = Plan::at("http://localhost:8080").on(storage);
    plan.with(|config| config.settings.password.min_length_single_factor = 15).start().await
}

async fn change(browser: &Browser, current: &str, new: &str) -> Answer {
    let body = json!({"current_password": current, "new_password": new});
    browser.post("/auth/v1/password").json(&body).await
}

/// A session by this password and a code.
async fn signed_in(ann: &Person, world: &World, password: &str) -> Browser {
    let browser = world.browser();
    assert_eq!(browser.login_with("ann", password).await.ok()["status"], "mfa_required");
    show(&browser, &ann.app.next_code().await).await.is(200);
    browser
}

async fn set_by_command(ann: &Person, world: &World, new: &str) {
    let id: UserId = ann.id.parse().unwrap();
    world.authority().set_password(&Caller::command_line(), id, new, false).await.unwrap();
}

/// The event that tells of the end of the last factor, and whether it tells of the password too.
async fn told(world: &World) -> (String, bool) {
    let last = world.audit().await.pop().unwrap();
    (last.name, last.details.contains(&("must_change_password".to_owned(), "true".to_owned())))
}

#[tokio::test]
async fn whoever_removes_the_last_factor_has_to_change_a_short_password() {
    for storage in BOTH {
        let world = world(storage).await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = fresh(&world, &ann.app).await;
        change(&browser, PASSWORD, SHORT).await.is(200);
        let browser = signed_in(&ann, &world, SHORT).await;
        assert_eq!(browser.get("/auth/v1/me").await.ok()["must_change_password"], false);
        browser.delete("/auth/v1/mfa/totp").await.is(204);
        assert_eq!(told(&world).await, ("mfa.totp_removed".to_owned(), true));
        browser.get("/auth/v1/sessions").await.refused(403, "password_change_required");
        let login = world.browser().login_with("ann", SHORT).await.ok();
        assert_eq!(login["user"]["must_change_password"], true);
        let as_short = change(&browser, SHORT, "wQ2+vLw9xkR7#p").await;
        assert_eq!(as_short.refused(422, "validation_failed").json()["errors"][0]["code"], "too_short");
        change(&browser, SHORT, LONG).await.is(200);
        browser.get("/auth/v1/sessions").await.is(200);
    }
}

#[tokio::test]
async fn whoever_set_the_short_password_a_reset_of_the_factors_has_it_changed() {
    for (by_link, new, due) in
        [(true, SHORT, true), (false, SHORT, true), (true, LONG, false), (false, LONG, false)]
    {
        let world = world(Storage::Sqlite).await;
        let admin = world.admin().await;
        let ann = enrolled(&world, "ann", &[]).await;
        if by_link {
            let issued = admin.post(&format!("/auth/v1/admin/users/{}/reset-link", ann.id)).await;
            let link = issued.is(201).json()["reset_url"].as_str().unwrap().to_owned();
            let link = link.trim_start_matches("http://localhost:8080");
            world.browser().post(link).navigation().form(&[("new_password", new)]).await.is(200);
        } else {
            set_by_command(&ann, &world, new).await;
        }
        admin.delete(&format!("/auth/v1/admin/users/{}/mfa", ann.id)).await.is(204);
        assert_eq!(told(&world).await, ("mfa.factors_reset".to_owned(), due));
        let login = world.browser().login_with("ann", new).await.ok();
        assert_eq!(login["user"]["must_change_password"], due);
    }
}

#[tokio::test]
async fn the_page_leads_on_to_the_password() {
    let world = world(Storage::Memory).await;
    let ann = enrolled(&world, "ann", &[]).await;
    set_by_command(&ann, &world, SHORT).await;
    let browser = signed_in(&ann, &world, SHORT).await;
    let page = visit(&browser, FACTORS).await;
    let removed = submit(&browser, &page, "/auth/account/factors/totp/remove", &[]).await;
    let onward = leads_to(&removed);
    assert!(onward.starts_with("/auth/password?"), "{onward}");
    visit(&browser, &onward).await.is(200);
}
