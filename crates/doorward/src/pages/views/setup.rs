//! The page that makes the first administrator.

use askama::Template;

use crate::pages::phrases::Phrase;
use crate::pages::{Failure, Field, Frame};

/// `BASE/setup`: posts `setup_token`, `username` (unless there is a single operator), `email` (may be empty) and `password` to itself.
#[derive(Clone, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// What every page has.
    pub frame: Frame,
    /// The token of the setup URL, carried along hidden; `None` shows a field to paste it into.
    pub setup_token: Option<String>,
    /// The administrator's name to be.
    pub username: Field,
    /// Their address; optional.
    pub email: Field,
    /// What is wrong with the password.
    pub password_error: Option<Phrase>,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the form was refused. `forbidden` means that the setup token is not good: the field for it is shown.
    pub failure: Option<Failure>,
}

impl SetupPage {
    /// The empty form.
    #[must_use]
    pub fn new(frame: Frame, setup_token: Option<String>, password_min_length: u32) -> Self {
        Self {
            frame,
            setup_token,
            username: Field::default(),
            email: Field::default(),
            password_error: None,
            password_min_length,
            failure: None,
        }
    }

    fn failed(&self) -> bool {
        let wrong = [&self.username.error, &self.email.error, &self.password_error];
        self.failure.is_some() || wrong.into_iter().any(Option::is_some)
    }

    fn token_refused(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.code == "forbidden")
    }

    /// The token to carry along unseen: one that was given and not refused.
    fn carried_token(&self) -> Option<&str> {
        self.setup_token.as_deref().filter(|token| !token.is_empty() && !self.token_refused())
    }

    /// The field to start in: what is wrong first, else the first that is empty.
    fn focus(&self) -> &'static str {
        if self.carried_token().is_none() {
            "setup_token"
        } else if self.username.error.is_some() {
            "username"
        } else if self.email.error.is_some() {
            "email"
        } else if self.username.value.is_empty() && !self.frame.single_operator {
            "username"
        } else {
            "password"
        }
    }
}
