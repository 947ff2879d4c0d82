//! What the example shows, tried.

use super::app::App;

#[test]
fn the_private_page_greets_who_is_signed_in_and_sends_others_to_sign_in() {
    let mut app = App::start();
    assert_eq!(app.get("/").status, 200);
    assert_eq!(app.get("/private").status, 503, "nobody can sign in yet");
    app.set_up();
    let page = app.get("/private");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("ada, the motto is:"), "{}", page.body);
    app.cookies.clear();
    let refused = app.get("/private?x=1");
    assert_eq!((refused.status, refused.header("location")), (303, "/auth/continue?rd=%2Fprivate%3Fx%3D1"));
}

#[test]
fn a_form_without_the_csrf_token_of_the_session_changes_nothing() {
    let mut app = App::start();
    app.set_up();
    let token = app.get("/private").csrf_token().to_owned();
    for forged in ["motto=forged", "motto=forged&csrf_token=", "motto=forged&csrf_token=AAAA"] {
        let answer = app.ask("POST", "/private", forged);
        assert_eq!(answer.status, 403, "{forged}");
        assert!(answer.body.contains("csrf_failed"), "{}", answer.body);
    }
    assert!(!app.get("/private").body.contains("forged"));
    let sent = app.ask("POST", "/private", &format!("csrf_token={token}&motto=festina+lente"));
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(app.get("/private").body.contains("festina lente"));
}

#[test]
fn the_admin_page_asks_for_the_role() {
    let mut app = App::start();
    app.set_up();
    assert_eq!(app.get("/admin").status, 200);
    let user = r#"{"username":"bob","password":"correct horse battery"}"#;
    let made = app.ask("POST", "/auth/v1/admin/users", user);
    assert_eq!(made.status, 201, "{}", made.body);
    app.cookies.clear();
    assert_eq!(app.get("/admin").header("location"), "/auth/continue?rd=%2Fadmin");
    assert_eq!(app.ask("POST", "/auth/v1/login", user).status, 200);
    assert_eq!(app.get("/private").status, 200);
    assert_eq!(app.get("/admin").status, 403);
}

#[test]
fn doorwards_routes_and_the_apps_do_not_disturb_each_other() {
    let mut app = App::start();
    app.set_up();
    assert_eq!(app.get("/auth/account").status, 200);
    assert_eq!(app.get("/auth/nowhere").status, 404);
    assert_eq!(app.get("/nowhere").body, "", "the app's own fallback");
    assert_eq!(app.get("/healthz").status, 404, "the app's own to have");
}
