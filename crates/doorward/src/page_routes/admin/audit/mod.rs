//! The audit log: what happened, newest first.

mod query;
mod rows;
mod stream;

use axum::response::Response;
use doorward_core::{audit::AuditFilter, page::PageRequest};
use http::{StatusCode, request::Parts};

pub(super) use stream::stream;

use self::{
    query::{Asked, AuditQuery},
    rows::rows,
};
use super::{super::not_now::NotNow, visit::Visit};
use crate::{
    context::RequestContext,
    page_response::page,
    pages::views::admin::{AuditPage, Section},
    request_body::Parameters,
};

/// Events shown at once.
const EVENTS_SHOWN: u32 = 50;

/// Shows the page.
pub(super) async fn show(
    context: RequestContext,
    Parameters(query): Parameters<AuditQuery>,
    parts: Parts,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts).await?;
    let t = context.language();
    let Asked { fields, filter } = query.asked(visit.authority(), t).await?;
    let unread = AuditPage {
        frame: visit.frame()?,
        section: Section::Audit,
        filter: fields,
        events: Vec::new(),
        links: None,
        follows: false,
    };
    let Some(filter) = filter else {
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &unread));
    };
    // Asked for first: what happens meanwhile is in the list and in the stream rather than in neither.
    let newest = visit.authority().audit_after(&AuditFilter::default(), u64::MAX, 1).await?.upto;
    let request = PageRequest { after: query.cursor()?, limit: EVENTS_SHOWN };
    let found = visit.authority().audit(&filter, request).await?;
    let base_path = &visit.app().fixed.base_path;
    let view = AuditPage {
        events: rows(visit.authority(), t, base_path, visit.now(), &found.items).await?,
        links: Some(query.links(base_path, &filter, newest, found.next)),
        follows: query.follows(),
        ..unread
    };
    Ok(page(StatusCode::OK, &view))
}
