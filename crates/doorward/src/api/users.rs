//! `/v1/admin/users`: what administrators do with users.

use axum::Json;
use doorward_core::{
    ids::UserId,
    link::LinkPurpose,
    one_time_link::IssuedLink,
    user_search::UserFilter,
    users::{ChangesForm, UserForm},
};
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    session::parse_id,
    wire::{List, PageParameters, User, rfc3339},
};
use crate::{
    app::App,
    context::RequestContext,
    extract::Admin,
    problem::{Problem, ProblemDocument},
    request_body::{EmptyBody, Parameters, PathText, StrictJson},
};

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserBody {
    /// The name to log in with.
    username: String,
    /// The first password; without one the answer holds an invitation.
    #[schema(format = Password)]
    password: Option<String>,
    /// A mail address.
    email: Option<String>,
    /// Role names.
    roles: Option<Vec<String>>,
}

/// Changes to a user; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChangesBody {
    /// Role names, instead of the present ones.
    roles: Option<Vec<String>>,
    /// Disable, which ends every session, or enable.
    disabled: Option<bool>,
    /// Demand a new password, or stop demanding it.
    must_change_password: Option<bool>,
    /// A mail address; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
}

/// Tells `null` from absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A user that was made.
#[derive(Serialize, ToSchema)]
pub struct CreatedUser {
    /// The user.
    #[serde(flatten)]
    user: User,
    /// The one-time link by which an invited user chooses a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    invite_url: Option<String>,
}

/// A one-time link by which a user chooses a new password.
#[derive(Serialize, ToSchema)]
pub struct ResetLink {
    /// The link.
    reset_url: String,
    /// When it ends.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Which users to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserParameters {
    /// Only those whose name or mail address begins with this, in whatever case, or who have this id. Those found by
    /// name come first, in the order of their names.
    search: Option<String>,
}

