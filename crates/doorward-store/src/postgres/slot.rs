//! A connection of the pool, with what belongs to it: its statements, and the chain of the audit log that it writes.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};

use doorward_core::audit_chain::ChainPosition;
use futures_util::TryStreamExt;
use tokio_postgres::{
    Client, Error, Row, RowStream, Statement,
    types::{ToSql, Type},
};

use super::values::type_of;
use crate::sql::Value;

/// A connection.
pub(super) struct Slot {
    client: Client,
    /// Statements are kept by the server between transactions, as are the settings of the session.
    keeps_session: bool,
    asked: Mutex<HashMap<String, [Option<Asked>; 2]>>,
    chain: Mutex<Option<ChainEnd>>,
}

/// The chain that a connection writes, and where it ended when it last did. A belief, which each write checks.
#[derive(Clone, Debug)]
pub(super) struct ChainEnd {
    pub(super) chain: String,
    pub(super) end: ChainPosition,
}

/// How a statement is sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// As it is.
    Plain,
    /// So that it fails unless it changes just one row.
    JustOne,
}

/// A statement as PostgreSQL is sent it.
#[derive(Clone)]
pub(super) struct Asked {
    text: Arc<str>,
    prepared: Option<Statement>,
}

impl Slot {
    pub(super) fn new(client: Client, keeps_session: bool) -> Self {
        Self { client, keeps_session, asked: Mutex::default(), chain: Mutex::default() }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The chain that it writes.
    pub(super) fn chain(&self) -> Option<ChainEnd> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes another chain from here on, or the same from another place; or none that is known.
    pub(super) fn set_chain(&self, chain: Option<ChainEnd>) {
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain;
    }

    /// A statement ready to be sent. The first time it takes a round trip where the server keeps statements.
    pub(super) async fn ready(&self, text: &str, shape: Shape, params: &[Value<'_>]) -> Result<Asked, Error> {
        let known = |asked: &[Option<Asked>; 2]| asked.get(shape as usize).cloned().flatten();
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).get(text).and_then(known);
        if let Some(asked) = asked {
            return Ok(asked);
        }
        // Parameters are written as SQLite has them; no statement holds a question mark otherwise.
        let dollars = text.replace('?', "$");
        let sent: Arc<str> = match shape {
            Shape::Plain => dollars.into(),
            Shape::JustOne => format!(
                "WITH changed AS ({dollars} RETURNING 1) SELECT expect_one((SELECT count(*) FROM changed))"
            )
            .into(),
        };
        let prepared = if self.keeps_session {
            let types: Vec<Type> = params.iter().map(type_of).collect();
            Some(self.client.prepare_typed(&sent, &types).await?)
        } else {
            None
        };
        let asked = Asked { text: sent, prepared };
        let mut known = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = known.entry(text.to_owned()).or_default().get_mut(shape as usize) {
            *place = Some(asked.clone());
        }
        Ok(asked)
    }

    /// Sends a statement, when polled for the first time; its rows.
    pub(super) async fn stream(&self, asked: &Asked, params: &[Value<'_>]) -> Result<RowStream, Error> {
        match &asked.prepared {
            Some(statement) => {
                self.client
                    .query_raw(statement, params.iter().map(|param| param as &(dyn ToSql + Sync)))
                    .await
            }
            None => {
                let typed = params.iter().map(|param| (param as &(dyn ToSql + Sync), type_of(param)));
                self.client.query_typed_raw(&asked.text, typed).await
            }
        }
    }

    /// Sends a statement, when polled for the first time; all its rows, and how many it changed.
    pub(super) async fn run(
        &self,
        asked: Asked,
        params: Vec<Value<'static>>,
    ) -> Result<(Vec<Row>, u64), Error> {
        let mut stream = pin!(self.stream(&asked, &params).await?);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await? {
            rows.push(row);
        }
        Ok((rows, stream.rows_affected().unwrap_or(0)))
    }

    /// Sends statements that have no parameters and no rows.
    pub(super) async fn batch(&self, statements: &str) -> Result<(), Error> {
        self.client.batch_execute(statements).await
    }
}
