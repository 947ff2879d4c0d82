//! The list of users.

use axum::response::Response;
use doorward_core::{account_state::AccountState, ids::UserId, user::User, user_search::UserFilter};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

use super::{
    super::{factors::summary, not_now::NotNow},
    parts::Listed,
    visit::Visit,
};
use crate::{
    context::RequestContext,
    page_response::page,
    pages::views::admin::{Section, UserRow, UserState, UsersPage},
    request_body::Parameters,
};

/// The page's own path, below the base path.
pub(super) const USERS: &str = "/admin/users";
/// Users shown at once.
const SHOWN: u32 = 50;

/// Which users.
#[derive(Debug, Deserialize)]
pub(crate) struct UsersParameters {
    #[serde(default)]
    search: String,
    cursor: Option<String>,
}

/// Shows the page.
pub(crate) async fn show(
    context: RequestContext,
    Parameters(asked): Parameters<UsersParameters>,
    parts: Parts,
) -> Result<Response, NotNow> {
    let visit = Visit::of(&context, &parts).await?;
    Ok(page(StatusCode::OK, &users_view(&visit, asked.search.trim(), asked.cursor.as_deref()).await?))
}

/// The page as it is now.
pub(super) async fn users_view(
    visit: &Visit<'_>,
    search: &str,
    cursor: Option<&str>,
) -> Result<UsersPage, NotNow> {
    let authority = visit.authority();
    let listed = Listed { path: USERS, chosen: ("search", search), cursor };
    let filter = UserFilter { search: Some(search.to_owned()) };
    let found = authority.users(&filter, listed.request(SHOWN)).await?;
    let ids: Vec<UserId> = found.items.iter().map(|user| user.id).collect();
    let states = authority.account_states(&ids).await?;
    let row = |user: &User| user_row(visit, user, states.get(&user.id).copied());
    Ok(UsersPage {
        frame: visit.frame()?,
        section: Section::Users,
        search: search.to_owned(),
        users: found.items.iter().map(row).collect(),
        parts: listed.parts(visit.app(), found.next.as_ref()),
        deleted: None,
    })
}

fn user_row(visit: &Visit<'_>, user: &User, state: Option<AccountState>) -> UserRow {
    UserRow {
        user: visit.user_link(user.id, user.username.as_str()),
        email: user.email.as_ref().map(|email| email.as_str().to_owned()),
        roles: user.roles.iter().map(str::to_owned).collect(),
        state: user_state(user, state),
        factors: summary(user.factors),
        created: visit.moment(user.created_at),
    }
}

/// What state a user is in; whoever was removed meanwhile has no account to tell of.
pub(super) fn user_state(user: &User, account: Option<AccountState>) -> UserState {
    if user.disabled {
        UserState::Disabled
    } else if account.is_some_and(|account| !account.has_password) {
        UserState::Invited
    } else if user.must_change_password {
        UserState::PasswordDue
    } else {
        UserState::Enabled
    }
}
