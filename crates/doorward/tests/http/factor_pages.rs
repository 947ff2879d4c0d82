//! The pages of second factors, as a browser without script goes through them.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::{
    answer::Answer,
    authenticator_app::{App, Person, enrolled, recover, show},
    browser::Browser,
    page::{csrf_of, escaped, leads_to, moves_on_to, submit, value_after, visit},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

pub(crate) const FACTORS: &str = "/auth/account/factors";
pub(crate) const TOTP: &str = "/auth/account/factors/totp";
const CONFIRM: &str = "/auth/account/factors/totp/confirm";
const TARGET: &str = "http://localhost:8080/reports?year=2025";
/// Every form of these pages, with what is typed into it.
const FORMS: [(&str, &[(&str, &str)]); 6] = [
    (TOTP, &[]),
    (CONFIRM, &[("code", "123456")]),
    ("/auth/account/factors/totp/remove", &[]),
    ("/auth/account/factors/passkeys", &[("name", "Phone"), ("credential", "{}")]),
    ("/auth/account/factors/passkeys/remove", &[("id", "AAAA")]),
    ("/auth/account/factors/recovery-codes", &[]),
];

/// The app that scans a page.
pub(crate) fn scan(world: &World, page: &Answer) -> App {
    let text = page.is(200).text();
    let (_, groups) = text.split_once("class=\"secret-text\"").unwrap();
    let groups = groups.split("<span>").skip(1).map(|group| group.split('<').next().unwrap());
    let secret: String = groups.collect();
    let uri = format!("otpauth:{}", value_after(&text, "href=\"otpauth:"));
    assert!(uri.contains(&format!("secret={secret}&")), "{uri} and {secret} are one");
    let (_, drawing) = text.split_once("<svg xmlns").unwrap();
    App::scan(world, &json!({"secret": secret, "otpauth_uri": uri, "qr_svg": drawing}))
}

/// The recovery codes that a page shows.
pub(crate) fn codes_of(world: &World, page: &Answer) -> Vec<String> {
    let text = page.is(200).text();
    let found = text.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
    let codes: Vec<_> = found.collect();
    codes.iter().for_each(|code| world.remember_secret(code));
    codes
}

/// Sets an app up, by the pages.
pub(crate) async fn enrol_by_page(world: &World, browser: &Browser, rd: &[(&str, &str)]) -> (App, Answer) {
    let page = visit(browser, FACTORS).await;
    let shown = visit(browser, &leads_to(&submit(browser, &page, TOTP, rd).await)).await;
    let app = scan(world, &shown);
    let code = app.code();
    let done = submit(browser, &shown, CONFIRM, &[&[("code", code.as_str())], rd].concat()).await;
    (app, done)
}

/// A session of Ann's, opened just now by a code of this app.
pub(crate) async fn fresh(world: &World, app: &App) -> Browser {
    let browser = Person::pending(world, "ann").await;
    show(&browser, &app.next_code().await).await.is(200);
    browser
}

#[tokio::test]
async fn an_app_is_set_up_without_script_and_leads_to_where_somebody_wanted() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        let browser = world.signed_in("ann").await;
        let page = visit(&browser, &format!("{FACTORS}?rd={}", escaped(TARGET))).await;
        assert!(page.text().contains("Set up an authenticator app</button>"));
        assert!(!page.text().contains("Recovery codes</h2>"), "there is nothing to recover yet");
        let begun = submit(&browser, &page, TOTP, &[("rd", TARGET)]).await;
        let here = leads_to(&begun);
        assert_eq!(here, format!("{TOTP}?rd={}", escaped(TARGET)));

        let shown = visit(&browser, &here).await;
        let app = scan(&world, &shown);
        assert!(shown.text().contains("class=\"qr-code\"") && shown.text().contains("one-time-code"));
        let confirm = async |page: &Answer, code: String| {
            submit(&browser, page, CONFIRM, &[("code", &code), ("rd", TARGET)]).await
        };
        let wrong = confirm(&shown, app.wrong_code()).await;
        let text = wrong.is(401).text();
        assert!(text.contains("<title>Error: ") && text.contains("id=\"code-error\""), "{text}");
        assert!(text.contains("class=\"qr-code\""), "the same app can be tried again");

        let done = confirm(&wrong, app.code()).await;
        let codes = codes_of(&world, &done);
        assert_eq!(codes.len(), 10);
        assert!(done.text().contains(&format!("href=\"{TARGET}\">I have saved them")), "{}", done.text());
        assert_eq!(browser.state().await, "200", "the token that tells of no factor is replaced");
        let pending = Person::pending(&world, "ann").await;
        show(&pending, &app.next_code().await).await.is(200);
        recover(&Person::pending(&world, "ann").await, &codes[9]).await.is(200);
    }
}

