//! One-time links, found by the hash of their token.

use doorward_core::{
    ids::UserId,
    link::{Link, LinkPurpose},
    secret::TokenHash,
    store::{ChangePassword, Conflict, PasswordChanged, StoreError, Write},
    time::Timestamp,
    user::User,
};
use rusqlite::{Connection, params};

use super::{
    audit,
    failure::{Failure, Trouble},
    password, setup,
    sql::{Columns, change, one},
    user::{self, read_user, user_columns},
};

/// Keeps a link; one with a user replaces every other of theirs.
pub(crate) fn add_link(connection: &Connection, write: &Write, link: &Link) -> Result<(), Failure> {
    match link.user_id {
        Some(id) => {
            user::user(connection, id)?.ok_or(StoreError::NotFound)?;
            remove_links_of(connection, id)?;
        }
        None if setup::is_complete(connection)? => return Err(Conflict::SetupComplete.into()),
        None => {}
    }
    insert_link(connection, link)?;
    audit::append(connection, &write.audit)
}

pub(crate) fn insert_link(connection: &Connection, link: &Link) -> Result<(), Failure> {
    change(
        connection,
        "INSERT INTO links (hash, purpose, user_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
        params![
            link.hash.as_bytes(),
            link.purpose.as_str(),
            link.user_id.as_ref().map(UserId::as_bytes),
            link.expires_at.map(Timestamp::as_millis),
        ],
    )?;
    Ok(())
}

/// Removes every link of a user.
pub(crate) fn remove_links_of(connection: &Connection, user: UserId) -> Result<(), Failure> {
    change(connection, REMOVE_OF_USER, [user.as_bytes()])?;
    Ok(())
}

pub(crate) const REMOVE_OF_USER: &str = "DELETE FROM links WHERE user_id = ?1";

/// A live link with its user.
pub(crate) fn link(
    connection: &Connection,
    hashes: &[TokenHash],
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<(Link, User)>, Failure> {
    for hash in hashes {
        let found =
            one(connection, LINK, params![hash.as_bytes(), purpose.as_str(), now.as_millis()], |columns| {
                Ok((read_link(columns)?, read_user(columns)?))
            })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

pub(crate) const LINK: &str = concat!(
    "SELECT links.hash, links.purpose, links.user_id, links.expires_at, ",
    user_columns!(),
    " FROM links JOIN users ON users.id = links.user_id
      WHERE links.hash = ?1 AND links.purpose = ?2 AND links.expires_at > ?3"
);

fn read_link(columns: &mut Columns<'_>) -> Result<Link, Failure> {
    Ok(Link {
        hash: TokenHash::from_bytes(columns.take()?),
        purpose: LinkPurpose::parse(&columns.take::<String>()?).ok_or(Trouble::Unreadable("link"))?,
        user_id: columns.take::<Option<_>>()?.map(UserId::from_bytes),
        expires_at: columns.optional_time()?,
    })
}

/// Uses a link up: changing the password removes it, with every other of the user's.
pub(crate) fn redeem_link(
    connection: &Connection,
    write: &Write,
    hash: TokenHash,
    purpose: LinkPurpose,
    change: &ChangePassword,
) -> Result<PasswordChanged, Failure> {
    link(connection, &[hash], purpose, write.now)?
        .filter(|(link, _)| link.user_id == Some(change.user))
        .ok_or(StoreError::AlreadySpent)?;
    password::change_password(connection, write, change)
}
