//! Sessions: refreshed, raced, ended, and remembered over a restart.

use std::{net::IpAddr, time::Duration};

use doorward_core::{
    authority::Caller,
    client::{Client, UserAgent},
    page::PageRequest,
    refusal::Refusal,
    session::Transport,
    sign_in::SignedIn,
    store::{SessionFilter, Store},
    users::ChangesForm,
};
use doorward_testkit::builders::ACCESS_TTL;
use futures_executor::block_on;

use crate::home::{GRACE, Home, PASSWORD, browser, on_each_store, origin, refresh, settings, verify};

const MILLISECOND: Duration = Duration::from_millis(1);

fn cause(home: &Home) -> String {
    let [event] = home.events("session.refresh_reused").try_into().unwrap();
    assert_eq!(event.reason.as_deref(), Some("refresh_token_reused"));
    event.details.iter().find(|(name, _)| *name == "cause").unwrap().1.clone()
}

/// Refreshes as `client`, with the device's token.
fn refresh_as(home: &Home, by: &SignedIn, client: &Client) -> Result<SignedIn, Refusal> {
    let keys = home.authority.keys();
    let device = keys.verify_device_token(by.device_token.as_ref().unwrap().reveal());
    block_on(home.authority.refresh(by.refresh_token.reveal(), Transport::Cookie, device, client))
}

#[test]
fn thirty_two_tabs_that_refresh_at_once_receive_one_successor() {
    on_each_store(|home| {
        let ann = home.somebody();
        let successors: Vec<SignedIn> = std::thread::scope(|scope| {
            let tabs: Vec<_> = (0..32).map(|_| scope.spawn(|| home.refresh(&ann).unwrap())).collect();
            tabs.into_iter().map(|tab| tab.join().unwrap()).collect()
        });
        for successor in &successors {
            assert_eq!(successor.refresh_token.reveal(), successors[0].refresh_token.reveal());
            assert_eq!(home.verify(successor), Ok(()));
        }
        assert_eq!(successors[0].of.session.refresh.generation.0, 1);
        assert_eq!(home.events("session.refreshed").len(), 1);
        assert!(home.refresh(&successors[31]).is_ok());
    });
}

#[test]
fn a_replay_after_the_grace_ends_the_session_and_its_tokens() {
    on_each_store(|home| {
        let first = home.somebody();
        let second = home.refresh(&first).unwrap();
        home.live_on(GRACE - MILLISECOND);
        assert!(home.refresh(&first).is_ok());
        home.live_on(MILLISECOND);
        assert_eq!(home.refresh(&first).map(drop), Err(Refusal::RefreshTokenReused));
        assert_eq!(cause(&home), "after_grace");
        assert_eq!(home.refresh(&second).map(drop), Err(Refusal::SessionRevoked));
        assert_eq!(home.verify(&second), Err(Refusal::SessionRevoked));
    });
}

#[test]
fn an_old_refresh_token_is_recognised_for_as_long_as_the_session_lives() {
    on_each_store(|home| {
        let first = home.somebody();
        let mut current = home.refresh(&first).unwrap();
        for _ in 0..100 {
            home.live_on(Duration::from_hours(6));
            block_on(home.authority.clean_up()).unwrap();
            current = home.refresh(&current).unwrap();
        }
        assert_eq!(home.refresh(&first).map(drop), Err(Refusal::RefreshTokenReused));
        assert_eq!(cause(&home), "old_generation");
        assert_eq!(home.refresh(&current).map(drop), Err(Refusal::SessionRevoked));
    });
}

#[test]
fn the_sixty_fifth_repeat_ends_the_session() {
    on_each_store(|home| {
        let first = home.somebody();
        home.refresh(&first).unwrap();
        for repeat in 1..=64 {
            assert!(home.refresh(&first).is_ok(), "{repeat}");
        }
        assert_eq!(home.refresh(&first).map(drop), Err(Refusal::RefreshTokenReused));
        assert_eq!(cause(&home), "repeated_too_often");
    });
}

#[test]
fn a_thief_without_the_device_ends_the_session_whoever_comes_first() {
    for thief_first in [true, false] {
        on_each_store(|home| {
            let ann = home.somebody();
            let thief = || {
                block_on(home.authority.refresh(
                    ann.refresh_token.reveal(),
                    Transport::Cookie,
                    None,
                    &browser(),
                ))
            };
            if thief_first {
                thief().unwrap();
                assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::RefreshTokenReused));
            } else {
                home.refresh(&ann).unwrap();
                assert_eq!(thief().map(drop), Err(Refusal::RefreshTokenReused));
            }
            assert_eq!(cause(&home), "other_client");
            assert_eq!(home.live_sessions(ann.of.user.id), 0);
        });
    }
}

