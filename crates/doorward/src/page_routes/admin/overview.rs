//! The console's front page: what there is, and what happened lately.

use std::{cmp::Reverse, collections::HashMap};

use axum::response::Response;
use doorward_core::{
    audit::{EventName, Outcome},
    statistics::{EventCount, Gauges, HOUR},
    time::Timestamp,
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{super::not_now::NotNow, visit::Visit};
use crate::{
    api::wire::milliseconds,
    context::RequestContext,
    page_response::page,
    pages::{
        plot::Sample,
        views::admin::{NodeStaleness, OverviewPage, Range, Section, SignIns, Totals},
    },
    request_body::Parameters,
};

/// How far back the pictures go.
#[derive(Debug, Deserialize)]
pub(super) struct OverviewQuery {
    range: Option<String>,
}

/// Shows the page.
pub(super) async fn show(
    context: RequestContext,
    Parameters(query): Parameters<OverviewQuery>,
    parts: Parts,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts).await?;
    let asked = |range: &Range| query.range.as_deref() == Some(range.name());
    let range = Range::ALL.into_iter().find(asked).unwrap_or(Range::Day);
    Ok(page(StatusCode::OK, &overview(&visit, range).await?))
}

async fn overview(visit: &Visit<'_>, range: Range) -> Result<OverviewPage, NotNow> {
    let (authority, now_ms) = (visit.authority(), visit.now().as_millis());
    let [from, until] = [range.from_ms(now_ms), range.until_ms(now_ms)].map(Timestamp::from_millis);
    let now = authority.overview().await?;
    let counts = authority.event_counts(from, until).await?;
    let mut gauges = authority.gauges(from, until).await?;
    // More than one an hour is more than a picture of a month can show.
    if range == Range::Month {
        gauges.dedup_by_key(|read| read.as_of.beginning_of(HOUR));
    }
    let samples = |value: fn(&Gauges) -> u64| {
        gauges.iter().map(|read| Sample { at_ms: read.as_of.as_millis(), value: value(read) }).collect()
    };
    Ok(OverviewPage {
        frame: visit.frame()?,
        section: Section::Overview,
        range,
        now_ms,
        totals: Totals {
            users: now.users,
            live_sessions: now.live_sessions,
            locked_accounts: now.locked_accounts,
            as_of: visit.moment(now.as_of),
        },
        sign_ins: sign_ins(&counts, range, now_ms),
        live_sessions: samples(|read| read.live_sessions),
        locked_accounts: samples(|read| read.locked_accounts),
        users: samples(|read| read.users),
        refusals: refusals(&counts),
        nodes: nodes(visit).await?,
        staleness_bound_ms: milliseconds(authority.verifier().max_staleness()),
    })
}

/// How old what each node knows is: of this one as of now, of others as they told within the last second.
async fn nodes(visit: &Visit<'_>) -> Result<Vec<NodeStaleness>, NotNow> {
    let (authority, now) = (visit.authority(), visit.now());
    let (own_age, _) = authority.verifier().revocation_state();
    let own_name = visit.app().fixed.node_name.as_deref();
    let others = authority.nodes().await?.into_iter().filter(|node| Some(node.name.as_str()) != own_name);
    let others =
        others.map(|node| NodeStaleness { age_ms: milliseconds(node.age(now)), name: Some(node.name) });
    let own = NodeStaleness { name: None, age_ms: milliseconds(own_age) };
    Ok(std::iter::once(own).chain(others).collect())
}

/// Sign-ins of each slot. Whoever shows a wrong second factor is refused as well as one who shows a wrong password.
fn sign_ins(counts: &[EventCount], range: Range, now_ms: i64) -> Vec<SignIns> {
    let mut slots = vec![SignIns::default(); range.slots()];
    for EventCount { hour, name, count, .. } in counts {
        let slot = range.slot_of(hour.as_millis(), now_ms).and_then(|slot| slots.get_mut(slot));
        let Some(slot) = slot else { continue };
        if name == EventName::LoginSucceeded.as_str() {
            slot.succeeded = slot.succeeded.saturating_add(*count);
        } else if [EventName::LoginRefused, EventName::FactorRefused]
            .iter()
            .any(|refused| name == refused.as_str())
        {
            slot.refused = slot.refused.saturating_add(*count);
        }
    }
    slots
}

/// How many requests were refused for which reason, the most frequent first. What is told beside a refusal (that an
/// account was locked by it, that a passkey may have been copied) counts as none, and the log's own troubles are no
/// requests.
fn refusals(counts: &[EventCount]) -> Vec<(String, u64)> {
    const BESIDE: [EventName; 4] = [
        EventName::AccountLocked,
        EventName::FactorLocked,
        EventName::PasskeyCloneSuspected,
        EventName::AuditChainRestarted,
    ];
    let is_refusal = |name: &str| {
        EventName::ALL.iter().any(|known| {
            known.as_str() == name && known.outcome() == Outcome::Refused && !BESIDE.contains(known)
        })
    };
    let mut by_reason: HashMap<&str, u64> = HashMap::new();
    for EventCount { reason, count, .. } in counts.iter().filter(|count| is_refusal(&count.name)) {
        let sum = by_reason.entry(reason.as_deref().unwrap_or_default()).or_default();
        *sum = sum.saturating_add(*count);
    }
    let mut refusals: Vec<_> =
        by_reason.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect();
    refusals.sort_unstable_by(|one, other| (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0)));
    refusals
}
