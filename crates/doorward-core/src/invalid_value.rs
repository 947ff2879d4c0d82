//! Why a user, or a passkey, cannot be stored as it is.

/// Why a value cannot be stored; its `Display` says so in an English sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// A name of nothing.
    #[error("a user name cannot be empty")]
    UsernameEmpty,
    /// A name over [`Username::MAX_BYTES`](crate::user::Username::MAX_BYTES).
    #[error("a user name has at most 254 bytes")]
    UsernameTooLong,
    /// A name that begins or ends with a space.
    #[error("a user name neither begins nor ends with a space")]
    UsernameSpaced,
    /// A name with a character that nobody can see.
    #[error("a user name has no control or invisible characters")]
    UsernameInvisible,
    /// No mail address.
    #[error("not a mail address")]
    NoEmail,
    /// No role.
    #[error("a role has 1 to 64 characters of a-z, 0-9, '.', '_' and '-'")]
    NoRole,
    /// More roles than a user may have.
    #[error("a user has at most 32 roles")]
    TooManyRoles,
    /// Each by itself would do.
    #[error("the name, the mail address and the roles are too long together")]
    TooLongTogether,
    /// A passkey's name of nothing.
    #[error("a passkey's name cannot be empty")]
    PasskeyNameEmpty,
    /// A passkey's name that is too long.
    #[error("a passkey's name has at most 64 characters")]
    PasskeyNameTooLong,
    /// A passkey's name with a control character.
    #[error("a passkey's name has no control characters")]
    PasskeyNameControl,
}

impl InvalidValue {
    /// Which rule, as a stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLongTogether => "too_long",
            Self::UsernameEmpty
            | Self::UsernameTooLong
            | Self::UsernameSpaced
            | Self::UsernameInvisible
            | Self::NoEmail
            | Self::NoRole
            | Self::TooManyRoles
            | Self::PasskeyNameEmpty
            | Self::PasskeyNameTooLong
            | Self::PasskeyNameControl => "invalid",
        }
    }
}
