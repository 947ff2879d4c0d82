//! Answers that last: as long as their reader takes, or as things happen. Made by a task of their own, which looks after
//! the caller whether or not anybody reads: whoever was let in for one request must not listen for ever after their
//! session has ended, nor keep others out by reading nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::body::{Body, Bytes};
use doorward_core::{access_token::Principal, ids::SessionId, refusal::Refusal};
use futures_util::stream;
use tokio::sync::{mpsc, watch};

use crate::{context::RequestContext, extract::Admin, problem::Problem};

/// So many at once. Each costs a task, a connection, and a read of the store now and then. What begins one takes a
/// [`FromHere`](crate::extract::FromHere): a page of a sibling host, whose requests carry the Strict cookies, would fill
/// all of the room while an administrator looks at it, and nobody could follow the log.
const MOST_AT_ONCE: usize = 32;

/// So many at once of one session: a copied cookie must not keep all other administrators from following the log.
const MOST_OF_A_SESSION: usize = 4;

/// How often at least it is seen whether the caller may still listen,
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// and how often within the bound on revocation.
const LOOKS_WITHIN_BOUND: u32 = 4;

/// How long to wait where there are as many as there may be.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// The room there is for answers that last.
pub(crate) struct LongAnswers {
    room: Arc<Room>,
    stop: watch::Sender<bool>,
}

/// How many there are of each session.
#[derive(Default)]
struct Room(Mutex<HashMap<SessionId, usize>>);

/// A place in the [`Room`], given back when dropped.
struct Place {
    room: Arc<Room>,
    session: SessionId,
}

impl Room {
    fn taken(&self) -> MutexGuard<'_, HashMap<SessionId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: Arc<Self>, session: SessionId) -> Option<Place> {
        let mut taken = self.taken();
        let of_session = taken.get(&session).copied().unwrap_or_default();
        if of_session >= MOST_OF_A_SESSION || taken.values().sum::<usize>() >= MOST_AT_ONCE {
            return None;
        }
        taken.insert(session, of_session + 1);
        drop(taken);
        Some(Place { room: self, session })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        match taken.get(&self.session) {
            Some(&places) if places > 1 => drop(taken.insert(self.session, places - 1)),
            Some(_) | None => drop(taken.remove(&self.session)),
        }
    }
}

impl LongAnswers {
    pub(crate) fn new() -> Self {
        Self { room: Arc::default(), stop: watch::Sender::new(false) }
    }

    /// Ends all there are, and all that begin from now on.
    pub(crate) fn end(&self) {
        self.stop.send_replace(true);
    }

    /// Begins one: where it is written to, and what is answered.
    pub(crate) fn begin(&self, context: RequestContext, admin: &Admin) -> Result<(Outlet, Body), Problem> {
        let principal = Arc::clone(&admin.0.identity.principal);
        let place = Arc::clone(&self.room).take(principal.session_id).ok_or_else(|| Problem {
            detail:
                "As many streams and exports are open as this server keeps at once, for a session or in all."
                    .into(),
            ..Problem::from(Refusal::Overloaded { retry_after: TRY_AGAIN_AFTER })
        })?;
        let (sender, receiver) = mpsc::channel(1);
        let outlet = Outlet { sender, context, principal, stopping: self.stop.subscribe(), _place: place };
        Ok((outlet, body(receiver)))
    }
}

/// What the task hands to the connection.
struct Part {
    bytes: Bytes,
    is_last: bool,
}

/// The answer that was cut off: its reader learns that there would have been more.
#[derive(Debug, thiserror::Error)]
#[error("the answer was cut off")]
struct CutOff;

fn body(receiver: mpsc::Receiver<Part>) -> Body {
    Body::from_stream(stream::unfold(Some(receiver), |receiver| async move {
        let mut receiver = receiver?;
        Some(match receiver.recv().await {
            Some(Part { bytes, is_last }) => (Ok(bytes), (!is_last).then_some(receiver)),
            None => (Err(CutOff), None),
        })
    }))
}

/// Where an answer that lasts is written to. Dropped before it is complete, it is cut off.
pub(crate) struct Outlet {
    sender: mpsc::Sender<Part>,
    context: RequestContext,
    principal: Arc<Principal>,
    stopping: watch::Receiver<bool>,
    _place: Place,
}

/// Why an answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// Nobody reads it any more, or the server stops.
    Unwanted,
    /// The caller may not read on.
    Refused(Refusal),
    /// What the caller has read is worth nothing any more.
    BeginAgain,
}

impl Outlet {
    /// The request that is answered.
    pub(crate) const fn context(&self) -> &RequestContext {
        &self.context
    }

    /// Hands these bytes over once there is room for them.
    pub(crate) async fn send(&self, bytes: impl Into<Bytes>) -> Result<(), Over> {
        self.hand_over(Part { bytes: bytes.into(), is_last: false }).await
    }

    /// Hands the last bytes over: the answer is complete.
    pub(crate) async fn complete(self, bytes: impl Into<Bytes>) -> Result<(), Over> {
        self.hand_over(Part { bytes: bytes.into(), is_last: true }).await
    }

    /// Ends the answer with these bytes, if there is room for them right now.
    pub(crate) fn end_with(self, bytes: impl Into<Bytes>) {
        // A reader that does not read is told nothing more.
        drop(self.sender.try_send(Part { bytes: bytes.into(), is_last: true }));
    }

    /// Lets so much time pass.
    pub(crate) async fn wait(&self, time: Duration) -> Result<(), Over> {
        let mut pause = tokio::time::interval(time);
        pause.tick().await;
        self.unless_over(pause.tick()).await.map(drop)
    }

    async fn hand_over(&self, part: Part) -> Result<(), Over> {
        let permit = self.unless_over(self.sender.reserve()).await?.map_err(|_| Over::Unwanted)?;
        permit.send(part);
        Ok(())
    }

    /// What comes of `work`, unless the answer is over by then.
    async fn unless_over<T>(&self, work: impl Future<Output = T>) -> Result<T, Over> {
        let mut stopping = self.stopping.clone();
        let bound = self.context.doorward().authority().verifier().max_staleness();
        let mut looks = tokio::time::interval(LOOK_EVERY.min(bound / LOOKS_WITHIN_BOUND));
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return Err(Over::Unwanted),
                () = self.sender.closed() => return Err(Over::Unwanted),
                _ = looks.tick() => self.check()?,
                done = &mut work => return self.check().map(|()| done),
            }
        }
    }

    fn check(&self) -> Result<(), Over> {
        let verifier = self.context.doorward().authority().verifier();
        verifier.verify_again(&self.principal).map_err(Over::Refused)
    }
}
