//! The page that moves on by itself.

use askama::Template;

use crate::pages::Frame;

/// A 200 page that leads elsewhere at once, without script.
///
/// For two places where a redirect does not do: after a form post (`form-action` would block a redirect to another
/// origin), and to bounce a navigation that came from another site, since what this page starts is same-site and so
/// carries the Strict cookies.
#[derive(Clone, Template)]
#[template(path = "moving_on.html")]
pub struct MovingOnPage {
    /// What every page has.
    pub frame: Frame,
    /// Where it leads: a path on this host or an absolute http(s) URL. The caller must have checked it as a redirect
    /// target; this page follows whatever it is given.
    pub target: String,
    /// What has happened.
    pub reason: MovingOnReason,
}

/// What the page that moves on says, for the moment it is seen, or for whoever has switched such moves off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovingOnReason {
    /// The user signed in.
    SignedIn,
    /// The first administrator was made, and is signed in.
    SetUp,
    /// The password was changed or set.
    PasswordChanged,
    /// The user confirmed who they are.
    Confirmed,
    /// A passkey was added to their account.
    PasskeyAdded,
    /// Nothing happened: the navigation is only taken up again.
    Resumed,
}
