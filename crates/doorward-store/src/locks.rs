//! Who is locked right now.

use doorward_core::{
    guard::{Lock, LockPart, LockedSubject, SubjectKind},
    ids::UserId,
    page::{Cursor, Page, PageRequest},
    second_factor::MAX_CODES_RUNNING,
    time::Timestamp,
};

use super::{
    failure::{Failure, Trouble},
    page::page_of,
    sql::{Columns, Sql, params},
};

/// Locks that are in force.
pub(crate) async fn lockouts(
    sql: &impl Sql,
    now: Timestamp,
    page: &PageRequest,
) -> Result<Page<Lock>, Failure> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX).saturating_add(1);
    let mut found: Vec<(Lock, Cursor)> = Vec::new();
    for part in LockPart::ALL {
        let Some(Cursor { position, text, id }) = part.page_begins(page.after.as_ref()) else { continue };
        let limit = i64::try_from(wanted.saturating_sub(found.len())).unwrap_or(i64::MAX);
        let subjects = params![part == LockPart::Nobodys, now.as_millis(), position, text, id, limit];
        found.extend(match part {
            LockPart::Endless => sql.many(APPS, params![id, limit], read_app).await?,
            LockPart::Somebodys | LockPart::Nobodys => sql.many(SUBJECTS, subjects, read_subject).await?,
        });
    }
    let Page { items, next } = page_of(found, page.limit, |(_, cursor)| Ok(cursor.clone()))?;
    Ok(Page { items: items.into_iter().map(|(lock, _)| lock).collect(), next })
}

/// The bound is written out, for the index is only of users beyond it.
pub(crate) const APPS: &str =
    "SELECT id FROM users WHERE codes_running >= 100 AND totp = 1 AND id < ?1 ORDER BY id DESC LIMIT ?2";
const _: () = assert!(MAX_CODES_RUNNING == 100, "so many codes lock the app in statement and index");

fn read_app(columns: &mut Columns<'_>) -> Result<(Lock, Cursor), Failure> {
    let id: [u8; 16] = columns.take()?;
    let lock = Lock { subject: LockedSubject::AuthenticatorApp(UserId::from_bytes(id)), until: None };
    Ok((lock, lock.cursor("", id)))
}

pub(crate) const SUBJECTS: &str = "SELECT kind, key, owner, locked_until FROM attempts
     WHERE (owner IS NULL) = (?1 <> 0) AND locked_until > ?2 AND (locked_until, kind, key) < (?3, ?4, ?5)
     ORDER BY locked_until DESC, kind DESC, key DESC LIMIT ?6";

fn read_subject(columns: &mut Columns<'_>) -> Result<(Lock, Cursor), Failure> {
    let (kind, key): (String, [u8; 16]) = (columns.take()?, columns.take()?);
    let owner = columns.take::<Option<_>>()?.map(UserId::from_bytes);
    let known = SubjectKind::ALL.into_iter().find(|known| known.as_str() == kind);
    let subject = known.and_then(|kind| LockedSubject::of(kind, owner));
    let subject = subject.ok_or(Trouble::Unreadable("locked subject"))?;
    let lock = Lock { subject, until: Some(columns.time()?) };
    Ok((lock, lock.cursor(&kind, key)))
}
