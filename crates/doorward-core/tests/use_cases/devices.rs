//! Known devices: whoever guesses at an account harms strangers only (M-N02).

use std::{num::NonZeroU32, time::Duration};

use doorward_core::{
    authority::Caller,
    device::KnownDevice,
    link::LinkPurpose,
    rate_limit::Rate,
    refusal::Refusal,
    secret::{PlainToken, TokenPrefix},
    settings::Settings,
    sign_in::Origin,
    user::{Epoch, User},
};
use futures_executor::block_on;

use crate::{
    attempts::{
        LONGEST, MILLISECOND, QUARTER, SECOND, WRONG, attempt, delayed, device_of, locked, on_device,
        stranger,
    },
    home::{Home, PASSWORD, guarded, on_each_guarded_store},
};

const NEW: &str = "a whole new password";

/// A user, and a browser in which they signed in.
fn at_home(home: &Home, name: &str) -> (User, Origin) {
    let user = home.add_user(name);
    let device = on_device(&home.authority, &home.log_in(name, PASSWORD).unwrap());
    (user, device)
}

/// Ten failures of a device; it is locked now.
fn lock_device(home: &Home, name: &str, device: &Origin) {
    for _ in 0..9 {
        assert_eq!(home.attempt(name, WRONG, device), Err(Refusal::InvalidCredentials));
        home.clock.advance(LONGEST);
    }
    assert_eq!(home.attempt(name, WRONG, device), Err(locked(QUARTER)));
}

#[test]
fn the_owner_logs_in_at_once_while_strangers_are_locked_out() {
    on_each_guarded_store(|home| {
        let (_, device) = at_home(&home, "ann");
        home.lock("ann");
        assert_eq!(home.attempt("ann", PASSWORD, &device), Ok(()));
        // Their success is not the strangers'.
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(50)), Err(locked(QUARTER)));
        assert_eq!(home.attempt("ann", PASSWORD, &device), Ok(()));
    });
}

#[test]
fn the_owner_logs_in_at_once_from_the_address_of_an_attacker() {
    on_each_guarded_store(|home| {
        let (_, device) = at_home(&home, "ann");
        let neighbour = Origin { device: None, ..device.clone() };
        for free in 0..6 {
            let refused = home.attempt(&format!("name {free}"), WRONG, &neighbour);
            assert_eq!(refused, Err(Refusal::InvalidCredentials));
        }
        assert_eq!(home.attempt("ann", PASSWORD, &neighbour), Err(delayed(SECOND / 2)));
        assert_eq!(home.attempt("ann", PASSWORD, &device), Ok(()));
        // And it is still the attacker who waits.
        assert_eq!(home.attempt("ann", PASSWORD, &neighbour), Err(delayed(SECOND / 2)));
    });
}

#[test]
fn the_owner_logs_in_at_once_from_an_address_that_is_rate_limited_and_has_a_limit_of_their_own() {
    on_each_guarded_store(|home| {
        let (_, device) = at_home(&home, "ann");
        let login_rate = Rate { attempts: NonZeroU32::new(3).unwrap(), per: Duration::from_secs(60) };
        home.authority.replace_settings(Settings { login_rate, ..guarded() });
        let neighbour = Origin { device: None, ..device.clone() };
        let limited = |outcome| matches!(outcome, Err(Refusal::RateLimited { .. }));
        while !limited(home.attempt("nobody", WRONG, &neighbour)) {
            home.clock.advance(SECOND);
        }
        for _ in 0..3 {
            assert_eq!(home.attempt("ann", PASSWORD, &device), Ok(()));
        }
        let (outcome, _, work) = home.cost(|| home.attempt("ann", PASSWORD, &device));
        assert!(limited(outcome) && work.hashes == 0);
        // Another browser of hers is another device; the address has no part in it.
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(1)), Ok(()));
    });
}

