//! The connections that operations share.

use std::{sync::Arc, time::Duration};

use deadpool::{
    Runtime,
    managed::{Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult, Timeouts},
};
use doorward_core::store::StoreError;
use tracing::debug;

use super::{Address, ConnectError, PostgresOptions, slot::Slot};

/// Opens connections.
pub(super) struct Connector {
    address: Address,
    keeps_session: bool,
    /// For each statement, and for a transaction whose node has fallen silent.
    timeout: Duration,
}

impl Manager for Connector {
    type Type = Arc<Slot>;
    type Error = ConnectError;

    async fn create(&self) -> Result<Arc<Slot>, ConnectError> {
        let (client, connection) = self.address.connect().await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "a connection to the database ended");
            }
        });
        let slot = Slot::new(client, self.keeps_session);
        if self.keeps_session {
            let settings = settings(self.timeout, "SET");
            slot.batch(&settings).await.map_err(|error| ConnectError::Busy {
                host: "the pool".to_owned(),
                reason: error.to_string(),
            })?;
        }
        Ok(Arc::new(slot))
    }

    async fn recycle(&self, slot: &mut Arc<Slot>, _: &Metrics) -> RecycleResult<ConnectError> {
        if slot.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}

/// What every transaction relies on, said by `SET` or `SET LOCAL`: commits are durable whatever the database's default, and
/// a node that stops in the middle of a transaction does not keep others from what it holds.
pub(super) fn settings(timeout: Duration, set: &str) -> String {
    let milliseconds = timeout.as_millis();
    format!(
        "{set} synchronous_commit = on; {set} statement_timeout = {milliseconds};
         {set} idle_in_transaction_session_timeout = {milliseconds};"
    )
}

/// The pool.
pub(super) type Slots = Pool<Connector>;

pub(super) fn pool_of(address: Address, options: &PostgresOptions, connections: usize) -> Slots {
    let connector =
        Connector { address, keeps_session: options.prepared_statements, timeout: options.timeout };
    let timeouts = Timeouts {
        wait: Some(options.timeout),
        create: Some(options.timeout),
        recycle: Some(options.timeout),
    };
    let built = Pool::builder(connector)
        .max_size(connections.max(1))
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build();
    match built {
        Ok(pool) => pool,
        // Only without a runtime, which is named above.
        Err(error) => unreachable!("{error}"),
    }
}

/// A connection while it is used. Unless it is given back in order, nobody uses it again: what became of its transaction is
/// unknown.
pub(super) struct Lease(Option<Object<Connector>>);

impl Lease {
    /// Waits for a connection that is free.
    pub(super) async fn take(pool: &Slots) -> Result<Self, StoreError> {
        match pool.get().await {
            Ok(object) => Ok(Self(Some(object))),
            Err(PoolError::Backend(error)) => Err(StoreError::Unavailable(Box::new(error))),
            Err(error) => Err(StoreError::Unavailable(Box::new(error))),
        }
    }

    pub(super) fn slot(&self) -> Option<Arc<Slot>> {
        self.0.as_ref().map(|object| Arc::clone(object))
    }

    /// Gives it back: its transaction is over.
    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}
