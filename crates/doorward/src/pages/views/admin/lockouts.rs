//! What is locked.

use askama::Template;

use super::Section;
use crate::pages::{Failure, Frame, Language, moment::Moment, phrases::Phrase};

/// `BASE/admin/lockouts`. Posts `user_id` to itself, to unlock them.
#[derive(Clone, Template)]
#[template(path = "admin/lockouts.html")]
pub struct LockoutsPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// What is locked.
    pub locks: Vec<LockEntry>,
    /// The next part of the list.
    pub more: Option<String>,
    /// Whom the administrator just unlocked.
    pub unlocked: Option<String>,
    /// Why that was not done.
    pub failure: Option<Failure>,
}

/// A lock that is in force.
#[derive(Clone, Debug)]
pub struct LockEntry {
    /// What is locked.
    pub what: LockedThing,
    /// Whose it is; none for a name that is nobody's.
    pub owner: Option<LockOwner>,
    /// When it ends by itself, if it does.
    pub until: Option<Moment>,
}

/// Whose a lock is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockOwner {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
}

/// What is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedThing {
    /// An account, for browsers that it does not know.
    Account,
    /// A browser that it knows.
    Device,
    /// A session, where the password is asked for again.
    Session,
    /// The codes of an authenticator app.
    AuthenticatorApp,
    /// A name that is nobody's.
    UnknownName,
}

impl LockedThing {
    fn words(self, t: &Language) -> Phrase {
        match self {
            Self::Account => t.lock_of_account(),
            Self::Device => t.lock_of_device(),
            Self::Session => t.lock_of_session(),
            Self::AuthenticatorApp => t.lock_of_app(),
            Self::UnknownName => t.lock_of_name(),
        }
    }
}
