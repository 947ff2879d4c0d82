//! Users, sessions, keys, nodes and events as commands show them. The JSON has the HTTP API's names.

use doorward_core::audit::AuditEntry;
use doorward_core::audit_chain::{ChainHead, ChainedEntry};
use doorward_core::node::Node;
use doorward_core::session::Session;
use doorward_core::signing_key::ListedKey;
use doorward_core::time::Timestamp;
use doorward_core::user::{Email, Factors, User};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::output::{Answer, Text};
use crate::Failure;

/// RFC 3339, UTC; a time beyond the year 9999 has no such form and is shown as its milliseconds.
pub(super) fn time(at: Timestamp) -> String {
    let nanoseconds = i128::from(at.as_millis()) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| at.as_millis().to_string())
}

/// Reads an RFC 3339 time of an argument.
pub(super) fn parse_time(flag: &str, text: &str) -> Result<Timestamp, Failure> {
    let parsed = OffsetDateTime::parse(text, &Rfc3339).ok();
    let milliseconds = parsed.and_then(|time| i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok());
    milliseconds.map(Timestamp::from_millis).ok_or_else(|| {
        Failure::Unusable(format!("--{flag} = {text:?}: write a time such as 2026-01-31T00:00:00Z"))
    })
}

/// A list in the form the HTTP API gives lists.
pub(super) fn list(
    columns: &'static [&'static str],
    empty: &'static str,
    items: impl IntoIterator<Item = (Json, Vec<String>)>,
) -> Answer {
    let (items, rows): (Vec<Json>, Vec<Vec<String>>) = items.into_iter().unzip();
    let json = json!({ "items": items, "next_cursor": null });
    Answer { json, text: Text::Table { columns, rows, empty } }
}

pub(super) fn user_json(user: &User) -> Json {
    json!({
        "id": user.id.to_string(),
        "username": user.username.as_str(),
        "email": user.email.as_ref().map(Email::as_str),
        "roles": user.roles.iter().collect::<Vec<_>>(),
        "mfa": {
            "totp": user.factors.totp,
            "passkeys": user.factors.passkeys,
            "recovery_codes_left": user.factors.recovery_codes_left,
        },
        "must_change_password": user.must_change_password,
        "disabled": user.disabled,
        "created_at": time(user.created_at),
    })
}

pub(super) const USER_COLUMNS: &[&str] =
    &["id", "name", "e-mail", "roles", "second factors", "state", "created"];

pub(super) fn user_row(user: &User) -> Vec<String> {
    let state = match (user.disabled, user.must_change_password) {
        (true, _) => "disabled",
        (false, true) => "must change password",
        (false, false) => "enabled",
    };
    vec![
        user.id.to_string(),
        user.username.to_string(),
        user.email.as_ref().map_or_else(String::new, |email| email.as_str().to_owned()),
        user.roles.iter().collect::<Vec<_>>().join(", "),
        factors(user.factors),
        state.to_owned(),
        time(user.created_at),
    ]
}

/// Recovery codes stand in for a factor, so they are told of only beside one.
fn factors(factors: Factors) -> String {
    if !factors.any() {
        return String::new();
    }
    let counted = |count: u32, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {many}")),
    };
    let app = factors.totp.then(|| "authenticator app".to_owned());
    let passkeys = counted(factors.passkeys, "passkey", "passkeys");
    let codes = counted(factors.recovery_codes_left, "recovery code left", "recovery codes left");
    let codes = codes.unwrap_or_else(|| "no recovery code left".to_owned());
    [app, passkeys, Some(codes)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) fn session_json(session: &Session, username: &str) -> Json {
    let authentication = &session.authentication;
    json!({
        "id": session.id.to_string(),
        "user_id": session.user_id.to_string(),
        "username": username,
        "transport": session.transport.as_str(),
        "created_at": time(session.created_at),
        "last_seen_at": time(session.last_seen_at),
        "expires_at": time(session.expires_at),
        "idle_expires_at": time(session.idle_expires_at),
        "aal": authentication.aal,
        "amr": authentication.amr.iter().map(|method| method.as_str()).collect::<Vec<_>>(),
        "auth_time": time(authentication.auth_time),
        "user_agent": session.user_agent.as_str(),
        "address": session.address.map(|address| address.to_string()),
    })
}

pub(super) const SESSION_COLUMNS: &[&str] =
    &["id", "user", "by", "address", "device", "created", "last seen", "ends"];

pub(super) fn session_row(session: &Session, username: &str) -> Vec<String> {
    vec![
        session.id.to_string(),
        username.to_owned(),
        session.transport.as_str().to_owned(),
        session.address.map_or_else(String::new, |address| address.to_string()),
        session.user_agent.as_str().to_owned(),
        time(session.created_at),
        time(session.last_seen_at),
        time(session.ends_at()),
    ]
}

