//! The console's list of users, and adding one.

use doorward_core::{
    authority::Caller,
    users::{ChangesForm, UserForm},
};

use crate::{
    answer::Answer,
    browser::Browser,
    page::{leads_to, link, submit, value_after, visit, words},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

pub(crate) const USERS: &str = "/auth/admin/users";
const NEW: &str = "/auth/admin/users/new";

/// What the list tells of each, as one who reads it would say it.
fn rows(page: &Answer) -> Vec<String> {
    let text = page.is(200).text();
    let list = text.split_once("<ul class=\"records people\">").map(|(_, list)| list.to_owned());
    let list = list.unwrap_or_default();
    let list = list.split("</section>").next().unwrap().split("<nav class=\"pages\"").next().unwrap();
    list.split("<h3>").skip(1).map(words).collect()
}

async fn add(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    let form = visit(browser, NEW).await;
    submit(browser, form.is(200), NEW, fields).await
}

#[tokio::test]
async fn the_list_tells_of_each_what_state_they_are_in() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let caller = Caller::command_line();
        world.advance(MINUTE).await;
        world.user("ann", &["editor", "billing"]).await;
        world.advance(MINUTE).await;
        let form = UserForm { username: "ben", email: Some("ben@example.com"), ..UserForm::default() };
        world.authority().create_user(&caller, form).await.unwrap();
        world.advance(MINUTE).await;
        let cay = world.user("cay", &[]).await;
        world.advance(MINUTE).await;
        let dora = world.user("dora", &[]).await;
        let disabled = ChangesForm { disabled: Some(true), ..ChangesForm::default() };
        let due = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
        world.authority().change_user(&caller, cay.id, disabled).await.unwrap();
        world.authority().change_user(&caller, dora.id, due).await.unwrap();
        world.advance(MINUTE).await;
        crate::authenticator_app::enrolled(&world, "eve", &[]).await;
        let page = visit(&world.admin().await, USERS).await;
        let rows = rows(&page);
        for (row, told) in rows.iter().zip([
            "root State Enabled Roles admin Second factors none Created 5 minutes ago",
            "ann State Enabled Roles billing editor Second factors none Created 4 minutes ago",
            "ben ben@example.com State Invited Roles none Second factors none Created 3 minutes ago",
            "cay State Disabled Roles none",
            "dora State Password change due Roles none",
            "eve State Enabled Roles none Second factors Authenticator app 10 recovery codes left",
        ]) {
            assert!(row.starts_with(told), "{told}: {rows:?}");
        }
        assert_eq!(rows.len(), 6);
        assert_eq!(link(&page, "<bdi>cay</bdi>"), Some(format!("{USERS}/{}", cay.id)));
    }
}

#[tokio::test]
async fn a_search_finds_by_how_name_or_address_begins_and_says_so_when_nobody_is_found() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        for (username, email) in
            [("Anna", None), ("Beate", Some("annemarie@example.com")), ("Xanna", Some("x@annex.example"))]
        {
            let form = UserForm { username, email, ..UserForm::default() };
            world.authority().create_user(&Caller::command_line(), form).await.unwrap();
        }
        let admin = world.admin().await;
        let found = visit(&admin, "/auth/admin/users?search=ANN").await;
        let names: Vec<String> =
            rows(&found).iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["Anna", "Beate"]);
        assert!(found.text().contains("begins with <bdi>“ANN”</bdi>"));
        assert!(found.text().contains("maxlength=\"254\" value=\"ANN\""), "it stays in the field");

        let none = visit(&admin, "/auth/admin/users?search=%22%3E%3Cb%3Enobody").await;
        assert_eq!(rows(&none), [""; 0]);
        assert!(none.text().contains("Nobody was found. Only beginnings are searched"));
        assert!(!none.text().contains("<b>nobody"));
        assert_eq!(link(&none, "Show everybody").as_deref(), Some(USERS));
        assert_eq!(
            rows(&visit(&admin, "/auth/admin/users?search=%20").await).len(),
            4,
            "spaces are no search"
        );
    }
}

/// The search goes along, and nobody is skipped or told twice.
#[tokio::test]
async fn long_lists_are_shown_part_by_part() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        for number in 0..103 {
            let form = UserForm { username: &format!("user-{number:03} &"), ..UserForm::default() };
            world.authority().create_user(&Caller::command_line(), form).await.unwrap();
        }
        let admin = world.admin().await;
        for (address, total) in [(USERS, 104), ("/auth/admin/users?search=user-", 103)] {
            let mut page = visit(&admin, address).await;
            assert_eq!(link(&page, "Back to the beginning"), None);
            let mut told = rows(&page);
            assert_eq!(told.len(), 50);
            while let Some(next) = link(&page, "Next") {
                page = visit(&admin, &next).await;
                assert_eq!(link(&page, "Back to the beginning").as_deref(), Some(address));
                told.extend(rows(&page));
            }
            assert_eq!(told.len(), total);
            told.sort();
            told.dedup();
            assert_eq!(told.len(), total);
        }
        assert_eq!(rows(&visit(&admin, "/auth/admin/users?cursor=garbage").await).len(), 50);
    }
}

