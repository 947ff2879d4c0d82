//! What runs operations: a database that several of them use at once.

use std::{future::Future, pin::Pin};

use doorward_core::{audit_chain::AuditChainKey, store::StoreError, time::Timestamp};

use crate::{failure::Failure, sql::Sql};

/// What an operation does, as it is under way.
pub(crate) type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Where operations run, each in a transaction of its own.
pub trait Database: Send + Sync + 'static {
    /// Its transactions.
    type Sql: Sql;

    /// Runs an operation that only reads what was acknowledged before, and maybe more.
    fn read<T: Send + 'static>(
        &self,
        how: Reading,
        operation: impl for<'a> FnOnce(&'a Self::Sql) -> Doing<'a, T> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// Runs an operation, more than once where others were in the way, and answers once its effect is durable. `now` is
    /// recorded as a time the store has seen, if it succeeds. It goes on to its end though nobody waits for it any more.
    fn write<T: Send + 'static>(
        &self,
        now: Option<Timestamp>,
        operation: impl for<'a> Fn(&'a Self::Sql) -> Doing<'a, T> + Send + Sync + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// What chains the audit log.
    fn audit_chain_key(&self) -> &AuditChainKey;
}

/// How an operation reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// One snapshot, soon over.
    Snapshot,
    /// One snapshot, soon over, whatever else waits: who cannot read the feed lets nobody in.
    Feed,
    /// One snapshot, for as long as it takes.
    LongSnapshot,
    /// The end of the audit log: each statement sees what was written before it.
    EndOfLog,
}

/// An operation that reads: `reads!(arguments => |sql| what it does)`. The arguments are there as references.
macro_rules! reads {
    ($($argument:ident),* => |$sql:ident| $does:expr) => {
        move |$sql| Box::pin(async move {
            $(let $argument = &$argument;)*
            $does.await
        })
    };
}
pub(crate) use reads;

/// As [`reads`], but for one that writes and may be run again.
macro_rules! writes {
    ($($argument:ident),* => |$sql:ident| $does:expr) => {{
        let arguments = std::sync::Arc::new(($($argument,)*));
        move |$sql| {
            let arguments = std::sync::Arc::clone(&arguments);
            Box::pin(async move {
                let ($($argument,)*) = &*arguments;
                $does.await
            })
        }
    }};
}
pub(crate) use writes;
