//! Devices on which a user may skip the second factor.

use doorward_core::{
    ids::{DeviceId, UserId},
    second_factor::MAX_TRUSTED_DEVICES,
    time::Timestamp,
};
use rusqlite::{Connection, params};

use crate::{
    failure::Failure,
    sql::{change, one, only},
};

/// Whether the second factor may be skipped there.
pub(crate) fn is_trusted(
    connection: &Connection,
    user: UserId,
    device: DeviceId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let found =
        one(connection, TRUSTED, params![user.as_bytes(), device.as_bytes(), now.as_millis()], only::<i64>)?;
    Ok(found.is_some())
}

pub(crate) const TRUSTED: &str =
    "SELECT 1 FROM trusted_devices WHERE user_id = ?1 AND device = ?2 AND expires_at > ?3";

/// Trusts a device, or for another time than before; of too many the one that is trusted the shortest gives way.
pub(crate) fn trust(
    connection: &Connection,
    user: UserId,
    device: DeviceId,
    until: Timestamp,
) -> Result<(), Failure> {
    change(
        connection,
        "INSERT INTO trusted_devices (user_id, device, expires_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (user_id, device) DO UPDATE SET expires_at = excluded.expires_at",
        params![user.as_bytes(), device.as_bytes(), until.as_millis()],
    )?;
    change(connection, GIVE_WAY, params![user.as_bytes(), device.as_bytes(), MAX_TRUSTED_DEVICES - 1])?;
    Ok(())
}

/// The device that was just trusted stays, whenever it ends.
const GIVE_WAY: &str = "DELETE FROM trusted_devices WHERE user_id = ?1 AND device IN (
        SELECT device FROM trusted_devices WHERE user_id = ?1 AND device <> ?2
        ORDER BY expires_at DESC, device DESC LIMIT -1 OFFSET ?3)";

/// Trusts none of a user's devices any more.
pub(crate) fn trust_none_of(connection: &Connection, user: UserId) -> Result<(), Failure> {
    change(connection, TRUST_NONE_OF, [user.as_bytes()])?;
    Ok(())
}

pub(crate) const TRUST_NONE_OF: &str = "DELETE FROM trusted_devices WHERE user_id = ?1";
