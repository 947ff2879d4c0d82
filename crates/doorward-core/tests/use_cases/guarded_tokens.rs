//! Guessing at setup tokens and one-time links: it is by address only, because the tokens cannot be guessed and a lock
//! would let anybody keep the operator from their own server.

use doorward_core::{
    authority::Caller, link::LinkPurpose, refusal::Refusal, setup::SetupForm, sign_in::Origin,
    users::UserForm,
};
use futures_executor::block_on;

use crate::{
    attempts::{MILLISECOND, SECOND, at, delayed, stranger},
    home::{Home, PASSWORD, on_each_guarded_store},
};

fn set_up(home: &Home, setup_token: &str, from: &Origin) -> Result<(), Refusal> {
    let form = SetupForm { setup_token, username: "root", password: PASSWORD, email: None };
    block_on(home.authority.complete_setup(form, from)).map(drop)
}

fn redeem(home: &Home, token: &str, from: &Origin) -> Result<(), Refusal> {
    block_on(home.authority.redeem_link(token, LinkPurpose::Invitation, PASSWORD, from)).map(drop)
}

fn invitation(home: &Home) -> String {
    let form = UserForm { username: "invited", ..UserForm::default() };
    let (_, link) = block_on(home.authority.create_user(&Caller::command_line(), form)).unwrap();
    link.unwrap().token.reveal().to_owned()
}

#[test]
fn whoever_guesses_setup_tokens_waits_and_the_operator_does_not() {
    on_each_guarded_store(|home| {
        let token = home.setup_token();
        let attacker = at([198, 51, 100, 1]);
        for _ in 0..6 {
            assert_eq!(set_up(&home, "dws_nonsense", &attacker), Err(Refusal::Forbidden));
        }
        let (outcome, _, work) = home.cost(|| set_up(&home, &token, &attacker));
        assert_eq!((outcome, work.hashes), (Err(delayed(SECOND / 2)), 0));
        home.clock.advance(SECOND / 2 - MILLISECOND);
        assert_eq!(set_up(&home, "dws_nonsense", &attacker), Err(delayed(MILLISECOND)));
        home.clock.advance(MILLISECOND);
        assert_eq!(set_up(&home, "dws_nonsense", &attacker), Err(Refusal::Forbidden));
        assert_eq!(set_up(&home, &token, &attacker), Err(delayed(SECOND)));
        for number in 0..100 {
            assert_eq!(set_up(&home, "dws_nonsense", &stranger(number)), Err(Refusal::Forbidden));
        }
        assert_eq!(set_up(&home, &token, &at([192, 0, 2, 1])), Ok(()));
    });
}

#[test]
fn whoever_guesses_links_waits_and_the_invited_do_not() {
    on_each_guarded_store(|home| {
        let token = invitation(&home);
        let attacker = at([198, 51, 100, 1]);
        for _ in 0..6 {
            assert_eq!(redeem(&home, "dws_nonsense", &attacker), Err(Refusal::NotFound));
        }
        let (outcome, _, work) = home.cost(|| redeem(&home, &token, &attacker));
        assert_eq!((outcome, work.hashes), (Err(delayed(SECOND / 2)), 0));
        assert_eq!(home.attempt("nobody", PASSWORD, &attacker), Err(delayed(SECOND / 2)), "counted together");
        for number in 0..100 {
            assert_eq!(redeem(&home, "dws_nonsense", &stranger(number)), Err(Refusal::NotFound));
        }
        assert_eq!(redeem(&home, &token, &at([192, 0, 2, 1])), Ok(()));
    });
}

#[test]
fn failed_logins_count_at_the_same_address_for_setup() {
    on_each_guarded_store(|home| {
        let token = home.setup_token();
        let here = at([198, 51, 100, 1]);
        for number in 0..6 {
            let refused = home.attempt(&format!("name {number}"), PASSWORD, &here);
            assert_eq!(refused, Err(Refusal::InvalidCredentials));
        }
        assert_eq!(set_up(&home, &token, &here), Err(delayed(SECOND / 2)));
    });
}
