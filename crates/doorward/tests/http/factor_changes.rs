//! Setting up and removing factors, and what that does to everything else of theirs.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    authenticator_app::{
        App, Person, begin, enrol, enrolled, recover, recovery_codes, show, step_up, step_up_by_password,
    },
    browser::Browser,
    world::{BOTH, MILLISECOND, MINUTE, PASSWORD, Plan, World},
};

fn mfa(totp: bool, recovery_codes_left: u32) -> Json {
    json!({"totp": totp, "passkeys": 0, "recovery_codes_left": recovery_codes_left})
}

async fn factors(browser: &Browser) -> Json {
    browser.get("/auth/v1/me").await.ok()["mfa"].clone()
}

/// A session of somebody with an app, opened just now by a code.
async fn fresh(world: &World, ann: &Person) -> Browser {
    let browser = Person::pending(world, "ann").await;
    show(&browser, &ann.app.next_code().await).await.is(200);
    browser
}

#[tokio::test]
async fn an_app_is_set_up_by_one_of_its_codes_and_ten_recovery_codes_come_with_it() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let browser = world.signed_in("ann").await;
        let begun = browser.post("/auth/v1/mfa/totp").await;
        assert!(!begun.has("set-cookie"));
        let begun = begun.ok();
        let secret = begun["secret"].as_str().unwrap();
        assert!(secret.len() == 32 && secret.bytes().all(|c| matches!(c, b'A'..=b'Z' | b'2'..=b'7')));
        let uri = format!(
            "otpauth://totp/localhost:ann?secret={secret}&issuer=localhost&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(begun["otpauth_uri"], uri);
        assert!(begun["qr_svg"].as_str().unwrap().starts_with("<svg "));
        assert_eq!(factors(&browser).await, mfa(false, 0), "it counts for nothing yet");
        world.browser().login("ann").await.is(200);
        let app = App::scan(&world, &begun);
        let confirm = |code: &str| browser.post("/auth/v1/mfa/totp/confirm").json(&json!({"code": code}));
        confirm(&app.wrong_code()).await.refused(401, "mfa_code_invalid");
        let event = ("mfa.totp_enrolment_refused".to_owned(), "mfa_code_invalid".to_owned());
        assert_eq!(world.last_event().await, event);
        assert_eq!(factors(&browser).await, mfa(false, 0));
        let codes = recovery_codes(&world, &confirm(&app.code()).await.ok());
        assert_eq!(world.last_event().await.0, "mfa.totp_enabled");
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
        for code in &codes {
            let groups: Vec<_> = code.split('-').collect();
            assert!(groups.len() == 4 && groups.iter().all(|group| group.len() == 4), "{code}");
            assert!(code.bytes().all(|c| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains(&c)), "{code}");
        }
        assert_eq!(factors(&browser).await, mfa(true, 10));
        Person::pending(&world, "ann").await;
        confirm(&app.code()).await.refused(403, "step_up_required");
    }
}

#[tokio::test]
async fn an_app_that_is_being_set_up_waits_half_an_hour_and_another_takes_its_place() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let browser = world.admin().await;
        let confirm = |code: &str| browser.post("/auth/v1/mfa/totp/confirm").json(&json!({"code": code}));
        confirm("123456").await.refused(404, "not_found");
        let first = App::scan(&world, &browser.post("/auth/v1/mfa/totp").await.ok());
        let second = App::scan(&world, &browser.post("/auth/v1/mfa/totp").await.ok());
        confirm(&first.code()).await.refused(401, "mfa_code_invalid");
        let half_an_hour = Duration::from_secs(1800);
        world.advance(half_an_hour - MILLISECOND).await;
        browser.refresh().await.is(200);
        step_up_by_password(&browser, PASSWORD).await.is(200);
        confirm(&first.code()).await.refused(401, "mfa_code_invalid");
        world.advance(MILLISECOND).await;
        confirm(&second.code()).await.refused(404, "not_found");
        assert_eq!(factors(&browser).await, mfa(false, 0));
    }
}

