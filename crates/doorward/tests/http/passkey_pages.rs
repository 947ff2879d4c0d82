//! Passkeys by the pages: what their script sends, and what comes back.

use doorward_core::second_factor::MfaRequired;
use doorward_testkit::authenticator::{Authenticator, edit};
use serde_json::Value as Json;

use crate::{
    answer::Answer,
    authenticator_app::enrolled,
    browser::Browser,
    factor_pages::{FACTORS, codes_of},
    page::{leads_to, moves_on_to, submit, value_after, visit},
    passkey_holder::{HERE, LOGIN, PASSKEYS, STEP_UP, fresh, options, register, with_passkey},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const ADD: &str = "/auth/account/factors/passkeys";
const REMOVE: &str = "/auth/account/factors/passkeys/remove";
const TARGET: &str = "http://localhost:8080/reports";

/// Adds what an authenticator made, by the page.
async fn add(browser: &Browser, name: &str, made: &Json, rd: &[(&str, &str)]) -> Answer {
    let page = visit(browser, FACTORS).await;
    let made = made.to_string();
    submit(browser, &page, ADD, &[&[("name", name), ("credential", &made)], rd].concat()).await
}

/// Makes a passkey, and adds it by the page.
async fn make(browser: &Browser, key: &mut Authenticator, name: &str, rd: &[(&str, &str)]) -> Answer {
    let made = key.create(&options(browser, PASSKEYS).await).unwrap();
    add(browser, name, &made, rd).await
}

#[tokio::test]
async fn the_first_passkey_brings_recovery_codes_and_is_listed_by_its_name() {
    for storage in BOTH {
        let world = Plan::at(HERE).on(storage).start().await;
        world.user("ann", &[]).await;
        let browser = world.signed_in("ann").await;
        let page = visit(&browser, FACTORS).await.text();
        assert!(page.contains("data-passkey=\"register\" data-options=\"/auth/v1/passkeys/options\""));
        assert!(page.contains("src=\"/auth/static/passkeys") && page.contains(" hidden>"), "{page}");
        let mut key = Authenticator::at(HERE);
        let done = make(&browser, &mut key, "Blue <key>", &[("rd", TARGET)]).await;
        assert_eq!(codes_of(&world, &done).len(), 10);
        assert!(done.text().contains(&format!("href=\"{TARGET}\">I have saved them")));
        let page = visit(&browser, FACTORS).await.text();
        assert!(page.contains("<bdi>Blue &#60;key&#62;</bdi>"), "{page}");
        assert!(page.contains("on one device only") && page.contains(">never<"));
        assert!(visit(&browser, "/auth/account").await.text().contains("<dt>Passkeys</dt><dd>1</dd>"));
    }
}

#[tokio::test]
async fn another_passkey_is_added_and_leads_on() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let mut phone = Authenticator::at(HERE);
    (phone.backup_eligible, phone.backed_up) = (true, true);
    let browser = fresh(&world, &mut key).await;
    let done = make(&browser, &mut phone, "Phone", &[("rd", TARGET)]).await;
    assert_eq!(moves_on_to(&done), TARGET);
    assert!(done.text().contains("Your passkey is added"));
    assert_eq!(browser.state().await, "200", "with fresh cookies");
    let browser = fresh(&world, &mut phone).await;
    let done = make(&browser, &mut Authenticator::at(HERE), "Third", &[]).await;
    let text = done.is(200).text();
    assert!(text.contains("Your passkey is added") && text.contains("<bdi>Third</bdi>"), "{text}");
    assert!(text.contains("on all devices that share your passkeys"));
    assert_eq!(browser.state().await, "200", "with fresh cookies");
}

#[tokio::test]
async fn a_passkey_signs_in_alone_completes_a_login_and_confirms_who_somebody_is() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let alone = world.browser();
    let shown = key.get(&options(&alone, LOGIN).await).unwrap().to_string();
    let form = [("credential", shown.as_str()), ("rd", TARGET)];
    let done = alone.post("/auth/login/passkey").navigation().form(&form).await;
    assert_eq!(moves_on_to(&done), TARGET);
    let again = world.browser().post("/auth/login/passkey").navigation().form(&form).await;
    assert!(again.is(401).text().contains("That passkey does not open this account"), "once is enough");

    let browser = world.browser();
    let login = [("username", "ann"), ("password", PASSWORD), ("rd", TARGET)];
    let due = browser.post("/auth/login").navigation().form(&login).await;
    let text = due.text();
    assert!(
        text.contains("data-passkey=\"confirm\" data-options=\"/auth/v1/login/passkey/options\""),
        "{text}"
    );
    assert!(!text.contains("one-time-code"), "they have no app");
    let shown = key.get(&options(&browser, LOGIN).await).unwrap();
    let mut forged = shown.clone();
    edit(&mut forged, "signature", |bytes| bytes[10] ^= 1);
    let wrong = submit(&browser, &due, "/auth/login/mfa", &showing(&forged.to_string())).await;
    assert!(wrong.is(401).text().contains("That passkey does not open this account"), "{}", wrong.text());
    let done = submit(&browser, &due, "/auth/login/mfa", &showing(&shown.to_string())).await;
    assert_eq!(moves_on_to(&done), TARGET);
    assert_eq!(browser.get("/auth/v1/session").await.ok()["session"]["aal"], 2);

    world.advance(10 * MINUTE).await;
    let asked = visit(&browser, "/auth/step-up").await;
    assert!(asked.text().contains("data-options=\"/auth/v1/step-up/passkey/options\""));
    let shown = key.get(&options(&browser, STEP_UP).await).unwrap().to_string();
    assert_eq!(moves_on_to(&submit(&browser, &asked, "/auth/step-up", &showing(&shown)).await), TARGET);
    browser.post("/auth/v1/mfa/recovery-codes").await.is(200);
}

