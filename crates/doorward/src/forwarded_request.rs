//! The request that a reverse proxy asks about in forward authentication: `X-Forwarded-Method`, `-Proto`, `-Host` and
//! `-Uri` (Caddy, Traefik), or `X-Original-Method` and `X-Original-URL` (nginx).
//!
//! One family, complete, each header once, from a trusted peer; anything else is refused, because the headers that the
//! proxy does not write are the client's to forge. An incomplete second family is ignored: a client may always add
//! headers, and adding some must not lock it out. Two complete families cannot be told apart.
//!
//! What this cannot see: a proxy that writes only a part of a family, and lets the client complete it. The messages and
//! the examples therefore name whole families.

use std::net::IpAddr;

use http::{HeaderMap, Method};

use crate::{authority::Authority, single_header::SingleHeader, trusted_proxies::TrustedProxies};

const FORWARDED_METHOD: &str = "x-forwarded-method";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED_URI: &str = "x-forwarded-uri";
const ORIGINAL_METHOD: &str = "x-original-method";
const ORIGINAL_URL: &str = "x-original-url";

/// The request as the client made it. Borrows from the headers; only an unusual method allocates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalRequest<'h> {
    /// The method; case counts, so that `get` is none of the safe ones.
    pub method: Method,
    /// Scheme, host and target.
    pub url: OriginalUrl<'h>,
}

/// The URL of the original request, in parts as the proxy sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginalUrl<'h> {
    /// How the client reached the proxy.
    pub scheme: Scheme,
    /// Host, and port where one was written.
    pub authority: Authority<'h>,
    /// Path and query: begins with `/`, visible ASCII, no fragment.
    pub path_and_query: &'h str,
}

/// The scheme of the original request; those of WebSockets count as what carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http` or `ws`.
    Http,
    /// `https` or `wss`.
    Https,
}

impl Scheme {
    /// In lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("https") || text.eq_ignore_ascii_case("wss") {
            Some(Self::Https)
        } else if text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("ws") {
            Some(Self::Http)
        } else {
            None
        }
    }
}

impl std::fmt::Display for OriginalUrl<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority.text, self.path_and_query)
    }
}

/// Why the original request is not known: all are `proxy_not_trusted`, and the message is for the operator's log only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardedRequestError {
    /// Not one of our proxies.
    #[error(
        "{peer} asked about a request but is not in http.trusted_proxies: if it is your reverse proxy, add its address \
         there (DOORWARD_HTTP__TRUSTED_PROXIES={peer}); if not, it must not reach this port"
    )]
    PeerNotTrusted {
        /// Who asked.
        peer: IpAddr,
    },
    /// Neither family is complete.
    #[error(
        "the proxy does not describe the original request, {missing} is missing or empty: have it set \
         X-Forwarded-Method, X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-Uri (Caddy and Traefik do by \
         themselves), or X-Original-Method and X-Original-URL (nginx: proxy_set_header in the auth_request location)"
    )]
    Incomplete {
        /// The first header missing from the family that is nearest to complete.
        missing: &'static str,
    },
    /// Both families are complete.
    #[error(
        "both X-Forwarded-Method/Proto/Host/Uri and X-Original-Method/URL arrived complete, so one of them may be the \
         client's: have the proxy set one family and delete the headers of the other"
    )]
    Ambiguous,
    /// A header of either family arrived more than once.
    #[error(
        "{header} arrived more than once, so one of them may be the client's: have the proxy set it (nginx: \
         proxy_set_header, Caddy: header_up NAME VALUE) instead of adding to it"
    )]
    Duplicate {
        /// Its name.
        header: &'static str,
    },
    /// A header of the complete family does not hold what it should.
    #[error("{header} does not hold {expected}: have the proxy set it to {mend}")]
    Invalid {
        /// Its name.
        header: &'static str,
        /// What should be in it.
        expected: &'static str,
        /// How nginx and Caddy spell that.
        mend: &'static str,
    },
}

/// Reads the original request.
///
/// # Errors
/// [`ForwardedRequestError`] when the peer is not trusted, or the headers are not exactly one well-formed family.
pub fn original_request<'h>(
    peer: IpAddr,
    headers: &'h HeaderMap,
    trusted: &TrustedProxies,
) -> Result<OriginalRequest<'h>, ForwardedRequestError> {
    if !trusted.trust(peer) {
        return Err(ForwardedRequestError::PeerNotTrusted { peer: peer.to_canonical() });
    }
    match families(headers)? {
        (Family::Complete(_), Family::Complete(_)) => Err(ForwardedRequestError::Ambiguous),
        (Family::Complete([method, proto, host, uri]), Family::Incomplete { .. }) => {
            from_forwarded(method, proto, host, uri)
        }
        (Family::Incomplete { .. }, Family::Complete([method, url])) => from_original(method, url),
        (Family::Incomplete { missing, present }, Family::Incomplete { missing: other, present: others }) => {
            let missing = if others > 0 && present <= others { other } else { missing };
            Err(ForwardedRequestError::Incomplete { missing })
        }
    }
}

