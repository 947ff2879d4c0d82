//! `POST /v1/refresh`: moves a session in cookies on.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    refusal::Refusal,
    session::Transport,
};
use http::request::Parts;

use super::wire::SignedInBody;
use crate::{
    context::RequestContext,
    credentials::{known_device, refresh_cookie},
    extract::{check_csrf_token, check_origin},
    origin::OriginScope,
    problem::{Problem, ProblemDocument},
    request_body::EmptyBody,
    session_cookies::set_session_cookies,
};

/// Exchanges the refresh cookie for its successor and fresh session and CSRF cookies.
///
/// Tabs that race, and a tab whose answer was lost and that asks again within the grace, all receive the same
/// successor. A refusal clears no cookie: another tab may have logged in again meanwhile.
#[utoipa::path(
    post, path = "/v1/refresh", tag = "session", security(("refresh_cookie" = [], "csrf" = [])),
    responses(
        (status = 200, description = "Moved on; session, CSRF and refresh cookies are set.", body = SignedInBody),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn refresh(
    context: RequestContext,
    parts: Parts,
    _empty: EmptyBody,
) -> Result<Response, Problem> {
    let app = context.app();
    check_origin(app, &parts, OriginScope::UnsafeOnly)?;
    let (headers, path) = (&parts.headers, parts.uri.path());
    let token = refresh_cookie(app, headers, path).await?.ok_or(Refusal::NotAuthenticated)?;
    let authority = app.authority();
    // Before anything is recorded: whoever makes up tokens must not be able to fill the audit log.
    let named = authority.session_of_refresh_token(token, Transport::Cookie).await?;
    let (session, _) = named.ok_or(Refusal::RefreshTokenInvalid)?;
    let client = context.client(headers);
    if let Err(refusal) = check_csrf_token(app, headers, None, session.id) {
        let event = AuditEvent::new(EventName::CsrfRefused, authority.now()?, Actor::Anonymous, &client)
            .about_user(session.user_id)
            .about_session(session.id)
            .because(refusal.code());
        authority.record_refused(event).await?;
        return Err(refusal.into());
    }
    let device = known_device(app, headers, path)?;
    let refreshed = authority.refresh(token, Transport::Cookie, device, &client).await?;
    let mut response = Json(SignedInBody::from(&refreshed)).into_response();
    set_session_cookies(app, response.headers_mut(), &refreshed, false);
    Ok(response)
}
