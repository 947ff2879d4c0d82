//! `GET /v1/admin/audit`: what happened, newest first.

use std::{collections::BTreeMap, net::IpAddr};

use axum::Json;
use doorward_core::{
    audit::{AuditEntry, AuditFilter},
    refusal::Refusal,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    session::parse_id,
    wire::{List, PageParameters, parse_time, rfc3339},
};
use crate::{
    context::RequestContext,
    extract::Admin,
    problem::{Problem, ProblemDocument},
    request_body::Parameters,
};

/// Which events are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventParameters {
    /// Only those concerning this user.
    user_id: Option<String>,
    /// Only those of this name.
    event: Option<String>,
    /// Only those from this address.
    address: Option<String>,
    /// Only those at or after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only those before this time.
    #[param(format = DateTime)]
    before: Option<String>,
}

impl EventParameters {
    pub(super) fn filter(&self) -> Result<AuditFilter, Problem> {
        let Self { user_id, event, address, after, before } = self;
        Ok(AuditFilter {
            user_id: user_id.as_deref().map(parse_id).transpose()?,
            name: event.clone(),
            address: address.as_deref().map(parse_address).transpose()?,
            after: parse_time("after", after.as_deref())?,
            before: parse_time("before", before.as_deref())?,
        })
    }
}

/// An event.
#[derive(Serialize, ToSchema)]
pub struct AuditItem {
    /// Its place in the log.
    pub(super) seq: u64,
    /// When.
    #[schema(format = DateTime)]
    pub(super) at: String,
    /// What happened.
    pub(super) event: String,
    /// `success` or `refused`.
    pub(super) outcome: String,
    /// Who did it: a user's id, `anonymous`, `command-line` or `system`.
    pub(super) actor: String,
    /// Whom it concerns.
    pub(super) user_id: Option<String>,
    /// The session it concerns.
    pub(super) session_id: Option<String>,
    /// From where.
    pub(super) address: Option<String>,
    /// With what.
    pub(super) user_agent: String,
    /// In which request.
    pub(super) request_id: Option<String>,
    /// Why.
    pub(super) reason: Option<String>,
    /// What else is worth knowing.
    pub(super) details: BTreeMap<String, String>,
}

impl From<AuditEntry> for AuditItem {
    fn from(entry: AuditEntry) -> Self {
        Self {
            seq: entry.seq,
            at: rfc3339(entry.at),
            event: entry.name,
            outcome: entry.outcome,
            actor: entry.actor,
            user_id: entry.user_id.map(|id| id.to_string()),
            session_id: entry.session_id.map(|id| id.to_string()),
            address: entry.address.map(|address| address.to_string()),
            user_agent: entry.user_agent,
            request_id: entry.request_id,
            reason: entry.reason,
            details: entry.details.into_iter().collect(),
        }
    }
}

/// An address in the form in which events have it.
pub(crate) fn parse_address(text: &str) -> Result<IpAddr, Problem> {
    let address: Result<IpAddr, _> = text.parse();
    let invalid = |_| Refusal::invalid("address", "not_an_address", "not an IP address".to_owned());
    Ok(address.map_err(invalid)?.to_canonical())
}

/// Events, newest first.
#[utoipa::path(
    get, path = "/v1/admin/audit", tag = "admin", params(EventParameters, PageParameters),
    responses(
        (status = 200, description = "Events, newest first.", body = List<AuditItem>),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn audit(
    context: RequestContext,
    _admin: Admin,
    Parameters(events): Parameters<EventParameters>,
    Parameters(page): Parameters<PageParameters>,
) -> Result<Json<List<AuditItem>>, Problem> {
    let found = context.app().authority().audit(&events.filter()?, page.request()?).await?;
    Ok(Json(List::of(found, AuditItem::from)))
}
