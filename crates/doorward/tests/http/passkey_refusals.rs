//! Passkeys that let nobody in: lies, copies, and answers to other questions.

use std::time::Duration;

use doorward_core::mode::Mode;
use doorward_testkit::authenticator::{Authenticator, Declined, UserHandle, edit};
use serde_json::json;

use crate::{
    ask::at_once,
    authenticator_app::Person,
    guesses::delayed,
    passkey_holder::{HERE, LOGIN, Lie, STEP_UP, fresh, log_in, on, options, register, with_passkey},
    world::{BOTH, MILLISECOND, Plan, World},
};

#[tokio::test]
async fn an_answer_to_another_question_is_none() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let (waiting, other) = (Person::pending(&world, "ann").await, Person::pending(&world, "ann").await);
        let nobody = world.browser();
        let (here, there) = (fresh(&world, &mut key).await, fresh(&world, &mut key).await);
        let questions =
            [(&nobody, LOGIN), (&waiting, LOGIN), (&other, LOGIN), (&here, STEP_UP), (&there, STEP_UP)];
        let mut asked = Vec::new();
        for (browser, target) in questions {
            asked.push(options(browser, target).await);
        }
        for (own, (browser, target)) in questions.into_iter().enumerate() {
            let code = if own == 0 { "invalid_credentials" } else { "mfa_code_invalid" };
            for (_, asked) in asked.iter().enumerate().filter(|(number, _)| *number != own) {
                let answer = key.get(asked).unwrap();
                browser.post(target).json(&answer).await.refused(401, code);
            }
            let answer = key.get(&asked[own]).unwrap();
            browser.post(target).json(&answer).await.is(200);
            assert_eq!(browser.state().await, "200", "{storage:?} {own}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_that_32_send_at_once_lets_one_in() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        // One that counts, and one that does not, which nothing but the challenge keeps from being shown again.
        let mut phone = Authenticator::at(HERE);
        (phone.counts, phone.sign_count) = (false, 0);
        world.user("ben", &[]).await;
        register(&world.signed_in("ben").await, &mut phone).await.is(201);
        for key in [&mut key, &mut phone] {
            let answer = key.get(&options(&world.browser(), LOGIN).await).unwrap();
            let asks: Vec<_> = (0..32).map(|_| world.browser().post(LOGIN).json(&answer)).collect();
            let answers = at_once(asks).await;
            let let_in = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(let_in, 1, "{storage:?}");
            assert!(answers.iter().filter(|a| a.status != 200).all(|a| a.code() == "invalid_credentials"));
        }
    }
}

#[tokio::test]
async fn a_challenge_can_be_answered_for_five_minutes() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let five_minutes = Duration::from_secs(300);
    for (after, status) in [(five_minutes - MILLISECOND, 200), (five_minutes, 401)] {
        let browser = world.browser();
        let answer = key.get(&options(&browser, LOGIN).await).unwrap();
        world.advance(after).await;
        browser.post(LOGIN).json(&answer).await.is(status);
    }
}

#[tokio::test]
async fn lies_and_copies_are_refused() {
    for storage in BOTH {
        let world = on(storage).await;
        let key = with_passkey(&world, "ann").await;
        let lies: [Lie; 8] = [
            |key| key.user_verified = false,
            |key| key.rp_id = Some("evil.test".to_owned()),
            |key| key.client_data_type = Some("webauthn.create".to_owned()),
            |key| key.origin = "https://doorward.evil.test".to_owned(),
            |key| key.cross_origin = true,
            |key| key.user_present = false,
            |key| key.user_handle = UserHandle::Other(vec![7; 16]),
            |key| key.user_handle = UserHandle::Absent,
        ];
        for lie in lies {
            let mut liar = key.clone();
            lie(&mut liar);
            log_in(&world.browser(), &mut liar).await.refused(401, "invalid_credentials");
        }
        let browser = world.browser();
        let mut answer = key.clone().get(&options(&browser, LOGIN).await).unwrap();
        edit(&mut answer, "signature", |bytes| {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
        });
        browser.post(LOGIN).json(&answer).await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn a_counter_that_goes_back_is_reported_and_lets_nobody_in() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let mut copy = key.clone();
        log_in(&world.browser(), &mut key).await.is(200);
        log_in(&world.browser(), &mut copy).await.refused(401, "invalid_credentials");
        let browser = Person::pending(&world, "ann").await;
        copy.sign_count = 1;
        log_in(&browser, &mut copy).await.refused(401, "mfa_code_invalid");
        let events = world.audit().await;
        let mut reports = events.iter().filter(|event| event.name == "passkey.clone_suspected");
        let report = reports.next().unwrap();
        assert!(report.user_id.is_some() && reports.next().is_some(), "{storage:?}");
        for told in [("counter", "2"), ("presented", "2")] {
            assert!(report.details.contains(&(told.0.to_owned(), told.1.to_owned())), "{report:?}");
        }
        log_in(&browser, &mut key).await.is(200);
    }
}

