//! The account page: who am I, where am I signed in.

use axum::response::Response;
use doorward_core::{
    device::KnownDevice,
    guard::Standing,
    page::{Cursor, PageRequest},
    refusal::Refusal,
    session::{Session, SessionOfUser},
    sessions::Reach,
    time::Timestamp,
    user::User,
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    activity::own_activity, factors::summary, login::login_page, not_now::NotNow, nothing_form::NothingForm,
    onward::Dues, resume::to_sign_in,
};
use crate::{
    api::session::parse_id,
    app::App,
    context::RequestContext,
    credentials::{Identity, known_device},
    extract::{FormToken, SessionHolder, check_may_act, session_holder},
    page_response::{FormFailure, Target, page, see_other, signed_in},
    pages::{
        device::Device,
        moment::Moment,
        views::{AccountNotice, AccountPage, KeptOut, LoginNotice, SessionEntry, SessionOwner, Strangers},
    },
    problem::Problem,
    request_body::{FormRequest, Parameters},
    session_cookies::set_device_cookie,
};

/// Sessions shown at once.
const SESSIONS_SHOWN: u32 = 20;

/// Which part of the list of sessions.
#[derive(Debug, Deserialize)]
pub(crate) struct AccountParameters {
    pub(super) cursor: Option<String>,
}

/// The session to end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeForm {
    pub(super) session_id: String,
    #[serde(default)]
    pub(super) csrf_token: String,
}

/// Shows the page.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<AccountParameters>,
    parts: Parts,
) -> Result<Response, NotNow> {
    let identity = visitor(&context, &parts)?;
    let view = account(&context, &identity, &parts, asked.cursor.as_deref()).await;
    found_here(&context, view).map(|view| page(StatusCode::OK, &view))
}

/// Who looks at a page about their account.
///
/// # Errors
/// [`NotNow`]: they are to sign in first, or something is due of them.
pub(super) fn visitor(context: &RequestContext, parts: &Parts) -> Result<Identity, NotNow> {
    let Ok(identity) = context.identity(&parts.headers, parts.uri.path()) else {
        return Err(NotNow::first(to_sign_in(context, parts)));
    };
    let app = context.app();
    match Dues::of(app, &identity.principal).page(app, &Target::of(app, None)) {
        Some(due) => Err(NotNow::first(see_other(&due))),
        None => Ok(identity),
    }
}

/// What a page is to show. A session that was ended since its token was checked, by another process, of which the verifier
/// hears within a moment, leads to the login page at once: until then `continue` would send the browser straight back.
///
/// # Errors
/// [`NotNow`]
pub(super) fn found_here<V>(context: &RequestContext, view: Result<V, Problem>) -> Result<V, NotNow> {
    view.map_err(|problem| {
        if problem.status == StatusCode::UNAUTHORIZED {
            let target = Target::of(context.app(), None);
            NotNow::first(login_page(context, &target, Some(LoginNotice::SessionRevoked)))
        } else {
            problem.into()
        }
    })
}

/// Ends one session.
pub(crate) async fn revoke(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<RevokeForm>,
) -> Result<Response, Problem> {
    let holder = holder(&context, &parts, &form.csrf_token).await?;
    let id = parse_id(&form.session_id)?;
    let own = Reach::Own(holder.principal().user_id);
    match context.app().authority().revoke_session(&holder.caller, id, own).await {
        // Who ends their own session is signed out, and is asked to sign in again.
        Ok(()) if id == holder.principal().session_id => Ok(to_sign_in_page(&context)),
        Ok(()) => {
            let mut view = account(&context, &holder.identity, &parts, None).await?;
            view.notice = Some(AccountNotice::SessionRevoked);
            Ok(page(StatusCode::OK, &view))
        }
        Err(refusal) => failed(&context, &holder, &parts, refusal).await,
    }
}

/// Ends every other session.
pub(crate) async fn revoke_others(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<NothingForm>,
) -> Result<Response, Problem> {
    let holder = holder(&context, &parts, &form.csrf_token).await?;
    let (user, current) = (holder.principal().user_id, Some(holder.principal().session_id));
    match context.app().authority().revoke_sessions_of(&holder.caller, user, current).await {
        Ok(ended) => {
            let mut view = account(&context, &holder.identity, &parts, None).await?;
            view.notice = Some(AccountNotice::OthersRevoked(u64::try_from(ended).unwrap_or(u64::MAX)));
            Ok(page(StatusCode::OK, &view))
        }
        Err(refusal) => failed(&context, &holder, &parts, refusal).await,
    }
}

