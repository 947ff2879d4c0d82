//! The pages of a login in two steps, as a browser without script goes through them.

use std::time::Duration;

use doorward::Config;

use crate::{
    answer::Answer,
    authenticator_app::{Person, enrolled},
    browser::Browser,
    page::{csrf_of, moves_on_to},
    world::{DAY, MINUTE, PASSWORD, World},
};

const TARGET: &str = "http://localhost:8080/reports?year=2025";

/// Somebody with an authenticator app, at a browser that has been nowhere.
async fn somebody(world: &World) -> (Browser, Person) {
    (world.browser(), enrolled(world, "ann", &[]).await)
}

async fn show_password(browser: &Browser) -> Answer {
    let form = [("username", "ann"), ("password", PASSWORD), ("rd", TARGET)];
    browser.post("/auth/login").navigation().without_csrf().form(&form).await
}

async fn show_code(browser: &Browser, page: &Answer, method: &str, code: &str) -> Answer {
    let csrf = csrf_of(page);
    let form = [("csrf_token", csrf.as_str()), ("rd", TARGET), ("method", method), ("code", code)];
    browser.post("/auth/login/mfa").navigation().without_csrf().form(&form).await
}

fn is_second_step(answer: &Answer) -> bool {
    answer.text().contains("action=\"/auth/login/mfa\"")
}

fn is_login_page(answer: &Answer) -> bool {
    answer.text().contains("action=\"/auth/login\"")
}

#[tokio::test]
async fn a_right_password_leads_to_the_second_step_and_a_code_to_where_somebody_wanted() {
    let world = World::new().await;
    let (browser, ann) = somebody(&world).await;
    let page = show_password(&browser).await;
    assert!(is_second_step(page.is(200)), "{}", page.text());
    assert!(page.text().contains("inputmode=\"numeric\" autocomplete=\"one-time-code\""));
    assert!(page.text().contains(&format!("name=\"rd\" value=\"{TARGET}\"")));
    assert!(browser.has_cookie("dw_pending") && !browser.has_cookie("dw_session"));
    assert_eq!(browser.state().await, "not_authenticated", "a password alone is nothing");

    let done = show_code(&browser, &page, "totp", &ann.app.next_code().await).await;
    assert_eq!(moves_on_to(&done), TARGET);
    assert_eq!(browser.state().await, "200");
    assert!(!browser.has_cookie("dw_pending"), "it is of no more use");
    let session = browser.get("/auth/v1/session").await.ok()["session"].clone();
    assert_eq!(session["aal"], 2);
}

#[tokio::test]
async fn a_recovery_code_does_instead_however_it_is_typed_and_in_whichever_field() {
    let world = World::new().await;
    let (_, ann) = somebody(&world).await;
    for (method, code) in [
        ("recovery_code", ann.recovery_codes[0].to_lowercase().replace('-', " ")),
        ("totp", ann.recovery_codes[1].clone()),
    ] {
        let browser = world.browser();
        let page = show_password(&browser).await;
        assert!(page.text().contains("Use a recovery code instead"));
        assert_eq!(moves_on_to(&show_code(&browser, &page, method, &code).await), TARGET);
    }
    let browser = world.browser();
    let page = show_password(&browser).await;
    let spent = show_code(&browser, &page, "recovery_code", &ann.recovery_codes[0]).await;
    let text = spent.is(401).text();
    assert!(text.contains("id=\"recovery_code-error\"") && text.contains("<details class=\"instead\" open>"));
    assert!(!text.contains("id=\"code-error\""), "the other field is not what was wrong");
}

#[tokio::test]
async fn a_wrong_code_is_told_in_words_and_after_five_the_login_starts_over() {
    let world = World::new().await;
    let (browser, ann) = somebody(&world).await;
    let mut page = show_password(&browser).await;
    for left in ["You can try 4 more", "You can try 3 more", "You can try 2 more", "You can try once more"] {
        page = show_code(&browser, &page, "totp", &ann.app.wrong_code()).await;
        let text = page.is(401).text();
        assert!(is_second_step(&page) && text.contains("Wait for the next one"), "{text}");
        assert!(text.contains(left), "{left}: {text}");
        assert!(text.contains("<title>Error: "));
    }
    let over = show_code(&browser, &page, "totp", &ann.app.wrong_code()).await;
    assert!(is_login_page(over.is(401)) && over.text().contains("Please start again"));
    assert!(!browser.has_cookie("dw_pending"));
    assert!(over.text().contains(&format!("name=\"rd\" value=\"{TARGET}\"")), "the way is not lost");
    // The right one helps no more.
    let late = show_code(&browser, &page, "totp", &ann.app.next_code().await).await;
    assert!(is_login_page(late.is(401)));
}

#[tokio::test]
async fn a_code_that_was_used_is_refused_as_a_wrong_one() {
    let world = World::new().await;
    let (browser, ann) = somebody(&world).await;
    let page = show_password(&browser).await;
    let again = show_code(&browser, &page, "totp", &ann.app.code()).await;
    assert!(again.is(401).text().contains("was used already"));
}

#[tokio::test]
async fn who_takes_longer_than_five_minutes_starts_over() {
    let world = World::new().await;
    let (browser, ann) = somebody(&world).await;
    let page = show_password(&browser).await;
    let copied = browser.copied();
    world.advance(5 * MINUTE).await;
    let late = show_code(&copied, &page, "totp", &ann.app.code()).await;
    assert!(is_login_page(late.is(401)) && late.text().contains("Please start again"));
}

