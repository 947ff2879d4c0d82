//! Users: their rows, their names, and the last administrator.

use std::collections::HashMap;

use doorward_core::{
    account_state::AccountState,
    ids::UserId,
    link::Link,
    page::{Cursor, Page, PageRequest},
    password::PasswordHash,
    revocation::{Effect, Revocation, Subject},
    store::{Conflict, NewUser, Revoked, StoreError, UserChanges, UserCredentials, Write},
    user::{Email, Epoch, Factors, NormalisedName, Roles, User, Username},
};

use futures_util::future::try_join_all;

use super::{
    failure::{Failure, Trouble},
    link,
    page::{FIRST, page_of},
    revocation::{announce, end_all_of},
    second_factor::{pending, trust},
    sql::{Columns, Lock, Sql, integer, only, only_number, params},
};

/// The columns that [`read_user`] reads.
macro_rules! user_columns {
    () => {
        "users.id, users.username, users.email, users.roles, users.must_change_password, users.disabled,
         users.created_at, users.epoch, users.device_epoch, users.totp, users.passkeys, users.recovery_codes_left"
    };
}
pub(crate) use user_columns;

/// Reads [`user_columns`].
pub(crate) fn read_user(columns: &mut Columns<'_>) -> Result<User, Failure> {
    Ok(User {
        id: UserId::from_bytes(columns.take()?),
        username: read_username(columns)?,
        email: columns
            .take::<Option<String>>()?
            .map(|email| email.parse())
            .transpose()
            .map_err(|_| Trouble::Unreadable("mail address"))?,
        roles: Roles::parse(columns.take::<String>()?.split_ascii_whitespace())
            .map_err(|_| Trouble::Unreadable("role"))?,
        must_change_password: columns.take()?,
        disabled: columns.take()?,
        created_at: columns.time()?,
        epoch: Epoch(columns.number()?),
        device_epoch: Epoch(columns.number()?),
        factors: Factors {
            totp: columns.take()?,
            passkeys: columns.number()?,
            recovery_codes_left: columns.number()?,
        },
    })
}

pub(crate) fn read_credentials(columns: &mut Columns<'_>) -> Result<UserCredentials, Failure> {
    let user = read_user(columns)?;
    Ok(UserCredentials { user, password: columns.take::<Option<_>>()?.map(PasswordHash::from_phc) })
}

/// The user of this id.
pub(crate) async fn user(sql: &impl Sql, id: UserId) -> Result<Option<User>, Failure> {
    sql.one(USER, params![id.as_bytes()], read_user).await
}

pub(crate) const USER: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id = ?1");

/// The user of this id, with the password hash.
pub(crate) async fn credentials(sql: &impl Sql, id: UserId) -> Result<Option<UserCredentials>, Failure> {
    sql.one(CREDENTIALS, params![id.as_bytes()], read_credentials).await
}

pub(crate) const CREDENTIALS: &str =
    concat!("SELECT ", user_columns!(), ", users.password FROM users WHERE id = ?1");

/// The user of this name, with the password hash.
pub(crate) async fn credentials_by_name(
    sql: &impl Sql,
    name: &NormalisedName,
) -> Result<Option<UserCredentials>, Failure> {
    sql.one(CREDENTIALS_BY_NAME, params![name.as_str()], read_credentials).await
}

pub(crate) const CREDENTIALS_BY_NAME: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", users.password FROM names JOIN users ON users.id = names.user_id WHERE names.name = ?1"
);

/// Every user, oldest first.
pub(crate) async fn users(sql: &impl Sql, page: PageRequest) -> Result<Page<User>, Failure> {
    let after = page.after.unwrap_or(FIRST);
    let limit = i64::from(page.limit) + 1;
    let found = sql.many(USERS, params![after.position, after.id, limit], read_user).await?;
    page_of(found, page.limit, |user| Ok(Cursor::at(user.created_at.as_millis(), *user.id.as_bytes())))
}

pub(crate) const USERS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users WHERE (created_at, id) > (?1, ?2) ORDER BY created_at, id LIMIT ?3"
);

