//! Recovery codes, as hashes.

use doorward_core::{ids::UserId, secret::TokenHash};

use crate::{
    failure::{Failure, Trouble},
    sql::{Sql, only, only_number, params},
};

/// Takes a code away, if it is there: of two racers the second finds it gone.
pub(crate) async fn spend(sql: &impl Sql, user: UserId, hashes: &[TokenHash]) -> Result<bool, Failure> {
    for hash in hashes {
        let params = params![user.as_bytes(), hash.as_bytes()];
        if sql.one(SPEND, params, only::<i64>).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) const SPEND: &str = "DELETE FROM recovery_codes WHERE user_id = ?1 AND hash = ?2 RETURNING 1";

/// Counts one code less; how many are left.
pub(crate) async fn one_less(sql: &impl Sql, user: UserId) -> Result<u32, Failure> {
    sql.one(ONE_LESS, params![user.as_bytes()], only_number)
        .await?
        .ok_or_else(|| Trouble::Unreadable("number of recovery codes").into())
}

pub(crate) const ONE_LESS: &str = "UPDATE users SET recovery_codes_left = recovery_codes_left - 1 WHERE id = ?1 RETURNING recovery_codes_left";

/// Puts codes in the place of all others of a user; how many they are.
pub(crate) async fn replace(sql: &impl Sql, user: UserId, hashes: &[TokenHash]) -> Result<u32, Failure> {
    sql.queue(REMOVE_OF_USER, params![user.as_bytes()]).await?;
    for hash in hashes {
        sql.queue(
            "INSERT INTO recovery_codes (user_id, hash) VALUES (?1, ?2)",
            params![user.as_bytes(), hash.as_bytes()],
        )
        .await?;
    }
    u32::try_from(hashes.len()).map_err(|_| Trouble::TooLarge.into())
}

pub(crate) const REMOVE_OF_USER: &str = "DELETE FROM recovery_codes WHERE user_id = ?1";
