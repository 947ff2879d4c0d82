//! What is asked of both stores, and what they answer.

use std::fmt::Debug;

use doorward_core::{
    audit::EventName,
    guard::FailedAttempt,
    link::Link,
    password::PasswordHash,
    signing_key::{SealedSigningKey, Succession},
    store::{
        AdvanceRefresh, ChangePassword, CleanUp, NewUser, OpenSession, RepeatRefresh, RevokeWhich, Revoked,
        SessionProof, SetupProof, Store, StoreError, UserChanges,
    },
    time::Timestamp,
};
use doorward_testkit::builders::write;

use crate::factors::{FactorOperation, name_of_proof};

#[derive(Debug)]
pub(crate) enum Operation {
    Setup(SetupProof, NewUser, OpenSession),
    AddLink(Link),
    Redeem(Link, ChangePassword),
    CreateUser(NewUser, Option<Link>),
    ChangeUser(NewUser, UserChanges),
    DeleteUser(NewUser),
    ChangePassword(ChangePassword),
    Upgrade(NewUser, PasswordHash, PasswordHash),
    Open(SessionProof, OpenSession),
    Advance(AdvanceRefresh),
    Repeat(RepeatRefresh),
    Revoke(RevokeWhich),
    AddKey(SealedSigningKey, Option<SealedSigningKey>, Succession),
    Reseal(Vec<SealedSigningKey>),
    DropKeys,
    Fail(FailedAttempt),
    Unlock(NewUser),
    ForgetDevices(NewUser),
    CleanUp(CleanUp),
    OfFactors(FactorOperation),
}

impl Operation {
    /// Its kind; what has nothing to do with factors is of one kind.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::OfFactors(operation) => operation.name(),
            Self::Open(proof, _) => name_of_proof(proof),
            _ => "of users, sessions and keys",
        }
    }
}

/// An operation and its time.
#[derive(Debug)]
pub(crate) struct Timed {
    pub(crate) operation: Operation,
    pub(crate) now: Timestamp,
}

impl Timed {
    /// Does it; the answer as text.
    pub(crate) async fn run(&self, store: &dyn Store) -> String {
        let write = write(EventName::LoginSucceeded, self.now);
        match &self.operation {
            Operation::Setup(proof, user, open) => {
                shown(store.complete_setup(write, proof.clone(), user.clone(), open.clone()).await)
            }
            Operation::AddLink(link) => shown(store.add_link(write, link.clone()).await),
            Operation::Redeem(link, change) => {
                shown(store.redeem_link(write, link.hash, link.purpose, change.clone()).await)
            }
            Operation::CreateUser(user, link) => {
                shown(store.create_user(write, user.clone(), link.clone()).await)
            }
            Operation::ChangeUser(user, changes) => {
                shown(store.change_user(write, user.user.id, changes.clone()).await)
            }
            Operation::DeleteUser(user) => {
                shown(store.delete_user(write, user.user.id).await.map(in_any_order))
            }
            Operation::ChangePassword(change) => shown(store.change_password(write, change.clone()).await),
            Operation::Upgrade(user, old, new) => {
                shown(store.upgrade_password_hash(user.user.id, old, new).await)
            }
            Operation::Open(proof, open) => {
                shown(store.open_session(write, proof.clone(), open.clone()).await)
            }
            Operation::Advance(advance) => shown(store.advance_refresh(write, advance.clone()).await),
            Operation::Repeat(repeat) => shown(store.repeat_refresh(self.now, *repeat).await),
            Operation::Revoke(which) => {
                shown(store.revoke_sessions(write, *which, "model").await.map(in_any_order))
            }
            Operation::AddKey(key, last, succession) => {
                let last = last.as_ref().map(|key| key.id.clone());
                shown(store.add_signing_key(write, key.clone(), last, *succession).await)
            }
            Operation::Reseal(keys) => shown(store.reseal_signing_keys(keys.clone()).await),
            Operation::DropKeys => shown(store.drop_keys_and_links(write).await),
            Operation::Fail(failed) => shown(store.record_failure(failed.clone()).await),
            Operation::Unlock(user) => shown(store.unlock(write, user.user.id).await),
            Operation::ForgetDevices(user) => shown(store.forget_devices(write, user.user.id).await),
            Operation::CleanUp(what) => shown(store.clean_up(*what).await),
            Operation::OfFactors(operation) => operation.run(store, write).await,
        }
    }
}

pub(crate) fn in_any_order(mut revoked: Revoked) -> Revoked {
    revoked.sessions.sort();
    revoked
}

/// An answer as text; stores may say in their own words why they are unavailable.
pub(crate) fn shown<T: Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Unavailable(_)) => "unavailable".to_owned(),
        answer => format!("{answer:?}"),
    }
}
