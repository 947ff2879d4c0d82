//! Invitation and reset by one-time link: an administrator lets people choose a password without knowing it.

use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::{Authority, Caller},
    entropy::EntropyFailed,
    ids::UserId,
    link::{Link, LinkPurpose},
    master::KeyUse,
    refusal::Refusal,
    secret::{PlainToken, TokenHash, TokenPrefix},
    session::Authentication,
    settings::{INVITATION_TTL, RESET_TTL},
    sign_in::{Origin, SignedIn},
    store::{ChangePassword, StoreError},
    time::Timestamp,
    user::{NormalisedName, User},
};

/// A link that was issued.
#[derive(Clone, Debug)]
pub struct IssuedLink {
    /// The token that goes into its URL.
    pub token: PlainToken,
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Authority {
    /// Issues a link by which a user chooses a new password; every earlier link of theirs is dead. A user who never
    /// had a password is invited, another one gets a reset.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn issue_password_link(&self, caller: &Caller, user: UserId) -> Result<IssuedLink, Refusal> {
        let now = self.time.now()?;
        let known = self.store.credentials(user).await?.ok_or(Refusal::NotFound)?;
        let purpose = if known.password.is_some() { LinkPurpose::Reset } else { LinkPurpose::Invitation };
        let (issued, link) = self.new_password_link(purpose, user, now)?;
        let audit = caller.event(link_event(purpose), now).about_user(user);
        self.store.add_link(self.write(now, audit), link).await?;
        Ok(issued)
    }

    pub(crate) fn new_password_link(
        &self,
        purpose: LinkPurpose,
        user: UserId,
        now: Timestamp,
    ) -> Result<(IssuedLink, Link), EntropyFailed> {
        let (token, hash) = self.new_link_token()?;
        let expires_at = now.plus(match purpose {
            LinkPurpose::Invitation => INVITATION_TTL,
            LinkPurpose::Reset | LinkPurpose::Setup => RESET_TTL,
        });
        let link = Link { hash, purpose, user_id: Some(user), expires_at: Some(expires_at) };
        Ok((IssuedLink { token, purpose, expires_at }, link))
    }

    pub(crate) fn new_link_token(&self) -> Result<(PlainToken, TokenHash), EntropyFailed> {
        let secret: [u8; 24] = self.entropy.bytes()?;
        let token = PlainToken::encode(TokenPrefix::Link, &secret);
        let hash = TokenHash::of(self.keys.signing(KeyUse::Link), token.reveal());
        Ok((token, hash))
    }

    /// Whom a link is for, and when it ends, without using it up: for the page that asks for the new password.
    ///
    /// # Errors
    /// - [`Refusal::NotFound`]: no such link, or used, or expired, or its user is disabled or not the single operator.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn live_link(&self, unverified: &str, purpose: LinkPurpose) -> Result<(Link, User), Refusal> {
        TokenPrefix::Link.decode::<24>(unverified).ok_or(Refusal::NotFound)?;
        let hashes = self.keys.hashes(KeyUse::Link, unverified);
        let (link, user) =
            self.store.link(&hashes, purpose, self.time.now()?).await?.ok_or(Refusal::NotFound)?;
        // Whoever is left over from before there was a single operator has no other door either.
        let name = self.settings().mode.account_name(user.username.as_str());
        let may_log_in = *user.username.normalised() == NormalisedName::of(name);
        if user.disabled || !may_log_in { Err(Refusal::NotFound) } else { Ok((link, user)) }
    }

    /// Sets the password by a link, revokes every older session of the user and opens a new one; none for somebody who
    /// has a second factor, and signs in with both. Of racing callers one succeeds.
    ///
    /// # Errors
    /// - [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`]: too many attempts from this address.
    /// - [`Refusal::NotFound`]: as [`Authority::live_link`]; recorded.
    /// - [`Refusal::Invalid`]: the password breaks the policy; the link stays good.
    /// - [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn redeem_link(
        &self,
        unverified: &str,
        purpose: LinkPurpose,
        new_password: &str,
        origin: &Origin,
    ) -> Result<Option<SignedIn>, Refusal> {
        let now = self.time.now()?;
        self.admit_bearer(origin, EventName::LinkRefused, now).await?;
        let refused = AuditEvent::new(EventName::LinkRefused, now, Actor::Anonymous, &origin.client)
            .because(Refusal::NotFound.code())
            .with("purpose", purpose.as_str());
        let (link, user) = match self.live_link(unverified, purpose).await {
            Err(Refusal::NotFound) => {
                self.count_address_failure(origin.client.address, refused).await?;
                return Err(Refusal::NotFound);
            }
            other => other?,
        };
        let settings = self.settings();
        let chosen = self.choose_password(new_password, "new_password", (&user).into()).await?;
        let needs_second_factor = chosen.needs_second_factor(&settings.password);
        let new = self.hashing.hash(chosen, settings.hashing_cost).await?;
        // A link stands in for the password, and not for a second factor: whoever has one signs in.
        let open = match user.factors.any() {
            true => None,
            false => Some(self.new_session(user.id, origin, Authentication::by_password(now), now)?),
        };
        let mut audit = AuditEvent::new(EventName::LinkUsed, now, Actor::User(user.id), &origin.client)
            .about_user(user.id)
            .with("purpose", purpose.as_str());
        audit.session_id = open.as_ref().map(|open| open.session.id);
        let change = ChangePassword {
            user: user.id,
            expected: None,
            new,
            must_change_password: false,
            needs_second_factor,
            open,
        };
        match self.store.redeem_link(self.write(now, audit), link.hash, purpose, change).await {
            Ok(changed) => {
                self.applied(now, &changed.revocations);
                changed.opened.map(|opened| self.signed_in(opened, now)).transpose()
            }
            // Used or withdrawn since we looked.
            Err(StoreError::AlreadySpent | StoreError::NotFound | StoreError::Stale) => {
                self.record_refused(refused).await?;
                Err(Refusal::NotFound)
            }
            Err(error) => Err(error.into()),
        }
    }
}

pub(crate) const fn link_event(purpose: LinkPurpose) -> EventName {
    match purpose {
        LinkPurpose::Invitation => EventName::InvitationIssued,
        LinkPurpose::Reset => EventName::ResetIssued,
        LinkPurpose::Setup => EventName::SetupTokenIssued,
    }
}
