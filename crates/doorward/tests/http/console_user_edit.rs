//! E-mail and roles of a user, as the console changes them; and all that its page tells.

use doorward_core::{
    authority::Caller,
    user::User,
    users::{ChangesForm, UserForm},
};
use serde_json::json;

use crate::{
    activity::entries,
    answer::Answer,
    browser::Browser,
    console_user::of,
    page::{leads_to, link, submit, value_after, visit, words},
    world::{ADMIN, BOTH, Plan, World},
};

/// Sends the form as it is shown, with these fields instead of its own.
async fn save(browser: &Browser, user: &User, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    let text = page.text();
    let shown = |name: &str| value_after(&text, &format!("name=\"{name}\" value=\""));
    let before = [("email_before", shown("email_before")), ("roles_before", shown("roles_before"))];
    let mut form = vec![("email", before[0].1.as_str()), ("roles", before[1].1.as_str())];
    for field in fields {
        form.retain(|(name, _)| *name != field.0);
        form.push(*field);
    }
    form.extend(before.iter().map(|(name, value)| (*name, value.as_str())));
    submit(browser, page, &of(user), &form).await
}

async fn now(world: &World, user: &User) -> (String, String) {
    let user = world.authority().user(user.id).await.unwrap();
    let email = user.email.as_ref().map(|email| email.as_str().to_owned());
    (email.unwrap_or_default(), user.roles.iter().collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn email_and_roles_are_changed_and_in_force_at_once() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let (ann, admin) = (world.user("ann", &["editor"]).await, world.admin().await);
        let browser = world.signed_in("ann").await;
        let page = visit(&admin, &of(&ann)).await;
        let saved = save(&admin, &ann, &page, &[("email", " ann@example.com "), ("roles", "b,a  b")]).await;
        assert!(saved.is(200).text().contains("Saved. It is in force at once."));
        assert_eq!(now(&world, &ann).await, ("ann@example.com".to_owned(), "a b".to_owned()));
        assert_eq!(browser.state().await, "session_expired", "the token told the old roles");
        let removed = save(&admin, &ann, &saved, &[("email", ""), ("roles", "")]).await;
        removed.is(200);
        assert_eq!(now(&world, &ann).await, (String::new(), String::new()));
        let epoch = world.authority().user(ann.id).await.unwrap().epoch;
        let same = save(&admin, &ann, &removed, &[]).await;
        assert!(same.is(200).text().contains("Nothing was changed."));
        assert_eq!(world.authority().user(ann.id).await.unwrap().epoch, epoch, "nobody is troubled for it");
    }
}

/// Two administrators at the same form: neither undoes what they did not touch.
#[tokio::test]
async fn a_form_that_is_out_of_date_changes_only_what_was_changed_in_it() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &["editor"]).await, world.admin().await);
    let page = visit(&admin, &of(&ann)).await;
    let roles = ["admin".to_owned()];
    let changes = ChangesForm { roles: Some(&roles), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), ann.id, changes).await.unwrap();
    save(&admin, &ann, &page, &[("email", "ann@example.com")]).await.is(200);
    assert_eq!(now(&world, &ann).await, ("ann@example.com".to_owned(), "admin".to_owned()));
}

/// Nor is a role given back that the other has taken away, or taken away that the other has given.
#[tokio::test]
async fn roles_are_added_and_removed_one_by_one() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let (ann, admin) = (world.user("ann", &["deploy", "editor"]).await, world.admin().await);
        let page = visit(&admin, &of(&ann)).await;
        let roles = ["admin", "editor"].map(str::to_owned);
        let changes = ChangesForm { roles: Some(&roles), ..ChangesForm::default() };
        world.authority().change_user(&Caller::command_line(), ann.id, changes).await.unwrap();
        let wrong = [("email", "<b>"), ("roles", "deploy viewer")];
        let told = save(&admin, &ann, &page, &wrong).await;
        assert!(told.is(422).text().contains("value=\"admin viewer\""), "{}", told.text());
        save(&admin, &ann, &page, &[("roles", "deploy viewer")]).await.is(200);
        assert_eq!(now(&world, &ann).await.1, "admin viewer");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_nothing_is_changed() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &["editor"]).await, world.admin().await);
    let page = visit(&admin, &of(&ann)).await;
    let wrong = save(&admin, &ann, &page, &[("email", "<b>"), ("roles", "Editor")]).await;
    let text = wrong.is(422).text();
    for field in ["email", "roles"] {
        assert!(text.contains(&format!("id=\"{field}-error\"")), "{field}: {text}");
    }
    assert!(text.contains("value=\"&#60;b&#62;\"") && text.contains("value=\"Editor\""), "{text}");
    assert_eq!(now(&world, &ann).await, (String::new(), "editor".to_owned()));
    // What was wrong is mended in the page that says so.
    save(&admin, &ann, &wrong, &[("email", "ann@example.com"), ("roles", "editor")]).await.is(200);
    assert_eq!(now(&world, &ann).await, ("ann@example.com".to_owned(), "editor".to_owned()));
}

