//! What the page of the audit log is asked for, in its address.

use doorward_core::{
    audit::AuditFilter, authority::Authority, ids::UserId, page::Cursor, refusal::Refusal, time::Timestamp,
};
use serde::Deserialize;
use time::{PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};
use url::form_urlencoded::Serializer;

use crate::{
    api::{
        audit::parse_address,
        wire::{parse_rfc3339, rfc3339},
    },
    pages::{
        Field, Language,
        phrases::Phrase,
        views::admin::{AuditFields, AuditLinks},
    },
    problem::Problem,
};

/// The page's own path, below the base path.
const PAGE: &str = "/admin/audit";
/// That of what it follows.
const STREAM: &str = "/admin/audit/stream";

/// The query of the page, as a browser sends it: every field, most of them empty.
#[derive(Debug, Default, Deserialize)]
pub(in crate::page_routes) struct AuditQuery {
    #[serde(default)]
    user: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    cursor: Option<String>,
    follow: Option<String>,
    pub(super) last_event_id: Option<String>,
}

/// A filter that was understood, or what is wrong with it.
pub(super) struct Asked {
    /// What the fields show.
    pub(super) fields: AuditFields,
    /// None if a field is wrong.
    pub(super) filter: Option<AuditFilter>,
}

impl AuditQuery {
    /// Whether new events are to appear as they happen.
    pub(super) fn follows(&self) -> bool {
        self.follow.is_some()
    }

    /// Which part of the list.
    ///
    /// # Errors
    /// `malformed_request`: no list gave this cursor.
    pub(super) fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose();
        cursor.map_err(|_| Problem::malformed("The cursor cannot be read."))
    }

    /// Reads the fields.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub(super) async fn asked(&self, authority: &Authority, t: Language) -> Result<Asked, Refusal> {
        let user = user_id(authority, self.user.trim()).await?;
        let address = read(self.address.trim(), |text| parse_address(text).ok());
        let from = read(self.from.trim(), instant);
        let until = read(self.until.trim(), instant);
        let field = |text: &str, wrong: bool, words: Phrase| Field {
            value: text.trim().to_owned(),
            error: wrong.then_some(words),
        };
        let fields = AuditFields {
            user: field(&self.user, user.is_err(), t.audit_user_unknown()),
            event: self.event.trim().to_owned(),
            address: field(&self.address, address.is_err(), t.audit_address_wrong()),
            from: field(&self.from, from.is_err(), t.audit_time_wrong()),
            until: field(&self.until, until.is_err(), t.audit_time_wrong()),
        };
        let name = Some(fields.event.clone()).filter(|name| !name.is_empty());
        let filter = match (user, address, from, until) {
            (Ok(user_id), Ok(address), Ok(after), Ok(before)) => {
                Some(AuditFilter { user_id, name, address, after, before })
            }
            _ => None,
        };
        Ok(Asked { fields, filter })
    }

    /// Where the page leads with this filter; `newest` is the place of the log's newest event, and `next` is where the next part of the list begins.
    pub(super) fn links(
        &self,
        base_path: &str,
        filter: &AuditFilter,
        newest: u64,
        next: Option<Cursor>,
    ) -> AuditLinks {
        let page = |path: &str, more: &[(&str, &str)]| {
            let mut query = Serializer::new(String::new());
            let fields = [
                ("user", &self.user),
                ("event", &self.event),
                ("address", &self.address),
                ("from", &self.from),
                ("until", &self.until),
            ];
            query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.trim().is_empty()));
            query.extend_pairs(more);
            at(format!("{base_path}{path}"), &query.finish())
        };
        let export = |format| at(format!("{base_path}/v1/admin/audit/export"), &of_api(filter, format));
        AuditLinks {
            older: next.map(|cursor| page(PAGE, &[("cursor", &cursor.to_string())])),
            newest: self.cursor.is_some().then(|| page(PAGE, &[])),
            follow: page(PAGE, &[("follow", "1")]),
            stay: page(PAGE, &[]),
            stream: page(STREAM, &[("last_event_id", &newest.to_string())]),
            csv: export("csv"),
            json: export("json"),
        }
    }
}

/// An address with a query.
fn at(path: String, query: &str) -> String {
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The same filter as the API has it.
fn of_api(filter: &AuditFilter, format: &str) -> String {
    let AuditFilter { user_id, name, address, after, before } = filter;
    let parameters = [
        ("user_id", user_id.map(|id| id.to_string())),
        ("event", name.clone()),
        ("address", address.map(|address| address.to_string())),
        ("after", after.map(rfc3339)),
        ("before", before.map(rfc3339)),
    ];
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Serializer::new(String::new()).append_pair("format", format).extend_pairs(given).finish()
}

/// Reads a field that may be empty.
fn read<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ()> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some).ok_or(()) }
}

/// A user by name or id. Those who were deleted have an id.
async fn user_id(authority: &Authority, text: &str) -> Result<Result<Option<UserId>, ()>, Refusal> {
    if let Ok(id) = read(text, |text| text.parse().ok()) {
        return Ok(Ok(id));
    }
    match authority.user_by_name(text).await {
        Ok(user) => Ok(Ok(Some(user.id))),
        Err(Refusal::NotFound) => Ok(Err(())),
        Err(refusal) => Err(refusal),
    }
}

/// A time as a field for it writes it, in UTC; or RFC 3339, as the API has it.
fn instant(text: &str) -> Option<Timestamp> {
    const MINUTES: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    const SECONDS: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let utc = [MINUTES, SECONDS].into_iter().find_map(|format| PrimitiveDateTime::parse(text, format).ok());
    match utc {
        Some(time) => {
            let seconds = time.assume_utc().unix_timestamp();
            seconds.checked_mul(1000).map(Timestamp::from_millis)
        }
        None => parse_rfc3339(text),
    }
}
