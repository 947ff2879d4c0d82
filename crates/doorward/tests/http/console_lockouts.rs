//! The page of locks: what is locked, until when, and how it is unlocked.

use crate::{
    guesses::{QUARTER, address, guess, lock},
    page::{leads_to, submit, visit},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const LOCKOUTS: &str = "/auth/admin/lockouts";

#[tokio::test]
async fn what_is_locked_is_told_with_its_end_and_unlocked_without_a_question() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").guarded().on(storage).start().await;
        let ann = world.user("ann", &[]).await;
        let admin = world.admin().await;
        assert!(visit(&admin, LOCKOUTS).await.is(200).text().contains("Nothing is locked."));

        lock(&world, "ann").await;
        lock(&world, "nobody").await;
        let page = visit(&admin, LOCKOUTS).await;
        let text = page.is(200).text();
        for shown in [
            format!("<a href=\"/auth/admin/users/{}\"><bdi>ann</bdi></a>", ann.id),
            "The account, for browsers that never signed in to it".to_owned(),
            "A name that is nobody’s".to_owned(),
            "Ends in 15 minutes".to_owned(),
        ] {
            assert!(text.contains(&shown), "{shown} in {text}");
        }
        assert!(!text.contains("nobody<"), "which name is not kept");
        assert_eq!(text.matches("name=\"user_id\"").count(), 1, "nobody's name cannot be unlocked");

        let done = submit(&admin, &page, LOCKOUTS, &[("user_id", &ann.id.to_string())]).await;
        assert!(done.is(200).text().contains("<bdi>ann</bdi> is unlocked"), "{}", done.text());
        assert!(!done.text().contains(&format!("href=\"/auth/admin/users/{}\"", ann.id)));
        guess(&world, "ann", PASSWORD, &address(90)).await.is(200);
        let unlocked =
            world.audit().await.into_iter().rev().find(|event| event.name == "account.unlocked").unwrap();
        assert_eq!(unlocked.user_id, Some(ann.id));

        world.advance(QUARTER).await;
        let admin = world.admin().await;
        assert!(visit(&admin, LOCKOUTS).await.is(200).text().contains("Nothing is locked."));
    }
}

#[tokio::test]
async fn an_authenticator_app_that_is_locked_says_that_waiting_does_not_help() {
    let world = World::new().await;
    let ann = crate::authenticator_app::enrolled(&world, "ann", &[]).await;
    crate::factor_lock::guess(&world, &ann, 100).await;
    let text = visit(&world.admin().await, LOCKOUTS).await.is(200).text();
    assert!(text.contains("The authenticator app’s codes"), "{text}");
    assert!(text.contains("Ends only when the user is unlocked"), "{text}");
}

#[tokio::test]
async fn whoever_signed_in_long_ago_or_sent_no_token_unlocks_nobody() {
    let world = World::guarded().await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    world.advance(6 * MINUTE).await;
    lock(&world, "ann").await;
    let (page, id) = (visit(&admin, LOCKOUTS).await, ann.id.to_string());
    let step_up = leads_to(&submit(&admin, &page, LOCKOUTS, &[("user_id", &id)]).await);
    assert_eq!(step_up, "/auth/step-up?rd=%2Fauth%2Fadmin%2Flockouts");
    let post = || admin.post(LOCKOUTS).navigation().without_csrf();
    post().form(&[("user_id", &id)]).await.is(403);
    assert!(visit(&admin, LOCKOUTS).await.text().contains("<bdi>ann</bdi></a>"));
}

#[tokio::test]
async fn somebody_who_is_not_there_cannot_be_unlocked() {
    let world = World::guarded().await;
    let gone = world.user("gone", &[]).await;
    lock(&world, "gone").await;
    let admin = world.admin().await;
    let page = visit(&admin, LOCKOUTS).await;
    world.authority().delete_user(&doorward_core::authority::Caller::command_line(), gone.id).await.unwrap();
    let answer = submit(&admin, &page, LOCKOUTS, &[("user_id", &gone.id.to_string())]).await;
    assert!(answer.is(404).text().contains("role=\"alert\""));
    submit(&admin, &page, LOCKOUTS, &[("user_id", "nonsense")]).await.is(404);
}
