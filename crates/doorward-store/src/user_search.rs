//! Finding users by how their name or mail address begins.

use doorward_core::{
    page::{Cursor, Page, PageRequest},
    user::User,
    user_search::{FoundBy, Sought},
};

use super::{
    failure::Failure,
    page::page_of,
    sql::{Sql, params},
    user::{self, read_user, user_columns},
};

/// Whom a search finds, each once.
pub(crate) async fn search(
    sql: &impl Sql,
    sought: &Sought,
    page: &PageRequest,
) -> Result<Page<User>, Failure> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX).saturating_add(1);
    let mut found: Vec<(FoundBy, User)> = Vec::new();
    for by in FoundBy::ALL.into_iter().filter(|by| by.is_after(page.after.as_ref())) {
        let after = page.after.as_ref().filter(|after| by.holds(after));
        let missing = wanted.saturating_sub(found.len());
        let users = match by {
            FoundBy::Id => by_id(sql, sought, after).await?,
            FoundBy::Name | FoundBy::Email => by_prefix(sql, sought, by, after, missing).await?,
        };
        found.extend(users.into_iter().map(|user| (by, user)));
        if found.len() >= wanted {
            break;
        }
    }
    let Page { items, next } = page_of(found, page.limit, |(by, user)| Ok(by.cursor(user)))?;
    Ok(Page { items: items.into_iter().map(|(_, user)| user).collect(), next })
}

async fn by_id(sql: &impl Sql, sought: &Sought, after: Option<&Cursor>) -> Result<Vec<User>, Failure> {
    match sought.id {
        Some(id) if after.is_none() => Ok(user::user(sql, id).await?.into_iter().collect()),
        Some(_) | None => Ok(Vec::new()),
    }
}

async fn by_prefix(
    sql: &impl Sql,
    sought: &Sought,
    by: FoundBy,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Vec<User>, Failure> {
    let (from, from_id) = after.map_or((&sought.prefix, [].as_slice()), |after| (&after.text, &after.id));
    // Nothing that a name can hold comes after it.
    let end = sought.end().unwrap_or_else(|| char::MAX.to_string());
    let listed = sought.id.as_ref().map_or(&[] as &[u8], |id| id.as_bytes());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match by {
        FoundBy::Id => Ok(Vec::new()),
        FoundBy::Name => sql.many(BY_NAME, params![from, from_id, end, listed, limit], read_user).await,
        FoundBy::Email => {
            sql.many(BY_EMAIL, params![from, from_id, end, listed, limit, &sought.prefix], read_user).await
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
