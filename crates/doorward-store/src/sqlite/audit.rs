//! The audit log: only ever added to.

use doorward_core::{
    audit::{AuditEntry, AuditEvent, AuditFilter},
    ids::{SessionId, UserId},
    page::{Cursor, Page, PageRequest},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    failure::{Failure, Trouble},
    page::page_of,
    query::{Columns, change, many},
};

/// Adds an event to those that go to the end of the log when the group commits, unless the operation is rolled back.
pub(super) fn append(connection: &Connection, event: &AuditEvent) -> Result<(), Failure> {
    change(
        connection,
        "INSERT INTO temp.pending_audit (name, outcome, at, actor, user_id, session_id, address, user_agent, request_id,
            reason, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            event.name.as_str(),
            event.name.outcome().as_str(),
            event.at.as_millis(),
            event.actor.to_string(),
            event.user_id.as_ref().map(UserId::as_bytes),
            event.session_id.as_ref().map(SessionId::as_bytes),
            event.address.map(|address| address.to_string()),
            event.user_agent.as_str(),
            event.request_id,
            event.reason,
            serde_json::to_string(&event.details)?,
        ],
    )?;
    Ok(())
}

/// Events, newest first.
pub(super) fn entries(
    connection: &Connection,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEntry>, Failure> {
    let before_seq = page.after.map_or(i64::MAX, |cursor| cursor.position);
    let after = filter.after.map_or(i64::MIN, Timestamp::as_millis);
    let before = filter.before.map(Timestamp::as_millis);
    let limit = i64::from(page.limit) + 1;
    let user_id = filter.user_id.as_ref().map(UserId::as_bytes);
    let address = filter.address.map(|address| address.to_string());
    let found = match (user_id, &address, &filter.name) {
        (Some(user_id), address, name) => many(
            connection,
            OF_USER,
            params![before_seq, after, before, limit, user_id, name, address],
            read_entry,
        )?,
        (None, Some(address), name) => many(
            connection,
            OF_ADDRESS,
            params![before_seq, after, before, limit, address, name],
            read_entry,
        )?,
        (None, None, Some(name)) => {
            many(connection, OF_NAME, params![before_seq, after, before, limit, name], read_entry)?
        }
        (None, None, None) => {
            many(connection, OF_ALL, params![before_seq, after, before, limit], read_entry)?
        }
    };
    newest_first(found, page.limit)
}

/// Events that concern a user, newest first, but for refreshes.
pub(super) fn activity(
    connection: &Connection,
    user: UserId,
    page: PageRequest,
) -> Result<Page<AuditEntry>, Failure> {
    let before_seq = page.after.map_or(i64::MAX, |cursor| cursor.position);
    let limit = i64::from(page.limit) + 1;
    let found = many(connection, ACTIVITY, params![before_seq, user.as_bytes(), limit], read_entry)?;
    newest_first(found, page.limit)
}

fn newest_first(found: Vec<AuditEntry>, limit: u32) -> Result<Page<AuditEntry>, Failure> {
    page_of(found, limit, |entry| {
        let position = i64::try_from(entry.seq).map_err(|_| Trouble::Unreadable("sequence number"))?;
        Ok(Cursor::at(position, [0; 16]))
    })
}

/// The name is the index's: a parameter in its place would keep SQLite from using it.
pub(super) const ACTIVITY: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
        details
     FROM audit
     WHERE seq < ?1 AND user_id = ?2 AND name <> 'session.refreshed'
     ORDER BY seq DESC LIMIT ?3";

/// The place of the newest event; 0 in an empty log.
pub(super) fn last_seq(connection: &Connection) -> Result<u64, Failure> {
    let last: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM audit")?
        .query_row([], |row| row.get(0))?;
    Ok(u64::try_from(last).map_err(|_| Trouble::Unreadable("sequence number"))?)
}

/// Events after a place in the log, oldest first.
pub(super) fn entries_after(connection: &Connection, seq: u64) -> Result<Vec<AuditEntry>, Failure> {
    let seq = i64::try_from(seq).map_err(|_| Trouble::Unreadable("sequence number"))?;
    many(connection, AFTER, params![seq], read_entry)
}

const AFTER: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
        details
     FROM audit WHERE seq > ?1 ORDER BY seq LIMIT 4096";

/// The entries of a page: one statement for each index that narrows them down.
macro_rules! entries_where {
    ($narrowed:literal) => {
        concat!(
            "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
                details
             FROM audit
             WHERE seq < ?1 AND at >= ?2 AND (?3 IS NULL OR at < ?3)",
            $narrowed,
            " ORDER BY seq DESC LIMIT ?4"
        )
    };
}
pub(super) const OF_ALL: &str = entries_where!("");
pub(super) const OF_USER: &str =
    entries_where!(" AND user_id = ?5 AND (?6 IS NULL OR name = ?6) AND (?7 IS NULL OR address = ?7)");
pub(super) const OF_ADDRESS: &str = entries_where!(" AND address = ?5 AND (?6 IS NULL OR name = ?6)");
pub(super) const OF_NAME: &str = entries_where!(" AND name = ?5");

pub(super) fn read_entry(columns: &mut Columns<'_>) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry {
        seq: columns.number()?,
        name: columns.take()?,
        outcome: columns.take()?,
        at: columns.time()?,
        actor: columns.take()?,
        user_id: columns.take::<Option<_>>()?.map(UserId::from_bytes),
        session_id: columns.take::<Option<_>>()?.map(SessionId::from_bytes),
        address: columns.address()?,
        user_agent: columns.take()?,
        request_id: columns.take()?,
        reason: columns.take()?,
        details: serde_json::from_str(&columns.take::<String>()?)?,
    })
}
