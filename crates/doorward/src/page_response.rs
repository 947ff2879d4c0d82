//! Pages as responses: rendered views with their headers, and errors as pages.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use doorward_core::{
    access_token::Principal,
    refusal::{FieldError, Refusal},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    account_name::is_single_operator,
    app::App,
    context::RequestContext,
    cookies::{CookieKind, Presented},
    extract::{check_may_act, cookie_name},
    pages::{
        CONTENT_TYPE, Failure, Frame, Language, html,
        phrases::Phrase,
        views::{ErrorPage, MovingOnPage, MovingOnReason},
    },
    problem::Problem,
    redirect_target::RedirectTarget,
};

/// A rendered view.
pub(crate) fn page(status: StatusCode, view: &impl askama::Template) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))];
    (status, headers, Body::from(html(view))).into_response()
}

/// Says what a page speaks, and that another reader may be spoken to otherwise (RFC 9110, sections 8.5 and 12.5.5).
pub(crate) fn say_language(headers: &mut HeaderMap, t: Language) {
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(t.tag()));
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
}

/// The frame of a page for somebody who is not signed in.
pub(crate) fn anonymous(context: &RequestContext) -> Frame {
    let app = context.app();
    let single_operator = is_single_operator(app);
    Frame { single_operator, ..Frame::anonymous(app.fixed.base_path.clone(), context.language()) }
}

/// The frame of a page for a signed-in user: with a CSRF token for its forms.
pub(crate) fn signed_in(context: &RequestContext, principal: &Principal) -> Result<Frame, Problem> {
    let app = context.app();
    let authority = app.authority();
    let token = authority
        .keys()
        .issue_csrf_token(authority.entropy(), principal.session_id)
        .map_err(Refusal::from)?;
    let base_path = app.fixed.base_path.clone();
    let frame = Frame::signed_in(base_path, context.language(), token.reveal(), principal.username.clone());
    let confined = check_may_act(app, principal).is_err();
    let administers = !confined && principal.roles.is_admin();
    Ok(Frame { single_operator: is_single_operator(app), confined, administers, ..frame })
}

/// A page that says what went wrong.
pub(crate) fn error_page(problem: &Problem, context: &RequestContext) -> String {
    html(&ErrorPage {
        frame: anonymous(context),
        status: problem.status.as_u16(),
        code: problem.code.to_owned(),
        request_id: Some(context.request_id().to_owned()),
        retry_after_seconds: problem.retry_after_seconds(),
    })
}

/// A 200 page that leads to `target` by itself: a redirect after a form post would be blocked by `form-action`.
pub(crate) fn moving_on(context: &RequestContext, target: String, reason: MovingOnReason) -> Response {
    page(StatusCode::OK, &MovingOnPage { frame: anonymous(context), target, reason })
}

/// Where a page leads afterwards: what was asked for, if it may be followed, or the account page.
pub(crate) struct Target {
    asked: Option<RedirectTarget>,
    fallback: String,
}

impl Target {
    pub(crate) fn of(app: &App, rd: Option<&str>) -> Self {
        let live = app.live();
        let parse = |rd| RedirectTarget::parse(rd, &app.fixed.public_url, &live.config.redirect_origins);
        Self { asked: rd.and_then(parse), fallback: app.url("/account") }
    }

    pub(crate) fn url(&self) -> &str {
        self.asked.as_ref().map_or(&self.fallback, RedirectTarget::as_str)
    }

    /// What was asked for, to be carried along in a form.
    pub(crate) fn carried(&self) -> Option<String> {
        self.asked.as_ref().map(|target| target.as_str().to_owned())
    }

    /// The host that was asked for, where it is not ours: people like to know where they will end up.
    pub(crate) fn foreign_host(&self, app: &App) -> Option<String> {
        let url = url::Url::parse(self.asked.as_ref()?.as_str()).ok()?;
        (url.origin() != app.fixed.public_url.origin()).then(|| url.host_str().map(str::to_owned)).flatten()
    }
}

/// A redirect that a browser follows with GET.
pub(crate) fn see_other(location: &str) -> Response {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Why a form was refused as a whole, and what is wrong with each of its fields.
pub(crate) struct FormFailure {
    pub(crate) status: StatusCode,
    pub(crate) failure: Option<Failure>,
    t: Language,
    errors: Vec<FieldError>,
}

impl FormFailure {
    pub(crate) fn of(context: &RequestContext, refusal: Refusal) -> Self {
        let finer = finer_code(&refusal);
        let problem = Problem::from(refusal);
        let failure = problem.errors.is_empty().then(|| Failure {
            code: finer.unwrap_or(problem.code).to_owned(),
            retry_after_seconds: problem.retry_after_seconds(),
        });
        Self { status: problem.status, failure, t: context.language(), errors: problem.errors }
    }

    pub(crate) fn field(&self, name: &str) -> Option<Phrase> {
        let error = self.errors.iter().find(|error| error.field == name);
        error.map(|error| self.t.broken_rule(&error.rule))
    }

    /// A page with this failure in it.
    pub(crate) fn page(&self, view: &impl askama::Template) -> Response {
        let mut response = page(self.status, view);
        if let Some(seconds) = self.failure.as_ref().and_then(|failure| failure.retry_after_seconds) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A code that the templates have words for: the API has one code for each thing a program can do, people want to know
/// what happened.
const fn finer_code(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::FactorLocked => Some("factor_locked"),
        Refusal::NameTaken => Some("name_taken"),
        Refusal::FactorRequired => Some("factor_required"),
        Refusal::TooManyPasskeys => Some("too_many_passkeys"),
        Refusal::PasskeyTaken => Some("passkey_taken"),
        Refusal::SingleOperator => Some("single_operator"),
        Refusal::RotationUnderWay => Some("rotation_under_way"),
        _ => None,
    }
}

/// Whether a navigation from another site arrived without the Strict cookies, which a same-site one would carry. To
/// be bounced once (M-N11).
pub(crate) fn lost_its_cookies(app: &App, headers: &HeaderMap) -> bool {
    let is = |name: &str, expected: &str| headers.get(name).is_some_and(|value| value == expected);
    let absent = |kind| Presented::read(headers, cookie_name(app, kind)).candidates().is_empty();
    is("sec-fetch-site", "cross-site")
        && is("sec-fetch-dest", "document")
        && absent(CookieKind::Session)
        && absent(CookieKind::Refresh)
}

/// The page that takes a navigation up again as a same-site one.
pub(crate) fn bounce(context: &RequestContext, path_and_query: &str) -> Response {
    moving_on(context, path_and_query.to_owned(), MovingOnReason::Resumed)
}
