//! `POST /v1/login/mfa`: a code completes a login whose password was right.

use axum::response::Response;
use doorward_core::{refusal::Refusal, second_factor::PresentedCode, session::Transport};
use http::{StatusCode, request::Parts};
use serde::Deserialize;
use utoipa::ToSchema;

use super::login::{LoggedIn, logged_in};
use crate::{
    context::RequestContext,
    extract::origin_of,
    pending_login::{LoginUnderWay, login_refused},
    problem::{Problem, ProblemDocument},
    request_body::StrictJson,
};

/// A code, and what it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// What it is.
    method: CodeMethod,
    /// The code. Of a recovery code, case and dashes do not matter.
    #[schema(format = Password)]
    code: String,
}

/// What a code is of.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeMethod {
    /// An authenticator app.
    Totp,
    /// The list of recovery codes.
    RecoveryCode,
}

impl CodeBody {
    pub(crate) fn presented(&self) -> PresentedCode<'_> {
        match self.method {
            CodeMethod::Totp => PresentedCode::Totp(&self.code),
            CodeMethod::RecoveryCode => PresentedCode::Recovery(&self.code),
        }
    }
}

/// Completes a login by a code. Five codes are looked at for each login; after that it begins anew with the password.
#[utoipa::path(
    post, path = "/v1/login/mfa", tag = "session", request_body = CodeBody,
    security(("pending_cookie" = [], "csrf" = [])),
    responses(
        (status = 200, description = "Logged in; session, CSRF, refresh and device cookies are set, the pending cookie is cleared.", body = LoggedIn),
        (status = "default", description = "Refused. The pending cookie is cleared where the login is over.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn complete_login(
    context: RequestContext,
    LoginUnderWay(pending): LoginUnderWay,
    parts: Parts,
    StrictJson(body): StrictJson<CodeBody>,
) -> Result<Response, Problem> {
    let app = context.app();
    let completed = match pending {
        None => Err(Refusal::NotAuthenticated),
        Some(pending) => {
            let origin = origin_of(&context, &parts, Transport::Cookie).await?;
            app.authority().complete_login(&pending, body.presented(), &origin).await
        }
    };
    match completed {
        Ok(signed_in) => Ok(logged_in(app, &parts.headers, StatusCode::OK, &signed_in)),
        Err(refusal) => Err(login_refused(&context, &parts, refusal).await),
    }
}