#[tokio::test]
async fn nobody_gives_up_their_own_administration_by_a_slip() {
    let world = World::new().await;
    world.user("other", &["admin"]).await;
    let root = world.authority().user_by_name(ADMIN).await.unwrap();
    let admin = world.admin().await;
    let page = visit(&admin, &of(&root)).await;
    assert!(page.text().contains("I cannot open these pages any more then"));
    let asked = save(&admin, &root, &page, &[("roles", "editor")]).await;
    let text = asked.is(422).text();
    assert!(text.contains("This would take your own role admin away."), "{text}");
    assert!(text.contains("value=\"editor\" aria-invalid=\"true\""), "{text}");
    assert_eq!(now(&world, &root).await.1, "admin");
    let meant = save(&admin, &root, &asked, &[("roles", "editor"), ("give_up", "true")]).await;
    assert_eq!(leads_to(&meant), "/auth/account");
    assert_eq!(now(&world, &root).await.1, "editor");
    admin.refresh().await.is(200);
    visit(&admin, &of(&root)).await.is(403);
}

#[tokio::test]
async fn the_last_administrator_keeps_the_role() {
    let world = World::new().await;
    let root = world.authority().user_by_name(ADMIN).await.unwrap();
    let admin = world.admin().await;
    let page = visit(&admin, &of(&root)).await;
    let refused = save(&admin, &root, &page, &[("roles", ""), ("give_up", "true")]).await;
    assert!(words(&refused.is(409).text()).contains("The last enabled administrator must stay"));
    assert_eq!(now(&world, &root).await.1, "admin");
}

#[tokio::test]
async fn others_are_made_and_unmade_administrators_without_a_box_to_tick() {
    let world = World::new().await;
    let (ann, admin) = (world.user("ann", &[]).await, world.admin().await);
    let page = visit(&admin, &of(&ann)).await;
    assert!(!page.text().contains("name=\"give_up\""));
    let made = save(&admin, &ann, &page, &[("roles", "admin")]).await;
    save(&admin, &ann, made.is(200), &[("roles", "")]).await.is(200);
    assert_eq!(now(&world, &ann).await.1, "");
}

#[tokio::test]
async fn the_page_tells_all_there_is_and_shows_no_text_as_markup() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let hostile = "<script>\"'&";
        let form = UserForm { username: hostile, password: Some("correct horse"), ..UserForm::default() };
        let caller = Caller::command_line();
        let (ann, _) = world.authority().create_user(&caller, form).await.unwrap();
        let browser = world.browser();
        let body = json!({"username": hostile, "password": "correct horse"});
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0 <script>";
        browser.post("/auth/v1/login").from("203.0.113.9").user_agent(agent).json(&body).await.is(200);
        let wrong = json!({"username": hostile, "password": "wrong"});
        world.post("/auth/v1/login").from("203.0.113.10").user_agent("<img>").json(&wrong).await.is(401);
        let admin = world.admin().await;
        admin
            .patch(&format!("/auth/v1/admin/users/{}", ann.id))
            .json(&json!({"roles": ["editor"]}))
            .await
            .is(200);
        let page = visit(&admin, &of(&ann)).await;
        let text = page.is(200).text();
        assert!(!text.contains("<script>") && !text.contains("<img>"), "{text}");
        let read = words(&text);
        for told in [
            "Roles editor Second factors none Lock not locked Created just now,",
            &format!("Id {}", ann.id),
            "Firefox on Linux Address 203.0.113.9 Last seen just now",
            "Sign out Firefox on Linux at 203.0.113.9, last seen just now",
        ] {
            assert!(read.contains(told), "{told}: {read}");
        }
        let told = entries(&page);
        assert!(told[0].starts_with("Account changed just now,"), "{told:?}");
        assert!(told[0].contains("roles: editor By root"), "{told:?}");
        assert!(told[1].starts_with("Sign-in refused: wrong name or password Refused"), "{told:?}");
        assert!(told[1].ends_with("Unknown device 203.0.113.10"), "{told:?}");
        assert!(told[2].starts_with("Signed in"), "{told:?}");
        let root = world.authority().user_by_name(ADMIN).await.unwrap();
        assert!(text.contains(&format!("By <a href=\"{}\"><bdi>root</bdi></a>", of(&root))), "{text}");
        let events = link(&page, "All their events in the audit log").unwrap();
        assert_eq!(events, format!("/auth/admin/audit?user={}", ann.id));
        visit(&admin, &events).await.is(200);
    }
}
