//! What users are searched by, for those that were there before.

use doorward_core::user::NormalisedName;
use rusqlite::Connection;

use super::transaction::{change, many};
use crate::{failure::Failure, sql::params};

/// Made when every row has its keys.
pub(crate) const INDICES: &str = "CREATE INDEX users_by_name ON users (name_key, id);
    CREATE INDEX users_by_email ON users (email_key, id, name_key) WHERE email_key IS NOT NULL;";

/// Gives the users that are there what they are searched by.
pub(crate) fn fill_keys(connection: &Connection) -> Result<(), Failure> {
    let mut last = i64::MIN;
    loop {
        let users = many(connection, SOME_USERS, params![last], |columns| {
            let (row, username, email): (i64, String, Option<String>) =
                (columns.take()?, columns.take()?, columns.take()?);
            Ok((row, NormalisedName::of(&username), email.map(|email| NormalisedName::of(&email))))
        })?;
        let Some((row, ..)) = users.last() else { return Ok(()) };
        last = *row;
        for (row, name, email) in &users {
            let email = email.as_ref().map(NormalisedName::as_str);
            change(connection, FILL, params![row, name.as_str(), email])?;
        }
    }
}

const SOME_USERS: &str =
    "SELECT rowid, username, email FROM users WHERE rowid > ?1 ORDER BY rowid LIMIT 1000";
const FILL: &str = "UPDATE users SET name_key = ?2, email_key = ?3 WHERE rowid = ?1";
