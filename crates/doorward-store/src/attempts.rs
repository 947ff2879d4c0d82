//! Failed attempts: one row a subject.

use doorward_core::{
    guard::{AttemptRecord, FailedAttempt, FailureRecorded, Subject, SubjectKind},
    ids::UserId,
    store::{LoginFacts, StoreError, Write},
    time::Timestamp,
    user::NormalisedName,
};
use futures_util::future::{try_join_all, try_join4};

use super::{
    failure::{Failure, Trouble},
    second_factor::pending,
    sql::{Columns, Lock, Sql, only, only_number, params},
    user,
};

/// After so many new rows it is seen whether there are too many of a kind that anybody can add to.
const LOOK_EVERY: i64 = 256;

/// What a login decides by.
pub(crate) async fn login_facts(
    sql: &impl Sql,
    name: &NormalisedName,
    unknown: Subject,
    others: &[Subject],
) -> Result<LoginFacts, Failure> {
    let by_name = params![name.as_str()];
    let account = sql.one(RECORD_BY_NAME, by_name, read_record);
    let (credentials, account, unknown, others) =
        try_join4(user::credentials_by_name(sql, name), account, record(sql, unknown), attempts(sql, others))
            .await?;
    let name = if credentials.is_some() { account.unwrap_or_default() } else { unknown };
    Ok(LoginFacts { credentials, name, others })
}

/// What is remembered of these subjects.
pub(crate) async fn attempts(sql: &impl Sql, subjects: &[Subject]) -> Result<Vec<AttemptRecord>, Failure> {
    try_join_all(subjects.iter().map(|subject| record(sql, *subject))).await
}

async fn record(sql: &impl Sql, subject: Subject) -> Result<AttemptRecord, Failure> {
    let found = sql.one(RECORD, params![subject.kind.as_str(), subject.key], read_record).await?;
    Ok(found.unwrap_or_default())
}

fn read_record(columns: &mut Columns<'_>) -> Result<AttemptRecord, Failure> {
    AttemptRecord::from_stored(&columns.take::<Vec<u8>>()?, columns.optional_time()?)
        .ok_or_else(|| Trouble::Unreadable("failed attempts").into())
}

pub(crate) const RECORD: &str = "SELECT failures, locked_until FROM attempts WHERE kind = ?1 AND key = ?2";

/// The account's whose name this is: an account is remembered under the id of its user.
pub(crate) const RECORD_BY_NAME: &str = "SELECT attempts.failures, attempts.locked_until
     FROM names JOIN attempts ON attempts.key = names.user_id WHERE names.name = ?1 AND attempts.kind = 'account'";

/// Counts a failure.
pub(crate) async fn record_failure(
    sql: &impl Sql,
    failed: &FailedAttempt,
) -> Result<FailureRecorded, Failure> {
    let subjects: Vec<_> = failed.subjects().map(|(subject, _)| subject).collect();
    // Where it is nobody's, all the same: what it takes is not to tell.
    for subject in &subjects {
        let owner = subject.owner.unwrap_or(UserId::from_bytes(subject.key));
        sql.lock(Lock::User(owner)).await?;
    }
    sql.lock(Lock::Attempts(&subjects)).await?;
    let records = attempts(sql, &subjects).await?;
    let (after, outcome) = failed.apply(records);
    for ((subject, rules), record) in failed.subjects().zip(after) {
        remember(sql, subject, &record, record.expires_at(&rules)).await?;
    }
    for event in failed.events(outcome) {
        sql.append(&event)?;
    }
    Ok(FailureRecorded { locked_until: outcome.locked_until() })
}

async fn remember(
    sql: &impl Sql,
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
    let changed = sql.change(CHANGE, params![kind, subject.key, &failures, locked_until, expires_at]).await?;
    if changed > 0 {
        return Ok(());
    }
    let id = sql
        .one(
            "INSERT INTO attempts (kind, key, owner, failures, locked_until, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
            params![
                kind,
                subject.key,
                subject.owner.as_ref().map(UserId::as_bytes),
                &failures,
                locked_until,
                expires_at
            ],
            only::<i64>,
        )
        .await?;
    if id.is_some_and(|id| id % LOOK_EVERY == 0) {
        // Every kind, whichever this row is of: a failure adds one row of each kind by turns, so that the even numbers
        // would all be of one kind and the other would never be looked at.
        for kind in SubjectKind::ALL {
            make_room(sql, kind).await?;
        }
    }
    Ok(())
}

