//! What administrators do to a user: that it happens, what is said of it, and when it is refused.

use doorward_core::{authority::Caller, ids::UserId, page::PageRequest, user::User, users::ChangesForm};

use crate::{
    answer::Answer,
    authenticator_app::{Person, enrolled},
    browser::Browser,
    guesses::lock,
    page::{csrf_of, escaped, leads_to, link, submit, value_after, visit, words},
    world::{ADMIN, BOTH, PASSWORD, Plan, World},
};

/// The page of a user.
pub(crate) fn of(user: &User) -> String {
    format!("/auth/admin/users/{}", user.id)
}

/// Takes a step that the page of a user offers.
async fn take(browser: &Browser, user: &User, step: &str) -> Answer {
    let page = visit(browser, &of(user)).await;
    let action = format!("{}/{step}", of(user));
    assert!(
        page.is(200).text().contains(&format!("method=\"post\" action=\"{action}\"")),
        "{step} is not offered"
    );
    submit(browser, &page, &action, &[]).await
}

/// Asks for what cannot be taken back, as the page of a user leads to it, and answers yes.
async fn insist(browser: &Browser, user: &User, question: &str, asked: &[&str]) -> Answer {
    let action = format!("{}/{question}", of(user));
    let page = visit(browser, &of(user)).await;
    assert!(page.is(200).text().contains(&format!("href=\"{action}\"")), "{question} is not offered");
    let page = visit(browser, &action).await;
    let text = words(&page.is(200).text());
    for words in asked {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(link(&page, "Cancel"), Some(of(user)));
    submit(browser, &page, &action, &[]).await
}

async fn sessions(world: &World, user: UserId) -> usize {
    let all = PageRequest { after: None, limit: 50 };
    world.authority().sessions(Some(user), all).await.unwrap().items.len()
}

#[tokio::test]
async fn a_user_is_disabled_after_a_question_and_enabled_without_one() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
        let browser = world.signed_in("ann").await;
        let asked = ["Disable the account of ann?", "ann is signed out everywhere and cannot sign in until"];
        let disabled = insist(&admin, &ann, "disable", &asked).await;
        assert!(
            words(&disabled.is(200).text()).contains("The account is disabled, and signed out everywhere.")
        );
        assert!(words(&disabled.text()).contains("ann Disabled"), "{}", disabled.text());
        assert_eq!(browser.state().await, "session_revoked");
        world.browser().login("ann").await.refused(403, "account_disabled");
        assert!(!disabled.text().contains("/disable\""), "it is not offered twice");
        let enabled = take(&admin, &ann, "enable").await;
        assert!(enabled.is(200).text().contains("The account is enabled."));
        world.signed_in("ann").await;
    }
}

#[tokio::test]
async fn a_password_change_is_required_and_waived() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
    let required = take(&admin, &ann, "require-password").await;
    assert!(required.is(200).text().contains("until they have chosen another password"));
    assert!(words(&required.text()).contains("ann Password change due"));
    assert!(world.authority().user(ann.id).await.unwrap().must_change_password);
    let waived = take(&admin, &ann, "waive-password").await;
    assert!(waived.is(200).text().contains("They may keep their password."));
    assert!(!world.authority().user(ann.id).await.unwrap().must_change_password);
}

#[tokio::test]
async fn a_link_for_a_new_password_is_shown_in_the_answer_and_nowhere_else() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
    let mut links = Vec::new();
    for _ in 0..2 {
        let issued = take(&admin, &ann, "link").await;
        let text = issued.is(200).text();
        assert!(text.contains("A link for a new password") && text.contains("It is shown only now."));
        let url = value_after(&text, "id=\"link\" type=\"text\" autocomplete=\"off\" value=\"");
        world.remember_secret(url.rsplit('/').next().unwrap());
        links.push(url.strip_prefix("http://localhost:8080").unwrap().to_owned());
        for page in [of(&ann), "/auth/admin/users".to_owned(), format!("{}/link", of(&ann))] {
            assert!(!visit(&admin, &page).await.text().contains("dws_"), "{page}");
        }
    }
    visit(&world.browser(), &links[0]).await.is(404);
    let browser = world.browser();
    browser.post(&links[1]).navigation().form(&[("new_password", "one of her own")]).await.is(200);
    world.browser().login_with("ann", "one of her own").await.is(200);
}

#[tokio::test]
async fn factors_are_removed_after_a_question_that_warns_of_impostors() {
    let world = World::new().await;
    let Person { id, .. } = enrolled(&world, "ann", &[]).await;
    let ann = world.authority().user(id.parse().unwrap()).await.unwrap();
    let admin = world.admin().await;
    let asked = [
        "Remove all second factors of ann?",
        "The password alone opens the account then",
        "Make sure that it is really them who ask for it",
    ];
    let removed = insist(&admin, &ann, "reset-factors", &asked).await;
    assert!(removed.is(200).text().contains("All second factors are removed."));
    assert!(!removed.text().contains("/reset-factors\""), "nothing is left to remove");
    assert_eq!(world.browser().login("ann").await.ok()["status"], "authenticated");
}

