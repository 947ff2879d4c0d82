//! The audit log: only ever added to.

use doorward_core::{
    audit::{AuditEntry, AuditEvent, AuditFilter, AuditPart},
    ids::{SessionId, UserId},
    page::{Cursor, Page, PageRequest},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    event_counts,
    failure::{Failure, Trouble},
    page::page_of,
    sql::{Columns, change, many},
};

/// Adds an event to those that go to the end of the log when the group commits, unless the operation is rolled back.
pub(crate) fn append(connection: &Connection, event: &AuditEvent) -> Result<(), Failure> {
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
pub(crate) fn entries(
    connection: &Connection,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEntry>, Failure> {
    let last = page.after.map_or(i64::MAX, |cursor| cursor.position.saturating_sub(1));
    let found = select(connection, &NEWEST_FIRST, filter, (i64::MIN, last), i64::from(page.limit) + 1)?;
    newest_first(found, page.limit)
}

/// Events after a place in the log, oldest first.
pub(crate) fn part_after(
    connection: &Connection,
    filter: &AuditFilter,
    after: u64,
    limit: u32,
) -> Result<AuditPart, Failure> {
    let first = i64::try_from(after).map_or(i64::MAX, |after| after.saturating_add(1));
    let entries = select(connection, &OLDEST_FIRST, filter, (first, i64::MAX), i64::from(limit))?;
    let is_full = u32::try_from(entries.len()).is_ok_and(|found| found >= limit);
    let upto = match entries.last() {
        Some(last) if is_full => last.seq,
        Some(_) | None => last_seq(connection)?,
    };
    Ok(AuditPart { entries, upto })
}

/// The events between two places, both included, that a filter lets through.
fn select(
    connection: &Connection,
    statements: &Statements,
    filter: &AuditFilter,
    (first, last): (i64, i64),
    limit: i64,
) -> Result<Vec<AuditEntry>, Failure> {
    let Some(places) = event_counts::places(connection, filter)? else { return Ok(Vec::new()) };
    let (first, last) = (first.max(*places.start()), last.min(*places.end()));
    let from = filter.after.map_or(i64::MIN, Timestamp::as_millis);
    let until = filter.before.map_or(i64::MAX, |before| before.as_millis().saturating_sub(1));
    let user_id = filter.user_id.as_ref().map(UserId::as_bytes);
    let address = filter.address.map(|address| address.to_string());
    let name = &filter.name;
    match (user_id, &address, name) {
        (Some(user), address, name) => {
            let params = params![first, last, from, until, limit, user, name, address];
            many(connection, statements.of_user, params, read_entry)
        }
        (None, Some(address), name) => {
            let params = params![first, last, from, until, limit, address, name];
            many(connection, statements.of_address, params, read_entry)
        }
        (None, None, Some(name)) => {
            many(connection, statements.of_name, params![first, last, from, until, limit, name], read_entry)
        }
        (None, None, None) => {
            many(connection, statements.of_all, params![first, last, from, until, limit], read_entry)
        }
    }
}

/// Events that concern a user, newest first, but for refreshes.
pub(crate) fn activity(
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
pub(crate) const ACTIVITY: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
        details
     FROM audit
     WHERE seq < ?1 AND user_id = ?2 AND name <> 'session.refreshed'
     ORDER BY seq DESC LIMIT ?3";

/// The place of the newest event; 0 in an empty log.
pub(crate) fn last_seq(connection: &Connection) -> Result<u64, Failure> {
    let last: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM audit")?
        .query_row([], |row| row.get(0))?;
    Ok(u64::try_from(last).map_err(|_| Trouble::Unreadable("sequence number"))?)
}

/// Events after a place in the log, oldest first.
pub(crate) fn entries_after(connection: &Connection, seq: u64) -> Result<Vec<AuditEntry>, Failure> {
    let seq = i64::try_from(seq).map_err(|_| Trouble::Unreadable("sequence number"))?;
    many(connection, AFTER, params![seq], read_entry)
}

const AFTER: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
        details
     FROM audit WHERE seq > ?1 ORDER BY seq LIMIT 4096";

/// One statement for each index that narrows the events down.
pub(crate) struct Statements {
    pub(crate) of_all: &'static str,
    pub(crate) of_user: &'static str,
    pub(crate) of_address: &'static str,
    pub(crate) of_name: &'static str,
}

macro_rules! entries_where {
    ($narrowed:literal, $order:literal) => {
        concat!(
            "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
                details
             FROM audit
             WHERE seq BETWEEN ?1 AND ?2 AND at BETWEEN ?3 AND ?4",
            $narrowed,
            " ORDER BY ",
            $order,
            " LIMIT ?5"
        )
    };
}

macro_rules! statements {
    ($order:literal) => {
        Statements {
            of_all: entries_where!("", $order),
            of_user: entries_where!(
                " AND user_id = ?6 AND (?7 IS NULL OR name = ?7) AND (?8 IS NULL OR address = ?8)",
                $order
            ),
            of_address: entries_where!(" AND address = ?6 AND (?7 IS NULL OR name = ?7)", $order),
            of_name: entries_where!(" AND name = ?6", $order),
        }
    };
}

pub(crate) const NEWEST_FIRST: Statements = statements!("seq DESC");
pub(crate) const OLDEST_FIRST: Statements = statements!("seq");

pub(crate) fn read_entry(columns: &mut Columns<'_>) -> Result<AuditEntry, Failure> {
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
