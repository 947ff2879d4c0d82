//! Known devices, as browsers and thieves of cookies use them (M-N02).

use std::{num::NonZeroU32, time::Duration};

use doorward_core::{authority::Caller, password::HashingCost, rate_limit::Rate};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    answer::Answer,
    browser::Browser,
    guesses::{WRONG, address, delayed, guess, lock, locked},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const DEVICE: &str = "dw_device";
const NEW: &str = "a whole new password";

/// A browser in which somebody signed in and out.
async fn at_home(world: &World, name: &str) -> Browser {
    let browser = world.signed_in(name).await;
    browser.post("/auth/v1/logout").await.is(204);
    assert_eq!(browser.cookie_names(), [DEVICE]);
    browser
}

#[tokio::test]
async fn the_owner_logs_in_at_once_whatever_strangers_do_to_the_account_and_from_the_same_address() {
    for storage in BOTH {
        let plan = Plan::at("http://localhost:8080").guarded().on(storage);
        let world = plan
            .with(|config| {
                config.settings.login_rate = Rate { attempts: NonZeroU32::new(20).unwrap(), per: MINUTE };
            })
            .start()
            .await;
        let owner = at_home(&world, "root").await;
        lock(&world, "root").await;
        for number in 0..30 {
            drop(guess(&world, &format!("name {number}"), WRONG, "192.0.2.10").await);
        }
        // Where the owner sits: limited, too.
        guess(&world, "somebody", PASSWORD, "192.0.2.10").await.refused(429, "rate_limited");
        locked(&guess(&world, "root", PASSWORD, &address(50)).await, 900);
        owner.login("root").await.is(200);
        owner.post("/auth/v1/logout").await.is(204);
        let form = [("username", "root"), ("password", PASSWORD)];
        owner.post("/auth/login").form(&form).await.is(200);
        assert_eq!(owner.state().await, "200");
        // Nothing of it was for the strangers.
        locked(&guess(&world, "root", PASSWORD, &address(50)).await, 900);
        guess(&world, "somebody", PASSWORD, "192.0.2.10").await.refused(429, "rate_limited");
    }
}

#[tokio::test]
async fn a_stolen_device_cookie_has_its_own_threshold_and_locks_nobody_else_out() {
    let world = World::guarded().await;
    let owner = at_home(&world, "root").await;
    let other = at_home(&world, "root").await;
    let thief = owner.copied();
    for seconds in [1, 2, 4, 8, 16, 16, 16, 16, 16] {
        thief.login_with("root", WRONG).await.refused(401, "invalid_credentials");
        delayed(&thief.login("root").await, seconds);
        world.advance(Duration::from_secs(seconds)).await;
    }
    locked(&thief.login_with("root", WRONG).await, 900);
    locked(&thief.login("root").await, 900);
    other.login("root").await.is(200);
    guess(&world, "root", PASSWORD, &address(1)).await.is(200);
}

#[tokio::test]
async fn a_device_cookie_says_nothing_about_another_account() {
    let world = World::guarded().await;
    world.user("ben", &[]).await;
    for name in ["ben", "nobody"] {
        lock(&world, name).await;
        let roots = at_home(&world, "root").await;
        locked(&roots.login(name).await, 900);
        assert!(roots.has_cookie(DEVICE));
        roots.login("root").await.is(200);
    }
}

