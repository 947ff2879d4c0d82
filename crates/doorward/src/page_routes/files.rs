//! Static files, the keep-alive script, and the pages that explain error codes.

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    context::RequestContext,
    cookies::CookieKind,
    extract::cookie_name,
    page_response::{anonymous, page},
    pages::{
        compressed::takes_gzip,
        keepalive::{self, KeepaliveSettings},
        static_files,
        views::ErrorPage,
    },
    problem::Problem,
    request_body::PathText,
};

/// A file that is the same for everybody.
pub(crate) async fn static_file(
    context: RequestContext,
    PathText(name): PathText,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let file = static_files::find(&name).ok_or_else(Problem::not_found)?;
    let compressed = context.app().compressed.gzip(file).filter(|_| takes_gzip(&asked));
    let encoding = compressed.is_some().then_some(HeaderValue::from_static("gzip"));
    let body = compressed.unwrap_or(Bytes::from_static(file.body.as_bytes()));
    let mut response = cached(file.content_type, static_files::CACHE_CONTROL, body);
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.extend(encoding.map(|encoding| (header::CONTENT_ENCODING, encoding)));
    Ok(response)
}

/// The script that keeps classic apps signed in.
pub(crate) async fn keepalive_script(context: RequestContext) -> Response {
    let app = context.app();
    let script = keepalive::script(&KeepaliveSettings {
        access_ttl_seconds: app.authority().settings().lifetimes.access_ttl.as_secs(),
        csrf_cookie: cookie_name(app, CookieKind::Csrf).to_owned(),
        csrf_header: app.fixed.csrf_header.as_str().to_owned(),
    });
    cached(keepalive::CONTENT_TYPE, keepalive::CACHE_CONTROL, script)
}

/// What an error code means: where the `type` of a problem document leads.
pub(crate) async fn problem(context: RequestContext, PathText(code): PathText) -> Result<Response, Problem> {
    let problem = Problem::of_code(&code).ok_or_else(Problem::not_found)?;
    let view = ErrorPage {
        frame: anonymous(&context),
        status: problem.status.as_u16(),
        code: problem.code.to_owned(),
        request_id: None,
        retry_after_seconds: None,
    };
    Ok(page(StatusCode::OK, &view))
}

fn cached(content_type: &'static str, cache_control: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache_control)),
        // Apps on sibling hosts load the script; nobody else has a use for it.
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-site"),
        ),
    ];
    (StatusCode::OK, headers, body).into_response()
}
