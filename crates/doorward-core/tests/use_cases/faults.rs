//! What fails, denies: 503, never a false refusal and never a false success.

use std::time::Duration;

use doorward_core::{
    access_token::Principal,
    authority::{Authority, Caller},
    link::LinkPurpose,
    refusal::{Refusal, RefusalKind},
    sessions::Reach,
    sign_in::SignedIn,
    signing_key::Rotation,
    users::{ChangesForm, UserForm},
};
use doorward_testkit::builders::START;
use futures_executor::block_on;

use crate::{
    home::{GRACE, Home, PASSWORD, browser, log_in, on_each_store, origin, refresh, set_up},
    watched_store::Failing,
};

/// Somebody logged in, who has refreshed once; and an invited user.
struct Scene {
    setup_token: String,
    before: SignedIn,
    current: SignedIn,
    invitation: String,
    access: Principal,
}

impl Scene {
    fn new(home: &Home) -> Self {
        let setup_token = home.setup_token();
        let before = home.somebody();
        let current = home.refresh(&before).unwrap();
        let invited = UserForm { username: "invited", ..UserForm::default() };
        let (_, link) = block_on(home.authority.create_user(&Caller::command_line(), invited)).unwrap();
        let invitation = link.unwrap().token.reveal().to_owned();
        let verifier = home.authority.verifier();
        let token = current.access_token.reveal();
        let access = (*verifier.verify(token, before.of.session.transport).unwrap()).clone();
        Self { setup_token, before, current, invitation, access }
    }
}

type UseCase = fn(&Authority, &Scene) -> Result<(), Refusal>;

/// Every use case that reads or writes, by what it would answer on a store that works.
const USE_CASES: [(&str, UseCase); 22] = [
    ("login", |authority, _| log_in(authority, "ann", PASSWORD).map(drop)),
    ("login with a wrong password", |authority, _| log_in(authority, "ann", "wrong password").map(drop)),
    ("login of nobody", |authority, _| log_in(authority, "nobody", PASSWORD).map(drop)),
    ("refresh", |authority, scene| refresh(authority, &scene.current).map(drop)),
    ("repeated refresh", |authority, scene| refresh(authority, &scene.before).map(drop)),
    ("refresh by a token never issued", |authority, scene| {
        // The successor of what was handed out, of which nobody outside can know.
        let mut ahead = scene.current.clone();
        ahead.of.session.refresh.generation.0 += 1;
        ahead.refresh_token = authority.keys().refresh_token(&ahead.of.session);
        refresh(authority, &ahead).map(drop)
    }),
    ("logout", |authority, scene| {
        let caller = Caller::user(scene.current.of.user.id, browser());
        block_on(authority.log_out(&caller, &[scene.current.of.session.id]))
    }),
    ("holding a session", |authority, scene| {
        let token = scene.current.refresh_token.reveal();
        block_on(authority.check_holds_session(token, scene.current.of.session.id))
    }),
    ("whose refresh token", |authority, scene| {
        let transport = scene.current.of.session.transport;
        let token = scene.current.refresh_token.reveal();
        let found = block_on(authority.session_of_refresh_token(token, transport))?;
        found.map(drop).ok_or(Refusal::NotFound)
    }),
    ("who am I", |authority, scene| block_on(authority.session_of(&scene.access)).map(drop)),
    ("password change", |authority, scene| {
        block_on(authority.change_password(&scene.access, PASSWORD, "another password", &origin())).map(drop)
    }),
    ("password change with a wrong password", |authority, scene| {
        block_on(authority.change_password(&scene.access, "wrong", "another password", &origin())).map(drop)
    }),
    ("setting a password", |authority, scene| {
        let user = scene.access.user_id;
        block_on(authority.set_password(&Caller::command_line(), user, "another password", true))
    }),
    ("setup", |authority, scene| set_up(authority, &scene.setup_token).map(drop)),
    ("setup by a liar", |authority, _| set_up(authority, "dws_nonsense").map(drop)),
    ("redeeming a link", |authority, scene| {
        block_on(authority.redeem_link(&scene.invitation, LinkPurpose::Invitation, PASSWORD, &origin()))
            .map(drop)
    }),
    ("redeeming a link for another purpose", |authority, scene| {
        block_on(authority.redeem_link(&scene.invitation, LinkPurpose::Reset, PASSWORD, &origin())).map(drop)
    }),
    ("issuing a link", |authority, scene| {
        block_on(authority.issue_password_link(&Caller::command_line(), scene.access.user_id)).map(drop)
    }),
    ("changing a user", |authority, scene| {
        let form = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
        block_on(authority.change_user(&Caller::command_line(), scene.access.user_id, form)).map(drop)
    }),
    ("deleting a user", |authority, scene| {
        block_on(authority.delete_user(&Caller::command_line(), scene.access.user_id))
    }),
    ("revoking a session", |authority, scene| {
        block_on(authority.revoke_session(&Caller::command_line(), scene.access.session_id, Reach::Any))
    }),
    ("rotating the signing key", |authority, _| {
        block_on(authority.rotate_signing_key(&Caller::command_line(), Rotation::Announced)).map(drop)
    }),
];

