//! Passkeys, and the challenges that they have signed.

use doorward_core::{
    ids::UserId,
    passkey::{Passkey, PasskeyId, SpentChallenge, StoredCredential},
    store::{Conflict, StoreError, UserCredentials},
    time::Timestamp,
    user::User,
};
use rusqlite::{Connection, params};

use crate::{
    failure::{Failure, Trouble},
    sql::{Columns, change, many, one, only},
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
pub(crate) fn passkeys(connection: &Connection, user: UserId) -> Result<Vec<Passkey>, Failure> {
    many(connection, OF_USER, [user.as_bytes()], read_passkey)
}

pub(crate) const OF_USER: &str =
    concat!("SELECT ", passkey_columns!(), " FROM passkeys WHERE user_id = ?1 ORDER BY created_at, id");

/// A passkey with its user.
pub(crate) fn passkey(
    connection: &Connection,
    id: &PasskeyId,
) -> Result<Option<(Passkey, UserCredentials)>, Failure> {
    one(connection, PASSKEY, [id.as_bytes()], |columns| {
        Ok((read_passkey(columns)?, read_credentials(columns)?))
    })
}

pub(crate) const PASSKEY: &str = concat!(
    "SELECT ",
    passkey_columns!(),
    ", ",
    user_columns!(),
    ", users.password FROM passkeys JOIN users ON users.id = passkeys.user_id WHERE passkeys.id = ?1"
);

/// Keeps a passkey.
pub(crate) fn add(connection: &Connection, user: &User, passkey: &Passkey, most: u32) -> Result<(), Failure> {
    // Only a defect of ours could ask for this, and it would let somebody in as somebody else.
    if passkey.user_id != user.id {
        return Err(Trouble::ForeignPasskey.into());
    }
    let added = change(
        connection,
        "INSERT INTO passkeys (id, user_id, name, credential, sign_count, synced, created_at, last_used_at)
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
    )?;
    if added == 0 {
        return Err(Conflict::PasskeyTaken.into());
    }
    if user.factors.passkeys >= most { Err(Conflict::TooManyPasskeys.into()) } else { Ok(()) }
}

/// Removes a user's passkey; whether it was there.
pub(crate) fn remove(connection: &Connection, user: UserId, id: &PasskeyId) -> Result<bool, Failure> {
    let params = params![id.as_bytes(), user.as_bytes()];
    Ok(change(connection, "DELETE FROM passkeys WHERE id = ?1 AND user_id = ?2", params)? > 0)
}

/// Removes every passkey of a user.
pub(crate) fn remove_all_of(connection: &Connection, user: UserId) -> Result<(), Failure> {
    change(connection, REMOVE_OF_USER, [user.as_bytes()])?;
    Ok(())
}

pub(crate) const REMOVE_OF_USER: &str = "DELETE FROM passkeys WHERE user_id = ?1";

/// Moves a passkey's counter on, if that is later than before or it does not count at all.
pub(crate) fn advance(
    connection: &Connection,
    now: Timestamp,
    user: UserId,
    id: &PasskeyId,
    sign_count: u32,
) -> Result<bool, Failure> {
    let params = params![id.as_bytes(), user.as_bytes(), sign_count, now.as_millis()];
    Ok(change(connection, ADVANCE, params)? > 0)
}

pub(crate) const ADVANCE: &str = "UPDATE passkeys SET sign_count = ?3, last_used_at = ?4
     WHERE id = ?1 AND user_id = ?2 AND (sign_count < ?3 OR (sign_count = 0 AND ?3 = 0))";

/// Remembers that a challenge was signed: a second time it is refused.
pub(crate) fn spend_challenge(connection: &Connection, challenge: &SpentChallenge) -> Result<(), Failure> {
    let spent = change(
        connection,
        "INSERT INTO spent_challenges (hash, expires_at) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
        params![challenge.hash, challenge.expires_at.as_millis()],
    )?;
    if spent == 0 { Err(StoreError::AlreadySpent.into()) } else { Ok(()) }
}

/// Whether a challenge was signed before.
pub(crate) fn is_spent(connection: &Connection, hash: [u8; 32]) -> Result<bool, Failure> {
    Ok(one(connection, SPENT, params![hash], only::<i64>)?.is_some())
}

pub(crate) const SPENT: &str = "SELECT 1 FROM spent_challenges WHERE hash = ?1";
