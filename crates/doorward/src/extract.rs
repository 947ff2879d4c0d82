//! Extractors are proofs: a handler that needs a check cannot be written without it.
//!
//! | proof | shows |
//! | --- | --- |
//! | [`Identified`] | a valid credential, also of somebody who has to change their password |
//! | [`Authenticated`] | a valid credential of somebody who may act |
//! | [`SameOrigin`] | the request is no cross-site forgery (rules 1 and 2 of the HTTP contract) |
//! | [`FromHere`] | rule 1 only: logins, setup and logout, for which there is no session yet or any more |
//! | [`SessionHolder`] | all of these, and that a cookie's bearer holds the refresh cookie too, which apps never see |
//! | [`PasswordChanger`] | the same, also for somebody who has to change their password |
//! | [`Enroller`] | the same, also for somebody who has to set up a second factor |
//! | [`AnySessionHolder`] | the same, also for somebody who has to do either |
//! | [`Admin`] | a [`SessionHolder`] with the role `admin`, who for unsafe methods has signed in lately |
//!
//! Routes of an embedding program take [`Authenticated`] and [`SameOrigin`], or their likes for pages and forms,
//! [`AuthenticatedPage`](crate::AuthenticatedPage) and [`SameOriginForm`](crate::SameOriginForm). The refresh cookie,
//! which a [`SessionHolder`] needs, reaches them only below the base path.
//!
//! A proof is as old as the head of its request. Whoever sends the body late may be signed out by the time it has come: our own body
//! extractors look at the caller again then; a program that reads bodies by others and minds those seconds asks
//! [`Verifier::verify_again`](doorward_core::verifier::Verifier::verify_again).

use axum::extract::FromRequestParts;
use doorward_core::{
    access_token::Principal,
    audit::{Actor, AuditEvent, EventName},
    authority::Caller,
    csrf::CsrfSubject,
    refusal::Refusal,
};
use http::request::Parts;

use crate::{
    app::App,
    context::RequestContext,
    cookies::CookieKind,
    credentials::{Identity, Method, refresh_cookie},
    origin::{OriginFacts, OriginScope},
    problem::Problem,
};

/// Somebody with a valid credential, also if they have to change their password first.
#[derive(Clone, Debug)]
pub struct Identified(pub Identity);

/// Somebody with a valid credential who may act.
#[derive(Clone, Debug)]
pub struct Authenticated(pub Identity);

/// The request is no cross-site forgery.
#[derive(Clone, Copy, Debug)]
pub struct SameOrigin(());

/// The request comes from an allowed origin, or from no page at all.
#[derive(Clone, Copy, Debug)]
pub struct FromHere(());

/// Somebody who may act, and holds all of the session that they act with.
#[derive(Clone, Debug)]
pub struct SessionHolder {
    /// Who.
    pub identity: Identity,
    /// Who asks, for the audit log.
    pub caller: Caller,
}

/// As [`SessionHolder`], also if they have to change their password first.
#[derive(Clone, Debug)]
pub struct PasswordChanger(pub SessionHolder);

/// As [`SessionHolder`], also if they have to set up a second factor first.
#[derive(Clone, Debug)]
pub struct Enroller(pub SessionHolder);

/// As [`SessionHolder`], also if anything is due before they may act: who steps up shows who they are, and does nothing
/// by it.
#[derive(Clone, Debug)]
pub struct AnySessionHolder(pub SessionHolder);

/// An administrator. To change something they have to have signed in lately, with the strongest factor they have.
#[derive(Clone, Debug)]
pub struct Admin(pub SessionHolder);

impl Authenticated {
    /// Who.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// Goes on only for those who have the role.
    ///
    /// # Errors
    /// 403 `forbidden`
    pub fn require_role(&self, role: &str) -> Result<(), Problem> {
        if self.principal().roles.contains(role) { Ok(()) } else { Err(Refusal::Forbidden.into()) }
    }
}

impl SessionHolder {
    /// Who.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.identity.principal
    }
}

pub(crate) fn identified(context: &RequestContext, parts: &Parts) -> Result<Identity, Problem> {
    context.app().authority().check_setup_complete()?;
    context.identity(&parts.headers, parts.uri.path())
}

