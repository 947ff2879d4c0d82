//! What every operation is written against: one transaction of a database, whichever it is.
//!
//! The statements are the same for both databases but where [`Text`] says otherwise; parameters are written `?1`.

use std::{borrow::Cow, future::Future, net::IpAddr, ops::ControlFlow};

use doorward_core::{
    audit::AuditEvent, guard::Subject, ids::UserId, revocation::Revocation, time::Timestamp,
};

use crate::failure::{Failure, Trouble};

/// A transaction. What an operation does through it happens wholly or not at all: it is committed when the operation
/// succeeds, and rolled back when it fails.
///
/// SQLite runs one operation at a time; PostgreSQL many at once (READ COMMITTED), which is what [`Sql::lock`] is for. What
/// decides anything is read after the lock that protects it was asked for.
pub trait Sql: Send + Sync {
    /// The first row of a query, if there is one.
    fn one<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> impl Future<Output = Result<Option<T>, Failure>> + Send;

    /// Every row of a query.
    fn many<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnMut(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> impl Future<Output = Result<Vec<T>, Failure>> + Send;

    /// One row of a query after the other, until there is enough; never all of them in memory.
    fn each(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        see: impl FnMut(&mut Columns<'_>) -> Result<ControlFlow<()>, Failure> + Send,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Runs a statement; how many rows it changed.
    fn change(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
    ) -> impl Future<Output = Result<u64, Failure>> + Send;

    /// Runs a statement of which nothing needs to be known. PostgreSQL is not waited for: should it fail, the operation
    /// fails.
    fn queue(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Runs a statement that has to change just one row: otherwise the operation fails, as `otherwise` says.
    fn queue_one(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        otherwise: Failure,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// [`Sql::one`] as the last of an operation, whatever it says: PostgreSQL is sent the commit right behind it, so that
    /// both take one round trip.
    fn last_one<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> impl Future<Output = Result<Option<T>, Failure>> + Send;

    /// Keeps other operations away from something until this one is over. An operation asks for users before anything
    /// else; where two wait for each other, the database lets one begin anew.
    fn lock(&self, what: Lock<'_>) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Whether this node is the one that does `duty` now, until the operation is over.
    fn takes_on(&self, duty: Duty) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Adds an event to those that go to the end of the log with the commit.
    fn append(&self, event: &AuditEvent) -> Result<(), Failure>;

    /// Adds an entry to the feed with the commit, under the next number.
    fn announce(&self, revocation: &Revocation) -> Result<(), Failure>;

    /// Adds the chains of the audit log that there have to be, whatever the database says, to those it knows.
    fn add_missing_chains(known: &mut Vec<String>);

    /// The place in the audit log up to which nothing will be added any more, if it lies after this one.
    fn end_of_log(&self, after: u64) -> impl Future<Output = Result<u64, Failure>> + Send;
}

/// What an operation keeps to itself.
#[derive(Clone, Copy, Debug)]
pub enum Lock<'a> {
    /// A user, with their sessions, factors, links and pending logins.
    User(UserId),
    /// Who is an administrator.
    Administrators,
    /// What is remembered of the attempts of these.
    Attempts(&'a [Subject]),
    /// What there is one of: setup, and the list of signing keys.
    Installation,
}

/// What one node at a time does.
#[derive(Clone, Copy, Debug)]
pub enum Duty {
    /// Removing what no decision needs any more.
    CleanUp,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    /// As SQLite is to be asked.
    pub(crate) sqlite: &'static str,
    /// As PostgreSQL is.
    pub(crate) postgres: &'static str,
}

/// What can be a statement: text that is the same for both, or a [`Text`].
pub trait AsText: Send + Sync {
    /// As SQLite is to be asked.
    fn for_sqlite(&self) -> &str;
    /// As PostgreSQL is.
    fn for_postgres(&self) -> &str;
}

impl AsText for &str {
    fn for_sqlite(&self) -> &str {
        self
    }

    fn for_postgres(&self) -> &str {
        self
    }
}

impl AsText for Text {
    fn for_sqlite(&self) -> &str {
        self.sqlite
    }

    fn for_postgres(&self) -> &str {
        self.postgres
    }
}

/// A parameter, or what a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing, where something of this kind could be.
    Null(Kind),
    /// A number; 0 or 1 for what is false or true.
    Integer(i64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
}

/// What kind of value a parameter or column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Integer,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

impl Value<'_> {
    /// What kind it is.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Null(kind) => *kind,
            Self::Integer(_) => Kind::Integer,
            Self::Text(_) => Kind::Text,
            Self::Blob(_) => Kind::Blob,
        }
    }

    /// The value by itself.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null(kind) => Value::Null(kind),
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Value::Blob(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// What can be a parameter.
pub(crate) trait IntoValue<'a> {
    const KIND: Kind;

    fn into_value(self) -> Value<'a>;
}

/// The parameters of a statement, in order.
macro_rules! params {
    ($($param:expr),* $(,)?) => {
        &[$($crate::sql::IntoValue::into_value($param)),*]
    };
}
pub(crate) use params;

impl<'a, T: IntoValue<'a>> IntoValue<'a> for Option<T> {
    const KIND: Kind = T::KIND;

    fn into_value(self) -> Value<'a> {
        self.map_or(Value::Null(T::KIND), T::into_value)
    }
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl<'a> IntoValue<'a> for $type {
            const KIND: Kind = Kind::Integer;
            fn into_value(self) -> Value<'a> {
                Value::Integer(i64::from(self))
            }
        }
        impl<'a> IntoValue<'a> for &$type {
            const KIND: Kind = Kind::Integer;
            fn into_value(self) -> Value<'a> {
                (*self).into_value()
            }
        }
    )*};
}
integers!(i64 u32 u16 u8 i8 bool);