pub(super) fn key_json(key: &ListedKey) -> Json {
    json!({
        "kid": key.id.as_str(),
        "state": key.state.as_str(),
        "created_at": time(key.created_at),
        "signs_from": time(key.term.signs_from),
        "retired_at": key.term.retired_at.map(time),
        "verifies_until": key.verifies_until.map(time),
    })
}

pub(super) const KEY_COLUMNS: &[&str] =
    &["kid", "state", "created", "signs from", "retired", "verifies until"];

pub(super) fn key_row(key: &ListedKey) -> Vec<String> {
    let if_any = |at: Option<Timestamp>| at.map_or_else(String::new, time);
    vec![
        key.id.to_string(),
        key.state.as_str().to_owned(),
        time(key.created_at),
        time(key.term.signs_from),
        if_any(key.term.retired_at),
        if_any(key.verifies_until),
    ]
}

pub(super) const NODE_COLUMNS: &[&str] =
    &["name", "version", "started", "state", "knows revocations up to", "age"];

pub(super) fn node_row(node: &Node, now: Timestamp) -> Vec<String> {
    let state = if node.is_silent(now) { "silent" } else { "runs" };
    vec![
        node.name.clone(),
        node.version.clone(),
        time(node.started_at),
        state.to_owned(),
        node.feed_seq.to_string(),
        format!("{} ms", node.age(now).as_millis()),
    ]
}

pub(super) fn node_json(node: &Node, now: Timestamp) -> Json {
    json!({
        "name": node.name,
        "version": node.version,
        "started_at": time(node.started_at),
        "reported_at": time(node.reported_at),
        "feed_seq": node.feed_seq,
        "revocation_age_milliseconds": u64::try_from(node.age(now).as_millis()).unwrap_or(u64::MAX),
        "silent": node.is_silent(now),
    })
}

pub(super) fn event_json(event: &AuditEntry) -> Json {
    let details: serde_json::Map<String, Json> =
        event.details.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    json!({
        "seq": event.seq,
        "event": event.name,
        "outcome": event.outcome,
        "at": time(event.at),
        "actor": event.actor,
        "user_id": event.user_id.map(|id| id.to_string()),
        "session_id": event.session_id.map(|id| id.to_string()),
        "address": event.address.map(|address| address.to_string()),
        "user_agent": event.user_agent,
        "request_id": event.request_id,
        "reason": event.reason,
        "details": details,
    })
}

/// An event with its place in the chain, so that a head that was kept can be found in an export.
pub(super) fn chained_event_json(row: &ChainedEntry) -> Json {
    let mut json = event_json(&row.entry);
    if let Some(members) = json.as_object_mut() {
        members.insert("chain".to_owned(), row.link.chain.as_str().into());
        members.insert("chain_seq".to_owned(), row.link.seq.into());
        members.insert("mac".to_owned(), row.link.mac.to_string().into());
    }
    json
}

/// Where a chain ends; `head` is what `audit verify --head` takes.
pub(super) fn head_json(head: &ChainHead) -> Json {
    json!({
        "chain": head.chain,
        "seq": head.position.seq,
        "mac": head.position.mac.to_string(),
        "head": head.to_string(),
    })
}

pub(super) const EVENT_COLUMNS: &[&str] =
    &["time", "event", "outcome", "actor", "user", "session", "address", "reason", "details"];

pub(super) fn event_row(event: &AuditEntry) -> Vec<String> {
    let details: Vec<String> = event.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
    vec![
        time(event.at),
        event.name.clone(),
        event.outcome.clone(),
        event.actor.clone(),
        event.user_id.map_or_else(String::new, |id| id.to_string()),
        event.session_id.map_or_else(String::new, |id| id.to_string()),
        event.address.map_or_else(String::new, |address| address.to_string()),
        event.reason.clone().unwrap_or_default(),
        details.join(" "),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_can_show_is_told_in_words() {
        for (totp, passkeys, recovery_codes_left, words) in [
            (false, 0, 0, ""),
            (true, 0, 10, "authenticator app, 10 recovery codes left"),
            (false, 1, 1, "1 passkey, 1 recovery code left"),
            (true, 2, 0, "authenticator app, 2 passkeys, no recovery code left"),
        ] {
            assert_eq!(factors(Factors { totp, passkeys, recovery_codes_left }), words);
        }
    }

    #[test]
    fn times_are_rfc_3339_in_utc() {
        let at = Timestamp::from_millis(1_700_000_000_250);
        assert_eq!(time(at), "2023-11-14T22:13:20.25Z");
        assert_eq!(parse_time("after", "2023-11-14T23:13:20.25+01:00").unwrap(), at);
        assert_eq!(time(Timestamp::from_millis(i64::MAX)), i64::MAX.to_string());
        assert!(matches!(parse_time("after", "yesterday"), Err(Failure::Unusable(_))));
    }
}
