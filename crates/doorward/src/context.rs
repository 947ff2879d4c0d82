//! What a request tells about itself, worked out once; and the layer that does so.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRequestParts, Request},
    response::Response,
};
use doorward_core::{
    authority::Caller,
    client::{Client, UserAgent},
    ids::UserId,
    refusal::{Refusal, RefusalKind},
    secret::TokenPrefix,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, request::Parts, uri::PathAndQuery};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    app::{App, Doorward},
    client_address::client_address,
    credentials::{self, Identity, identify},
    page_response::{error_page, say_language},
    pages::Language,
    problem::{Problem, ProblemDocument},
};

/// The header that ties an answer to log lines and audit events.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request tells about itself. In the request's extensions below [`ContextLayer`].
#[derive(Clone)]
pub struct RequestContext(Arc<Inner>);

struct Inner {
    doorward: Doorward,
    uri: Uri,
    request_id: String,
    peer: Option<IpAddr>,
    client_address: Option<IpAddr>,
    accept_language: Option<HeaderValue>,
    identity: OnceLock<Result<Identity, Problem>>,
}

impl RequestContext {
    pub(crate) fn of(doorward: Doorward, peer: Option<IpAddr>, uri: Uri, headers: &HeaderMap) -> Self {
        let live = doorward.app().live();
        let trusted = &live.config.trusted_proxies;
        let peer_is_trusted = peer.is_some_and(|peer| trusted.trust(peer));
        let client_address = peer.map(|peer| client_address(peer, headers, trusted));
        drop(live);
        let taken_over = peer_is_trusted.then(|| forwarded_request_id(headers)).flatten();
        let request_id = taken_over.unwrap_or_else(|| doorward.app().next_request_id());
        let accept_language = headers.get(header::ACCEPT_LANGUAGE).cloned();
        let identity = OnceLock::new();
        Self(Arc::new(Inner { doorward, uri, request_id, peer, client_address, accept_language, identity }))
    }

    pub(crate) fn app(&self) -> &App {
        self.0.doorward.app()
    }

    /// The Doorward that the layer belongs to.
    #[must_use]
    pub fn doorward(&self) -> &Doorward {
        &self.0.doorward
    }

    /// What was asked for, whole: a router that an embedding program nests takes its prefix off.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.0.uri
    }

    /// The path and query that were asked for: where somebody returns to who has to go elsewhere first.
    pub(crate) fn here(&self) -> &str {
        self.0.uri.path_and_query().map_or("/", PathAndQuery::as_str)
    }

    /// Ties the answer to log lines and audit events.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Who is at the other end of the connection: a proxy, or the client itself.
    #[must_use]
    pub fn peer(&self) -> Option<IpAddr> {
        self.0.peer
    }

    /// The client's address: never what a client wrote.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        self.0.client_address
    }

    /// What to speak to whoever reads the answer, by `Accept-Language` (RFC 9110, section 12.5.4).
    #[must_use]
    pub fn language(&self) -> Language {
        let accepted = self.0.accept_language.as_ref().and_then(|value| value.to_str().ok());
        accepted.map_or_else(Language::default, Language::negotiated)
    }

    /// The client, as sessions and audit events record it.
    #[must_use]
    pub fn client(&self, headers: &HeaderMap) -> Client {
        let user_agent = headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
        Client {
            address: self.0.client_address,
            user_agent: UserAgent::new(&String::from_utf8_lossy(user_agent)),
            request_id: Some(self.0.request_id.clone()),
        }
    }

    /// A signed-in user asking for something in this request.
    #[must_use]
    pub fn caller(&self, user: UserId, headers: &HeaderMap) -> Caller {
        Caller::user(user, self.client(headers))
    }

    /// Who is calling: worked out at most once a request, by the one resolver there is (M-A03).
    ///
    /// # Errors
    /// The problem to answer with.
    pub fn identity(&self, headers: &HeaderMap, path: &str) -> Result<Identity, Problem> {
        self.0.identity.get_or_init(|| identify(self.app(), headers, path)).clone()
    }

    /// Whether whoever was found to be calling may still: asked once the body is there, which came as slowly as its
    /// sender liked. Otherwise whoever holds a copied cookie keeps a request open, and does with it what they want after
    /// its owner has ended the session.
    pub(crate) fn check_still_identified(&self) -> Result<(), Problem> {
        match self.0.identity.get() {
            Some(Ok(identity)) => {
                let still = self.app().authority().verifier().verify_again(&identity.principal);
                still.map_err(|refusal| match identity.method {
                    credentials::Method::Cookie => refusal.into(),
                    credentials::Method::Bearer => Problem::from(refusal).to_bearer(),
                })
            }
            Some(Err(_)) | None => Ok(()),
        }
    }
}

/// A proxy's request id, if it is one that cannot break a log line.
fn forwarded_request_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    ((1..=128).contains(&text.len()) && text.bytes().all(plain)).then(|| text.to_owned())
}

impl<S: Send + Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!(
                "a Doorward extractor is used outside of Doorward's layer: add `.layer(doorward.layer())`"
            );
            Problem::misconfigured()
        })
    }
}

