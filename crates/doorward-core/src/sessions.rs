//! Listing and ending sessions.

use crate::{
    audit::EventName,
    authority::{Authority, Caller},
    ids::{SessionId, UserId},
    page::{Page, PageRequest},
    refusal::Refusal,
    session::Session,
    store::{RevokeWhich, SessionFilter},
};

/// Whose session may be ended.
#[derive(Clone, Copy, Debug)]
pub enum Reach {
    /// Only this user's.
    Own(UserId),
    /// Anybody's: administrators and the command line.
    Any,
}

impl Authority {
    /// Live sessions, newest first: of one user, or of everybody.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn sessions(&self, user: Option<UserId>, page: PageRequest) -> Result<Page<Session>, Refusal> {
        let now = self.time.now()?;
        Ok(self.store.sessions(SessionFilter { user_id: user }, now, page).await?)
    }

    /// Ends one session. When it has answered, no node of this process lets its tokens in.
    ///
    /// # Errors
    /// - [`Refusal::NotFound`]: no such live session within reach.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn revoke_session(&self, caller: &Caller, id: SessionId, reach: Reach) -> Result<(), Refusal> {
        let owner = match reach {
            Reach::Own(user) => Some(user),
            Reach::Any => None,
        };
        let ended = self.revoke(caller, RevokeWhich::One { id, owner }, "revoked").await?;
        if ended.is_empty() { Err(Refusal::NotFound) } else { Ok(()) }
    }

    /// Ends every session of a user, except one where given; tells how many.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn revoke_sessions_of(
        &self,
        caller: &Caller,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<usize, Refusal> {
        Ok(self.revoke(caller, RevokeWhich::AllOf { user, except }, "revoked").await?.len())
    }

    /// Ends every session there is; tells how many.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn revoke_everything(&self, caller: &Caller, reason: &'static str) -> Result<usize, Refusal> {
        Ok(self.revoke(caller, RevokeWhich::Everyone, reason).await?.len())
    }

    /// Ends the sessions that were presented with a logout. Ending none, or the same twice, succeeds as well
    /// (M-C09).
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn log_out(&self, caller: &Caller, presented: &[SessionId]) -> Result<(), Refusal> {
        for &id in presented {
            self.revoke(caller, RevokeWhich::One { id, owner: None }, "logout").await?;
        }
        Ok(())
    }

    async fn revoke(
        &self,
        caller: &Caller,
        which: RevokeWhich,
        reason: &'static str,
    ) -> Result<Vec<SessionId>, Refusal> {
        let now = self.time.now()?;
        let (name, about) = match which {
            RevokeWhich::One { id, .. } if reason == "logout" => (EventName::LoggedOut, Some(id)),
            RevokeWhich::One { id, .. } => (EventName::SessionRevoked, Some(id)),
            RevokeWhich::AllOf { .. } => (EventName::SessionsRevoked, None),
            RevokeWhich::Everyone => (EventName::AllSessionsEnded, None),
        };
        let mut audit = caller.event(name, now).because(reason);
        audit.session_id = about;
        if let RevokeWhich::AllOf { user, .. } = which {
            audit = audit.about_user(user);
        }
        let revoked = self.store.revoke_sessions(self.write(now, audit), which, reason).await?;
        self.applied(now, &revoked.revocations);
        Ok(revoked.sessions)
    }
}
