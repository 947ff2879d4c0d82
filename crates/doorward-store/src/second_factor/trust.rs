//! Devices on which a user may skip the second factor.

use doorward_core::{
    ids::{DeviceId, UserId},
    second_factor::MAX_TRUSTED_DEVICES,
    time::Timestamp,
};

use crate::{
    failure::Failure,
    sql::{Sql, only, params},
};

/// Whether the second factor may be skipped there.
pub(crate) async fn is_trusted(
    sql: &impl Sql,
    user: UserId,
    device: DeviceId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let found =
        sql.one(TRUSTED, params![user.as_bytes(), device.as_bytes(), now.as_millis()], only::<i64>).await?;
    Ok(found.is_some())
}

pub(crate) const TRUSTED: &str =
    "SELECT 1 FROM trusted_devices WHERE user_id = ?1 AND device = ?2 AND expires_at > ?3";

/// Trusts a device, or for another time than before; of too many the one that is trusted the shortest gives way.
pub(crate) async fn trust(
    sql: &impl Sql,
    user: UserId,
    device: DeviceId,
    until: Timestamp,
) -> Result<(), Failure> {
    sql.queue(
        "INSERT INTO trusted_devices (user_id, device, expires_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (user_id, device) DO UPDATE SET expires_at = excluded.expires_at",
        params![user.as_bytes(), device.as_bytes(), until.as_millis()],
    )
    .await?;
    sql.queue(GIVE_WAY, params![user.as_bytes(), device.as_bytes(), MAX_TRUSTED_DEVICES - 1]).await?;
    Ok(())
}

/// The device that was just trusted stays, whenever it ends.
const GIVE_WAY: &str = "DELETE FROM trusted_devices WHERE user_id = ?1 AND device IN (
        SELECT device FROM trusted_devices WHERE user_id = ?1 AND device <> ?2
        ORDER BY expires_at DESC, device DESC LIMIT 9223372036854775807 OFFSET ?3)";

/// Trusts none of a user's devices any more.
pub(crate) async fn trust_none_of(sql: &impl Sql, user: UserId) -> Result<(), Failure> {
    sql.queue(TRUST_NONE_OF, params![user.as_bytes()]).await?;
    Ok(())
}

pub(crate) const TRUST_NONE_OF: &str = "DELETE FROM trusted_devices WHERE user_id = ?1";
