//! The schema as it is, compared with the schema as the migrations make it.

use std::collections::BTreeMap;

use rusqlite::Connection;

/// Everything a schema is made of: kind and name, and the statement that made it.
pub(super) type Schema = BTreeMap<(String, String), String>;

/// The schema of an open database.
pub(super) fn schema_of(connection: &Connection) -> rusqlite::Result<Schema> {
    connection
        // Indices that SQLite makes for itself have no statement; statistics (ANALYZE) are nobody's schema.
        .prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%'")?
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
        .collect()
}

/// What stands between the two, one sentence each.
pub(super) fn differences(expected: &Schema, found: &Schema) -> Vec<String> {
    let mut differences = Vec::new();
    for ((kind, name), sql) in expected {
        match found.get(&(kind.clone(), name.clone())) {
            None => differences.push(format!("{kind} {name} is missing")),
            Some(other) if other != sql => {
                differences.push(format!("{kind} {name} is {other:?} instead of {sql:?}"));
            }
            Some(_) => {}
        }
    }
    for (kind, name) in found.keys().filter(|key| !expected.contains_key(key)) {
        differences.push(format!("{kind} {name} does not belong there"));
    }
    differences
}
