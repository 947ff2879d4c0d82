//! Whoever is told of events of the audit log as they happen: programs in codes, people in words.

use std::{convert::Infallible, future::Future, time::Duration};

use axum::response::Response;
use doorward_core::{
    audit::{AuditEntry, AuditFilter},
    refusal::Refusal,
};
use http::HeaderMap;
use serde::Serialize;

use crate::{
    context::RequestContext,
    event_stream,
    extract::Admin,
    long_answer::{Outlet, Over},
    problem::Problem,
    single_header::SingleHeader,
};

/// Events sent at once.
const PART: u32 = 100;

/// How often the store is asked for new events: any process may have written them.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// So many looks in vain, and a comment shows proxies and the reader that the connection is alive.
const LOOKS_PER_HEARTBEAT: u32 = 30;

const HEARTBEAT: &str = ":\n\n";

/// An administrator who wants to be told.
pub(crate) struct Listener {
    /// Their request.
    pub(crate) context: RequestContext,
    /// Its headers, where a browser that comes back names the event it was told last.
    pub(crate) headers: HeaderMap,
    /// That they may.
    pub(crate) admin: Admin,
    /// The `seq` of the event after which to begin, where the headers name none.
    pub(crate) last_event_id: Option<String>,
}

/// How events are told.
pub(crate) trait Telling: Send + Sync + 'static {
    /// What is sent of these events, each in its turn.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]: they are told later.
    fn tell(
        &self,
        entries: Vec<AuditEntry>,
    ) -> impl Future<Output = Result<Vec<impl EventMessage>, Refusal>> + Send;
}

/// An event as it is sent: JSON, which holds no line breaks.
pub(crate) trait EventMessage: Serialize + Send {
    /// Its place in the log.
    fn seq(&self) -> u64;
}

impl Listener {
    /// The answer: events that the filter lets through as they happen (server-sent events, WHATWG HTML 9.2).
    ///
    /// # Errors
    /// `malformed_request` where the last event's id is none, `overloaded` where too many listen already.
    pub(crate) async fn follow(
        self,
        filter: AuditFilter,
        telling: impl Telling,
    ) -> Result<Response, Problem> {
        let Self { context, headers, admin, last_event_id } = self;
        let last = SingleHeader::read(&headers, "last-event-id").value();
        let after = match last.or(last_event_id.as_deref()) {
            Some(seq) => seq.parse().map_err(|_| Problem::malformed("The last event's id is no number."))?,
            None => context.app().authority().audit_after(&filter, u64::MAX, 1).await?.upto,
        };
        let doorward = context.doorward().clone();
        let (outlet, body) = doorward.app().long_answers.begin(context, &admin)?;
        tokio::spawn(follow(outlet, filter, after, telling));
        Ok(event_stream::response(body))
    }
}

async fn follow(outlet: Outlet, filter: AuditFilter, after: u64, telling: impl Telling) {
    let Err(over) = send_until_over(&outlet, &filter, after, &telling).await;
    event_stream::end(outlet, &over);
}

async fn send_until_over(
    outlet: &Outlet,
    filter: &AuditFilter,
    mut after: u64,
    telling: &impl Telling,
) -> Result<Infallible, Over> {
    outlet.send(event_stream::BEGINNING).await?;
    let mut looks_in_vain = 0;
    loop {
        let messages = match next(outlet, filter, after, telling).await {
            Ok((messages, upto)) => {
                after = upto;
                messages
            }
            // What cannot be read now is read later: nothing is missed.
            Err(Refusal::StoreUnavailable) => String::new(),
            Err(refusal) => return Err(Over::Refused(refusal)),
        };
        if !messages.is_empty() {
            looks_in_vain = 0;
            outlet.send(messages).await?;
            continue;
        }
        looks_in_vain += 1;
        if looks_in_vain % LOOKS_PER_HEARTBEAT == 0 {
            outlet.send(HEARTBEAT).await?;
        }
        outlet.wait(LOOK_EVERY).await?;
    }
}

/// The next events after a place in the log, as they are sent, and the place that was looked up to.
async fn next(
    outlet: &Outlet,
    filter: &AuditFilter,
    after: u64,
    telling: &impl Telling,
) -> Result<(String, u64), Refusal> {
    let part = outlet.context().doorward().authority().audit_after(filter, after, PART).await?;
    if part.entries.is_empty() {
        return Ok((String::new(), part.upto));
    }
    let message = |event: &_| event_stream::message(None, EventMessage::seq(event), event);
    Ok((telling.tell(part.entries).await?.iter().map(message).collect(), part.upto))
}