#[tokio::test]
async fn after_a_password_change_a_reset_or_an_administrator_who_forgets_devices_a_device_is_a_stranger() {
    for way in ["change", "reset", "forget"] {
        let world = World::guarded().await;
        let ann = world.user("ann", &[]).await;
        let device = at_home(&world, "ann").await;
        let elsewhere = world.signed_in("ann").await;
        let password = match way {
            "change" => {
                let body = json!({"current_password": PASSWORD, "new_password": NEW});
                elsewhere.post("/auth/v1/password").json(&body).await.is(200);
                NEW
            }
            "reset" => {
                let admin = world.admin().await;
                let link = admin.post(&format!("/auth/v1/admin/users/{}/reset-link", ann.id)).await;
                let url = url::Url::parse(link.is(201).json()["reset_url"].as_str().unwrap()).unwrap();
                elsewhere.post(url.path()).form(&[("new_password", NEW)]).await.is(200);
                NEW
            }
            _ => {
                let by = Caller::command_line();
                world.authority().forget_devices(&by, ann.id).await.unwrap();
                PASSWORD
            }
        };
        lock(&world, "ann").await;
        locked(&device.login_with("ann", password).await, 900);
        // Where the password was chosen, the device is known; forgetting spares none.
        let there = elsewhere.copied();
        for cookie in there.cookie_names().iter().filter(|name| *name != DEVICE) {
            there.forget_cookie(cookie);
        }
        let answer = there.login_with("ann", password).await;
        if way == "forget" {
            locked(&answer, 900);
        } else {
            answer.is(200);
        }
    }
}

#[tokio::test]
async fn a_cookie_that_is_not_ours_is_a_strangers() {
    let world = World::guarded().await;
    let owner = at_home(&world, "root").await;
    let session = world.admin().await;
    lock(&world, "root").await;
    let token = owner.cookie(DEVICE);
    let mut last = token.clone();
    last.replace_range(token.len() - 1.., if token.ends_with('A') { "B" } else { "A" });
    for forged in [
        "",
        "dwd_",
        "nonsense",
        &token[..token.len() - 1],
        &token[..token.len() / 2],
        &token[4..],
        &last,
        &format!("{token}A"),
        &session.cookie("dw_refresh"),
        &session.cookie("dw_session"),
    ] {
        let login = guess(&world, "root", PASSWORD, &address(60)).cookies(&format!("{DEVICE}={forged}"));
        locked(&login.await, 900);
    }
    // Under other names it is nothing either, and never by the bearer transport.
    for name in ["__Secure-dw_device", "__Host-dw_device", "DW_DEVICE", "dw_refresh"] {
        let login = guess(&world, "root", PASSWORD, &address(60)).cookies(&format!("{name}={token}"));
        locked(&login.await, 900);
    }
    let login = guess(&world, "root", PASSWORD, &address(60)).cookies(&format!("{DEVICE}={token}"));
    login.await.is(200);
}

#[tokio::test]
async fn of_two_device_cookies_the_forged_one_is_dropped_and_two_good_ones_are_ambiguous() {
    let world = World::guarded().await;
    world.user("mallory", &[]).await;
    let owners = at_home(&world, "root").await.cookie(DEVICE);
    let mallorys = at_home(&world, "mallory").await.cookie(DEVICE);
    lock(&world, "root").await;
    let login = |cookies: &str| guess(&world, "root", PASSWORD, &address(60)).cookies(cookies);
    for beside in ["nonsense", &owners[..owners.len() - 1], &owners] {
        login(&format!("{DEVICE}={beside}; {DEVICE}={owners}")).await.is(200);
        login(&format!("{DEVICE}={owners}; {DEVICE}={beside}")).await.is(200);
    }
    // Tossed in by a neighbour who has an account of his own: said, and expired wherever it may be.
    let tossed = login(&format!("{DEVICE}={mallorys}; {DEVICE}={owners}")).await;
    tossed.refused(400, "cookie_ambiguous");
    let expired = tossed.set_cookies();
    assert!(!expired.is_empty());
    assert!(expired.iter().all(|cookie| cookie.name == DEVICE && cookie.max_age() == 0));
}

#[tokio::test]
async fn the_token_endpoint_knows_no_devices() {
    let plan = Plan::at("http://localhost:8080").guarded();
    let world = plan.with(|config| config.token_endpoint = true).start().await;
    let owner = at_home(&world, "root").await;
    lock(&world, "root").await;
    let body = json!({"username": "root", "password": PASSWORD});
    locked(&owner.post("/auth/v1/token").json(&body).await, 900);
    owner.login("root").await.is(200);
}