#[tokio::test]
async fn the_second_step_can_be_shown_again_and_nobody_else_sees_it() {
    let world = World::new().await;
    let (browser, ann) = somebody(&world).await;
    show_password(&browser).await;
    let rd = "/auth/login/mfa?rd=%2Freports%3Fyear%3D2025";
    let page = browser.get(rd).navigation().await;
    assert!(is_second_step(page.is(200)));
    assert_eq!(moves_on_to(&show_code(&browser, &page, "totp", &ann.app.next_code().await).await), TARGET);
    for stranger in [world.browser(), browser] {
        let away = stranger.get(rd).navigation().await;
        let location = away.is(303).header("location").to_owned();
        assert_eq!(
            location,
            format!("/auth/login?rd={}", "http%3A%2F%2Flocalhost%3A8080%2Freports%3Fyear%3D2025")
        );
    }
}

#[tokio::test]
async fn starting_over_forgets_the_first_step() {
    let world = World::new().await;
    let (browser, _) = somebody(&world).await;
    let page = show_password(&browser).await;
    assert!(page.text().contains("\">Start over</a>"));
    assert!(is_login_page(&browser.get("/auth/login").navigation().await));
    assert!(!browser.has_cookie("dw_pending"));
    assert!(!browser.get("/auth/login").navigation().await.has("set-cookie"));
}

#[tokio::test]
async fn a_code_needs_the_csrf_token_of_its_own_login_and_our_own_page() {
    let world = World::new().await;
    let (browser, ann) = somebody(&world).await;
    let page = show_password(&browser).await;
    let others = csrf_of(&show_password(&world.browser()).await);
    let code = ann.app.next_code().await;
    for token in ["", "x", &others] {
        let form = [("csrf_token", token), ("method", "totp"), ("code", &code)];
        let ask = browser.post("/auth/login/mfa").without_csrf();
        ask.form(&form).await.refused(403, "csrf_failed");
    }
    let csrf = csrf_of(&page);
    let form = [("csrf_token", csrf.as_str()), ("method", "totp"), ("code", &code)];
    let elsewhere = browser.post("/auth/login/mfa").header("sec-fetch-site", "same-site");
    elsewhere.header("origin", "http://evil.localhost").form(&form).await.refused(403, "cross_site_refused");
    assert_eq!(moves_on_to(&show_code(&browser, &page, "totp", &code).await), TARGET);
}

#[tokio::test]
async fn what_no_browser_sends_is_malformed() {
    let world = World::new().await;
    let (browser, _) = somebody(&world).await;
    let csrf = csrf_of(&show_password(&browser).await);
    for fields in [
        vec![("method", "password"), ("password", PASSWORD)],
        vec![("method", "passkey"), ("credential", "{}")],
        vec![("method", "passkey"), ("credential", "[")],
        vec![("method", "sms"), ("code", "123456")],
        vec![("code", "123456")],
        vec![("method", "totp"), ("code", "123456"), ("more", "")],
    ] {
        let form = [fields.clone(), vec![("csrf_token", csrf.as_str())]].concat();
        let answer = browser.post("/auth/login/mfa").without_csrf().form(&form).await;
        answer.refused(400, "malformed_request");
    }
    let nobody = [("credential", "{}")];
    world.post("/auth/login/passkey").form(&nobody).await.refused(400, "malformed_request");
}

fn trusting(config: &mut Config) {
    config.settings.second_factors.trust_device = Some(30 * DAY);
}

#[tokio::test]
async fn a_device_can_be_trusted_only_where_that_is_set() {
    let box_for = |time: Duration| {
        format!("Do not ask for a second factor on this device for {} days", time.as_secs() / 86400)
    };
    let page = World::new().await.browser().get("/auth/login").navigation().await;
    assert!(!page.text().contains("trust_device"));
    let world = World::with(trusting).await;
    let (browser, ann) = somebody(&world).await;
    let page = browser.get("/auth/login").navigation().await;
    assert!(page.text().contains(&box_for(30 * DAY)), "{}", page.text());

    let form = [("username", "ann"), ("password", PASSWORD), ("trust_device", "true"), ("rd", TARGET)];
    let page = browser.post("/auth/login").navigation().form(&form).await;
    show_code(&browser, &page, "totp", &ann.app.next_code().await).await;
    assert_eq!(moves_on_to(&show_password(&browser).await), TARGET, "the password alone does here");
    assert!(is_second_step(&show_password(&world.browser()).await), "and nowhere else");
    let wrong = [("username", "ann"), ("password", "wrong"), ("trust_device", "true")];
    let kept = browser.post("/auth/login").navigation().form(&wrong).await;
    assert!(kept.is(401).text().contains("autocomplete=\"off\" checked>"), "nobody ticks it twice");
}

#[tokio::test]
async fn a_passkey_is_offered_where_the_server_has_a_name() {
    let world = World::new().await;
    let page = world.browser().get("/auth/login").navigation().await.text();
    assert!(page.contains("action=\"/auth/login/passkey\"") && page.contains("data-passkey=\"sign-in\""));
    assert!(page.contains("data-options=\"/auth/v1/login/passkey/options\""));
    assert!(page.contains("autocomplete=\"username webauthn\""));
    assert!(page.contains(" hidden>"), "without script there is nothing to press");
    let world = World::with(|config| config.settings.relying_party = None).await;
    let page = world.browser().get("/auth/login").navigation().await.text();
    assert!(!page.contains("passkey") && !page.contains("webauthn"));
}