/// Users: all of them, oldest first, or those whom a search finds.
#[utoipa::path(
    get, path = "/v1/admin/users", tag = "admin", params(UserParameters, PageParameters),
    responses(
        (status = 200, description = "Users.", body = List<User>),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn users(
    context: RequestContext,
    _admin: Admin,
    Parameters(UserParameters { search }): Parameters<UserParameters>,
    Parameters(page): Parameters<PageParameters>,
) -> Result<Json<List<User>>, Problem> {
    let found = context.app().authority().users(&UserFilter { search }, page.request()?).await?;
    Ok(Json(List::of(found, |user| User::from(&user))))
}

/// Makes a user; without a password, invites them.
#[utoipa::path(
    post, path = "/v1/admin/users", tag = "admin", request_body = NewUserBody,
    responses(
        (status = 201, description = "Made.", body = CreatedUser),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create_user(
    context: RequestContext,
    Admin(holder): Admin,
    StrictJson(body): StrictJson<NewUserBody>,
) -> Result<(StatusCode, Json<CreatedUser>), Problem> {
    let app = context.app();
    let form = UserForm {
        username: &body.username,
        password: body.password.as_deref(),
        email: body.email.as_deref(),
        roles: body.roles.as_deref().unwrap_or_default(),
    };
    let (user, issued) = app.authority().create_user(&holder.caller, form).await?;
    let invite_url = issued.map(|issued| link_url(app, &issued));
    Ok((StatusCode::CREATED, Json(CreatedUser { user: User::from(&user), invite_url })))
}

/// A user.
#[utoipa::path(
    get, path = "/v1/admin/users/{id}", tag = "admin", params(("id" = String, Path, description = "The user.")),
    responses(
        (status = 200, description = "The user.", body = User),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn user(
    context: RequestContext,
    _admin: Admin,
    PathText(id): PathText,
) -> Result<Json<User>, Problem> {
    let user = context.app().authority().user(parse_id(&id)?).await?;
    Ok(Json(User::from(&user)))
}

/// Changes a user, in force on the next request.
#[utoipa::path(
    patch, path = "/v1/admin/users/{id}", tag = "admin", params(("id" = String, Path, description = "The user.")),
    request_body = UserChangesBody,
    responses(
        (status = 200, description = "Changed.", body = User),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change_user(
    context: RequestContext,
    Admin(holder): Admin,
    PathText(id): PathText,
    StrictJson(body): StrictJson<UserChangesBody>,
) -> Result<Json<User>, Problem> {
    let id: UserId = parse_id(&id)?;
    let changes = ChangesForm {
        roles: body.roles.as_deref(),
        disabled: body.disabled,
        must_change_password: body.must_change_password,
        email: body.email.as_ref().map(Option::as_deref),
    };
    let user = context.app().authority().change_user(&holder.caller, id, changes).await?;
    Ok(Json(User::from(&user)))
}

/// Removes a user and ends their sessions. The name stays taken.
#[utoipa::path(
    delete, path = "/v1/admin/users/{id}", tag = "admin", params(("id" = String, Path, description = "The user.")),
    responses(
        (status = 204, description = "Removed."),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete_user(
    context: RequestContext,
    Admin(holder): Admin,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<StatusCode, Problem> {
    context.app().authority().delete_user(&holder.caller, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of a user.
#[utoipa::path(
    delete, path = "/v1/admin/users/{id}/sessions", tag = "admin",
    params(("id" = String, Path, description = "The user.")),
    responses(
        (status = 204, description = "Ended."),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn revoke_user_sessions(
    context: RequestContext,
    Admin(holder): Admin,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<StatusCode, Problem> {
    let authority = context.app().authority();
    let user = authority.user(parse_id(&id)?).await?;
    authority.revoke_sessions_of(&holder.caller, user.id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets every failure that was counted against a user, so that they may try again at once.
///
/// Ends the lock and the delay of the account, of its known devices, of its sessions and of its authenticator app. The
/// delay of an address stays.
#[utoipa::path(
    post, path = "/v1/admin/users/{id}/unlock", tag = "admin",
    params(("id" = String, Path, description = "The user.")),
    responses(
        (status = 204, description = "Unlocked, or was not locked."),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn unlock_user(
    context: RequestContext,
    Admin(holder): Admin,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<StatusCode, Problem> {
    context.app().authority().unlock(&holder.caller, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes strangers of all devices that a user has signed in with; nobody is signed out.
///
/// A stolen device cookie is worth nothing from then on. Each device is known again after its next login.
#[utoipa::path(
    delete, path = "/v1/admin/users/{id}/devices", tag = "admin",
    params(("id" = String, Path, description = "The user.")),
    responses(
        (status = 204, description = "Forgotten."),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn forget_user_devices(
    context: RequestContext,
    Admin(holder): Admin,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<StatusCode, Problem> {
    context.app().authority().forget_devices(&holder.caller, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes every second factor of a user, recovery codes included, for somebody who lost them: the password alone lets
/// them in again.
///
/// Their sessions live on, and can do nothing sensitive before the password was shown again.
#[utoipa::path(
    delete, path = "/v1/admin/users/{id}/mfa", tag = "admin",
    params(("id" = String, Path, description = "The user.")),
    responses(
        (status = 204, description = "Removed, or there were none."),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn reset_user_factors(
    context: RequestContext,
    Admin(holder): Admin,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<StatusCode, Problem> {
    context.app().authority().reset_factors(&holder.caller, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Issues a one-time link by which a user chooses a new password; earlier links of theirs are dead.
#[utoipa::path(
    post, path = "/v1/admin/users/{id}/reset-link", tag = "admin",
    params(("id" = String, Path, description = "The user.")),
    responses(
        (status = 201, description = "Issued.", body = ResetLink),
        (status = "default", description = "Refused.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn reset_link(
    context: RequestContext,
    Admin(holder): Admin,
    PathText(id): PathText,
    _empty: EmptyBody,
) -> Result<(StatusCode, Json<ResetLink>), Problem> {
    let app = context.app();
    let issued = app.authority().issue_password_link(&holder.caller, parse_id(&id)?).await?;
    let body = ResetLink { reset_url: link_url(app, &issued), expires_at: rfc3339(issued.expires_at) };
    Ok((StatusCode::CREATED, Json(body)))
}

/// A one-time link as it is given to its user.
pub(crate) fn link_url(app: &App, issued: &IssuedLink) -> String {
    app.url(&link_path(issued))
}

/// Where a link's page is, below the base path.
pub(crate) fn link_path(issued: &IssuedLink) -> String {
    let page = match issued.purpose {
        LinkPurpose::Invitation => "invite",
        LinkPurpose::Reset => "reset",
        LinkPurpose::Setup => return format!("/setup?token={}", issued.token.reveal()),
    };
    format!("/{page}/{}", issued.token.reveal())
}
