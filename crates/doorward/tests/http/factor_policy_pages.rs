//! Who has to set up a second factor is led there, and goes nowhere else before.

use doorward_core::{authority::Caller, second_factor::MfaRequired, users::ChangesForm};

use crate::{
    browser::Browser,
    factor_pages::{FACTORS, TOTP, enrol_by_page},
    page::{escaped, leads_to, moves_on_to, submit, value_after, visit},
    world::{MINUTE, PASSWORD, World},
};

const TARGET: &str = "http://localhost:8080/reports";
/// A page's link to the account.
const ACCOUNT: &str = "href=\"/auth/account\"";

async fn demanding() -> World {
    World::with(|config| config.settings.second_factors.required = MfaRequired::Everyone).await
}

/// Signs in by the page, on the way to [`TARGET`].
async fn sign_in(browser: &Browser) -> String {
    let form = [("username", "ann"), ("password", PASSWORD), ("rd", TARGET)];
    moves_on_to(&browser.post("/auth/login").navigation().without_csrf().form(&form).await)
}

#[tokio::test]
async fn a_login_leads_to_enrolment_and_enrolment_to_where_somebody_wanted() {
    let world = demanding().await;
    world.user("ann", &[]).await;
    let browser = world.browser();
    let due = format!("{FACTORS}?rd={}", escaped(TARGET));
    assert_eq!(sign_in(&browser).await, due);
    let text = visit(&browser, &due).await.is(200).text();
    assert!(text.contains("Your account needs a second factor"), "{text}");
    assert!(!text.contains(ACCOUNT), "there is no link to anywhere else");
    assert!(text.contains("href=\"/auth/logout\""));
    let (_, done) = enrol_by_page(&world, &browser, &[("rd", TARGET)]).await;
    assert!(
        done.text().contains(&format!("href=\"{TARGET}\">I have saved them"))
            && done.text().contains(ACCOUNT)
    );
    visit(&browser, "/auth/account").await.is(200);
}

#[tokio::test]
async fn every_other_page_leads_back_there() {
    let world = demanding().await;
    world.user("ann", &[]).await;
    let browser = world.browser();
    sign_in(&browser).await;
    for page in ["/auth/account", "/auth/password"] {
        assert!(leads_to(&visit(&browser, page).await).starts_with(&format!("{FACTORS}?rd=")), "{page}");
    }
    let way = leads_to(&visit(&browser, &format!("/auth/continue?rd={}", escaped(TARGET))).await);
    assert_eq!(way, format!("{FACTORS}?rd={}", escaped(TARGET)));
    let page = visit(&browser, FACTORS).await;
    for form in ["sessions/revoke-others", "devices/forget"] {
        let action = format!("/auth/account/{form}");
        submit(&browser, &page, &action, &[]).await.is(403);
    }
    let form = [("current_password", PASSWORD), ("new_password", "a whole new password")];
    let away = leads_to(&submit(&browser, &page, "/auth/password", &form).await);
    assert!(away.starts_with(&format!("{FACTORS}?rd=")), "{away}");
    assert!(world.browser().login("ann").await.status == 200, "the password is what it was");
    submit(&browser, &page, TOTP, &[]).await.is(303);
    let shown = visit(&browser, TOTP).await;
    assert!(!shown.text().contains(ACCOUNT), "here neither");
}

#[tokio::test]
async fn who_takes_long_confirms_who_they_are_and_comes_back() {
    let world = demanding().await;
    world.user("ann", &[]).await;
    let browser = world.browser();
    sign_in(&browser).await;
    world.advance(6 * MINUTE).await;
    let page = visit(&browser, FACTORS).await;
    let asked = visit(&browser, &value_after(&page.text(), "class=\"button\" href=\"")).await;
    assert!(!asked.text().contains(ACCOUNT));
    let rd = value_after(&asked.text(), "name=\"rd\" value=\"");
    let form = [("method", "password"), ("password", PASSWORD), ("rd", rd.as_str())];
    let mut way = moves_on_to(&submit(&browser, &asked, "/auth/step-up", &form).await);
    way = way.replace("http://localhost:8080", "");
    assert!(way.starts_with(FACTORS), "{way}");
    let (_, done) = enrol_by_page(&world, &browser, &[]).await;
    done.is(200);
}

#[tokio::test]
async fn a_password_that_is_due_comes_first_and_then_the_factor() {
    let world = demanding().await;
    let ann = world.user("ann", &[]).await;
    let due = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), ann.id, due).await.unwrap();
    let browser = world.browser();
    assert_eq!(sign_in(&browser).await, format!("/auth/password?rd={}", escaped(TARGET)));
    for page in [FACTORS, TOTP] {
        let away = leads_to(&visit(&browser, page).await);
        assert!(away.starts_with("/auth/password?rd="), "{away}");
    }
    let page = visit(&browser, &format!("/auth/password?rd={}", escaped(TARGET))).await;
    assert!(!page.text().contains(ACCOUNT));
    submit(&browser, &page, TOTP, &[]).await.is(303);
    let form = [("current_password", PASSWORD), ("new_password", "a whole new password"), ("rd", TARGET)];
    let way = moves_on_to(&submit(&browser, &page, "/auth/password", &form).await);
    assert_eq!(way, format!("{FACTORS}?rd={}", escaped(TARGET)));
}

#[tokio::test]
async fn a_proxy_that_asks_for_a_factor_leads_who_has_none_to_enrolment_that_says_why() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let browser = world.signed_in("ann").await;
    let asked = format!("/auth/continue?rd={}&prompt=login&aal=2", escaped(TARGET));
    let way = leads_to(&visit(&browser, &asked).await);
    assert_eq!(way, format!("{FACTORS}?rd={}&wanted=1", escaped(TARGET)));
    let text = visit(&browser, &way).await.is(200).text();
    assert!(text.contains("asks for a second factor") && text.contains(ACCOUNT), "{text}");
    assert!(!visit(&browser, FACTORS).await.text().contains("asks for a second factor"));
    let (_, done) = enrol_by_page(&world, &browser, &[("rd", TARGET)]).await;
    done.is(200);
    assert_eq!(leads_to(&visit(&browser, &asked).await), format!("/auth/step-up?rd={}", escaped(TARGET)));
}