/// A page that is loaded again, or whoever copied an answer on its way: neither has the key.
#[tokio::test]
async fn an_answer_that_is_sent_again_is_no_sign_of_a_copied_passkey() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let answer = key.get(&options(&world.browser(), LOGIN).await).unwrap();
        world.browser().post(LOGIN).json(&answer).await.is(200);
        world.browser().post(LOGIN).json(&answer).await.refused(401, "invalid_credentials");
        let events = world.audit().await;
        let refused = events.iter().find(|event| event.name == "login.refused").unwrap();
        assert!(refused.details.contains(&("cause".to_owned(), "wrong_challenge".to_owned())), "{refused:?}");
        assert!(!events.iter().any(|event| event.name == "passkey.clone_suspected"), "{storage:?}");
    }
}

#[tokio::test]
async fn nobody_signs_in_for_somebody_else() {
    let world = World::new().await;
    let mut ann = with_passkey(&world, "ann").await;
    let mut ben = with_passkey(&world, "ben").await;
    // Ben's passkey for Ann's second step: it is not asked for, and would not do.
    let browser = Person::pending(&world, "ann").await;
    let asked = options(&browser, LOGIN).await;
    assert_eq!(ben.get(&asked).unwrap_err(), Declined::NoPasskey);
    let mut any = asked;
    any["publicKey"]["allowCredentials"] = json!([]);
    browser.post(LOGIN).json(&ben.get(&any).unwrap()).await.refused(401, "mfa_code_invalid");
    log_in(&browser, &mut ann).await.is(200);
}

#[tokio::test]
async fn other_sites_and_other_shapes_are_refused() {
    let world = World::new().await;
    let mut key = with_passkey(&world, "ann").await;
    let browser = world.browser();
    for target in [LOGIN.to_owned(), format!("{LOGIN}/options")] {
        browser.post(&target).header("sec-fetch-site", "cross-site").await.refused(403, "cross_site_refused");
    }
    browser.post(&format!("{LOGIN}/options")).json(&json!({})).await.refused(400, "malformed_request");
    let answer = key.get(&options(&browser, LOGIN).await).unwrap();
    for path in
        ["/id", "/type", "/response/authenticatorData", "/response/signature", "/response/clientDataJSON"]
    {
        let mut body = answer.clone();
        *body.pointer_mut(path).unwrap() = json!(null);
        browser.post(LOGIN).json(&body).await.refused(400, "malformed_request");
        *body.pointer_mut(path).unwrap() = json!("not base64url!");
        let refused = browser.post(LOGIN).json(&body).await;
        assert!(matches!(refused.status.as_u16(), 400 | 422), "{path}: {refused:?}");
    }
    browser.post(LOGIN).await.refused(415, "unsupported_media_type");
    browser.post(LOGIN).json(&answer).await.is(200);
}

#[tokio::test]
async fn a_stranger_whose_passkeys_fail_waits_as_one_who_guesses_passwords() {
    let world = Plan::at(HERE).guarded().start().await;
    let mut key = with_passkey(&world, "ann").await;
    let from = "198.51.100.7";
    let mut liar = key.clone();
    liar.user_verified = false;
    let browser = world.browser();
    let lie = liar.get(&options(&browser, LOGIN).await).unwrap();
    for _ in 0..6 {
        browser.post(LOGIN).json(&lie).from(from).await.refused(401, "invalid_credentials");
    }
    let right = key.get(&options(&browser, LOGIN).await).unwrap();
    delayed(&browser.post(LOGIN).json(&right).from(from).await, 1);
    // It was not looked at, and is good elsewhere.
    browser.post(LOGIN).json(&right).from("198.51.100.8").await.is(200);
}

#[tokio::test]
async fn where_there_is_a_single_operator_passkeys_of_accounts_left_over_open_nothing() {
    for storage in BOTH {
        let world = on(storage).await;
        let (mut operator, mut ann) =
            (with_passkey(&world, "operator").await, with_passkey(&world, "ann").await);
        let id = world.authority().user_by_name("operator").await.unwrap().id;
        let admin = json!({"roles": ["admin"]});
        world.admin().await.patch(&format!("/auth/v1/admin/users/{id}")).json(&admin).await.is(200);
        let single = world.restarted(|config| config.settings.mode = Mode::SingleOperator).await;
        log_in(&single.browser(), &mut ann).await.refused(401, "invalid_credentials");
        log_in(&single.browser(), &mut operator).await.is(200);
    }
}
