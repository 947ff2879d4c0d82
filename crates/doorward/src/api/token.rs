//! `POST /v1/token`: tokens in the body for programs that cannot use cookies. Off unless enabled (M-D12).

use axum::Json;
use doorward_core::{
    login::{LoginOutcome, PresentedProofs},
    refusal::Refusal,
    session::Transport,
    sign_in::SignedIn,
};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    account_name::named,
    context::RequestContext,
    extract::{FromHere, origin_of},
    problem::{Problem, ProblemDocument},
    request_body::JsonOrForm,
};

/// A password, or a refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub enum TokenBody {
    /// A password.
    Password(PasswordGrant),
    /// A refresh token.
    RefreshToken(RefreshTokenGrant),
}

/// Tokens for a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordGrant {
    /// `password`, which is the default.
    #[serde(default, rename = "grant_type")]
    _grant_type: Password,
    /// The user name; where there is a single operator it may be left out, and is not heeded.
    #[schema(required = true, value_type = String)]
    username: Option<String>,
    /// The password.
    #[schema(format = Password)]
    password: String,
    /// A code of the authenticator app, or a recovery code, for those who have a second factor.
    #[schema(format = Password)]
    code: Option<String>,
}

/// Tokens for a refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshTokenGrant {
    /// `refresh_token`
    #[serde(rename = "grant_type")]
    _grant_type: RefreshToken,
    /// The refresh token.
    refresh_token: String,
}

/// `password`
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// `password`
    #[default]
    Password,
}

/// `refresh_token`
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefreshToken {
    /// `refresh_token`
    RefreshToken,
}

/// Tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// The access token, for the Authorization header.
    access_token: String,
    /// `Bearer`
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: u64,
    /// Exchanges for the next tokens, once.
    refresh_token: String,
    /// Seconds until the refresh token ends.
    refresh_expires_in: u64,
    /// The session.
    session_id: String,
}

/// Gives tokens in the body, never a cookie. `not_found` unless `token_endpoint.enabled`.
#[utoipa::path(
    post, path = "/v1/token", tag = "session",
    request_body(content(
        (TokenBody = "application/json"),
        (TokenBody = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Tokens.", body = Tokens),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn token(
    context: RequestContext,
    _from: FromHere,
    parts: Parts,
    body: Result<JsonOrForm<TokenBody>, Problem>,
) -> Result<Json<Tokens>, Problem> {
    let app = context.app();
    if !app.live().config.token_endpoint {
        return Err(Problem::not_found());
    }
    let JsonOrForm(body) = body?;
    match body {
        TokenBody::RefreshToken(grant) => {
            let client = context.client(&parts.headers);
            let refreshed =
                app.authority().refresh(&grant.refresh_token, Transport::Bearer, None, &client).await?;
            Ok(Json(tokens(&refreshed)))
        }
        TokenBody::Password(grant) => {
            let username = named(app, grant.username.as_deref())?;
            let origin = origin_of(&context, &parts, Transport::Bearer).await?;
            let code = grant.code.as_deref();
            let proofs = PresentedProofs { code, ..PresentedProofs::password(&grant.password) };
            match app.authority().login(username, proofs, &origin).await? {
                LoginOutcome::Authenticated(signed_in) => Ok(Json(tokens(&signed_in))),
                // No cookie could carry the login that waits for it.
                LoginOutcome::SecondFactorDue(_) => Err(Refusal::MfaCodeInvalid.into()),
            }
        }
    }
}

pub(crate) fn tokens(signed_in: &SignedIn) -> Tokens {
    let session = &signed_in.of.session;
    Tokens {
        access_token: signed_in.access_token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in: signed_in.access_lifetime.as_secs(),
        refresh_token: signed_in.refresh_token.reveal().to_owned(),
        refresh_expires_in: session.ends_at().since(signed_in.now).as_secs(),
        session_id: session.id.to_string(),
    }
}
