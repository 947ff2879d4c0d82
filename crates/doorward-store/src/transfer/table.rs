//! A table, as either database has it.

use super::checksum::{Checksum, Digest};
use crate::{
    failure::{Failure, Trouble},
    sql::{AsText, Columns, Kind, Sql, Value, only_number, params},
    sqlite::CHAIN,
};

/// Where the chains of the audit log end.
pub(super) const CHAINS: &str = "audit_chains";

/// Every table but the state, in an order in which what is referred to comes first; by what each is sorted; whether
/// PostgreSQL keeps it by chain where SQLite, which has one, does not.
const TABLES: &[(&str, &[&str], Kept)] = &[
    ("names", &["name"], Kept::Alike),
    ("users", &["id"], Kept::Alike),
    ("sessions", &["id"], Kept::Alike),
    ("links", &["hash"], Kept::Alike),
    ("revocations", &["seq"], Kept::Alike),
    ("signing_keys", &["id"], Kept::Alike),
    ("attempts", &["id"], Kept::Alike),
    ("totp", &["user_id"], Kept::Alike),
    ("totp_enrolments", &["user_id"], Kept::Alike),
    ("recovery_codes", &["user_id", "hash"], Kept::Alike),
    ("passkeys", &["id"], Kept::Alike),
    ("trusted_devices", &["user_id", "device"], Kept::Alike),
    ("pending_logins", &["hash"], Kept::Alike),
    ("spent_challenges", &["hash"], Kept::Alike),
    (CHAINS, &["chain"], Kept::Alike),
    ("audit", &["seq"], Kept::Alike),
    ("event_counts", &["hour", "name", "reason"], Kept::ByChain),
    ("audit_hours", &["hour"], Kept::ByChain),
    ("samples", &["quarter"], Kept::Alike),
    ("nodes", &["name"], Kept::Alike),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Alike,
    ByChain,
}

/// The names of all tables.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(name, ..)| *name)
}

/// So many rows go into one statement: PostgreSQL counts parameters in sixteen bits.
const ROWS_A_STATEMENT: usize = 200;

/// A table with its columns, which are those of SQLite's: none can be forgotten here.
pub(super) struct Table {
    pub(super) name: &'static str,
    key: &'static [&'static str],
    columns: Vec<Column>,
}

struct Column {
    name: String,
    kind: Kind,
    /// Not in SQLite's table: the same in each row.
    constant: Option<&'static str>,
}

