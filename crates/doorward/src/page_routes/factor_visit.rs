//! What every form about second factors has in common: what is checked before, and what is shown after.

use std::sync::Arc;

use axum::response::Response;
use doorward_core::{
    access_token::Principal,
    refusal::{Refusal, RefusalKind},
    second_factor::FactorsAfter,
    session::Transport,
};
use http::{HeaderMap, StatusCode, request::Parts};

use super::{
    factors::{FACTORS, factors_view},
    not_now::NotNow,
    onward::{carrying, leading_to, to_step_up},
    resume::by_continue,
};
use crate::{
    api::{recovery_codes::shown, renewed::factors_changed},
    app::App,
    context::RequestContext,
    extract::{FormToken, SessionHolder, check_password_is_not_due, session_holder},
    page_response::{FormFailure, Target, page, see_other, signed_in},
    pages::{
        Failure,
        views::{FactorNotice, RecoveryCodesPage, RecoveryCodesReason},
    },
};

/// Somebody at these pages who may change their factors, as far as can be told before it is tried.
pub(super) struct Visit<'c> {
    pub(super) context: &'c RequestContext,
    pub(super) app: &'c App,
    pub(super) holder: SessionHolder,
    pub(super) target: Target,
    headers: &'c HeaderMap,
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
        let here = carrying(app, FACTORS, &target);
        let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
            let way = leading_to(app, "/continue", &here);
            return Err(NotNow::first(by_continue(context, &parts.headers, &way)));
        };
        if check_password_is_not_due(&identity.principal).is_err() {
            return Err(NotNow::first(see_other(&leading_to(app, "/password", &here))));
        }
        let holder = session_holder(context, parts, identity, FormToken::Field(csrf_token)).await?;
        Ok(Self { context, app, holder, target, headers: &parts.headers })
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
        let here = self.page(FACTORS);
        if refusal == Refusal::StepUpRequired {
            return Ok(to_step_up(self.app, &here));
        }
        // The factors are others by now, or the session is over: to be seen by looking again.
        if refusal.kind() == RefusalKind::Unauthenticated {
            return Ok(by_continue(self.context, self.headers, &leading_to(self.app, "/continue", &here)));
        }
        let mut view =
            factors_view(self.context, self.holder.principal(), self.headers, &self.target).await?;
        let failed = FormFailure::of(self.context, refusal.clone());
        view.passkey_name.error = failed.field("name");
        view.failure = failure.or_else(|| failed.failure.clone());
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
        // The last factor is gone, and the password was long enough only beside it.
        if check_password_is_not_due(&principal).is_err() {
            let onward = leading_to(self.app, "/password", &self.page(FACTORS));
            return Ok(self.changed(after, see_other(&onward)));
        }
        let mut view = factors_view(self.context, &principal, self.headers, &self.target).await?;
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
            frame: signed_in(self.context, &principal)?,
            codes: shown(&after.recovery_codes),
            issuer: self.app.authority().settings().issuer.clone(),
            username: principal.username.clone(),
            reason,
            target: self.target.carried().unwrap_or_else(|| self.app.path(FACTORS)),
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
