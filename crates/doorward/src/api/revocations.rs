//! `GET /v1/revocations`: the revocation feed, for programs that verify access tokens in their own process. In parts, or
//! as it grows.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use doorward_core::{
    feed::FeedPart,
    ids::{SessionId, UserId},
    revocation::{Effect, FeedEntry, Revocation, Subject},
    user::Epoch,
};
use http::{HeaderMap, header::ACCEPT};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::wire::{parse_rfc3339, rfc3339};
use crate::{
    context::RequestContext,
    event_stream::EVENT_STREAM,
    extract::{Admin, FromHere},
    problem::{Problem, ProblemDocument},
    request_body::Parameters,
    revocation_stream,
    single_header::SingleHeader,
};

/// Entries given at once.
const PART: u32 = 1000;

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RevocationParameters {
    /// After the entry of this number; 0, or nothing, is the beginning. For a stream, the header `Last-Event-ID` goes
    /// before.
    #[param(value_type = Option<u64>)]
    after: Option<String>,
}

/// A part of the feed.
#[derive(Serialize, ToSchema)]
pub struct Revocations {
    /// Entries in order of their numbers.
    pub items: Vec<RevocationItem>,
    /// After which number to ask for the next part. Without gaps, but for entries that have expired.
    pub seq: u64,
    /// Whether the feed held nothing after that when it was read. Nothing else confirms that no revocation is missing.
    pub complete: bool,
}

/// What was revoked: tokens of a session or of a user below an epoch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevocationItem {
    /// Its number.
    pub seq: u64,
    /// The session, whose tokens carry it as `sid`, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub session_id: Option<String>,
    /// The user, whose tokens carry it as `sub`, where it is about all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub user_id: Option<String>,
    /// What tokens below the epoch are from now on.
    pub effect: RevocationEffect,
    /// The least that is still valid of `sv`, for a session, or `uv`, for a user.
    pub epoch: u64,
    /// No token it concerns can be alive from here on.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// What becomes of a token.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevocationEffect {
    /// It is dead: `session_revoked`.
    Revoked,
    /// A refresh mends it: `session_expired`.
    Outdated,
}

/// That nothing is missing: the stream's event `confirmed`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Confirmation {
    /// Up to this number everything was sent.
    pub seq: u64,
    /// What was revoked longer before this was sent than that is among it.
    pub age_milliseconds: u64,
    /// The same moment, counted from the arrival of the request; negative before it. A reader that adds it to when it
    /// *sent* the request by its own monotonic clock knows as of when it is fresh, however long this was on its way.
    pub since_request_milliseconds: i64,
    /// Another number, and `/.well-known/jwks.json` has other keys.
    pub signing_keys_version: u64,
    /// The lifetime of access tokens, in seconds: entries are needed for as long.
    pub access_ttl: u64,
}

impl From<FeedEntry> for RevocationItem {
    fn from(FeedEntry { seq, revocation }: FeedEntry) -> Self {
        let (session_id, user_id) = match revocation.subject {
            Subject::Session(id) => (Some(id.to_string()), None),
            Subject::User(id) => (None, Some(id.to_string())),
        };
        let effect = match revocation.effect {
            Effect::Revoked => RevocationEffect::Revoked,
            Effect::Outdated => RevocationEffect::Outdated,
        };
        let expires_at = rfc3339(revocation.expires_at);
        Self { seq, session_id, user_id, effect, epoch: revocation.epoch.0, expires_at }
    }
}

/// An entry of a feed that this version cannot read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("an entry of the revocation feed cannot be read")]
pub struct Unreadable;

impl TryFrom<RevocationItem> for FeedEntry {
    type Error = Unreadable;

    fn try_from(item: RevocationItem) -> Result<Self, Unreadable> {
        let subject = match (item.session_id.as_deref(), item.user_id.as_deref()) {
            (Some(id), None) => Subject::Session(id.parse::<SessionId>().map_err(|_| Unreadable)?),
            (None, Some(id)) => Subject::User(id.parse::<UserId>().map_err(|_| Unreadable)?),
            (Some(_), Some(_)) | (None, None) => return Err(Unreadable),
        };
        let effect = match item.effect {
            RevocationEffect::Revoked => Effect::Revoked,
            RevocationEffect::Outdated => Effect::Outdated,
        };
        let expires_at = parse_rfc3339(&item.expires_at).ok_or(Unreadable)?;
        let revocation = Revocation { subject, effect, epoch: Epoch(item.epoch), expires_at };
        Ok(Self { seq: item.seq, revocation })
    }
}

/// Which sessions and users were revoked, so that a program can verify access tokens by itself, with the keys of
/// `/.well-known/jwks.json`, and refuse those that are revoked.
///
/// With `Accept: text/event-stream`, entries come as they are made, each as `data` with its number as `id`. Between them, for as long as
/// this node knows that it missed nothing and several times within `revocation.max_staleness`, an event `confirmed`
/// tells up to which number everything was sent, and as of when (`Confirmation`). Who has had none for too long lets
/// nobody in. The stream ends when the access token does, when the session is ended or the role taken away, when this
/// node cannot confirm the feed itself, and when the server stops; an `event: end` tells why, as a code.
///
/// 409 `conflict`, and that code at the end of a stream, says that the number is none to go on from: too old, or of a
/// database that was put back since. Begin again, after 0, and keep what you have. 503 `revocation_state_stale`: this
/// node does not know itself.
#[utoipa::path(
    get, path = "/v1/revocations", tag = "admin", params(RevocationParameters),
    responses(
        (status = 200, description = "A part of the feed, or with `Accept: text/event-stream` the feed without end.", content(
            (Revocations = "application/json"),
            (String = "text/event-stream"),
        )),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn revocations(
    context: RequestContext,
    headers: HeaderMap,
    admin: Admin,
    _from: FromHere,
    Parameters(RevocationParameters { after }): Parameters<RevocationParameters>,
) -> Result<Response, Problem> {
    let opened_at = context.app().authority().monotonic();
    let streams = wants_stream(&headers);
    let last = if streams { SingleHeader::read(&headers, "last-event-id").value() } else { None };
    let after = match last.or(after.as_deref()) {
        Some(seq) => seq.parse().map_err(|_| Problem::malformed("The number to go on after is none."))?,
        None => 0,
    };
    let FeedPart::Next { entries, seq, is_end } = context.app().authority().revocations(after, PART).await?
    else {
        return Err(Problem::feed_position_unknown());
    };
    if streams {
        return revocation_stream::begin(context, &admin, after, opened_at);
    }
    let items = entries.into_iter().map(RevocationItem::from).collect();
    Ok(Json(Revocations { items, seq, complete: is_end }).into_response())
}

/// Whether the stream is asked for by name; who takes anything gets a part.
fn wants_stream(headers: &HeaderMap) -> bool {
    let ranges = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let named =
        |range: &str| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(EVENT_STREAM);
    ranges.flat_map(|value| value.split(',')).any(named)
}
