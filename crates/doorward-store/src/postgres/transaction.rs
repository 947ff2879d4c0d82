//! PostgreSQL as operations see it: what need not be waited for is sent and goes on.

use std::{
    future::Future,
    ops::ControlFlow,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use doorward_core::{
    audit::{AuditEntry, AuditEvent},
    audit_chain::AuditChainKey,
    revocation::Revocation,
    time::Timestamp,
};
use futures_util::{TryStreamExt, poll};
use tokio::task::JoinHandle;
use tokio_postgres::{Error, Row};

use super::{
    advisory_lock::{number_of_duty, numbers_of},
    chain::{self, MOVED},
    slot::{ChainEnd, Shape, Slot},
};
use crate::{
    failure::{Failure, Trouble},
    sql::{AsText, Columns, Duty, Lock, Sql, Value, only, only_number, params},
};

/// A statement on its way, and then its rows, and how many it changed.
type Statement = Pin<Box<dyn Future<Output = Result<(Vec<Row>, u64), Error>> + Send>>;

/// What a statement says that was sent and not waited for.
enum Answer {
    Here(Result<(Vec<Row>, u64), Error>),
    OnItsWay(JoinHandle<Result<(Vec<Row>, u64), Error>>),
}

impl Answer {
    /// Sends a statement. Its answer is taken in by a task: left lying, it would stop the connection, and those that come
    /// after it would never arrive.
    async fn to(mut statement: Statement) -> Self {
        // The first poll sends it: what is sent next comes after it.
        match poll!(statement.as_mut()) {
            Poll::Ready(answer) => Self::Here(answer),
            Poll::Pending => Self::OnItsWay(tokio::spawn(statement)),
        }
    }

    async fn get(self) -> Result<(Vec<Row>, u64), Failure> {
        match self {
            Self::Here(answer) => Ok(answer?),
            Self::OnItsWay(answer) => Ok(answer.await.map_err(|_| Trouble::Panicked)??),
        }
    }
}

struct Sent {
    answer: Answer,
    /// What it means when the statement did not change just one row.
    otherwise: Option<Failure>,
    /// The event that it writes.
    event: Option<AuditEntry>,
}

/// A transaction of a connection. Begun when it is made; at its end [committed](Self::commit) or
/// [rolled back](Self::roll_back), otherwise the connection is good for nothing more.
pub struct PostgresTransaction {
    slot: Arc<Slot>,
    key: AuditChainKey,
    now: Option<Timestamp>,
    pending: Mutex<Pending>,
}

/// What goes with the commit, and what was sent.
#[derive(Default)]
struct Pending {
    sent: Vec<Sent>,
    events: Vec<AuditEvent>,
    revocations: Vec<Revocation>,
    /// Where the chain ends with this transaction, once the commit was sent.
    end: Option<ChainEnd>,
    is_commit_sent: bool,
    written: Vec<AuditEntry>,
}

impl PostgresTransaction {
    /// Begins one, without waiting for it.
    pub(super) async fn begin(
        slot: Arc<Slot>,
        key: AuditChainKey,
        now: Option<Timestamp>,
        how: &'static str,
    ) -> Self {
        let begun = Self { slot, key, now, pending: Mutex::default() };
        begun.send_batch(how).await;
        begun
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send_batch(&self, statements: &'static str) {
        let slot = Arc::clone(&self.slot);
        let answer = async move { slot.batch(statements).await.map(|()| (Vec::new(), 0)) };
        self.send(Box::pin(answer), None, None).await;
    }

    async fn send(&self, statement: Statement, otherwise: Option<Failure>, event: Option<AuditEntry>) {
        let answer = Answer::to(statement).await;
        self.pending().sent.push(Sent { answer, otherwise, event });
    }

    async fn send_statement(
        &self,
        text: &str,
        shape: Shape,
        params: &[Value<'_>],
        otherwise: Option<Failure>,
        event: Option<AuditEntry>,
    ) -> Result<(), Failure> {
        let asked = match self.slot.ready(text, shape, params).await {
            Ok(asked) => asked,
            Err(error) => return Err(self.explain(error).await),
        };
        let (slot, params) = (Arc::clone(&self.slot), owned(params));
        self.send(Box::pin(async move { slot.run(asked, params).await }), otherwise, event).await;
        Ok(())
    }

    /// Waits for what was sent.
    async fn answers(&self) -> Result<(), Failure> {
        let sent = std::mem::take(&mut self.pending().sent);
        let mut failure = None;
        for Sent { answer, otherwise, event } in sent {
            match answer.get().await {
                // After the first failure the others say only that there was one.
                Err(error) => {
                    failure.get_or_insert_with(|| error.unless_moved(otherwise));
                }
                Ok((rows, _)) => {
                    if let Some(mut event) = event {
                        let seq = rows.first().map(|row| only_number(&mut Columns::of(row))).transpose();
                        event.seq = seq.ok().flatten().unwrap_or(0);
                        self.pending().written.push(event);
                    }
                }
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Why a statement failed: as what was sent before says, if that failed already.
    async fn explain(&self, error: Error) -> Failure {
        self.answers().await.err().unwrap_or_else(|| error.into())
    }

    async fn rows(&self, text: &str, params: &[Value<'_>]) -> Result<(Vec<Row>, u64), Failure> {
        let answer = match self.slot.ready(text, Shape::Plain, params).await {
            Ok(asked) => self.slot.run(asked, owned(params)).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// Makes durable what was done, unless that is under way already, and waits for it.
    pub(super) async fn commit(&self) -> Result<(), Failure> {
        self.send_commit().await?;
        self.answers().await?;
        if let Some(end) = self.pending().end.take() {
            self.slot.set_chain(Some(end));
        }
        Ok(())
    }

    async fn send_commit(&self) -> Result<(), Failure> {
        let (events, revocations) = {
            let mut pending = self.pending();
            if std::mem::replace(&mut pending.is_commit_sent, true) {
                return Ok(());
            }
            (std::mem::take(&mut pending.events), std::mem::take(&mut pending.revocations))
        };
        if !events.is_empty() || self.now.is_some() {
            let before = self.slot.chain().ok_or(Trouble::NoChain)?;
            let written = chain::extend(&self.key, before.clone(), self.now, events)?;
            if written.end.end == before.end {
                self.queue(chain::KEEP_TIME, params![&before.chain, self.now.map(Timestamp::as_millis)])
                    .await?;
            } else {
                let moved = Failure::again(Trouble::ChainMoved);
                let params = chain::move_params(&before, &written)?;
                self.send_statement(MOVED, Shape::JustOne, &params, Some(moved), None).await?;
            }
            for (entry, link) in written.rows {
                let params = chain::row_params(&entry, &link)?;
                self.send_statement(chain::WRITE, Shape::Plain, &params, None, Some(entry.clone())).await?;
            }
            self.pending().end = Some(written.end);
        }
        // The counter last: it is everybody's, and kept until the commit.
        for revocation in &revocations {
            self.queue(super::feed::ANNOUNCE, &super::feed::params_of(revocation)?).await?;
        }
        if !revocations.is_empty() {
            self.queue(super::feed::NOTIFY, params![super::feed::CHANNEL]).await?;
        }
        self.send_batch("COMMIT").await;
        Ok(())
    }

    /// Ends a transaction that has only read, without waiting for it.
    pub(super) async fn end_reading(&self) -> Result<(), Failure> {
        self.answers().await?;
        self.send_batch("COMMIT").await;
        Ok(())
    }

    /// Undoes what was done.
    pub(super) async fn roll_back(&self) -> Result<(), Error> {
        // Whatever they say: what was sent comes before.
        drop(self.answers().await);
        self.slot.batch("ROLLBACK").await
    }

    /// The events that were committed.
    pub(super) fn written(&self) -> Vec<AuditEntry> {
        std::mem::take(&mut self.pending().written)
    }
}

fn owned(params: &[Value<'_>]) -> Vec<Value<'static>> {
    params.iter().cloned().map(Value::into_owned).collect()
}

impl Sql for PostgresTransaction {
    async fn one<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> Result<Option<T>, Failure> {
        let (rows, _) = self.rows(text.for_postgres(), params).await?;
        rows.first().map(|row| read(&mut Columns::of(row))).transpose()
    }

    async fn many<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        mut read: impl FnMut(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> Result<Vec<T>, Failure> {
        let (rows, _) = self.rows(text.for_postgres(), params).await?;
        rows.iter().map(|row| read(&mut Columns::of(row))).collect()
    }

    async fn each(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        mut see: impl FnMut(&mut Columns<'_>) -> Result<ControlFlow<()>, Failure> + Send,
    ) -> Result<(), Failure> {
        let stream = match self.slot.ready(text.for_postgres(), Shape::Plain, params).await {
            Ok(asked) => self.slot.stream(&asked, params).await,
            Err(error) => Err(error),
        };
        let mut stream = match stream {
            Ok(stream) => pin!(stream),
            Err(error) => return Err(self.explain(error).await),
        };
        while let Some(row) = stream.try_next().await? {
            if see(&mut Columns::of(&row))? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    async fn change(&self, text: impl AsText, params: &[Value<'_>]) -> Result<u64, Failure> {
        let (_, changed) = self.rows(text.for_postgres(), params).await?;
        Ok(changed)
    }

    async fn queue(&self, text: impl AsText, params: &[Value<'_>]) -> Result<(), Failure> {
        self.send_statement(text.for_postgres(), Shape::Plain, params, None, None).await
    }

    async fn queue_one(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        otherwise: Failure,
    ) -> Result<(), Failure> {
        self.send_statement(text.for_postgres(), Shape::JustOne, params, Some(otherwise), None).await
    }

    async fn last_one<T: Send>(
        &self,
        text: impl AsText,
        params: &[Value<'_>],
        read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure> + Send,
    ) -> Result<Option<T>, Failure> {
        let asked = match self.slot.ready(text.for_postgres(), Shape::Plain, params).await {
            Ok(asked) => asked,
            Err(error) => return Err(self.explain(error).await),
        };
        let (slot, params) = (Arc::clone(&self.slot), owned(params));
        let answer = Answer::to(Box::pin(async move { slot.run(asked, params).await })).await;
        self.send_commit().await?;
        let answer = answer.get().await;
        self.commit().await?;
        answer?.0.first().map(|row| read(&mut Columns::of(row))).transpose()
    }

    async fn lock(&self, what: Lock<'_>) -> Result<(), Failure> {
        if let Lock::User(id) = what {
            self.queue(LOCK_USER, params![id.as_bytes()]).await?;
        }
        for number in numbers_of(what) {
            self.queue(LOCK_NUMBER, params![number]).await?;
        }
        Ok(())
    }

    async fn takes_on(&self, duty: Duty) -> Result<bool, Failure> {
        let taken = self.one(TRY_NUMBER, params![number_of_duty(duty)], only::<bool>).await?;
        Ok(taken.unwrap_or(false))
    }

    fn append(&self, event: &AuditEvent) -> Result<(), Failure> {
        self.pending().events.push(event.clone());
        Ok(())
    }

    fn announce(&self, revocation: &Revocation) -> Result<(), Failure> {
        self.pending().revocations.push(*revocation);
        Ok(())
    }

    fn add_missing_chains(known: &mut Vec<String>) {
        chain::add_missing(known);
    }

    /// Numbers are given out in the order of nothing: a transaction may commit a lower one after a higher one was read. But
    /// each holds its chain's row before it takes one; so whoever waits once for all rows has waited for all numbers that
    /// were given out before.
    async fn end_of_log(&self, after: u64) -> Result<u64, Failure> {
        let given_out = self.one(LAST_PLACE, &[], only_number).await?.unwrap_or(0);
        if given_out <= after && after != u64::MAX {
            return Ok(given_out);
        }
        self.queue(WRITERS, &[]).await?;
        // Those who write do not wait for whatever is read next.
        self.send_batch("COMMIT; BEGIN ISOLATION LEVEL READ COMMITTED").await;
        self.answers().await?;
        Ok(given_out)
    }
}

const LOCK_USER: &str = "SELECT 1 FROM users WHERE id = ?1 FOR NO KEY UPDATE";
const LOCK_NUMBER: &str = "SELECT pg_advisory_xact_lock(?1)";
const TRY_NUMBER: &str = "SELECT pg_try_advisory_xact_lock(?1)";
const LAST_PLACE: &str = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_seq";
const WRITERS: &str = "SELECT 1 FROM audit_chains FOR SHARE";
