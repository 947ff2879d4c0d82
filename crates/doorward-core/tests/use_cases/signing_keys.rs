//! Signing keys and the master secret: rotated without logging anybody out.

use std::time::Duration;

use doorward_core::{
    audit::EventName,
    authority::{Caller, StartError},
    refusal::Refusal,
    signing_key::{PUBLISH_AHEAD, Rotation, SealedSigningKey, Succession},
    signing_keys::KeysUnusable,
    store::Store,
};
use doorward_testkit::builders::write;
use futures_executor::block_on;

use crate::home::{Home, on_each_store, refresh, verify};

const MILLISECOND: Duration = Duration::from_millis(1);

/// A new key, which signs by now.
fn rotate(home: &Home) {
    block_on(home.authority.rotate_signing_key(&Caller::command_line(), Rotation::Announced)).unwrap();
    home.live_on(PUBLISH_AHEAD);
}

fn keys(home: &Home) -> Vec<SealedSigningKey> {
    block_on(home.store.signing_keys()).unwrap()
}

/// M-C06: the previous master secret verifies and opens, and is not needed once all was sealed anew.
#[test]
fn a_rotated_master_secret_logs_nobody_out() {
    on_each_store(|home| {
        let ann = home.somebody();
        rotate(&home);
        let sealed_before = keys(&home);
        let rotated = home.start('B', &['A']).unwrap();
        assert_eq!(verify(&rotated, &ann), Ok(()));
        let refreshed = refresh(&rotated, &ann).unwrap();
        assert!(refreshed.device_token.is_some(), "the device is known as before");
        let sealed_after = keys(&home);
        for (before, after) in sealed_before.iter().zip(&sealed_after) {
            assert_eq!((&before.id, before.public), (&after.id, after.public));
            assert_ne!(before.sealed_private, after.sealed_private, "retired ones are sealed anew too");
        }
        let without = home.start('B', &[]).unwrap();
        assert_eq!(verify(&without, &ann), Ok(()), "signed by the same key as ever");
        assert!(refresh(&without, &refreshed).is_ok());
        assert_eq!(
            refresh(&without, &ann).map(drop),
            Err(Refusal::RefreshTokenInvalid),
            "its MAC is by the secret that is gone"
        );
    });
}

#[test]
fn a_previous_master_secret_makes_nothing_new() {
    on_each_store(|home| {
        let ann = home.somebody();
        let rotated = home.start('B', &['A']).unwrap();
        let refreshed = refresh(&rotated, &ann).unwrap();
        // The process of before has the previous secret only.
        assert_eq!(home.refresh(&refreshed).map(drop), Err(Refusal::RefreshTokenInvalid));
        let device = refreshed.device_token.unwrap();
        assert!(home.authority.keys().verify_device_token(device.reveal()).is_none());
        let session = refreshed.of.session.id;
        assert!(!home.authority.keys().verify_csrf_token(refreshed.csrf_token.reveal(), session));
    });
}

#[test]
fn one_time_links_outlive_a_rotation_of_the_master_secret() {
    on_each_store(|home| {
        let token = home.setup_token();
        let rotated = home.start('B', &['A']).unwrap();
        assert!(crate::home::set_up(&rotated, &token).is_ok());
    });
}

#[test]
fn another_master_secret_stops_the_start_and_changes_nothing() {
    on_each_store(|home| {
        let before = keys(&home);
        for previous in [&[][..], &['C']] {
            assert!(matches!(
                home.start('B', previous).err(),
                Some(StartError::Keys(KeysUnusable::OtherMasterSecret(id))) if id == before[0].id
            ));
        }
        assert_eq!(keys(&home), before);
        assert!(home.start('A', &[]).is_ok());
    });
}

/// Whoever can write the store must not be able to plant a key of theirs.
#[test]
fn a_planted_public_key_or_a_swapped_private_one_stops_the_start() {
    on_each_store(|home| {
        home.live_on(MILLISECOND);
        rotate(&home);
        let [mut new, old] = keys(&home).try_into().unwrap();
        new.sealed_private.clone_from(&old.sealed_private);
        block_on(home.store.reseal_signing_keys(vec![new])).unwrap();
        assert!(matches!(
            home.start('A', &[]).err(),
            Some(StartError::Keys(KeysUnusable::OtherMasterSecret(_)))
        ));
    });
    // The private half of a key of ours, with somebody else's public half beside it.
    let elsewhere = Home::in_memory();
    rotate(&elsewhere);
    let ours = keys(&elsewhere).into_iter().find(|key| key.term.retired_at.is_none()).unwrap();
    on_each_store(|home| {
        let [mine] = keys(&home).try_into().unwrap();
        let now = home.authority.now().unwrap();
        let planted = SealedSigningKey { public: [9; 32], ..ours.clone() };
        let write = write(EventName::SigningKeyCreated, now);
        block_on(home.store.add_signing_key(write, planted, Some(mine.id), Succession::InTurn)).unwrap();
        assert!(matches!(home.start('A', &[]).err(), Some(StartError::Keys(KeysUnusable::Damaged(_)))));
    });
}

#[test]
fn what_was_opened_before_a_restore_is_worthless_after_it() {
    on_each_store(|home| {
        let ann = home.somebody();
        let setup_token = home.setup_token();
        block_on(home.authority.end_everything(&Caller::command_line())).unwrap();
        assert!(home.verify(&ann).is_err());
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::SessionRevoked));
        let home = home.restart();
        assert_eq!(home.verify(&ann), Err(Refusal::TokenInvalid));
        assert_eq!(keys(&home).len(), 1);
        assert_eq!(home.set_up(&setup_token).map(drop), Err(Refusal::Forbidden));
    });
}
