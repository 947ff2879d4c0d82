//! The second step of signing in.

use askama::Template;

use super::FactorForms;
use crate::pages::{Failure, Frame};

/// `BASE/login/mfa`, also the answer to a right password of somebody who has a second factor: posts `method`, `code` or
/// `credential` and, where given, `rd` to itself.
#[derive(Clone, Template)]
#[template(path = "second_factor.html")]
pub struct SecondFactorPage {
    /// What every page has; of somebody who is not signed in yet, with a CSRF token for their pending login.
    pub frame: Frame,
    /// Where to go afterwards, carried along hidden. Only a target that passed the redirect check belongs here.
    pub rd: Option<String>,
    /// The host that `rd` leads to, if it is another than ours.
    pub continue_to: Option<String>,
    /// Who is about to sign in.
    pub username: String,
    /// The forms.
    pub factors: FactorForms,
    /// Why the last attempt failed, where it was not the code.
    pub failure: Option<Failure>,
    /// Where the whole login starts over.
    pub start_over: String,
}

impl SecondFactorPage {
    fn failed(&self) -> bool {
        self.failure.is_some() || self.factors.wrong.is_some()
    }
}
