//! What a new password must not be (NIST SP 800-63B-4, 3.1.1.2), wherever one is set: setup, an administrator who
//! makes a user, password change, invitation and reset.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use doorward_core::{
    authority::Caller,
    password::{BreachedPasswords, LookUpFailed, Sha1},
    refusal::Refusal,
};
use serde_json::json;

use crate::{
    answer::Answer,
    browser::Browser,
    world::{PASSWORD, Plan, World},
};

/// Nobody would guess it, but it was stolen elsewhere.
const STOLEN: &str = "saffron-harbour-pencil-64";

/// Someone with a name and a mail address that are easily told apart from other words.
const NAME: &str = "margaret.hamilton";
const MAIL: &str = "mh@apolloproject.example";

/// For each rule, a password of Margaret's that breaks it.
const REFUSED: [(&str, &str); 8] = [
    ("Qwertyuiop", "too_common"),
    ("PASSWORD123", "too_common"),
    ("iloveyou", "too_common"),
    ("Hamilton-69", "too_similar"),
    ("m4rg4r3t!", "too_similar"),
    ("ApolloProject1", "too_similar"),
    ("abcabcabcabc", "too_weak"),
    (STOLEN, "breached"),
];

#[derive(Debug)]
struct OnlyStolen;

impl BreachedPasswords for OnlyStolen {
    fn contains(&self, hash: &Sha1) -> Result<bool, LookUpFailed> {
        Ok(digest(&SHA1_FOR_LEGACY_USE_ONLY, STOLEN.as_bytes()).as_ref() == hash)
    }
}

#[derive(Debug)]
struct Unreadable;

impl BreachedPasswords for Unreadable {
    fn contains(&self, _: &Sha1) -> Result<bool, LookUpFailed> {
        Err(LookUpFailed)
    }
}

fn plan() -> Plan {
    Plan::at("http://localhost:8080")
        .with(|config| config.settings.breached_passwords = Some(Arc::new(OnlyStolen)))
}

/// It names the field, the rule, and in words that the password is not part of what to do.
fn refused_for(answer: &Answer, field: &str, code: &str, password: &str) {
    answer.refused(422, "validation_failed");
    let error = &answer.json()["errors"][0];
    assert_eq!((error["field"].as_str(), error["code"].as_str()), (Some(field), Some(code)), "{password}");
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.len() > 40 && !detail.contains(password) && !detail.contains("zxcvbn"), "{detail}");
}

/// Margaret's browser; she has [`PASSWORD`].
async fn margaret(world: &World) -> Browser {
    let made = json!({"username": NAME, "email": MAIL, "password": PASSWORD});
    world.admin().await.post("/auth/v1/admin/users").json(&made).await.is(201);
    world.signed_in(NAME).await
}

#[tokio::test]
async fn setup_refuses_weak_passwords_and_the_token_stays_good() {
    let world = plan().before_setup().await;
    let token = world.setup_token().await;
    let body =
        |password: &str| json!({"setup_token": token, "username": NAME, "email": MAIL, "password": password});
    for (password, code) in REFUSED {
        let answer = world.post("/auth/v1/setup").json(&body(password)).await;
        refused_for(&answer, "password", code, password);
    }
    world.post("/auth/v1/setup").json(&body(PASSWORD)).await.is(201);
}

#[tokio::test]
async fn an_administrator_cannot_give_somebody_a_weak_password() {
    let world = plan().start().await;
    let admin = world.admin().await;
    let body = |password: &str| json!({"username": NAME, "email": MAIL, "password": password});
    for (password, code) in REFUSED {
        let answer = admin.post("/auth/v1/admin/users").json(&body(password)).await;
        refused_for(&answer, "password", code, password);
    }
    let users = admin.get("/auth/v1/admin/users").await.ok();
    assert_eq!(users["items"].as_array().unwrap().len(), 1, "nobody was made");
    admin.post("/auth/v1/admin/users").json(&body("margaret went to the moon")).await.is(201);
}

#[tokio::test]
async fn a_password_change_refuses_weak_ones_and_the_old_one_stays() {
    let world = plan().start().await;
    let browser = margaret(&world).await;
    for (password, code) in REFUSED {
        let body = json!({"current_password": PASSWORD, "new_password": password});
        let answer = browser.post("/auth/v1/password").json(&body).await;
        refused_for(&answer, "new_password", code, password);
    }
    world.signed_in(NAME).await;
}

