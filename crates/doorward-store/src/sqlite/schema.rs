//! The schema as it is.

use rusqlite::Connection;

use crate::schema_difference::Schema;

/// The schema of an open database.
pub(super) fn schema_of(connection: &Connection) -> rusqlite::Result<Schema> {
    connection
        // Indices that SQLite makes for itself have no statement; statistics (ANALYZE) are nobody's schema.
        .prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%'")?
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
        .collect()
}
