//! Refresh families: one generation forward, or one more repeat of the last.

use doorward_core::{
    ids::DeviceId,
    session::{Session, SessionOfUser},
    store::{AdvanceRefresh, RepeatRefresh, StoreError, Write},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    audit,
    failure::Failure,
    session::session,
    sql::{change, integer},
};

/// Moves a family to its next generation. The writer runs one operation at a time, so of two racers the second
/// finds the family moved.
pub(crate) fn advance_refresh(
    connection: &Connection,
    write: &Write,
    advance: &AdvanceRefresh,
) -> Result<SessionOfUser, Failure> {
    let mut found = refreshable(connection, advance.id, write.now)?;
    if found.session.refresh.generation != advance.expected {
        return Err(StoreError::Stale.into());
    }
    let session = &mut found.session;
    let state = &mut session.refresh;
    state.generation = state.generation.next();
    state.spent_at = Some(write.now);
    state.repeats = 0;
    state.elsewhere_streak =
        if state.repeated_elsewhere { state.elsewhere_streak.saturating_add(1) } else { 0 };
    state.repeated_elsewhere = false;
    session.last_seen_at = write.now;
    session.idle_expires_at = advance.idle_expires_at.min(session.expires_at);
    session.device = advance.device;
    session.user_agent = advance.user_agent.clone();
    session.address = advance.address;
    update(connection, session)?;
    audit::append(connection, &write.audit)?;
    Ok(found)
}

/// Counts one more presentation of the last generation.
pub(crate) fn repeat_refresh(
    connection: &Connection,
    now: Timestamp,
    repeat: RepeatRefresh,
) -> Result<SessionOfUser, Failure> {
    let mut found = refreshable(connection, repeat.id, now)?;
    let state = &mut found.session.refresh;
    if state.generation != repeat.current || state.repeats >= repeat.max_repeats {
        return Err(StoreError::Stale.into());
    }
    state.repeats = state.repeats.saturating_add(1);
    state.repeated_elsewhere |= repeat.elsewhere;
    update(connection, &found.session)?;
    Ok(found)
}

/// The session with its user, if both may refresh.
fn refreshable(
    connection: &Connection,
    id: doorward_core::ids::SessionId,
    now: Timestamp,
) -> Result<SessionOfUser, Failure> {
    session(connection, id)?
        .filter(|found| {
            found.session.is_live(now) && !found.user.disabled && !found.user.must_change_password
        })
        .ok_or_else(|| StoreError::NotFound.into())
}

/// Writes what a refresh may change.
fn update(connection: &Connection, session: &Session) -> Result<(), Failure> {
    let state = &session.refresh;
    change(
        connection,
        UPDATE,
        params![
            session.id.as_bytes(),
            integer(state.generation.0)?,
            state.spent_at.map(Timestamp::as_millis),
            state.repeats,
            state.repeated_elsewhere,
            state.elsewhere_streak,
            session.last_seen_at.as_millis(),
            session.idle_expires_at.as_millis(),
            session.device.as_ref().map(DeviceId::as_bytes),
            session.user_agent.as_str(),
            session.address.map(|address| address.to_string()),
        ],
    )?;
    Ok(())
}

pub(crate) const UPDATE: &str = "UPDATE sessions SET generation = ?2, spent_at = ?3, repeats = ?4,
        repeated_elsewhere = ?5, elsewhere_streak = ?6, last_seen_at = ?7, idle_expires_at = ?8, device = ?9,
        user_agent = ?10, address = ?11
     WHERE id = ?1";
