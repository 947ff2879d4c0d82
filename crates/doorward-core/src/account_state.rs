//! What administrators and owners are told of an account beside the user: what state it is in, and what happened to it.

use std::collections::HashMap;

use crate::{
    audit::AuditEntry,
    authority::Authority,
    ids::UserId,
    page::{Page, PageRequest},
    refusal::Refusal,
    second_factor::MAX_CODES_RUNNING,
};

/// What state an account is in, as far as the user does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// Whether a password was ever chosen; who has none was invited and has not come yet.
    pub has_password: bool,
    /// So many codes have been examined since the last one that was right.
    pub codes_running: u32,
}

impl AccountState {
    /// Whether no code of the authenticator app is heeded any more, until an administrator unlocks the account.
    #[must_use]
    pub const fn app_is_locked(self) -> bool {
        self.codes_running >= MAX_CODES_RUNNING
    }
}

impl Authority {
    /// What state these accounts are in; whoever was removed is in none.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn account_states(&self, ids: &[UserId]) -> Result<HashMap<UserId, AccountState>, Refusal> {
        Ok(self.store.account_states(ids).await?)
    }

    /// What happened to a user's account, newest first, whoever did it or tried to. That a session was refreshed is left
    /// out: it happens hundreds of times a day.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn activity(&self, user: UserId, page: PageRequest) -> Result<Page<AuditEntry>, Refusal> {
        Ok(self.store.activity(user, page).await?)
    }
}