enum Family<'h, const N: usize> {
    Complete([Option<&'h str>; N]),
    Incomplete { missing: &'static str, present: usize },
}

/// Reads both families in one walk over the headers, which costs less than looking each up.
fn families(headers: &HeaderMap) -> Result<(Family<'_, 4>, Family<'_, 2>), ForwardedRequestError> {
    let [mut method, mut proto, mut host, mut uri] = [SingleHeader::Absent; 4];
    let [mut original_method, mut original_url] = [SingleHeader::Absent; 2];
    for (name, value) in headers {
        let found = match name.as_str() {
            FORWARDED_METHOD => &mut method,
            FORWARDED_PROTO => &mut proto,
            FORWARDED_HOST => &mut host,
            FORWARDED_URI => &mut uri,
            ORIGINAL_METHOD => &mut original_method,
            ORIGINAL_URL => &mut original_url,
            _ => continue,
        };
        *found = found.and(value);
    }
    let forwarded =
        [(FORWARDED_METHOD, method), (FORWARDED_PROTO, proto), (FORWARDED_HOST, host), (FORWARDED_URI, uri)];
    let original = [(ORIGINAL_METHOD, original_method), (ORIGINAL_URL, original_url)];
    Ok((family(forwarded)?, family(original)?))
}

/// Judges one family. An empty header is a missing one; an unreadable one is there, as `None`.
fn family<'h, const N: usize>(
    headers: [(&'static str, SingleHeader<'h>); N],
) -> Result<Family<'h, N>, ForwardedRequestError> {
    let mut values = [None; N];
    let mut missing = None;
    let mut present = 0;
    for (slot, (name, header)) in values.iter_mut().zip(headers) {
        match header {
            SingleHeader::Duplicate => return Err(ForwardedRequestError::Duplicate { header: name }),
            SingleHeader::Absent | SingleHeader::One("") => missing = missing.or(Some(name)),
            SingleHeader::Unreadable => present += 1,
            SingleHeader::One(value) => {
                present += 1;
                *slot = Some(value);
            }
        }
    }
    Ok(match missing {
        Some(missing) => Family::Incomplete { missing, present },
        None => Family::Complete(values),
    })
}

fn from_forwarded<'h>(
    method: Option<&str>,
    proto: Option<&str>,
    host: Option<&'h str>,
    uri: Option<&'h str>,
) -> Result<OriginalRequest<'h>, ForwardedRequestError> {
    let scheme = proto.and_then(Scheme::parse).ok_or(ForwardedRequestError::Invalid {
        header: FORWARDED_PROTO,
        expected: "\"http\" or \"https\", once",
        mend: "the scheme of the client's request ($scheme, {scheme})",
    })?;
    let authority = host.and_then(Authority::parse).ok_or(ForwardedRequestError::Invalid {
        header: FORWARDED_HOST,
        expected: "one host name, with a port or without",
        mend: "the Host of the client's request ($http_host, {host})",
    })?;
    let path_and_query = uri.filter(|uri| is_target(uri)).ok_or(ForwardedRequestError::Invalid {
        header: FORWARDED_URI,
        expected: "a path that begins with \"/\", and maybe a query",
        mend: "the target of the client's request ($request_uri, {uri})",
    })?;
    let url = OriginalUrl { scheme, authority, path_and_query };
    Ok(OriginalRequest { method: method_of(method, FORWARDED_METHOD)?, url })
}

fn from_original<'h>(
    method: Option<&str>,
    url: Option<&'h str>,
) -> Result<OriginalRequest<'h>, ForwardedRequestError> {
    let url = url.and_then(split_url).ok_or(ForwardedRequestError::Invalid {
        header: ORIGINAL_URL,
        expected: "an absolute http or https URL",
        mend: "$scheme://$http_host$request_uri",
    })?;
    Ok(OriginalRequest { method: method_of(method, ORIGINAL_METHOD)?, url })
}

fn method_of(method: Option<&str>, header: &'static str) -> Result<Method, ForwardedRequestError> {
    method.and_then(|method| Method::from_bytes(method.as_bytes()).ok()).ok_or(
        ForwardedRequestError::Invalid {
            header,
            expected: "one HTTP method",
            mend: "the method of the client's request ($request_method, {method})",
        },
    )
}

fn split_url(url: &str) -> Option<OriginalUrl<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    // Without a path the target is the root; a query without one is nothing that a proxy writes.
    let (authority, path_and_query) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "/"),
    };
    Some(OriginalUrl {
        scheme: Scheme::parse(scheme)?,
        authority: Authority::parse(authority)?,
        path_and_query: is_target(path_and_query).then_some(path_and_query)?,
    })
}

/// Whether this is the origin form of a request target (RFC 9112, 3.2.1). A backslash, a quote or the like is the
/// client's business; blanks and fragments never reach a server.
fn is_target(target: &str) -> bool {
    target.starts_with('/') && target.bytes().all(|b| matches!(b, 0x21..=0x7e) && b != b'#')
}

#[cfg(test)]
#[path = "forwarded_request_tests.rs"]
mod tests;