/// The names of these users; whoever was removed has none.
pub(crate) async fn usernames(sql: &impl Sql, ids: &[UserId]) -> Result<HashMap<UserId, Username>, Failure> {
    of_each(sql, ids, USERNAME, read_username).await
}

pub(crate) const USERNAME: &str = "SELECT username FROM users WHERE id = ?1";

fn read_username(columns: &mut Columns<'_>) -> Result<Username, Failure> {
    columns.take::<String>()?.parse().map_err(|_| Trouble::Unreadable("user name").into())
}

/// The states of these users' accounts.
pub(crate) async fn account_states(
    sql: &impl Sql,
    ids: &[UserId],
) -> Result<HashMap<UserId, AccountState>, Failure> {
    of_each(sql, ids, ACCOUNT_STATE, |columns| {
        Ok(AccountState { has_password: columns.take()?, codes_running: columns.number()? })
    })
    .await
}

pub(crate) const ACCOUNT_STATE: &str = "SELECT password IS NOT NULL, codes_running FROM users WHERE id = ?1";

/// What a query tells of each of these users.
async fn of_each<T: Send>(
    sql: &impl Sql,
    ids: &[UserId],
    query: &'static str,
    read: impl Fn(&mut Columns<'_>) -> Result<T, Failure> + Send + Sync,
) -> Result<HashMap<UserId, T>, Failure> {
    let of_one =
        async |id: &UserId| sql.one(query, params![id.as_bytes()], |columns| Ok((*id, read(columns)?))).await;
    Ok(try_join_all(ids.iter().map(of_one)).await?.into_iter().flatten().collect())
}

/// Makes a user, and a link for them where one is given.
pub(crate) async fn create_user(
    sql: &impl Sql,
    write: &Write,
    new: &NewUser,
    link: Option<&Link>,
) -> Result<User, Failure> {
    insert_user(sql, new).await?;
    if let Some(link) = link {
        link::insert_link(sql, link).await?;
    }
    sql.append(&write.audit)?;
    Ok(new.user.clone())
}

/// Takes the name and writes the row.
pub(crate) async fn insert_user(sql: &impl Sql, new: &NewUser) -> Result<(), Failure> {
    let user = &new.user;
    let taken = sql
        .change(
            "INSERT INTO names (name, user_id) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            params![user.username.normalised().as_str(), user.id.as_bytes()],
        )
        .await?
        == 0;
    if taken {
        return Err(Conflict::NameTaken.into());
    }
    sql.queue(
        "INSERT INTO users (id, username, email, roles, is_admin, must_change_password, disabled, created_at,
            epoch, device_epoch, password, name_key, email_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            user.id.as_bytes(),
            user.username.as_str(),
            user.email.as_ref().map(Email::as_str),
            joined(&user.roles),
            user.roles.is_admin(),
            user.must_change_password,
            user.disabled,
            user.created_at.as_millis(),
            integer(user.epoch.0)?,
            integer(user.device_epoch.0)?,
            new.password.as_ref().map(PasswordHash::as_phc),
            user.username.normalised().as_str(),
            email_key(user),
        ],
    )
    .await?;
    Ok(())
}

fn email_key(user: &User) -> Option<String> {
    user.email.as_ref().map(|email| email.normalised().to_string())
}

fn joined(roles: &Roles) -> String {
    roles.iter().collect::<Vec<_>>().join(" ")
}