pub(crate) const CHANGE: &str =
    "UPDATE attempts SET failures = ?3, locked_until = ?4, expires_at = ?5 WHERE kind = ?1 AND key = ?2";

/// Forgets what would be forgotten first anyway, where anybody could otherwise fill the disk.
async fn make_room(sql: &impl Sql, kind: SubjectKind) -> Result<(), Failure> {
    let Some(most) = kind.most_remembered() else { return Ok(()) };
    let count = sql.one(COUNT, params![kind.as_str()], only_number).await?.unwrap_or(0_u64);
    let excess = count.saturating_sub(u64::from(most));
    if excess > 0 {
        let excess = i64::try_from(excess).unwrap_or(i64::MAX);
        sql.queue(FIRST_TO_EXPIRE, params![kind.as_str(), excess]).await?;
    }
    Ok(())
}

pub(crate) const COUNT: &str = "SELECT count(*) FROM attempts WHERE kind = ?1";
pub(crate) const FIRST_TO_EXPIRE: &str = "DELETE FROM attempts WHERE id IN
    (SELECT id FROM attempts WHERE kind = ?1 ORDER BY expires_at LIMIT ?2)";

/// Forgets the failures of somebody who has shown everything that was asked, and is not locked.
pub(crate) async fn forgive(sql: &impl Sql, subject: Subject) -> Result<(), Failure> {
    sql.queue(FORGIVE, params![subject.kind.as_str(), subject.key]).await
}

/// Refuses what somebody locked has to wait for.
pub(crate) async fn refuse_while_locked(
    sql: &impl Sql,
    now: Timestamp,
    subject: Subject,
) -> Result<(), Failure> {
    match locked_until(sql, now, subject).await? {
        Some(until) => Err(StoreError::Locked { until }.into()),
        None => Ok(()),
    }
}

/// The end of the lock on somebody, who will not be locked, or any longer, before the operation is over.
pub(crate) async fn locked_until(
    sql: &impl Sql,
    now: Timestamp,
    subject: Subject,
) -> Result<Option<Timestamp>, Failure> {
    sql.lock(Lock::Attempts(&[subject])).await?;
    Ok(record(sql, subject).await?.lock_at(now))
}

pub(crate) const FORGIVE: &str = "DELETE FROM attempts WHERE kind = ?1 AND key = ?2";

/// Forgets what is remembered of a user's account, devices and sessions, and counts their codes anew.
pub(crate) async fn unlock(sql: &impl Sql, write: &Write, id: UserId) -> Result<(), Failure> {
    sql.lock(Lock::User(id)).await?;
    user::user(sql, id).await?.ok_or(StoreError::NotFound)?;
    sql.queue(UNLOCK, params![id.as_bytes()]).await?;
    pending::count_codes_anew(sql, id).await?;
    sql.append(&write.audit)
}

pub(crate) const UNLOCK: &str = "DELETE FROM attempts WHERE owner = ?1";

/// Makes strangers of a user's devices.
pub(crate) async fn forget_devices(sql: &impl Sql, write: &Write, id: UserId) -> Result<(), Failure> {
    sql.lock(Lock::User(id)).await?;
    user::raise_device_epoch(sql, id).await?;
    sql.append(&write.audit)
}

/// Removes records that nothing depends on any more.
pub(crate) async fn clean_up(sql: &impl Sql, until: Timestamp, limit: u32) -> Result<u32, Failure> {
    let mut removed = 0;
    for kind in SubjectKind::ALL {
        let expired = sql.change(EXPIRED, params![kind.as_str(), until.as_millis(), limit]).await?;
        removed += u32::try_from(expired).map_err(|_| Trouble::TooLarge)?;
    }
    Ok(removed)
}

/// Said twice: PostgreSQL, where it waits for a row, asks again of the row alone, and a failure may have been added to it.
pub(crate) const EXPIRED: &str = "DELETE FROM attempts WHERE id IN
    (SELECT id FROM attempts WHERE kind = ?1 AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3)
    AND expires_at <= ?2";
