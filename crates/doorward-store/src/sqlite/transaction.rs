//! SQLite as operations see it: everything is answered at once.

use std::{
    future::{Future, ready},
    ops::ControlFlow,
    sync::{Mutex, MutexGuard, PoisonError},
};

use doorward_core::{audit::AuditEvent, revocation::Revocation};
use futures_util::FutureExt;
use rusqlite::{
    Connection, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{audit_lines::last_seq, chain::CHAIN};
use crate::{
    failure::{Failure, Trouble},
    revocation::names_of,
    sql::{AsText, Columns, Duty, Kind, Lock, Row, Sql, Value, integer, only_number, params},
};

/// The transaction that is open on a connection. One operation at a time uses it.
pub struct SqliteTransaction {
    connection: Mutex<Connection>,
    /// The events of its operations, until they are chained.
    events: Mutex<Vec<AuditEvent>>,
}

impl SqliteTransaction {
    /// What operations run on, wherever transactions begin and end.
    pub(crate) const fn on(connection: Connection) -> Self {
        Self { connection: Mutex::new(connection), events: Mutex::new(Vec::new()) }
    }

    /// The connection itself; to be given back before an operation goes on.
    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn events(&self) -> MutexGuard<'_, Vec<AuditEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many events wait for the end of the transaction.
    pub(crate) fn count_events(&self) -> usize {
        self.events().len()
    }

    /// Forgets all events but the first so many: they are not the database's, which undoes only what is its own.
    pub(crate) fn keep_events(&self, first: usize) {
        self.events().truncate(first);
    }

    /// The events that wait, which then wait no more.
    pub(crate) fn take_events(&self) -> Vec<AuditEvent> {
        std::mem::take(&mut *self.events())
    }
}

/// The answer of an operation that never has to wait.
pub(crate) fn at_once<T>(operation: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    operation.now_or_never().unwrap_or_else(|| Err(Trouble::Waits.into()))
}

/// Every row of a query.
pub(crate) fn many<T>(
    connection: &Connection,
    text: &str,
    params: &[Value<'_>],
    mut read: impl FnMut(&mut Columns<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(text)?;
    statement.query_and_then(params_from_iter(params), |row| read(&mut Columns::of(row)))?.collect()
}

/// Runs a statement; how many rows it changed.
pub(crate) fn change(connection: &Connection, text: &str, params: &[Value<'_>]) -> Result<u64, Failure> {
    let changed = connection.prepare_cached(text)?.execute(params_from_iter(params))?;
    u64::try_from(changed).map_err(|_| Trouble::TooLarge.into())
}

fn one<T>(
    connection: &Connection,
    text: &str,
    params: &[Value<'_>],
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.query(params_from_iter(params))?;
    rows.next()?.map(|row| read(&mut Columns::of(row))).transpose()
}

fn each(
    connection: &Connection,
    text: &str,
    params: &[Value<'_>],
    mut see: impl FnMut(&mut Columns<'_>) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.query(params_from_iter(params))?;
    while let Some(row) = rows.next()? {
        if see(&mut Columns::of(row))? == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

impl Sql for SqliteTransaction {
    fn one<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> impl Future<Output = Result<Option<T>, Failure>> + Send {
        ready(one(&self.connection(), text.for_sqlite(), params, read))
    }

    fn many<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnMut(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> impl Future<Output = Result<Vec<T>, Failure>> + Send {
        ready(many(&self.connection(), text.for_sqlite(), params, read))
    }

    fn each(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        see: impl FnMut(&mut Columns<'_>) -> Result<ControlFlow<()>, Failure> + Send,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        ready(each(&self.connection(), text.for_sqlite(), params, see))
    }

    fn change(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
    ) -> impl Future<Output = Result<u64, Failure>> + Send {
        ready(change(&self.connection(), text.for_sqlite(), params))
    }

    fn queue(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        ready(change(&self.connection(), text.for_sqlite(), params).map(|_| ()))
    }

    fn queue_one(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        otherwise: Failure,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let changed = change(&self.connection(), text.for_sqlite(), params);
        ready(changed.and_then(|rows| if rows == 1 { Ok(()) } else { Err(otherwise) }))
    }

    fn last_one<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> impl Future<Output = Result<Option<T>, Failure>> + Send {
        self.one(text, params, read)
    }

    /// Nobody else writes meanwhile.
    fn lock(&self, _what: Lock<'_>) -> impl Future<Output = Result<(), Failure>> + Send {
        ready(Ok(()))
    }

    /// There is one node.
    fn takes_on(&self, _duty: Duty) -> impl Future<Output = Result<bool, Failure>> + Send {
        ready(Ok(true))
    }

    fn append(&self, event: &AuditEvent) -> Result<(), Failure> {
        self.events().push(event.clone());
        Ok(())
    }

    fn announce(&self, revocation: &Revocation) -> Result<(), Failure> {
        let connection = self.connection();
        // From the counter, in this transaction: a number that was rolled back is given out again, so none is skipped.
        let seq = one(&connection, NEXT_SEQ, &[], only_number)?.ok_or(Trouble::Unreadable("state"))?;
        let (kind, id, effect) = names_of(revocation);
        let expires_at = revocation.expires_at.as_millis();
        let params = params![integer(seq)?, kind, id, effect, integer(revocation.epoch.0)?, expires_at];
        change(&connection, ANNOUNCE, params).map(|_| ())
    }

    fn add_missing_chains(known: &mut Vec<String>) {
        if !known.iter().any(|chain| chain == CHAIN) {
            known.push(CHAIN.to_owned());
        }
    }

    fn end_of_log(&self, _after: u64) -> impl Future<Output = Result<u64, Failure>> + Send {
        ready(last_seq(&self.connection()))
    }
}

const NEXT_SEQ: &str = "UPDATE state SET feed_seq = feed_seq + 1 RETURNING feed_seq";
const ANNOUNCE: &str = "INSERT INTO revocations (seq, subject, subject_id, effect, epoch, expires_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

impl Row for rusqlite::Row<'_> {
    fn value(&self, column: usize) -> Result<Value<'_>, Failure> {
        Ok(match self.get_ref(column)? {
            ValueRef::Null => Value::Null(Kind::Integer),
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Text(bytes) => {
                Value::Text(str::from_utf8(bytes).map_err(|_| Trouble::Unreadable("text"))?.into())
            }
            ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
            ValueRef::Real(_) => return Err(Trouble::Unreadable("column").into()),
        })
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null(_) => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