#[tokio::test]
async fn recovery_codes_are_saved_as_a_file_without_another_request() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let (_, done) = enrol_by_page(&world, &world.signed_in("ann").await, &[]).await;
    let codes = codes_of(&world, &done);
    let text = done.text();
    let file = value_after(&text, "href=\"data:text/plain;charset=utf-8;base64,");
    let file = String::from_utf8(BASE64_STANDARD.decode(file.replace("&#43;", "+")).unwrap()).unwrap();
    assert!(file.contains("ann") && codes.iter().all(|code| file.contains(code)), "{file}");
    assert!(text.contains("download=\"recovery-codes.txt\""));
    assert!(text.contains(&format!("href=\"{FACTORS}\">I have saved them")));
}

/// Otherwise it would hold the second factor of everybody who sets one up.
#[tokio::test]
async fn an_app_behind_the_proxy_never_sees_the_secret_of_an_authenticator_app() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let page = visit(&browser, FACTORS).await;
    submit(&browser, &page, TOTP, &[]).await.is(303);
    let behind = browser.copied();
    behind.forget_cookie("dw_refresh");
    assert_eq!(leads_to(&visit(&behind, TOTP).await), FACTORS);
    let behind = browser.copied();
    behind.replace_cookie("dw_refresh", &world.signed_in("ann").await.cookie("dw_refresh"));
    assert_eq!(leads_to(&visit(&behind, TOTP).await), FACTORS, "of another session");
    scan(&world, &visit(&browser, TOTP).await);
}

#[tokio::test]
async fn what_is_secret_is_on_the_page_that_shows_it_and_on_no_other() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let (app, done) = enrol_by_page(&world, &browser, &[]).await;
    codes_of(&world, &done);
    let again = fresh(&world, &app).await;
    let page = visit(&again, FACTORS).await;
    submit(&again, &page, TOTP, &[]).await.is(303);
    scan(&world, &visit(&again, TOTP).await);
    let secrets = world.secrets();
    let hidden =
        |text: &str| secrets.iter().all(|secret| secret.len() < 10 || !text.contains(secret.as_str()));
    for target in [FACTORS, "/auth/account", "/auth/step-up", "/auth/password", "/auth/logout"] {
        let text = visit(&again, target).await.is(200).text();
        // Each form has its CSRF token, which is a secret for other sites, and is not meant here.
        let text =
            text.split("name=\"csrf_token\" value=\"").map(|part| part.split_once('"').map_or(part, |p| p.1));
        let text = text.collect::<String>();
        assert!(hidden(&text) && !text.contains("otpauth:"), "{target}");
    }
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_the_old_and_the_account_tells_how_many_are_left() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let hint = "of your recovery codes";
    for code in &ann.recovery_codes[..7] {
        assert!(!visit(&ann.browser, "/auth/account").await.text().contains(hint));
        recover(&Person::pending(&world, "ann").await, code).await.is(200);
    }
    let account = visit(&ann.browser, "/auth/account").await.text();
    assert!(account.contains("Only 3 of your recovery codes are left"), "{account}");
    assert!(account.contains("7 were used. If that was not you"));

    let browser = fresh(&world, &ann.app).await;
    let page = visit(&browser, FACTORS).await;
    assert!(page.text().contains("<strong>3 left</strong>"));
    let made = submit(&browser, &page, "/auth/account/factors/recovery-codes", &[]).await;
    let codes = codes_of(&world, &made);
    assert_eq!(codes.len(), 10);
    assert!(made.text().contains("Your new recovery codes"));
    recover(&Person::pending(&world, "ann").await, &ann.recovery_codes[9])
        .await
        .refused(401, "mfa_code_invalid");
    recover(&Person::pending(&world, "ann").await, &codes[0]).await.is(200);
    assert!(visit(&browser, "/auth/account").await.text().contains("9 left: one was used"));
}