#[test]
fn a_device_of_another_account_is_no_device() {
    on_each_store(|home| {
        let ann = home.somebody();
        home.add_user("bob");
        let bob = home.log_in("bob", PASSWORD).unwrap();
        home.refresh(&ann).unwrap();
        let mixed = SignedIn { device_token: bob.device_token, ..ann };
        assert_eq!(home.refresh(&mixed).map(drop), Err(Refusal::RefreshTokenReused));
    });
}

#[test]
fn a_thief_in_lockstep_is_found_at_the_third_generation() {
    on_each_store(|home| {
        let elsewhere: IpAddr = [203, 0, 113, 9].into();
        let thief = Client { address: Some(elsewhere), ..browser() };
        let mut owner = home.somebody();
        for _ in 0..2 {
            let next = home.refresh(&owner).unwrap();
            refresh_as(&home, &owner, &thief).unwrap();
            owner = next;
            home.live_on(ACCESS_TTL / 2);
        }
        let last = home.refresh(&owner).unwrap();
        assert_eq!(refresh_as(&home, &owner, &thief).map(drop), Err(Refusal::RefreshTokenReused));
        assert_eq!(cause(&home), "lockstep");
        assert_eq!(home.verify(&last), Err(Refusal::SessionRevoked));
    });
}

#[test]
fn an_owner_on_the_move_who_repeats_now_and_then_is_no_thief() {
    on_each_store(|home| {
        let train = Client { address: Some([203, 0, 113, 9].into()), ..browser() };
        let mut owner = home.somebody();
        for generation in 0..12 {
            let next = home.refresh(&owner).unwrap();
            // Two of three are repeated from the train.
            if generation % 3 != 2 {
                refresh_as(&home, &owner, &train).unwrap();
            }
            owner = next;
        }
        assert_eq!(home.verify(&owner), Ok(()));
    });
}

#[test]
fn a_browser_that_updated_itself_goes_on_with_the_current_token() {
    on_each_store(|home| {
        let ann = home.somebody();
        let updated = Client { user_agent: UserAgent::new("Mozilla/6.0"), ..browser() };
        let second = refresh_as(&home, &ann, &updated).unwrap();
        assert!(refresh_as(&home, &second, &updated).is_ok());
    });
}

#[test]
fn no_other_text_is_a_refresh_token() {
    on_each_store(|home| {
        let ann = home.somebody();
        let bob = {
            home.add_user("bob");
            home.log_in("bob", PASSWORD).unwrap()
        };
        let keys = home.authority.keys();
        let forged = |change: fn(&mut doorward_core::session::Session)| {
            let mut session = ann.of.session.clone();
            change(&mut session);
            keys.refresh_token(&session).reveal().to_owned()
        };
        let other_session = {
            let mut session = ann.of.session.clone();
            session.id = bob.of.session.id;
            keys.refresh_token(&session).reveal().to_owned()
        };
        let good = ann.refresh_token.reveal();
        for text in [
            String::new(),
            "dwr_".to_owned(),
            good[..good.len() - 1].to_owned(),
            format!("{good}A"),
            ann.access_token.reveal().to_owned(),
            ann.csrf_token.reveal().to_owned(),
            ann.device_token.as_ref().unwrap().reveal().to_owned(),
            // The random value is in the row only; the transport and the session are under the MAC.
            forged(|session| session.refresh.nonce = [0; 16]),
            forged(|session| session.transport = Transport::Bearer),
            forged(|session| session.id = doorward_core::ids::SessionId::from_bytes([9; 16])),
            other_session,
        ] {
            let answer = block_on(home.authority.refresh(&text, Transport::Cookie, None, &browser()));
            assert_eq!(answer.map(drop), Err(Refusal::RefreshTokenInvalid), "{text}");
        }
        let on_bearer = block_on(home.authority.refresh(good, Transport::Bearer, None, &browser()));
        assert_eq!(on_bearer.map(drop), Err(Refusal::RefreshTokenInvalid));
        assert!(home.refresh(&ann).is_ok(), "none of it did any harm");
    });
}

