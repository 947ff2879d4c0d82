//! Setup: exactly once.

use doorward_core::{
    link::LinkPurpose,
    second_factor::SecondProof,
    store::{Conflict, NewUser, OpenSession, Opened, SetupProof, StoreError, Write},
};

use super::{
    failure::{Failure, Trouble},
    session::{find_room, make_room_and_insert, opened, record_all},
    sql::{Lock, Sql, Text, only, params},
    user::insert_user,
};

/// Whether setup is complete.
pub(crate) async fn is_complete(sql: &impl Sql) -> Result<bool, Failure> {
    sql.one("SELECT setup_complete FROM state", &[], only)
        .await?
        .ok_or_else(|| Trouble::Unreadable("state").into())
}

/// Whether a proof is good.
pub(crate) async fn check_setup_proof(sql: &impl Sql, proof: &SetupProof) -> Result<(), Failure> {
    if is_complete(sql).await? {
        return Err(Conflict::SetupComplete.into());
    }
    let SetupProof::Link(hashes) = proof else {
        return Ok(());
    };
    for hash in hashes {
        let purpose = LinkPurpose::Setup.as_str();
        let found = sql
            .one(
                "SELECT 1 FROM links WHERE hash = ?1 AND purpose = ?2",
                params![hash.as_bytes(), purpose],
                only::<i64>,
            )
            .await?;
        if found.is_some() {
            return Ok(());
        }
    }
    Err(StoreError::NotFound.into())
}

/// Makes the first administrator and ends setup.
pub(crate) async fn complete_setup(
    sql: &impl Sql,
    write: &Write,
    proof: &SetupProof,
    user: &NewUser,
    open: &OpenSession,
) -> Result<Opened, Failure> {
    sql.lock(Lock::Installation).await?;
    check_setup_proof(sql, proof).await?;
    sql.queue("UPDATE state SET setup_complete = 1", &[]).await?;
    sql.queue("DELETE FROM links WHERE purpose = ?1", params![LinkPurpose::Setup.as_str()]).await?;
    insert_user(sql, user).await?;
    let (_, room) = find_room(sql, write.now, open, None).await?;
    let (revocations, ended) =
        make_room_and_insert(sql, write, &user.user, open, &SecondProof::None, room).await?;
    sql.append(&write.audit)?;
    record_all(sql, write, &ended)?;
    Ok(opened(&open.session, user.user.clone(), revocations))
}

/// Writes what is there already.
pub(crate) async fn write_nothing(sql: &impl Sql) -> Result<(), Failure> {
    sql.queue(WRITE_NOTHING, &[]).await
}

/// PostgreSQL is not asked to write the row of the feed's counter, which would have revocations wait.
const WRITE_NOTHING: Text =
    Text { sqlite: "UPDATE state SET highest_time = highest_time", postgres: "SELECT pg_current_xact_id()" };
