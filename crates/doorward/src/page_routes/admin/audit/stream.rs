//! New events for a page that follows the log, in the page's words.

use axum::response::Response;
use doorward_core::{audit::AuditEntry, refusal::Refusal};
use http::HeaderMap;

use super::{query::AuditQuery, rows::rows};
use crate::{
    app::Doorward,
    audit_listener::{EventMessage, Listener, Telling},
    context::RequestContext,
    extract::{Admin, FromHere},
    pages::{Language, views::admin::EventRow},
    problem::Problem,
    request_body::Parameters,
};

/// Events that the page's filter lets through, as they happen. For the page's script, which a page would not help: it is
/// told in problem documents what is wrong.
pub(in crate::page_routes::admin) async fn stream(
    context: RequestContext,
    headers: HeaderMap,
    admin: Admin,
    _from: FromHere,
    Parameters(query): Parameters<AuditQuery>,
) -> Result<Response, Problem> {
    let in_words = InWords { doorward: context.doorward().clone(), t: context.language() };
    let asked = query.asked(context.app().authority(), in_words.t).await?;
    let filter = asked.filter.ok_or_else(|| Problem::malformed("The filter cannot be read."))?;
    let listener = Listener { context, headers, admin, last_event_id: query.last_event_id };
    listener.follow(filter, in_words).await
}

/// As the page has them.
struct InWords {
    doorward: Doorward,
    t: Language,
}

impl Telling for InWords {
    async fn tell(&self, entries: Vec<AuditEntry>) -> Result<Vec<impl EventMessage>, Refusal> {
        let app = self.doorward.app();
        rows(app.authority(), self.t, &app.fixed.base_path, app.authority().now()?, &entries).await
    }
}

impl EventMessage for EventRow {
    fn seq(&self) -> u64 {
        self.seq
    }
}
