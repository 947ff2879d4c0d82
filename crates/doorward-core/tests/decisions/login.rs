//! `login::decide`: every user there may be, with every state of every proof.

use doorward_core::{
    guard::Standing,
    login::{Next, Progress, Proof, decide},
    password::PasswordVerdict::{Right, RightButOutdated, Wrong},
    refusal::Refusal,
    user::User,
};
use doorward_testkit::builders::Scene;

#[test]
fn every_login_goes_the_way_the_table_says() {
    let enabled = Scene::new(1).user().user;
    let disabled = User { disabled: true, ..enabled.clone() };
    let due = User { must_change_password: true, ..enabled.clone() };
    let examine = || Next::Examine(Proof::Password);
    let wrong = || Next::Refuse(Refusal::InvalidCredentials);
    for (user, password, expected) in [
        (None, None, examine()),
        (None, Some(Wrong), wrong()),
        // No password is right for nobody; should one ever seem so, nobody is let in.
        (None, Some(Right), wrong()),
        (None, Some(RightButOutdated), wrong()),
        (Some(&enabled), None, examine()),
        (Some(&enabled), Some(Wrong), wrong()),
        (Some(&enabled), Some(Right), Next::Open),
        (Some(&enabled), Some(RightButOutdated), Next::Open),
        // Told apart from an unknown name by the right password only (M-D05).
        (Some(&disabled), None, examine()),
        (Some(&disabled), Some(Wrong), wrong()),
        (Some(&disabled), Some(Right), Next::Refuse(Refusal::AccountDisabled)),
        (Some(&disabled), Some(RightButOutdated), Next::Refuse(Refusal::AccountDisabled)),
        // Logs in, to be able to change it.
        (Some(&due), Some(Right), Next::Open),
    ] {
        assert_eq!(
            decide(user, Progress { standing: Standing::Clear, password }),
            expected,
            "{user:?} {password:?}"
        );
    }
}
