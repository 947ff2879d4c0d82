//! Setup: exactly once.

use doorward_core::{
    link::LinkPurpose,
    second_factor::SecondProof,
    store::{Conflict, NewUser, OpenSession, Opened, SetupProof, StoreError, Write},
};
use rusqlite::{Connection, params};

use super::{
    audit,
    failure::{Failure, Trouble},
    session::{make_room_and_insert, opened, record_all},
    sql::{change, one, only},
    user::insert_user,
};

/// Whether setup is complete.
pub(crate) fn is_complete(connection: &Connection) -> Result<bool, Failure> {
    one(connection, "SELECT setup_complete FROM state", [], only)?
        .ok_or_else(|| Trouble::Unreadable("state").into())
}

/// Whether a proof is good.
pub(crate) fn check_setup_proof(connection: &Connection, proof: &SetupProof) -> Result<(), Failure> {
    if is_complete(connection)? {
        return Err(Conflict::SetupComplete.into());
    }
    let SetupProof::Link(hashes) = proof else {
        return Ok(());
    };
    for hash in hashes {
        let purpose = LinkPurpose::Setup.as_str();
        let found = one(
            connection,
            "SELECT 1 FROM links WHERE hash = ?1 AND purpose = ?2",
            params![hash.as_bytes(), purpose],
            only::<i64>,
        )?;
        if found.is_some() {
            return Ok(());
        }
    }
    Err(StoreError::NotFound.into())
}

/// Makes the first administrator and ends setup.
pub(crate) fn complete_setup(
    connection: &Connection,
    write: &Write,
    proof: &SetupProof,
    user: &NewUser,
    open: &OpenSession,
) -> Result<Opened, Failure> {
    check_setup_proof(connection, proof)?;
    change(connection, "UPDATE state SET setup_complete = 1", [])?;
    change(connection, "DELETE FROM links WHERE purpose = ?1", [LinkPurpose::Setup.as_str()])?;
    insert_user(connection, user)?;
    let (revocations, ended) = make_room_and_insert(connection, write, &user.user, open, &SecondProof::None)?;
    audit::append(connection, &write.audit)?;
    record_all(connection, write, &ended)?;
    Ok(opened(&open.session, user.user.clone(), revocations))
}
