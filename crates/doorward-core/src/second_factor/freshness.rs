//! Sensitive operations ask for a recent authentication, with the strongest factor the user has.

use std::time::Duration;

use crate::{access_token::Principal, refusal::Refusal, time::Timestamp};

/// How long an authentication is recent.
pub const FRESH_FOR: Duration = Duration::from_secs(300);

impl Principal {
    /// Whether they have proved who they are within [`FRESH_FOR`], with a second factor if they have one.
    ///
    /// # Errors
    /// [`Refusal::StepUpRequired`]
    pub fn check_fresh(&self, now: Timestamp) -> Result<(), Refusal> {
        let strong = self.aal >= 2 || !self.has_factor;
        if strong && now.since(self.auth_time) < FRESH_FOR { Ok(()) } else { Err(Refusal::StepUpRequired) }
    }
}
