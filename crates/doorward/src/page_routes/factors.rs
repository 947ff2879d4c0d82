//! The page of second factors: what somebody has, what they can add, and what they can remove.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use doorward_core::{
    access_token::Principal,
    passkey::Passkey,
    refusal::{Refusal, RefusalKind},
    second_factor::{FactorsAfter, recovery_code::RECOVERY_CODES},
    session::Transport,
    time::Timestamp,
    user::Factors,
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::Deserialize;

use super::{
    factor_form::{factor_failure, passkey_prompt},
    login::login_page,
    onward::{carrying, leading_to, to_step_up},
    resume::{by_continue, to_sign_in},
};
use crate::{
    api::{recovery_codes::shown, renewed::factors_changed},
    app::App,
    context::RequestContext,
    extract::{FormToken, SessionHolder, check_password_is_not_due, session_holder},
    page_response::{FormFailure, Target, page, see_other, signed_in},
    pages::{
        Failure, Field,
        device::Device,
        moment::Moment,
        views::{
            FactorNotice, FactorSummary, FactorsPage, LoginNotice, PasskeyEntry, PasskeyPurpose,
            RecoveryCodesPage, RecoveryCodesReason,
        },
    },
    problem::Problem,
    request_body::{FormRequest, Parameters},
};

/// The page's own path, below the base path.
const HERE: &str = "/account/factors";

/// Why somebody comes.
#[derive(Debug, Deserialize)]
pub(crate) struct FactorsParameters {
    /// Where they want to go.
    rd: Option<String>,
    /// Whether a second factor is wanted there.
    wanted: Option<String>,
}

/// Nothing to fill in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactorsForm {
    pub(super) rd: Option<String>,
    #[serde(default)]
    pub(super) csrf_token: String,
}

/// Why a form about factors was not carried out.
pub(crate) enum NotNow {
    /// Something comes first, and it leads there.
    First(Box<Response>),
    /// It is refused.
    Refused(Problem),
}

impl NotNow {
    fn first(response: Response) -> Self {
        Self::First(Box::new(response))
    }
}

impl IntoResponse for NotNow {
    fn into_response(self) -> Response {
        match self {
            Self::First(response) => *response,
            Self::Refused(problem) => problem.into_response(),
        }
    }
}

impl<P: Into<Problem>> From<P> for NotNow {
    fn from(refused: P) -> Self {
        Self::Refused(refused.into())
    }
}

/// Somebody at these pages who may change their factors, as far as can be told before it is tried.
pub(super) struct Visit<'c> {
    pub(super) app: &'c App,
    pub(super) holder: SessionHolder,
    pub(super) target: Target,
    headers: &'c HeaderMap,
}

/// Shows the page.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<FactorsParameters>,
    parts: Parts,
) -> Result<Response, Problem> {
    let app = context.app();
    let target = Target::of(app, asked.rd.as_deref());
    let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
        return Ok(to_sign_in(&context, &parts));
    };
    if check_password_is_not_due(&identity.principal).is_err() {
        return Ok(see_other(&leading_to(app, "/password", &carrying(app, HERE, &target))));
    }
    match factors_view(app, &identity.principal, &parts.headers, &target).await {
        Ok(mut view) => {
            view.wanted = asked.wanted.is_some();
            Ok(page(StatusCode::OK, &view))
        }
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            Ok(login_page(app, &target, Some(LoginNotice::SessionRevoked)))
        }
        Err(problem) => Err(problem),
    }
}

/// Makes new recovery codes.
pub(crate) async fn replace_recovery_codes(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<FactorsForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts, form.rd.as_deref(), &form.csrf_token).await?;
    let authority = visit.app.authority();
    match authority.replace_recovery_codes(visit.holder.principal(), &visit.holder.caller).await {
        Ok(after) => visit.show_codes(&after, RecoveryCodesReason::MadeAnew),
        Err(refusal) => visit.failed(refusal).await,
    }
}