/// A row, or the key of one.
pub(super) struct Values(Vec<Value<'static>>);

impl Values {
    /// One for each of `what`.
    fn read<T>(
        what: &[T],
        value: impl FnMut(&T) -> Result<Value<'static>, Failure>,
    ) -> Result<Self, Failure> {
        what.iter().map(value).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn as_slice(&self) -> &[Value<'static>] {
        &self.0
    }
}

/// Every table of a SQLite file.
pub(super) async fn all(source: &impl Sql) -> Result<Vec<Table>, Failure> {
    let mut tables = Vec::new();
    for (name, key, kept) in TABLES {
        let mut columns = source.many(COLUMNS, params![*name], Column::read).await?;
        if *kept == Kept::ByChain {
            columns.push(Column { name: "chain".to_owned(), kind: Kind::Text, constant: Some(CHAIN) });
        }
        tables.push(Table { name, key, columns });
    }
    Ok(tables)
}

const COLUMNS: &str = "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid";

impl Column {
    fn read(columns: &mut Columns<'_>) -> Result<Self, Failure> {
        let name = columns.take()?;
        let kind = match columns.take::<String>()?.as_str() {
            "INTEGER" => Kind::Integer,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Blob,
            _ => return Err(Trouble::Unreadable("column").into()),
        };
        Ok(Self { name, kind, constant: None })
    }

    fn in_sqlite(&self) -> String {
        self.constant.map_or_else(|| self.name.clone(), |constant| format!("'{constant}'"))
    }
}

/// A statement that was put together.
struct Statement {
    sqlite: String,
    postgres: String,
}

impl AsText for &Statement {
    fn for_sqlite(&self) -> &str {
        &self.sqlite
    }

    fn for_postgres(&self) -> &str {
        &self.postgres
    }
}

impl Table {
    /// How many rows it has.
    pub(super) async fn count(&self, sql: &impl Sql) -> Result<u64, Failure> {
        let text = format!("SELECT count(*) FROM {}", self.name);
        Ok(sql.one(text.as_str(), &[], only_number).await?.unwrap_or(0))
    }

    /// How many rows it has, and the key of the last.
    pub(super) async fn extent(&self, sql: &impl Sql) -> Result<(u64, Option<Values>), Failure> {
        Ok((self.count(sql).await?, self.last_key(sql).await?))
    }

    /// The key of the last row, if there is one.
    async fn last_key(&self, sql: &impl Sql) -> Result<Option<Values>, Failure> {
        let (keys, backwards) = (self.key.join(", "), self.key.join(" DESC, "));
        let text = format!("SELECT {keys} FROM {} ORDER BY {backwards} DESC LIMIT 1", self.name);
        let read = |columns: &mut Columns<'_>| Values::read(self.key, |_| columns.take());
        sql.one(text.as_str(), &[], read).await
    }

    /// The key of one of its rows.
    pub(super) fn key_of(&self, row: &Values) -> Values {
        let value = |key: &&str| {
            let mut of_row = self.columns.iter().zip(&row.0);
            of_row.find(|(column, _)| column.name == **key).map(|(_, value)| value.clone())
        };
        Values(self.key.iter().filter_map(value).collect())
    }

    /// The rows after a key, so many at the most, in the order of keys: which is that of bytes and numbers on both.
    pub(super) async fn page(
        &self,
        sql: &impl Sql,
        after: Option<&Values>,
        limit: u32,
    ) -> Result<Vec<Values>, Failure> {
        let mut params = after.map(|key| key.0.clone()).unwrap_or_default();
        params.push(Value::Integer(limit.into()));
        let statement = self.select(after.is_some());
        let read = |columns: &mut Columns<'_>| Values::read(&self.columns, |column| column.take(columns));
        sql.many(&statement, &params, read).await
    }

    fn select(&self, after: bool) -> Statement {
        let (table, keys) = (self.name, self.key.join(", "));
        let numbered: Vec<_> = (1..=self.key.len()).map(|number| format!("?{number}")).collect();
        let (from, limit) = if after {
            (format!("WHERE ({keys}) > ({})", numbered.join(", ")), self.key.len() + 1)
        } else {
            (String::new(), 1)
        };
        let rest = format!("FROM {table} {from} ORDER BY {keys} LIMIT ?{limit}");
        let here: Vec<_> = self.columns.iter().map(Column::in_sqlite).collect();
        Statement {
            sqlite: format!("SELECT {} {rest}", here.join(", ")),
            postgres: format!("SELECT {} {rest}", self.column_names()),
        }
    }

    fn column_names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }

    /// Writes rows into PostgreSQL, all of them or none.
    pub(super) async fn insert(&self, sql: &impl Sql, rows: &[Values]) -> Result<(), Failure> {
        for rows in rows.chunks(ROWS_A_STATEMENT) {
            let mut numbers = 1..;
            let mut row = || {
                let numbered: Vec<_> =
                    self.columns.iter().zip(&mut numbers).map(|(_, number)| format!("?{number}")).collect();
                format!("({})", numbered.join(", "))
            };
            let placed: Vec<_> = rows.iter().map(|_| row()).collect();
            let text = format!(
                "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES {}",
                self.name,
                self.column_names(),
                placed.join(", ")
            );
            let params: Vec<_> = rows.iter().flat_map(|row| &row.0).cloned().collect();
            sql.queue(text.as_str(), &params).await?;
        }
        Ok(())
    }

    /// What is in it.
    pub(super) async fn checksum(&self, sql: &impl Sql, batch: u32) -> Result<Checksum, Failure> {
        let mut digest = Digest::default();
        let mut after = None;
        loop {
            let rows = self.page(sql, after.as_ref(), batch).await?;
            rows.iter().for_each(|row| digest.row(row.as_slice()));
            let Some(last) = rows.last() else { return Ok(digest.finish()) };
            after = Some(self.key_of(last));
        }
    }
}

impl Column {
    /// What a row has in it; what is missing as the kind that the column is of.
    fn take(&self, columns: &mut Columns<'_>) -> Result<Value<'static>, Failure> {
        let value: Value<'static> = columns.take()?;
        Ok(if matches!(value, Value::Null(_)) { Value::Null(self.kind) } else { value })
    }
}
