//! Everybody's sessions.

use std::collections::HashMap;

use axum::response::Response;
use doorward_core::{ids::UserId, refusal::Refusal, session::Session, sessions::Reach, user::User};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    super::{account::session_entry, not_now::NotNow},
    parts::Listed,
    visit::Visit,
};
use crate::{
    api::session::parse_id,
    context::RequestContext,
    page_response::page,
    pages::{
        Field,
        views::{
            SessionEntry, SessionOwner,
            admin::{ListParts, Section, SessionsPage},
        },
    },
    request_body::{FormRequest, Parameters},
};

/// The page's own path, below the base path.
const SESSIONS: &str = "/admin/sessions";
/// Sessions shown at once.
const SHOWN: u32 = 50;

/// Whose sessions.
#[derive(Debug, Deserialize)]
pub(crate) struct SessionsParameters {
    /// A name or an id; none or nothing for everybody's.
    #[serde(default)]
    user: String,
    cursor: Option<String>,
}

/// The session to end, and whose the list was.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndForm {
    session_id: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    csrf_token: String,
}

/// Shows the page.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<SessionsParameters>,
    parts: Parts,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts).await?;
    let view = sessions_view(&visit, asked.user.trim(), asked.cursor.as_deref()).await?;
    let status = match view.asked.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(page(status, &view))
}

/// Ends one session.
pub(crate) async fn revoke(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<EndForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of_form(&context, &parts, &form.csrf_token, SESSIONS).await?;
    let id = parse_id(&form.session_id)?;
    match visit.authority().revoke_session(visit.caller(), id, Reach::Any).await {
        Ok(()) if visit.is_current(id) => Ok(visit.to_sign_in()),
        Ok(()) => {
            let view = sessions_view(&visit, &form.user, None).await?;
            Ok(page(StatusCode::OK, &SessionsPage { ended: true, ..view }))
        }
        Err(refusal) => {
            let failed = visit.failure(refusal)?;
            let view = sessions_view(&visit, &form.user, None).await?;
            Ok(failed.page(&SessionsPage { failure: failed.failure.clone(), ..view }))
        }
    }
}

/// The page as it is now: without sessions if there is nobody of that name.
async fn sessions_view(visit: &Visit<'_>, asked: &str, cursor: Option<&str>) -> Result<SessionsPage, NotNow> {
    let unread = SessionsPage {
        frame: visit.frame()?,
        section: Section::Sessions,
        asked: Field::of(asked),
        of: None,
        sessions: Vec::new(),
        parts: ListParts::default(),
        ended: false,
        failure: None,
    };
    let of = match whom(visit, asked).await {
        Ok(of) => of,
        Err(Refusal::NotFound) => {
            let error = Some(visit.language().sessions_nobody());
            return Ok(SessionsPage { asked: Field { value: asked.to_owned(), error }, ..unread });
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let listed = Listed { path: SESSIONS, chosen: ("user", asked), cursor };
    let request = listed.request(SHOWN);
    let found = visit.authority().sessions(of.as_ref().map(|user| user.id), request).await?;
    let sessions = match &of {
        Some(_) => found.items.iter().map(|session| entry(visit, session)).collect(),
        None => with_owners(visit, &found.items).await?,
    };
    Ok(SessionsPage {
        of: of.map(|user| visit.user_link(user.id, user.username.as_str())),
        sessions,
        parts: listed.parts(visit.app(), found.next.as_ref()),
        ..unread
    })
}

/// Whose sessions are asked for: by id or by name; everybody's if by neither.
async fn whom(visit: &Visit<'_>, asked: &str) -> Result<Option<User>, Refusal> {
    match asked.parse::<UserId>() {
        Ok(id) => visit.authority().user(id).await.map(Some),
        Err(_) if asked.is_empty() => Ok(None),
        Err(_) => visit.authority().user_by_name(asked).await.map(Some),
    }
}

fn entry(visit: &Visit<'_>, session: &Session) -> SessionEntry {
    session_entry(session, visit.now(), visit.is_current(session.id))
}

async fn with_owners(visit: &Visit<'_>, sessions: &[Session]) -> Result<Vec<SessionEntry>, Refusal> {
    let ids: Vec<UserId> = sessions.iter().map(|session| session.user_id).collect();
    let names: HashMap<_, _> = visit.authority().usernames(&ids).await?;
    let owned = |session: &Session| {
        let name = names.get(&session.user_id);
        let owner = name.map(|name| visit.user_link(session.user_id, name.as_str()));
        SessionEntry {
            owner: owner.map_or(SessionOwner::Removed, SessionOwner::Person),
            ..entry(visit, session)
        }
    };
    Ok(sessions.iter().map(owned).collect())
}
