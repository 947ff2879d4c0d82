//! One-time links: setup, invitation and reset, each good once, stored only as a hash.

use crate::{ids::UserId, secret::TokenHash, time::Timestamp};

/// What a one-time link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkPurpose {
    /// Makes the first administrator.
    Setup,
    /// Lets an invited user choose the first password.
    Invitation,
    /// Lets a user choose a new password.
    Reset,
}

impl LinkPurpose {
    /// As the store names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }

    /// Reads [`LinkPurpose::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Setup, Self::Invitation, Self::Reset].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// A link as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The HMAC of its token.
    pub hash: TokenHash,
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// Whose password it sets; none for setup.
    pub user_id: Option<UserId>,
    /// It is dead from here on; none for setup links, which die when setup is done.
    pub expires_at: Option<Timestamp>,
}
