//! Opening sessions, listing them.

use doorward_core::{
    ids::{SessionId, UserId},
    page::{Cursor, Page, PageRequest},
    revocation::Revocation,
    second_factor::SecondProof,
    session::{OnLimit, Session, SessionOfUser},
    store::{Conflict, OpenSession, Opened, SessionFilter, SessionProof, StoreError, Write},
    time::Timestamp,
};

use super::{
    foreign_session, id_in_use,
    state::{State, page_of},
};

impl State {
    pub(super) fn session(&self, id: SessionId) -> Option<SessionOfUser> {
        let session = self.sessions.get(&id)?.clone();
        let user = self.users.get(&session.user_id)?.user.clone();
        Some(SessionOfUser { session, user })
    }

    pub(super) fn sessions(&self, filter: SessionFilter, now: Timestamp, page: PageRequest) -> Page<Session> {
        let wanted = |session: &&Session| {
            session.is_live(now) && filter.user_id.is_none_or(|user| user == session.user_id)
        };
        page_of(self.sessions.values().filter(wanted).cloned(), page, true, |session| {
            Cursor::at(session.created_at.as_millis(), *session.id.as_bytes())
        })
    }

    pub(super) fn open_session(
        &mut self,
        write: &Write,
        proof: &SessionProof,
        open: &OpenSession,
    ) -> Result<Result<Opened, StoreError>, StoreError> {
        if let Some(attempt) = &proof.attempt
            && let Err(locked) = self.refuse_while_locked(attempt.now, attempt.subject)
        {
            self.record_failure(attempt);
            return Ok(Err(locked));
        }
        let found = self.users.get(&open.session.user_id).ok_or(StoreError::Stale)?;
        if found.user.disabled || (proof.password.is_some() && found.password != proof.password) {
            return Err(StoreError::Stale);
        }
        let (before, recovery_code_used) = self.use_up(write, open, proof)?;
        self.record(&write.audit);
        recovery_code_used.iter().for_each(|event| self.record(event));
        let mut revocations: Vec<_> =
            before.iter().map(|session| self.announce_session(write, session)).collect();
        self.record_ended(write, &before, "step_up");
        revocations.extend(self.make_room_and_insert(write, open.session.user_id, open, &proof.second)?);
        let opened = self.session(open.session.id).ok_or(StoreError::NotFound)?;
        Ok(Ok(Opened { opened, revocations }))
    }

    /// Ends what the session replaces and what is past the limit, then keeps the session.
    pub(super) fn make_room_and_insert(
        &mut self,
        write: &Write,
        owner: UserId,
        open: &OpenSession,
        second: &SecondProof,
    ) -> Result<Vec<Revocation>, StoreError> {
        let new = &open.session;
        if new.user_id != owner {
            return Err(foreign_session());
        }
        self.check_strength(write, new, second)?;
        if let Some(subject) = open.forgives {
            self.forgive(write.now, subject)?;
        }
        let replaced = self.end(write, |session| open.replaces.contains(&session.id));
        let mut rivals: Vec<(Timestamp, SessionId)> = self
            .sessions
            .values()
            .filter(|session| {
                session.is_live(write.now)
                    && session.user_id == new.user_id
                    && session.transport == new.transport
            })
            .map(|session| (session.created_at, session.id))
            .collect();
        rivals.sort();
        let limit = usize::try_from(open.limit.max_per_user).unwrap_or(usize::MAX);
        let excess = if limit == 0 { 0 } else { (rivals.len() + 1).saturating_sub(limit) };
        if excess > 0 && open.limit.on_limit == OnLimit::Refuse {
            return Err(StoreError::Conflict(Conflict::SessionLimit));
        }
        let mut revocations = Vec::new();
        let mut gone = replaced.clone();
        for (_, id) in rivals.into_iter().take(excess) {
            gone.extend(self.end(write, |session| session.id == id));
        }
        for session in &gone {
            revocations.push(self.announce_session(write, session));
            let reason = if replaced.contains(session) { "replaced" } else { "session_limit" };
            self.record_ended(write, std::slice::from_ref(session), reason);
        }
        if self.sessions.insert(new.id, new.clone()).is_some() {
            return Err(id_in_use());
        }
        Ok(revocations)
    }
}
