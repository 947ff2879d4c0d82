//! The feed, and the ending of sessions that writes to it.

use doorward_core::{
    audit::AuditEvent,
    ids::{SessionId, UserId},
    revocation::{Effect, FeedEntry, Revocation, Subject},
    store::{Feed, RevokeWhich, Revoked, Write},
    user::Epoch,
};
use rusqlite::{Connection, params};

use super::{
    audit,
    failure::{Failure, Trouble},
    sql::{Columns, change, integer, many, one, only_number},
    user,
};

/// Adds an entry to the feed, under the next number.
pub(crate) fn announce(
    connection: &Connection,
    write: &Write,
    subject: Subject,
    effect: Effect,
    epoch: Epoch,
) -> Result<Revocation, Failure> {
    // From the counter, in this transaction: a number that was rolled back is given out again, so none is skipped.
    let seq = one(connection, NEXT_SEQ, [], only_number)?.ok_or(Trouble::Unreadable("state"))?;
    let expires_at = write.revocations_expire_at;
    let (kind, id) = match &subject {
        Subject::Session(id) => ("session", id.as_bytes()),
        Subject::User(id) => ("user", id.as_bytes()),
    };
    let effect_name = match effect {
        Effect::Revoked => "revoked",
        Effect::Outdated => "outdated",
    };
    change(
        connection,
        "INSERT INTO revocations (seq, subject, subject_id, effect, epoch, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![integer(seq)?, kind, id, effect_name, integer(epoch.0)?, expires_at.as_millis()],
    )?;
    Ok(Revocation { subject, effect, epoch, expires_at })
}

const NEXT_SEQ: &str = "UPDATE state SET feed_seq = feed_seq + 1 RETURNING feed_seq";

/// The feed after `after`.
pub(crate) fn feed(connection: &Connection, after: u64, limit: u32) -> Result<Feed, Failure> {
    // A reader that asks beyond what SQLite counts has seen everything.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let entries = many(connection, FEED, params![after, limit], read_entry)?;
    one(
        connection,
        "SELECT feed_seq, highest_time, signing_keys_version, setup_complete FROM state",
        [],
        |columns| {
            Ok(Feed {
                entries,
                last_seq: columns.number()?,
                highest_time: columns.time()?,
                signing_keys_version: columns.number()?,
                setup_complete: columns.take()?,
            })
        },
    )?
    .ok_or_else(|| Trouble::Unreadable("state").into())
}

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

/// Revokes what is alive among `which`; writes nothing at all when nothing is.
pub(crate) fn revoke_sessions(
    connection: &Connection,
    write: &Write,
    which: RevokeWhich,
    reason: &str,
) -> Result<Revoked, Failure> {
    let mut ended = Vec::new();
    let mut revocations = Vec::new();
    match which {
        RevokeWhich::One { id, owner } => {
            if let Some(session) = end_one(connection, write, id, owner)? {
                revocations.push(session.announce(connection, write)?);
                ended.push(session);
            }
        }
        RevokeWhich::AllOf { user, except: Some(except) } => {
            ended = end_all_of(connection, write, user, Some(except))?;
            for session in &ended {
                revocations.push(session.announce(connection, write)?);
            }
        }
        RevokeWhich::AllOf { user, except: None } => {
            ended = end_all_of(connection, write, user, None)?;
            if !ended.is_empty() {
                revocations.push(user::outdate(connection, write, user, Effect::Revoked)?);
            }
        }
        RevokeWhich::Everyone => {
            for user in many(connection, USERS_WITH_LIVE_SESSIONS, [write.now.as_millis()], |columns| {
                Ok(UserId::from_bytes(columns.take()?))
            })? {
                ended.append(&mut end_all_of(connection, write, user, None)?);
                revocations.push(user::outdate(connection, write, user, Effect::Revoked)?);
            }
        }
    }
    if !ended.is_empty() {
        let audit = ended.iter().fold(write.audit.clone(), |event, session| session.named_in(&event));
        audit::append(connection, &audit)?;
    }
    for session in &ended {
        // The event of the operation tells of this session already.
        if write.audit.session_id != Some(session.id) {
            session.record(connection, write, reason)?;
        }
    }
    Ok(Revoked { sessions: ended.iter().map(|session| session.id).collect(), revocations })
}

const USERS_WITH_LIVE_SESSIONS: &str = "SELECT DISTINCT user_id FROM sessions
     WHERE revoked_at IS NULL AND expires_at > ?1 AND idle_expires_at > ?1 ORDER BY user_id";

/// A session that was alive until this transaction.
pub(crate) struct Ended {
    pub(crate) id: SessionId,
    user_id: UserId,
    epoch: Epoch,
}

impl Ended {
    /// Tells the nodes, where no entry about the whole user does.
    pub(crate) fn announce(&self, connection: &Connection, write: &Write) -> Result<Revocation, Failure> {
        announce(connection, write, Subject::Session(self.id), Effect::Revoked, self.epoch)
    }

    /// `event`, with the owner if it is about this session.
    fn named_in(&self, event: &AuditEvent) -> AuditEvent {
        event.of_owner(self.id, self.user_id)
    }

    /// Writes the session's own event.
    pub(crate) fn record(&self, connection: &Connection, write: &Write, reason: &str) -> Result<(), Failure> {
        audit::append(connection, &write.audit.of_revoked_session(self.id, self.user_id, reason))
    }
}

fn read_ended(columns: &mut Columns<'_>) -> Result<Ended, Failure> {
    Ok(Ended {
        id: SessionId::from_bytes(columns.take()?),
        user_id: UserId::from_bytes(columns.take()?),
        epoch: Epoch(columns.number()?),
    })
}

/// Ends one session if it is alive, and `owner`'s where one is named.
pub(crate) fn end_one(
    connection: &Connection,
    write: &Write,
    id: SessionId,
    owner: Option<UserId>,
) -> Result<Option<Ended>, Failure> {
    let owner = owner.as_ref().map(UserId::as_bytes);
    one(connection, END_ONE, params![id.as_bytes(), write.now.as_millis(), owner], read_ended)
}

pub(crate) const END_ONE: &str = "UPDATE sessions SET revoked_at = ?2, epoch = epoch + 1
     WHERE id = ?1 AND (?3 IS NULL OR user_id = ?3)
        AND revoked_at IS NULL AND expires_at > ?2 AND idle_expires_at > ?2
     RETURNING id, user_id, epoch";

/// Ends every live session of a user but one.
pub(crate) fn end_all_of(
    connection: &Connection,
    write: &Write,
    user: UserId,
    except: Option<SessionId>,
) -> Result<Vec<Ended>, Failure> {
    let except = except.as_ref().map(SessionId::as_bytes);
    let mut ended =
        many(connection, END_ALL_OF, params![user.as_bytes(), write.now.as_millis(), except], read_ended)?;
    // SQLite's order is that of its plan: the feed should not depend on it.
    ended.sort_by_key(|session| session.id);
    Ok(ended)
}

pub(crate) const END_ALL_OF: &str = "UPDATE sessions SET revoked_at = ?2, epoch = epoch + 1
     WHERE user_id = ?1 AND (?3 IS NULL OR id <> ?3)
        AND revoked_at IS NULL AND expires_at > ?2 AND idle_expires_at > ?2
     RETURNING id, user_id, epoch";
