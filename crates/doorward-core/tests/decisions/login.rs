//! `login::decide`: every user there may be, with every state of every proof.

use doorward_core::{
    guard::Standing,
    login::{
        Next, Progress, Proof,
        SecondVerdict::{Due, Shown, Trusted},
        decide,
    },
    password::PasswordVerdict::{Right, RightButOutdated, Wrong},
    refusal::Refusal,
    user::{Factors, User},
};
use doorward_testkit::builders::Scene;

#[test]
fn every_login_goes_the_way_the_table_says() {
    let enabled = Scene::new(1).user().user;
    let disabled = User { disabled: true, ..enabled.clone() };
    let outdated = User { must_change_password: true, ..enabled.clone() };
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
        (Some(&outdated), Some(Right), Next::Open),
    ] {
        assert_eq!(
            decide(user, Progress { standing: Standing::Clear, password, second: None }),
            expected,
            "{user:?} {password:?}"
        );
    }
}

#[test]
fn a_second_factor_is_asked_for_once_the_password_was_right_and_not_before() {
    let plain = Scene::new(1).user().user;
    let with = |factors| User { factors, ..plain.clone() };
    let app = with(Factors { totp: true, ..Factors::default() });
    let passkey = with(Factors { passkeys: 1, ..Factors::default() });
    let disabled = User { disabled: true, ..app.clone() };
    // Recovery codes are none by themselves.
    let codes_alone = with(Factors { recovery_codes_left: 10, ..Factors::default() });
    let wrong = || Next::Refuse(Refusal::InvalidCredentials);
    for (user, password, second, expected) in [
        (&app, None, None, Next::Examine(Proof::Password)),
        (&app, Some(Wrong), None, wrong()),
        (&app, Some(Wrong), Some(Shown), wrong()),
        (&app, Some(Right), None, Next::Examine(Proof::SecondFactor)),
        (&passkey, Some(RightButOutdated), None, Next::Examine(Proof::SecondFactor)),
        (&app, Some(Right), Some(Due), Next::Wait),
        (&app, Some(Right), Some(Shown), Next::Open),
        (&app, Some(Right), Some(Trusted), Next::Open),
        (&disabled, Some(Right), None, Next::Refuse(Refusal::AccountDisabled)),
        (&codes_alone, Some(Right), None, Next::Open),
        (&plain, Some(Right), None, Next::Open),
    ] {
        let progress = Progress { standing: Standing::Clear, password, second };
        assert_eq!(decide(Some(user), progress), expected, "{user:?} {progress:?}");
    }
}
