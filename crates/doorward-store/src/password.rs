//! Password changes: everything older dies with the old password.

use doorward_core::{
    ids::UserId,
    password::PasswordHash,
    revocation::Effect,
    second_factor::SecondProof,
    store::{ChangePassword, PasswordChanged, StoreError, Write},
};
use rusqlite::{Connection, params};

use super::{
    audit,
    failure::Failure,
    link,
    revocation::end_all_of,
    second_factor::{pending, totp},
    session::{make_room_and_insert, opened, record_all},
    sql::change,
    user,
};

/// Sets a password, ends what was opened with the old one, and opens a new session where one is given.
pub(crate) fn change_password(
    connection: &Connection,
    write: &Write,
    wanted: &ChangePassword,
) -> Result<PasswordChanged, Failure> {
    let id = wanted.user;
    let found = user::credentials(connection, id)?.ok_or(StoreError::NotFound)?;
    let moved = wanted.expected.is_some() && wanted.expected != found.password;
    if moved || (wanted.open.is_some() && found.user.disabled) {
        return Err(StoreError::Stale.into());
    }
    // Chosen while there was one.
    let lacks_factor = wanted.needs_second_factor && !found.user.factors.any();
    let due = wanted.must_change_password || lacks_factor;
    change(
        connection,
        "UPDATE users SET password = ?2, must_change_password = ?3, password_needs_factor = ?4 WHERE id = ?1",
        params![id.as_bytes(), wanted.new.as_phc(), due, wanted.needs_second_factor],
    )?;
    link::remove_links_of(connection, id)?;
    pending::end_pending_of(connection, id)?;
    totp::remove_enrolment(connection, id)?;
    let ended = end_all_of(connection, write, id, None)?;
    let revocation = user::outdate(connection, write, id, Effect::Revoked)?;
    let mut user = found.user;
    user.must_change_password = due;
    user.epoch = revocation.epoch;
    user.device_epoch = user::raise_device_epoch(connection, id)?;
    let mut changed = PasswordChanged { user, opened: None, revocations: vec![revocation] };
    let mut replaced = Vec::new();
    if let Some(open) = &wanted.open {
        let gave_way = make_room_and_insert(connection, write, &changed.user, open, &SecondProof::None)?;
        changed.revocations.extend(gave_way.0);
        replaced = gave_way.1;
        changed.opened = Some(opened(&open.session, changed.user.clone(), Vec::new()).opened);
    }
    audit::append(connection, &write.audit.of_password(lacks_factor))?;
    ended.iter().try_for_each(|session| session.record(connection, write, "password_changed"))?;
    record_all(connection, write, &replaced)?;
    Ok(changed)
}

/// Replaces a hash by one of the same password.
pub(crate) fn upgrade_password_hash(
    connection: &Connection,
    user: UserId,
    expected: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), Failure> {
    change(
        connection,
        "UPDATE users SET password = ?3 WHERE id = ?1 AND password = ?2",
        params![user.as_bytes(), expected.as_phc(), new.as_phc()],
    )?;
    Ok(())
}
