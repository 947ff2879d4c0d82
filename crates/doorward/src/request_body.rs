//! Extractors for bodies, strict about shape and media type.

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
};
use http::{header::CONTENT_TYPE, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::{
    body::{self, BodyError, MAX_BODY_BYTES},
    context::RequestContext,
    problem::Problem,
};

/// Reads a body to its end, or to the limit. Whoever was identified by the head is still to be so afterwards.
pub(crate) async fn read(head: &Parts, body: Body) -> Result<Vec<u8>, Problem> {
    let read = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(collected) => collected.to_bytes().into(),
        Err(error) if error.is::<LengthLimitError>() => return Err(Problem::body_too_large()),
        Err(_) => return Err(Problem::malformed("The body could not be read to its end.")),
    };
    if let Some(context) = head.extensions.get::<RequestContext>() {
        context.check_still_identified()?;
    }
    Ok(read)
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Malformed { reason } => Self::malformed(reason),
            BodyError::Unsupported(_) => {
                Self::unsupported_media_type("Send application/json, or a form where one is taken.")
            }
            BodyError::TooLarge => Self::body_too_large(),
        }
    }
}

/// A JSON body of exactly this shape.
#[derive(Debug)]
pub struct StrictJson<T>(pub T);

/// A JSON body or a form of this shape.
#[derive(Debug)]
pub struct JsonOrForm<T>(pub T);

/// A form of this shape, together with the head of its request: for handlers that judge by both.
#[derive(Debug)]
pub struct FormRequest<T> {
    /// The head.
    pub parts: Parts,
    /// The form.
    pub form: T,
}

/// No body at all.
#[derive(Clone, Copy, Debug)]
pub struct EmptyBody;

/// The one parameter of a path.
#[derive(Debug)]
pub struct PathText(pub String);

/// The two parameters of a path.
#[derive(Debug)]
pub struct PathTexts(pub String, pub String);

/// A query of this shape; unknown parameters are passed over, as proxies and campaigns append their own.
#[derive(Debug)]
pub struct Parameters<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for StrictJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        Ok(Self(body::json(&parts.headers, &read(&parts, body).await?)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonOrForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        Ok(Self(body::json_or_form(&parts.headers, &read(&parts, body).await?)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormRequest<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let form = body::form(&parts.headers, &read(&parts, body).await?)?;
        Ok(Self { parts, form })
    }
}

impl<S: Send + Sync> FromRequest<S> for EmptyBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts, body).await?;
        if !bytes.is_empty() && !parts.headers.contains_key(CONTENT_TYPE) {
            return Err(Problem::unsupported_media_type("This endpoint takes no body."));
        }
        body::empty(&bytes)?;
        Ok(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What is not even text names nothing.
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathTexts {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        path.map(|Path((first, second))| Self(first, second)).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(_) => Err(Problem::malformed("The query does not have the expected parameters.")),
        }
    }
}
