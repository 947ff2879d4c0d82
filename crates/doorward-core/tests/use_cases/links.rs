//! One-time links: good once, for one purpose, until they end.

use std::time::Duration;

use doorward_core::{
    authority::Caller,
    ids::UserId,
    link::LinkPurpose,
    refusal::Refusal,
    settings::{INVITATION_TTL, RESET_TTL},
    users::{ChangesForm, UserForm},
};
use futures_executor::block_on;

use crate::home::{Home, PASSWORD, on_each_store, origin};

const MILLISECOND: Duration = Duration::from_millis(1);
const NEW: &str = "quite another password";

fn redeem(home: &Home, token: &str, purpose: LinkPurpose) -> Result<(), Refusal> {
    block_on(home.authority.redeem_link(token, purpose, NEW, &origin())).map(drop)
}

fn look_at(home: &Home, token: &str, purpose: LinkPurpose) -> Result<(), Refusal> {
    block_on(home.authority.live_link(token, purpose)).map(drop)
}

fn reset(home: &Home, user: UserId) -> String {
    let issued = block_on(home.authority.issue_password_link(&Caller::command_line(), user)).unwrap();
    assert_eq!(issued.purpose, LinkPurpose::Reset);
    issued.token.reveal().to_owned()
}

fn invite(home: &Home, username: &str) -> (UserId, String) {
    let form = UserForm { username, ..UserForm::default() };
    let (user, link) = block_on(home.authority.create_user(&Caller::command_line(), form)).unwrap();
    (user.id, link.unwrap().token.reveal().to_owned())
}

#[test]
fn an_invitation_sets_the_first_password_once() {
    on_each_store(|home| {
        let (_, token) = invite(&home, "ann");
        for _ in 0..3 {
            assert_eq!(look_at(&home, &token, LinkPurpose::Invitation), Ok(()), "looking uses nothing up");
        }
        assert_eq!(redeem(&home, &token, LinkPurpose::Invitation), Ok(()));
        assert_eq!(redeem(&home, &token, LinkPurpose::Invitation), Err(Refusal::NotFound));
        assert_eq!(look_at(&home, &token, LinkPurpose::Invitation), Err(Refusal::NotFound));
        assert!(home.log_in("ann", NEW).is_ok());
        assert_eq!(home.events("link.refused").len(), 1);
    });
}

#[test]
fn a_link_ends_at_its_end_exactly() {
    assert_eq!((INVITATION_TTL, RESET_TTL), (Duration::from_hours(24 * 7), Duration::from_hours(24)));
    on_each_store(|home| {
        let ann = home.add_user("ann");
        let token = reset(&home, ann.id);
        home.live_on(RESET_TTL - MILLISECOND);
        assert_eq!(look_at(&home, &token, LinkPurpose::Reset), Ok(()));
        home.live_on(MILLISECOND);
        assert_eq!(look_at(&home, &token, LinkPurpose::Reset), Err(Refusal::NotFound));
        assert_eq!(redeem(&home, &token, LinkPurpose::Reset), Err(Refusal::NotFound));
    });
    on_each_store(|home| {
        let (_, token) = invite(&home, "ann");
        home.live_on(INVITATION_TTL - MILLISECOND);
        assert_eq!(redeem(&home, &token, LinkPurpose::Invitation), Ok(()));
    });
}

#[test]
fn a_reset_ends_every_session_and_the_old_password() {
    on_each_store(|home| {
        let ann = home.somebody();
        let token = reset(&home, ann.of.user.id);
        assert_eq!(home.verify(&ann), Ok(()), "asking for a reset does nothing yet");
        let signed_in = block_on(home.authority.redeem_link(&token, LinkPurpose::Reset, NEW, &origin()))
            .unwrap()
            .unwrap();
        assert_eq!(home.verify(&signed_in), Ok(()));
        assert_eq!(home.verify(&ann), Err(Refusal::SessionRevoked));
        assert_eq!(home.refresh(&ann).map(drop), Err(Refusal::SessionRevoked));
        assert_eq!(home.log_in("ann", PASSWORD).map(drop), Err(Refusal::InvalidCredentials));
    });
}