#[tokio::test]
async fn an_invitation_and_a_reset_refuse_weak_passwords_and_stay_good() {
    let world = plan().start().await;
    let admin = world.admin().await;
    let body = json!({"username": NAME, "email": MAIL});
    let made = admin.post("/auth/v1/admin/users").json(&body).await.is(201).json();
    let reset = format!("/auth/v1/admin/users/{}/reset-link", made["id"].as_str().unwrap());
    let mut link = made["invite_url"].as_str().unwrap().to_owned();
    for good in [PASSWORD, "another good one for the moon"] {
        let path = link.strip_prefix("http://localhost:8080").unwrap().to_owned();
        let send = |password: &str| world.post(&path).navigation().form(&[("new_password", password)]);
        for (password, _) in REFUSED {
            let page = send(password).await;
            let text = page.is(422).text();
            assert!(text.contains("id=\"new_password-error\""), "{password}: {text}");
            assert!(!text.contains(password), "{password} is repeated");
        }
        send(good).await.is(200);
        let issued = admin.post(&reset).await.is(201).json();
        link = issued["reset_url"].as_str().unwrap().to_owned();
    }
}

#[tokio::test]
async fn the_command_line_sets_no_weak_password_either() {
    let world = plan().start().await;
    margaret(&world).await;
    let authority = world.authority();
    let user = authority.user_by_name(NAME).await.unwrap();
    for (password, code) in REFUSED {
        let set = authority.set_password(&Caller::command_line(), user.id, password, false).await;
        assert!(
            matches!(&set, Err(Refusal::Invalid(errors)) if errors[0].rule.code() == code),
            "{password}: {set:?}"
        );
    }
    authority.set_password(&Caller::command_line(), user.id, "quite another one", false).await.unwrap();
}

#[tokio::test]
async fn a_page_says_in_plain_words_what_is_wrong() {
    let world = plan().start().await;
    let browser = margaret(&world).await;
    let csrf = browser.cookie("dw_csrf");
    for (password, words) in [
        ("Qwertyuiop", "among the most used passwords"),
        ("Hamilton-69", "too close to the user name or the mail address"),
        ("abcabcabcabc", "easy to guess: the same again adds little"),
        (STOLEN, "stolen from other sites"),
    ] {
        let fields =
            [("current_password", PASSWORD), ("new_password", password), ("csrf_token", csrf.as_str())];
        let page = browser.post("/auth/password").without_csrf().navigation().form(&fields).await;
        assert!(page.is(422).text().contains(words), "{password}");
    }
}

#[tokio::test]
async fn where_the_list_of_breached_passwords_cannot_be_read_none_is_set() {
    let world = Plan::at("http://localhost:8080")
        .with(|config| config.settings.breached_passwords = Some(Arc::new(Unreadable)))
        .before_setup()
        .await;
    let token = world.setup_token().await;
    let body = json!({"setup_token": token, "username": NAME, "password": PASSWORD});
    world.post("/auth/v1/setup").json(&body).await.refused(503, "store_unavailable");
}

#[tokio::test]
async fn passwords_that_exist_are_never_looked_at_again() {
    let world = World::new().await;
    margaret(&world).await;
    let mut stricter = world.config().clone();
    stricter.settings.breached_passwords = Some(Arc::new(Unreadable));
    stricter.settings.password.min_length_single_factor = 200;
    stricter.settings.password.min_strength = 4;
    world.doorward().reload(stricter).unwrap();
    world.signed_in(NAME).await;
}

#[tokio::test]
async fn the_length_for_accounts_without_second_factor_counts_and_so_does_the_strength() {
    let world = Plan::at("http://localhost:8080")
        .with(|config| {
            config.settings.password.min_length_single_factor = 15;
            config.settings.password.min_strength = 4;
        })
        .start()
        .await;
    let browser = margaret(&world).await;
    let ask = |new: &str| {
        let body = json!({"current_password": PASSWORD, "new_password": new});
        browser.post("/auth/v1/password").json(&body)
    };
    let short = ask("kR7#pzQ2+vLw9x").await;
    short.refused(422, "validation_failed");
    assert_eq!(short.json()["errors"][0]["code"], "too_short");
    assert_eq!(short.json()["errors"][0]["detail"], "a password has at least 15 characters");
    let weak = ask("hello hello hello").await;
    refused_for(&weak, "new_password", "too_weak", "hello hello hello");
    ask("kR7#pzQ2+vLw9xG").await.is(200);
}

#[tokio::test]
async fn a_passphrase_may_be_long_in_any_script_and_without_digits_or_signs() {
    let world = plan().start().await;
    let browser = margaret(&world).await;
    let mut current = PASSWORD.to_owned();
    let long = "a brown fox and nine lazy dogs went over the hill; ".repeat(21);
    let passphrases =
        ["пароль который никто не знает", "馬が正しい電池を食べた", "margaret walks her dog", &long[..1024]];
    for new in passphrases {
        let body = json!({"current_password": current, "new_password": new});
        browser.post("/auth/v1/password").json(&body).await.is(200);
        new.clone_into(&mut current);
    }
}