/// Changes a user, raises their epoch, and ends their sessions if that disabled them.
pub(crate) async fn change_user(
    sql: &impl Sql,
    write: &Write,
    id: UserId,
    changes: UserChanges,
) -> Result<(User, Vec<Revocation>), Failure> {
    sql.lock(Lock::User(id)).await?;
    let mut user = user(sql, id).await?.ok_or(StoreError::NotFound)?;
    let was_enabled_admin = is_enabled_admin(&user);
    let disables = changes.disabled == Some(true);
    let UserChanges { roles, disabled, must_change_password, email } = changes;
    user.roles = roles.unwrap_or(user.roles);
    user.disabled = disabled.unwrap_or(user.disabled);
    user.must_change_password = must_change_password.unwrap_or(user.must_change_password);
    user.email = email.unwrap_or(user.email);
    if was_enabled_admin && !is_enabled_admin(&user) {
        another_admin_exists(sql, id).await?;
    }
    sql.queue(
        "UPDATE users SET email = ?2, roles = ?3, is_admin = ?4, must_change_password = ?5, disabled = ?6,
            email_key = ?7
         WHERE id = ?1",
        params![
            id.as_bytes(),
            user.email.as_ref().map(Email::as_str),
            joined(&user.roles),
            user.roles.is_admin(),
            user.must_change_password,
            user.disabled,
            email_key(&user),
        ],
    )
    .await?;
    let ended = if disables { end_all_of(sql, write, id, None).await? } else { Vec::new() };
    if disables {
        pending::end_pending_of(sql, id).await?;
    }
    let effect = if disables { Effect::Revoked } else { Effect::Outdated };
    let revocation = outdate(sql, write, id, effect).await?;
    user.epoch = revocation.epoch;
    sql.append(&write.audit)?;
    for session in ended {
        session.record(sql, write, "user_disabled")?;
    }
    Ok((user, vec![revocation]))
}

/// Removes a user. Their name stays.
pub(crate) async fn delete_user(sql: &impl Sql, write: &Write, id: UserId) -> Result<Revoked, Failure> {
    sql.lock(Lock::User(id)).await?;
    let user = user(sql, id).await?.ok_or(StoreError::NotFound)?;
    if is_enabled_admin(&user) {
        another_admin_exists(sql, id).await?;
    }
    let ended = end_all_of(sql, write, id, None).await?;
    let revocation = outdate(sql, write, id, Effect::Revoked).await?;
    sql.queue("DELETE FROM users WHERE id = ?1", params![id.as_bytes()]).await?;
    sql.append(&write.audit)?;
    for session in &ended {
        session.record(sql, write, "user_deleted")?;
    }
    Ok(Revoked { sessions: ended.iter().map(|session| session.id).collect(), revocations: vec![revocation] })
}

fn is_enabled_admin(user: &User) -> bool {
    user.roles.is_admin() && !user.disabled
}

/// Refuses when `id` is the last enabled administrator.
async fn another_admin_exists(sql: &impl Sql, id: UserId) -> Result<(), Failure> {
    sql.lock(Lock::Administrators).await?;
    sql.one(ANOTHER_ADMIN, params![id.as_bytes()], only::<i64>)
        .await?
        .map(|_| ())
        .ok_or_else(|| Conflict::LastAdmin.into())
}

/// Reads two rows of the index at most.
const ANOTHER_ADMIN: &str = "SELECT 1 FROM users WHERE is_admin = 1 AND disabled = 0 AND id <> ?1 LIMIT 1";

/// Makes strangers of a user's known devices, and trusts none of them; their epoch afterwards.
pub(crate) async fn raise_device_epoch(sql: &impl Sql, id: UserId) -> Result<Epoch, Failure> {
    trust::trust_none_of(sql, id).await?;
    let raised = sql
        .one(
            "UPDATE users SET device_epoch = device_epoch + 1 WHERE id = ?1 RETURNING device_epoch",
            params![id.as_bytes()],
            only_number,
        )
        .await?;
    Ok(raised.map(Epoch).ok_or(StoreError::NotFound)?)
}

/// Raises a user's epoch and tells the nodes what becomes of older tokens.
pub(crate) async fn outdate(
    sql: &impl Sql,
    write: &Write,
    id: UserId,
    effect: Effect,
) -> Result<Revocation, Failure> {
    let epoch = sql
        .one(
            "UPDATE users SET epoch = epoch + 1 WHERE id = ?1 RETURNING epoch",
            params![id.as_bytes()],
            only_number,
        )
        .await?
        .ok_or(StoreError::NotFound)?;
    announce(sql, write, Subject::User(id), effect, Epoch(epoch))
}
