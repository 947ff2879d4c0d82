//! The feed, and the ending of sessions that writes to it.

use doorward_core::{
    audit::AuditEvent,
    ids::{SessionId, UserId},
    revocation::{Effect, FeedEntry, Revocation, Subject},
    store::{Feed, RevokeWhich, Revoked, StoreError, Write},
    user::Epoch,
};

use futures_util::future::try_join_all;

use super::{
    failure::{Failure, Trouble},
    sql::{Columns, Lock, Sql, Text, integer, params},
    user,
};

/// Adds an entry to the feed.
pub(crate) fn announce(
    sql: &impl Sql,
    write: &Write,
    subject: Subject,
    effect: Effect,
    epoch: Epoch,
) -> Result<Revocation, Failure> {
    let revocation = Revocation { subject, effect, epoch, expires_at: write.revocations_expire_at };
    sql.announce(&revocation)?;
    Ok(revocation)
}

/// What an entry of the feed is about, as it is written: which kind of subject, its id, and the effect.
pub(crate) fn names_of(revocation: &Revocation) -> (&'static str, &[u8; 16], &'static str) {
    let (kind, id) = match &revocation.subject {
        Subject::Session(id) => ("session", id.as_bytes()),
        Subject::User(id) => ("user", id.as_bytes()),
    };
    let effect = match revocation.effect {
        Effect::Revoked => "revoked",
        Effect::Outdated => "outdated",
    };
    (kind, id, effect)
}

/// The feed after `after`.
pub(crate) async fn feed(sql: &impl Sql, after: u64, limit: u32) -> Result<Feed, Failure> {
    // A reader that asks beyond what SQLite counts has seen everything.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let entries = sql.many(FEED, params![after, limit], read_entry).await?;
    sql.one(STATE, &[], |columns| {
        Ok(Feed {
            entries,
            last_seq: columns.number()?,
            highest_time: columns.time()?,
            signing_keys_version: columns.number()?,
            setup_complete: columns.take()?,
        })
    })
    .await?
    .ok_or_else(|| Trouble::Unreadable("state").into())
}

/// On PostgreSQL each chain of the audit log keeps the highest time that was written with it: one row would have every
/// write wait for every other.
const STATE: Text = Text {
    sqlite: "SELECT feed_seq, highest_time, signing_keys_version, setup_complete FROM state",
    postgres:
        "SELECT feed_seq, (SELECT coalesce(max(highest_time), 0) FROM audit_chains), signing_keys_version,
        setup_complete FROM state",
};

pub(crate) const FEED: &str = "SELECT seq, subject, subject_id, effect, epoch, expires_at FROM revocations
     WHERE seq > ?1 ORDER BY seq LIMIT ?2";

fn read_entry(columns: &mut Columns<'_>) -> Result<FeedEntry, Failure> {
    let seq = columns.number()?;
    let subject: String = columns.take()?;
    let id = columns.take()?;
    let subject = match subject.as_str() {
        "session" => Subject::Session(SessionId::from_bytes(id)),
        "user" => Subject::User(UserId::from_bytes(id)),
        _ => return Err(Trouble::Unreadable("revocation").into()),
    };
    let effect: String = columns.take()?;
    let effect = match effect.as_str() {
        "revoked" => Effect::Revoked,
        "outdated" => Effect::Outdated,
        _ => return Err(Trouble::Unreadable("revocation").into()),
    };
    let revocation =
        Revocation { subject, effect, epoch: Epoch(columns.number()?), expires_at: columns.time()? };
    Ok(FeedEntry { seq, revocation })
}

/// Users whose sessions are ended in one transaction when everybody's are: however many there are, none of them takes long.
const USERS_AT_ONCE: u32 = 100;

/// Revokes what is alive among `which`; writes nothing at all when nothing is. Of everybody it revokes the sessions of some
/// users after `after`, and gives the last of them where there may be more.
pub(crate) async fn revoke_sessions(
    sql: &impl Sql,
    write: &Write,
    which: &RevokeWhich,
    after: Option<UserId>,
    reason: &str,
) -> Result<(Revoked, Option<UserId>), Failure> {
    let mut ended = Vec::new();
    let mut revocations = Vec::new();
    let mut last = None;
    match *which {
        RevokeWhich::One { id, owner } => {
            if let Some(session) = end_one(sql, write, id, owner).await? {
                revocations.push(session.announce(sql, write)?);
                ended.push(session);
            }
        }
        RevokeWhich::AllOf { user, except: Some(except) } => {
            sql.lock(Lock::User(user)).await?;
            ended = end_all_of(sql, write, user, Some(except)).await?;
            for session in &ended {
                revocations.push(session.announce(sql, write)?);
            }
        }
        RevokeWhich::AllOf { user, except: None } => {
            let (of_user, revocation) = end_all_and_outdate(sql, write, user).await?;
            ended = of_user;
            revocations.extend(revocation);
        }
        RevokeWhich::Everyone => {
            // Nothing comes before every id.
            let after = after.as_ref().map_or(&[] as &[u8], |user| user.as_bytes().as_slice());
            let params = params![write.now.as_millis(), after, USERS_AT_ONCE];
            let read = |columns: &mut Columns<'_>| Ok(UserId::from_bytes(columns.take()?));
            let users = sql.many(USERS_WITH_LIVE_SESSIONS, params, read).await?;
            let is_full = u32::try_from(users.len()).is_ok_and(|found| found >= USERS_AT_ONCE);
            last = users.last().copied().filter(|_| is_full);
            let end_all = async |user: &UserId| end_all_and_outdate(sql, write, *user).await;
            // All at once, so that PostgreSQL is not waited for once for each user.
            for (mut of_user, revocation) in try_join_all(users.iter().map(end_all)).await? {
                ended.append(&mut of_user);
                revocations.extend(revocation);
            }
        }
    }
    if !ended.is_empty() {
        let audit = ended.iter().fold(write.audit.clone(), |event, session| session.named_in(&event));
        sql.append(&audit)?;
    }
    for session in &ended {
        // The event of the operation tells of this session already.
        if write.audit.session_id != Some(session.id) {
            session.record(sql, write, reason)?;
        }
    }
    Ok((Revoked { sessions: ended.iter().map(|session| session.id).collect(), revocations }, last))
}

