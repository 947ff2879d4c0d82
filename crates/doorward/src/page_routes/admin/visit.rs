//! What every page of the console has in common: who may see it, and who may act there.

use axum::response::Response;
use doorward_core::{
    authority::{Authority, Caller},
    ids::{SessionId, UserId},
    refusal::{Refusal, RefusalKind},
    time::Timestamp,
};
use http::{HeaderMap, StatusCode, request::Parts};

use super::super::{
    account::to_sign_in_page,
    not_now::NotNow,
    onward::{Dues, leading_to, to_step_up},
    resume::{by_continue, to_sign_in},
};
use crate::{
    app::App,
    context::RequestContext,
    extract::{Admin, FormToken, admin, session_holder},
    page_response::{FormFailure, Target, page, see_other, signed_in},
    pages::{
        Failure, Frame, Language,
        moment::Moment,
        views::{
            UserLink,
            admin::{ConfirmPage, Question, Section},
        },
    },
    problem::Problem,
};

/// An administrator at one of the console's pages.
pub(super) struct Visit<'c> {
    context: &'c RequestContext,
    headers: &'c HeaderMap,
    admin: Admin,
    now: Timestamp,
    back: String,
}

/// The page of a user, below the base path.
pub(super) fn user_path(id: UserId) -> String {
    format!("/admin/users/{id}")
}

impl<'c> Visit<'c> {
    /// Somebody who looks at a page.
    ///
    /// # Errors
    /// [`NotNow`]: they are to sign in first, or something is due of them; or they are no administrator.
    pub(super) async fn of(context: &'c RequestContext, parts: &'c Parts) -> Result<Self, NotNow> {
        Self::by(context, parts, FormToken::Absent, None).await
    }

    /// Somebody who looks at a page that asks whether to do something: who signed in too long ago to do it confirms who
    /// they are first, and comes back.
    ///
    /// # Errors
    /// [`NotNow`]
    pub(super) async fn of_somebody_fresh(
        context: &'c RequestContext,
        parts: &'c Parts,
    ) -> Result<Self, NotNow> {
        let visit = Self::of(context, parts).await?;
        match visit.admin.0.principal().check_fresh(visit.now) {
            Ok(()) => Ok(visit),
            Err(_) => Err(NotNow::first(to_step_up(visit.app(), context.here()))),
        }
    }

    /// Somebody who sent the form of the page at `back`, a path below the base path, where they return to if something
    /// has to come first.
    ///
    /// # Errors
    /// [`NotNow`]
    pub(super) async fn of_form(
        context: &'c RequestContext,
        parts: &'c Parts,
        csrf_token: &str,
        back: &str,
    ) -> Result<Self, NotNow> {
        Self::by(context, parts, FormToken::Field(csrf_token), Some(back)).await
    }

    async fn by(
        context: &'c RequestContext,
        parts: &'c Parts,
        token: FormToken<'_>,
        back: Option<&str>,
    ) -> Result<Self, NotNow> {
        let app = context.app();
        let back = back.map(|path| app.path(path));
        let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
            return Err(NotNow::first(match back {
                Some(back) => by_continue(context, &parts.headers, &leading_to(app, "/continue", &back)),
                None => to_sign_in(context, parts),
            }));
        };
        let back = back.unwrap_or_else(|| context.here().to_owned());
        if let Some(due) = Dues::of(app, &identity.principal).page(app, &Target::of(app, Some(&back))) {
            return Err(NotNow::first(see_other(&due)));
        }
        let holder = session_holder(context, parts, identity, token).await?;
        match admin(context, parts, holder).await {
            Ok(admin) => {
                Ok(Self { context, headers: &parts.headers, admin, now: app.authority().now()?, back })
            }
            Err(stale) if stale.code == Refusal::StepUpRequired.code() => {
                Err(NotNow::first(to_step_up(app, &back)))
            }
            Err(problem) => Err(problem.into()),
        }
    }

    pub(super) fn app(&self) -> &'c App {
        self.context.app()
    }

    pub(super) fn authority(&self) -> &'c Authority {
        self.app().authority()
    }

    /// When it is.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// What the page speaks.
    pub(super) fn language(&self) -> Language {
        self.context.language()
    }

    /// Whether this is the administrator's own account.
    pub(super) fn is_own(&self, user: UserId) -> bool {
        self.admin.0.principal().user_id == user
    }

    /// Whether this is the session that shows the page.
    pub(super) fn is_current(&self, session: SessionId) -> bool {
        self.admin.0.principal().session_id == session
    }

    /// To where somebody signs in who has just ended their own session.
    pub(super) fn to_sign_in(&self) -> Response {
        to_sign_in_page(self.context)
    }

    /// A user, as lists name them.
    pub(super) fn user_link(&self, id: UserId, name: &str) -> UserLink {
        UserLink { name: name.to_owned(), url: self.app().path(&user_path(id)) }
    }

    /// Who acts, for the audit log.
    pub(super) fn caller(&self) -> &Caller {
        &self.admin.0.caller
    }

    /// What every page has.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: there is no randomness for a CSRF token.
    pub(super) fn frame(&self) -> Result<Frame, Problem> {
        signed_in(self.context, self.admin.0.principal())
    }

    /// A point in time, seen from now.
    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        Moment::new(at.as_millis(), self.now.as_millis())
    }

    /// The page that asks whether to do something; `back`, a path below the base path, is where whoever would rather not
    /// goes.
    ///
    /// # Errors
    /// As [`Visit::frame`].
    pub(super) fn ask(&self, section: Section, question: Question, back: &str) -> Result<Response, NotNow> {
        let action = self.context.uri().path().to_owned();
        let view =
            ConfirmPage { frame: self.frame()?, section, question, action, back: self.app().path(back) };
        Ok(page(StatusCode::OK, &view))
    }

    /// What a page tells of a refusal.
    ///
    /// # Errors
    /// [`NotNow`]: something has to come first, or the session is over, to be seen by looking again.
    pub(super) fn failure(&self, refusal: Refusal) -> Result<FormFailure, NotNow> {
        if refusal == Refusal::StepUpRequired {
            return Err(NotNow::first(to_step_up(self.app(), &self.back)));
        }
        if refusal.kind() == RefusalKind::Unauthenticated {
            let way = leading_to(self.app(), "/continue", &self.back);
            return Err(NotNow::first(by_continue(self.context, self.headers, &way)));
        }
        let gone = refusal == Refusal::NotFound;
        let mut failed = FormFailure::of(self.context, refusal);
        if gone {
            failed.failure = Some(Failure::of("gone"));
        }
        Ok(failed)
    }
}
