//! `user …`

use doorward_core::authority::{Authority, Caller};
use doorward_core::link::LinkPurpose;
use doorward_core::mode::Mode;
use doorward_core::one_time_link::IssuedLink;
use doorward_core::page::PageRequest;
use doorward_core::refusal::Refusal;
use doorward_core::user::User;
use doorward_core::user_search::UserFilter;
use doorward_core::users::{ChangesForm, UserForm};
use serde_json::{Value as Json, json};

use super::Opened;
use crate::Failure;
use crate::cli::args::{self, NewUser, Who};
use crate::cli::output::Answer;
use crate::cli::refused::refused;
use crate::cli::{password_input, views};

/// Items read at once.
const PAGE: u32 = 200;

pub(super) async fn run(opened: &Opened, command: args::User) -> Result<Answer, Failure> {
    match command {
        args::User::Add(new) => add(opened, new).await,
        args::User::Invite(new) => invite(opened, new).await,
        args::User::Reset(who) => reset(opened, who).await,
        args::User::List => list(opened).await,
        args::User::Disable(who) => set_disabled(opened, who, true).await,
        args::User::Enable(who) => set_disabled(opened, who, false).await,
        args::User::Unlock(who) => unlock(opened, who).await,
        args::User::ResetFactors(who) => reset_factors(opened, who).await,
        args::User::ForgetDevices(who) => forget_devices(opened, who).await,
        args::User::Passwd { who, must_change } => passwd(opened, who, must_change).await,
        args::User::Sessions(who) => super::session::list(opened, Some(&who.user)).await,
        args::User::Revoke(who) => revoke(opened, who).await,
    }
}

/// The user of this name or id.
pub(super) async fn find(authority: &Authority, name_or_id: &str) -> Result<User, Failure> {
    let by_id = match name_or_id.parse() {
        Ok(id) => authority.user(id).await,
        Err(_) => Err(Refusal::NotFound),
    };
    // A name may look like an id.
    let found = match by_id {
        Err(Refusal::NotFound) => authority.user_by_name(name_or_id).await,
        other => other,
    };
    found.map_err(|refusal| match refusal {
        Refusal::NotFound => {
            Failure::Failed(format!("there is no user {name_or_id:?}: see `doorward user list`"))
        }
        other => refused("cannot look the user up", &other),
    })
}

async fn add(opened: &Opened, new: NewUser) -> Result<Answer, Failure> {
    // Before anybody chooses a password in vain.
    if opened.authority().settings().mode == Mode::SingleOperator {
        return Err(not_made(&new, &Refusal::SingleOperator));
    }
    let password = password_input::new_password()?;
    let (user, _) = create(opened, &new, Some(&password)).await?;
    Ok(Answer::line(format!("{} can log in now (id {})", user.username, user.id), views::user_json(&user)))
}

async fn invite(opened: &Opened, new: NewUser) -> Result<Answer, Failure> {
    let (user, issued) = create(opened, &new, None).await?;
    let mut json = views::user_json(&user);
    let mut text = format!("{} was made", user.username);
    if let Some(issued) = issued {
        text = give_link(opened, &issued, &mut json);
    }
    Ok(Answer::line(text, json))
}

async fn create(
    opened: &Opened,
    new: &NewUser,
    password: Option<&str>,
) -> Result<(User, Option<IssuedLink>), Failure> {
    let form = UserForm { username: &new.username, password, email: new.email.as_deref(), roles: &new.roles };
    let created = opened.authority().create_user(&Caller::command_line(), form).await;
    created.map_err(|refusal| not_made(new, &refusal))
}

fn not_made(new: &NewUser, refusal: &Refusal) -> Failure {
    refused(&format!("cannot make the user {:?}", new.username), refusal)
}

async fn reset(opened: &Opened, who: Who) -> Result<Answer, Failure> {
    let user = find(opened.authority(), &who.user).await?;
    let issued = opened.authority().issue_password_link(&Caller::command_line(), user.id).await;
    let issued = issued.map_err(|refusal| refused("cannot issue a link", &refusal))?;
    let mut json = views::user_json(&user);
    let text = give_link(opened, &issued, &mut json);
    Ok(Answer::line(text, json))
}

