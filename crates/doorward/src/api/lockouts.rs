//! `GET /v1/admin/lockouts`: what is locked right now.

use axum::Json;
use doorward_core::guard::Lock;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::{List, PageParameters, rfc3339};
use crate::{
    context::RequestContext,
    extract::Admin,
    problem::{Problem, ProblemDocument},
    request_body::Parameters,
};

/// A lock that is in force.
#[derive(Serialize, ToSchema)]
pub struct Lockout {
    /// What is locked: `account` (for browsers that never signed in to it), `device`, `session`, `authenticator_app`, or
    /// `unknown_name`, a name that is nobody's.
    subject: &'static str,
    /// Whose it is; null for a name that is nobody's.
    user_id: Option<String>,
    /// That user's name.
    username: Option<String>,
    /// When it ends; null if it ends only when the user is unlocked.
    #[schema(format = DateTime)]
    locked_until: Option<String>,
}

/// What is locked right now: first what does not end by itself, then what is somebody's, then names that are nobody's;
/// the soonest to end last.
#[utoipa::path(
    get, path = "/v1/admin/lockouts", tag = "admin", params(PageParameters),
    responses(
        (status = 200, description = "What is locked.", body = List<Lockout>),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn lockouts(
    context: RequestContext,
    _admin: Admin,
    Parameters(page): Parameters<PageParameters>,
) -> Result<Json<List<Lockout>>, Problem> {
    let authority = context.app().authority();
    let found = authority.lockouts(page.request()?).await?;
    let users: Vec<_> = found.items.iter().filter_map(|lock| lock.subject.user()).collect();
    let names = authority.usernames(&users).await?;
    let lockout = |Lock { subject, until }: Lock| Lockout {
        subject: subject.as_str(),
        user_id: subject.user().map(|id| id.to_string()),
        username: subject.user().and_then(|id| names.get(&id)).map(ToString::to_string),
        locked_until: until.map(rfc3339),
    };
    Ok(Json(List::of(found, lockout)))
}
