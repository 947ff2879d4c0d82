//! The ways out that administrators and the command line have.

use crate::{
    audit::EventName,
    authority::{Authority, Caller},
    ids::UserId,
    refusal::Refusal,
};

impl Authority {
    /// Forgets every failure that was counted against an account, its devices and its sessions: whoever is locked may
    /// try again at once.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn unlock(&self, caller: &Caller, user: UserId) -> Result<(), Refusal> {
        let now = self.time.now()?;
        let audit = caller.event(EventName::AccountUnlocked, now).about_user(user);
        self.store.unlock(self.write(now, audit), user).await?;
        self.turned_away.changed();
        self.time.observe(now);
        Ok(())
    }

    /// Makes strangers of all devices that are known to an account, so that a device cookie that was stolen is worth
    /// nothing any more. Nobody is logged out.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn forget_devices(&self, caller: &Caller, user: UserId) -> Result<(), Refusal> {
        let now = self.time.now()?;
        let audit = caller.event(EventName::DevicesForgotten, now).about_user(user);
        self.store.forget_devices(self.write(now, audit), user).await?;
        self.time.observe(now);
        Ok(())
    }
}
