//! Problem documents (RFC 9457): the one place where a refusal becomes a status, a code and words.

use std::{borrow::Cow, time::Duration};

use axum::response::{IntoResponse, Response};
use doorward_core::refusal::{FieldError, Refusal};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of problem documents.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal on its way out. The context layer writes its body, because only there the request id is known, and
/// whether a person or a program reads it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// What happened and how to mend it, for whoever may know.
    pub detail: Cow<'static, str>,
    /// How long to wait, where waiting helps.
    pub retry_after: Option<Duration>,
    /// The values that break rules.
    pub errors: Vec<FieldError>,
    /// Headers that go with it.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// A problem document as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// A URL that explains the code.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The status code.
    pub status: u16,
    /// What happened and how to mend it.
    pub detail: String,
    /// The stable code.
    pub code: String,
    /// Ties the answer to log lines and audit events.
    pub request_id: String,
    /// Seconds to wait, rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub retry_after: Option<u64>,
    /// The values that break rules, with 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
}

/// A value that breaks a rule.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem {
    /// The member of the request.
    pub field: String,
    /// Which rule, as a stable word.
    pub code: String,
    /// The rule in a sentence.
    pub detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after: None,
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The body, a parameter or a path member does not have the shape it should.
    #[must_use]
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_request", detail)
    }

    /// Several valid cookies of one name: somebody planted one. The headers expire that name everywhere.
    #[must_use]
    pub fn cookie_ambiguous(expire: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Self {
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "cookie_ambiguous",
            "The browser sent two different valid cookies of one name. They were removed; please sign in again.",
        );
        problem.headers.extend(expire);
        problem
    }

    /// No such page or endpoint.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// The reader's place in the revocation feed is none of this feed.
    #[must_use]
    pub fn feed_position_unknown() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "conflict",
            "The number given is not one that this feed can go on from: begin again, after 0.",
        )
    }

    /// The endpoint does not take this method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This endpoint does not take this method.",
        )
    }

    /// The body is over the limit.
    #[must_use]
    pub fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "A body has at most 64 KiB.")
    }

    /// The body's media type is missing or not one the endpoint takes.
    #[must_use]
    pub fn unsupported_media_type(detail: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    /// The Host header names somebody else (DNS rebinding).
    #[must_use]
    pub fn misdirected_request() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "misdirected_request",
            "The Host header is not one this server answers for. Set http.public_url, or add the origin to \
             http.allowed_origins.",
        )
    }

    /// The request does not say, from a trusted proxy and completely, which request is to be judged.
    #[must_use]
    pub fn proxy_not_trusted() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "proxy_not_trusted",
            "The original request is not described by a trusted proxy. The server's log says how to mend it.",
        )
    }

    /// No policy of that name is configured.
    #[must_use]
    pub fn policy_unknown() -> Self {
        Self::new(StatusCode::FORBIDDEN, "policy_unknown", "No policy of this name is configured.")
    }

    /// The program that embeds us left out a layer. Logged where it happens.
    #[must_use]
    pub fn misconfigured() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "The server is not set up correctly.")
    }

    /// The problem that carries `code`, for the page that explains it.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let ours = [
            Self::malformed("The request does not have the shape it should."),
            Self::cookie_ambiguous(None),
            Self::method_not_allowed(),
            Self::body_too_large(),
            Self::unsupported_media_type("The body is of a media type that the endpoint does not take."),
            Self::misdirected_request(),
            Self::proxy_not_trusted(),
            Self::policy_unknown(),
        ];
        let refusals = Refusal::one_of_each().into_iter().map(Self::from);
        refusals.chain(ours).find(|problem| problem.code == code)
    }

    /// Says that the Authorization header was looked at (RFC 6750, 3).
    #[must_use]
    pub fn to_bearer(mut self) -> Self {
        if self.status == StatusCode::UNAUTHORIZED {
            self.headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        self
    }

    /// Seconds to wait, rounded up.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    /// The document, for a server that calls itself `issuer`.
    #[must_use]
    pub fn document(&self, issuer: &str, request_id: &str) -> ProblemDocument {
        let field = |error: &FieldError| FieldProblem {
            field: error.field.to_owned(),
            code: error.rule.code().to_owned(),
            detail: error.rule.to_string(),
        };
        ProblemDocument {
            r#type: format!("{issuer}/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone().into_owned(),
            code: self.code.to_owned(),
            request_id: request_id.to_owned(),
            retry_after: self.retry_after_seconds(),
            errors: self.errors.iter().map(field).collect(),
        }
    }

    /// The response with everything but its body.
    pub(crate) fn head(&self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after_seconds() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, detail) = describe(&refusal);
        let mut problem = Self::new(status, refusal.code(), detail);
        problem.retry_after = refusal.retry_after();
        if let Refusal::Invalid(errors) = refusal {
            problem.errors = errors;
        }
        problem
    }
}

