//! What is wrong with a value of a request.

use crate::{password::InvalidPassword, user::InvalidValue};

/// A value of a request that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The member of the request.
    pub field: &'static str,
    /// Which rule.
    pub rule: BrokenRule,
}

impl FieldError {
    /// What is wrong with this member.
    #[must_use]
    pub fn new(field: &'static str, rule: impl Into<BrokenRule>) -> Self {
        Self { field, rule: rule.into() }
    }
}

/// A rule that a value breaks; its `Display` is the rule in an English sentence. Whoever speaks to people in their own
/// language goes by the variants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRule {
    /// Of a user's data, or a passkey's name.
    #[error(transparent)]
    Value(#[from] InvalidValue),
    /// Of a new password.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// Of something that only programs write.
    #[error("{detail}")]
    Request {
        /// Which rule, as a stable word.
        code: &'static str,
        /// The rule in a sentence.
        detail: String,
    },
}

impl BrokenRule {
    /// Which rule, as a stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Value(value) => value.code(),
            Self::Password(password) => password.code(),
            Self::Request { code, .. } => code,
        }
    }
}