pub(crate) fn authenticated(context: &RequestContext, parts: &Parts) -> Result<Identity, Problem> {
    let identity = identified(context, parts)?;
    check_may_act(context.app(), &identity.principal)?;
    Ok(identity)
}

/// Whether nothing is due before somebody may act: a new password, or a second factor.
pub(crate) fn check_may_act(app: &App, principal: &Principal) -> Result<(), Refusal> {
    check_password_is_not_due(principal)?;
    if app.authority().must_enrol(principal) { Err(Refusal::EnrolmentRequired) } else { Ok(()) }
}

pub(crate) fn check_password_is_not_due(principal: &Principal) -> Result<(), Refusal> {
    if principal.must_change_password { Err(Refusal::PasswordChangeRequired) } else { Ok(()) }
}

/// Rule 1, for whatever the scope covers.
pub(crate) fn check_origin(app: &App, parts: &Parts, scope: OriginScope) -> Result<(), Refusal> {
    let facts = OriginFacts::of(&parts.method, &parts.headers);
    facts.check(scope, &app.live().config.allowed_origins).map_err(|_| Refusal::CrossSiteRefused)
}

/// Rule 2: a CSRF token of this session, or pending login, in the header, or as a form's field where `in_form`.
pub(crate) fn check_csrf_token(
    app: &App,
    headers: &http::HeaderMap,
    in_form: Option<&str>,
    subject: impl Into<CsrfSubject>,
) -> Result<(), Refusal> {
    let mut in_header = headers.get_all(&app.fixed.csrf_header).iter();
    let token = match (in_form, in_header.next(), in_header.next()) {
        (Some(token), _, _) => token,
        (None, Some(value), None) => value.to_str().map_err(|_| Refusal::CsrfFailed)?,
        (None, _, _) => return Err(Refusal::CsrfFailed),
    };
    if app.authority().keys().verify_csrf_token(token, subject) { Ok(()) } else { Err(Refusal::CsrfFailed) }
}

/// Both rules, for requests that a cookie authenticates.
pub(crate) async fn check_same_origin(
    context: &RequestContext,
    parts: &Parts,
    identity: &Identity,
    form_token: FormToken<'_>,
) -> Result<(), Problem> {
    let app = context.app();
    if identity.method == Method::Bearer {
        return Ok(());
    }
    let unsafe_method = !crate::origin::is_safe(&parts.method);
    let checked = check_origin(app, parts, OriginScope::UnsafeOnly).and_then(|()| {
        if !unsafe_method {
            return Ok(());
        }
        check_csrf_token(app, &parts.headers, form_token.given(), identity.principal.session_id)
    });
    match checked {
        Ok(()) => Ok(()),
        Err(refusal) => Err(refused(context, parts, identity, EventName::CsrfRefused, refusal).await),
    }
}

/// Records who was refused; the refusal itself, or that it could not be recorded.
async fn refused(
    context: &RequestContext,
    parts: &Parts,
    identity: &Identity,
    name: EventName,
    refusal: Refusal,
) -> Problem {
    let authority = context.app().authority();
    let now = match authority.now() {
        Ok(now) => now,
        Err(behind) => return behind.into(),
    };
    let user = identity.principal.user_id;
    let event = AuditEvent::new(name, now, Actor::User(user), &context.client(&parts.headers))
        .about_user(user)
        .about_session(identity.principal.session_id)
        .because(refusal.code());
    match authority.record_refused(event).await {
        Ok(()) => refusal.into(),
        Err(unrecorded) => unrecorded.into(),
    }
}

/// A page's form carries the CSRF token as a field; an API call has none.
#[derive(Clone, Copy)]
pub(crate) enum FormToken<'a> {
    Absent,
    Field(&'a str),
}

impl<'a> FormToken<'a> {
    /// The field, if the form has it; one without may be sent by a script, with the header.
    pub(crate) fn given(self) -> Option<&'a str> {
        match self {
            Self::Absent | Self::Field("") => None,
            Self::Field(token) => Some(token),
        }
    }
}

