//! One-time links, found by the hash of their token.

use doorward_core::{
    ids::UserId,
    link::{Link, LinkPurpose},
    secret::TokenHash,
    store::{ChangePassword, Conflict, PasswordChanged, StoreError, Write},
    time::Timestamp,
    user::User,
};

use super::{
    failure::{Failure, Trouble},
    password, setup,
    sql::{Columns, Lock, Sql, params},
    user::{self, read_user, user_columns},
};

/// Keeps a link; one with a user replaces every other of theirs.
pub(crate) async fn add_link(sql: &impl Sql, write: &Write, link: &Link) -> Result<(), Failure> {
    match link.user_id {
        Some(id) => {
            sql.lock(Lock::User(id)).await?;
            user::user(sql, id).await?.ok_or(StoreError::NotFound)?;
            remove_links_of(sql, id).await?;
        }
        None => {
            sql.lock(Lock::Installation).await?;
            if setup::is_complete(sql).await? {
                return Err(Conflict::SetupComplete.into());
            }
        }
    }
    insert_link(sql, link).await?;
    sql.append(&write.audit)
}

pub(crate) async fn insert_link(sql: &impl Sql, link: &Link) -> Result<(), Failure> {
    sql.queue(
        "INSERT INTO links (hash, purpose, user_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
        params![
            link.hash.as_bytes(),
            link.purpose.as_str(),
            link.user_id.as_ref().map(UserId::as_bytes),
            link.expires_at.map(Timestamp::as_millis),
        ],
    )
    .await?;
    Ok(())
}

/// Removes every link of a user.
pub(crate) async fn remove_links_of(sql: &impl Sql, user: UserId) -> Result<(), Failure> {
    sql.queue(REMOVE_OF_USER, params![user.as_bytes()]).await?;
    Ok(())
}

pub(crate) const REMOVE_OF_USER: &str = "DELETE FROM links WHERE user_id = ?1";

/// A live link with its user.
pub(crate) async fn link(
    sql: &impl Sql,
    hashes: &[TokenHash],
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<(Link, User)>, Failure> {
    for hash in hashes {
        let found = sql
            .one(LINK, params![hash.as_bytes(), purpose.as_str(), now.as_millis()], |columns| {
                Ok((read_link(columns)?, read_user(columns)?))
            })
            .await?;
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
pub(crate) async fn redeem_link(
    sql: &impl Sql,
    write: &Write,
    hash: TokenHash,
    purpose: LinkPurpose,
    change: &ChangePassword,
) -> Result<PasswordChanged, Failure> {
    sql.lock(Lock::User(change.user)).await?;
    link(sql, &[hash], purpose, write.now)
        .await?
        .filter(|(link, _)| link.user_id == Some(change.user))
        .ok_or(StoreError::AlreadySpent)?;
    password::change_password(sql, write, change).await
}