#[test]
fn a_stolen_device_cookie_has_a_threshold_of_its_own_and_harms_nobody_else() {
    on_each_guarded_store(|home| {
        let (ann, stolen) = at_home(&home, "ann");
        let other = on_device(&home.authority, &home.log_in("ann", PASSWORD).unwrap());
        assert_ne!(stolen.device, other.device);
        for seconds in [1, 2, 4, 8, 16] {
            let wait = Duration::from_secs(seconds);
            assert_eq!(home.attempt("ann", WRONG, &stolen), Err(Refusal::InvalidCredentials));
            assert_eq!(home.attempt("ann", PASSWORD, &stolen), Err(delayed(wait)));
            home.clock.advance(wait);
        }
        assert_eq!(home.attempt("ann", PASSWORD, &stolen), Ok(()), "and its success resets it");
        lock_device(&home, "ann", &stolen);
        assert_eq!(home.attempt("ann", PASSWORD, &stolen), Err(locked(QUARTER)));
        // From anywhere.
        let elsewhere = Origin { device: stolen.device, ..stranger(60) };
        assert_eq!(home.attempt("ann", PASSWORD, &elsewhere), Err(locked(QUARTER)));
        assert_eq!(home.attempt("ann", PASSWORD, &other), Ok(()));
        assert_eq!(home.attempt("ann", PASSWORD, &stranger(61)), Ok(()));
        home.clock.advance(QUARTER - MILLISECOND);
        assert_eq!(home.attempt("ann", PASSWORD, &stolen), Err(locked(MILLISECOND)));
        block_on(home.authority.unlock(&Caller::command_line(), ann.id)).unwrap();
        assert_eq!(home.attempt("ann", PASSWORD, &stolen), Ok(()));
    });
}

#[test]
fn the_right_password_of_a_device_is_not_told_when_it_was_locked_meanwhile() {
    on_each_guarded_store(|home| {
        let (ann, device) = at_home(&home, "ann");
        let subject = doorward_core::guard::Subject::device(device.device.unwrap());
        let before = home.live_sessions(ann.id);
        home.others_fail_before("open_session", subject, 10, doorward_testkit::builders::START);
        assert_eq!(home.attempt("ann", PASSWORD, &device), Err(locked(QUARTER)));
        assert_eq!(home.live_sessions(ann.id), before);
    });
}

#[test]
fn a_device_of_one_account_is_a_stranger_to_another() {
    on_each_guarded_store(|home| {
        let (_, anns) = at_home(&home, "ann");
        home.add_user("ben");
        for name in ["ben", "nobody"] {
            for number in 0..9 {
                let elsewhere = Origin { device: anns.device, ..stranger(number) };
                assert_eq!(home.attempt(name, WRONG, &elsewhere), Err(Refusal::InvalidCredentials), "{name}");
                home.clock.advance(LONGEST);
            }
            // It shares their count, their lock, and the waits of its address.
            assert_eq!(home.attempt(name, WRONG, &stranger(9)), Err(locked(QUARTER)), "{name}");
            assert_eq!(home.attempt(name, PASSWORD, &anns), Err(locked(QUARTER)), "{name}");
        }
        assert_eq!(home.attempt("ann", PASSWORD, &anns), Ok(()), "nothing of it counts for the device");
        for number in 0..6 {
            let refused = home.attempt(&format!("another {number}"), WRONG, &anns);
            assert_eq!(refused, Err(Refusal::InvalidCredentials));
        }
        assert_eq!(home.attempt("cecil", PASSWORD, &anns), Err(delayed(SECOND / 2)));
    });
}

/// What makes strangers of devices.
type Forgetting = fn(&Home, &User);

const FORGETTING: [(&str, Forgetting); 4] = [
    ("devices forgotten", |home, user| {
        block_on(home.authority.forget_devices(&Caller::command_line(), user.id)).unwrap();
    }),
    ("password set by an administrator", |home, user| {
        block_on(home.authority.set_password(&Caller::command_line(), user.id, PASSWORD, false)).unwrap();
    }),
    ("password reset by a link", |home, user| {
        let link = block_on(home.authority.issue_password_link(&Caller::command_line(), user.id)).unwrap();
        let token = link.token.reveal();
        block_on(home.authority.redeem_link(token, LinkPurpose::Reset, PASSWORD, &stranger(70))).unwrap();
    }),
    ("password changed and changed back", |home, _| {
        home.live_on(Duration::ZERO);
        for (current, new) in [(PASSWORD, NEW), (NEW, PASSWORD)] {
            let signed_in = attempt(&home.authority, "ann", current, &stranger(70)).unwrap();
            let principal = home
                .authority
                .verifier()
                .verify(signed_in.access_token.reveal(), signed_in.of.session.transport)
                .unwrap();
            block_on(home.authority.change_password(&principal, current, new, &stranger(70))).unwrap();
        }
    }),
];

