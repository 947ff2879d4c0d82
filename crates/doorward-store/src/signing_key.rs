//! Signing keys, sealed.

use doorward_core::{
    signing_key::{KeyTerm, SealedSigningKey, SigningKeyId, Succession},
    store::{StoreError, Write},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    audit,
    failure::{Failure, Trouble},
    sql::{change, many},
};

/// Every key, newest first.
pub(crate) fn signing_keys(connection: &Connection) -> Result<Vec<SealedSigningKey>, Failure> {
    many(
        connection,
        "SELECT id, public, sealed_private, created_at, signs_from, retired_at, distrusted FROM signing_keys
         ORDER BY created_at DESC, id DESC",
        [],
        |columns| {
            Ok(SealedSigningKey {
                id: SigningKeyId::parse(&columns.take::<String>()?)
                    .map_err(|_| Trouble::Unreadable("signing key"))?,
                public: columns.take()?,
                sealed_private: columns.take()?,
                created_at: columns.time()?,
                term: KeyTerm {
                    signs_from: columns.time()?,
                    retired_at: columns.optional_time()?,
                    distrusted: columns.take()?,
                },
            })
        },
    )
}

/// Adds a key that signs from its time on; the others retire then, unless they have before.
pub(crate) fn add_signing_key(
    connection: &Connection,
    write: &Write,
    key: &SealedSigningKey,
    expected_last: Option<&SigningKeyId>,
    succession: Succession,
) -> Result<(), Failure> {
    let keys = signing_keys(connection)?;
    let last = keys.iter().find(|key| key.term.retired_at.is_none()).map(|key| &key.id);
    if last != expected_last {
        return Err(StoreError::Stale.into());
    }
    change(
        connection,
        "UPDATE signing_keys SET retired_at = ?1 WHERE retired_at IS NULL OR retired_at > ?1",
        [key.term.signs_from.as_millis()],
    )?;
    if succession == Succession::Distrusting {
        change(connection, "UPDATE signing_keys SET distrusted = 1", [])?;
    }
    change(
        connection,
        "INSERT INTO signing_keys (id, public, sealed_private, created_at, signs_from, retired_at, distrusted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            key.id.as_str(),
            key.public,
            key.sealed_private,
            key.created_at.as_millis(),
            key.term.signs_from.as_millis(),
            key.term.retired_at.map(Timestamp::as_millis),
            key.term.distrusted,
        ],
    )?;
    tell_nodes(connection)?;
    audit::append(connection, &write.audit)
}

/// Replaces the sealed private parts of the keys that are still there.
pub(crate) fn reseal_signing_keys(connection: &Connection, keys: &[SealedSigningKey]) -> Result<(), Failure> {
    for key in keys {
        change(
            connection,
            "UPDATE signing_keys SET sealed_private = ?2 WHERE id = ?1",
            params![key.id.as_str(), key.sealed_private],
        )?;
    }
    Ok(())
}

/// Removes every key, every one-time link, every pending login, and the trust in every device.
pub(crate) fn drop_keys_and_links(connection: &Connection, write: &Write) -> Result<(), Failure> {
    change(connection, "DELETE FROM signing_keys", [])?;
    change(connection, "DELETE FROM links", [])?;
    change(connection, "DELETE FROM pending_logins", [])?;
    change(connection, "DELETE FROM trusted_devices", [])?;
    tell_nodes(connection)?;
    audit::append(connection, &write.audit)
}

/// Lets nodes that watch the feed see that the keys are others now.
pub(crate) fn tell_nodes(connection: &Connection) -> Result<(), Failure> {
    change(connection, "UPDATE state SET signing_keys_version = signing_keys_version + 1", [])?;
    Ok(())
}
