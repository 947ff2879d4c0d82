//! Whom there is to log in: many people, or one.

use crate::{
    store::{Store, StoreError},
    user::NormalisedName,
};

/// The name of the one account of [`Mode::SingleOperator`].
pub const OPERATOR: &str = "operator";

/// Whom there is to log in. Settled when the authority starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Accounts with names.
    #[default]
    Accounts,
    /// One account, [`OPERATOR`], and its password: names are neither asked for nor heeded, and no other account can be
    /// made.
    SingleOperator,
}

impl Mode {
    /// The name of the account that a request is about, whatever name came with it. Every use case that takes a name
    /// from somebody who is not signed in asks this, so that an account left over from [`Mode::Accounts`] is no second
    /// door.
    #[must_use]
    pub const fn account_name(self, given: &str) -> &str {
        match self {
            Self::Accounts => given,
            Self::SingleOperator => OPERATOR,
        }
    }

    /// Whether a login and setup have to name the account.
    #[must_use]
    pub const fn asks_for_name(self) -> bool {
        matches!(self, Self::Accounts)
    }

    /// Whether somebody could log in: false where setup was done in the other mode, under another name.
    pub(crate) async fn fits(self, store: &dyn Store, setup_complete: bool) -> Result<bool, StoreError> {
        if self.asks_for_name() || !setup_complete {
            return Ok(true);
        }
        let operator = store.credentials_by_name(&NormalisedName::of(OPERATOR)).await?;
        Ok(operator.is_some_and(|operator| operator.user.roles.is_admin()))
    }
}
