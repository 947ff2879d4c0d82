//! `POST /v1/login`: opens a session in cookies.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use doorward_core::{
    login::{LoginOutcome, PresentedProofs},
    second_factor::PendingIssued,
    session::Transport,
    sign_in::SignedIn,
};
use http::{HeaderMap, StatusCode, request::Parts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::{Session, User};
use crate::{
    account_name::named,
    app::App,
    context::RequestContext,
    extract::{FromHere, origin_of},
    problem::{Problem, ProblemDocument},
    request_body::JsonOrForm,
    session_cookies::{set_login_cookies, set_pending_cookies},
};

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// The user name; where there is a single operator it may be left out, and is not heeded.
    #[schema(required = true, value_type = String)]
    username: Option<String>,
    /// The password.
    #[schema(format = Password)]
    password: String,
    /// Whether the second factor may be skipped on this device in future, as far as `mfa.trust_device` allows it.
    #[serde(default)]
    trust_device: bool,
    /// The fields of an OAuth2 password form that we have no use for (RFC 6749, 4.3.2).
    #[serde(rename = "grant_type")]
    _grant_type: Option<String>,
    #[serde(rename = "scope")]
    _scope: Option<String>,
    #[serde(rename = "client_id")]
    _client_id: Option<String>,
    #[serde(rename = "client_secret")]
    _client_secret: Option<String>,
}

/// A login that succeeded. The tokens are in cookies only.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    /// `authenticated`
    status: &'static str,
    /// Who.
    user: User,
    /// With which session.
    session: Session,
}

/// A login that waits for its second factor. Its token is in a cookie only, which is good for nothing else.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorDue {
    /// `mfa_required`
    status: &'static str,
    /// What it can be completed with: `totp`, `passkey`, `recovery_code`.
    methods: Vec<&'static str>,
    /// Seconds until the password has to be given again.
    expires_in: u64,
}

/// What a right password leads to.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "only described, never made")]
pub enum LoginAnswer {
    /// Logged in.
    LoggedIn(LoggedIn),
    /// The second factor is due.
    SecondFactorDue(SecondFactorDue),
}

/// Opens a session in cookies; for somebody who has a second factor, only begins to. A session presented with it is
/// revoked.
///
/// Also takes the form of an OAuth2 password grant; its other fields are ignored.
#[utoipa::path(
    post, path = "/v1/login", tag = "session",
    request_body(content(
        (LoginBody = "application/json"),
        (LoginBody = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Logged in; session, CSRF, refresh and device cookies are set. Or the second factor is due; pending and CSRF cookie are set.", body = LoginAnswer),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn login(
    context: RequestContext,
    _from: FromHere,
    parts: Parts,
    JsonOrForm(body): JsonOrForm<LoginBody>,
) -> Result<Response, Problem> {
    let app = context.app();
    let username = named(app, body.username.as_deref())?;
    app.authority().check_setup_complete()?;
    let origin = origin_of(&context, &parts, Transport::Cookie).await?;
    let trust_device = body.trust_device;
    let proofs = PresentedProofs { trust_device, ..PresentedProofs::password(&body.password) };
    match app.authority().login(username, proofs, &origin).await? {
        LoginOutcome::Authenticated(signed_in) => {
            Ok(logged_in(app, &parts.headers, StatusCode::OK, &signed_in))
        }
        LoginOutcome::SecondFactorDue(pending) => Ok(second_factor_due(app, &pending)),
    }
}

fn second_factor_due(app: &App, pending: &PendingIssued) -> Response {
    let body = SecondFactorDue {
        status: "mfa_required",
        methods: pending.methods.iter().map(|method| method.as_str()).collect(),
        expires_in: pending.lifetime.as_secs(),
    };
    let mut response = Json(body).into_response();
    set_pending_cookies(app, response.headers_mut(), pending);
    response
}

/// The answer to a login: cookies, and who and with which session.
pub(crate) fn logged_in(
    app: &App,
    presented: &HeaderMap,
    status: StatusCode,
    signed_in: &SignedIn,
) -> Response {
    let of = &signed_in.of;
    let body = LoggedIn {
        status: "authenticated",
        user: User::from(&of.user),
        session: Session::of(&of.session, Some(of.session.id)),
    };
    let mut response = (status, Json(body)).into_response();
    set_login_cookies(app, presented, response.headers_mut(), signed_in);
    response
}
