//! `GET /v1/admin/audit/stream`: events as they happen (server-sent events, WHATWG HTML 9.2).

use axum::response::Response;
use doorward_core::{audit::AuditEntry, refusal::Refusal};
use http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;

use super::audit::{AuditItem, EventParameters};
use crate::{
    audit_listener::{EventMessage, Listener, Telling},
    context::RequestContext,
    extract::{Admin, FromHere},
    problem::{Problem, ProblemDocument},
    request_body::Parameters,
};

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
    Listener { context, headers, admin, last_event_id }.follow(filter, InCodes).await
}

/// As the list of events has them.
struct InCodes;

impl Telling for InCodes {
    async fn tell(&self, entries: Vec<AuditEntry>) -> Result<Vec<impl EventMessage>, Refusal> {
        Ok(entries.into_iter().map(AuditItem::from).collect())
    }
}

impl EventMessage for AuditItem {
    fn seq(&self) -> u64 {
        self.seq
    }
}
