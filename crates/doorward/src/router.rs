//! The router: every route, and what holds for all of them.

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, get},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};

use crate::{
    api,
    app::{App, Doorward},
    context::{REQUEST_ID, RequestContext},
    forward_auth,
    origin::is_safe,
    page_response::{say_language, see_other},
    page_routes, pages,
    problem::{Problem, ProblemDocument},
};

/// The `Content-Security-Policy` of everything that is no page.
pub(crate) const NO_CONTENT: &str = "default-src 'none'; frame-ancestors 'none'";

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Paths below the base path, and what answers there.
pub(crate) type Routes = Vec<(&'static str, MethodRouter)>;

impl Doorward {
    /// What a program merges into its own router: everything below the base path, and nothing beside it, so that its
    /// own `/`, health checks and fallback stay its own. With an empty base path: everything that has no route of its
    /// own. Serve it with the peer's address, as [`Doorward::router`].
    pub fn routes(&self) -> Router {
        let base_path = &self.app().fixed.base_path;
        if base_path.is_empty() {
            Router::new().fallback_service(self.router())
        } else {
            Router::new().route_service(&format!("{base_path}/{{*below}}"), self.router().into_service())
        }
    }

    /// Every route of Doorward: the API, the pages and forward authentication under the base path, health at the
    /// root. Serve it with the peer's address
    /// ([`into_make_service_with_connect_info`](Router::into_make_service_with_connect_info)), without which no proxy
    /// can be trusted and no address recorded.
    pub fn router(&self) -> Router {
        let base_path = &self.app().fixed.base_path;
        // A proxy that appends the client's path makes `/verify/NAME/` of `/`, which no wildcard matches. Without a
        // name the policy is unknown, in the words that proxies understand.
        let verify = [
            ("/verify", any(forward_auth::verify)),
            ("/verify/", any(forward_auth::verify)),
            ("/verify/{policy}", any(forward_auth::verify)),
            ("/verify/{policy}/", any(forward_auth::verify)),
            ("/verify/{policy}/{*rest}", any(forward_auth::verify)),
        ];
        // Not nested: handlers see the path as the client sent it.
        let below = api::routes().into_iter().chain(page_routes::routes()).chain(verify);
        let mounted = below.fold(Router::new(), |router, (path, methods)| {
            router.route(&format!("{base_path}{path}"), methods)
        });
        mounted
            .route("/", get(home))
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .fallback(async || Problem::not_found())
            .method_not_allowed_fallback(async || Problem::method_not_allowed())
            .layer(from_fn(guard))
            .layer(from_fn_with_state(self.clone(), finish))
            .layer(self.layer())
    }
}

/// The process answers.
#[utoipa::path(
    get, path = "/healthz", tag = "proxy",
    responses((status = 200, description = "It does.", body = String, content_type = "text/plain")),
)]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can do its work.
#[utoipa::path(
    get, path = "/readyz", tag = "proxy",
    responses(
        (status = 200, description = "It can.", body = String, content_type = "text/plain"),
        (status = 503, description = "Not now.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn readyz(context: RequestContext) -> Result<&'static str, Problem> {
    context.app().authority().check_ready().await?;
    Ok("ready\n")
}

async fn home(context: RequestContext) -> Response {
    see_other(&context.app().path("/account"))
}

/// What every request must pass before it reaches a handler: the right host, and setup being complete.
async fn guard(context: RequestContext, request: Request, next: Next) -> Result<Response, Problem> {
    let app = context.app();
    check_host(app, request.uri(), request.headers())?;
    if let Some(preflight) = preflight(app, &request) {
        return Ok(preflight);
    }
    if !is_open_before_setup(app, request.uri().path()) {
        app.authority().check_setup_complete()?;
    }
    Ok(next.run(request).await)
}

/// Whether it is us whom the request is addressed to.
pub(crate) fn check_host(app: &App, target: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    app.live().hosts.check(target, headers).map(drop).map_err(|_| Problem::misdirected_request())
}

fn is_open_before_setup(app: &App, path: &str) -> bool {
    let Some(below) = path.strip_prefix(&app.fixed.base_path) else {
        return matches!(path, "/healthz" | "/readyz");
    };
    // Forward authentication answers by itself, in the way that its proxy understands.
    matches!(
        below,
        "/setup" | "/v1/setup" | "/.well-known/jwks.json" | "/keepalive.js" | "/healthz" | "/readyz"
    ) || below.starts_with("/static/")
        || below.starts_with("/verify/")
}

/// Headers of every response, whatever it is.
async fn finish(
    axum::extract::State(doorward): axum::extract::State<Doorward>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    add_headers(doorward.app(), &context, origin.as_ref(), &mut response);
    response
}

/// Gives a response the headers that every one has.
pub(crate) fn add_headers(
    app: &App,
    context: &RequestContext,
    origin: Option<&HeaderValue>,
    response: &mut Response,
) {
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t == pages::CONTENT_TYPE);
    let may_become_page = response.extensions().get::<Problem>().is_some();
    let headers = response.headers_mut();
    if is_page {
        say_language(headers, context.language());
    }
    let policy = if is_page || may_become_page { pages::CONTENT_SECURITY_POLICY } else { NO_CONTENT };
    add_constant_headers(headers, policy);
    if let Ok(id) = HeaderValue::try_from(context.request_id()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(origin) = origin {
        allow_origin(app, headers, origin);
    }
}

/// Those of them whose values depend on neither the request nor the configuration.
pub(crate) fn add_constant_headers(headers: &mut HeaderMap, content_security_policy: &'static str) {
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(content_security_policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
}

/// Lets scripts of allowed origins read answers (CORS).
pub(crate) fn allow_origin(app: &App, headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let allowed = origin.to_str().is_ok_and(|origin| app.live().config.allowed_origins.allow(origin));
    if allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("Retry-After, X-Request-Id, X-Session-Expires-In"),
        );
    }
}

/// The answer to a browser that asks whether an allowed origin may send what it is about to send.
fn preflight(app: &App, request: &Request) -> Option<Response> {
    let headers = request.headers();
    let asks = *request.method() == Method::OPTIONS && is_safe(request.method());
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    let wanted = headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let for_api = request.uri().path().starts_with(&app.path("/v1/"));
    if !asks || !wanted || !for_api || !app.live().config.allowed_origins.allow(origin) {
        return None;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let allowed = response.headers_mut();
    allowed.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"),
    );
    let names = format!("Content-Type, Authorization, {}", app.fixed.csrf_header);
    if let Ok(names) = HeaderValue::try_from(names) {
        allowed.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    allowed.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    Some(response)
}
