//! The numbers that the console draws.

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    client::Client,
    node::NodeIdentity,
};
use serde_json::{Value as Json, json};

use crate::{
    guesses::{WRONG, guess, lock},
    world::{BOTH, DAY, MINUTE, Plan, World},
};

const OVERVIEW: &str = "/auth/v1/admin/overview";

/// How many events of this name and reason there were, by the hour.
fn counts(overview: &Json, event: &str, reason: &str) -> Vec<(String, u64)> {
    let events = overview["events"].as_array().unwrap().iter();
    let wanted = events.filter(|count| count["event"] == event && count["reason"] == reason);
    wanted
        .map(|count| (count["hour"].as_str().unwrap().to_owned(), count["count"].as_u64().unwrap()))
        .collect()
}

#[tokio::test]
async fn administrators_see_how_much_there_is_and_how_much_happened_in_each_hour() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        world.signed_in("ann").await;
        let failed = async |times| {
            for number in 0..times {
                guess(&world, "ann", WRONG, &format!("198.51.100.{number}")).await.is(401);
            }
        };
        failed(3).await;
        world.advance(60 * MINUTE).await;
        failed(2).await;
        let overview = world.admin().await.get(OVERVIEW).await.ok();
        assert_eq!(
            counts(&overview, "login.refused", "invalid_credentials"),
            [("2027-01-15T08:00:00Z".to_owned(), 3), ("2027-01-15T09:00:00Z".to_owned(), 2)],
            "{storage:?}"
        );
        // The one who completed setup, Ann, and the administrator.
        assert_eq!((&overview["now"]["users"], &overview["now"]["live_sessions"]), (&json!(2), &json!(3)));
        assert_eq!(overview["now"]["locked_accounts"], 0);
        assert!(overview["revocation_age_milliseconds"].is_u64());
    }
}

#[tokio::test]
async fn refusals_that_were_only_counted_are_counted_one_by_one() {
    let world = World::new().await;
    for _ in 0..40 {
        let event = AuditEvent::new(EventName::LoginRefused, world.now(), Actor::System, &Client::default());
        world.authority().record_refused(event.because("invalid_credentials")).await.unwrap();
    }
    world.authority().record_counted_refusals().await.unwrap();
    assert_eq!(world.audit().await.iter().filter(|event| event.name == "login.refused").count(), 11);
    let overview = world.admin().await.get(OVERVIEW).await.ok();
    let counted = counts(&overview, "login.refused", "invalid_credentials");
    assert_eq!(counted, [("2027-01-15T08:00:00Z".to_owned(), 40)]);
}

#[tokio::test]
async fn one_sample_of_a_quarter_of_an_hour_is_kept_whichever_node_takes_it() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").guarded().on(storage).start().await;
        let other = world.restarted(|_| {}).await;
        world.user("ann", &[]).await;
        world.authority().sample_gauges().await.unwrap();
        world.user("ben", &[]).await;
        other.authority().sample_gauges().await.unwrap();
        world.advance(15 * MINUTE).await;
        lock(&world, "ben").await;
        other.authority().sample_gauges().await.unwrap();
        let samples = world.admin().await.get(OVERVIEW).await.ok()["samples"].clone();
        let seen: Vec<_> = samples
            .as_array()
            .unwrap()
            .iter()
            .map(|sample| (sample["users"].as_u64().unwrap(), sample["locked_accounts"].as_u64().unwrap()))
            .collect();
        assert_eq!(seen, [(2, 0), (3, 1)], "{storage:?}");
    }
}

/// What reading costs nothing is read whenever it is asked for.
#[tokio::test]
async fn a_small_installation_is_told_what_is() {
    let world = World::new().await;
    let users = async || world.authority().overview().await.unwrap().users;
    assert_eq!(users().await, 1);
    world.user("ann", &[]).await;
    assert_eq!(users().await, 2);
}

#[tokio::test]
async fn any_time_up_to_a_month_is_told_of() {
    let world = World::new().await;
    world.advance(40 * DAY).await;
    let admin = world.admin().await;
    let events = async |query: &str| {
        admin.get(&format!("{OVERVIEW}?{query}")).await.ok()["events"].as_array().unwrap().len()
    };
    assert_eq!(events("").await, 1, "the login of a moment ago");
    assert!(events("after=2027-01-15T00:00:00Z&before=2027-01-16T00:00:00Z").await > 1);
    assert!(events("before=2027-01-16T00:00:00Z").await > 1);
    assert_eq!(events("after=2027-01-16T00:00:00Z&before=2027-02-16T00:00:00Z").await, 0);
    let month = "after=2027-01-15T00:00:00Z&before=2027-02-15T00:00:00.001Z";
    admin.get(&format!("{OVERVIEW}?{month}")).await.refused(422, "validation_failed");
    admin.get(&format!("{OVERVIEW}?after=2027-01-15T00:00:00Z")).await.refused(422, "validation_failed");
    admin.get(&format!("{OVERVIEW}?after=x")).await.refused(400, "malformed_request");
}

#[tokio::test]
async fn nobody_but_an_administrator_sees_the_numbers() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    world.get(OVERVIEW).await.refused(401, "not_authenticated");
    world.signed_in("ann").await.get(OVERVIEW).await.refused(403, "forbidden");
}

#[tokio::test]
async fn nodes_that_share_the_store_are_told_of_with_their_ages() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let report = async |name: &str| {
            let identity =
                NodeIdentity { name: name.to_owned(), version: "1.2.3".to_owned(), started_at: world.now() };
            world.authority().report_node(identity).await.unwrap();
        };
        report("silent:8080").await;
        world.advance(MINUTE).await;
        report("blue:8080").await;
        let admin = world.admin().await;
        let nodes = admin.get(OVERVIEW).await.ok()["nodes"].clone();
        let named: Vec<_> =
            nodes.as_array().unwrap().iter().map(|node| (&node["name"], &node["silent"])).collect();
        assert_eq!(named, [(&json!("blue:8080"), &json!(false)), (&json!("silent:8080"), &json!(true))]);
        assert_eq!(nodes[0]["version"], "1.2.3");
        assert!(nodes[0]["revocation_age_milliseconds"].as_u64().unwrap() < 1000, "{nodes}");
        assert!(nodes[1]["revocation_age_milliseconds"].as_u64().unwrap() >= 60_000, "{nodes}");
        let page = admin.get("/auth/admin").await;
        for name in ["this server", "blue:8080", "silent:8080"] {
            assert!(page.text().contains(name), "{name}: {}", page.text());
        }
    }
}
