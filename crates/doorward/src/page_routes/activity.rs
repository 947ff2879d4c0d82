//! What happened to an account, in words: for its owner, and for administrators.

use axum::response::Response;
use doorward_core::{
    audit::{Actor, AuditEntry, EventName, Outcome},
    ids::UserId,
    page::{Page, PageRequest},
    time::Timestamp,
};
use http::{StatusCode, request::Parts};

use super::{
    account::{AccountParameters, found_here, visitor},
    not_now::NotNow,
};
use crate::{
    context::RequestContext,
    page_response::{page, signed_in},
    pages::{
        Language,
        device::Device,
        moment::Moment,
        phrases::Phrase,
        views::{ActivityEntry, ActivityPage, DoneBy},
    },
    problem::Problem,
    request_body::Parameters,
};

/// Events shown at once.
const SHOWN: u32 = 20;

/// Shows the page.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AccountParameters>,
    parts: Parts,
) -> Result<Response, NotNow> {
    let identity = visitor(&context, &parts)?;
    let principal = &identity.principal;
    let view = async {
        // Whose session was ended since its token was checked is told nothing any more.
        context.app().authority().session_of(principal).await?;
        let (activity, next_page) =
            own_activity(&context, principal.user_id, asked.cursor.as_deref()).await?;
        Ok(ActivityPage { frame: signed_in(&context, principal)?, activity, next_page })
    };
    found_here(&context, view.await).map(|view| page(StatusCode::OK, &view))
}

/// The latest that happened to somebody's account, or what comes after `cursor`, as they are told of it; and where that
/// goes on.
pub(super) async fn own_activity(
    context: &RequestContext,
    owner: UserId,
    cursor: Option<&str>,
) -> Result<(Vec<ActivityEntry>, Option<String>), Problem> {
    let app = context.app();
    let request = PageRequest { after: cursor.and_then(|cursor| cursor.parse().ok()), limit: SHOWN };
    let Page { items, next } = app.authority().activity(owner, request).await?;
    let now = app.authority().now()?;
    let told = |entry: &AuditEntry| told_to_owner(context.language(), entry, owner, now);
    let next = next.map(|next| app.path(&format!("/account/activity?cursor={next}")));
    Ok((items.iter().map(told).collect(), next))
}

/// Where somebody else did it, that person's device and address are not the owner's business.
fn told_to_owner(t: Language, entry: &AuditEntry, owner: UserId, now: Timestamp) -> ActivityEntry {
    let told = told(t, entry, now);
    // Who signs in, or out, ends whatever session their browser presents.
    let presented = matches!(entry.reason.as_deref(), Some("replaced" | "logout"));
    let somebody = if presented { DoneBy::SameBrowser } else { DoneBy::Administration };
    match done_by(entry, owner, |_| somebody.clone()) {
        None => told,
        by => ActivityEntry { by, device: None, address: None, ..told },
    }
}

pub(super) fn done_by(
    entry: &AuditEntry,
    owner: UserId,
    person: impl Fn(UserId) -> DoneBy,
) -> Option<DoneBy> {
    match entry.actor.parse() {
        Ok(Actor::User(id)) => (id != owner).then(|| person(id)),
        Ok(Actor::CommandLine) => Some(DoneBy::CommandLine),
        Ok(Actor::System) => Some(DoneBy::System),
        Ok(Actor::Anonymous) | Err(_) => None,
    }
}

pub(super) fn told(t: Language, entry: &AuditEntry, now: Timestamp) -> ActivityEntry {
    let locked = [EventName::AccountLocked, EventName::FactorLocked].map(EventName::as_str);
    // A lock's reason says nothing that its name does not.
    let reason = entry.reason.as_deref().filter(|_| !locked.contains(&entry.name.as_str()));
    ActivityEntry {
        what: t.event_named(&entry.name).unwrap_or_else(|| t.activity_unknown(&entry.name)),
        reason: reason.and_then(|reason| t.reason(reason)),
        refused: entry.outcome == Outcome::Refused.as_str(),
        details: entry.details.iter().filter_map(|(name, value)| detail(t, name, value)).collect(),
        by: None,
        device: (!entry.user_agent.is_empty()).then(|| Device::from_user_agent(&entry.user_agent)),
        address: entry.address.map(|address| address.to_string()),
        at: Moment::new(entry.at.as_millis(), now.as_millis()),
    }
}

/// What people are told of a detail; the log has more, for those who look after the server.
fn detail(t: Language, name: &str, value: &str) -> Option<Phrase> {
    match (name, value) {
        ("count", count) => count.parse::<u64>().ok().map(|count| t.activity_times(count)),
        ("roles", "") => Some(t.activity_no_roles()),
        ("roles", roles) => Some(t.activity_roles(roles.replace(',', ", "))),
        ("disabled", "true") => Some(t.activity_disabled()),
        ("disabled", "false") => Some(t.activity_enabled()),
        ("must_change_password", "true") => Some(t.activity_password_due()),
        ("must_change_password", "false") => Some(t.activity_password_not_due()),
        ("email", _) => Some(t.activity_email()),
        _ => None,
    }
}