/// Whichever call of whichever use case fails, and in whichever way, the answer is "not now".
#[test]
fn a_failing_store_gives_503_whatever_the_answer_would_have_been() {
    for (name, use_case) in USE_CASES {
        let home = Home::in_memory();
        let scene = Scene::new(&home);
        home.store.calls();
        assert_ne!(use_case(&home.authority, &scene), Err(Refusal::StoreUnavailable), "{name}");
        let calls = home.store.calls();
        assert!(!calls.is_empty(), "{name} is a use case of the store");
        for failing in [Failing::Undone, Failing::AnswerLost] {
            for (before, call) in calls.iter().enumerate() {
                let home = Home::in_memory();
                let scene = Scene::new(&home);
                home.store.fail_after(before, failing);
                let answer = use_case(&home.authority, &scene);
                assert_eq!(answer, Err(Refusal::StoreUnavailable), "{name}: {call} {failing:?}");
            }
        }
    }
    assert_eq!(Refusal::StoreUnavailable.kind(), RefusalKind::Unavailable);
}

#[test]
fn a_refresh_whose_answer_was_lost_is_asked_again_and_gives_the_successor() {
    on_each_store(|home| {
        let first = home.somebody();
        home.store.calls();
        home.store.fail_after(1, Failing::AnswerLost);
        assert_eq!(home.refresh(&first).map(drop), Err(Refusal::StoreUnavailable));
        assert_eq!(home.store.calls(), ["session", "advance_refresh"]);
        let second = home.refresh(&first).unwrap();
        assert_eq!(second.of.session.refresh.generation.0, 1, "it was moved on once");
        assert_eq!(home.refresh(&first).unwrap().refresh_token.reveal(), second.refresh_token.reveal());
        assert!(home.refresh(&second).is_ok());
    });
}

#[test]
fn a_logout_that_failed_ended_nothing_and_says_so() {
    on_each_store(|home| {
        let ann = home.somebody();
        home.store.fail_after(0, Failing::Undone);
        assert_eq!(home.log_out(&ann), Err(Refusal::StoreUnavailable));
        assert_eq!(home.verify(&ann), Ok(()));
        assert_eq!(home.log_out(&ann), Ok(()));
        assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
    });
}

#[test]
fn nothing_starts_on_a_store_that_fails() {
    let home = Home::in_memory();
    home.store.calls();
    drop(home.start('A', &[]).unwrap());
    for before in 0..home.store.calls().len() {
        home.store.fail_after(before, Failing::Undone);
        assert!(home.start('A', &[]).is_err(), "call {before}");
    }
}

#[test]
fn a_store_that_cannot_be_read_any_more_stops_the_verifier_within_a_second() {
    on_each_store(|home| {
        let ann = home.somebody();
        home.clock.advance(Duration::from_millis(900));
        home.store.fail_after(0, Failing::Undone);
        assert!(block_on(home.authority.follow_feed()).is_err());
        assert_eq!(home.verify(&ann), Ok(()));
        home.clock.advance(Duration::from_millis(101));
        assert_eq!(home.verify(&ann), Err(Refusal::RevocationStateStale));
        assert_eq!(block_on(home.authority.check_ready()), Err(Refusal::RevocationStateStale));
        home.live_on(Duration::ZERO);
        assert_eq!(home.verify(&ann), Ok(()));
    });
}

#[test]
fn without_randomness_nobody_is_handed_anything() {
    let needy = [
        "login",
        "refresh",
        "repeated refresh",
        "password change",
        "setting a password",
        "setup",
        "redeeming a link",
        "issuing a link",
        "rotating the signing key",
    ];
    for (name, use_case) in USE_CASES.into_iter().filter(|(name, _)| needy.contains(name)) {
        let home = Home::in_memory();
        let scene = Scene::new(&home);
        home.entropy.fail(true);
        let refusal = use_case(&home.authority, &scene).unwrap_err();
        assert_eq!((refusal.code(), refusal.kind()), ("overloaded", RefusalKind::Unavailable), "{name}");
        assert_eq!(home.live_sessions(scene.access.user_id), 1, "{name}");
        assert_eq!(home.verify(&scene.current), Ok(()), "{name}");
        assert!(home.start('A', &[]).is_err());
        home.entropy.fail(false);
        // Whatever had happened when the randomness was found missing, asking again mends it.
        assert!(use_case(&home.authority, &scene).is_ok(), "{name}");
    }
}

#[test]
fn without_a_clock_nothing_is_decided() {
    on_each_store(|home| {
        let scene = Scene::new(&home);
        // Set back by more than nodes' clocks differ, or unreadable.
        let behind = START.minus(Duration::from_millis(5001));
        for broken in [true, false] {
            home.clock.fail(broken);
            home.clock.set_wall(behind);
            home.store.calls();
            for (name, use_case) in USE_CASES {
                // These tell something and let nobody in.
                if !["whose refresh token", "who am I"].contains(&name) {
                    assert_eq!(use_case(&home.authority, &scene), Err(Refusal::ClockBehind), "{name}");
                    assert_eq!(home.store.calls(), [""; 0], "{name}");
                }
                home.store.calls();
            }
            assert_eq!(home.verify(&scene.current), Err(Refusal::ClockBehind));
            assert!(home.start('A', &[]).is_err());
        }
    });
}

/// A revoked session must not come back when the clock is set back: what the store has recorded counts.
#[test]
fn a_clock_set_back_after_a_revocation_revives_nothing() {
    on_each_store(|home| {
        let ann = home.somebody();
        home.live_on(GRACE);
        home.log_out(&ann).unwrap();
        home.clock.set_wall(START.plus(GRACE - Duration::from_secs(5)));
        assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::SessionRevoked));
        let home = home.restart();
        assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
        home.clock.set_wall(START.minus(GRACE));
        assert_eq!(home.verify(&ann), Err(Refusal::ClockBehind));
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::ClockBehind));
    });
}
