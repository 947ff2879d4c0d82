//! Failed attempts: one row a subject.

use doorward_core::{
    guard::{AttemptRecord, FailedAttempt, FailureRecorded, Subject, SubjectKind},
    ids::UserId,
    store::{LoginFacts, StoreError, Write},
    time::Timestamp,
    user::NormalisedName,
};
use rusqlite::{Connection, params};

use super::{
    audit,
    failure::{Failure, Trouble},
    second_factor::pending,
    sql::{change, one, only_number},
    user,
};

/// After so many new rows it is seen whether there are too many of a kind that anybody can add to.
const LOOK_EVERY: i64 = 256;

/// What a login decides by.
pub(crate) fn login_facts(
    connection: &Connection,
    name: &NormalisedName,
    unknown: Subject,
    others: &[Subject],
) -> Result<LoginFacts, Failure> {
    let credentials = user::credentials_by_name(connection, name)?;
    let subject = credentials.as_ref().map_or(unknown, |known| Subject::account(known.user.id));
    let name = record(connection, subject)?;
    let others = others.iter().map(|other| record(connection, *other)).collect::<Result<_, _>>()?;
    Ok(LoginFacts { credentials, name, others })
}

/// What is remembered of these subjects.
pub(crate) fn attempts(connection: &Connection, subjects: &[Subject]) -> Result<Vec<AttemptRecord>, Failure> {
    subjects.iter().map(|subject| record(connection, *subject)).collect()
}

fn record(connection: &Connection, subject: Subject) -> Result<AttemptRecord, Failure> {
    let found = one(connection, RECORD, params![subject.kind.as_str(), subject.key], |columns| {
        AttemptRecord::from_stored(&columns.take::<Vec<u8>>()?, columns.optional_time()?)
            .ok_or_else(|| Trouble::Unreadable("failed attempts").into())
    })?;
    Ok(found.unwrap_or_default())
}

pub(crate) const RECORD: &str = "SELECT failures, locked_until FROM attempts WHERE kind = ?1 AND key = ?2";

/// Counts a failure.
pub(crate) fn record_failure(
    connection: &Connection,
    failed: &FailedAttempt,
) -> Result<FailureRecorded, Failure> {
    let records =
        failed.subjects().map(|(subject, _)| record(connection, subject)).collect::<Result<Vec<_>, _>>()?;
    let (after, outcome) = failed.apply(records);
    for ((subject, rules), record) in failed.subjects().zip(after) {
        remember(connection, subject, &record, record.expires_at(&rules))?;
    }
    for event in failed.events(outcome) {
        audit::append(connection, &event)?;
    }
    Ok(FailureRecorded { locked_until: outcome.locked_until() })
}

fn remember(
    connection: &Connection,
    subject: Subject,
    record: &AttemptRecord,
    expires_at: Timestamp,
) -> Result<(), Failure> {
    if *record == AttemptRecord::default() {
        return Ok(());
    }
    let kind = subject.kind.as_str();
    let failures = record.failure_bytes();
    let locked_until = record.locked_until().map(Timestamp::as_millis);
    let expires_at = expires_at.as_millis();
    let changed = change(connection, CHANGE, params![kind, subject.key, failures, locked_until, expires_at])?;
    if changed > 0 {
        return Ok(());
    }
    change(
        connection,
        "INSERT INTO attempts (kind, key, owner, failures, locked_until, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            kind,
            subject.key,
            subject.owner.as_ref().map(UserId::as_bytes),
            failures,
            locked_until,
            expires_at
        ],
    )?;
    if connection.last_insert_rowid() % LOOK_EVERY == 0 {
        // Every kind, whichever this row is of: a failure adds one row of each kind by turns, so that the even numbers
        // would all be of one kind and the other would never be looked at.
        SubjectKind::ALL.into_iter().try_for_each(|kind| make_room(connection, kind))
    } else {
        Ok(())
    }
}

pub(crate) const CHANGE: &str =
    "UPDATE attempts SET failures = ?3, locked_until = ?4, expires_at = ?5 WHERE kind = ?1 AND key = ?2";

/// Forgets what would be forgotten first anyway, where anybody could otherwise fill the disk.
fn make_room(connection: &Connection, kind: SubjectKind) -> Result<(), Failure> {
    let Some(most) = kind.most_remembered() else { return Ok(()) };
    let count = one(connection, COUNT, [kind.as_str()], only_number)?.unwrap_or(0_u64);
    let excess = count.saturating_sub(u64::from(most));
    if excess > 0 {
        let excess = i64::try_from(excess).unwrap_or(i64::MAX);
        change(connection, FIRST_TO_EXPIRE, params![kind.as_str(), excess])?;
    }
    Ok(())
}

pub(crate) const COUNT: &str = "SELECT count(*) FROM attempts WHERE kind = ?1";
pub(crate) const FIRST_TO_EXPIRE: &str = "DELETE FROM attempts WHERE id IN
    (SELECT id FROM attempts WHERE kind = ?1 ORDER BY expires_at LIMIT ?2)";

/// Forgets the failures of somebody who has shown everything that was asked, unless they are locked.
pub(crate) fn forgive(connection: &Connection, now: Timestamp, subject: Subject) -> Result<(), Failure> {
    refuse_while_locked(connection, now, subject)?;
    change(connection, FORGIVE, params![subject.kind.as_str(), subject.key])?;
    Ok(())
}

/// Refuses what somebody locked has to wait for.
pub(crate) fn refuse_while_locked(
    connection: &Connection,
    now: Timestamp,
    subject: Subject,
) -> Result<(), Failure> {
    match record(connection, subject)?.lock_at(now) {
        Some(until) => Err(StoreError::Locked { until }.into()),
        None => Ok(()),
    }
}

pub(crate) const FORGIVE: &str = "DELETE FROM attempts WHERE kind = ?1 AND key = ?2";

/// Forgets what is remembered of a user's account, devices and sessions, and counts their codes anew.
pub(crate) fn unlock(connection: &Connection, write: &Write, id: UserId) -> Result<(), Failure> {
    user::user(connection, id)?.ok_or(StoreError::NotFound)?;
    change(connection, UNLOCK, [id.as_bytes()])?;
    pending::count_codes_anew(connection, id)?;
    audit::append(connection, &write.audit)
}

pub(crate) const UNLOCK: &str = "DELETE FROM attempts WHERE owner = ?1";

/// Makes strangers of a user's devices.
pub(crate) fn forget_devices(connection: &Connection, write: &Write, id: UserId) -> Result<(), Failure> {
    user::raise_device_epoch(connection, id)?;
    audit::append(connection, &write.audit)
}

/// Removes records that nothing depends on any more.
pub(crate) fn clean_up(connection: &Connection, until: Timestamp, limit: u32) -> Result<u32, Failure> {
    let mut removed = 0;
    for kind in SubjectKind::ALL {
        let expired = change(connection, EXPIRED, params![kind.as_str(), until.as_millis(), limit])?;
        removed += u32::try_from(expired).map_err(|_| Trouble::TooLarge)?;
    }
    Ok(removed)
}

pub(crate) const EXPIRED: &str = "DELETE FROM attempts WHERE id IN
    (SELECT id FROM attempts WHERE kind = ?1 AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3)";