impl Doorward {
    /// The layer that a program puts around its own routes, so that Doorward's extractors work in them.
    #[must_use]
    pub fn layer(&self) -> ContextLayer {
        ContextLayer(self.clone())
    }
}

/// Gives every request a [`RequestContext`], and every refusal its body.
#[derive(Clone)]
pub struct ContextLayer(Doorward);

impl<S> Layer<S> for ContextLayer {
    type Service = ContextService<S>;

    fn layer(&self, inner: S) -> ContextService<S> {
        ContextService { doorward: self.0.clone(), inner }
    }
}

/// See [`ContextLayer`].
#[derive(Clone)]
pub struct ContextService<S> {
    doorward: Doorward,
    inner: S,
}

impl<S> Service<Request> for ContextService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if request.extensions().get::<RequestContext>().is_some() {
            return Box::pin(self.inner.call(request));
        }
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let uri = request.uri().clone();
        let context = RequestContext::of(self.doorward.clone(), peer, uri, request.headers());
        let reader = Reader::of(&context, request.headers());
        let method = request.method().clone();
        request.extensions_mut().insert(context.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            tell_problem(&mut response, &context, &method, reader);
            Ok(response)
        })
    }
}

/// Gives a refusal its body, and its line in the log.
pub(crate) fn tell_problem(
    response: &mut Response,
    context: &RequestContext,
    method: &Method,
    reader: Reader,
) {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        log_refusal(&problem, context, method);
        write_body(response, &problem, context, reader);
    }
}

/// Who reads an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Person,
    Program,
}

impl Reader {
    /// A person follows links and sends forms, and their browser says that it wants a page. The API and forward
    /// authentication answer programs, whatever they accept.
    fn of(context: &RequestContext, headers: &HeaderMap) -> Self {
        let path = context.uri().path();
        let for_programs =
            path.contains("/v1/") || path.contains("/verify/") || path.contains("/.well-known/");
        let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        if !for_programs && accepts.is_some_and(|accept| accept.contains("text/html")) {
            Self::Person
        } else {
            Self::Program
        }
    }
}

fn write_body(response: &mut Response, problem: &Problem, context: &RequestContext, reader: Reader) {
    let (content_type, body) = match reader {
        Reader::Person => {
            say_language(response.headers_mut(), context.language());
            (crate::pages::CONTENT_TYPE, error_page(problem, context))
        }
        Reader::Program => {
            let document: ProblemDocument =
                problem.document(&context.app().fixed.issuer, context.request_id());
            (crate::problem::PROBLEM_JSON, serde_json::to_string(&document).unwrap_or_default())
        }
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    *response.body_mut() = Body::from(body);
}

/// A path as it may stand in a log: one-time links carry their secret in it.
fn without_secrets(path: &str) -> String {
    let secret = TokenPrefix::Link.as_str();
    path.split('/').map(|part| if part.contains(secret) { "…" } else { part }).collect::<Vec<_>>().join("/")
}

/// Refused attempts are logged at WARN; that somebody is not signed in yet is none.
fn log_refusal(problem: &Problem, context: &RequestContext, method: &Method) {
    metrics::counter!("doorward_refusals_total", "code" => problem.code).increment(1);
    for error in &problem.errors {
        metrics::counter!("doorward_invalid_values_total", "field" => error.field, "code" => error.rule.code())
            .increment(1);
    }
    let (code, request_id) = (problem.code, context.request_id());
    let address = context.client_address().map(tracing::field::display);
    let path = without_secrets(context.uri().path());
    match kind_of(problem) {
        // Expected of a new installation, whoever asks and however often.
        RefusalKind::Unavailable if code == Refusal::SetupRequired.code() => {
            tracing::debug!(target: "doorward::refused", code, request_id, address, %method, path, "setup is not complete");
        }
        RefusalKind::Unavailable => {
            tracing::error!(target: "doorward::refused", code, request_id, address, %method, path, "unavailable");
        }
        RefusalKind::Denied | RefusalKind::Throttled => {
            tracing::warn!(target: "doorward::refused", code, request_id, address, %method, path, "refused");
        }
        RefusalKind::Unauthenticated if !method.is_safe() => {
            tracing::warn!(target: "doorward::refused", code, request_id, address, %method, path, "refused");
        }
        RefusalKind::Unauthenticated | RefusalKind::Request => {
            tracing::debug!(target: "doorward::refused", code, request_id, address, %method, path, "refused");
        }
    }
}

const fn kind_of(problem: &Problem) -> RefusalKind {
    match problem.status.as_u16() {
        401 => RefusalKind::Unauthenticated,
        403 => RefusalKind::Denied,
        429 => RefusalKind::Throttled,
        500.. => RefusalKind::Unavailable,
        _ => RefusalKind::Request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_one_time_link_stands_in_a_log() {
        for page in ["/auth/reset", "/auth/invite", "/auth/%72eset", "/reset/x"] {
            assert_eq!(without_secrets(&format!("{page}/dws_c2VjcmV0")), format!("{page}/…"));
            assert_eq!(without_secrets(&format!("{page}/(dws_c2VjcmV0)/x")), format!("{page}/…/x"));
        }
        assert_eq!(without_secrets("/auth/v1/me"), "/auth/v1/me");
    }
}
