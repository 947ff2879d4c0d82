//! Adding a user.

use axum::response::Response;
use doorward_core::{one_time_link::IssuedLink, refusal::Refusal, user::User, users::UserForm};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    super::not_now::NotNow,
    user::{self, user_view},
    visit::Visit,
};
use crate::{
    account_name::is_single_operator,
    api::users::link_url,
    context::RequestContext,
    page_response::{FormFailure, page},
    pages::{
        Failure, Field,
        views::admin::{LinkIssuedPage, LinkOccasion, NewUserPage, Section, UserNotice},
    },
    request_body::FormRequest,
};

/// The page's own path, below the base path.
const NEW: &str = "/admin/users/new";

/// The user to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserForm {
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    roles: String,
    how: How,
    #[serde(default)]
    password: String,
    #[serde(default)]
    csrf_token: String,
}

/// How they get a password.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum How {
    Invitation,
    Password,
}

/// Shows the empty form.
pub(crate) async fn show(context: RequestContext, parts: Parts) -> Result<Response, NotNow> {
    let visit = Visit::of_somebody_fresh(&context, &parts).await?;
    let mut view = new_user_view(&visit)?;
    if is_single_operator(visit.app()) {
        view.failure = Some(Failure::of("single_operator"));
    }
    Ok(page(StatusCode::OK, &view))
}

/// Adds the user.
pub(crate) async fn submit(
    context: RequestContext,
    FormRequest { parts, form }: FormRequest<NewUserForm>,
) -> Result<Response, NotNow> {
    let visit = Visit::of_form(&context, &parts, &form.csrf_token, NEW).await?;
    let roles = user::role_names(&form.roles);
    let asked = UserForm {
        username: &form.username,
        password: (form.how == How::Password).then_some(form.password.as_str()),
        email: Some(form.email.trim()).filter(|email| !email.is_empty()),
        roles: &roles,
    };
    match visit.authority().create_user(visit.caller(), asked).await {
        Ok((added, Some(issued))) => Ok(show_link(&visit, &added, LinkOccasion::Added, &issued)?),
        Ok((added, None)) => {
            let mut view = user_view(&visit, &added).await?;
            view.notice = Some(UserNotice::Added);
            Ok(page(StatusCode::OK, &view))
        }
        Err(refusal) => refused(&visit, form, refusal),
    }
}

/// The only page that shows a one-time link.
pub(super) fn show_link(
    visit: &Visit<'_>,
    user: &User,
    occasion: LinkOccasion,
    issued: &IssuedLink,
) -> Result<Response, NotNow> {
    let view = LinkIssuedPage {
        frame: visit.frame()?,
        section: Section::Users,
        user: visit.user_link(user.id, user.username.as_str()),
        occasion,
        link: link_url(visit.app(), issued),
        expires: visit.moment(issued.expires_at),
    };
    Ok(page(StatusCode::OK, &view))
}

fn new_user_view(visit: &Visit<'_>) -> Result<NewUserPage, NotNow> {
    let least = visit.authority().settings().password.least_length(false);
    Ok(NewUserPage::new(visit.frame()?, least))
}

/// The form as it was sent, but for the password, with what is wrong about it.
fn refused(visit: &Visit<'_>, form: NewUserForm, refusal: Refusal) -> Result<Response, NotNow> {
    let taken = (refusal == Refusal::NameTaken).then(|| visit.language().user_name_taken());
    let failed: FormFailure = visit.failure(refusal)?;
    let field = |value, name| Field { value, error: failed.field(name) };
    let mut view = NewUserPage {
        username: field(form.username, "username"),
        email: field(form.email, "email"),
        roles: field(form.roles, "roles"),
        by_password: form.how == How::Password,
        password_error: failed.field("password"),
        failure: failed.failure.clone(),
        ..new_user_view(visit)?
    };
    if taken.is_some() {
        view.username.error = taken;
        view.failure = None;
    }
    Ok(failed.page(&view))
}
