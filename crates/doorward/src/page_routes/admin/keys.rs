//! The keys that sign access tokens: which there are, and a new one at will.

use axum::response::Response;
use doorward_core::signing_key::{self, ListedKey, Rotation};
use http::{StatusCode, request::Parts};

use super::{
    super::{not_now::NotNow, nothing_form::NothingForm},
    visit::Visit,
};
use crate::{
    context::RequestContext,
    page_response::page,
    pages::views::admin::{KeyEntry, KeyState, KeysNotice, KeysPage, Question, Section},
    request_body::FormRequest,
};

/// The page's own path, below the base path.
const KEYS: &str = "/admin/keys";

/// Shows the page.
pub(crate) async fn show(context: RequestContext, parts: Parts) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts).await?;
    Ok(page(StatusCode::OK, &keys_view(&visit).await?))
}

/// Asks whether to replace the key that signs.
pub(crate) async fn confirm_rotation(context: RequestContext, parts: Parts) -> Result<Response, NotNow> {
    let visit = Visit::of_somebody_fresh(&context, &parts).await?;
    visit.ask(Section::Keys, Question::RotateKey, KEYS)
}

/// Replaces the key that signs.
pub(crate) async fn rotate(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<NothingForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of_form(&context, &parts, &form.csrf_token, KEYS).await?;
    match visit.authority().rotate_signing_key(visit.caller(), Rotation::Announced).await {
        Ok(_) => {
            let view = KeysPage { notice: Some(KeysNotice::Rotated), ..keys_view(&visit).await? };
            Ok(page(StatusCode::OK, &view))
        }
        Err(refusal) => {
            let failed = visit.failure(refusal)?;
            let view = KeysPage { failure: failed.failure.clone(), ..keys_view(&visit).await? };
            Ok(failed.page(&view))
        }
    }
}

async fn keys_view(visit: &Visit<'_>) -> Result<KeysPage, NotNow> {
    let keys = visit.authority().signing_keys().await?;
    Ok(KeysPage {
        frame: visit.frame()?,
        section: Section::Keys,
        keys: keys.iter().map(|key| key_entry(visit, key)).collect(),
        notice: None,
        failure: None,
    })
}

fn key_entry(visit: &Visit<'_>, key: &ListedKey) -> KeyEntry {
    let moment = |at| visit.moment(at);
    let since = moment(key.term.retired_at.unwrap_or(key.created_at));
    let state = match key.state {
        signing_key::KeyState::Next => KeyState::Next { from: moment(key.term.signs_from) },
        signing_key::KeyState::Signing => KeyState::Signs,
        signing_key::KeyState::Verifying => {
            KeyState::Verifies { since, until: key.verifies_until.map_or(since, moment) }
        }
        signing_key::KeyState::Gone => KeyState::Retired { since },
    };
    KeyEntry { id: key.id.to_string(), created: moment(key.created_at), state }
}
