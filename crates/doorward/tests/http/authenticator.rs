//! An authenticator app, in the hands of somebody of a test.

use std::time::Duration;

use doorward_core::{
    access_token::Principal,
    authority::Caller,
    second_factor::totp::{Step, TotpSecret},
    session::Transport,
};

use crate::{browser::Browser, world::World};

/// How long a code is shown.
pub(crate) const NEXT_CODE: Duration = Duration::from_secs(30);

/// An app that is set up for an account.
pub(crate) struct Authenticator {
    world: World,
    secret: TotpSecret,
    /// What its owner wrote down.
    pub(crate) recovery_codes: Vec<String>,
}

impl Authenticator {
    /// Sets one up for whoever is signed in, whose token is outdated by it. Its present code is spent.
    pub(crate) async fn of(world: &World, browser: &Browser) -> Self {
        let principal = principal(world, browser);
        let caller = Caller::command_line();
        let secret = world.authority().begin_totp(&principal, &caller).await.unwrap().secret;
        let mut app = Self { world: world.clone(), secret, recovery_codes: Vec::new() };
        let after = world.authority().confirm_totp(&principal, &app.code(), &caller).await.unwrap();
        app.recovery_codes =
            after.recovery_codes.iter().map(|code| code.shown().reveal().to_owned()).collect();
        app
    }

    /// What it shows now.
    pub(crate) fn code(&self) -> String {
        let code = self.secret.code(Step::at(self.world.now()));
        self.world.remember_secret(code.reveal());
        code.reveal().to_owned()
    }

    /// What it shows next, when that time has come.
    pub(crate) async fn next_code(&self) -> String {
        self.world.advance(NEXT_CODE).await;
        self.code()
    }

    /// Six digits that it does not show these minutes.
    pub(crate) fn wrong_code(&self) -> String {
        let now = Step::at(self.world.now()).0;
        let right: Vec<String> =
            (now - 20..now + 20).map(|step| self.secret.code(Step(step)).reveal().to_owned()).collect();
        (0..).map(|number| format!("{number:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

/// Who a browser's session cookie speaks for.
fn principal(world: &World, browser: &Browser) -> Principal {
    let token = browser.cookie("dw_session");
    Principal::clone(&world.authority().verifier().verify(&token, Transport::Cookie).unwrap())
}
