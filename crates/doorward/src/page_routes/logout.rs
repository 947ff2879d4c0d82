//! The page that asks whether to sign out, and the one that says that it is done.

use axum::response::Response;
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use crate::{
    api::session::end_presented_sessions,
    context::RequestContext,
    page_response::{anonymous, page, signed_in},
    pages::views::{LogoutPage, SignedOutPage},
    problem::Problem,
    request_body::FormRequest,
};

/// Nothing to fill in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogoutForm {
    #[serde(rename = "csrf_token")]
    _csrf_token: Option<String>,
}

/// Asks. A GET signs nobody out, wherever a link to it stands.
pub(crate) async fn show(context: RequestContext, parts: Parts) -> Result<Response, Problem> {
    let frame = match context.identity(&parts.headers, parts.uri.path()) {
        Ok(identity) => signed_in(&context, &identity.principal)?,
        Err(_) => anonymous(&context),
    };
    Ok(page(StatusCode::OK, &LogoutPage { frame }))
}

/// Signs out.
pub(crate) async fn submit(
    context: RequestContext,
    FormRequest { parts, .. }: FormRequest<LogoutForm>,
) -> Result<Response, Problem> {
    let mut response = page(StatusCode::OK, &SignedOutPage { frame: anonymous(&context) });
    end_presented_sessions(&context, &parts, &mut response).await?;
    Ok(response)
}
