//! What the pages tell whoever has to wait, and whoever strangers' wrong passwords are about.

use std::num::NonZeroU32;

use doorward_core::{password::HashingCost, rate_limit::Rate};

use crate::{
    answer::Answer,
    ask::at_once,
    browser::Browser,
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const THRESHOLD: u32 = 3;

/// Nothing but the lock stands against guessing here.
fn plan() -> Plan {
    Plan::at("http://localhost:8080").with(|config| {
        config.settings.guard.lockout.threshold = NonZeroU32::new(THRESHOLD).unwrap();
    })
}

async fn by_page(browser: &Browser, username: &str, password: &str) -> Answer {
    let form = [("username", username), ("password", password), ("rd", "")];
    browser.post("/auth/login").without_csrf().navigation().form(&form).await
}

async fn lock(world: &World, username: &str) -> Answer {
    let stranger = world.browser();
    for _ in 1..THRESHOLD {
        by_page(&stranger, username, "wrong password").await.is(401);
    }
    by_page(&stranger, username, "wrong password").await
}

async fn account(browser: &Browser) -> String {
    browser.get("/auth/account").navigation().await.is(200).text()
}

#[tokio::test]
async fn a_locked_page_is_a_429_that_says_how_long_in_the_header_and_in_words() {
    let world = plan().start().await;
    let locked = lock(&world, "root").await;
    assert_eq!(locked.is(429).header("retry-after"), "900");
    assert!(locked.text().contains("<span role=\"timer\">15 minutes</span>."));
    assert!(locked.text().contains("value=\"root\""), "the name stays in its field");
    world.advance(std::time::Duration::from_millis(40_500)).await;
    let later = by_page(&world.browser(), "root", PASSWORD).await;
    assert_eq!(later.is(429).header("retry-after"), "860", "rounded up");
    assert!(
        later.text().contains("14 minutes and 20 seconds")
            && later.text().contains("data-wait-seconds=\"860\"")
    );
}

#[tokio::test]
async fn the_page_is_the_same_for_unknown_known_and_disabled_names() {
    let world = plan().start().await;
    let ann = world.user("ann", &[]).await;
    world.user("bob", &[]).await;
    let admin = world.admin().await;
    let disable = serde_json::json!({"disabled": true});
    admin.patch(&format!("/auth/v1/admin/users/{}", ann.id)).json(&disable).await.is(200);
    let mut pages = Vec::new();
    for name in ["ann", "bob", "eve"] {
        lock(&world, name).await.is(429);
        let page = by_page(&world.browser(), name, PASSWORD).await;
        pages.push(page.is(429).text().replace(&format!("value=\"{name}\""), "value=\"\""));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[1], pages[2]);
    assert!(pages[0].contains("Too many wrong passwords"));
}

#[tokio::test]
async fn who_is_limited_by_address_is_told_so_on_every_page_that_takes_a_secret() {
    let world = plan()
        .with(|config| {
            config.settings.login_rate = Rate { attempts: NonZeroU32::new(1).unwrap(), per: MINUTE }
        })
        .start()
        .await;
    let told = |answer: Answer| {
        assert_eq!(answer.is(429).header("retry-after"), "60");
        assert!(answer.text().contains("Too many attempts in a short time"), "{}", answer.text());
        assert!(answer.text().contains("<span role=\"timer\">1 minute</span>"));
    };
    // Setup was the one attempt of this minute.
    told(by_page(&world.browser(), "root", PASSWORD).await);
    world.advance(MINUTE).await;
    let admin = world.admin().await;
    let body = serde_json::json!({"username": "ann"});
    let made = admin.post("/auth/v1/admin/users").json(&body).await.is(201).json();
    let link = made["invite_url"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap().to_owned();
    told(world.browser().post(&link).navigation().form(&[("new_password", "chosen by its owner")]).await);
}

#[tokio::test]
async fn the_password_page_says_that_only_this_session_is_locked() {
    let world = plan().start().await;
    let browser = world.admin().await;
    let change = |current: &'static str| {
        let form = [("current_password", current), ("new_password", "chosen by its owner")];
        browser.post("/auth/password").navigation().form(&form)
    };
    for _ in 1..THRESHOLD {
        assert!(change("wrong password").await.is(401).text().contains("That is not your current password."));
    }
    for current in ["wrong password", PASSWORD] {
        let locked = change(current).await;
        assert_eq!(locked.is(429).header("retry-after"), "900");
        assert!(locked.text().contains("you stay signed in"));
    }
    assert!(!account(&browser).await.contains("wrong passwords for your account"), "strangers may try");
}

#[tokio::test]
async fn the_account_page_tells_its_owner_while_strangers_are_locked_out_and_not_after() {
    for storage in BOTH {
        let world = plan().on(storage).start().await;
        let browser = world.admin().await;
        assert!(!account(&browser).await.contains("wrong passwords for your account"));
        lock(&world, "root").await.is(429);
        let page = account(&browser).await;
        assert!(page.contains("for another 15 minutes (until <time datetime="), "{page}");
        assert!(page.contains("This browser is not affected"));
        browser.forget_cookie("dw_device");
        assert!(!account(&browser).await.contains("This browser is not affected"));
        world.advance(MINUTE * 15).await;
        browser.refresh().await.is(200);
        assert!(!account(&browser).await.contains("wrong passwords for your account"));
    }
}

#[tokio::test]
async fn all_known_browsers_but_the_one_that_asks_are_forgotten() {
    for storage in BOTH {
        let world = plan().on(storage).start().await;
        let (lost, kept) = (world.admin().await, world.admin().await);
        let before = kept.cookie("dw_device");
        let forget = || kept.post("/auth/account/devices/forget").without_csrf().navigation();
        forget().form(&[]).await.is(403);
        forget().form(&[("csrf_token", "x")]).await.is(403);
        assert_eq!(kept.cookie("dw_device"), before);
        lock(&world, "root").await.is(429);
        let csrf = kept.cookie("dw_csrf");
        let answer = forget().form(&[("csrf_token", &csrf)]).await;
        assert!(answer.is(200).text().contains("All other browsers are forgotten."));
        assert!(answer.text().contains("This browser is not affected"));
        assert_ne!(kept.cookie("dw_device"), before);
        assert_eq!(world.last_event().await.0, "account.devices_forgotten");
        for browser in [&lost, &kept] {
            assert_eq!(browser.state().await, "200", "nobody is signed out");
        }
        by_page(&lost, "root", PASSWORD).await.is(429);
        by_page(&kept, "root", PASSWORD).await.is(200);
    }
}

/// Hashing so dear, and a queue so short, that a few logins at once are too many.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_while_too_many_sign_in_is_told_that_the_server_is_busy() {
    let world = Plan::at("http://localhost:8080").hashing_queue(1).start().await;
    let mut config = world.config().clone();
    config.settings.hashing_cost = HashingCost { memory_kib: 65_536, iterations: 3, parallelism: 1 };
    world.doorward().reload(config).unwrap();
    let form = [("username", "nobody"), ("password", "wrong password")];
    let answers = at_once((0..12).map(|_| world.post("/auth/login").navigation().form(&form))).await;
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status != 401).collect();
    assert!(!busy.is_empty());
    for answer in busy {
        assert!(answer.is(503).has("retry-after"));
        assert!(answer.text().contains("The server is busy.") && answer.text().contains("role=\"timer\""));
    }
}
