//! Finding users by how their name or mail address begins.

use doorward_core::{
    page::{Cursor, Page, PageRequest},
    user::{NormalisedName, User},
    user_search::{FoundBy, Sought},
};
use rusqlite::{Connection, params, types::Value};

use super::{
    failure::Failure,
    page::page_of,
    sql::{change, many},
    user::{self, read_user, user_columns},
};

/// Whom a search finds, each once.
pub(crate) fn search(
    connection: &Connection,
    sought: &Sought,
    page: &PageRequest,
) -> Result<Page<User>, Failure> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX).saturating_add(1);
    let mut found: Vec<(FoundBy, User)> = Vec::new();
    for by in FoundBy::ALL.into_iter().filter(|by| by.is_after(page.after.as_ref())) {
        let after = page.after.as_ref().filter(|after| by.holds(after));
        let missing = wanted.saturating_sub(found.len());
        let users = match by {
            FoundBy::Id => by_id(connection, sought, after)?,
            FoundBy::Name | FoundBy::Email => by_prefix(connection, sought, by, after, missing)?,
        };
        found.extend(users.into_iter().map(|user| (by, user)));
        if found.len() >= wanted {
            break;
        }
    }
    let Page { items, next } = page_of(found, page.limit, |(by, user)| Ok(by.cursor(user)))?;
    Ok(Page { items: items.into_iter().map(|(_, user)| user).collect(), next })
}

fn by_id(connection: &Connection, sought: &Sought, after: Option<&Cursor>) -> Result<Vec<User>, Failure> {
    match sought.id {
        Some(id) if after.is_none() => Ok(user::user(connection, id)?.into_iter().collect()),
        Some(_) | None => Ok(Vec::new()),
    }
}

fn by_prefix(
    connection: &Connection,
    sought: &Sought,
    by: FoundBy,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Vec<User>, Failure> {
    let (from, from_id) = after.map_or((&sought.prefix, [].as_slice()), |after| (&after.text, &after.id));
    // SQLite sorts every blob after every text.
    let end = sought.end().map_or(Value::Blob(Vec::new()), Value::Text);
    let listed = sought.id.map_or(Value::Blob(Vec::new()), |id| Value::Blob(id.as_bytes().to_vec()));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match by {
        FoundBy::Id => Ok(Vec::new()),
        FoundBy::Name => many(connection, BY_NAME, params![from, from_id, end, listed, limit], read_user),
        FoundBy::Email => {
            many(connection, BY_EMAIL, params![from, from_id, end, listed, limit, sought.prefix], read_user)
        }
    }
}

macro_rules! found_by {
    ($key:literal, $narrowed:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            " FROM users WHERE (",
            $key,
            ", id) > (?1, ?2) AND ",
            $key,
            " < ?3 AND id <> ?4",
            $narrowed,
            " ORDER BY ",
            $key,
            ", id LIMIT ?5"
        )
    };
}
pub(crate) const BY_NAME: &str = found_by!("name_key", "");
/// Where an address begins as its owner's name does, they have been listed by their name. The index tells.
pub(crate) const BY_EMAIL: &str = found_by!("email_key", " AND NOT (name_key >= ?6 AND name_key < ?3)");

/// Made when every row has its keys.
pub(crate) const INDICES: &str = "CREATE INDEX users_by_name ON users (name_key, id);
    CREATE INDEX users_by_email ON users (email_key, id, name_key) WHERE email_key IS NOT NULL;";

/// Gives the users that are there what they are searched by.
pub(crate) fn fill_keys(connection: &Connection) -> Result<(), Failure> {
    let mut last = i64::MIN;
    loop {
        let users = many(connection, SOME_USERS, [last], |columns| {
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
