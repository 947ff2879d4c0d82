//! Running operations: begin, do, commit; again where others were in the way.

use std::{sync::Arc, time::Duration};

use doorward_core::{audit_chain::AuditChainKey, entropy::Entropy, store::StoreError, time::Timestamp};
use tokio::{runtime::Handle, time};
use tracing::{Level, enabled};

use super::{
    chain,
    pool::{Lease, Slots, settings},
    slot::Slot,
    transaction::PostgresTransaction,
};
use crate::{
    audit_lines::write_line,
    database::{Database, Doing, Reading},
    failure::{Failure, Trouble},
};

/// A PostgreSQL database, with a pool of connections.
pub struct Postgres {
    shared: Arc<Shared>,
    runtime: Handle,
}

pub(super) struct Shared {
    pub(super) pool: Slots,
    /// For the feed alone: however many operations wait for the others, and for whatever they wait, it is read in time.
    feed_pool: Slots,
    pub(super) key: AuditChainKey,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) timeout: Duration,
    /// How transactions begin.
    begin: Beginnings,
}

struct Beginnings {
    write: &'static str,
    snapshot: &'static str,
    long_snapshot: &'static str,
}

/// Said once, for the life of the program: texts that a pooler needs in each transaction, and a direct connection does not.
const DIRECT: Beginnings = Beginnings {
    write: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    long_snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0",
};

/// How often an operation begins anew before its caller is told that the store is unavailable.
const ATTEMPTS: u32 = 12;

impl Shared {
    pub(super) fn new(
        pool: Slots,
        feed_pool: Slots,
        key: AuditChainKey,
        entropy: Arc<dyn Entropy>,
        timeout: Duration,
        keeps_session: bool,
    ) -> Self {
        let begin = if keeps_session { DIRECT } else { through_a_pooler(timeout) };
        Self { pool, feed_pool, key, entropy, timeout, begin }
    }

    async fn read<T: Send + 'static>(
        &self,
        how: Reading,
        operation: impl for<'a> FnOnce(&'a PostgresTransaction) -> Doing<'a, T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (pool, begin) = match how {
            Reading::Snapshot => (&self.pool, self.begin.snapshot),
            Reading::Feed => (&self.feed_pool, self.begin.snapshot),
            Reading::LongSnapshot => (&self.pool, self.begin.long_snapshot),
            Reading::EndOfLog => (&self.pool, self.begin.write),
        };
        let lease = Lease::take(pool).await?;
        let slot = lease.slot().ok_or(Trouble::ShutDown)?;
        let sql = PostgresTransaction::begin(slot, self.key.clone(), None, begin).await;
        let found = operation(&sql).await;
        let ended = if found.is_ok() {
            sql.end_reading().await
        } else {
            sql.roll_back().await.map_err(Failure::from)
        };
        if ended.is_ok() {
            lease.give_back();
        }
        let found = found.map_err(Failure::into_error)?;
        ended.map_err(Failure::into_error)?;
        Ok(found)
    }

    async fn write<T: Send + 'static>(
        &self,
        now: Option<Timestamp>,
        operation: impl for<'a> Fn(&'a PostgresTransaction) -> Doing<'a, T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_write(now, &operation).await {
                Ok(done) => return Ok(done),
                Err(Failure::Again(_)) if attempt < ATTEMPTS => self.pause(attempt).await,
                Err(error) => return Err(error.into_error()),
            }
        }
    }

    async fn try_write<T: Send + 'static>(
        &self,
        now: Option<Timestamp>,
        operation: &(impl for<'a> Fn(&'a PostgresTransaction) -> Doing<'a, T> + Send + Sync + 'static),
    ) -> Result<T, Failure> {
        let lease = Lease::take(&self.pool).await?;
        let slot = lease.slot().ok_or(Trouble::ShutDown)?;
        // What has no time has no event.
        if let (Some(now), None) = (now, slot.chain()) {
            self.take_a_chain(&slot, now).await?;
        }
        let sql =
            PostgresTransaction::begin(Arc::clone(&slot), self.key.clone(), now, self.begin.write).await;
        let done = async {
            let done = operation(&sql).await?;
            sql.commit().await?;
            Ok::<_, Failure>(done)
        };
        match done.await {
            Ok(done) => {
                lease.give_back();
                if enabled!(target: "doorward::audit", Level::WARN) {
                    sql.written().iter().for_each(write_line);
                }
                Ok(done)
            }
            Err(failure) => {
                if failure.is_of_moved_chain() {
                    // Only then: another chain for whatever else was in the way would be one more for good.
                    slot.set_chain(None);
                }
                if sql.roll_back().await.is_ok() {
                    lease.give_back();
                }
                Err(failure)
            }
        }
    }

    async fn take_a_chain(&self, slot: &Arc<Slot>, now: Timestamp) -> Result<(), Failure> {
        let sql =
            PostgresTransaction::begin(Arc::clone(slot), self.key.clone(), None, self.begin.write).await;
        chain::take_one(&sql, slot, &self.key, now).await?;
        sql.commit().await
    }

    /// Longer each time, and for each that waits another.
    #[expect(clippy::disallowed_methods, reason = "who was in the way tells nobody when it is over")]
    async fn pause(&self, attempt: u32) {
        let [random] = self.entropy.bytes::<1>().unwrap_or_default();
        let most = 1_u64 << attempt.min(6);
        time::sleep(Duration::from_micros(most * (250 + u64::from(random) * 4))).await;
    }
}

