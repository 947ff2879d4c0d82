//! The revocation feed: a short log of the least valid epochs of sessions and users, kept until no token below
//! them can be alive.

use crate::{
    ids::{SessionId, UserId},
    time::Timestamp,
    user::Epoch,
};

/// Whose tokens an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One session's.
    Session(SessionId),
    /// Every session's of a user.
    User(UserId),
}

/// What becomes of a token below the least valid epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It is dead, and so is its session: `session_revoked`.
    Revoked,
    /// It no longer tells the truth, but a refresh gives one that does (changed roles, mail): `session_expired`.
    Outdated,
}

/// What an operation made invalid. Putting one in force twice, or out of order, does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revocation {
    /// Whose tokens.
    pub subject: Subject,
    /// What becomes of tokens below [`Revocation::epoch`].
    pub effect: Effect,
    /// The least epoch that is still valid.
    pub epoch: Epoch,
    /// No token it concerns can be alive from here on.
    pub expires_at: Timestamp,
}

/// One entry of the feed.
///
/// Only a reader of the feed sees its number. Whoever revokes does not: on a database with many writers it is given
/// out with the commit, so that it has no gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeedEntry {
    /// Its place in the feed: gapless, in commit order, so that a reader who has seen `seq` has seen all below it.
    pub seq: u64,
    /// What it tells.
    pub revocation: Revocation,
}
