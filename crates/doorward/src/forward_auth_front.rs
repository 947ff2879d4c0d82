//! Forward authentication ahead of the router. It is asked about every request of every app behind a proxy, reads no body and
//! waits for nothing: what a router does for it costs more than the answer.

use std::net::IpAddr;

use axum::response::{IntoResponse, Response};
use http::{Request, header};

use crate::{
    app::Doorward,
    context::{Reader, RequestContext, tell_problem},
    forward_auth::{self, Answer},
    router::{add_headers, allow_origin, check_host},
};

impl Doorward {
    /// The answer to a request for forward authentication from `peer`, which [`Doorward::router`] would give as well, only
    /// later; none for anything else, which is the router's. For a server to ask first, whose middleware has nothing to say
    /// about these requests. Waits for nothing.
    #[must_use]
    pub fn forward_auth<B>(&self, peer: IpAddr, request: &Request<B>) -> Option<Response> {
        let (target, headers) = (request.uri(), request.headers());
        let policy = forward_auth::policy_name(self.app(), target).filter(|name| !name.is_empty())?;
        let context = RequestContext::of(self.clone(), Some(peer), target.clone(), headers);
        let answer = match check_host(self.app(), target, headers) {
            Ok(()) => forward_auth::answer(&context, policy, headers),
            Err(misdirected) => Answer::Refused(misdirected.into_response()),
        };
        let origin = headers.get(header::ORIGIN);
        Some(match answer {
            Answer::Allowed(mut allowed) => {
                if let Some(origin) = origin {
                    allow_origin(self.app(), allowed.headers_mut(), origin);
                }
                allowed
            }
            Answer::Refused(mut refused) => {
                add_headers(self.app(), &context, origin, &mut refused);
                tell_problem(&mut refused, &context, request.method(), Reader::Program);
                refused
            }
        })
    }
}
