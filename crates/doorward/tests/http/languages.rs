//! What a page speaks is its reader's choice; what programs are told is the same for everybody.

use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    browser::Browser,
    page::{submit, value_after, visit},
    world::{PASSWORD, World},
};

const GERMAN: &str = "de-DE,de;q=0.9,en;q=0.8";

/// A page that says what it speaks, and that it would say it otherwise to others.
#[track_caller]
fn speaks(page: &Answer, tag: &str) {
    assert_eq!(page.header("content-language"), tag);
    assert!(page.text().contains(&format!("<html lang=\"{tag}\">")), "{}", page.text());
    let vary = page.headers.get_all("vary").iter().filter(|vary| *vary == "Accept-Language").count();
    assert_eq!(vary, 1, "{page:?}");
}

#[tokio::test]
async fn a_page_speaks_what_its_reader_prefers() {
    let world = World::new().await;
    for (accepted, tag, words) in [
        (None, "en", "Sign in"),
        (Some("fr-FR, fr;q=0.9"), "en", "Sign in"),
        (Some("en-GB,en;q=0.9,de;q=0.8"), "en", "Sign in"),
        (Some(GERMAN), "de", "Anmelden"),
        (Some("fr, en;q=0.2, de-AT;q=0.7"), "de", "Anmelden"),
    ] {
        let mut ask = world.get("/auth/login").navigation();
        if let Some(accepted) = accepted {
            ask = ask.header("accept-language", accepted);
        }
        let page = ask.await;
        speaks(page.is(200), tag);
        assert!(page.text().contains(&format!("<h1>{words}</h1>")), "{accepted:?}");
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_the_same_language() {
    let world = World::new().await;
    let get = |target: &str| world.get(target).navigation().header("accept-language", GERMAN);
    let nowhere = get("/auth/nowhere").await;
    speaks(nowhere.is(404), "de");
    assert!(nowhere.text().contains("<h1>Hier ist nichts</h1>"), "{}", nowhere.text());
    let explained = get("/auth/problems/conflict").await;
    speaks(explained.is(200), "de");
    let dead = get("/auth/invite/dwl_none").await;
    speaks(dead.is(404), "de");
    let wrong = [("username", "root"), ("password", "not the password")];
    let refused =
        world.browser().post("/auth/login").navigation().header("accept-language", GERMAN).form(&wrong).await;
    speaks(refused.is(401), "de");
    assert!(
        refused.text().contains("Benutzername und Passwort passen nicht zusammen."),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn a_rule_that_a_value_breaks_is_told_in_the_language_of_the_page() {
    let world = World::new().await;
    let browser = world.admin().await;
    let page = visit(&browser, "/auth/password").await;
    let csrf = value_after(&page.text(), "name=\"csrf_token\" value=\"");
    for (accepted, words) in [
        ("en", "At least 8 characters"),
        ("en", "A password has at least 8 characters."),
        ("de", "Mindestens 8 Zeichen"),
        ("de", "Ein Passwort hat mindestens 8 Zeichen."),
    ] {
        let form = [("csrf_token", csrf.as_str()), ("current_password", PASSWORD), ("new_password", "short")];
        let ask = browser.post("/auth/password").navigation().without_csrf();
        let refused = ask.header("accept-language", accepted).form(&form).await;
        speaks(refused.is(422), accepted);
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }
}

#[tokio::test]
async fn whatever_the_server_says_while_somebody_uses_it_it_says_in_their_language() {
    let world = World::new().await;
    let browser = world.admin().await;
    for (accepted, known) in [("en", "Firefox on Linux"), ("de", "Firefox unter Linux")] {
        let account = browser.get("/auth/account").navigation().header("accept-language", accepted).await;
        speaks(account.is(200), accepted);
        assert!(account.text().contains(known), "{}", account.text());
    }
    let page = visit(&browser, "/auth/logout").await;
    speaks(&page, "en");
    speaks(&submit(&browser, &page, "/auth/logout", &[]).await, "en");
}

/// A problem document, without what is each answer's own.
async fn problem(browser: &Browser, target: &str, body: &Json, language: Option<&str>) -> Json {
    let mut ask = browser.post(target).json(body);
    if let Some(language) = language {
        ask = ask.header("accept-language", language);
    }
    let answer = ask.await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(!answer.has("content-language"), "{answer:?}");
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert!(!vary.iter().any(|vary| vary.as_bytes().eq_ignore_ascii_case(b"accept-language")), "{vary:?}");
    let mut document = answer.json();
    document.as_object_mut().unwrap().remove("request_id");
    document
}

#[tokio::test]
async fn a_problem_document_is_the_same_whatever_language_is_asked_for() {
    let world = World::new().await;
    let browser = world.admin().await;
    let wrong = json!({"username": "nobody", "password": "not the password"});
    let short = json!({"current_password": PASSWORD, "new_password": "x"});
    for (target, body, code) in [
        ("/auth/v1/login", &wrong, "invalid_credentials"),
        ("/auth/v1/password", &short, "validation_failed"),
        ("/auth/v1/nowhere", &json!({}), "not_found"),
    ] {
        let told = problem(&browser, target, body, None).await;
        assert_eq!(told["code"], code);
        assert_eq!(problem(&browser, target, body, Some("de")).await, told, "{target}");
    }
}

#[tokio::test]
async fn a_file_that_is_the_same_for_everybody_does_not_depend_on_the_language() {
    let world = World::new().await;
    let script = world.get("/auth/keepalive.js").header("accept-language", "de").await;
    assert!(!script.is(200).has("vary") && !script.has("content-language"), "{script:?}");
}