const USERS_WITH_LIVE_SESSIONS: &str = "SELECT DISTINCT user_id FROM sessions
     WHERE revoked_at IS NULL AND expires_at > ?1 AND idle_expires_at > ?1 AND user_id > ?2
     ORDER BY user_id LIMIT ?3";

/// Ends every live session of a user, and has one entry stand for them; none where there is none to end.
async fn end_all_and_outdate(
    sql: &impl Sql,
    write: &Write,
    user: UserId,
) -> Result<(Vec<Ended>, Option<Revocation>), Failure> {
    sql.lock(Lock::User(user)).await?;
    let ended = end_all_of(sql, write, user, None).await?;
    let revocation =
        if ended.is_empty() { None } else { Some(user::outdate(sql, write, user, Effect::Revoked).await?) };
    Ok((ended, revocation))
}

/// A session that is alive until this transaction.
pub(crate) struct Ended {
    pub(crate) id: SessionId,
    user_id: UserId,
    epoch: Epoch,
}

impl Ended {
    /// Ends the session, which was found alive in this transaction.
    pub(crate) async fn end(self, sql: &impl Sql, write: &Write) -> Result<Self, Failure> {
        let moved = Failure::Again(StoreError::Stale);
        let params = params![self.id.as_bytes(), write.now.as_millis(), integer(self.epoch.0)?];
        sql.queue_one(END_FOUND, params, moved).await?;
        Ok(Self { epoch: self.epoch.next(), ..self })
    }

    /// Tells the nodes, where no entry about the whole user does.
    pub(crate) fn announce(&self, sql: &impl Sql, write: &Write) -> Result<Revocation, Failure> {
        announce(sql, write, Subject::Session(self.id), Effect::Revoked, self.epoch)
    }

    /// `event`, with the owner if it is about this session.
    fn named_in(&self, event: &AuditEvent) -> AuditEvent {
        event.of_owner(self.id, self.user_id)
    }

    /// Writes the session's own event.
    pub(crate) fn record(&self, sql: &impl Sql, write: &Write, reason: &str) -> Result<(), Failure> {
        sql.append(&write.audit.of_revoked_session(self.id, self.user_id, reason))
    }
}

pub(crate) fn read_ended(columns: &mut Columns<'_>) -> Result<Ended, Failure> {
    Ok(Ended {
        id: SessionId::from_bytes(columns.take()?),
        user_id: UserId::from_bytes(columns.take()?),
        epoch: Epoch(columns.number()?),
    })
}

/// Ends one session if it is alive, and `owner`'s where one is named.
pub(crate) async fn end_one(
    sql: &impl Sql,
    write: &Write,
    id: SessionId,
    owner: Option<UserId>,
) -> Result<Option<Ended>, Failure> {
    let owner = owner.as_ref().map(UserId::as_bytes);
    sql.one(END_ONE, params![id.as_bytes(), write.now.as_millis(), owner], read_ended).await
}

pub(crate) const END_FOUND: &str = "UPDATE sessions SET revoked_at = ?2, epoch = epoch + 1
     WHERE id = ?1 AND epoch = ?3 AND revoked_at IS NULL";

pub(crate) const END_ONE: &str = "UPDATE sessions SET revoked_at = ?2, epoch = epoch + 1
     WHERE id = ?1 AND (?3 IS NULL OR user_id = ?3)
        AND revoked_at IS NULL AND expires_at > ?2 AND idle_expires_at > ?2
     RETURNING id, user_id, epoch";

/// Ends every live session of a user but one.
pub(crate) async fn end_all_of(
    sql: &impl Sql,
    write: &Write,
    user: UserId,
    except: Option<SessionId>,
) -> Result<Vec<Ended>, Failure> {
    let except = except.as_ref().map(SessionId::as_bytes);
    let mut ended =
        sql.many(END_ALL_OF, params![user.as_bytes(), write.now.as_millis(), except], read_ended).await?;
    // SQLite's order is that of its plan: the feed should not depend on it.
    ended.sort_by_key(|session| session.id);
    Ok(ended)
}

pub(crate) const END_ALL_OF: &str = "UPDATE sessions SET revoked_at = ?2, epoch = epoch + 1
     WHERE user_id = ?1 AND (?3 IS NULL OR id <> ?3)
        AND revoked_at IS NULL AND expires_at > ?2 AND idle_expires_at > ?2
     RETURNING id, user_id, epoch";
