//! What administrators do with users.

use std::collections::HashMap;

use crate::{
    audit::EventName,
    authority::{Authority, Caller},
    ids::UserId,
    link::LinkPurpose,
    mode::{Mode, OPERATOR},
    one_time_link::IssuedLink,
    page::{Page, PageRequest},
    password::PasswordOwner,
    refusal::{FieldError, Refusal},
    session::SessionOfUser,
    setup::field,
    store::{NewUser, UserChanges, UserCredentials},
    user::{Email, Epoch, Factors, InvalidValue, NormalisedName, Roles, User, Username},
    user_search::UserFilter,
};

/// A user to be made.
#[derive(Clone, Debug, Default)]
pub struct UserForm<'a> {
    /// The name to log in with.
    pub username: &'a str,
    /// The first password; without one the user is invited.
    pub password: Option<&'a str>,
    /// A mail address.
    pub email: Option<&'a str>,
    /// Role names.
    pub roles: &'a [String],
}

/// Changes to a user as they are asked for; `None` leaves a member as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangesForm<'a> {
    /// Role names.
    pub roles: Option<&'a [String]>,
    /// Disable or enable.
    pub disabled: Option<bool>,
    /// Demand a new password, or stop demanding it.
    pub must_change_password: Option<bool>,
    /// A mail address, or none any more.
    pub email: Option<Option<&'a str>>,
}

impl Authority {
    /// Makes a user; one without a password gets an invitation.
    ///
    /// # Errors
    /// [`Refusal::SingleOperator`], [`Refusal::Invalid`], [`Refusal::NameTaken`], [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`],
    /// [`Refusal::ClockBehind`]
    pub async fn create_user(
        &self,
        caller: &Caller,
        form: UserForm<'_>,
    ) -> Result<(User, Option<IssuedLink>), Refusal> {
        let now = self.time.now()?;
        let settings = self.settings();
        if settings.mode == Mode::SingleOperator {
            return Err(Refusal::SingleOperator);
        }
        let mut errors = Vec::new();
        let username = field("username", form.username.parse::<Username>(), &mut errors);
        let email = parse_email(form.email, &mut errors);
        let roles = field("roles", Roles::parse(form.roles), &mut errors);
        let password = match form.password {
            Some(typed) => {
                let owner = PasswordOwner::single_factor(form.username, form.email);
                Some(self.choose_password(typed, "password", owner).await)
            }
            None => None,
        };
        if let Some(Err(Refusal::Invalid(broken))) = &password {
            errors.extend(broken.iter().cloned());
        }
        let (Some(username), Some(email), Some(roles), true) = (username, email, roles, errors.is_empty())
        else {
            return Err(Refusal::Invalid(errors));
        };
        let id = UserId::generate(self.entropy.as_ref())?;
        let user = User {
            id,
            username,
            email,
            roles,
            must_change_password: false,
            disabled: false,
            created_at: now,
            epoch: Epoch(0),
            device_epoch: Epoch(0),
            factors: Factors::default(),
        };
        check_fits_into_a_token(&user)?;
        let password = match password.transpose()? {
            Some(chosen) => Some(self.hashing.hash(chosen, settings.hashing_cost).await?),
            None => None,
        };
        let (issued, link) = match password {
            Some(_) => (None, None),
            None => {
                self.new_password_link(LinkPurpose::Invitation, id, now).map(|(i, l)| (Some(i), Some(l)))?
            }
        };
        let invited = link.is_some();
        let audit = caller.event(EventName::UserCreated, now).about_user(id).with("invited", invited);
        let user = self.store.create_user(self.write(now, audit), NewUser { user, password }, link).await?;
        self.time.observe(now);
        Ok((user, issued))
    }

