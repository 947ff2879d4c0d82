//! The page where people sign in.

use askama::Template;

use super::PasskeyPrompt;
use crate::pages::phrases::Phrase;
use crate::pages::{Failure, Field, Frame};

/// `BASE/login`, also shown by `BASE/continue`: posts `username` (unless there is a single operator), `password`,
/// `trust_device` if it is ticked and, where given, `rd` to `BASE/login`; a passkey and `rd` to `BASE/login/passkey`.
#[derive(Clone, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// What every page has.
    pub frame: Frame,
    /// Where to go afterwards, carried along hidden. Only a target that passed the redirect check belongs here.
    pub rd: Option<String>,
    /// The host that `rd` leads to, if it is another than ours: "Sign in to continue to app.example.com".
    pub continue_to: Option<String>,
    /// The name, as typed or as known.
    pub username: Field,
    /// What is wrong with the password field itself (empty); never whether the password was right.
    pub password_error: Option<Phrase>,
    /// For so many seconds a device can be trusted, if it can.
    pub trust_device_seconds: Option<u64>,
    /// Whether it is to be, as ticked.
    pub trusts_device: bool,
    /// The way in by passkey, where there is one.
    pub passkey: Option<PasskeyPrompt>,
    /// Why signing in failed.
    pub failure: Option<Failure>,
    /// Why the page is shown, where that needs a word.
    pub notice: Option<LoginNotice>,
}

/// Why somebody finds themselves at the login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginNotice {
    /// Their session ended by age.
    SessionExpired,
    /// Their session was ended, by themselves elsewhere or by an administrator.
    SessionRevoked,
    /// What they opened wants a recent sign-in, although they are signed in.
    ConfirmIdentity,
    /// They set a new password through a one-time link.
    PasswordSet,
    /// They took too long over their second factor, or tried too many wrong codes.
    StartAgain,
}

impl LoginPage {
    /// The empty form.
    #[must_use]
    pub fn new(frame: Frame, rd: Option<String>) -> Self {
        Self {
            frame,
            rd,
            continue_to: None,
            username: Field::default(),
            password_error: None,
            trust_device_seconds: None,
            trusts_device: false,
            passkey: None,
            failure: None,
            notice: None,
        }
    }

    fn trust_for(&self) -> Option<String> {
        self.trust_device_seconds.map(|seconds| self.frame.t.duration(seconds))
    }

    /// The field to start in. After a wrong password that is the password: the name is usually right.
    fn focus(&self) -> &'static str {
        let asks_for_name = self.username.value.is_empty() || self.username.error.is_some();
        if asks_for_name && !self.frame.single_operator { "username" } else { "password" }
    }
}