#[tokio::test]
async fn sessions_are_ended_one_by_one_and_all_at_once() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let (ann, ben, admin) =
            (world.user("ann", &[]).await, world.user("ben", &[]).await, world.admin().await);
        let browsers =
            [world.signed_in("ann").await, world.signed_in("ann").await, world.signed_in("ann").await];
        let of_ben = world.signed_in("ben").await;
        let page = visit(&admin, &of(&ann)).await;
        let action = format!("{}/sessions/revoke", of(&ann));
        // Whoever's session it is, it is ended on its owner's page alone.
        let gone = submit(&admin, &page, &action, &[("session_id", &of_ben.session_id().await)]).await;
        assert!(words(&gone.is(404).text()).contains("That is gone already."), "{}", gone.text());
        let one = submit(&admin, &page, &action, &[("session_id", &browsers[0].session_id().await)]).await;
        assert!(one.is(200).text().contains("One session is ended."));
        assert_eq!(
            (browsers[0].state().await.as_str(), sessions(&world, ann.id).await),
            ("session_revoked", 2)
        );
        let asked = ["Sign ann out everywhere?", "ann has to sign in again in every browser and program."];
        let all = insist(&admin, &ann, "sign-out", &asked).await;
        assert!(all.is(200).text().contains("2 sessions are ended."));
        assert!(words(&all.text()).contains("Where they are signed in Nowhere."));
        assert_eq!((sessions(&world, ann.id).await, sessions(&world, ben.id).await), (0, 1));
    }
}

#[tokio::test]
async fn known_browsers_are_forgotten_after_a_question() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
    let before = world.authority().user(ann.id).await.unwrap().device_epoch;
    let asked = ["Forget the browsers that the account of ann knows?", "Nobody is signed out."];
    let forgotten = insist(&admin, &ann, "forget-devices", &asked).await;
    assert!(forgotten.is(200).text().contains("Known browsers are forgotten."));
    assert_ne!(world.authority().user(ann.id).await.unwrap().device_epoch, before);
}

#[tokio::test]
async fn a_lock_is_told_with_its_end_and_ended() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").guarded().on(storage).start().await;
        let ann = world.user("ann", &[]).await;
        lock(&world, "ann").await;
        let admin = world.admin().await;
        let page = visit(&admin, &of(&ann)).await;
        let told = "Lock New browsers cannot sign in for another 15 minutes (until";
        assert!(words(&page.is(200).text()).contains(told), "{}", page.text());
        let unlocked = take(&admin, &ann, "unlock").await;
        assert!(unlocked.is(200).text().contains("Unlocked. Failed attempts are forgotten."));
        assert!(words(&unlocked.text()).contains("Lock not locked"), "{}", unlocked.text());
        world.signed_in("ann").await;
    }
}

#[tokio::test]
async fn an_app_that_is_locked_is_told_of() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    crate::factor_lock::guess(&world, &ann, 100).await;
    let page = format!("/auth/admin/users/{}", ann.id);
    let text = visit(&world.admin().await, &page).await.is(200).text();
    assert!(
        text.contains("The authenticator app is locked, because of wrong codes, until you unlock it."),
        "{text}"
    );
}

#[tokio::test]
async fn a_user_is_deleted_after_a_question_that_says_it_is_for_good() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
        let browser = world.signed_in("ann").await;
        let asked = [
            "Delete the account of ann?",
            "the account is gone for good: password, second factors and roles. This cannot be undone.",
            "The name stays taken",
        ];
        let deleted = insist(&admin, &ann, "delete", &asked).await;
        assert!(deleted.is(200).text().contains("<bdi>ann</bdi> is deleted."));
        assert!(!deleted.text().contains(&of(&ann)), "the list is without them");
        assert_eq!(browser.state().await, "session_revoked");
        for page in [of(&ann), format!("{}/disable", of(&ann))] {
            visit(&admin, &page).await.is(404);
        }
        let csrf = csrf_of(&deleted_form(&admin).await);
        let form = [("csrf_token", csrf.as_str())];
        let again = admin.post(&format!("{}/delete", of(&ann))).navigation().without_csrf();
        again.form(&form).await.is(404);
    }
}

/// Any page with a form.
async fn deleted_form(browser: &Browser) -> Answer {
    visit(browser, "/auth/admin/users/new").await
}

#[tokio::test]
async fn the_last_administrator_stays_and_is_told_so() {
    let world = World::new().await;
    let admin = world.admin().await;
    let root = world.authority().user_by_name(ADMIN).await.unwrap();
    for (question, asked) in [
        ("disable", "This is your own account. You are signed out at once, and only another administrator"),
        ("delete", "This is your own account. You are signed out at once, for good."),
    ] {
        let refused = insist(&admin, &root, question, &[asked]).await;
        let text = words(&refused.is(409).text());
        assert!(
            text.contains("The last enabled administrator must stay: make somebody else one first."),
            "{text}"
        );
        assert_eq!(admin.state().await, "200");
    }
}

