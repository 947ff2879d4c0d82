//! What a proxy is told of a request that may pass: who is calling, and what every answer says.

use doorward_core::user::Roles;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    context::{REQUEST_ID, RequestContext},
    credentials::Identity,
    percent::header_value,
    router::{NO_CONTENT, add_constant_headers},
};

const EMPTY: HeaderValue = HeaderValue::from_static("");

/// Headers whose values are an answer's own; in the order in which [`values`] gives them. Every `X-Auth-*` header is on every
/// 200: what we leave out, a client could have sent.
static OWN: [HeaderName; 8] = [
    HeaderName::from_static("x-auth-user-id"),
    HeaderName::from_static("x-auth-user"),
    HeaderName::from_static("x-auth-email"),
    HeaderName::from_static("x-auth-roles"),
    HeaderName::from_static("x-auth-session-id"),
    HeaderName::from_static("x-auth-aal"),
    HeaderName::from_static("x-auth-method"),
    REQUEST_ID,
];

/// All headers of such an answer, made ready: names are hashed and entered once, and not for each answer. The values of
/// [`OWN`] are still empty, and the first in the map.
pub(crate) struct AllowedHeaders(HeaderMap);

impl AllowedHeaders {
    pub(crate) fn new() -> Self {
        let mut headers = HeaderMap::new();
        for name in &OWN {
            headers.insert(name, EMPTY);
        }
        add_constant_headers(&mut headers, NO_CONTENT);
        Self(headers)
    }

    /// The headers of one answer.
    pub(crate) fn tell(&self, identity: &Identity, context: &RequestContext) -> HeaderMap {
        let mut headers = self.0.clone();
        // A map that nothing was taken out of has its values in the order in which their names were entered.
        for (own, value) in headers.values_mut().zip(values(identity, context.request_id())) {
            *own = value;
        }
        headers
    }
}

fn values(identity: &Identity, request_id: &str) -> [HeaderValue; OWN.len()] {
    let principal = &*identity.principal;
    [
        id_value(&principal.user_id.text()),
        header_value(&principal.username),
        principal.email.as_deref().map_or(EMPTY, header_value),
        header_value(&joined(&principal.roles)),
        id_value(&principal.session_id.text()),
        level_value(principal.aal),
        HeaderValue::from_static(identity.method.as_str()),
        HeaderValue::try_from(request_id).unwrap_or(EMPTY),
    ]
}

fn id_value(text: &[u8; 22]) -> HeaderValue {
    // It is base64url, which every header takes.
    HeaderValue::from_bytes(text).unwrap_or(EMPTY)
}

fn joined(roles: &Roles) -> String {
    let mut joined = String::new();
    for (at, role) in roles.iter().enumerate() {
        if at > 0 {
            joined.push(',');
        }
        joined.push_str(role);
    }
    joined
}

fn level_value(aal: u8) -> HeaderValue {
    match aal {
        1 => HeaderValue::from_static("1"),
        2 => HeaderValue::from_static("2"),
        other => HeaderValue::from(u16::from(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_gives_its_values_in_the_order_in_which_names_were_entered() {
        let ready = AllowedHeaders::new().0;
        let mut copy = ready.clone();
        for (number, value) in (0_u16..).zip(copy.values_mut()) {
            *value = HeaderValue::from(number);
        }
        for (number, name) in (0_u16..).zip(&OWN) {
            assert_eq!(copy.get(name), Some(&HeaderValue::from(number)), "{name}");
        }
        assert_eq!(copy.len(), ready.len());
    }
}
