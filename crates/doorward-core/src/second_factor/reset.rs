//! The way back for somebody who lost every factor: an administrator, or whoever runs commands on the machine.

use super::remembered::FactorChange;
use crate::{
    audit::EventName,
    authority::{Authority, Caller},
    ids::UserId,
    refusal::Refusal,
    user::User,
};

impl Authority {
    /// Removes every factor of a user, recovery codes included: their password alone lets them in again, and where
    /// policy demands a factor they set one up next. Succeeds as well for a user who has none. Their sessions live on,
    /// and can do nothing sensitive before the password was shown again. A password that is too short to protect an
    /// account alone has to be changed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn reset_factors(&self, caller: &Caller, user: UserId) -> Result<User, Refusal> {
        let now = self.time.now()?;
        let audit = caller.event(EventName::FactorsReset, now);
        Ok(self.change_factors(user, audit, None, FactorChange::Reset, now).await?.user)
    }
}