/// Whoever ends their own session is led to where they sign in.
#[tokio::test]
async fn what_administrators_do_to_themselves_is_named_and_leads_to_the_login_page() {
    let world = World::new().await;
    let root = world.authority().user_by_name(ADMIN).await.unwrap();
    world.user("other", &["admin"]).await;
    for (question, named) in [
        ("sign-out", "This is your own account. You are signed out here as well."),
        ("disable", "This is your own account. You are signed out at once, and only another"),
        ("delete", "This is your own account. You are signed out at once, for good."),
    ] {
        let admin = world.admin().await;
        assert!(visit(&admin, &of(&root)).await.text().contains("This is you"));
        assert_eq!(leads_to(&insist(&admin, &root, question, &[named]).await), "/auth/login");
        assert_eq!(admin.state().await, "session_revoked");
        visit(&admin, "/auth/login").await.is(200);
        if question == "disable" {
            let enabled = ChangesForm { disabled: Some(false), ..ChangesForm::default() };
            world.authority().change_user(&Caller::command_line(), root.id, enabled).await.unwrap();
        }
    }
    let other = world.signed_in("other").await;
    let user = world.authority().user_by_name("other").await.unwrap();
    let page = visit(&other, &of(&user)).await;
    let current = [("session_id", other.session_id().await)];
    let current = current.each_ref().map(|(name, id)| (*name, id.as_str()));
    let ended = submit(&other, &page, &format!("{}/sessions/revoke", of(&user)), &current).await;
    assert_eq!(leads_to(&ended), "/auth/login");
}

#[tokio::test]
async fn a_link_does_nothing_and_neither_does_a_form_from_elsewhere() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
    let csrf = csrf_of(&visit(&admin, &of(&ann)).await);
    let before = world.audit().await.len();
    for question in ["disable", "reset-factors", "forget-devices", "sign-out", "delete"] {
        visit(&admin, &format!("{}/{question}", of(&ann))).await.is(200);
    }
    for step in ["enable", "require-password", "waive-password", "link", "unlock", "unknown", "sessions"] {
        visit(&admin, &format!("{}/{step}", of(&ann))).await.is(404);
    }
    assert_eq!(world.audit().await.len(), before, "looking changes nothing");
    for step in ["disable", "delete", "link", "unlock", "sessions/revoke"] {
        let post = || admin.post(&format!("{}/{step}", of(&ann))).navigation().without_csrf();
        let session = ("session_id", "x");
        let fields = |token| if step == "sessions/revoke" { vec![session, token] } else { vec![token] };
        post().form(&fields(("csrf_token", "wrong"))).await.is(403);
        post().cross_site().form(&fields(("csrf_token", &csrf))).await;
    }
    assert_eq!(world.authority().user(ann.id).await.unwrap(), ann);
    let unknown = admin.post(&format!("{}/unknown", of(&ann))).navigation().without_csrf();
    unknown.form(&[("csrf_token", &csrf)]).await.is(404);
}

#[tokio::test]
async fn whoever_may_not_do_nothing() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
    world.user("eve", &["editor"]).await;
    let eve = world.signed_in("eve").await;
    visit(&eve, &of(&ann)).await.is(403);
    let csrf = csrf_of(&visit(&eve, "/auth/account").await);
    let form = [("csrf_token", csrf.as_str())];
    for step in ["disable", "delete", "link", "unlock"] {
        let action = format!("{}/{step}", of(&ann));
        eve.post(&action).navigation().without_csrf().form(&form).await.is(403);
        let page = visit(&admin, &of(&ann)).await;
        world.advance(std::time::Duration::from_secs(301)).await;
        let stale = submit(&admin, &page, &action, &[]).await;
        assert_eq!(leads_to(&stale), format!("/auth/step-up?rd={}", escaped(&of(&ann))));
        admin.post("/auth/v1/step-up").json(&serde_json::json!({"password": PASSWORD})).await.is(200);
        eve.refresh().await;
    }
    assert_eq!(world.authority().user(ann.id).await.unwrap(), ann);
}

#[tokio::test]
async fn nobody_by_an_id_that_is_none_or_nobodys() {
    let world = World::new().await;
    let admin = world.admin().await;
    let nobodys = world.user("gone", &[]).await;
    world.authority().delete_user(&Caller::command_line(), nobodys.id).await.unwrap();
    for id in [nobodys.id.to_string(), "x".to_owned(), "..%2Fsessions".to_owned(), "%00".to_owned()] {
        for below in ["", "/disable", "/delete"] {
            let page = visit(&admin, &format!("/auth/admin/users/{id}{below}")).await;
            assert!(page.is(404).text().contains("<html"), "{id}{below}");
        }
    }
}
