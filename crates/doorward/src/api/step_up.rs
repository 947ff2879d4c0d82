//! `POST /v1/step-up`: whoever is signed in shows again who they are, and gets a new session for it.

use axum::{Json, response::Response};
use doorward_core::second_factor::StepUpProof;
use http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    credential::{Assertion, PasskeyOptions, PublicKeyCredential},
    renewed::{NewSessionBody, new_session},
    second_factor::CodeBody,
};
use crate::{
    context::RequestContext,
    // Also for whoever has a password to change: with a second factor, that takes a step-up.
    extract::{AnySessionHolder, origin_of},
    problem::{Problem, ProblemDocument},
    request_body::{EmptyBody, StrictJson},
};

/// What is shown.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub enum StepUpBody {
    /// The password.
    Password(PasswordAgain),
    /// A code.
    Code(CodeBody),
}

/// The password: enough for those who have no second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAgain {
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// Exchanges the session for one with a fresh authentication, as strong as what is shown; the old one is dead.
#[utoipa::path(
    post, path = "/v1/step-up", tag = "factors", request_body = StepUpBody,
    responses(
        (status = 200, description = "Stepped up; new cookies are set.", body = NewSessionBody),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn step_up(
    context: RequestContext,
    AnySessionHolder(holder): AnySessionHolder,
    parts: Parts,
    StrictJson(body): StrictJson<StepUpBody>,
) -> Result<Response, Problem> {
    let app = context.app();
    let principal = holder.principal();
    let origin = origin_of(&context, &parts, principal.transport).await?;
    let proof = match &body {
        StepUpBody::Password(again) => StepUpProof::Password(&again.password),
        StepUpBody::Code(code) => StepUpProof::Code(code.presented()),
    };
    let stepped_up = app.authority().step_up(principal, proof, &origin).await?;
    Ok(new_session(app, holder.identity.method, &stepped_up))
}

/// What `navigator.credentials.get()` is given to step a session up.
#[utoipa::path(
    post, path = "/v1/step-up/passkey/options", tag = "factors",
    responses(
        (status = 200, description = "To be read by `PublicKeyCredential.parseRequestOptionsFromJSON()`.", body = PasskeyOptions),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn passkey_step_up_options(
    context: RequestContext,
    AnySessionHolder(holder): AnySessionHolder,
    _empty: EmptyBody,
) -> Result<Json<impl serde::Serialize>, Problem> {
    Ok(Json(context.app().authority().passkey_step_up_options(holder.principal()).await?))
}

/// Steps a session up by a passkey.
#[utoipa::path(
    post, path = "/v1/step-up/passkey", tag = "factors", request_body = PublicKeyCredential<Assertion>,
    responses(
        (status = 200, description = "Stepped up; new cookies are set.", body = NewSessionBody),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn step_up_by_passkey(
    context: RequestContext,
    AnySessionHolder(holder): AnySessionHolder,
    parts: Parts,
    StrictJson(body): StrictJson<PublicKeyCredential<Assertion>>,
) -> Result<Response, Problem> {
    let app = context.app();
    let principal = holder.principal();
    let origin = origin_of(&context, &parts, principal.transport).await?;
    let stepped_up = app.authority().step_up_by_passkey(principal, &body.answer()?, &origin).await?;
    Ok(new_session(app, holder.identity.method, &stepped_up))
}