#[tokio::test]
async fn every_form_needs_the_csrf_token_of_its_session_and_our_own_page() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let others = csrf_of(&visit(&world.admin().await, FACTORS).await);
    let own = csrf_of(&visit(&browser, FACTORS).await);
    for (action, fields) in FORMS {
        for token in ["", "x", &others] {
            let form = [&[("csrf_token", token)], fields].concat();
            browser.post(action).without_csrf().form(&form).await.refused(403, "csrf_failed");
        }
        let form = [&[("csrf_token", own.as_str())], fields].concat();
        let elsewhere = browser.post(action).header("sec-fetch-site", "same-site");
        let elsewhere = elsewhere.header("origin", "http://evil.localhost").form(&form).await;
        elsewhere.refused(403, "cross_site_refused");
    }
    assert_eq!(browser.get("/auth/v1/me").await.ok()["mfa"]["totp"], false);
    let begun = leads_to(&browser.get(TOTP).navigation().await);
    assert_eq!(begun, FACTORS, "nothing was begun by any of them");
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_and_comes_back() {
    let world = World::new().await;
    for target in [FACTORS.to_owned(), TOTP.to_owned(), format!("{FACTORS}?rd={}", escaped(TARGET))] {
        let away = leads_to(&visit(&world.browser(), &target).await);
        assert_eq!(away, format!("/auth/continue?rd={}", escaped(&target)));
    }
    for (action, fields) in FORMS {
        let away = leads_to(&world.browser().post(action).navigation().form(fields).await);
        assert_eq!(away, format!("/auth/continue?rd={}", escaped(FACTORS)), "{action}");
    }
}

#[tokio::test]
async fn who_signed_in_long_ago_confirms_who_they_are_and_comes_back() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let page = visit(&browser, FACTORS).await;
    submit(&browser, &page, TOTP, &[]).await.is(303);
    world.advance(5 * MINUTE).await;
    for (action, fields) in FORMS.into_iter().filter(|(action, _)| !action.ends_with("passkeys")) {
        let here = if action == CONFIRM { TOTP } else { FACTORS };
        let away = leads_to(&submit(&browser, &page, action, fields).await);
        assert_eq!(away, format!("/auth/step-up?rd={}", escaped(here)), "{action}");
    }
    let away = leads_to(&visit(&browser, TOTP).await);
    assert_eq!(away, format!("/auth/step-up?rd={}", escaped(TOTP)), "a secret is shown to its owner alone");
    let stale = visit(&browser, &format!("{FACTORS}?rd={}", escaped(TARGET))).await;
    let way = value_after(&stale.text(), "class=\"button\" href=\"");
    let here = format!("{FACTORS}?rd={}", escaped(TARGET));
    assert_eq!(way, format!("/auth/step-up?rd={}", escaped(&here)));
    assert!(!stale.text().contains("<form"), "there is nothing to press in vain");

    let asked = visit(&browser, &way).await;
    let rd = value_after(&asked.text(), "name=\"rd\" value=\"");
    let form = [("method", "password"), ("password", PASSWORD), ("rd", rd.as_str())];
    let back = moves_on_to(&submit(&browser, &asked, "/auth/step-up", &form).await);
    assert_eq!(back, format!("http://localhost:8080{here}"));
    let page = visit(&browser, &here).await;
    assert!(page.text().contains(&format!("name=\"rd\" value=\"{TARGET}\"")), "the way is not lost");
    submit(&browser, &page, TOTP, &[("rd", TARGET)]).await.is(303);
}

#[tokio::test]
async fn an_app_that_was_begun_half_an_hour_ago_is_begun_again() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let page = visit(&browser, FACTORS).await;
    submit(&browser, &page, TOTP, &[]).await.is(303);
    let shown = visit(&browser, TOTP).await;
    let app = scan(&world, &shown);
    world.advance(Duration::from_secs(1800)).await;
    let browser = world.signed_in("ann").await;
    assert_eq!(leads_to(&visit(&browser, TOTP).await), FACTORS);
    let page = visit(&browser, FACTORS).await;
    let late = submit(&browser, &page, CONFIRM, &[("code", &app.code())]).await;
    assert!(late.is(404).text().contains("That took too long"), "{}", late.text());
    assert_eq!(browser.get("/auth/v1/me").await.ok()["mfa"]["totp"], false);
}
