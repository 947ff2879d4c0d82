//! Recovery codes, as hashes.

use doorward_core::{ids::UserId, secret::TokenHash};
use rusqlite::{Connection, params};

use crate::{
    failure::{Failure, Trouble},
    sql::{change, one, only, only_number},
};

/// Takes a code away, if it is there: of two racers the second finds it gone.
pub(crate) fn spend(connection: &Connection, user: UserId, hashes: &[TokenHash]) -> Result<bool, Failure> {
    for hash in hashes {
        let params = params![user.as_bytes(), hash.as_bytes()];
        if one(connection, SPEND, params, only::<i64>)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) const SPEND: &str = "DELETE FROM recovery_codes WHERE user_id = ?1 AND hash = ?2 RETURNING 1";

/// Counts one code less; how many are left.
pub(crate) fn one_less(connection: &Connection, user: UserId) -> Result<u32, Failure> {
    one(connection, ONE_LESS, [user.as_bytes()], only_number)?
        .ok_or_else(|| Trouble::Unreadable("number of recovery codes").into())
}

pub(crate) const ONE_LESS: &str = "UPDATE users SET recovery_codes_left = recovery_codes_left - 1 WHERE id = ?1 RETURNING recovery_codes_left";

/// Puts codes in the place of all others of a user; how many they are.
pub(crate) fn replace(connection: &Connection, user: UserId, hashes: &[TokenHash]) -> Result<u32, Failure> {
    change(connection, REMOVE_OF_USER, [user.as_bytes()])?;
    for hash in hashes {
        change(
            connection,
            "INSERT INTO recovery_codes (user_id, hash) VALUES (?1, ?2)",
            params![user.as_bytes(), hash.as_bytes()],
        )?;
    }
    u32::try_from(hashes.len()).map_err(|_| Trouble::TooLarge.into())
}

pub(crate) const REMOVE_OF_USER: &str = "DELETE FROM recovery_codes WHERE user_id = ?1";