#[tokio::test]
async fn another_app_takes_the_place_of_the_one_in_use_and_its_codes_of_the_old_codes() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = fresh(&world, &ann).await;
    let (app, codes) = enrol(&world, &browser).await;
    show(&Person::pending(&world, "ann").await, &ann.app.next_code().await)
        .await
        .refused(401, "mfa_code_invalid");
    let old = &ann.recovery_codes[0];
    recover(&Person::pending(&world, "ann").await, old).await.refused(401, "mfa_code_invalid");
    show(&Person::pending(&world, "ann").await, &app.code()).await.is(200);
    recover(&Person::pending(&world, "ann").await, &codes[0]).await.is(200);
}

#[tokio::test]
async fn new_recovery_codes_kill_the_old_ones() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        recover(&Person::pending(&world, "ann").await, &ann.recovery_codes[0]).await.is(200);
        let browser = fresh(&world, &ann).await;
        let made = browser.post("/auth/v1/mfa/recovery-codes").await.ok();
        let codes = recovery_codes(&world, &made);
        assert_eq!(codes.len(), 10);
        assert_eq!(factors(&browser).await, mfa(true, 10));
        for old in &ann.recovery_codes {
            recover(&Person::pending(&world, "ann").await, old).await.refused(401, "mfa_code_invalid");
        }
        let last = world.browser();
        for code in &codes {
            begin(&last, "ann").await;
            recover(&last, code).await.is(200);
        }
        assert_eq!(factors(&last).await, mfa(true, 0));
        // With none left, they are none of the ways to go on.
        let due = world.browser().login("ann").await.ok();
        assert_eq!(due["methods"], json!(["totp"]));
    }
}

#[tokio::test]
async fn without_a_factor_there_is_nothing_to_remove_and_nothing_to_recover() {
    let world = World::new().await;
    let browser = world.admin().await;
    browser.delete("/auth/v1/mfa/totp").await.refused(404, "not_found");
    browser.post("/auth/v1/mfa/recovery-codes").await.refused(404, "not_found");
    browser.post("/auth/v1/mfa/totp").json(&json!({})).await.refused(400, "malformed_request");
    browser.post("/auth/v1/mfa/totp").without_csrf().await.refused(403, "csrf_failed");
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    browser.post("/auth/v1/mfa/totp").cookies(&cookies).await.refused(401, "not_authenticated");
    world.post("/auth/v1/mfa/totp").await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn with_the_last_factor_its_recovery_codes_go() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = fresh(&world, &ann).await;
        let removed = browser.delete("/auth/v1/mfa/totp").await;
        assert!(removed.is(204).body.is_empty());
        assert_eq!(world.last_event().await.0, "mfa.totp_removed");
        assert_eq!(factors(&browser).await, mfa(false, 0));
        let session = world.browser().login("ann").await.ok()["session"].clone();
        assert_eq!((&session["aal"], &session["amr"]), (&json!(1), &json!(["pwd"])));
    }
}

/// A change of factors, made in this session.
async fn change(world: &World, what: &str, browser: &Browser) -> Answer {
    match what {
        "another app" => {
            let app = App::scan(world, &browser.post("/auth/v1/mfa/totp").await.ok());
            browser.post("/auth/v1/mfa/totp/confirm").json(&json!({"code": app.code()})).await
        }
        "recovery codes" => browser.post("/auth/v1/mfa/recovery-codes").await,
        _ => browser.delete("/auth/v1/mfa/totp").await,
    }
}

