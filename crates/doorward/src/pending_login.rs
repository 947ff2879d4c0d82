//! A login that waits for its second factor, as a request presents it: by a cookie that is good for nothing else.

use axum::extract::FromRequestParts;
use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    refusal::Refusal,
    second_factor::PendingFound,
};
use http::{HeaderMap, header::SET_COOKIE, request::Parts};

use crate::{
    app::App,
    context::RequestContext,
    cookies::{CookieKind, Presented},
    credentials::pending_login,
    extract::{FormToken, check_csrf_token, check_origin},
    origin::OriginScope,
    problem::Problem,
};

/// Whoever goes on with a login: rule 1 of the HTTP contract, and rule 2 where a pending login is presented, for then its
/// cookie is what authenticates them.
pub(crate) struct LoginUnderWay(pub(crate) Option<PendingFound>);

impl<S: Send + Sync> FromRequestParts<S> for LoginUnderWay {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        login_under_way(&context, parts, FormToken::Absent).await.map(Self)
    }
}

/// The same, for handlers of forms, which know the CSRF token only after reading the body.
pub(crate) async fn login_under_way(
    context: &RequestContext,
    parts: &Parts,
    form_token: FormToken<'_>,
) -> Result<Option<PendingFound>, Problem> {
    let app = context.app();
    app.authority().check_setup_complete()?;
    check_origin(app, parts, OriginScope::Always)?;
    let Some(pending) = pending_login(app, &parts.headers, parts.uri.path()).await? else {
        return Ok(None);
    };
    match check_csrf_token(app, &parts.headers, form_token.given(), pending.login.id) {
        Ok(()) => Ok(Some(pending)),
        Err(refusal) => {
            let now = app.authority().now()?;
            let client = context.client(&parts.headers);
            let event = AuditEvent::new(EventName::CsrfRefused, now, Actor::Anonymous, &client)
                .about_user(pending.user.id)
                .because(refusal.code());
            app.authority().record_refused(event).await?;
            Err(refusal.into())
        }
    }
}

/// What somebody is told whose login gets no further. If it is over altogether, their cookie goes.
pub(crate) async fn login_refused(context: &RequestContext, parts: &Parts, refusal: Refusal) -> Problem {
    let app = context.app();
    let mut problem = Problem::from(refusal);
    let is_over = presents_pending_cookie(app, &parts.headers)
        && matches!(pending_login(app, &parts.headers, parts.uri.path()).await, Ok(None));
    if is_over {
        problem.headers.push((SET_COOKIE, app.fixed.cookies.cookie(CookieKind::Pending).clear()));
    }
    problem
}

/// Whether a request brings the cookie of a pending login, be it alive or not.
pub(crate) fn presents_pending_cookie(app: &App, headers: &HeaderMap) -> bool {
    let cookie = app.fixed.cookies.cookie(CookieKind::Pending);
    !matches!(Presented::read(headers, cookie.name()), Presented::Absent)
}