#[test]
fn sessions_and_revocations_survive_a_restart() {
    on_each_store(|home| {
        let ann = home.somebody();
        let other = home.log_in("ann", PASSWORD).unwrap();
        home.log_out(&other).unwrap();
        let home = home.restart();
        assert_eq!(home.verify(&ann), Ok(()));
        assert_eq!(
            home.verify(&other),
            Err(Refusal::SessionRevoked),
            "not yet expired, and revoked all the same"
        );
        assert_eq!(home.refresh(&other).map(drop), Err(Refusal::SessionRevoked));
        assert!(home.refresh(&ann).is_ok());
    });
}

#[test]
fn another_process_hears_of_a_revocation_when_it_follows_the_feed() {
    on_each_store(|home| {
        let ann = home.somebody();
        let other = home.start('A', &[]).unwrap();
        assert_eq!(verify(&other, &ann), Ok(()));
        home.log_out(&ann).unwrap();
        assert_eq!(refresh(&other, &ann).map(drop), Err(Refusal::SessionRevoked), "the store knows at once");
        block_on(other.follow_feed()).unwrap();
        assert_eq!(verify(&other, &ann), Err(Refusal::SessionRevoked));
    });
}

#[test]
fn a_logout_that_races_refreshes_wins_for_good() {
    on_each_store(|home| {
        home.add_user("ann");
        for _ in 0..40 {
            let ann = home.log_in("ann", PASSWORD).unwrap();
            let refreshed: Vec<_> = std::thread::scope(|scope| {
                let tabs: Vec<_> = (0..3).map(|_| scope.spawn(|| home.refresh(&ann))).collect();
                home.log_out(&ann).unwrap();
                tabs.into_iter().map(|tab| tab.join().unwrap()).collect()
            });
            for answer in refreshed {
                match answer {
                    Ok(late) => {
                        assert_eq!(home.verify(&late), Err(Refusal::SessionRevoked));
                        assert_eq!(home.refresh(&late).map(drop), Err(Refusal::SessionRevoked));
                    }
                    Err(refusal) => assert_eq!(refusal, Refusal::SessionRevoked),
                }
            }
        }
    });
}

#[test]
fn twelve_logins_at_once_leave_five_sessions() {
    on_each_store(|home| {
        let ann = home.add_user("ann");
        let opened: Vec<SignedIn> = std::thread::scope(|scope| {
            let logins: Vec<_> =
                (0..12).map(|_| scope.spawn(|| home.log_in("ann", PASSWORD).unwrap())).collect();
            logins.into_iter().map(|login| login.join().unwrap()).collect()
        });
        assert_eq!(home.live_sessions(ann.id), 5);
        assert_eq!(opened.iter().filter(|session| home.verify(session).is_ok()).count(), 5);
    });
}

#[test]
fn a_role_that_is_taken_away_is_gone_from_the_next_request_on_and_a_refresh_mends_it() {
    on_each_store(|home| {
        let ann = home.somebody();
        let caller = Caller::command_line();
        let roles = ["editor".to_owned()];
        let form = ChangesForm { roles: Some(&roles), ..ChangesForm::default() };
        block_on(home.authority.change_user(&caller, ann.of.user.id, form)).unwrap();
        assert_eq!(home.verify(&ann), Err(Refusal::SessionExpired));
        let editor = home.refresh(&ann).unwrap();
        assert_eq!(home.verify(&editor), Ok(()));
        let form = ChangesForm { roles: Some(&[]), ..ChangesForm::default() };
        block_on(home.authority.change_user(&caller, ann.of.user.id, form)).unwrap();
        assert_eq!(home.verify(&editor), Err(Refusal::SessionExpired));
        assert!(home.refresh(&editor).unwrap().of.user.roles.iter().next().is_none());
    });
}

#[test]
fn a_password_change_leaves_no_older_token_alive() {
    on_each_store(|home| {
        let ann = home.somebody();
        let other = home.log_in("ann", PASSWORD).unwrap();
        let verifier = home.authority.verifier();
        let principal = verifier.verify(ann.access_token.reveal(), Transport::Cookie).unwrap();
        let changed =
            block_on(home.authority.change_password(&principal, PASSWORD, "another password", &origin()))
                .unwrap();
        for old in [&ann, &other] {
            assert_eq!(home.verify(old), Err(Refusal::SessionRevoked));
            assert_eq!(home.refresh(old).map(drop), Err(Refusal::SessionRevoked));
        }
        assert_eq!(home.verify(&changed), Ok(()));
        assert!(home.refresh(&changed).is_ok());
        assert_eq!(home.log_in("ann", PASSWORD).map(drop), Err(Refusal::InvalidCredentials));
        assert!(home.log_in("ann", "another password").is_ok());
    });
}

