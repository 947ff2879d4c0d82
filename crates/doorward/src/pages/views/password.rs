//! The page where a signed-in user changes their password.

use askama::Template;

use crate::pages::phrases::Phrase;
use crate::pages::{Failure, Frame};

/// `BASE/password`: posts `current_password`, `new_password` and, where given, `rd` to itself.
#[derive(Clone, Template)]
#[template(path = "password.html")]
pub struct PasswordPage {
    /// What every page has.
    pub frame: Frame,
    /// Where to go afterwards, carried along hidden. Only a target that passed the redirect check belongs here.
    pub rd: Option<String>,
    /// The user must change it before anything else works.
    pub due: bool,
    /// What is wrong with the current password as typed. A failure `invalid_credentials` is shown there by itself.
    pub current_password_error: Option<Phrase>,
    /// What is wrong with the new one.
    pub new_password_error: Option<Phrase>,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the form was refused.
    pub failure: Option<Failure>,
}

impl PasswordPage {
    /// The empty form.
    #[must_use]
    pub fn new(frame: Frame, due: bool, password_min_length: u32) -> Self {
        Self {
            frame,
            rd: None,
            due,
            current_password_error: None,
            new_password_error: None,
            password_min_length,
            failure: None,
        }
    }

    fn current_password_refused(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.code == "invalid_credentials")
    }

    fn current_password_wrong(&self) -> bool {
        self.current_password_error.is_some() || self.current_password_refused()
    }

    fn failed(&self) -> bool {
        self.failure.is_some() || self.current_password_error.is_some() || self.new_password_error.is_some()
    }
}
