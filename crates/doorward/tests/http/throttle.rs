//! Waits after failures, as clients see them; and whose address it is.

use std::time::Duration;

use serde_json::json;

use crate::{
    guesses::{LONGEST, QUARTER, WRONG, address, delayed, guess},
    proxy::{PROXY, trust_proxy},
    world::{MILLISECOND, PASSWORD, Plan, World},
};

/// Uses up what an address has free, by names nobody else tries.
async fn use_up(world: &World, from: &str) {
    for number in 0..6 {
        let name = format!("{from} {number}");
        guess(world, &name, WRONG, from).await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn an_account_that_failed_waits_1_to_16_seconds_and_is_told_how_long() {
    let world = World::guarded().await;
    for name in ["root", "nobody"] {
        for (number, seconds) in (0..).zip([1, 2, 4, 8, 16, 16, 16, 16, 16]) {
            guess(&world, name, WRONG, &address(number)).await.refused(401, "invalid_credentials");
            let before = world.authority().hashing_work();
            delayed(&guess(&world, name, PASSWORD, &address(50)).await, seconds);
            world.advance(MILLISECOND).await;
            delayed(&guess(&world, name, PASSWORD, &address(50)).await, seconds);
            world.advance(Duration::from_millis(seconds * 1_000 - 2)).await;
            delayed(&guess(&world, name, PASSWORD, &address(50)).await, 1);
            assert_eq!(world.authority().hashing_work(), before);
            world.advance(MILLISECOND).await;
        }
    }
}

#[tokio::test]
async fn an_address_that_failed_five_times_waits_half_a_second_to_five_seconds() {
    let world = World::guarded().await;
    for [one, other] in [["198.51.100.7"; 2], ["2001:db8::1", "2001:db8::ffff:2"]] {
        use_up(&world, one).await;
        for (turn, millis) in [500, 1_000, 2_000, 4_000, 5_000, 5_000].into_iter().enumerate() {
            let before = world.authority().hashing_work();
            delayed(&guess(&world, "root", PASSWORD, other).await, u64::div_ceil(millis, 1_000));
            assert_eq!(world.authority().hashing_work(), before);
            guess(&world, "root", PASSWORD, "2001:db8:0:1::1").await.is(200);
            world.advance(Duration::from_millis(millis)).await;
            let name = format!("{other} after {turn}");
            guess(&world, &name, WRONG, other).await.refused(401, "invalid_credentials");
        }
    }
}

#[tokio::test]
async fn an_account_of_ones_own_wipes_no_address_clean() {
    let world = World::guarded().await;
    world.user("mallory", &[]).await;
    let here = "198.51.100.7";
    use_up(&world, here).await;
    world.advance(Duration::from_millis(500)).await;
    guess(&world, "mallory", PASSWORD, here).await.is(200);
    guess(&world, "another", WRONG, here).await.refused(401, "invalid_credentials");
    delayed(&guess(&world, "mallory", PASSWORD, here).await, 1);
    world.advance(Duration::from_millis(999)).await;
    delayed(&guess(&world, "mallory", PASSWORD, here).await, 1);
    world.advance(QUARTER).await;
    guess(&world, "yet another", WRONG, here).await.refused(401, "invalid_credentials");
    guess(&world, "mallory", PASSWORD, here).await.is(200);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_right_most_address_that_is_none_waits() {
    let plan = Plan::at("http://localhost:8080").guarded();
    for (header, chain) in [
        ("x-forwarded-for", ["203.0.113.9", "9.9.9.9, 203.0.113.9", "203.0.113.9, 10.0.0.1", "203.0.113.10"]),
        (
            "forwarded",
            [
                "for=203.0.113.9",
                "for=9.9.9.9, for=203.0.113.9",
                "for=203.0.113.9, for=10.0.0.1",
                "for=203.0.113.10",
            ],
        ),
    ] {
        let world = Plan::at("http://localhost:8080").guarded().with(trust_proxy).start().await;
        let [client, with_a_lie, through_two, neighbour] = chain;
        for number in 0..6 {
            // What the client wrote to the left of its address is another one each time.
            let chain = format!("{}, {client}", client.replace("203.0.113.9", &format!("1.2.3.{number}")));
            let name = format!("name {number}");
            guess(&world, &name, WRONG, PROXY).header(header, &chain).await.is(401);
        }
        for chain in [client, with_a_lie, through_two] {
            delayed(&guess(&world, "root", PASSWORD, PROXY).header(header, chain).await, 1);
        }
        guess(&world, "root", PASSWORD, PROXY).header(header, neighbour).await.is(200);
        // From a peer that is no proxy of ours it is nothing, neither to escape nor to slow down somebody else.
        guess(&world, "root", PASSWORD, "198.51.100.8").header(header, client).await.is(200);
        use_up(&world, "198.51.100.9").await;
        delayed(&guess(&world, "root", PASSWORD, "198.51.100.9").header(header, neighbour).await, 1);
    }
    // And without a proxy that is trusted, it is nothing at all.
    let world = plan.start().await;
    use_up(&world, PROXY).await;
    delayed(&guess(&world, "root", PASSWORD, PROXY).header("x-forwarded-for", "203.0.113.9").await, 1);
}

#[tokio::test]
async fn the_login_page_tells_how_long_to_wait() {
    let world = World::guarded().await;
    let form = |password| [("username", "root"), ("password", password)];
    world.post("/auth/login").form(&form(WRONG)).await.is(401);
    world.advance(Duration::from_millis(1)).await;
    let page = world.post("/auth/login").form(&form(PASSWORD)).await;
    assert_eq!(page.is(429).header("retry-after"), "1");
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.has("set-cookie"));
}

#[tokio::test]
async fn wrong_setup_tokens_slow_their_address_and_never_the_operator() {
    let world = Plan::at("http://localhost:8080").guarded().before_setup().await;
    let token = world.setup_token().await;
    let set_up = |token: &str, from: &str| {
        let body = json!({"setup_token": token, "username": "root", "password": PASSWORD});
        world.post("/auth/v1/setup").from(from).json(&body)
    };
    for _ in 0..6 {
        set_up("dws_nonsense", "198.51.100.7").await.refused(403, "forbidden");
    }
    delayed(&set_up(&token, "198.51.100.7").await, 1);
    let form = [("setup_token", token.as_str()), ("username", "root"), ("password", PASSWORD)];
    let page = world.post("/auth/setup").from("198.51.100.7").form(&form).await;
    assert_eq!(page.is(429).header("retry-after"), "1");
    for number in 0..200 {
        set_up("dws_nonsense", &address(number)).await.refused(403, "forbidden");
    }
    set_up(&token, "192.0.2.1").await.is(201);
}

#[tokio::test]
async fn wrong_links_slow_their_address_and_never_the_invited() {
    let world = World::guarded().await;
    let admin = world.admin().await;
    let invited = admin.post("/auth/v1/admin/users").json(&json!({"username": "ann"})).await.is(201).json();
    let url = url::Url::parse(invited["invite_url"].as_str().unwrap()).unwrap();
    let redeem = |path: &str, from: &str| world.post(path).from(from).form(&[("new_password", PASSWORD)]);
    for _ in 0..6 {
        redeem("/auth/invite/dws_nonsense", "198.51.100.7").await.is(404);
    }
    assert_eq!(redeem(url.path(), "198.51.100.7").await.is(429).header("retry-after"), "1");
    for number in 0..100 {
        redeem("/auth/invite/dws_nonsense", &address(number)).await.is(404);
    }
    redeem(url.path(), "192.0.2.1").await.is(200);
    world.advance(LONGEST).await;
    guess(&world, "ann", PASSWORD, "192.0.2.1").await.is(200);
}
