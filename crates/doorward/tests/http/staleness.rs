//! The bound on revocation is the operator's, and what is built on it follows.

use std::time::Duration;

use crate::world::World;

/// By the runtime's clock, which stands still while anybody has something to do.
async fn passes(time: Duration) {
    let mut ticks = tokio::time::interval(time);
    ticks.tick().await;
    ticks.tick().await;
}

#[tokio::test]
async fn a_node_answers_for_as_long_as_the_setting_says() {
    let bound = Duration::from_millis(300);
    let world = World::with(|config| config.settings.max_staleness = bound).await;
    let browser = world.admin().await;
    let state = async || browser.state().await;
    world.clock().advance(bound);
    assert_eq!(state().await, "200");
    world.clock().advance(Duration::from_millis(1));
    assert_eq!(state().await, "revocation_state_stale");
    let mut config = world.config().clone();
    config.settings.max_staleness = Duration::from_secs(1);
    world.doorward().reload(config).unwrap();
    assert_eq!(state().await, "200");
    let told = browser.get("/auth/v1/admin/overview").await.ok();
    assert_eq!(told["max_staleness_milliseconds"], 1000);
}

#[tokio::test(start_paused = true)]
async fn the_feed_is_read_ten_times_within_the_bound_and_ten_times_a_second_at_least() {
    let world = World::new().await;
    let beside = world.restarted(|_| ()).await;
    // Before the time counts: the runtime takes a wait for hashing for idleness.
    let sessions = [beside.admin().await, beside.admin().await, beside.admin().await];
    let background = world.doorward().clone();
    tokio::spawn(async move { background.run_background().await });
    for (session, (bound_ms, period_ms)) in sessions.iter().zip([(1_000, 100), (60_000, 100), (100, 10)]) {
        let mut config = world.config().clone();
        config.settings.max_staleness = Duration::from_millis(bound_ms);
        world.doorward().reload(config).unwrap();
        // The look that was due by the old setting, and the first by the new one.
        passes(Duration::from_millis(201)).await;
        let before = world.authority().feed_state().seq;
        session.post("/auth/v1/logout").await.is(204);
        assert_eq!(world.authority().feed_state().seq, before, "not read meanwhile");
        passes(Duration::from_millis(period_ms + 1)).await;
        assert_eq!(world.authority().feed_state().seq, before + 1, "{bound_ms}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_has_the_feed_read_at_once() {
    let world = World::new().await;
    let beside = world.restarted(|_| ()).await;
    let session = beside.admin().await;
    let background = world.doorward().clone();
    tokio::spawn(async move { background.run_background().await });
    // In the middle between two of the looks that are taken anyway.
    passes(Duration::from_millis(250)).await;
    let before = world.authority().feed_state().seq;
    session.post("/auth/v1/logout").await.is(204);
    assert_eq!(world.authority().feed_state().seq, before, "not read meanwhile");
    world.doorward().hint_feed();
    passes(Duration::from_millis(11)).await;
    assert_eq!(world.authority().feed_state().seq, before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_with_a_name_tells_of_itself_until_it_leaves() {
    let unnamed = World::new().await;
    let named = unnamed.restarted(|config| config.node_name = Some("blue".to_owned())).await;
    for world in [&unnamed, &named] {
        let background = world.doorward().clone();
        tokio::spawn(async move { background.run_background().await });
    }
    passes(Duration::from_millis(1_001)).await;
    let names = async || -> Vec<String> {
        named.authority().nodes().await.unwrap().into_iter().map(|node| node.name).collect()
    };
    assert_eq!(names().await, ["blue"]);
    unnamed.doorward().leave().await.unwrap();
    assert_eq!(names().await, ["blue"]);
    named.doorward().leave().await.unwrap();
    assert!(names().await.is_empty());
}
