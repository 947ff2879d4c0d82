//! "Are you sure?", for whatever cannot be taken back.

use askama::Template;

use super::{Section, UserQuestion};
use crate::pages::{Frame, Language, phrases::Phrase};

/// Asks before something is done. Its form posts nothing but the CSRF token, to the page's own address.
#[derive(Clone, Template)]
#[template(path = "admin/confirm.html")]
pub struct ConfirmPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is asked.
    pub section: Section,
    /// What is asked.
    pub question: Question,
    /// The page's own address.
    pub action: String,
    /// Where whoever would rather not goes.
    pub back: String,
}

/// What is about to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A new key is to sign.
    RotateKey,
    /// Something is to be done to a user.
    OfUser {
        /// What.
        what: UserQuestion,
        /// Their name.
        name: String,
        /// It is the reader's own account.
        own: bool,
    },
}

impl Question {
    /// What the tab is called: without markup.
    fn title(&self, t: &Language) -> Phrase {
        match self {
            Self::RotateKey => t.keys_rotate_question(),
            Self::OfUser { what, .. } => what.title(t),
        }
    }

    fn heading(&self, t: &Language) -> Phrase {
        match self {
            Self::RotateKey => t.keys_rotate_question(),
            Self::OfUser { what, name, .. } => what.heading(t, name),
        }
    }

    /// What follows from it.
    fn consequences(&self, t: &Language) -> Vec<Phrase> {
        match self {
            Self::RotateKey => vec![t.keys_rotate_consequence()],
            Self::OfUser { what, name, .. } => what.consequences(t, name),
        }
    }

    /// What somebody has to know first who does it to themself.
    fn warning(&self, t: &Language) -> Option<Phrase> {
        match self {
            Self::OfUser { what, own: true, .. } => Some(what.about_oneself(t)),
            Self::OfUser { own: false, .. } | Self::RotateKey => None,
        }
    }

    fn button(&self, t: &Language) -> Phrase {
        match self {
            Self::RotateKey => t.keys_rotate(),
            Self::OfUser { what, .. } => what.button(t),
        }
    }

    /// Whether somebody loses something by it.
    const fn takes_away(&self) -> bool {
        match self {
            Self::RotateKey => false,
            Self::OfUser { .. } => true,
        }
    }
}
