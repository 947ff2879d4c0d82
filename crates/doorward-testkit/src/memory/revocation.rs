//! The feed, and the ending of sessions.

use doorward_core::{
    audit::AuditEvent,
    ids::{SessionId, UserId},
    revocation::{Effect, FeedEntry, Revocation, Subject},
    session::Session,
    store::{RevokeWhich, Revoked, StoreError, Write},
    user::Epoch,
};

use super::state::State;

impl State {
    pub(super) fn announce(
        &mut self,
        write: &Write,
        subject: Subject,
        effect: Effect,
        epoch: Epoch,
    ) -> Revocation {
        self.last_seq += 1;
        let expires_at = write.revocations_expire_at;
        let revocation = Revocation { subject, effect, epoch, expires_at };
        self.feed.push(FeedEntry { seq: self.last_seq, revocation });
        revocation
    }

    /// Raises a user's epoch and announces it.
    pub(super) fn outdate(
        &mut self,
        write: &Write,
        id: UserId,
        effect: Effect,
    ) -> Result<Revocation, StoreError> {
        let user = &mut self.user_mut(id)?.user;
        user.epoch = user.epoch.next();
        let epoch = user.epoch;
        Ok(self.announce(write, Subject::User(id), effect, epoch))
    }

    /// Ends every live session that `which` picks.
    pub(super) fn end(&mut self, write: &Write, which: impl Fn(&Session) -> bool) -> Vec<Session> {
        let picked = |session: &&mut Session| session.is_live(write.now) && which(session);
        self.sessions
            .values_mut()
            .filter(picked)
            .map(|session| {
                session.revoked_at = Some(write.now);
                session.epoch = session.epoch.next();
                session.clone()
            })
            .collect()
    }

    pub(super) fn announce_session(&mut self, write: &Write, session: &Session) -> Revocation {
        self.announce(write, Subject::Session(session.id), Effect::Revoked, session.epoch)
    }

    pub(super) fn record_ended(&mut self, write: &Write, ended: &[Session], reason: &str) {
        for session in ended {
            self.record(&write.audit.of_revoked_session(session.id, session.user_id, reason));
        }
    }

    pub(super) fn revoke_sessions(
        &mut self,
        write: &Write,
        which: RevokeWhich,
        reason: &str,
    ) -> Result<Revoked, StoreError> {
        let ended = match which {
            RevokeWhich::One { id, owner } => self
                .end(write, |session| session.id == id && owner.is_none_or(|owner| owner == session.user_id)),
            RevokeWhich::AllOf { user, except } => {
                self.end(write, |session| session.user_id == user && Some(session.id) != except)
            }
            RevokeWhich::Everyone => self.end(write, |_| true),
        };
        let mut revocations = Vec::new();
        match which {
            RevokeWhich::One { .. } | RevokeWhich::AllOf { except: Some(_), .. } => {
                revocations.extend(ended.iter().map(|session| self.announce_session(write, session)));
            }
            RevokeWhich::AllOf { except: None, .. } | RevokeWhich::Everyone => {
                let mut users: Vec<UserId> = ended.iter().map(|session| session.user_id).collect();
                users.sort();
                users.dedup();
                for user in users {
                    revocations.push(self.outdate(write, user, Effect::Revoked)?);
                }
            }
        }
        if !ended.is_empty() {
            let owned = |event: AuditEvent, session: &Session| event.of_owner(session.id, session.user_id);
            let event = ended.iter().fold(write.audit.clone(), owned);
            self.record(&event);
        }
        let beside: Vec<Session> =
            ended.iter().filter(|session| write.audit.session_id != Some(session.id)).cloned().collect();
        self.record_ended(write, &beside, reason);
        Ok(Revoked { sessions: ids(&ended), revocations })
    }
}

pub(super) fn ids(sessions: &[Session]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}
