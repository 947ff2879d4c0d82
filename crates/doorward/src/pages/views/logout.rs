//! Signing out: the page that asks, and the one that confirms.

use askama::Template;

use crate::pages::Frame;

/// `BASE/logout`: asks, then posts to itself. A GET must not sign anybody out, or any image tag could.
#[derive(Clone, Template)]
#[template(path = "logout.html")]
pub struct LogoutPage {
    /// What every page has.
    pub frame: Frame,
}

/// The answer to a logout: there is no session any more.
#[derive(Clone, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage {
    /// What every page has; of somebody who is not signed in.
    pub frame: Frame,
}
