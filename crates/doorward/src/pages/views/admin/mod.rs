//! The console: what administrators see.

mod confirm;
mod keys;

pub use confirm::{ConfirmPage, Question};
pub use keys::{KeyEntry, KeyState, KeysNotice, KeysPage};

use crate::pages::{Language, phrases::Phrase};

/// A section of the console, in the order of its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The keys that sign access tokens.
    Keys,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 1] = [Self::Keys];

    /// Its first page, below the base path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Keys => "/admin/keys",
        }
    }

    /// What its link says.
    #[must_use]
    pub(crate) fn name(self, t: &Language) -> Phrase {
        match self {
            Self::Keys => t.section_keys(),
        }
    }
}
