//! `GET /v1/admin/audit`: what happened, newest first.

use std::{collections::BTreeMap, net::IpAddr};

use axum::Json;
use doorward_core::audit::{AuditEntry, AuditFilter};
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

/// Which events to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditParameters {
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
    /// `next_cursor` of the part before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

/// An event.
#[derive(Serialize, ToSchema)]
pub struct AuditItem {
    /// Its place in the log.
    seq: u64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What happened.
    event: String,
    /// `success` or `refused`.
    outcome: String,
    /// Who did it: a user's id, `anonymous`, `command-line` or `system`.
    actor: String,
    /// Whom it concerns.
    user_id: Option<String>,
    /// The session it concerns.
    session_id: Option<String>,
    /// From where.
    address: Option<String>,
    /// With what.
    user_agent: String,
    /// In which request.
    request_id: Option<String>,
    /// Why.
    reason: Option<String>,
    /// What else is worth knowing.
    details: BTreeMap<String, String>,
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
fn parse_address(text: &str) -> Result<IpAddr, Problem> {
    let address: IpAddr =
        text.parse().map_err(|_| Problem::malformed("The parameter address is no IP address."))?;
    Ok(address.to_canonical())
}

/// Events, newest first.
#[utoipa::path(
    get, path = "/v1/admin/audit", tag = "admin", params(AuditParameters),
    responses(
        (status = 200, description = "Events, newest first.", body = List<AuditItem>),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn audit(
    context: RequestContext,
    _admin: Admin,
    Parameters(parameters): Parameters<AuditParameters>,
) -> Result<Json<List<AuditItem>>, Problem> {
    let AuditParameters { user_id, event, address, after, before, cursor, limit } = parameters;
    let filter = AuditFilter {
        user_id: user_id.as_deref().map(parse_id).transpose()?,
        name: event,
        address: address.as_deref().map(parse_address).transpose()?,
        after: parse_time("after", after.as_deref())?,
        before: parse_time("before", before.as_deref())?,
    };
    let page = PageParameters { cursor, limit }.request()?;
    let found = context.app().authority().audit(&filter, page).await?;
    Ok(Json(List::of(found, AuditItem::from)))
}
