//! A thief who refreshes in lockstep with the owner, each within the other's grace.

use crate::{
    browser::Browser,
    world::{BOTH, Plan, World},
};

const ELSEWHERE: &str = "203.0.113.66";

/// The owner refreshes; the thief presents the same token at once from another address, with everything else copied.
async fn in_lockstep(owner: &Browser, thief: &Browser) -> crate::answer::Answer {
    owner.refresh().await.is(200);
    thief.post("/auth/v1/refresh").from(ELSEWHERE).await
}

#[tokio::test]
async fn repeats_from_another_address_in_three_generations_running_are_theft() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let owner = world.admin().await;
        let thief = owner.copied();
        in_lockstep(&owner, &thief).await.is(200);
        in_lockstep(&owner, &thief).await.is(200);
        in_lockstep(&owner, &thief).await.refused(401, "refresh_token_reused");
        assert_eq!(owner.state().await, "session_revoked", "{storage:?}");
        let events = world.audit().await;
        let reused = events.iter().find(|event| event.name == "session.refresh_reused").unwrap();
        assert_eq!(reused.details, [("cause".to_owned(), "lockstep".to_owned())]);
    }
}

#[tokio::test]
async fn a_thief_who_goes_first_is_found_as_well() {
    let world = World::new().await;
    let owner = world.admin().await;
    let thief = owner.copied();
    for generation in 1..=3 {
        thief.post("/auth/v1/refresh").from(ELSEWHERE).await.is(200);
        let late = owner.refresh().await;
        if generation < 3 {
            late.is(200);
        } else {
            late.refused(401, "refresh_token_reused");
        }
    }
    assert_eq!(thief.state().await, "session_revoked");
}

#[tokio::test]
async fn a_train_that_changes_its_address_now_and_then_is_no_thief() {
    let world = World::new().await;
    let owner = world.admin().await;
    for _ in 0..4 {
        let tab = owner.copied();
        in_lockstep(&owner, &tab).await.is(200);
        let tab = owner.copied();
        in_lockstep(&owner, &tab).await.is(200);
        // One generation without a repeat from elsewhere: the streak is broken.
        owner.refresh().await.is(200);
    }
    assert_eq!(owner.state().await, "200");
}

#[tokio::test]
async fn tabs_that_repeat_from_the_spenders_address_are_no_thieves_however_often() {
    let world = World::new().await;
    let owner = world.admin().await;
    for _ in 0..6 {
        let tab = owner.copied();
        owner.refresh().await.is(200);
        tab.refresh().await.is(200);
    }
    assert_eq!(owner.state().await, "200");
}
