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
    context::RequestContext,
    extract::{FromHere, origin_of},
    problem::{Problem, ProblemDocument},
    request_body::JsonOrForm,
};

/// A password, or a refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// `password`, the default, or `refresh_token`.
    grant_type: Option<Grant>,
    /// The user name, for a password.
    username: Option<String>,
    /// The password.
    #[schema(format = Password)]
    password: Option<String>,
    /// A second factor's code; without effect as long as there is none.
    #[serde(rename = "code")]
    _code: Option<String>,
    /// The refresh token, for one.
    refresh_token: Option<String>,
}

/// What is exchanged for tokens.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Grant {
    Password,
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
    let missing = |what: &'static str| Problem::malformed(format!("The member {what} is missing."));
    match body {
        TokenBody {
            grant_type: Some(Grant::RefreshToken),
            username: None,
            password: None,
            refresh_token,
            ..
        } => {
            let token = refresh_token.ok_or_else(|| missing("refresh_token"))?;
            let client = context.client(&parts.headers);
            let refreshed = app.authority().refresh(&token, Transport::Bearer, None, &client).await?;
            Ok(Json(tokens(&refreshed)))
        }
        TokenBody {
            grant_type: None | Some(Grant::Password),
            username,
            password,
            refresh_token: None,
            ..
        } => {
            let username = username.ok_or_else(|| missing("username"))?;
            let password = password.ok_or_else(|| missing("password"))?;
            let origin = origin_of(&context, &parts, Transport::Bearer).await?;
            let proofs = PresentedProofs { password: Some(&password) };
            match app.authority().login(&username, proofs, &origin).await? {
                LoginOutcome::Authenticated(signed_in) => Ok(Json(tokens(&signed_in))),
                LoginOutcome::MoreProofNeeded(_) => Err(Refusal::InvalidCredentials.into()),
            }
        }
        TokenBody { .. } => {
            Err(Problem::malformed("Send either a user name and a password, or a refresh token."))
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
