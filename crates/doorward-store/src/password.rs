//! Password changes: everything older dies with the old password.

use doorward_core::{
    ids::UserId,
    password::PasswordHash,
    revocation::Effect,
    second_factor::SecondProof,
    store::{ChangePassword, PasswordChanged, StoreError, Write},
};

use super::{
    failure::Failure,
    link,
    revocation::end_all_of,
    second_factor::{pending, totp},
    session::{find_room, make_room_and_insert, opened, record_all},
    sql::{Lock, Sql, params},
    user,
};

/// Sets a password, ends what was opened with the old one, and opens a new session where one is given.
pub(crate) async fn change_password(
    sql: &impl Sql,
    write: &Write,
    wanted: &ChangePassword,
) -> Result<PasswordChanged, Failure> {
    let id = wanted.user;
    sql.lock(Lock::User(id)).await?;
    let found = user::credentials(sql, id).await?.ok_or(StoreError::NotFound)?;
    let moved = wanted.expected.is_some() && wanted.expected != found.password;
    if moved || (wanted.open.is_some() && found.user.disabled) {
        return Err(StoreError::Stale.into());
    }
    // Chosen while there was one.
    let lacks_factor = wanted.needs_second_factor && !found.user.factors.any();
    let due = wanted.must_change_password || lacks_factor;
    sql.queue(
        "UPDATE users SET password = ?2, must_change_password = ?3, password_needs_factor = ?4 WHERE id = ?1",
        params![id.as_bytes(), wanted.new.as_phc(), due, wanted.needs_second_factor],
    )
    .await?;
    link::remove_links_of(sql, id).await?;
    pending::end_pending_of(sql, id).await?;
    totp::remove_enrolment(sql, id).await?;
    let ended = end_all_of(sql, write, id, None).await?;
    let revocation = user::outdate(sql, write, id, Effect::Revoked).await?;
    let mut user = found.user;
    user.must_change_password = due;
    user.epoch = revocation.epoch;
    user.device_epoch = user::raise_device_epoch(sql, id).await?;
    let mut changed = PasswordChanged { user, opened: None, revocations: vec![revocation] };
    let mut replaced = Vec::new();
    if let Some(open) = &wanted.open {
        let (_, room) = find_room(sql, write.now, open, None).await?;
        let gave_way =
            make_room_and_insert(sql, write, &changed.user, open, &SecondProof::None, room).await?;
        changed.revocations.extend(gave_way.0);
        replaced = gave_way.1;
        changed.opened = Some(opened(&open.session, changed.user.clone(), Vec::new()).opened);
    }
    sql.append(&write.audit.of_password(lacks_factor))?;
    ended.iter().try_for_each(|session| session.record(sql, write, "password_changed"))?;
    record_all(sql, write, &replaced)?;
    Ok(changed)
}

/// Replaces a hash by one of the same password.
pub(crate) async fn upgrade_password_hash(
    sql: &impl Sql,
    user: UserId,
    expected: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), Failure> {
    sql.queue(
        "UPDATE users SET password = ?3 WHERE id = ?1 AND password = ?2",
        params![user.as_bytes(), expected.as_phc(), new.as_phc()],
    )
    .await?;
    Ok(())
}
