//! Statements and rows: prepared once, columns read in order.

use std::net::IpAddr;

use doorward_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, types::FromSql};

use super::failure::{Failure, Trouble};

/// Reads the columns of a row one after the other, in the order of the statement.
pub(crate) struct Columns<'row> {
    row: &'row Row<'row>,
    next: usize,
}

impl<'row> Columns<'row> {
    /// The columns of a row, from the first on.
    pub(crate) const fn of(row: &'row Row<'row>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as SQLite keeps it.
    pub(crate) fn take<T: FromSql>(&mut self) -> Result<T, Failure> {
        let at = self.next;
        self.next += 1;
        Ok(self.row.get(at)?)
    }

    /// The next column as a number that cannot be negative, or is small.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, Failure> {
        T::try_from(self.take()?).map_err(|_| Trouble::Unreadable("number").into())
    }

    /// The next column as a number that cannot be negative, or is small, where there is one.
    pub(crate) fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, Failure> {
        let number = self.take::<Option<i64>>()?;
        number.map(T::try_from).transpose().map_err(|_| Trouble::Unreadable("number").into())
    }

    /// The next column as a time.
    pub(crate) fn time(&mut self) -> Result<Timestamp, Failure> {
        Ok(Timestamp::from_millis(self.take()?))
    }

    /// The next column as a time, where there is one.
    pub(crate) fn optional_time(&mut self) -> Result<Option<Timestamp>, Failure> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    /// The next column as an address, where there is one.
    pub(crate) fn address(&mut self) -> Result<Option<IpAddr>, Failure> {
        self.take::<Option<String>>()?
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| Trouble::Unreadable("address").into())
    }
}

/// Reads the only column.
pub(crate) fn only<T: FromSql>(columns: &mut Columns<'_>) -> Result<T, Failure> {
    columns.take()
}

/// Reads the only column, a number that cannot be negative.
pub(crate) fn only_number<T: TryFrom<i64>>(columns: &mut Columns<'_>) -> Result<T, Failure> {
    columns.number()
}

/// The first row of a query, if there is one.
pub(crate) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let read = statement.query_row(params, |row| Ok(read(&mut Columns::of(row)))).optional()?;
    read.transpose()
}

/// Every row of a query.
pub(crate) fn many<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Columns<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_and_then(params, |row| read(&mut Columns::of(row)))?.collect()
}

/// Runs a statement; how many rows it changed.
pub(crate) fn change(connection: &Connection, sql: &str, params: impl Params) -> Result<usize, Failure> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}

/// A counter as SQLite keeps it.
pub(crate) fn integer(value: u64) -> Result<i64, Failure> {
    i64::try_from(value).map_err(|_| Trouble::TooLarge.into())
}
