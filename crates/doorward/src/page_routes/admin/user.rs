//! One user: the page about them, and the form for e-mail and roles.

use axum::response::Response;
use doorward_core::{
    account_state::AccountState, ids::UserId, page::PageRequest, session::Session, user::User,
    users::ChangesForm,
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    super::{
        account::{session_entry, strangers},
        factors::summary,
        not_now::NotNow,
    },
    user_activity::activity_of,
    users::user_state,
    visit::{Visit, user_path},
};
use crate::{
    api::session::parse_id,
    context::RequestContext,
    page_response::{FormFailure, page, see_other},
    pages::{
        Field,
        views::admin::{Section, UserNotice, UserPage},
    },
    request_body::{FormRequest, PathText},
};

/// Sessions shown at once.
const SESSIONS_SHOWN: u32 = 10;

/// E-mail and roles, and what they were when the form was shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditForm {
    email: String,
    email_before: String,
    roles: String,
    roles_before: String,
    /// That one means to take the role of an administrator from oneself.
    give_up: Option<String>,
    #[serde(default)]
    csrf_token: String,
}

impl EditForm {
    /// What was changed in the form. The rest stays as it is by now, whatever it was when the form was shown.
    fn changes<'f>(&'f self, roles: &'f [String]) -> ChangesForm<'f> {
        let email = self.email.trim();
        let email_changed = email != self.email_before;
        let roles_changed = role_names(&self.roles) != role_names(&self.roles_before);
        ChangesForm {
            email: email_changed.then(|| Some(email).filter(|email| !email.is_empty())),
            roles: roles_changed.then_some(roles),
            ..ChangesForm::default()
        }
    }

    /// The roles that the user has by now, without those that were taken out of the form, and with those that were added in
    /// it: whoever saves a form that is out of date gives back no role that somebody else took away meanwhile.
    fn roles_of(&self, user: &User) -> Vec<String> {
        let (typed, before) = (role_names(&self.roles), role_names(&self.roles_before));
        let stays = |role: &String| typed.contains(role) || !before.contains(role);
        let mut roles: Vec<String> = user.roles.iter().map(str::to_owned).filter(stays).collect();
        let added = typed.into_iter().filter(|role| !before.contains(role));
        roles.extend(added.filter(|role| !user.roles.contains(role)));
        roles
    }
}

/// Shows the page.
pub(crate) async fn show(
    context: RequestContext,
    PathText(id): PathText,
    parts: Parts,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts).await?;
    let user = visit.authority().user(parse_id(&id)?).await?;
    Ok(page(StatusCode::OK, &user_view(&visit, &user).await?))
}

/// Saves e-mail and roles.
pub(crate) async fn save(
    context: RequestContext,
    PathText(id): PathText,
    FormRequest { parts, form }: FormRequest<EditForm>,
) -> Result<Response, NotNow> {
    let id: UserId = parse_id(&id)?;
    let visit = Visit::of_form(&context, &parts, &form.csrf_token, &user_path(id)).await?;
    let user = visit.authority().user(id).await?;
    let roles = form.roles_of(&user);
    let changes = form.changes(&roles);
    let keeps_admin = changes.roles.is_none_or(|roles| roles.iter().any(|role| role == "admin"));
    if visit.is_own(id) && !keeps_admin && form.give_up.is_none() {
        let mut view = typed(user_view(&visit, &user).await?, &form, &roles);
        view.roles.error = Some(visit.language().user_give_up_first());
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &view));
    }
    if changes.email.is_none() && changes.roles.is_none() {
        return show_changed(&visit, id, UserNotice::Unchanged).await;
    }
    match visit.authority().change_user(visit.caller(), id, changes).await {
        // These pages are not for them any more.
        Ok(_) if visit.is_own(id) && !keeps_admin => Ok(see_other(&visit.app().path("/account"))),
        Ok(_) => show_changed(&visit, id, UserNotice::Saved).await,
        Err(refusal) => {
            let failed = visit.failure(refusal)?;
            let mut view = typed(failed_view(&visit, id, &failed).await?, &form, &roles);
            view.email.error = failed.field("email");
            view.roles.error = failed.field("roles");
            Ok(failed.page(&view))
        }
    }
}

/// The page with what was typed, so that nobody types it twice; and with the roles that this means by now.
fn typed(view: UserPage, form: &EditForm, roles: &[String]) -> UserPage {
    UserPage { email: Field::of(&form.email), roles: Field::of(roles.join(" ")), ..view }
}

/// The names of roles, as people type them.
pub(super) fn role_names(typed: &str) -> Vec<String> {
    let separates = |letter: char| letter.is_whitespace() || letter == ',';
    typed.split(separates).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The page after something was done.
pub(super) async fn show_changed(
    visit: &Visit<'_>,
    id: UserId,
    notice: UserNotice,
) -> Result<Response, NotNow> {
    let user = visit.authority().user(id).await?;
    let mut view = user_view(visit, &user).await?;
    view.notice = Some(notice);
    Ok(page(StatusCode::OK, &view))
}

/// The page after something was refused.
pub(super) async fn failed_view(
    visit: &Visit<'_>,
    id: UserId,
    failed: &FormFailure,
) -> Result<UserPage, NotNow> {
    let user = visit.authority().user(id).await?;
    let mut view = user_view(visit, &user).await?;
    view.failure.clone_from(&failed.failure);
    Ok(view)
}

/// The page as it is now.
pub(super) async fn user_view(visit: &Visit<'_>, user: &User) -> Result<UserPage, NotNow> {
    let (app, authority, id) = (visit.app(), visit.authority(), user.id);
    let account = authority.account_states(&[id]).await?.get(&id).copied();
    let request = PageRequest { after: None, limit: SESSIONS_SHOWN };
    let sessions = authority.sessions(Some(id), request).await?;
    let entry = |session: &Session| session_entry(session, visit.now(), visit.is_current(session.id));
    let email_now = user.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
    let roles_now: Vec<String> = user.roles.iter().map(str::to_owned).collect();
    Ok(UserPage {
        frame: visit.frame()?,
        section: Section::Users,
        url: app.path(&user_path(id)),
        id: id.to_string(),
        username: user.username.as_str().to_owned(),
        own: visit.is_own(id),
        state: user_state(user, account),
        disabled: user.disabled,
        invited: account.is_some_and(|account| !account.has_password),
        password_due: user.must_change_password,
        factors: summary(user.factors),
        created: visit.moment(user.created_at),
        strangers: strangers(app, user, visit.now()).await?,
        app_locked: account.is_some_and(AccountState::app_is_locked),
        email: Field::of(&email_now),
        email_now,
        roles: Field::of(roles_now.join(" ")),
        roles_now,
        sessions: sessions.items.iter().map(entry).collect(),
        all_sessions: sessions.next.map(|_| app.path(&format!("/admin/sessions?user={id}"))),
        activity: activity_of(visit, id).await?,
        all_events: app.path(&format!("/admin/audit?user={id}")),
        notice: None,
        failure: None,
    })
}
