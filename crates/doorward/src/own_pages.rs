//! Extractors for an embedding program's own pages and forms: people who are not signed in are sent to where they
//! can, and forms carry their CSRF token as a field.

use std::ops::Deref;

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use doorward_core::refusal::Refusal;
use http::{Method, request::Parts};
use serde::de::DeserializeOwned;

use crate::{
    body,
    context::RequestContext,
    extract::{Authenticated, FormToken, authenticated, check_same_origin, identified},
    forward_auth::{is_navigation, signing_in_mends},
    page_routes::to_sign_in,
    problem::Problem,
    request_body::read,
};

/// The field of a form that carries the CSRF token.
const CSRF_FIELD: &str = "csrf_token";

/// As [`Authenticated`], for pages: a browser that shows no valid session is sent to sign in (silently, where a
/// refresh does), and comes back.
#[derive(Clone, Debug)]
pub struct AuthenticatedPage(pub Authenticated);

impl Deref for AuthenticatedPage {
    type Target = Authenticated;

    fn deref(&self) -> &Authenticated {
        &self.0
    }
}

/// A new CSRF token of the caller's session, for the hidden field `csrf_token` of a form. It stays valid for as long
/// as the session lives.
#[derive(Clone, Debug)]
pub struct CsrfToken(pub String);

/// A form of this shape, sent by somebody who may act, and the proof that it is no cross-site forgery: as
/// [`Authenticated`] and [`SameOrigin`](crate::SameOrigin), with the CSRF token in the field `csrf_token` (or in the
/// header), which is not part of the shape. At most 64 KiB.
#[derive(Debug)]
pub struct SameOriginForm<T>(pub T);

impl<S: Send + Sync> FromRequestParts<S> for AuthenticatedPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let context =
            RequestContext::from_request_parts(parts, state).await.map_err(Problem::into_response)?;
        authenticated(&context, parts).map(|identity| Self(Authenticated(identity))).map_err(|problem| {
            let navigates = parts.method == Method::GET && is_navigation(&parts.headers);
            if navigates && signing_in_mends(&problem) {
                to_sign_in(&context, parts)
            } else {
                problem.into_response()
            }
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        let session = identified(&context, parts)?.principal.session_id;
        let authority = context.doorward().authority();
        let token = authority.keys().issue_csrf_token(authority.entropy(), session).map_err(Refusal::from)?;
        Ok(Self(token.reveal().to_owned()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for SameOriginForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, content) = request.into_parts();
        let context = RequestContext::from_request_parts(&mut parts, state).await?;
        let identity = authenticated(&context, &parts)?;
        let mut fields: Vec<(String, String)> = body::form(&parts.headers, &read(&parts, content).await?)?;
        let at = fields.iter().position(|(name, _)| name == CSRF_FIELD);
        let token = at.map(|at| fields.swap_remove(at).1);
        let form_token = token.as_deref().map_or(FormToken::Absent, FormToken::Field);
        check_same_origin(&context, &parts, &identity, form_token).await?;
        let rest = serde_urlencoded::to_string(&fields).map_err(|_| does_not_fit())?;
        serde_urlencoded::from_str(&rest).map(Self).map_err(|_| does_not_fit())
    }
}

fn does_not_fit() -> Problem {
    Problem::malformed("A field of the form is unknown, missing, or of another type.")
}
