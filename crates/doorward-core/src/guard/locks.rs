//! Who is locked right now, as administrators see it.

use super::subject::SubjectKind;
use crate::{
    authority::Authority,
    ids::UserId,
    page::{Cursor, Page, PageRequest},
    refusal::Refusal,
    time::Timestamp,
};

/// A lock that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Who is locked.
    pub subject: LockedSubject,
    /// When it ends by itself; none if only somebody can end it.
    pub until: Option<Timestamp>,
}

/// Who is locked. Unlocking the user ends whatever is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedSubject {
    /// A user's authenticator app, after so many wrong codes that waiting does not help.
    AuthenticatorApp(UserId),
    /// An account, for strangers: every browser that never signed in to it.
    Account(UserId),
    /// A known device of a user.
    Device(UserId),
    /// A session of a user, where the password is to be shown again.
    Session(UserId),
    /// A name that is nobody's. Which one is not known.
    UnknownName,
}

impl LockedSubject {
    /// A subject of the guard that is locked; none for an address, which never is, and for somebody's without an owner.
    #[must_use]
    pub fn of(kind: SubjectKind, owner: Option<UserId>) -> Option<Self> {
        match kind {
            SubjectKind::Account => owner.map(Self::Account),
            SubjectKind::Device => owner.map(Self::Device),
            SubjectKind::Session => owner.map(Self::Session),
            SubjectKind::UnknownName => Some(Self::UnknownName),
            SubjectKind::Address => None,
        }
    }

    /// The user, if there is one.
    #[must_use]
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::AuthenticatorApp(user) | Self::Account(user) | Self::Device(user) | Self::Session(user) => {
                Some(user)
            }
            Self::UnknownName => None,
        }
    }

    /// As programs are told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthenticatorApp(_) => "authenticator_app",
            Self::Account(_) => SubjectKind::Account.as_str(),
            Self::Device(_) => SubjectKind::Device.as_str(),
            Self::Session(_) => SubjectKind::Session.as_str(),
            Self::UnknownName => SubjectKind::UnknownName.as_str(),
        }
    }
}

impl Lock {
    /// Where it stands in the list, which descends: `kind` and `key` tell it from others that end at the same time.
    #[must_use]
    pub fn cursor(&self, kind: &str, key: [u8; 16]) -> Cursor {
        let part = LockPart::of(self);
        let end = self.until.map_or(0, |until| until.as_millis().clamp(0, PART - 1));
        Cursor { position: part.first_position() + end, text: kind.to_owned(), id: key }
    }
}

/// The parts of the list, the last one first: what anybody can make more of must not bury the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockPart {
    /// Locks that do not end by themselves.
    Endless,
    /// Locks of what is somebody's.
    Somebodys,
    /// Locks of names that are nobody's.
    Nobodys,
}

/// Positions of a part of the list: more than there are milliseconds in any time that a lock can end at.
const PART: i64 = 1 << 60;

impl LockPart {
    /// Every part, in the order of the list.
    pub const ALL: [Self; 3] = [Self::Endless, Self::Somebodys, Self::Nobodys];

    const fn of(lock: &Lock) -> Self {
        match (lock.until, lock.subject.user()) {
            (None, _) => Self::Endless,
            (Some(_), Some(_)) => Self::Somebodys,
            (Some(_), None) => Self::Nobodys,
        }
    }

    const fn first_position(self) -> i64 {
        match self {
            Self::Endless => 2 * PART,
            Self::Somebodys => PART,
            Self::Nobodys => 0,
        }
    }

    /// Where in this part a page begins, as milliseconds in place of the position: below that. None if it begins behind
    /// this part.
    #[must_use]
    pub fn page_begins(self, after: Option<&Cursor>) -> Option<Cursor> {
        let beginning = Cursor { position: i64::MAX, text: String::new(), id: [u8::MAX; 16] };
        let Some(after) = after else { return Some(beginning) };
        let end = after.position.saturating_sub(self.first_position());
        if end >= PART {
            Some(beginning)
        } else {
            (end >= 0).then(|| Cursor { position: end, ..after.clone() })
        }
    }
}

impl Authority {
    /// Locks that are in force: first those that end only by somebody's hand, then those of what is somebody's, then those
    /// of names that are nobody's; the soonest to end last.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn lockouts(&self, page: PageRequest) -> Result<Page<Lock>, Refusal> {
        let now = self.time.now()?;
        Ok(self.store.lockouts(now, page).await?)
    }
}
