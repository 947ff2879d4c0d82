//! The page where somebody signed in confirms who they are.

use askama::Template;

use super::FactorForms;
use crate::pages::{Failure, Frame};

/// `BASE/step-up`: posts `method`, what it names (`password`, `code` or `credential`) and, where given, `rd` to itself.
#[derive(Clone, Template)]
#[template(path = "step_up.html")]
pub struct StepUpPage {
    /// What every page has; of a signed-in user, with their CSRF token.
    pub frame: Frame,
    /// Where to go afterwards, carried along hidden. Only a target that passed the redirect check belongs here.
    pub rd: Option<String>,
    /// The host that `rd` leads to, if it is another than ours.
    pub continue_to: Option<String>,
    /// The forms for somebody who has a second factor; the others are asked for their password.
    pub factors: Option<FactorForms>,
    /// Why the last attempt failed, where it was not the code. A failure `invalid_credentials` is shown at the password.
    pub failure: Option<Failure>,
}

impl StepUpPage {
    fn password_wrong(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.code == "invalid_credentials")
    }

    fn failed(&self) -> bool {
        self.failure.is_some() || self.factors.as_ref().is_some_and(|factors| factors.wrong.is_some())
    }
}
