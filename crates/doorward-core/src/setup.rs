//! First-run setup: the first administrator, exactly once, by whoever holds a setup token.

use std::sync::atomic::Ordering;

use aws_lc_rs::constant_time;

use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::{Authority, Caller},
    ids::UserId,
    link::{Link, LinkPurpose},
    master::KeyUse,
    password::{PasswordOwner, PlainPassword},
    refusal::{FieldError, Refusal},
    secret::{PlainToken, TokenPrefix},
    session::Authentication,
    sign_in::{Origin, SignedIn},
    store::{NewUser, SetupProof, StoreError},
    time::Timestamp,
    user::{Email, Epoch, Factors, Roles, User, Username},
};

/// What the first administrator enters.
#[derive(Clone, Copy)]
pub struct SetupForm<'a> {
    /// The one-time token of the setup URL, or the configured one.
    pub setup_token: &'a str,
    /// The name to log in with; not heeded where there is a single operator.
    pub username: &'a str,
    /// The password.
    pub password: &'a str,
    /// A mail address.
    pub email: Option<&'a str>,
}

impl Authority {
    /// Issues one more setup token; all of them are good until setup is complete. None when the operator chose the
    /// token, which is then not repeated anywhere.
    ///
    /// # Errors
    /// - [`Refusal::SetupComplete`]
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn issue_setup_token(&self, caller: &Caller) -> Result<Option<PlainToken>, Refusal> {
        if self.settings().setup_token.is_some() {
            self.store.check_setup_proof(&SetupProof::Configured).await?;
            return Ok(None);
        }
        let now = self.time.now()?;
        let (token, hash) = self.new_link_token()?;
        let link = Link { hash, purpose: LinkPurpose::Setup, user_id: None, expires_at: None };
        let audit = caller.event(EventName::SetupTokenIssued, now);
        self.store.add_link(self.write(now, audit), link).await?;
        Ok(Some(token))
    }

    /// Makes the first administrator and logs them in. However many race, one succeeds.
    ///
    /// # Errors
    /// - [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`]: too many attempts from this address.
    /// - [`Refusal::SetupComplete`]: setup was completed before.
    /// - [`Refusal::Forbidden`]: the setup token is wrong.
    /// - [`Refusal::Invalid`]: name, password or mail address break a rule.
    /// - [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn complete_setup(&self, form: SetupForm<'_>, origin: &Origin) -> Result<SignedIn, Refusal> {
        let now = self.time.now()?;
        let form = SetupForm { username: self.settings().mode.account_name(form.username), ..form };
        self.admit_bearer(origin, EventName::SetupRefused, now).await?;
        let proof = self.setup_proof(form.setup_token);
        if let Err(error) = self.store.check_setup_proof(&proof).await {
            return Err(self.setup_refused(error, origin, now).await);
        }
        let owner = PasswordOwner::single_factor(form.username, form.email);
        let password = self.choose_password(form.password, "password", owner).await;
        let (user, password) = self.first_administrator(form, password, now)?;
        let hash = self.hashing.hash(password, self.settings().hashing_cost).await?;
        let open = self.new_session(user.id, origin, Authentication::by_password(now), now)?;
        let audit = AuditEvent::new(EventName::SetupCompleted, now, Actor::User(user.id), &origin.client)
            .about_user(user.id)
            .about_session(open.session.id);
        let new_user = NewUser { user, password: Some(hash) };
        match self.store.complete_setup(self.write(now, audit), proof, new_user, open).await {
            Ok(opened) => {
                self.setup_complete.store(true, Ordering::Release);
                self.applied(now, &opened.revocations);
                self.signed_in(opened.opened, now)
            }
            Err(error) => Err(self.setup_refused(error, origin, now).await),
        }
    }

    fn setup_proof(&self, unverified: &str) -> SetupProof {
        let configured = self.settings().setup_token.as_ref().is_some_and(|token| {
            constant_time::verify_slices_are_equal(token.reveal().as_bytes(), unverified.as_bytes()).is_ok()
        });
        if configured {
            return SetupProof::Configured;
        }
        // A token of another form than ours has no hash to look for.
        let well_formed = TokenPrefix::Link.decode::<24>(unverified).is_some();
        SetupProof::Link(if well_formed { self.keys.hashes(KeyUse::Link, unverified) } else { Vec::new() })
    }

    fn first_administrator(
        &self,
        form: SetupForm<'_>,
        password: Result<PlainPassword, Refusal>,
        now: Timestamp,
    ) -> Result<(User, PlainPassword), Refusal> {
        let mut errors = Vec::new();
        let username = field("username", form.username.parse::<Username>(), &mut errors);
        let email = match form.email {
            Some(email) => field("email", email.parse::<Email>(), &mut errors).map(Some),
            None => Some(None),
        };
        match (username, email, password) {
            (Some(username), Some(email), Ok(password)) => {
                let id = UserId::generate(self.entropy.as_ref())?;
                let user = User {
                    id,
                    username,
                    email,
                    roles: Roles::admin(),
                    must_change_password: false,
                    disabled: false,
                    created_at: now,
                    epoch: Epoch(0),
                    device_epoch: Epoch(0),
                    factors: Factors::default(),
                };
                Ok((user, password))
            }
            (_, _, Err(Refusal::Invalid(more))) => {
                errors.extend(more);
                Err(Refusal::Invalid(errors))
            }
            (_, _, Err(refusal)) => Err(refusal),
            (None, _, Ok(_)) | (_, None, Ok(_)) => Err(Refusal::Invalid(errors)),
        }
    }

    async fn setup_refused(&self, error: StoreError, origin: &Origin, now: Timestamp) -> Refusal {
        let refusal = match error {
            StoreError::NotFound | StoreError::AlreadySpent => Refusal::Forbidden,
            other => Refusal::from(other),
        };
        if refusal == Refusal::SetupComplete {
            self.setup_complete.store(true, Ordering::Release);
        }
        let event = AuditEvent::new(EventName::SetupRefused, now, Actor::Anonymous, &origin.client)
            .because(refusal.code());
        // A wrong token counts against its address. It locks nobody out: a lock would let anybody keep the operator from
        // their own server, and the token has too many bits to be guessed.
        let recorded = match refusal {
            Refusal::Forbidden => self.count_address_failure(origin.client.address, event).await,
            _ => self.record_refused(event).await,
        };
        match recorded {
            Ok(()) => refusal,
            Err(unrecorded) => unrecorded,
        }
    }
}

/// The value, or its error among the others.
pub(crate) fn field<T>(
    name: &'static str,
    value: Result<T, crate::user::InvalidValue>,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    value.map_err(|invalid| errors.push(FieldError::new(name, invalid))).ok()
}
