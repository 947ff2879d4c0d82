//! The keys that sign access tokens.

use askama::Template;

use super::Section;
use crate::pages::{Failure, Frame, moment::Moment};

/// `BASE/admin/keys`. Leads to `BASE/admin/keys/rotate`, which asks first.
#[derive(Clone, Template)]
#[template(path = "admin/keys.html")]
pub struct KeysPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// The keys, newest first.
    pub keys: Vec<KeyEntry>,
    /// What was just done.
    pub notice: Option<KeysNotice>,
    /// Why what was just asked for was not done.
    pub failure: Option<Failure>,
}

/// One key in the list.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    /// Its id, which tokens name.
    pub id: String,
    /// When it was made.
    pub created: Moment,
    /// What it is good for.
    pub state: KeyState,
}

/// What a key is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It will sign.
    Next {
        /// From when on.
        from: Moment,
    },
    /// It signs, and verifies what it signed.
    Signs,
    /// It verifies what it signed before it was replaced.
    Verifies {
        /// When it was replaced.
        since: Moment,
        /// When the last token that it signed will have expired.
        until: Moment,
    },
    /// Nothing that it signed is believed any more: all has expired, or the key has leaked.
    Retired {
        /// When it was replaced.
        since: Moment,
    },
}

/// What was just done with the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysNotice {
    /// A new one will sign.
    Rotated,
}
