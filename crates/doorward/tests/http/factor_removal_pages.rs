//! Removing second factors by the pages.

use doorward_core::second_factor::MfaRequired;

use crate::{
    answer::Answer,
    authenticator_app::{Person, enrolled, show},
    browser::Browser,
    factor_pages::{FACTORS, TOTP, enrol_by_page, fresh},
    page::{submit, visit},
    world::World,
};

const REMOVE: &str = "/auth/account/factors/totp/remove";

async fn remove(browser: &Browser, page: &Answer) -> Answer {
    submit(browser, page, REMOVE, &[]).await
}

#[tokio::test]
async fn an_app_is_removed_by_a_button_that_says_what_else_goes() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = fresh(&world, &ann.app).await;
    let page = visit(&browser, FACTORS).await;
    assert!(page.text().contains("your recovery codes go with it"), "{}", page.text());
    let removed = remove(&browser, &page).await;
    let text = removed.is(200).text();
    assert!(text.contains("your password alone opens your account now"), "{text}");
    assert!(!text.contains("Recovery codes</h2>") && !text.contains("Remove the app"));
    assert_eq!(browser.state().await, "200", "with fresh cookies of the same session");
    assert_eq!(world.browser().login("ann").await.ok()["status"], "authenticated");
    // The proof was good for one change.
    assert!(text.contains("Confirm that it is you"));
    remove(&browser, &page).await.is(303);
}

#[tokio::test]
async fn what_is_gone_already_is_told_so() {
    let world = World::new().await;
    let page = |browser: Browser| async move { (visit(&browser, FACTORS).await, browser) };
    world.user("ann", &[]).await;
    let (shown, browser) = page(world.signed_in("ann").await).await;
    assert!(remove(&browser, &shown).await.is(404).text().contains("That is gone already"));
    let gone = [("id", "AAAA")];
    let passkey = submit(&browser, &shown, "/auth/account/factors/passkeys/remove", &gone).await;
    assert!(passkey.is(404).text().contains("That is gone already"));
    let codes = submit(&browser, &shown, "/auth/account/factors/recovery-codes", &[]).await;
    assert!(codes.is(404).text().contains("That is gone already"));
}

#[tokio::test]
async fn the_last_factor_stays_where_one_is_demanded() {
    let world = World::with(|config| config.settings.second_factors.required = MfaRequired::Everyone).await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = fresh(&world, &ann.app).await;
    let page = visit(&browser, FACTORS).await;
    assert!(!page.text().contains("Remove the app") && page.text().contains("it cannot be removed"));
    let stays = remove(&browser, &page).await;
    assert!(stays.is(409).text().contains("class=\"notice bad\""), "{}", stays.text());
    assert_eq!(browser.get("/auth/v1/me").await.ok()["mfa"]["totp"], true);
    // Another app may take its place.
    submit(&browser, &page, TOTP, &[]).await.is(303);
}

#[tokio::test]
async fn another_app_takes_the_place_of_the_one_in_use() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = fresh(&world, &ann.app).await;
    let page = visit(&browser, FACTORS).await;
    assert!(page.text().contains("Set up another app instead"));
    let (app, done) = enrol_by_page(&world, &browser, &[]).await;
    done.is(200);
    let pending = Person::pending(&world, "ann").await;
    show(&pending, &ann.app.next_code().await).await.refused(401, "mfa_code_invalid");
    show(&pending, &app.code()).await.is(200);
}
