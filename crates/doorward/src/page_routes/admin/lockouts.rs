//! What is locked right now, and how it is unlocked.

use std::collections::HashMap;

use axum::response::Response;
use doorward_core::{
    guard::{Lock, LockedSubject},
    ids::UserId,
    page::{Cursor, PageRequest},
    user::Username,
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{super::not_now::NotNow, visit::Visit};
use crate::{
    api::session::parse_id,
    context::RequestContext,
    page_response::page,
    pages::views::admin::{LockEntry, LockOwner, LockedThing, LockoutsPage, Section},
    problem::Problem,
    request_body::{FormRequest, Parameters},
};

/// The page's own path, below the base path.
const LOCKOUTS: &str = "/admin/lockouts";
/// Locks shown at once.
const LOCKS_SHOWN: u32 = 50;

/// Which part of the list.
#[derive(Debug, Deserialize)]
pub(super) struct LockoutsQuery {
    cursor: Option<String>,
}

/// Whom to unlock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlockForm {
    user_id: String,
    #[serde(default)]
    csrf_token: String,
}

/// Shows the page.
pub(super) async fn show(
    context: RequestContext,
    Parameters(query): Parameters<LockoutsQuery>,
    parts: Parts,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts).await?;
    let after = query.cursor.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| Problem::malformed("The cursor cannot be read."))?;
    Ok(page(StatusCode::OK, &lockouts_view(&visit, after).await?))
}

/// Ends every lock of a user.
pub(super) async fn unlock(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<UnlockForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of_form(&context, &parts, &form.csrf_token, LOCKOUTS).await?;
    let user: UserId = parse_id(&form.user_id)?;
    match visit.authority().unlock(visit.caller(), user).await {
        Ok(()) => {
            let name = visit.authority().usernames(&[user]).await?.remove(&user);
            let unlocked = name.map(|name| name.as_str().to_owned());
            let view = LockoutsPage { unlocked, ..lockouts_view(&visit, None).await? };
            Ok(page(StatusCode::OK, &view))
        }
        Err(refusal) => {
            let failed = visit.failure(refusal)?;
            let view = LockoutsPage { failure: failed.failure.clone(), ..lockouts_view(&visit, None).await? };
            Ok(failed.page(&view))
        }
    }
}

async fn lockouts_view(visit: &Visit<'_>, after: Option<Cursor>) -> Result<LockoutsPage, NotNow> {
    let found = visit.authority().lockouts(PageRequest { after, limit: LOCKS_SHOWN }).await?;
    let users: Vec<_> = found.items.iter().filter_map(|lock| lock.subject.user()).collect();
    let names = visit.authority().usernames(&users).await?;
    Ok(LockoutsPage {
        frame: visit.frame()?,
        section: Section::Lockouts,
        locks: found.items.iter().map(|lock| entry(visit, lock, &names)).collect(),
        more: found.next.map(|cursor| format!("{}?cursor={cursor}", visit.app().path(LOCKOUTS))),
        unlocked: None,
        failure: None,
    })
}

fn entry(visit: &Visit<'_>, lock: &Lock, names: &HashMap<UserId, Username>) -> LockEntry {
    let owner = |id: UserId| LockOwner {
        id: id.to_string(),
        // Of one who was deleted meanwhile there is no name.
        name: names.get(&id).map_or_else(|| id.to_string(), |name| name.as_str().to_owned()),
    };
    LockEntry {
        what: match lock.subject {
            LockedSubject::Account(_) => LockedThing::Account,
            LockedSubject::Device(_) => LockedThing::Device,
            LockedSubject::Session(_) => LockedThing::Session,
            LockedSubject::AuthenticatorApp(_) => LockedThing::AuthenticatorApp,
            LockedSubject::UnknownName => LockedThing::UnknownName,
        },
        owner: lock.subject.user().map(owner),
        until: lock.until.map(|until| visit.moment(until)),
    }
}
