//! Setting a password by a one-time link: an invitation, or a reset.

use askama::Template;

use crate::pages::moment::Moment;
use crate::pages::phrases::Phrase;
use crate::pages::{Failure, Frame};

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// A new user chooses their first password.
    Invitation,
    /// A user who cannot sign in chooses another.
    Reset,
}

/// `BASE/invite/…` and `BASE/reset/…`: posts `new_password` to `action`.
#[derive(Clone, Template)]
#[template(path = "one_time_link.html")]
pub struct LinkPage {
    /// What every page has; of somebody who is not signed in.
    pub frame: Frame,
    /// What the link is for.
    pub kind: LinkKind,
    /// The link's own path, token included, which the form posts to.
    pub action: String,
    /// Whom it is for.
    pub username: String,
    /// When it ends.
    pub expires: Option<Moment>,
    /// What is wrong with the password.
    pub password_error: Option<Phrase>,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the form was refused.
    pub failure: Option<Failure>,
}

/// The answer to a link that was used, has expired, was replaced, or never was. It does not say which: whoever guesses
/// links learns nothing, and for an honest reader the mend is the same.
#[derive(Clone, Template)]
#[template(path = "dead_link.html")]
pub struct DeadLinkPage {
    /// What every page has.
    pub frame: Frame,
    /// What the link would have been for.
    pub kind: LinkKind,
}