fn through_a_pooler(timeout: Duration) -> Beginnings {
    // Three short texts a store, and a program has one.
    let leaked =
        |begin: &str, set: String| -> &'static str { Box::leak(format!("{begin}; {set}").into_boxed_str()) };
    Beginnings {
        write: leaked(DIRECT.write, settings(timeout, "SET LOCAL")),
        snapshot: leaked(DIRECT.snapshot, settings(timeout, "SET LOCAL")),
        long_snapshot: leaked(DIRECT.snapshot, "SET LOCAL statement_timeout = 0".to_owned()),
    }
}

/// What is answered when time is up: whether anything happened is unknown.
fn too_late<T>(_: time::error::Elapsed) -> Result<T, StoreError> {
    Err(Trouble::TooLate.into())
}

impl Database for Postgres {
    type Sql = PostgresTransaction;

    async fn read<T: Send + 'static>(
        &self,
        how: Reading,
        operation: impl for<'a> FnOnce(&'a PostgresTransaction) -> Doing<'a, T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        let timeout = shared.timeout;
        let reading = async move { shared.read(how, operation).await };
        let spawned = match how {
            Reading::LongSnapshot => self.runtime.spawn(reading),
            Reading::Snapshot | Reading::Feed | Reading::EndOfLog => {
                self.runtime.spawn(async move { time::timeout(timeout, reading).await.or_else(too_late)? })
            }
        };
        spawned.await.map_err(|_| Trouble::Panicked)?
    }

    async fn write<T: Send + 'static>(
        &self,
        now: Option<Timestamp>,
        operation: impl for<'a> Fn(&'a PostgresTransaction) -> Doing<'a, T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        let timeout = shared.timeout;
        let writing = async move { shared.write(now, operation).await };
        // A task of its own: a request that is given up leaves no transaction half done.
        let spawned =
            self.runtime.spawn(async move { time::timeout(timeout, writing).await.or_else(too_late)? });
        spawned.await.map_err(|_| Trouble::Panicked)?
    }

    fn audit_chain_key(&self) -> &AuditChainKey {
        &self.shared.key
    }
}

impl Postgres {
    pub(super) fn new(shared: Shared) -> Self {
        Self { shared: Arc::new(shared), runtime: Handle::current() }
    }

    /// How many connections there are, and how many operations wait for one.
    pub(super) fn pool(&self) -> &Slots {
        &self.shared.pool
    }
}
