//! Who am I, my sessions, and ending them.

use std::time::Duration;

use axum::{
    Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use doorward_core::{
    audit::Actor,
    authority::Caller,
    ids::{SessionId, UserId},
    refusal::Refusal,
    sessions::Reach,
};
use http::{HeaderMap, StatusCode, request::Parts};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::wire::{List, PageParameters, Session, SignedInBody, User};
use crate::{
    context::RequestContext,
    credentials::{Identity, Method, has_csrf_cookie_of, presented_pending_logins, presented_sessions},
    extract::{Admin, Authenticated, Identified, SessionHolder, check_holds_session, check_origin},
    origin::OriginScope,
    problem::{Problem, ProblemDocument},
    request_body::{EmptyBody, Parameters, PathText},
    session_cookies::{clear_session_cookies, set_csrf_cookie, tell_expiry},
};

/// Which sessions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionParameters {
    /// `own`, the default, or `all`, for administrators.
    #[param(value_type = Option<Scope>)]
    scope: Option<String>,
    /// With `all`: only this user's.
    user_id: Option<String>,
    /// `next_cursor` of the part before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

/// Whose sessions.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Scope {
    /// The caller's.
    Own,
    /// Everybody's.
    All,
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
pub struct RevokedCount {
    /// So many.
    pub(crate) revoked: usize,
}

/// The session that asks, and whose it is.
///
/// A browser that holds session and refresh cookie and has lost the CSRF cookie is given another one.
#[utoipa::path(
    get, path = "/v1/session", tag = "session",
    responses(
        (
            status = 200, description = "The session that asks.", body = SignedInBody,
            headers(("x-session-expires-in" = u64, description = "For how many seconds the access token is good yet.")),
        ),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn session(
    context: RequestContext,
    Identified(identity): Identified,
    parts: Parts,
) -> Result<Response, Problem> {
    let authority = context.app().authority();
    let of = authority.session_of(&identity.principal).await?;
    let now = authority.now()?;
    let left = identity.principal.expires_at.since(now);
    let body =
        SignedInBody { user: User::from(&of.user), session: Session::of(&of.session, Some(of.session.id)) };
    let mut response = Json(body).into_response();
    tell_expiry(response.headers_mut(), left);
    let session_left = of.session.ends_at().since(now);
    restore_csrf_cookie(&context, &parts, &identity, session_left, response.headers_mut()).await?;
    Ok(response)
}

/// Gives a browser that has lost the CSRF cookie of its session another one. Without, it could neither change anything nor
/// refresh, and its user would be signed out when the access token ends. An app behind the proxy gets none by what it is
/// sent: it never sees the refresh cookie (decision 0008).
async fn restore_csrf_cookie(
    context: &RequestContext,
    parts: &Parts,
    identity: &Identity,
    session_left: Duration,
    headers: &mut HeaderMap,
) -> Result<(), Problem> {
    let (app, session) = (context.app(), identity.principal.session_id);
    if identity.method == Method::Bearer || has_csrf_cookie_of(app, &parts.headers, session) {
        return Ok(());
    }
    // Whoever holds less is no less signed in: the answer is the same, without the cookie.
    if check_holds_session(context, parts, identity).await.is_ok() {
        let authority = app.authority();
        let token = authority.keys().issue_csrf_token(authority.entropy(), session).map_err(Refusal::from)?;
        set_csrf_cookie(app, headers, &token, session_left);
    }
    Ok(())
}

/// The user who asks.
#[utoipa::path(
    get, path = "/v1/me", tag = "session",
    responses(
        (status = 200, description = "The user who asks.", body = User),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn me(
    context: RequestContext,
    Identified(identity): Identified,
) -> Result<Json<User>, Problem> {
    let of = context.app().authority().session_of(&identity.principal).await?;
    Ok(Json(User::from(&of.user)))
}

/// Live sessions, newest first.
#[utoipa::path(
    get, path = "/v1/sessions", tag = "session", params(SessionParameters),
    responses(
        (status = 200, description = "Live sessions, newest first.", body = List<Session>),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn sessions(
    context: RequestContext,
    Authenticated(identity): Authenticated,
    Parameters(parameters): Parameters<SessionParameters>,
    mut parts: Parts,
) -> Result<Json<List<Session>>, Problem> {
    let SessionParameters { scope, user_id, cursor, limit } = parameters;
    let user_id = user_id.as_deref().map(parse_id::<UserId>).transpose()?;
    let own = identity.principal.user_id;
    let whose = match (scope.as_deref(), user_id) {
        (None | Some("own"), None) => Some(own),
        (None | Some("own"), Some(id)) if id == own => Some(own),
        (Some("all"), whose) => {
            // Asked for only here: an administrator's right is no condition of seeing one's own sessions.
            Admin::from_request_parts(&mut parts, &()).await?;
            whose
        }
        (None | Some("own"), Some(_)) => return Err(Refusal::Forbidden.into()),
        (Some(_), _) => return Err(Problem::malformed("The parameter scope is own or all.")),
    };
    let page = PageParameters { cursor, limit }.request()?;
    let found = context.app().authority().sessions(whose, page).await?;
    let current = identity.principal.session_id;
    Ok(Json(List::of(found, |session| Session::of(&session, Some(current)))))
}

/// Ends one session: one's own, or anybody's for administrators.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}", tag = "session", params(("id" = String, Path, description = "The session.")),
    responses(
        (status = 204, description = "Ended."),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn revoke_session(
    context: RequestContext,
    holder: SessionHolder,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<StatusCode, Problem> {
    let id: SessionId = parse_id(&id)?;
    let principal = holder.principal();
    let reach = if principal.roles.is_admin() { Reach::Any } else { Reach::Own(principal.user_id) };
    context.app().authority().revoke_session(&holder.caller, id, reach).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every other session of the user who asks.
#[utoipa::path(
    delete, path = "/v1/sessions", tag = "session",
    responses(
        (status = 200, description = "Ended.", body = RevokedCount),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn revoke_others(
    context: RequestContext,
    holder: SessionHolder,
    _empty: EmptyBody,
) -> Result<Json<RevokedCount>, Problem> {
    let principal = holder.principal();
    let (user, current) = (principal.user_id, Some(principal.session_id));
    let revoked = context.app().authority().revoke_sessions_of(&holder.caller, user, current).await?;
    Ok(Json(RevokedCount { revoked }))
}

/// Ends every session that is presented, by cookie or bearer token, and a login that waits for its second factor, and
/// clears their cookies. Succeeds without any.
#[utoipa::path(
    post, path = "/v1/logout", tag = "session",
    responses(
        (status = 204, description = "Logged out; the cookies are cleared."),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn logout(
    context: RequestContext,
    parts: Parts,
    _empty: EmptyBody,
) -> Result<Response, Problem> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    end_presented_sessions(&context, &parts, &mut response).await?;
    Ok(response)
}

/// Ends what a request presents and clears the cookies on `response`. Rule 1 only: the worst that a forged logout
/// could do is to log somebody out, and even that needs the Strict cookies.
pub(crate) async fn end_presented_sessions(
    context: &RequestContext,
    parts: &Parts,
    response: &mut Response,
) -> Result<(), Problem> {
    let app = context.app();
    let presented = presented_sessions(app, &parts.headers).await?;
    let pending = presented_pending_logins(app, &parts.headers).await?;
    // No page can make a browser send an Authorization header elsewhere without our leave.
    if !presented.by_cookie.is_empty() || presented.by_header.is_none() {
        check_origin(app, parts, OriginScope::UnsafeOnly)?;
    }
    let identity = context.identity(&parts.headers, parts.uri.path()).ok();
    let actor = identity.map_or(Actor::Anonymous, |identity| Actor::User(identity.principal.user_id));
    let caller = Caller { actor, client: context.client(&parts.headers) };
    app.authority().log_out(&caller, &presented.all()).await?;
    for pending in pending {
        app.authority().end_pending_login(pending.login.id).await?;
    }
    clear_session_cookies(app, response.headers_mut());
    Ok(())
}

/// What is no id of ours names nothing.
pub(crate) fn parse_id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::from(Refusal::NotFound))
}
