//! Signing keys, sealed.

use doorward_core::{
    signing_key::{KeyTerm, SealedSigningKey, SigningKeyId, Succession},
    store::{StoreError, Write},
    time::Timestamp,
};

use super::{
    failure::{Failure, Trouble},
    sql::{Lock, Sql, params},
};

/// Every key, newest first.
pub(crate) async fn signing_keys(sql: &impl Sql) -> Result<Vec<SealedSigningKey>, Failure> {
    sql.many(
        "SELECT id, public, sealed_private, created_at, signs_from, retired_at, distrusted FROM signing_keys
         ORDER BY created_at DESC, id DESC",
        &[],
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
    .await
}

/// Adds a key that signs from its time on; the others retire then, unless they have before.
pub(crate) async fn add_signing_key(
    sql: &impl Sql,
    write: &Write,
    key: &SealedSigningKey,
    expected_last: Option<&SigningKeyId>,
    succession: Succession,
) -> Result<(), Failure> {
    sql.lock(Lock::Installation).await?;
    let keys = signing_keys(sql).await?;
    let last = keys.iter().find(|key| key.term.retired_at.is_none()).map(|key| &key.id);
    if last != expected_last {
        return Err(StoreError::Stale.into());
    }
    sql.queue(
        "UPDATE signing_keys SET retired_at = ?1 WHERE retired_at IS NULL OR retired_at > ?1",
        params![key.term.signs_from.as_millis()],
    )
    .await?;
    if succession == Succession::Distrusting {
        sql.queue("UPDATE signing_keys SET distrusted = 1", &[]).await?;
    }
    sql.queue(
        "INSERT INTO signing_keys (id, public, sealed_private, created_at, signs_from, retired_at, distrusted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            key.id.as_str(),
            key.public,
            &key.sealed_private,
            key.created_at.as_millis(),
            key.term.signs_from.as_millis(),
            key.term.retired_at.map(Timestamp::as_millis),
            key.term.distrusted,
        ],
    )
    .await?;
    tell_nodes(sql).await?;
    sql.append(&write.audit)
}

/// Replaces the sealed private parts of the keys that are still there.
pub(crate) async fn reseal_signing_keys(sql: &impl Sql, keys: &[SealedSigningKey]) -> Result<(), Failure> {
    for key in keys {
        sql.queue(
            "UPDATE signing_keys SET sealed_private = ?2 WHERE id = ?1",
            params![key.id.as_str(), &key.sealed_private],
        )
        .await?;
    }
    Ok(())
}

/// Removes every key, every one-time link, every pending login, and the trust in every device.
pub(crate) async fn drop_keys_and_links(sql: &impl Sql, write: &Write) -> Result<(), Failure> {
    sql.lock(Lock::Installation).await?;
    sql.queue("DELETE FROM signing_keys", &[]).await?;
    sql.queue("DELETE FROM links", &[]).await?;
    sql.queue("DELETE FROM pending_logins", &[]).await?;
    sql.queue("DELETE FROM trusted_devices", &[]).await?;
    tell_nodes(sql).await?;
    sql.append(&write.audit)
}

/// Lets nodes that watch the feed see that the keys are others now.
pub(crate) async fn tell_nodes(sql: &impl Sql) -> Result<(), Failure> {
    sql.queue("UPDATE state SET signing_keys_version = signing_keys_version + 1", &[]).await?;
    Ok(())
}
