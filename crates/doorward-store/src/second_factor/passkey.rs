//! Passkeys, and the challenges that they have signed.

use doorward_core::{
    ids::UserId,
    passkey::{Passkey, PasskeyId, SpentChallenge, StoredCredential},
    store::{Conflict, StoreError, UserCredentials},
    time::Timestamp,
    user::User,
};

use crate::{
    failure::{Failure, Trouble},
    sql::{Columns, Sql, only, params},
    user::{read_credentials, user_columns},
};

/// The columns that [`read_passkey`] reads.
macro_rules! passkey_columns {
    () => {
        "passkeys.id, passkeys.user_id, passkeys.name, passkeys.credential, passkeys.sign_count, passkeys.synced,
         passkeys.created_at, passkeys.last_used_at"
    };
}

/// Reads [`passkey_columns`].
fn read_passkey(columns: &mut Columns<'_>) -> Result<Passkey, Failure> {
    Ok(Passkey {
        id: PasskeyId::from_bytes(columns.take()?).map_err(|_| Trouble::Unreadable("passkey"))?,
        user_id: UserId::from_bytes(columns.take()?),
        name: columns.take::<String>()?.parse().map_err(|_| Trouble::Unreadable("passkey's name"))?,
        credential: StoredCredential::parse(columns.take()?).map_err(|_| Trouble::Unreadable("passkey"))?,
        sign_count: columns.number()?,
        synced: columns.take()?,
        created_at: columns.time()?,
        last_used_at: columns.optional_time()?,
    })
}

/// A user's passkeys, oldest first.
pub(crate) async fn passkeys(sql: &impl Sql, user: UserId) -> Result<Vec<Passkey>, Failure> {
    sql.many(OF_USER, params![user.as_bytes()], read_passkey).await
}

pub(crate) const OF_USER: &str =
    concat!("SELECT ", passkey_columns!(), " FROM passkeys WHERE user_id = ?1 ORDER BY created_at, id");

/// A passkey with its user.
pub(crate) async fn passkey(
    sql: &impl Sql,
    id: &PasskeyId,
) -> Result<Option<(Passkey, UserCredentials)>, Failure> {
    sql.one(PASSKEY, params![id.as_bytes()], |columns| {
        Ok((read_passkey(columns)?, read_credentials(columns)?))
    })
    .await
}

pub(crate) const PASSKEY: &str = concat!(
    "SELECT ",
    passkey_columns!(),
    ", ",
    user_columns!(),
    ", users.password FROM passkeys JOIN users ON users.id = passkeys.user_id WHERE passkeys.id = ?1"
);

/// Keeps a passkey.
pub(crate) async fn add(sql: &impl Sql, user: &User, passkey: &Passkey, most: u32) -> Result<(), Failure> {
    // Only a defect of ours could ask for this, and it would let somebody in as somebody else.
    if passkey.user_id != user.id {
        return Err(Trouble::ForeignPasskey.into());
    }
    let added = sql.change("INSERT INTO passkeys (id, user_id, name, credential, sign_count, synced, created_at, last_used_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
        params![
            passkey.id.as_bytes(),
            passkey.user_id.as_bytes(),
            passkey.name.as_str(),
            passkey.credential.as_bytes(),
            passkey.sign_count,
            passkey.synced,
            passkey.created_at.as_millis(),
            passkey.last_used_at.map(Timestamp::as_millis),
        ],
    ).await?;
    if added == 0 {
        return Err(Conflict::PasskeyTaken.into());
    }
    if user.factors.passkeys >= most { Err(Conflict::TooManyPasskeys.into()) } else { Ok(()) }
}

/// Removes a user's passkey; whether it was there.
pub(crate) async fn remove(sql: &impl Sql, user: UserId, id: &PasskeyId) -> Result<bool, Failure> {
    let params = params![id.as_bytes(), user.as_bytes()];
    Ok(sql.change("DELETE FROM passkeys WHERE id = ?1 AND user_id = ?2", params).await? > 0)
}

/// Removes every passkey of a user.
pub(crate) async fn remove_all_of(sql: &impl Sql, user: UserId) -> Result<(), Failure> {
    sql.queue(REMOVE_OF_USER, params![user.as_bytes()]).await?;
    Ok(())
}

pub(crate) const REMOVE_OF_USER: &str = "DELETE FROM passkeys WHERE user_id = ?1";

/// Moves a passkey's counter on, if that is later than before or it does not count at all.
pub(crate) async fn advance(
    sql: &impl Sql,
    now: Timestamp,
    user: UserId,
    id: &PasskeyId,
    sign_count: u32,
) -> Result<bool, Failure> {
    let params = params![id.as_bytes(), user.as_bytes(), sign_count, now.as_millis()];
    Ok(sql.change(ADVANCE, params).await? > 0)
}

pub(crate) const ADVANCE: &str = "UPDATE passkeys SET sign_count = ?3, last_used_at = ?4
     WHERE id = ?1 AND user_id = ?2 AND (sign_count < ?3 OR (sign_count = 0 AND ?3 = 0))";

/// Remembers that a challenge was signed: a second time it is refused.
pub(crate) async fn spend_challenge(sql: &impl Sql, challenge: &SpentChallenge) -> Result<(), Failure> {
    let spent = sql
        .change(
            "INSERT INTO spent_challenges (hash, expires_at) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
            params![challenge.hash, challenge.expires_at.as_millis()],
        )
        .await?;
    if spent == 0 { Err(StoreError::AlreadySpent.into()) } else { Ok(()) }
}

/// Whether a challenge was signed before.
pub(crate) async fn is_spent(sql: &impl Sql, hash: [u8; 32]) -> Result<bool, Failure> {
    Ok(sql.one(SPENT, params![hash], only::<i64>).await?.is_some())
}

pub(crate) const SPENT: &str = "SELECT 1 FROM spent_challenges WHERE hash = ?1";