/// Six strangers at once, whose hash is so dear that a few keep the pool of a world with a queue of two busy for as long as
/// a test asks: two are being hashed, two wait, and two have been turned away.
async fn fill_the_strangers_queue(world: &World) -> Vec<JoinHandle<Answer>> {
    let reload = |cost| {
        let mut config = world.config().clone();
        config.settings.hashing_cost = cost;
        world.doorward().reload(config).unwrap();
    };
    reload(HashingCost { memory_kib: 65_536, iterations: 12, parallelism: 1 });
    world.user("dear", &[]).await;
    reload(world.config().settings.hashing_cost);
    let before = world.authority().hashing_work().hashes;
    let dear = |number| tokio::spawn(guess(world, "dear", WRONG, &address(number)).into_future());
    let mut flood = vec![dear(0), dear(1)];
    while world.authority().hashing_work().hashes < before + 2 {
        tokio::task::yield_now().await;
    }
    flood.extend((2..6).map(dear));
    while flood.iter().filter(|guess| guess.is_finished()).count() < 2 {
        tokio::task::yield_now().await;
    }
    flood
}

/// Goal: a flood of strangers keeps no known device and nobody who is signed in waiting, and who is refused without a
/// hash is answered at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_the_strangers_queue_full_devices_sessions_and_refusals_get_through() {
    let world = Plan::at("http://localhost:8080").guarded().hashing_queue(2).start().await;
    let owner = at_home(&world, "root").await;
    world.user("ann", &[]).await;
    let ann = world.signed_in("ann").await;
    lock(&world, "nobody").await;
    let flood = fill_the_strangers_queue(&world).await;
    guess(&world, "stranger", WRONG, &address(40)).await.refused(503, "overloaded");
    locked(&guess(&world, "nobody", WRONG, &address(41)).await, 900);
    let busy = || flood.iter().filter(|guess| !guess.is_finished()).count();
    assert_eq!(busy(), 4, "all of that was answered while they were at it");
    owner.login("root").await.is(200);
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    ann.post("/auth/v1/password").json(&body).await.is(200);
    assert!(busy() > 0, "nobody waited for the strangers that had come before");
    let mut statuses = Vec::new();
    for guess in flood {
        let answer = guess.await.unwrap();
        if answer.status == 503 {
            answer.refused(503, "overloaded");
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        }
        statuses.push(answer.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [401, 401, 401, 401, 503, 503]);
}

/// Whoever has an account can have as many known devices as they like: they must not fill the lane of everybody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_devices_of_one_account_share_what_they_may_have_of_the_lane_of_known_devices() {
    let plan = Plan::at("http://localhost:8080").guarded().hashing_queue(2);
    let six_a_minute = Rate { attempts: NonZeroU32::new(6).unwrap(), per: MINUTE };
    let world = plan.with(|config| config.settings.login_rate = six_a_minute).start().await;
    world.user("mallory", &[]).await;
    let owner = at_home(&world, "root").await;
    let (used, unused) = (at_home(&world, "mallory").await, at_home(&world, "mallory").await);
    for _ in 0..6 {
        used.login("mallory").await.is(200);
    }
    let flood = fill_the_strangers_queue(&world).await;
    unused.login("mallory").await.refused(503, "overloaded");
    owner.login("root").await.is(200);
    for guess in flood {
        guess.await.unwrap();
    }
}

/// Nor with as many sessions: a change to the same password costs a hash and counts as no failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_sessions_of_one_account_share_what_they_may_have_of_that_lane() {
    let plan = Plan::at("http://localhost:8080").guarded().hashing_queue(2);
    let six_a_minute = Rate { attempts: NonZeroU32::new(6).unwrap(), per: MINUTE };
    let world = plan.with(|config| config.settings.login_rate = six_a_minute).start().await;
    world.user("mallory", &[]).await;
    let owner = at_home(&world, "root").await;
    let (session, device) = (world.signed_in("mallory").await, at_home(&world, "mallory").await);
    let unchanged = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    for _ in 0..6 {
        session.post("/auth/v1/password").json(&unchanged).await.refused(422, "validation_failed");
    }
    let flood = fill_the_strangers_queue(&world).await;
    device.login("mallory").await.refused(503, "overloaded");
    owner.login("root").await.is(200);
    for guess in flood {
        guess.await.unwrap();
    }
}
