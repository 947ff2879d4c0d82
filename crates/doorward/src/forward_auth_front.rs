//! Forward authentication ahead of the router. It is asked about every request of every app behind a proxy, reads no body and
//! waits for nothing: what a router does for it costs more than the answer.

use std::net::IpAddr;

use axum::response::{IntoResponse, Response};
use http::{Request, header};

use crate::{
    app::Doorward,
    context::{Reader, RequestContext, tell_problem},
    forward_auth,
    router::{add_headers, check_host},
};

impl Doorward {
    /// The answer to a request for forward authentication from `peer`, which [`Doorward::router`] would give as well, only
    /// later; none for anything else, which is the router's. For a server to ask first, whose middleware has nothing to say
    /// about these requests. Waits for nothing.
    #[must_use]
    pub fn forward_auth<B>(&self, peer: IpAddr, request: &Request<B>) -> Option<Response> {
        let (target, headers) = (request.uri(), request.headers());
        let below = target.path().strip_prefix(&*self.app().fixed.base_path)?;
        let policy = below.strip_prefix("/verify/")?.split('/').next()?;
        if policy.is_empty() {
            return None;
        }
        let context = RequestContext::of(self.clone(), Some(peer), target.clone(), headers);
        let mut response = match check_host(self.app(), target, headers) {
            Ok(()) => forward_auth::answer(&context, target, headers),
            Err(misdirected) => misdirected.into_response(),
        };
        add_headers(self.app(), &context, headers.get(header::ORIGIN), &mut response);
        tell_problem(&mut response, &context, request.method(), Reader::Program);
        Some(response)
    }
}