impl<'a> IntoValue<'a> for &'a str {
    const KIND: Kind = Kind::Text;
    fn into_value(self) -> Value<'a> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl<'a> IntoValue<'a> for &'a String {
    const KIND: Kind = Kind::Text;
    fn into_value(self) -> Value<'a> {
        self.as_str().into_value()
    }
}

impl<'a> IntoValue<'a> for String {
    const KIND: Kind = Kind::Text;
    fn into_value(self) -> Value<'a> {
        Value::Text(Cow::Owned(self))
    }
}

impl<'a> IntoValue<'a> for &'a [u8] {
    const KIND: Kind = Kind::Blob;
    fn into_value(self) -> Value<'a> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl<'a> IntoValue<'a> for &'a Vec<u8> {
    const KIND: Kind = Kind::Blob;
    fn into_value(self) -> Value<'a> {
        self.as_slice().into_value()
    }
}

impl<'a, const N: usize> IntoValue<'a> for &'a [u8; N] {
    const KIND: Kind = Kind::Blob;
    fn into_value(self) -> Value<'a> {
        self.as_slice().into_value()
    }
}

impl<'a> IntoValue<'a> for Vec<u8> {
    const KIND: Kind = Kind::Blob;
    fn into_value(self) -> Value<'a> {
        Value::Blob(Cow::Owned(self))
    }
}

impl<'a, const N: usize> IntoValue<'a> for [u8; N] {
    const KIND: Kind = Kind::Blob;
    fn into_value(self) -> Value<'a> {
        self.to_vec().into_value()
    }
}

/// What a column can be read as.
pub(crate) trait FromValue: Sized {
    fn from_value(value: Value<'_>) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Integer(number) = value { Some(number) } else { None }
    }
}

impl FromValue for bool {
    fn from_value(value: Value<'_>) -> Option<Self> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl FromValue for String {
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.into_owned()) } else { None }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Blob(bytes) = value { Some(bytes.into_owned()) } else { None }
    }
}

impl FromValue for Value<'static> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        Some(value.into_owned())
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Blob(bytes) = value { bytes.as_ref().try_into().ok() } else { None }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        if matches!(value, Value::Null(_)) { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// A row as its database gives it.
pub(crate) trait Row {
    /// What a column holds, counted from 0.
    fn value(&self, column: usize) -> Result<Value<'_>, Failure>;
}

/// Reads the columns of a row one after the other, in the order of the statement.
pub struct Columns<'row> {
    row: &'row dyn Row,
    next: usize,
}

impl<'row> Columns<'row> {
    /// The columns of a row, from the first on.
    pub(crate) const fn of(row: &'row dyn Row) -> Self {
        Self { row, next: 0 }
    }

    /// The first column, whatever was read before.
    pub(crate) fn first<T: FromValue>(&self) -> Result<T, Failure> {
        self.at(0)
    }

    fn at<T: FromValue>(&self, column: usize) -> Result<T, Failure> {
        T::from_value(self.row.value(column)?).ok_or_else(|| Trouble::Unreadable("column").into())
    }

    /// The next column.
    pub(crate) fn take<T: FromValue>(&mut self) -> Result<T, Failure> {
        let at = self.next;
        self.next += 1;
        self.at(at)
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
pub(crate) fn only<T: FromValue>(columns: &mut Columns<'_>) -> Result<T, Failure> {
    columns.take()
}

/// Reads the only column, a number that cannot be negative.
pub(crate) fn only_number<T: TryFrom<i64>>(columns: &mut Columns<'_>) -> Result<T, Failure> {
    columns.number()
}

/// A counter as the databases keep it.
pub(crate) fn integer(value: u64) -> Result<i64, Failure> {
    i64::try_from(value).map_err(|_| Trouble::TooLarge.into())
}
