//! `GET /v1/admin/audit/stream`: events as they happen (server-sent events, WHATWG HTML 9.2).

use std::{convert::Infallible, time::Duration};

use axum::response::Response;
use doorward_core::{
    audit::{AuditEntry, AuditFilter},
    refusal::Refusal,
};
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use serde::Deserialize;
use utoipa::IntoParams;

use super::audit::{AuditItem, EventParameters};
use crate::{
    context::RequestContext,
    extract::{Admin, FromHere},
    long_answer::{Outlet, Over},
    problem::{Problem, ProblemDocument},
    request_body::Parameters,
    single_header::SingleHeader,
};

/// Events sent at once.
const PART: u32 = 100;

/// How often the store is asked for new events: any process may have written them.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// So many looks in vain, and a comment shows proxies and the reader that the connection is alive.
const LOOKS_PER_HEARTBEAT: u32 = 30;

/// What is sent first: the reader's head start, and after how many milliseconds to come back when it ends.
const BEGINNING: &str = "retry: 1000\n\n";
const HEARTBEAT: &str = ":\n\n";

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamParameters {
    /// After the event of this `seq`, as the header `Last-Event-ID` says it, which goes before; with neither, what happens
    /// from now on.
    #[param(value_type = Option<u64>)]
    last_event_id: Option<String>,
}

/// Events that the filters let through, as they happen: each as `data`, in the form of the list, with its `seq` as `id`.
///
/// Ends when the access token does, at once when the session is ended or the role taken away, and when the server stops;
/// an `event: end` tells why, as a code. Whoever comes back with the last `id` misses nothing.
#[utoipa::path(
    get, path = "/v1/admin/audit/stream", tag = "admin", params(EventParameters, StreamParameters),
    responses(
        (status = 200, description = "Events without end.", body = String, content_type = "text/event-stream"),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn stream(
    context: RequestContext,
    headers: HeaderMap,
    admin: Admin,
    _from: FromHere,
    Parameters(events): Parameters<EventParameters>,
    Parameters(StreamParameters { last_event_id }): Parameters<StreamParameters>,
) -> Result<Response, Problem> {
    let filter = events.filter()?;
    let last = SingleHeader::read(&headers, "last-event-id").value();
    let after = match last.or(last_event_id.as_deref()) {
        Some(seq) => seq.parse().map_err(|_| Problem::malformed("The last event's id is no number."))?,
        None => context.app().authority().audit_after(&filter, u64::MAX, 1).await?.upto,
    };
    let doorward = context.doorward().clone();
    let (outlet, body) = doorward.app().long_answers.begin(context, &admin)?;
    tokio::spawn(follow(outlet, filter, after));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // nginx would keep events back until its buffer is full.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

async fn follow(outlet: Outlet, filter: AuditFilter, after: u64) {
    let Err(over) = send_until_over(&outlet, &filter, after).await;
    outlet.end_with(match over {
        Over::Unwanted => String::new(),
        Over::Refused(refusal) => format!("event: end\ndata: {{\"code\":\"{}\"}}\n\n", refusal.code()),
    });
}

async fn send_until_over(outlet: &Outlet, filter: &AuditFilter, mut after: u64) -> Result<Infallible, Over> {
    let authority = outlet.context().doorward().authority();
    outlet.send(BEGINNING).await?;
    let mut looks_in_vain = 0;
    loop {
        let entries = match authority.audit_after(filter, after, PART).await {
            Ok(part) => {
                after = part.upto;
                part.entries
            }
            // What cannot be read now is read later: nothing is missed.
            Err(Refusal::StoreUnavailable) => Vec::new(),
            Err(refusal) => return Err(Over::Refused(refusal)),
        };
        if !entries.is_empty() {
            looks_in_vain = 0;
            outlet.send(entries.into_iter().map(message).collect::<String>()).await?;
            continue;
        }
        looks_in_vain += 1;
        if looks_in_vain % LOOKS_PER_HEARTBEAT == 0 {
            outlet.send(HEARTBEAT).await?;
        }
        outlet.wait(LOOK_EVERY).await?;
    }
}

/// JSON holds no line breaks.
fn message(entry: AuditEntry) -> String {
    let seq = entry.seq;
    let data = serde_json::to_string(&AuditItem::from(entry)).unwrap_or_default();
    format!("id: {seq}\ndata: {data}\n\n")
}