/// An app behind the proxy sees the session cookie, and never the refresh cookie: it must not be able to act on its
/// users' accounts.
pub(crate) async fn check_holds_session(
    context: &RequestContext,
    parts: &Parts,
    identity: &Identity,
) -> Result<(), Problem> {
    if identity.method == Method::Bearer {
        return Ok(());
    }
    let app = context.app();
    let token = refresh_cookie(app, &parts.headers, parts.uri.path()).await?;
    let token = token.ok_or(Refusal::NotAuthenticated)?;
    Ok(app.authority().check_holds_session(token, identity.principal.session_id).await?)
}

/// What a [`SessionHolder`] shows, for handlers of forms, which know the CSRF token only after reading the body.
pub(crate) async fn session_holder(
    context: &RequestContext,
    parts: &Parts,
    identity: Identity,
    form_token: FormToken<'_>,
) -> Result<SessionHolder, Problem> {
    check_same_origin(context, parts, &identity, form_token).await?;
    check_holds_session(context, parts, &identity).await?;
    let caller = context.caller(identity.principal.user_id, &parts.headers);
    Ok(SessionHolder { identity, caller })
}

/// What an [`Admin`] shows, for handlers of pages.
pub(crate) async fn admin(
    context: &RequestContext,
    parts: &Parts,
    holder: SessionHolder,
) -> Result<Admin, Problem> {
    let now = context.app().authority().now()?;
    let checked = if !holder.principal().roles.is_admin() {
        Err(Refusal::Forbidden)
    } else if crate::origin::is_safe(&parts.method) {
        Ok(())
    } else {
        holder.principal().check_fresh(now)
    };
    match checked {
        Ok(()) => Ok(Admin(holder)),
        Err(refusal) => {
            Err(refused(context, parts, &holder.identity, EventName::AdminRefused, refusal).await)
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Identified {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        identified(&context, parts).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        authenticated(&context, parts).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for FromHere {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        check_origin(context.app(), parts, OriginScope::Always)?;
        Ok(Self(()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SameOrigin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        let identity = identified(&context, parts)?;
        check_same_origin(&context, parts, &identity, FormToken::Absent).await?;
        Ok(Self(()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionHolder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        let identity = authenticated(&context, parts)?;
        session_holder(&context, parts, identity, FormToken::Absent).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PasswordChanger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        let identity = identified(&context, parts)?;
        if !identity.principal.must_change_password {
            check_may_act(context.app(), &identity.principal)?;
        }
        session_holder(&context, parts, identity, FormToken::Absent).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Enroller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        let identity = identified(&context, parts)?;
        check_password_is_not_due(&identity.principal)?;
        session_holder(&context, parts, identity, FormToken::Absent).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AnySessionHolder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        let identity = identified(&context, parts)?;
        session_holder(&context, parts, identity, FormToken::Absent).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, state).await?;
        let holder = SessionHolder::from_request_parts(parts, state).await?;
        admin(&context, parts, holder).await
    }
}

/// The known device, the session that is presented beside a login, and the client: where a new session comes from.
pub(crate) async fn origin_of(
    context: &RequestContext,
    parts: &Parts,
    transport: doorward_core::session::Transport,
) -> Result<doorward_core::sign_in::Origin, Problem> {
    use doorward_core::session::Transport;
    let app = context.app();
    let (headers, path) = (&parts.headers, parts.uri.path());
    let (device, replaces, pending) = match transport {
        Transport::Bearer => (None, Vec::new(), None),
        Transport::Cookie => {
            let device = crate::credentials::known_device(app, headers, path)?;
            crate::credentials::session_cookie(app, headers, path)?;
            // By either cookie: browsers drop the session cookie with its access token, long before its session ends; and
            // the two may be of different sessions, where somebody tossed one in.
            let mut replaces = crate::credentials::presented_sessions(app, headers).await?.by_cookie;
            replaces.sort_unstable();
            replaces.dedup();
            let pending = crate::credentials::pending_login(app, headers, path).await?;
            (device, replaces, pending.map(|pending| pending.login.id))
        }
    };
    let client = context.client(headers);
    Ok(doorward_core::sign_in::Origin { transport, replaces, pending, device, client })
}

/// The name of a cookie of ours.
pub(crate) fn cookie_name(app: &App, kind: CookieKind) -> &str {
    app.fixed.cookies.cookie(kind).name()
}
