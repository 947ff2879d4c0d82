//! Forward authentication: `/verify/{policy}`, which nginx, Caddy, Traefik and Envoy ask about every request.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use doorward_core::{access_token::Principal, refusal::Refusal, time::Timestamp};
use http::{HeaderMap, HeaderValue, Method as HttpMethod, StatusCode, Uri, header};
use url::form_urlencoded::byte_serialize;

use crate::{
    app::App,
    config::{Config, CsrfPolicy, Policy, ProxyKind},
    context::RequestContext,
    credentials::{Identity, Method, identify},
    extract::{check_csrf_token, check_may_act},
    forwarded_request::{OriginalRequest, original_request},
    origin::{OriginFacts, OriginScope},
    problem::{Problem, ProblemDocument},
};

/// Decides whether somebody who may act may pass a policy.
///
/// # Errors
/// - [`Refusal::Forbidden`]: none of the roles.
/// - [`Refusal::StepUpRequired`]: a weaker or older authentication than the policy asks for.
pub fn decide(policy: &Policy, principal: &Principal, now: Timestamp) -> Result<(), Refusal> {
    let has_role = policy.roles_any.iter().any(|role| principal.roles.contains(role.as_str()));
    if !policy.roles_any.is_empty() && !has_role {
        return Err(Refusal::Forbidden);
    }
    let too_old = policy.max_age.is_some_and(|max_age| now.since(principal.auth_time) > max_age);
    if principal.aal < policy.aal || too_old { Err(Refusal::StepUpRequired) } else { Ok(()) }
}

/// Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
///
/// Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
/// headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
#[utoipa::path(
    method(get, head, post, put, patch, delete, options), path = "/verify/{policy}", tag = "proxy",
    operation_id = "verify",
    params(
        ("policy" = String, Path, description = "The name of a configured policy."),
        ("X-Forwarded-Method" = Option<String>, Header, description = "The method of the client's request."),
        ("X-Forwarded-Proto" = Option<String>, Header, description = "Its scheme."),
        ("X-Forwarded-Host" = Option<String>, Header, description = "Its Host."),
        ("X-Forwarded-Uri" = Option<String>, Header, description = "Its path and query."),
        ("X-Original-Method" = Option<String>, Header, description = "The method of the client's request."),
        ("X-Original-URL" = Option<String>, Header, description = "Its whole URL."),
    ),
    responses(
        (status = 200, description = "It may pass; the body is empty.", headers(
            ("X-Auth-User-Id" = String, description = "Who."),
            ("X-Auth-User" = String, description = "Their name."),
            ("X-Auth-Email" = String, description = "Their mail address; empty if they have none."),
            ("X-Auth-Roles" = String, description = "Their roles, separated by commas."),
            ("X-Auth-Session-Id" = String, description = "The session."),
            ("X-Auth-Aal" = String, description = "Authentication assurance level."),
            ("X-Auth-Method" = String, description = "`cookie` or `bearer`."),
        )),
        (status = 302, description = "A browser may sign in there, with `redirect`.", headers(
            ("Location" = String, description = "`continue`, with the client's URL as `rd`."),
        )),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn verify(context: RequestContext, request: Request) -> Response {
    let policy = policy_name(context.app(), request.uri()).unwrap_or_default();
    answer(&context, policy, request.headers()).into_response()
}

/// What a proxy is answered.
pub(crate) enum Answer {
    /// The request may pass. The headers of every answer are on it.
    Allowed(Response),
    /// It may not. Those headers are still to be added.
    Refused(Response),
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (Self::Allowed(response) | Self::Refused(response)) = self;
        response
    }
}

/// The policy that a path names, which may be empty; none if it is no path for forward authentication. Whatever follows the
/// name is the client's, appended by proxies that do.
pub(crate) fn policy_name<'t>(app: &App, target: &'t Uri) -> Option<&'t str> {
    let below = target.path().strip_prefix(&*app.fixed.base_path)?;
    below.strip_prefix("/verify/")?.split('/').next()
}