    /// Changes a user, in force on the next request: tokens that tell the old truth are refused from now on, and
    /// a refresh gives one that tells the new. Disabling ends every session.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`], [`Refusal::LastAdmin`], [`Refusal::StoreUnavailable`],
    /// [`Refusal::ClockBehind`]
    pub async fn change_user(
        &self,
        caller: &Caller,
        id: UserId,
        form: ChangesForm<'_>,
    ) -> Result<User, Refusal> {
        let now = self.time.now()?;
        let mut errors = Vec::new();
        let roles = form.roles.map(|names| field("roles", Roles::parse(names), &mut errors));
        let email = form.email.map(|email| parse_email(email, &mut errors));
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let changes = UserChanges {
            roles: roles.flatten(),
            disabled: form.disabled,
            must_change_password: form.must_change_password,
            email: email.flatten(),
        };
        if changes.roles.is_some() || changes.email.is_some() {
            let mut user = self.user(id).await?;
            user.roles = changes.roles.clone().unwrap_or(user.roles);
            user.email = changes.email.clone().unwrap_or(user.email);
            check_fits_into_a_token(&user)?;
        }
        let loses_admin = changes.roles.as_ref().is_some_and(|roles| !roles.is_admin());
        if changes.disabled == Some(true) || loses_admin {
            self.check_is_not_the_operator(id).await?;
        }
        let mut audit = caller.event(EventName::UserChanged, now).about_user(id);
        if let Some(roles) = &changes.roles {
            audit = audit.with("roles", roles.iter().collect::<Vec<_>>().join(","));
        }
        if let Some(disabled) = changes.disabled {
            audit = audit.with("disabled", disabled);
        }
        if let Some(due) = changes.must_change_password {
            audit = audit.with("must_change_password", due);
        }
        if changes.email.is_some() {
            audit = audit.with("email", "changed");
        }
        let (user, revocations) = self.store.change_user(self.write(now, audit), id, changes).await?;
        self.applied(now, &revocations);
        Ok(user)
    }

    /// Removes a user. Their name stays taken.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::LastAdmin`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn delete_user(&self, caller: &Caller, id: UserId) -> Result<(), Refusal> {
        let now = self.time.now()?;
        self.check_is_not_the_operator(id).await?;
        let audit = caller.event(EventName::UserDeleted, now).about_user(id);
        let revoked = self.store.delete_user(self.write(now, audit), id).await?;
        self.applied(now, &revoked.revocations);
        Ok(())
    }

    /// Where there is a single operator nobody else can log in, whoever is left over from before: the operator stays.
    async fn check_is_not_the_operator(&self, id: UserId) -> Result<(), Refusal> {
        match self.settings().mode {
            Mode::Accounts => Ok(()),
            Mode::SingleOperator => {
                let is_operator = *self.user(id).await?.username.normalised() == NormalisedName::of(OPERATOR);
                if is_operator { Err(Refusal::LastAdmin) } else { Ok(()) }
            }
        }
    }

    /// A user.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::StoreUnavailable`]
    pub async fn user(&self, id: UserId) -> Result<User, Refusal> {
        self.store.user(id).await?.ok_or(Refusal::NotFound)
    }

    /// A user by name.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::StoreUnavailable`]
    pub async fn user_by_name(&self, name: &str) -> Result<User, Refusal> {
        let known: Option<UserCredentials> =
            self.store.credentials_by_name(&NormalisedName::of(name)).await?;
        known.map(|known| known.user).ok_or(Refusal::NotFound)
    }

    /// Users, oldest first; of a search those found by name come first, in the order of their names.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<User>, Refusal> {
        Ok(self.store.users(filter, page).await?)
    }

    /// The names of these users as they are now, for lists of sessions and events; whoever was removed has none.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn usernames(&self, ids: &[UserId]) -> Result<HashMap<UserId, Username>, Refusal> {
        Ok(self.store.usernames(ids).await?)
    }

    /// The session and user behind a valid access token, as they are now.
    ///
    /// # Errors
    /// - [`Refusal::SessionRevoked`]: gone since the token was checked.
    /// - [`Refusal::StoreUnavailable`]
    pub async fn session_of(
        &self,
        principal: &crate::access_token::Principal,
    ) -> Result<SessionOfUser, Refusal> {
        let found = self.store.session(principal.session_id).await?;
        found.filter(|of| of.session.revoked_at.is_none()).ok_or(Refusal::SessionRevoked)
    }
}

fn check_fits_into_a_token(user: &User) -> Result<(), Refusal> {
    user.check_fits_into_a_token().map_err(|invalid| FieldError::new("roles", invalid).into())
}

fn parse_email(text: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Option<Email>> {
    let parsed: Result<Option<Email>, InvalidValue> = text.map(str::parse).transpose();
    field("email", parsed, errors)
}
