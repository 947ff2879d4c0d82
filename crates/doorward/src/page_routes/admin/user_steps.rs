//! What is done to a user: at once where it can be taken back, and after a question where it cannot.

use axum::response::Response;
use doorward_core::{
    ids::UserId, link::LinkPurpose, refusal::Refusal, sessions::Reach, user::User, users::ChangesForm,
};
use http::{StatusCode, request::Parts};

use super::{
    super::{account::RevokeForm, not_now::NotNow, nothing_form::NothingForm},
    new_user::show_link,
    user::{failed_view, show_changed},
    users::users_view,
    visit::{Visit, user_path},
};
use crate::{
    api::session::parse_id,
    context::RequestContext,
    page_response::page,
    pages::views::admin::{LinkOccasion, Question, Section, UserNotice, UserQuestion, UserStep},
    problem::Problem,
    request_body::{FormRequest, PathText, PathTexts},
};

/// Asks whether to do what cannot be taken back.
pub(crate) async fn confirm(
    context: RequestContext,
    PathTexts(id, what): PathTexts,
    parts: Parts,
) -> Result<Response, NotNow> {
    let id: UserId = parse_id(&id)?;
    let what = question_at(&what).ok_or_else(Problem::not_found)?;
    let visit = Visit::of_somebody_fresh(&context, &parts).await?;
    let user = visit.authority().user(id).await?;
    let name = user.username.as_str().to_owned();
    visit.ask(Section::Users, Question::OfUser { what, name, own: visit.is_own(id) }, &user_path(id))
}

/// Does it.
pub(crate) async fn take(
    context: RequestContext,
    PathTexts(id, step): PathTexts,
    FormRequest { parts, form }: FormRequest<NothingForm>,
) -> Result<Response, NotNow> {
    let id: UserId = parse_id(&id)?;
    let visit = Visit::of_form(&context, &parts, &form.csrf_token, &user_path(id)).await?;
    let user = visit.authority().user(id).await?;
    let taken = match (question_at(&step), step_at(&step)) {
        (Some(answered), _) => do_for_good(&visit, &user, answered).await,
        (None, Some(step)) => do_at_once(&visit, &user, step).await,
        (None, None) => return Err(Problem::not_found().into()),
    };
    match taken {
        Ok(Done::Told(notice)) => show_changed(&visit, id, notice).await,
        Ok(Done::Instead(response)) => Ok(*response),
        Err(Undone::NotNow(instead)) => Err(instead),
        Err(Undone::Refused(refusal)) => refused(&visit, id, refusal).await,
    }
}

/// Ends one session of the user.
pub(crate) async fn revoke_session(
    context: RequestContext,
    PathText(id): PathText,
    FormRequest { parts, form }: FormRequest<RevokeForm>,
) -> Result<Response, NotNow> {
    let id: UserId = parse_id(&id)?;
    let visit = Visit::of_form(&context, &parts, &form.csrf_token, &user_path(id)).await?;
    let session = parse_id(&form.session_id)?;
    match visit.authority().revoke_session(visit.caller(), session, Reach::Own(id)).await {
        Ok(()) if visit.is_current(session) => Ok(visit.to_sign_in()),
        Ok(()) => show_changed(&visit, id, UserNotice::SignedOut(1)).await,
        Err(refusal) => refused(&visit, id, refusal).await,
    }
}

/// What came of it.
enum Done {
    /// The page of the user says so.
    Told(UserNotice),
    /// Another page does.
    Instead(Box<Response>),
}

/// Why nothing came of it.
enum Undone {
    NotNow(NotNow),
    Refused(Refusal),
}

impl From<Refusal> for Undone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NotNow> for Undone {
    fn from(instead: NotNow) -> Self {
        Self::NotNow(instead)
    }
}

fn question_at(path: &str) -> Option<UserQuestion> {
    UserQuestion::ALL.into_iter().find(|question| question.path() == path)
}

fn step_at(path: &str) -> Option<UserStep> {
    UserStep::ALL.into_iter().find(|step| step.path() == path)
}

async fn do_at_once(visit: &Visit<'_>, user: &User, step: UserStep) -> Result<Done, Undone> {
    let (authority, caller) = (visit.authority(), visit.caller());
    let changed = match step {
        UserStep::Enable => (ChangesForm { disabled: Some(false), ..unchanged() }, UserNotice::Enabled),
        UserStep::RequirePassword => {
            (ChangesForm { must_change_password: Some(true), ..unchanged() }, UserNotice::PasswordRequired)
        }
        UserStep::WaivePassword => {
            (ChangesForm { must_change_password: Some(false), ..unchanged() }, UserNotice::PasswordWaived)
        }
        UserStep::Unlock => {
            authority.unlock(caller, user.id).await?;
            return Ok(Done::Told(UserNotice::Unlocked));
        }
        UserStep::Link => {
            let issued = authority.issue_password_link(caller, user.id).await?;
            let occasion = match issued.purpose {
                LinkPurpose::Invitation => LinkOccasion::Invitation,
                LinkPurpose::Reset | LinkPurpose::Setup => LinkOccasion::Reset,
            };
            let shown = show_link(visit, user, occasion, &issued)?;
            return Ok(Done::Instead(Box::new(shown)));
        }
    };
    let (changes, notice) = changed;
    authority.change_user(caller, user.id, changes).await?;
    Ok(Done::Told(notice))
}

fn unchanged() -> ChangesForm<'static> {
    ChangesForm::default()
}

async fn do_for_good(visit: &Visit<'_>, user: &User, what: UserQuestion) -> Result<Done, Undone> {
    let (authority, caller, id) = (visit.authority(), visit.caller(), user.id);
    let notice = match what {
        UserQuestion::Disable => {
            authority.change_user(caller, id, ChangesForm { disabled: Some(true), ..unchanged() }).await?;
            UserNotice::Disabled
        }
        UserQuestion::ResetFactors => {
            authority.reset_factors(caller, id).await?;
            UserNotice::FactorsReset
        }
        UserQuestion::ForgetDevices => {
            authority.forget_devices(caller, id).await?;
            UserNotice::DevicesForgotten
        }
        UserQuestion::SignOut => {
            let ended = authority.revoke_sessions_of(caller, id, None).await?;
            UserNotice::SignedOut(u64::try_from(ended).unwrap_or(u64::MAX))
        }
        UserQuestion::Delete => {
            authority.delete_user(caller, id).await?;
            let afterwards = if visit.is_own(id) { visit.to_sign_in() } else { without(visit, user).await? };
            return Ok(Done::Instead(Box::new(afterwards)));
        }
    };
    if visit.is_own(id) && what.ends_sessions() {
        return Ok(Done::Instead(Box::new(visit.to_sign_in())));
    }
    Ok(Done::Told(notice))
}

/// The list, after somebody was deleted.
async fn without(visit: &Visit<'_>, deleted: &User) -> Result<Response, NotNow> {
    let mut view = users_view(visit, "", None).await?;
    view.deleted = Some(deleted.username.as_str().to_owned());
    Ok(page(StatusCode::OK, &view))
}

async fn refused(visit: &Visit<'_>, id: UserId, refusal: Refusal) -> Result<Response, NotNow> {
    let failed = visit.failure(refusal)?;
    Ok(failed.page(&failed_view(visit, id, &failed).await?))
}
