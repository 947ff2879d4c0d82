//! What a database was asked.

use doorward_testkit::postgres::Database;

use crate::failure::Failure;
use crate::stopwatch;

/// Counts the statements that one database is asked, by `pg_stat_statements`, BEGIN and COMMIT among them.
pub(super) struct Statements<'c> {
    /// A database of its own: what is kept is about all databases, and what the counting asks is not to be counted.
    counter: Database<'c>,
    query: String,
}

impl<'c> Statements<'c> {
    pub(super) fn of(database: &Database<'c>) -> Self {
        let counter = database.cluster().fresh_database();
        counter.sql("CREATE EXTENSION pg_stat_statements");
        let query = format!(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_database ON dbid = pg_database.oid
             WHERE datname = '{}'",
            database.name()
        );
        Self { counter, query }
    }

    /// How many there were so far.
    pub(super) fn so_far(&self) -> Result<f64, Failure> {
        let calls = self.counter.sql(&self.query);
        calls.trim().parse().map_err(|error| Failure::io("statements counted", error))
    }

    /// How many there were in a second while `work` was done.
    pub(super) fn rate_during(&self, work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
        let (before, started) = (self.so_far()?, stopwatch::now());
        work()?;
        Ok((self.so_far()? - before) / started.elapsed().as_secs_f64())
    }
}