#[test]
fn of_eight_who_redeem_a_link_at_once_one_succeeds() {
    on_each_store(|home| {
        let ann = home.add_user("ann");
        let token = reset(&home, ann.id);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> =
                (0..8).map(|_| scope.spawn(|| redeem(&home, &token, LinkPurpose::Reset))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| **answer == Err(Refusal::NotFound)).count(), 7);
        assert_eq!(home.live_sessions(ann.id), 1);
    });
}

#[test]
fn a_newer_link_kills_the_older_ones() {
    on_each_store(|home| {
        let ann = home.add_user("ann");
        let (older, newer) = (reset(&home, ann.id), reset(&home, ann.id));
        assert_eq!(redeem(&home, &older, LinkPurpose::Reset), Err(Refusal::NotFound));
        assert_eq!(redeem(&home, &newer, LinkPurpose::Reset), Ok(()));
    });
}

#[test]
fn a_link_is_good_for_its_own_purpose_only() {
    on_each_store(|home| {
        let setup = home.setup_token();
        let (_, invitation) = invite(&home, "ann");
        let ann = home.add_user("bob");
        let reset = reset(&home, ann.id);
        for (token, purpose) in [
            (&invitation, LinkPurpose::Reset),
            (&invitation, LinkPurpose::Setup),
            (&reset, LinkPurpose::Invitation),
            (&reset, LinkPurpose::Setup),
            (&setup, LinkPurpose::Reset),
            (&setup, LinkPurpose::Invitation),
            (&setup, LinkPurpose::Setup),
        ] {
            assert_eq!(redeem(&home, token, purpose), Err(Refusal::NotFound), "{purpose:?}");
        }
        for token in [&invitation, &reset] {
            assert_eq!(home.set_up(token).map(drop), Err(Refusal::Forbidden));
        }
        assert_eq!(redeem(&home, &invitation, LinkPurpose::Invitation), Ok(()), "and none was used up");
        assert_eq!(redeem(&home, &reset, LinkPurpose::Reset), Ok(()));
        assert!(home.set_up(&setup).is_ok());
    });
}

#[test]
fn a_disabled_or_deleted_user_has_no_link() {
    on_each_store(|home| {
        let (ann, token) = invite(&home, "ann");
        let disable = |disabled| {
            let form = ChangesForm { disabled: Some(disabled), ..ChangesForm::default() };
            block_on(home.authority.change_user(&Caller::command_line(), ann, form)).unwrap();
        };
        disable(true);
        assert_eq!(look_at(&home, &token, LinkPurpose::Invitation), Err(Refusal::NotFound));
        assert_eq!(redeem(&home, &token, LinkPurpose::Invitation), Err(Refusal::NotFound));
        disable(false);
        assert_eq!(look_at(&home, &token, LinkPurpose::Invitation), Ok(()));
        block_on(home.authority.delete_user(&Caller::command_line(), ann)).unwrap();
        assert_eq!(redeem(&home, &token, LinkPurpose::Invitation), Err(Refusal::NotFound));
    });
}

#[test]
fn a_password_that_breaks_a_rule_leaves_the_link_good() {
    on_each_store(|home| {
        let (_, token) = invite(&home, "ann");
        for bad in ["", "short", &"x".repeat(1025), "with\0nul inside"] {
            let answer =
                block_on(home.authority.redeem_link(&token, LinkPurpose::Invitation, bad, &origin()));
            assert!(matches!(answer, Err(Refusal::Invalid(_))), "{bad:.20}");
        }
        assert_eq!(redeem(&home, &token, LinkPurpose::Invitation), Ok(()));
    });
}

#[test]
fn a_password_change_kills_a_reset_that_lies_in_some_mailbox() {
    on_each_store(|home| {
        let ann = home.somebody();
        let token = reset(&home, ann.of.user.id);
        let caller = Caller::command_line();
        block_on(home.authority.set_password(&caller, ann.of.user.id, "set by somebody else", false))
            .unwrap();
        assert_eq!(redeem(&home, &token, LinkPurpose::Reset), Err(Refusal::NotFound));
    });
}

#[test]
fn no_other_text_is_a_link() {
    on_each_store(|home| {
        let (_, token) = invite(&home, "ann");
        for text in
            ["", "dws_", &token[1..], &format!("{token}="), &token.to_lowercase(), &"x".repeat(100_000)]
        {
            assert_eq!(redeem(&home, text, LinkPurpose::Invitation), Err(Refusal::NotFound), "{text:.40}");
        }
    });
}