#[test]
fn a_refresh_is_refused_while_a_password_change_is_due() {
    on_each_store(|home| {
        let ann = home.somebody();
        let form = ChangesForm { must_change_password: Some(true), ..ChangesForm::default() };
        block_on(home.authority.change_user(&Caller::command_line(), ann.of.user.id, form)).unwrap();
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::PasswordChangeRequired));
    });
}

#[test]
fn a_deleted_user_s_tokens_are_revoked_and_a_stranger_s_are_invalid() {
    on_each_store(|home| {
        let ann = home.somebody();
        block_on(home.authority.delete_user(&Caller::command_line(), ann.of.user.id)).unwrap();
        assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::SessionRevoked));
    });
}

#[test]
fn only_who_holds_the_refresh_token_now_holds_the_session() {
    on_each_store(|home| {
        let first = home.somebody();
        let holds = |by: &SignedIn, session: &SignedIn| {
            block_on(home.authority.check_holds_session(by.refresh_token.reveal(), session.of.session.id))
        };
        let other = home.log_in("ann", PASSWORD).unwrap();
        assert_eq!(holds(&first, &first), Ok(()));
        assert_eq!(holds(&first, &other), Err(Refusal::NotAuthenticated));
        let second = home.refresh(&first).unwrap();
        assert_eq!(holds(&first, &first), Ok(()), "on its way while another tab refreshed");
        home.live_on(GRACE);
        assert_eq!(holds(&first, &first), Err(Refusal::NotAuthenticated));
        assert_eq!(holds(&second, &first), Ok(()));
        home.log_out(&first).unwrap();
        assert_eq!(holds(&second, &first), Err(Refusal::NotAuthenticated));
    });
}

#[test]
fn clean_up_keeps_what_a_decision_still_needs() {
    on_each_store(|home| {
        let ann = home.somebody();
        home.log_out(&ann).unwrap();
        home.live_on(ACCESS_TTL - MILLISECOND);
        block_on(home.authority.clean_up()).unwrap();
        let home = home.restart();
        assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::SessionRevoked));
        home.live_on(Duration::from_hours(24 * 38));
        block_on(home.authority.clean_up()).unwrap();
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::RefreshTokenInvalid), "forgotten at last");
        let now = home.authority.now().unwrap();
        let page = PageRequest { after: None, limit: 10 };
        let left = block_on(home.store.sessions(SessionFilter { user_id: None }, now, page)).unwrap();
        assert!(left.items.is_empty());
    });
}

/// A command run without the server's environment believes in another lifetime of access tokens than the server.
#[test]
fn what_was_revoked_by_a_process_with_a_shorter_lifetime_stays_revoked() {
    on_each_store(|home| {
        let hour = Duration::from_hours(1);
        let long = || {
            let mut settings = settings();
            settings.lifetimes.access_ttl = hour;
            settings
        };
        let home = home.restart_with(long());
        let ann = home.somebody();
        let command = home.start('A', &[]).unwrap();
        let caller = Caller::command_line();
        block_on(command.revoke_sessions_of(&caller, ann.of.user.id, None)).unwrap();
        let mut home = home;
        for _ in 0..59 {
            home.live_on(Duration::from_mins(1));
            block_on(home.authority.clean_up()).unwrap();
            assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
            home = home.restart_with(long());
            assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
        }
        home.live_on(hour * 2);
        block_on(home.authority.clean_up()).unwrap();
        assert_eq!(home.authority.verifier().revocation_state().1, 0, "what nobody needs is forgotten");
    });
}

#[test]
fn a_lifetime_that_was_lowered_and_raised_again_revives_nothing() {
    on_each_store(|home| {
        let with = |minutes| {
            let mut settings = settings();
            settings.lifetimes.access_ttl = Duration::from_mins(minutes);
            settings
        };
        home.authority.replace_settings(with(60));
        let ann = home.somebody();
        home.authority.replace_settings(with(1));
        home.log_out(&ann).unwrap();
        home.live_on(Duration::from_mins(50));
        block_on(home.authority.clean_up()).unwrap();
        home.authority.replace_settings(with(60));
        assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
    });
}
