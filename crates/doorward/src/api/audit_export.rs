//! `GET /v1/admin/audit/export`: the log as a file.

use axum::response::Response;
use doorward_core::audit::{AuditEntry, AuditFilter};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    audit::{AuditItem, EventParameters},
    csv,
    wire::rfc3339,
};
use crate::{
    context::RequestContext,
    extract::{Admin, FromHere},
    long_answer::{Outlet, Over},
    problem::{Problem, ProblemDocument},
    request_body::Parameters,
};

/// Events read at once: the store is asked for the next ones when the reader has taken these.
const PART: u32 = 500;

/// How to write the file.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Comma-separated values with a line of names (RFC 4180). A cell that a spreadsheet would take for a formula begins
    /// with an apostrophe.
    Csv,
    /// An array of events.
    Json,
}

/// How to write the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportParameters {
    /// `csv` or `json`.
    format: ExportFormat,
}

/// The events that the filters let through, oldest first, as a file.
///
/// Written as it is read, however long that takes, but no longer than the access token lives and may be used: an export
/// that ends before its end is cut off, and no whole answer. That it began is an event of the log, and in the file.
#[utoipa::path(
    get, path = "/v1/admin/audit/export", tag = "admin", params(EventParameters, ExportParameters),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/csv"), (Vec<AuditItem> = "application/json"),
        )),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn export(
    context: RequestContext,
    admin: Admin,
    _from: FromHere,
    Parameters(events): Parameters<EventParameters>,
    Parameters(ExportParameters { format }): Parameters<ExportParameters>,
) -> Result<Response, Problem> {
    let filter = events.filter()?;
    let now = context.app().authority().now()?;
    let doorward = context.doorward().clone();
    let (outlet, body) = doorward.app().long_answers.begin(context, &admin)?;
    doorward.authority().record_audit_export(&admin.0.caller, format.extension()).await?;
    // A reader that went away, or may not read on, is told by the end of the file.
    tokio::spawn(async move { drop(write(outlet, &filter, format).await) });
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    let name = rfc3339(now).replace(':', "-");
    let disposition = format!("attachment; filename=\"doorward-audit-{name}.{}\"", format.extension());
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

async fn write(outlet: Outlet, filter: &AuditFilter, format: ExportFormat) -> Result<(), Over> {
    let doorward = outlet.context().doorward().clone();
    outlet.send(format.head()).await?;
    let (mut after, mut is_first) = (0, true);
    loop {
        let part = doorward.authority().audit_after(filter, after, PART).await.map_err(Over::Refused)?;
        let is_last = u32::try_from(part.entries.len()).is_ok_and(|read| read < PART);
        let mut text = String::new();
        for entry in part.entries {
            text.push_str(&format.event(entry, is_first));
            is_first = false;
        }
        if is_last {
            text.push_str(format.tail());
            return outlet.complete(text).await;
        }
        outlet.send(text).await?;
        after = part.upto;
    }
}

impl ExportFormat {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    fn head(self) -> String {
        match self {
            Self::Csv => csv::line(COLUMNS),
            Self::Json => "[".to_owned(),
        }
    }

    const fn tail(self) -> &'static str {
        match self {
            Self::Csv => "",
            Self::Json => "\n]\n",
        }
    }

    fn event(self, entry: AuditEntry, is_first: bool) -> String {
        match self {
            Self::Csv => row(&AuditItem::from(entry)),
            Self::Json => {
                let json = serde_json::to_string(&AuditItem::from(entry)).unwrap_or_default();
                format!("{}\n{json}", if is_first { "" } else { "," })
            }
        }
    }
}

const COLUMNS: [&str; 12] = [
    "seq",
    "at",
    "event",
    "outcome",
    "actor",
    "user_id",
    "session_id",
    "address",
    "user_agent",
    "request_id",
    "reason",
    "details",
];

fn row(item: &AuditItem) -> String {
    fn or_empty(text: &Option<String>) -> &str {
        text.as_deref().unwrap_or_default()
    }
    let details = serde_json::to_string(&item.details).unwrap_or_default();
    csv::line([
        item.seq.to_string().as_str(),
        &item.at,
        &item.event,
        &item.outcome,
        &item.actor,
        or_empty(&item.user_id),
        or_empty(&item.session_id),
        or_empty(&item.address),
        &item.user_agent,
        or_empty(&item.request_id),
        or_empty(&item.reason),
        &details,
    ])
}