/// Forgets every known browser but this one.
pub(crate) async fn forget_devices(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<NothingForm>,
) -> Result<Response, Problem> {
    let holder = holder(&context, &parts, &form.csrf_token).await?;
    let authority = context.app().authority();
    if let Err(refusal) = authority.forget_devices(&holder.caller, holder.principal().user_id).await {
        return failed(&context, &holder, &parts, refusal).await;
    }
    let SessionOfUser { session, user } = authority.session_of(holder.principal()).await?;
    let mut view = account(&context, &holder.identity, &parts, None).await?;
    view.notice = Some(AccountNotice::DevicesForgotten);
    // Judged by the cookie that came with the request; the one that goes out is good again.
    let known = view.kept_out.as_mut().map(|kept_out| &mut kept_out.knows_this_browser);
    known.into_iter().for_each(|known| *known = session.device.is_some());
    let mut response = page(StatusCode::OK, &view);
    if let Some(id) = session.device {
        let device = KnownDevice { id, user_id: user.id, epoch: user.device_epoch };
        set_device_cookie(context.app(), response.headers_mut(), &authority.keys().device_token(device));
    }
    Ok(response)
}

/// To where somebody signs in who has just ended their own session.
pub(super) fn to_sign_in_page(context: &RequestContext) -> Response {
    see_other(&context.app().path("/login"))
}

async fn holder(context: &RequestContext, parts: &Parts, token: &str) -> Result<SessionHolder, Problem> {
    let identity = context.identity(&parts.headers, parts.uri.path())?;
    check_may_act(context.app(), &identity.principal)?;
    session_holder(context, parts, identity, FormToken::Field(token)).await
}

async fn failed(
    context: &RequestContext,
    holder: &SessionHolder,
    parts: &Parts,
    refusal: Refusal,
) -> Result<Response, Problem> {
    let failed = FormFailure::of(context, refusal);
    let mut view = account(context, &holder.identity, parts, None).await?;
    view.failure.clone_from(&failed.failure);
    Ok(failed.page(&view))
}

async fn account(
    context: &RequestContext,
    identity: &Identity,
    parts: &Parts,
    cursor: Option<&str>,
) -> Result<AccountPage, Problem> {
    let app = context.app();
    let authority = app.authority();
    let principal = &identity.principal;
    let user = authority.session_of(principal).await?.user;
    let after: Option<Cursor> = cursor.and_then(|cursor| cursor.parse().ok());
    let request = PageRequest { after, limit: SESSIONS_SHOWN };
    let sessions = authority.sessions(Some(principal.user_id), request).await?;
    let now = authority.now()?;
    let entry = |session: &Session| session_entry(session, now, session.id == principal.session_id);
    let (activity, more_activity) = own_activity(context, principal.user_id, None).await?;
    Ok(AccountPage {
        frame: signed_in(context, principal)?,
        username: user.username.as_str().to_owned(),
        email: user.email.as_ref().map(|email| email.as_str().to_owned()),
        roles: user.roles.iter().map(str::to_owned).collect(),
        factors: summary(user.factors),
        sessions: sessions.items.iter().map(entry).collect(),
        next_page: sessions.next.map(|next| app.path(&format!("/account?cursor={next}"))),
        kept_out: kept_out(app, &user, parts, now).await?,
        activity,
        more_activity,
        notice: None,
        failure: None,
    })
}

/// Whether browsers that the account does not know have to wait.
async fn kept_out(app: &App, user: &User, parts: &Parts, now: Timestamp) -> Result<Option<KeptOut>, Problem> {
    let Some(strangers) = strangers(app, user, now).await? else { return Ok(None) };
    let device = known_device(app, &parts.headers, parts.uri.path())?;
    let knows_this_browser = device.is_some_and(|device| device.is_known_to(user));
    Ok(Some(KeptOut { strangers, knows_this_browser }))
}

/// How browsers that the account does not know are kept out, if they are.
pub(super) async fn strangers(app: &App, user: &User, now: Timestamp) -> Result<Option<Strangers>, Problem> {
    let (locked, remaining) = match app.authority().account_standing(user.id).await?.strangers {
        Standing::Clear => return Ok(None),
        Standing::Delayed { remaining } => (false, remaining),
        Standing::Locked { remaining } => (true, remaining),
    };
    let wait_seconds = remaining.as_secs() + u64::from(remaining.subsec_nanos() > 0);
    let until = Moment::new(now.plus(remaining).as_millis(), now.as_millis());
    Ok(Some(Strangers { locked, wait_seconds, until }))
}

/// A session in a list about its owner.
pub(super) fn session_entry(session: &Session, now: Timestamp, current: bool) -> SessionEntry {
    let moment = |at: Timestamp| Moment::new(at.as_millis(), now.as_millis());
    SessionEntry {
        id: session.id.to_string(),
        owner: SessionOwner::Understood,
        device: Device::from_user_agent(session.user_agent.as_str()),
        address: session.address.map(|address| address.to_string()).unwrap_or_default(),
        created: moment(session.created_at),
        last_seen: moment(session.last_seen_at),
        current,
    }
}