/// The link for people, and added to the JSON.
fn give_link(opened: &Opened, issued: &IssuedLink, json: &mut Json) -> String {
    let member = match issued.purpose {
        LinkPurpose::Invitation => "invite_url",
        LinkPurpose::Reset | LinkPurpose::Setup => "reset_url",
    };
    let url = opened.doorward().link_url(issued);
    let expires_at = views::time(issued.expires_at);
    if let Some(object) = json.as_object_mut() {
        object.insert(member.to_owned(), url.as_str().into());
        object.insert("expires_at".to_owned(), expires_at.into());
    }
    url
}

async fn list(opened: &Opened) -> Result<Answer, Failure> {
    let mut users = Vec::new();
    let mut after = None;
    loop {
        let page = opened.authority().users(&UserFilter::default(), PageRequest { after, limit: PAGE }).await;
        let page = page.map_err(|refusal| refused("cannot list the users", &refusal))?;
        users.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let items = users.iter().map(|user| (views::user_json(user), views::user_row(user)));
    Ok(views::list(views::USER_COLUMNS, "There are no users yet.", items))
}

async fn set_disabled(opened: &Opened, who: Who, disabled: bool) -> Result<Answer, Failure> {
    let user = find(opened.authority(), &who.user).await?;
    let form = ChangesForm { disabled: Some(disabled), ..ChangesForm::default() };
    let changed = opened.authority().change_user(&Caller::command_line(), user.id, form).await;
    let verb = if disabled { "disable" } else { "enable" };
    let user = changed.map_err(|refusal| refused(&format!("cannot {verb} {}", user.username), &refusal))?;
    let now = if disabled { "is disabled, and logged out everywhere" } else { "is enabled" };
    Ok(Answer::line(format!("{} {now}", user.username), views::user_json(&user)))
}

async fn unlock(opened: &Opened, who: Who) -> Result<Answer, Failure> {
    let user = find(opened.authority(), &who.user).await?;
    let unlocked = opened.authority().unlock(&Caller::command_line(), user.id).await;
    unlocked.map_err(|refusal| refused(&format!("cannot unlock {}", user.username), &refusal))?;
    let what = if user.factors.totp { "no failure and no wrong code counts" } else { "no failure counts" };
    let text = format!("{} may try again now; {what} any more", user.username);
    Ok(Answer::line(text, views::user_json(&user)))
}

async fn reset_factors(opened: &Opened, who: Who) -> Result<Answer, Failure> {
    let user = find(opened.authority(), &who.user).await?;
    let reset = opened.authority().reset_factors(&Caller::command_line(), user.id).await;
    let what = format!("cannot remove the second factors of {}", user.username);
    let user = reset.map_err(|refusal| refused(&what, &refusal))?;
    let required = opened.authority().settings().second_factors.required;
    let next = if required.applies_to(&user.roles) { ", and sets a new one up next" } else { "" };
    let text = format!("{} has no second factor any more: signs in by password alone{next}", user.username);
    Ok(Answer::line(text, views::user_json(&user)))
}

async fn forget_devices(opened: &Opened, who: Who) -> Result<Answer, Failure> {
    let user = find(opened.authority(), &who.user).await?;
    let forgotten = opened.authority().forget_devices(&Caller::command_line(), user.id).await;
    let what = format!("cannot forget the devices of {}", user.username);
    forgotten.map_err(|refusal| refused(&what, &refusal))?;
    let text = format!("the devices of {} are strangers now; nobody was signed out", user.username);
    Ok(Answer::line(text, views::user_json(&user)))
}

async fn passwd(opened: &Opened, who: Who, must_change: bool) -> Result<Answer, Failure> {
    let user = find(opened.authority(), &who.user).await?;
    let password = password_input::new_password()?;
    let caller = Caller::command_line();
    let set = opened.authority().set_password(&caller, user.id, &password, must_change).await;
    set.map_err(|refusal| refused(&format!("cannot set the password of {}", user.username), &refusal))?;
    let user = find(opened.authority(), &user.id.to_string()).await?;
    let text = format!("{} has a new password, and is logged out everywhere", user.username);
    Ok(Answer::line(text, views::user_json(&user)))
}

async fn revoke(opened: &Opened, who: Who) -> Result<Answer, Failure> {
    let user = find(opened.authority(), &who.user).await?;
    let revoked = opened.authority().revoke_sessions_of(&Caller::command_line(), user.id, None).await;
    let revoked = revoked.map_err(|refusal| refused("cannot end the sessions", &refusal))?;
    Ok(Answer::line(format!("{revoked} sessions of {} ended", user.username), json!({ "revoked": revoked })))
}
