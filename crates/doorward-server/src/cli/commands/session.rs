//! `session …`

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use doorward_core::authority::Caller;
use doorward_core::ids::{SessionId, UserId};
use doorward_core::page::PageRequest;
use doorward_core::refusal::Refusal;
use doorward_core::session::Session;
use doorward_core::sessions::Reach;
use serde_json::json;

use super::{Opened, user};
use crate::Failure;
use crate::cli::args;
use crate::cli::output::Answer;
use crate::cli::refused::refused;
use crate::cli::views;

/// Items read at once.
const PAGE: u32 = 200;

pub(super) async fn run(opened: &Opened, command: args::Session) -> Result<Answer, Failure> {
    match command {
        args::Session::List { user } => list(opened, user.as_deref()).await,
        args::Session::Revoke { id } => revoke(opened, &id).await,
    }
}

/// Live sessions: one user's, or all.
pub(super) async fn list(opened: &Opened, of: Option<&str>) -> Result<Answer, Failure> {
    let of = match of {
        Some(name_or_id) => Some(user::find(opened.authority(), name_or_id).await?.id),
        None => None,
    };
    let sessions = read(opened, of).await?;
    let mut names: HashMap<UserId, String> = HashMap::new();
    for id in sessions.iter().map(|session| session.user_id) {
        if let Entry::Vacant(unknown) = names.entry(id) {
            // Deleted since: its sessions are gone with it.
            let name = opened.authority().user(id).await.map(|user| user.username.to_string());
            unknown.insert(name.unwrap_or_default());
        }
    }
    let items = sessions.iter().map(|session| {
        let name = names.get(&session.user_id).map(String::as_str).unwrap_or_default();
        (views::session_json(session, name), views::session_row(session, name))
    });
    Ok(views::list(views::SESSION_COLUMNS, "Nobody is logged in.", items))
}

async fn read(opened: &Opened, of: Option<UserId>) -> Result<Vec<Session>, Failure> {
    let mut sessions = Vec::new();
    let mut after = None;
    loop {
        let page = opened.authority().sessions(of, PageRequest { after, limit: PAGE }).await;
        let page = page.map_err(|refusal| refused("cannot list the sessions", &refusal))?;
        sessions.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(sessions);
        }
    }
}

async fn revoke(opened: &Opened, id: &str) -> Result<Answer, Failure> {
    let parsed: SessionId = id.parse().map_err(|_| {
        Failure::Unusable(format!("{id:?} is no session id: copy one from `doorward session list`"))
    })?;
    let outcome = opened.authority().revoke_session(&Caller::command_line(), parsed, Reach::Any).await;
    outcome.map_err(|refusal| match refusal {
        Refusal::NotFound => {
            Failure::Failed(format!("there is no live session {id}: see `doorward session list`"))
        }
        other => refused("cannot end the session", &other),
    })?;
    Ok(Answer::line(format!("session {id} ended"), json!({ "revoked": 1 })))
}