#[tokio::test]
async fn an_invitation_is_shown_once_and_lets_its_user_in() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        let fields = [
            ("username", "Ann <b>&"),
            ("email", "ann@example.com"),
            ("roles", "editor, billing"),
            ("how", "invitation"),
            ("password", ""),
        ];
        let added = add(&admin, &fields).await;
        let text = added.is(200).text();
        assert!(text.contains("The user is added") && text.contains("It is shown only now."), "{text}");
        assert!(text.contains("Give this link to <bdi>Ann &#60;b&#62;&#38;</bdi>"));
        assert!(words(&text).contains("It works once and ends in 7 days ("), "{text}");
        let url = value_after(&text, "id=\"link\" type=\"text\" autocomplete=\"off\" value=\"");
        world.remember_secret(url.rsplit('/').next().unwrap());
        let path = url.strip_prefix("http://localhost:8080").unwrap();
        assert!(path.starts_with("/auth/invite/dws_"), "{path}");

        let page = visit(&admin, &value_after(&text, "<a class=\"button quiet\" href=\"")).await;
        let text = page.is(200).text();
        assert!(text.contains("Invited") && !text.contains("dws_"), "{text}");
        assert!(words(&text).contains("Roles billing editor"));
        assert!(!visit(&admin, USERS).await.text().contains("dws_"));

        let browser = world.browser();
        visit(&browser, path).await.is(200);
        let accept = [("new_password", "a password of her own")];
        browser.post(path).navigation().form(&accept).await.is(200);
        assert_eq!(browser.get("/auth/v1/me").await.ok()["roles"], serde_json::json!(["billing", "editor"]));
    }
}

#[tokio::test]
async fn a_user_with_a_password_can_sign_in_at_once() {
    let world = World::new().await;
    let admin = world.admin().await;
    let fields =
        [("username", "ann"), ("email", ""), ("roles", ""), ("how", "password"), ("password", PASSWORD)];
    let added = add(&admin, &fields).await;
    assert!(added.is(200).text().contains("The user is added and can sign in."));
    assert!(!added.text().contains("dws_"));
    world.signed_in("ann").await;
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_nobody_is_added() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let admin = world.admin().await;
    let fields = [
        ("username", "ben"),
        ("email", "no address"),
        ("roles", "Editor"),
        ("how", "password"),
        ("password", "short"),
    ];
    let wrong = add(&admin, &fields).await;
    let text = wrong.is(422).text();
    for field in ["email", "roles", "password"] {
        assert!(text.contains(&format!("<p class=\"problem\" id=\"{field}-error\">")), "{field}: {text}");
    }
    assert!(text.contains("value=\"no address\"") && text.contains("value=\"Editor\""), "typed once");
    assert!(!text.contains("short\""), "passwords are not sent back");
    assert!(text.contains(
        "id=\"by-password\" name=\"how\" type=\"radio\" value=\"password\" autocomplete=\"off\" checked"
    ));

    let taken = add(&admin, &[("username", "ANN"), ("how", "invitation")]).await;
    let text = taken.is(409).text();
    assert!(text.contains("id=\"username-error\""), "{text}");
    assert!(text.contains("This name is taken, or somebody had it before."), "{text}");
    assert_eq!(rows(&visit(&admin, USERS).await).len(), 2, "nobody was added");
}

/// An answer that reached nobody can be asked for again, and adds nobody else.
#[tokio::test]
async fn the_same_form_sent_twice_adds_one() {
    let world = World::new().await;
    let admin = world.admin().await;
    let form = visit(&admin, NEW).await;
    let fields = [("username", "ann"), ("how", "invitation")];
    submit(&admin, &form, NEW, &fields).await.is(200);
    let again = submit(&admin, &form, NEW, &fields).await;
    assert!(!again.is(409).text().contains("dws_"));
}

#[tokio::test]
async fn where_there_is_a_single_operator_nobody_is_added() {
    let plan = Plan::at("http://localhost:8080");
    let world = plan.with(|config| config.settings.mode = doorward_core::mode::Mode::SingleOperator);
    let world = world.before_setup().await;
    let token = world.setup_token().await;
    let setup = serde_json::json!({"setup_token": token, "password": PASSWORD});
    let operator = world.browser();
    operator.post("/auth/v1/setup").json(&setup).await.is(201);
    assert_eq!(link(&visit(&operator, USERS).await, "Add a user"), None);
    let told = "This server has a single operator";
    assert!(visit(&operator, NEW).await.is(200).text().contains(told));
    let refused = add(&operator, &[("username", "ann"), ("how", "invitation")]).await;
    assert!(refused.is(409).text().contains(told));
}

#[tokio::test]
async fn whoever_signed_in_long_ago_adds_nobody_before_a_step_up() {
    let world = World::new().await;
    let admin = world.admin().await;
    let form = visit(&admin, NEW).await;
    world.advance(std::time::Duration::from_secs(301)).await;
    let answer = submit(&admin, &form, NEW, &[("username", "ann"), ("how", "invitation")]).await;
    assert_eq!(leads_to(&answer), "/auth/step-up?rd=%2Fauth%2Fadmin%2Fusers%2Fnew");
    assert!(world.authority().user_by_name("ann").await.is_err());
}
