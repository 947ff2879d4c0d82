//! The audit log: only ever added to.

use doorward_core::{
    audit::{AuditEntry, AuditEvent, AuditFilter, AuditPart},
    ids::{SessionId, UserId},
    page::{Cursor, Page, PageRequest},
    time::Timestamp,
};

use super::{
    event_counts,
    failure::{Failure, Trouble},
    page::page_of,
    sql::{Columns, Sql, integer, params},
};

/// Records an event by itself.
pub(crate) async fn record(sql: &impl Sql, event: &AuditEvent) -> Result<(), Failure> {
    sql.append(event)
}

/// Events, newest first.
pub(crate) async fn entries(
    sql: &impl Sql,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEntry>, Failure> {
    let last = page.after.map_or(i64::MAX, |cursor| cursor.position.saturating_sub(1));
    let found = select(sql, &NEWEST_FIRST, filter, (i64::MIN, last), i64::from(page.limit) + 1).await?;
    newest_first(found, page.limit)
}

/// Events after a place in the log, oldest first.
pub(crate) async fn part_after(
    sql: &impl Sql,
    filter: &AuditFilter,
    after: u64,
    limit: u32,
) -> Result<AuditPart, Failure> {
    let first = i64::try_from(after).map_or(i64::MAX, |after| after.saturating_add(1));
    let end = sql.end_of_log(after).await?;
    let entries = select(sql, &OLDEST_FIRST, filter, (first, integer(end)?), i64::from(limit)).await?;
    let is_full = u32::try_from(entries.len()).is_ok_and(|found| found >= limit);
    let upto = match entries.last() {
        Some(last) if is_full => last.seq,
        Some(_) | None => end,
    };
    Ok(AuditPart { entries, upto })
}

/// The events between two places, both included, that a filter lets through.
async fn select(
    sql: &impl Sql,
    statements: &Statements,
    filter: &AuditFilter,
    (first, last): (i64, i64),
    limit: i64,
) -> Result<Vec<AuditEntry>, Failure> {
    let Some(places) = event_counts::places(sql, filter).await? else { return Ok(Vec::new()) };
    let (first, last) = (first.max(*places.start()), last.min(*places.end()));
    let from = filter.after.map_or(i64::MIN, Timestamp::as_millis);
    let until = filter.before.map_or(i64::MAX, |before| before.as_millis().saturating_sub(1));
    let user_id = filter.user_id.as_ref().map(UserId::as_bytes);
    let address = filter.address.map(|address| address.to_string());
    let name = filter.name.as_ref();
    match (user_id, &address, name) {
        (Some(user), address, name) => {
            let params = params![first, last, from, until, limit, user, name, address.as_ref()];
            sql.many(statements.of_user, params, read_entry).await
        }
        (None, Some(address), name) => {
            let params = params![first, last, from, until, limit, address, name];
            sql.many(statements.of_address, params, read_entry).await
        }
        (None, None, Some(name)) => {
            sql.many(statements.of_name, params![first, last, from, until, limit, name], read_entry).await
        }
        (None, None, None) => {
            sql.many(statements.of_all, params![first, last, from, until, limit], read_entry).await
        }
    }
}

/// Events that concern a user, newest first, but for refreshes.
pub(crate) async fn activity(
    sql: &impl Sql,
    user: UserId,
    page: PageRequest,
) -> Result<Page<AuditEntry>, Failure> {
    let before_seq = page.after.map_or(i64::MAX, |cursor| cursor.position);
    let limit = i64::from(page.limit) + 1;
    let found = sql.many(ACTIVITY, params![before_seq, user.as_bytes(), limit], read_entry).await?;
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