/// Decides about the request that `headers` describe, by the policy of this name.
pub(crate) fn answer(context: &RequestContext, name: &str, headers: &HeaderMap) -> Answer {
    let app = context.app();
    let live = app.live();
    let mut answer = match live.config.policies.get(name) {
        None => {
            tracing::warn!(
                policy = name,
                "a proxy asked for a policy that is not configured: add policies.NAME"
            );
            Answer::Refused(Problem::policy_unknown().into_response())
        }
        Some(policy) => match judge(context, &live.config, policy, headers) {
            Ok(identity) => Answer::Allowed(allowed(context, &identity)),
            Err(refused) => Answer::Refused(refused.into_response(app, policy)),
        },
    };
    if announces_body(headers) {
        let (Answer::Allowed(response) | Answer::Refused(response)) = &mut answer;
        // The body was not read: what follows on the connection is not a request.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn allowed(context: &RequestContext, identity: &Identity) -> Response {
    let app = context.app();
    app.count_allowed();
    let mut response = Response::default();
    *response.headers_mut() = app.allowed_headers.tell(identity, context);
    response
}

/// A refusal, and where a browser is sent instead, if it may be.
struct Refused {
    problem: Box<Problem>,
    original: Option<String>,
}

fn judge(
    context: &RequestContext,
    config: &Config,
    policy: &Policy,
    headers: &HeaderMap,
) -> Result<Identity, Refused> {
    let app = context.app();
    let original = match describe(context, config, headers) {
        Ok(original) => original,
        Err(problem) => return Err(Refused { problem: Box::new(problem), original: None }),
    };
    let judged = app
        .authority()
        .check_setup_complete()
        .map_err(Problem::from)
        .and_then(|()| identify(app, headers, path_of(&original)))
        .and_then(|identity| {
            check_forgery(app, config, policy, &original, headers, &identity)?;
            check_may_act(app, &identity.principal)?;
            decide(policy, &identity.principal, app.authority().now()?)?;
            Ok(identity)
        });
    judged.map_err(|problem| {
        let navigates = original.method == HttpMethod::GET && is_navigation(headers);
        let original = (policy.redirect && navigates).then(|| original.url.to_string());
        Refused { problem: Box::new(problem), original }
    })
}

fn describe<'h>(
    context: &RequestContext,
    config: &Config,
    headers: &'h HeaderMap,
) -> Result<OriginalRequest<'h>, Problem> {
    let Some(peer) = context.peer() else { return Err(Problem::proxy_not_trusted()) };
    original_request(peer, headers, &config.trusted_proxies).map_err(|error| {
        tracing::warn!(%error, request_id = context.request_id(), "forward authentication was refused");
        Problem::proxy_not_trusted()
    })
}

fn path_of<'h>(original: &OriginalRequest<'h>) -> &'h str {
    original.url.path_and_query.split('?').next().unwrap_or("/")
}

/// Both rules of the HTTP contract, as far as the policy asks for them, for what a cookie authenticates.
fn check_forgery(
    app: &App,
    config: &Config,
    policy: &Policy,
    original: &OriginalRequest<'_>,
    headers: &HeaderMap,
    identity: &Identity,
) -> Result<(), Refusal> {
    if identity.method == Method::Bearer || policy.csrf == CsrfPolicy::Off {
        return Ok(());
    }
    let facts = OriginFacts::of(&original.method, headers);
    facts.check(OriginScope::UnsafeOnly, &config.allowed_origins).map_err(|_| Refusal::CrossSiteRefused)?;
    if policy.csrf == CsrfPolicy::Token && !facts.method_is_safe {
        check_csrf_token(app, headers, None, identity.principal.session_id)?;
    }
    Ok(())
}

pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let wants_page = text("accept").is_some_and(|accept| accept.contains("text/html"));
    wants_page && text("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
}

fn announces_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

impl Refused {
    fn into_response(self, app: &App, policy: &Policy) -> Response {
        let Self { problem, original } = self;
        let nginx = policy.proxy == ProxyKind::Nginx;
        match original.and_then(|original| sign_in_url(app, policy, &problem, &original)) {
            Some(location) => {
                // nginx passes on neither a 302 nor a body: `error_page 401 =302` makes one of the other.
                let mut response = if nginx {
                    Problem { status: StatusCode::UNAUTHORIZED, ..*problem }.into_response()
                } else {
                    StatusCode::FOUND.into_response()
                };
                response.headers_mut().insert(header::LOCATION, location);
                response
            }
            None if nginx => for_nginx(*problem).into_response(),
            None => problem.into_response(),
        }
    }
}

/// nginx makes 500 of anything but 2xx, 401 and 403.
fn for_nginx(mut problem: Problem) -> Problem {
    if problem.status != StatusCode::UNAUTHORIZED {
        problem.status = StatusCode::FORBIDDEN;
    }
    problem
}

/// Where a person signs in and comes back from; none for what signing in does not mend.
fn sign_in_url(app: &App, policy: &Policy, problem: &Problem, original: &str) -> Option<HeaderValue> {
    if !signing_in_mends(problem) {
        return None;
    }
    let step_up = problem.code == Refusal::StepUpRequired.code();
    let rd: String = byte_serialize(original.as_bytes()).collect();
    // A silent refresh would come back with the same authentication, and be refused again.
    let prompt = match (step_up, policy.aal) {
        (false, _) => "",
        (true, ..2) => "&prompt=login",
        (true, 2..) => "&prompt=login&aal=2",
    };
    HeaderValue::try_from(app.url(&format!("/continue?rd={rd}{prompt}"))).ok()
}

pub(crate) fn signing_in_mends(problem: &Problem) -> bool {
    // Whoever sent an Authorization header is a program, whatever it accepts.
    let by_bearer = problem.headers.iter().any(|(name, _)| name == header::WWW_AUTHENTICATE);
    let step_up = problem.code == Refusal::StepUpRequired.code();
    let password_due = problem.code == Refusal::PasswordChangeRequired.code();
    !by_bearer && (problem.status == StatusCode::UNAUTHORIZED || step_up || password_due)
}