impl<'c> Visit<'c> {
    /// Checks what a form about factors comes with.
    ///
    /// # Errors
    /// [`NotNow`]
    pub(super) async fn of(
        context: &'c RequestContext,
        parts: &'c Parts,
        rd: Option<&str>,
        csrf_token: &str,
    ) -> Result<Self, NotNow> {
        let app = context.app();
        let target = Target::of(app, rd);
        let here = carrying(app, HERE, &target);
        let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
            let way = leading_to(app, "/continue", &here);
            return Err(NotNow::first(by_continue(app, &parts.headers, &way)));
        };
        if check_password_is_not_due(&identity.principal).is_err() {
            return Err(NotNow::first(see_other(&leading_to(app, "/password", &here))));
        }
        let holder = session_holder(context, parts, identity, FormToken::Field(csrf_token)).await?;
        Ok(Self { app, holder, target, headers: &parts.headers })
    }

    /// A page below the base path, with where to go afterwards.
    pub(super) fn page(&self, path: &str) -> String {
        carrying(self.app, path, &self.target)
    }

    /// What somebody is shown whose wish was refused.
    ///
    /// # Errors
    /// [`NotNow`]
    pub(super) async fn failed(&self, refusal: Refusal) -> Result<Response, NotNow> {
        let failure = match refusal {
            Refusal::NotFound => Some(Failure::of("gone")),
            _ => None,
        };
        self.failed_because(refusal, failure).await
    }

    /// The same, with a failure that the templates have better words for.
    ///
    /// # Errors
    /// [`NotNow`]
    pub(super) async fn failed_because(
        &self,
        refusal: Refusal,
        failure: Option<Failure>,
    ) -> Result<Response, NotNow> {
        let here = self.page(HERE);
        if refusal == Refusal::StepUpRequired {
            return Ok(to_step_up(self.app, &here));
        }
        // The factors are others by now, or the session is over: to be seen by looking again.
        if refusal.kind() == RefusalKind::Unauthenticated {
            return Ok(by_continue(self.app, self.headers, &leading_to(self.app, "/continue", &here)));
        }
        let mut view = factors_view(self.app, self.holder.principal(), self.headers, &self.target).await?;
        let failed = FormFailure::of(refusal.clone());
        view.passkey_name.error = failed.field("name");
        view.failure = failure.or_else(|| factor_failure(&refusal, &failed));
        Ok(failed.page(&view))
    }

    /// The page after a change, with a word on what was done.
    ///
    /// # Errors
    /// [`NotNow`]
    pub(super) async fn show_change(
        &self,
        after: &FactorsAfter,
        notice: FactorNotice,
    ) -> Result<Response, NotNow> {
        let principal = self.renewed(after)?;
        let mut view = factors_view(self.app, &principal, self.headers, &self.target).await?;
        view.notice = Some(notice);
        Ok(self.changed(after, page(StatusCode::OK, &view)))
    }

    /// The page that shows new recovery codes.
    ///
    /// # Errors
    /// [`NotNow`]
    pub(super) fn show_codes(
        &self,
        after: &FactorsAfter,
        reason: RecoveryCodesReason,
    ) -> Result<Response, NotNow> {
        let principal = self.renewed(after)?;
        let view = RecoveryCodesPage {
            frame: signed_in(self.app, &principal)?,
            codes: shown(&after.recovery_codes),
            issuer: self.app.authority().settings().issuer.clone(),
            username: principal.username.clone(),
            reason,
            target: self.target.carried().unwrap_or_else(|| self.app.path(HERE)),
        };
        Ok(self.changed(after, page(StatusCode::OK, &view)))
    }

    /// An answer with the session's fresh cookies: the token that was shown tells of the old factors.
    pub(super) fn changed(&self, after: &FactorsAfter, response: Response) -> Response {
        factors_changed(self.app, self.holder.identity.method, after, response)
    }

    /// Who they are by the fresh token.
    fn renewed(&self, after: &FactorsAfter) -> Result<Arc<Principal>, Refusal> {
        let transport: Transport = after.signed_in.of.session.transport;
        self.app.authority().verifier().verify(after.signed_in.access_token.reveal(), transport)
    }
}

async fn factors_view(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    target: &Target,
) -> Result<FactorsPage, Problem> {
    let authority = app.authority();
    let factors = authority.session_of(principal).await?.user.factors;
    let passkeys = authority.passkeys(principal).await?;
    let now = authority.now()?;
    let step_up = leading_to(app, "/step-up", &carrying(app, HERE, target));
    let required = authority.settings().second_factors.required.applies_to(&principal.roles);
    Ok(FactorsPage {
        frame: signed_in(app, principal)?,
        rd: target.carried(),
        continue_to: target.foreign_host(app),
        factors: summary(factors),
        passkeys: passkeys.iter().map(|passkey| passkey_entry(passkey, now)).collect(),
        passkey: passkey_prompt(app, PasskeyPurpose::Register, Some(step_up.clone())),
        passkey_name: Field::of(browser_name(headers)),
        confirm_url: principal.check_fresh(now).is_err().then_some(step_up),
        required,
        wanted: false,
        notice: None,
        failure: None,
    })
}

/// What somebody has.
pub(super) fn summary(factors: Factors) -> FactorSummary {
    FactorSummary {
        totp: factors.totp,
        passkeys: factors.passkeys,
        recovery_codes_left: factors.recovery_codes_left,
        recovery_codes_made: u32::try_from(RECOVERY_CODES).unwrap_or(u32::MAX),
    }
}

/// The browser at hand, which a passkey is first called after.
fn browser_name(headers: &HeaderMap) -> String {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Device::from_user_agent(user_agent.unwrap_or_default()).words
}

fn passkey_entry(passkey: &Passkey, now: Timestamp) -> PasskeyEntry {
    let moment = |at: Timestamp| Moment::new(at.as_millis(), now.as_millis());
    PasskeyEntry {
        id: passkey.id.to_string(),
        name: passkey.name.as_str().to_owned(),
        synced: passkey.synced,
        created: moment(passkey.created_at),
        last_used: passkey.last_used_at.map(moment),
    }
}
