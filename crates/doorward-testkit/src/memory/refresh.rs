//! Refresh families.

use doorward_core::{
    ids::SessionId,
    session::{Session, SessionOfUser},
    store::{AdvanceRefresh, RepeatRefresh, StoreError, Write},
    time::Timestamp,
};

use super::state::State;

impl State {
    pub(super) fn advance_refresh(
        &mut self,
        write: &Write,
        advance: &AdvanceRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        let session = self.refreshable(advance.id, write.now)?;
        if session.refresh.generation != advance.expected {
            return Err(StoreError::Stale);
        }
        let state = &mut session.refresh;
        state.generation = state.generation.next();
        state.spent_at = Some(write.now);
        state.elsewhere_streak = if state.repeated_elsewhere { state.elsewhere_streak + 1 } else { 0 };
        state.repeats = 0;
        state.repeated_elsewhere = false;
        session.last_seen_at = write.now;
        session.idle_expires_at = advance.idle_expires_at.min(session.expires_at);
        session.device = advance.device;
        session.user_agent = advance.user_agent.clone();
        session.address = advance.address;
        self.record(&write.audit);
        self.session(advance.id).ok_or(StoreError::NotFound)
    }

    pub(super) fn repeat_refresh(
        &mut self,
        now: Timestamp,
        repeat: RepeatRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        let state = &mut self.refreshable(repeat.id, now)?.refresh;
        if state.generation != repeat.current || state.repeats >= repeat.max_repeats {
            return Err(StoreError::Stale);
        }
        state.repeats += 1;
        state.repeated_elsewhere |= repeat.elsewhere;
        self.session(repeat.id).ok_or(StoreError::NotFound)
    }

    fn refreshable(&mut self, id: SessionId, now: Timestamp) -> Result<&mut Session, StoreError> {
        let SessionOfUser { session, user } = self.session(id).ok_or(StoreError::NotFound)?;
        if !session.is_live(now) || user.disabled || user.must_change_password {
            return Err(StoreError::NotFound);
        }
        self.sessions.get_mut(&id).ok_or(StoreError::NotFound)
    }
}
