//! The console: what administrators see.

mod audit;
mod confirm;
mod event;
mod figure;
mod keys;
mod lockouts;
mod overview;
mod sessions;
mod user;
mod user_question;
mod users;

pub use audit::{AuditFields, AuditLinks, AuditPage};
pub use confirm::{ConfirmPage, Question};
pub use event::{EventFacts, EventRow, Person};
pub use keys::{KeyEntry, KeyState, KeysNotice, KeysPage};
pub use lockouts::{LockEntry, LockOwner, LockedThing, LockoutsPage};
pub use overview::{NodeStaleness, OverviewPage, Range, SignIns, Totals};
pub use sessions::SessionsPage;
pub use user::{UserNotice, UserPage, UserStep};
pub use user_question::UserQuestion;
pub use users::{LinkIssuedPage, LinkOccasion, ListParts, NewUserPage, UserRow, UserState, UsersPage};

use crate::pages::{Language, phrases::Phrase};

/// A section of the console, in the order of its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The front page.
    Overview,
    /// Users.
    Users,
    /// Everybody's sessions.
    Sessions,
    /// The audit log.
    Audit,
    /// What is locked.
    Lockouts,
    /// The keys that sign access tokens.
    Keys,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 6] =
        [Self::Overview, Self::Users, Self::Sessions, Self::Audit, Self::Lockouts, Self::Keys];

    /// Its first page, below the base path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/admin",
            Self::Users => "/admin/users",
            Self::Sessions => "/admin/sessions",
            Self::Audit => "/admin/audit",
            Self::Lockouts => "/admin/lockouts",
            Self::Keys => "/admin/keys",
        }
    }

    /// What its link says.
    #[must_use]
    pub(crate) fn name(self, t: &Language) -> Phrase {
        match self {
            Self::Overview => t.section_overview(),
            Self::Users => t.section_users(),
            Self::Sessions => t.section_sessions(),
            Self::Audit => t.section_audit(),
            Self::Lockouts => t.section_lockouts(),
            Self::Keys => t.section_keys(),
        }
    }
}