/// Status and words of every refusal.
const fn describe(refusal: &Refusal) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match refusal {
        Refusal::NotAuthenticated => (S::UNAUTHORIZED, "Nobody is signed in."),
        Refusal::InvalidCredentials => (S::UNAUTHORIZED, "The user name or the password is wrong."),
        Refusal::MfaCodeInvalid => (
            S::UNAUTHORIZED,
            "The second factor is missing, wrong, or was used before. A code is good once: wait for the next one.",
        ),
        Refusal::SessionExpired => {
            (S::UNAUTHORIZED, "The session has expired. Refresh it, or sign in again.")
        }
        Refusal::SessionRevoked => (S::UNAUTHORIZED, "The session was ended. Sign in again."),
        Refusal::TokenInvalid => (S::UNAUTHORIZED, "The access token is not valid here."),
        Refusal::RefreshTokenInvalid => (S::UNAUTHORIZED, "The refresh token is not valid here."),
        Refusal::RefreshTokenReused => {
            (S::UNAUTHORIZED, "The refresh token was used before. The session was ended; sign in again.")
        }
        Refusal::CsrfFailed => {
            (S::FORBIDDEN, "The CSRF token is missing or belongs to another session. Reload the page.")
        }
        Refusal::CrossSiteRefused => {
            (S::FORBIDDEN, "The request comes from a site that is not in http.allowed_origins.")
        }
        Refusal::AccountDisabled => (S::FORBIDDEN, "The account is disabled. Ask an administrator."),
        Refusal::PasswordChangeRequired => (S::FORBIDDEN, "The password has to be changed first."),
        Refusal::StepUpRequired => (
            S::FORBIDDEN,
            "This needs a fresh or stronger sign-in: step up first, with a second factor if the account has one.",
        ),
        Refusal::EnrolmentRequired => (
            S::FORBIDDEN,
            "A second factor is required here (mfa.required), and this account has none. Set one up first.",
        ),
        Refusal::Forbidden => (S::FORBIDDEN, "This is not allowed."),
        Refusal::NotFound => (S::NOT_FOUND, "There is no such thing, or it is not yours."),
        Refusal::NameTaken => (S::CONFLICT, "The user name is, or once was, somebody else's."),
        Refusal::FactorRequired => (
            S::CONFLICT,
            "A second factor is required here, and this is the last one. Set up another one first.",
        ),
        Refusal::TooManyPasskeys => (S::CONFLICT, "There are as many passkeys as allowed. Remove one first."),
        Refusal::PasskeyTaken => (S::CONFLICT, "This passkey is registered already."),
        Refusal::SingleOperator => (
            S::CONFLICT,
            "This server has a single operator (mode = \"single_operator\"), and no account beside theirs.",
        ),
        Refusal::RotationUnderWay => {
            (S::CONFLICT, "A new signing key has been made already, and signs within two minutes.")
        }
        Refusal::SetupComplete => (S::CONFLICT, "Setup was completed before."),
        Refusal::LastAdmin => (S::CONFLICT, "The last enabled administrator must stay."),
        Refusal::Invalid(_) => (S::UNPROCESSABLE_ENTITY, "Some values break a rule; see errors."),
        Refusal::RateLimited { .. } => (S::TOO_MANY_REQUESTS, "Too many attempts from this address."),
        Refusal::TooManyAttempts { .. } => {
            (S::TOO_MANY_REQUESTS, "The last attempt failed. Wait a little before the next one.")
        }
        Refusal::AccountLocked { .. } => (
            S::TOO_MANY_REQUESTS,
            "Too many attempts failed. Wait, or sign in with a browser that has signed in here before.",
        ),
        Refusal::FactorLocked => (
            S::TOO_MANY_REQUESTS,
            "So many codes were wrong that the authenticator app is locked. Use a recovery code or a passkey, or ask an \
             administrator.",
        ),
        Refusal::SessionLimitReached => {
            (S::TOO_MANY_REQUESTS, "The account has as many sessions as allowed. Sign out elsewhere first.")
        }
        Refusal::SetupRequired => (
            S::SERVICE_UNAVAILABLE,
            "Setup is not complete. Open the setup URL that `doorward serve` printed, or print a new one with \
             `doorward setup-url`.",
        ),
        Refusal::Overloaded { .. } => {
            (S::SERVICE_UNAVAILABLE, "More sign-ins are under way than this server can do.")
        }
        Refusal::StoreUnavailable => (S::SERVICE_UNAVAILABLE, "The database does not answer. Try again."),
        Refusal::RevocationStateStale => {
            (S::SERVICE_UNAVAILABLE, "This server cannot confirm right now which sessions were ended.")
        }
        Refusal::ClockBehind => (S::SERVICE_UNAVAILABLE, "This server's clock is behind. Set it right."),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.head();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Language;

    /// The codes of the HTTP contract that this version can give.
    const CODES: [&str; 34] = [
        "malformed_request",
        "cookie_ambiguous",
        "not_authenticated",
        "invalid_credentials",
        "session_expired",
        "session_revoked",
        "token_invalid",
        "refresh_token_invalid",
        "refresh_token_reused",
        "mfa_code_invalid",
        "csrf_failed",
        "cross_site_refused",
        "account_disabled",
        "password_change_required",
        "step_up_required",
        "forbidden",
        "proxy_not_trusted",
        "policy_unknown",
        "not_found",
        "method_not_allowed",
        "conflict",
        "setup_complete",
        "last_admin",
        "body_too_large",
        "unsupported_media_type",
        "misdirected_request",
        "validation_failed",
        "too_many_attempts",
        "account_locked",
        "rate_limited",
        "session_limit_reached",
        "setup_required",
        "overloaded",
        "store_unavailable",
    ];

    #[test]
    fn every_code_of_the_contract_is_explained() {
        for code in CODES.into_iter().chain(["revocation_state_stale", "clock_behind"]) {
            assert_eq!(Problem::of_code(code).map(|problem| problem.code), Some(code));
            for language in Language::ALL {
                assert!(language.reason(code).is_some(), "{code} has no words as an event's reason");
            }
        }
        assert!(Problem::of_code("<script>").is_none());
    }

    #[test]
    fn waiting_times_are_rounded_up_and_zero_is_one_of_them() {
        for (millis, seconds) in [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2)] {
            let retry_after = Duration::from_millis(millis);
            let problem = Problem::from(Refusal::RateLimited { retry_after });
            assert_eq!(problem.retry_after_seconds(), Some(seconds));
            assert_eq!(problem.head().headers()[RETRY_AFTER], seconds.to_string());
        }
    }
}
