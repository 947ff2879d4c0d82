//! `GET /v1/admin/overview`: what the console draws, in numbers.

use std::time::Duration;

use axum::Json;
use doorward_core::{
    node::Node,
    refusal::Refusal,
    statistics::{EventCount, Gauges},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::wire::{milliseconds, parse_time, rfc3339};
use crate::{
    context::RequestContext,
    extract::Admin,
    problem::{Problem, ProblemDocument},
    request_body::Parameters,
};

/// What is told of unless something else is asked for.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The longest that is told of at once: a count for every name and reason in every hour.
const MAX_SPAN: Duration = Duration::from_secs(31 * 24 * 3600);

/// Which time to tell of.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewParameters {
    /// From this time on; a day before `before` unless given, and at most 31 days.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Up to this time, not included; now unless given.
    #[param(format = DateTime)]
    before: Option<String>,
}

/// How much there is, and what happened.
#[derive(Serialize, ToSchema)]
pub struct Overview {
    /// How much there is now, as of the last minute.
    now: GaugesAt,
    /// How long ago this node confirmed the revocation feed.
    revocation_age_milliseconds: u64,
    /// Beyond this age it lets nobody in: `revocation.max_staleness`.
    max_staleness_milliseconds: u64,
    /// The nodes that share the store, by name, as each told within the last second; none where there is only this one.
    nodes: Vec<NodeAge>,
    /// How much there was, one sample for each quarter of an hour, oldest first.
    samples: Vec<GaugesAt>,
    /// How many events there were in each hour, by name and reason, oldest first.
    events: Vec<HourlyCount>,
}

/// A node, as it last told of itself.
#[derive(Serialize, ToSchema)]
pub struct NodeAge {
    /// Its name.
    name: String,
    /// The version it runs.
    version: String,
    /// Since when it runs.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it told this.
    #[schema(format = DateTime)]
    reported_at: String,
    /// The number up to which the revocation feed was in force there.
    feed_seq: u64,
    /// How long ago it had confirmed the feed; for a node that tells nothing any more, how long that has been.
    revocation_age_milliseconds: u64,
    /// Whether it tells nothing any more: it does not run, or does not reach the store.
    silent: bool,
}

impl NodeAge {
    fn of(node: Node, now: Timestamp) -> Self {
        Self {
            revocation_age_milliseconds: milliseconds(node.age(now)),
            silent: node.is_silent(now),
            name: node.name,
            version: node.version,
            started_at: rfc3339(node.started_at),
            reported_at: rfc3339(node.reported_at),
            feed_seq: node.feed_seq,
        }
    }
}

/// How much there is at some time.
#[derive(Serialize, ToSchema)]
pub struct GaugesAt {
    /// As of when.
    #[schema(format = DateTime)]
    at: String,
    /// Users, disabled ones included.
    users: u64,
    /// Sessions that are alive.
    live_sessions: u64,
    /// Users whose account or authenticator app is locked.
    locked_accounts: u64,
}

/// How many events of a kind there were in an hour.
#[derive(Serialize, ToSchema)]
pub struct HourlyCount {
    /// When the hour began.
    #[schema(format = DateTime)]
    hour: String,
    /// The event's name.
    event: String,
    /// Why.
    reason: Option<String>,
    /// How many. An event that tells of many refusals counts as many.
    count: u64,
}

impl From<Gauges> for GaugesAt {
    fn from(gauges: Gauges) -> Self {
        let Gauges { as_of, users, live_sessions, locked_accounts } = gauges;
        Self { at: rfc3339(as_of), users, live_sessions, locked_accounts }
    }
}

impl From<EventCount> for HourlyCount {
    fn from(counted: EventCount) -> Self {
        let EventCount { hour, name, reason, count } = counted;
        Self { hour: rfc3339(hour), event: name, reason, count }
    }
}

impl OverviewParameters {
    fn span(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        // Now included.
        let until =
            parse_time("before", self.before.as_deref())?.unwrap_or(now.plus(Duration::from_millis(1)));
        let from = parse_time("after", self.after.as_deref())?.unwrap_or(until.minus(DAY));
        if until.since(from) > MAX_SPAN {
            let what = "after and before are at most 31 days apart".to_owned();
            return Err(Refusal::invalid("after", "out_of_range", what).into());
        }
        Ok((from, until))
    }
}

/// How many users, sessions and locks there are, how many there were, and how many events of each kind.
#[utoipa::path(
    get, path = "/v1/admin/overview", tag = "admin", params(OverviewParameters),
    responses(
        (status = 200, description = "The numbers.", body = Overview),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn overview(
    context: RequestContext,
    _admin: Admin,
    Parameters(parameters): Parameters<OverviewParameters>,
) -> Result<Json<Overview>, Problem> {
    let authority = context.app().authority();
    let now = authority.now()?;
    let (from, until) = parameters.span(now)?;
    let (age, _) = authority.verifier().revocation_state();
    Ok(Json(Overview {
        now: authority.overview().await?.into(),
        revocation_age_milliseconds: milliseconds(age),
        max_staleness_milliseconds: milliseconds(authority.verifier().max_staleness()),
        nodes: authority.nodes().await?.into_iter().map(|node| NodeAge::of(node, now)).collect(),
        samples: authority.gauges(from, until).await?.into_iter().map(GaugesAt::from).collect(),
        events: authority.event_counts(from, until).await?.into_iter().map(HourlyCount::from).collect(),
    }))
}