#[test]
fn a_device_that_was_forgotten_is_a_stranger() {
    for (how, forget) in FORGETTING {
        on_each_guarded_store(|home| {
            let (ann, device) = at_home(&home, "ann");
            forget(&home, &ann);
            home.lock("ann");
            assert_eq!(home.attempt("ann", PASSWORD, &device), Err(locked(QUARTER)), "{how}");
            // Once it has logged in as one, it is known again.
            home.clock.advance(QUARTER);
            let signed_in = attempt(&home.authority, "ann", PASSWORD, &device).unwrap();
            let known = on_device(&home.authority, &signed_in);
            home.lock("ann");
            assert_eq!(home.attempt("ann", PASSWORD, &known), Ok(()), "{how}");
            assert_eq!(home.attempt("ann", PASSWORD, &device), Err(locked(QUARTER)), "{how}: the old cookie");
        });
    }
}

#[test]
fn what_a_thief_did_with_a_device_cookie_is_forgotten_with_the_device() {
    for (how, forget) in FORGETTING {
        on_each_guarded_store(|home| {
            let (ann, device) = at_home(&home, "ann");
            lock_device(&home, "ann", &device);
            forget(&home, &ann);
            // The owner's browser has the same cookie as the thief had; the waits of its address are over.
            home.clock.advance(LONGEST);
            let again =
                attempt(&home.authority, "ann", PASSWORD, &Origin { device: device.device, ..stranger(80) });
            let known = on_device(&home.authority, &again.unwrap());
            assert_eq!(home.attempt("ann", PASSWORD, &known), Ok(()), "{how}");
        });
    }
}

#[test]
fn the_device_on_which_the_password_was_changed_stays_known() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        let signed_in = home.log_in("ann", PASSWORD).unwrap();
        let device = on_device(&home.authority, &signed_in);
        let principal = home
            .authority
            .verifier()
            .verify(signed_in.access_token.reveal(), signed_in.of.session.transport)
            .unwrap();
        let changed = block_on(home.authority.change_password(&principal, PASSWORD, NEW, &device)).unwrap();
        let known = on_device(&home.authority, &changed);
        home.lock("ann");
        assert_eq!(home.attempt("ann", NEW, &known), Ok(()));
        assert_eq!(
            home.attempt("ann", NEW, &device),
            Err(locked(QUARTER)),
            "by its old cookie it is a stranger"
        );
    });
}

#[test]
fn no_other_text_is_the_cookie_of_a_device() {
    on_each_guarded_store(|home| {
        home.add_user("ann");
        home.add_user("ben");
        let signed_in = home.log_in("ann", PASSWORD).unwrap();
        let token = signed_in.device_token.as_ref().unwrap().reveal();
        let keys = home.authority.keys();
        let device = device_of(&home.authority, &signed_in);
        for end in 0..token.len() {
            assert_eq!(keys.verify_device_token(&token[..end]), None);
        }
        let bytes: [u8; 72] = TokenPrefix::Device.decode(token).unwrap();
        for place in 0..bytes.len() {
            // With a good checksum, and another user, device, epoch or MAC.
            let mut changed = bytes;
            changed[place] ^= 1;
            let forged = PlainToken::encode(TokenPrefix::Device, &changed);
            assert_eq!(keys.verify_device_token(forged.reveal()), None, "byte {place}");
        }
        let mut cut_off = bytes[..40].to_vec();
        cut_off.extend([0; 32]);
        assert_eq!(
            keys.verify_device_token(PlainToken::encode(TokenPrefix::Device, &cut_off).reveal()),
            None
        );
        let older = KnownDevice { epoch: Epoch(device.epoch.0 + 1), ..device };
        assert_eq!(keys.verify_device_token(keys.device_token(older).reveal()), Some(older));
        assert!(!older.is_known_to(&signed_in.of.user), "of an epoch that is not there yet");
    });
}