fn showing(credential: &str) -> [(&str, &str); 3] {
    [("method", "passkey"), ("credential", credential), ("rd", TARGET)]
}

#[tokio::test]
async fn a_passkey_that_is_none_is_not_added() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let asked = options(&browser, PASSKEYS).await;
    let mut elsewhere = Authenticator::at("http://evil.localhost:8080");
    let refused = add(&browser, "Phone", &elsewhere.create(&asked).unwrap(), &[]).await;
    assert!(refused.is(422).text().contains("That passkey could not be added"), "{}", refused.text());
    for credential in ["", "[", "{}", "null"] {
        let page = visit(&browser, FACTORS).await;
        let form = [("name", "Phone"), ("credential", credential)];
        submit(&browser, &page, ADD, &form).await.is(400);
    }
    let mut key = Authenticator::at(HERE);
    let made = key.create(&asked).unwrap();
    for name in ["", "\u{7}"] {
        let text = add(&browser, name, &made, &[]).await.is(422).text();
        assert!(text.contains("id=\"name-error\"") && text.contains("<title>Error: "), "{name:?}: {text}");
    }
    let page = visit(&browser, FACTORS).await;
    world.advance(5 * MINUTE).await;
    let form = [("name", "Phone"), ("credential", &made.to_string())];
    let late = submit(&browser, &page, ADD, &form).await;
    assert!(leads_to(&late).starts_with("/auth/step-up?rd="));
    let list = browser.get(PASSKEYS).await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_passkey_is_removed_by_its_button_and_no_longer_opens_anything() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let browser = fresh(&world, &mut key).await;
    let page = visit(&browser, FACTORS).await;
    let id = value_after(&page.text(), "name=\"id\" value=\"");
    assert!(page.text().contains("your recovery codes go with it"));
    let text = submit(&browser, &page, REMOVE, &[("id", &id)]).await.is(200).text();
    assert!(text.contains("That passkey is removed here"), "{text}");
    assert!(text.contains("your password alone opens your account now") && !text.contains(&id));
    assert_eq!(world.browser().login("ann").await.ok()["status"], "authenticated");
}

#[tokio::test]
async fn nobody_removes_the_passkey_of_another_or_the_last_one_where_one_is_demanded() {
    let world = World::with(|config| config.settings.second_factors.required = MfaRequired::Everyone).await;
    let mut key = with_passkey(&world, "ann").await;
    let mut bens = with_passkey(&world, "ben").await;
    let browser = fresh(&world, &mut key).await;
    let page = visit(&browser, FACTORS).await;
    assert!(page.text().contains("it cannot be removed") && !page.text().contains("name=\"id\""));
    let own = browser.get(PASSKEYS).await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    submit(&browser, &page, REMOVE, &[("id", &own)]).await.is(409);
    let ben = fresh(&world, &mut bens).await;
    let theirs = visit(&ben, FACTORS).await;
    submit(&ben, &theirs, REMOVE, &[("id", &own)]).await.is(404);
    fresh(&world, &mut key).await;
}

#[tokio::test]
async fn where_the_server_has_no_name_there_are_none() {
    let world = World::with(|config| config.settings.relying_party = None).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let page = visit(&ann.browser, FACTORS).await;
    assert!(!page.text().contains("asskey"), "{}", page.text());
    let elsewhere = World::new().await;
    elsewhere.user("ann", &[]).await;
    let there = elsewhere.signed_in("ann").await;
    let made = Authenticator::at(HERE).create(&options(&there, PASSKEYS).await).unwrap();
    let browser = crate::factor_pages::fresh(&world, &ann.app).await;
    add(&browser, "Phone", &made, &[]).await.is(404);
    register(&there, &mut Authenticator::at(HERE)).await.is(201);
}