#[tokio::test]
async fn a_change_outdates_every_token_and_every_authentication_but_not_the_session_that_made_it() {
    for storage in BOTH {
        for what in ["another app", "recovery codes", "no app"] {
            let world = Plan::at("http://localhost:8080").on(storage).start().await;
            let ann = enrolled(&world, "ann", &[]).await;
            let (browser, other) = (fresh(&world, &ann).await, fresh(&world, &ann).await);
            let (copied, id) = (browser.copied(), browser.session_id().await);
            let changed = change(&world, what, &browser).await;
            assert!(changed.status.is_success(), "{what}");
            // Fresh cookies of the same session; the device stays what it was.
            let mut names: Vec<_> = changed.set_cookies().into_iter().map(|cookie| cookie.name).collect();
            names.sort();
            assert_eq!(names, ["dw_csrf", "dw_refresh", "dw_session"]);
            assert_eq!(browser.session_id().await, id);
            for outdated in [&copied, &other] {
                assert_eq!(outdated.state().await, "session_expired", "{storage:?} {what}");
                outdated.refresh().await.is(200);
                assert_eq!(outdated.state().await, "200");
            }
            for stale in [&browser, &other] {
                let session = stale.get("/auth/v1/session").await.ok()["session"].clone();
                assert_eq!(session["auth_time"], "1970-01-01T00:00:00Z");
                stale.post("/auth/v1/mfa/totp").await.refused(403, "step_up_required");
            }
            if what == "no app" {
                step_up_by_password(&other, PASSWORD).await.is(200);
                other.post("/auth/v1/mfa/totp").await.is(200);
            }
        }
    }
}

#[tokio::test]
async fn a_factor_makes_sessions_that_never_showed_one_too_weak_for_what_is_sensitive() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let other = world.signed_in("ann").await;
    let browser = world.signed_in("ann").await;
    let (app, _) = enrol(&world, &browser).await;
    other.refresh().await.is(200);
    for browser in [&browser, &other] {
        step_up_by_password(browser, PASSWORD).await.refused(403, "step_up_required");
    }
    step_up(&other, &app.next_code().await).await.is(200);
    other.delete("/auth/v1/mfa/totp").await.is(204);
}

#[tokio::test]
async fn a_program_that_changes_factors_refreshes_its_tokens() {
    let world = World::with(|config| config.token_endpoint = true).await;
    let login = json!({"username": "root", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&login).await.ok();
    let bearer = tokens["access_token"].as_str().unwrap();
    let app = App::scan(&world, &world.post("/auth/v1/mfa/totp").bearer(bearer).await.ok());
    let body = json!({"code": app.code()});
    let confirmed = world.post("/auth/v1/mfa/totp/confirm").bearer(bearer).json(&body).await;
    confirmed.is(200);
    assert!(!confirmed.has("set-cookie"));
    world.get("/auth/v1/me").bearer(bearer).await.refused(401, "session_expired");
    let again = json!({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]});
    let tokens = world.post("/auth/v1/token").json(&again).await.ok();
    let bearer = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.get("/auth/v1/me").bearer(bearer).await.ok()["mfa"], mfa(true, 10));
}

#[tokio::test]
async fn an_administrator_resets_the_factors_of_somebody_who_lost_them() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        let target = format!("/auth/v1/admin/users/{}/mfa", ann.id);
        ann.browser.delete(&target).await.refused(403, "forbidden");
        let admin = world.admin().await;
        admin.delete(&target).without_csrf().await.refused(403, "csrf_failed");
        let reset = admin.delete(&target).await;
        assert!(reset.is(204).body.is_empty() && !reset.has("set-cookie"));
        let event = world.audit().await.pop().unwrap();
        assert_eq!((event.name.as_str(), event.user_id.unwrap().to_string()), ("mfa.factors_reset", ann.id));
        assert_ne!(event.actor, event.user_id.unwrap().to_string());
        assert_eq!(ann.browser.state().await, "session_expired");
        ann.browser.refresh().await.is(200);
        assert_eq!(factors(&ann.browser).await, mfa(false, 0));
        ann.browser.post("/auth/v1/mfa/totp").await.refused(403, "step_up_required");
        world.browser().login("ann").await.ok();
        step_up_by_password(&ann.browser, PASSWORD).await.is(200);
        enrol(&world, &ann.browser).await;
        Person::pending(&world, "ann").await;
        admin.delete(&target).await.is(204);
        admin.delete(&target).await.is(204);
        admin.delete("/auth/v1/admin/users/AAAAAAAAAAAAAAAAAAAAAA/mfa").await.refused(404, "not_found");
        world.advance(MINUTE).await;
    }
}
