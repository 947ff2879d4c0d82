//! Refresh tokens: rotation by generations (RFC 9700, 4.14.2).
//!
//! A token names its session and its generation, and carries a MAC under a server key over both and a random value
//! kept in the session's row. The store keeps one row a session, so there are no tombstones that could be cleaned
//! up: every replay is recognised for as long as the session exists. The successor of a token is always the same
//! token, so racing tabs and lost answers all receive the same one.

use std::{net::IpAddr, time::Duration};

use aws_lc_rs::hmac;

use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    client::{Client, UserAgent},
    device::KnownDevice,
    ids::{DeviceId, SessionId},
    master::{KeyUse, ServerKeys},
    refusal::Refusal,
    secret::{PlainToken, TokenPrefix},
    session::{Generation, Session, SessionOfUser, Transport},
    sign_in::SignedIn,
    store::{AdvanceRefresh, RepeatRefresh, RevokeWhich, StoreError},
    time::Timestamp,
};

/// How often the immediate predecessor of a generation may be presented again.
pub const MAX_REPEATS: u32 = 64;

/// So many generations running, repeated from another address than the spender's, are theft in lockstep.
pub const LOCKSTEP_GENERATIONS: u32 = 3;

/// Somebody else moving first makes us decide again; each time means that one of the racers got its answer, and a
/// generation admits at most [`MAX_REPEATS`] of them.
const MAX_DECISIONS: u32 = 8;

/// What a refresh token says, before anybody has checked its MAC.
#[derive(Clone, Copy, Debug)]
pub struct UnverifiedRefreshToken {
    /// The session it names.
    pub session: SessionId,
    generation: Generation,
    tag: [u8; 32],
}

impl UnverifiedRefreshToken {
    /// Reads a token's form.
    #[must_use]
    pub fn parse(unverified: &str) -> Option<Self> {
        let bytes: [u8; 56] = TokenPrefix::Refresh.decode(unverified)?;
        let (session, rest) = bytes.split_first_chunk()?;
        let (generation, tag) = rest.split_first_chunk()?;
        Some(Self {
            session: SessionId::from_bytes(*session),
            generation: Generation(u64::from_be_bytes(*generation)),
            tag: tag.try_into().ok()?,
        })
    }

    /// The generation, if the MAC is ours for this session and transport.
    #[must_use]
    pub fn verify(&self, keys: &ServerKeys, session: &Session) -> Option<Generation> {
        let message = message(session, self.generation);
        (session.id == self.session && keys.verify(KeyUse::Refresh, &message, &self.tag))
            .then_some(self.generation)
    }
}

impl ServerKeys {
    /// The refresh token of a session's current generation.
    #[must_use]
    pub fn refresh_token(&self, session: &Session) -> PlainToken {
        let generation = session.refresh.generation;
        let tag = hmac::sign(self.signing(KeyUse::Refresh), &message(session, generation));
        let named = [session.id.as_bytes().as_slice(), &generation.0.to_be_bytes(), tag.as_ref()].concat();
        PlainToken::encode(TokenPrefix::Refresh, &named)
    }
}

fn message(session: &Session, generation: Generation) -> Vec<u8> {
    // Every part but the last has a fixed length, so that no two meanings share one message.
    [
        session.id.as_bytes().as_slice(),
        &generation.0.to_be_bytes(),
        &session.refresh.nonce,
        session.transport.as_str().as_bytes(),
    ]
    .concat()
}

/// Who presents a refresh token, as far as that is told apart.
#[derive(Clone, Copy, Debug)]
pub struct Presenter<'a> {
    /// The user agent.
    pub user_agent: &'a UserAgent,
    /// The known device, if its token was presented and verified.
    pub device: Option<DeviceId>,
    /// The address.
    pub address: Option<IpAddr>,
}

/// What a presented refresh token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is the current one: move to the next generation.
    Advance,
    /// A second tab, or an answer lost on the way: give the same successor once more.
    RepeatSuccessor {
        /// The repeat came from another address than the spender's.
        elsewhere: bool,
    },
    /// A spent token came back: owner and thief share the family. Revoke it.
    RevokeFamily(Replay),
    /// The session was revoked.
    Revoked,
    /// The session is past one of its ends.
    Expired,
    /// The password has to be changed first.
    PasswordChangeDue,
    /// We never issued this generation.
    NeverIssued,
}

/// How a spent token gave itself away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// It is older than the immediate predecessor.
    Old,
    /// It is the predecessor, after the grace.
    AfterGrace,
    /// It is the predecessor, from another user agent or device than the one that spent it.
    OtherClient,
    /// It was repeated too often.
    TooOften,
    /// It was repeated from another address for the third generation running.
    Lockstep,
}

impl Replay {
    /// As audit events carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old_generation",
            Self::AfterGrace => "after_grace",
            Self::OtherClient => "other_client",
            Self::TooOften => "repeated_too_often",
            Self::Lockstep => "lockstep",
        }
    }
}

/// Decides what a refresh token with a good MAC may do.
#[must_use]
pub fn decide(
    facts: &SessionOfUser,
    presented: Generation,
    presenter: Presenter<'_>,
    now: Timestamp,
    reuse_grace: Duration,
) -> Decision {
    let session = &facts.session;
    if session.revoked_at.is_some() {
        return Decision::Revoked;
    }
    if !session.is_live(now) {
        return Decision::Expired;
    }
    if presented > session.refresh.generation {
        return Decision::NeverIssued;
    }
    let wanted = if presented == session.refresh.generation {
        Decision::Advance
    } else if presented.next() == session.refresh.generation {
        match decide_repeat(session, presenter, now, reuse_grace) {
            Ok(elsewhere) => Decision::RepeatSuccessor { elsewhere },
            Err(replay) => return Decision::RevokeFamily(replay),
        }
    } else {
        return Decision::RevokeFamily(Replay::Old);
    };
    // Last, so that a thief's replay is seen even while the owner has to change the password.
    if facts.user.must_change_password { Decision::PasswordChangeDue } else { wanted }
}

/// Whether the immediate predecessor may be presented again; `Ok(true)` from another address than the spender's.
fn decide_repeat(
    session: &Session,
    presenter: Presenter<'_>,
    now: Timestamp,
    reuse_grace: Duration,
) -> Result<bool, Replay> {
    let refresh = &session.refresh;
    if refresh.spent_at.is_none_or(|spent_at| now.since(spent_at) >= reuse_grace) {
        return Err(Replay::AfterGrace);
    }
    if *presenter.user_agent != session.user_agent || presenter.device != session.device {
        return Err(Replay::OtherClient);
    }
    if refresh.repeats >= MAX_REPEATS {
        return Err(Replay::TooOften);
    }
    let elsewhere = presenter.address != session.address;
    if elsewhere && refresh.elsewhere_streak + 1 >= LOCKSTEP_GENERATIONS {
        return Err(Replay::Lockstep);
    }
    Ok(elsewhere)
}

impl Authority {
    /// Exchanges a refresh token for its successor and a fresh access token.
    ///
    /// Racing callers with the same token all receive the same successor; a caller whose answer was lost may ask
    /// again within the grace. Once a revocation of the session has been answered, no refresh succeeds.
    ///
    /// # Errors
    /// - [`Refusal::RefreshTokenInvalid`]: not a token of ours, or not for this transport.
    /// - [`Refusal::RefreshTokenReused`]: a spent token came back; the session is revoked now.
    /// - [`Refusal::SessionRevoked`], [`Refusal::SessionExpired`]: its session is over.
    /// - [`Refusal::PasswordChangeRequired`]
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn refresh(
        &self,
        unverified: &str,
        transport: Transport,
        device: Option<KnownDevice>,
        client: &Client,
    ) -> Result<SignedIn, Refusal> {
        let token = UnverifiedRefreshToken::parse(unverified).ok_or(Refusal::RefreshTokenInvalid)?;
        for _ in 0..MAX_DECISIONS {
            match self.try_refresh(&token, transport, device, client).await {
                Err(StoreError::Stale | StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
                Ok(answer) => return answer,
            }
        }
        Err(Refusal::StoreUnavailable)
    }

    async fn try_refresh(
        &self,
        token: &UnverifiedRefreshToken,
        transport: Transport,
        device: Option<KnownDevice>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>, StoreError> {
        let now = match self.time.now() {
            Ok(now) => now,
            Err(error) => return Ok(Err(error.into())),
        };
        let Some(facts) = self.store.session(token.session).await? else {
            return self.refresh_without_user(token, transport).await;
        };
        let Some(presented) = token.verify(&self.keys, &facts.session) else {
            return Ok(Err(Refusal::RefreshTokenInvalid));
        };
        if facts.session.transport != transport {
            return Ok(Err(Refusal::RefreshTokenInvalid));
        }
        let device = device.filter(|device| device.user_id == facts.user.id).map(|device| device.id);
        let presenter = Presenter { user_agent: &client.user_agent, device, address: client.address };
        let event = |name| {
            AuditEvent::new(name, now, Actor::User(facts.user.id), client)
                .about_user(facts.user.id)
                .about_session(facts.session.id)
        };
        let refuse = async |refusal: Refusal, name, detail: &str| {
            let event = event(name).because(refusal.code()).with("cause", detail);
            if let Some(event) = self.budgeted(event) {
                self.store.record(event).await?;
            }
            Ok(Err(refusal))
        };
        let settings = self.settings();
        match decide(&facts, presented, presenter, now, settings.reuse_grace) {
            Decision::Advance => {
                let advance = AdvanceRefresh {
                    id: facts.session.id,
                    expected: presented,
                    idle_expires_at: now.plus(settings.lifetimes.idle_ttl).min(facts.session.expires_at),
                    device,
                    user_agent: client.user_agent.clone(),
                    address: client.address,
                };
                let write = self.write(now, event(EventName::SessionRefreshed));
                let of = self.store.advance_refresh(write, advance).await?;
                Ok(self.signed_in(of, now))
            }
            Decision::RepeatSuccessor { elsewhere } => {
                let repeat = RepeatRefresh {
                    id: facts.session.id,
                    current: facts.session.refresh.generation,
                    max_repeats: MAX_REPEATS,
                    elsewhere,
                };
                let of = self.store.repeat_refresh(now, repeat).await?;
                Ok(self.signed_in(of, now))
            }
            Decision::RevokeFamily(replay) => {
                let refusal = Refusal::RefreshTokenReused;
                let audit =
                    event(EventName::RefreshReused).because(refusal.code()).with("cause", replay.as_str());
                let which = RevokeWhich::One { id: facts.session.id, owner: None };
                let revoked =
                    self.store.revoke_sessions(self.write(now, audit), which, refusal.code()).await?;
                self.applied(now, &revoked.revocations);
                Ok(Err(refusal))
            }
            Decision::Revoked => Ok(Err(Refusal::SessionRevoked)),
            Decision::Expired => Ok(Err(Refusal::SessionExpired)),
            Decision::PasswordChangeDue => Ok(Err(Refusal::PasswordChangeRequired)),
            Decision::NeverIssued => {
                refuse(Refusal::RefreshTokenInvalid, EventName::RefreshRefused, "generation_never_issued")
                    .await
            }
        }
    }

    /// The user is gone. The session's row may still tell that the token was ours once.
    async fn refresh_without_user(
        &self,
        token: &UnverifiedRefreshToken,
        transport: Transport,
    ) -> Result<Result<SignedIn, Refusal>, StoreError> {
        let session = self.store.session_alone(token.session).await?;
        let ours = session.is_some_and(|session| {
            session.transport == transport && token.verify(&self.keys, &session).is_some()
        });
        Ok(Err(if ours { Refusal::SessionRevoked } else { Refusal::RefreshTokenInvalid }))
    }

    /// The session that a refresh token of ours belongs to, whatever its generation and however dead; none for any
    /// other text. Lets nobody in: it tells which of several cookies are ours, and what a logout may end.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn session_of_refresh_token(
        &self,
        unverified: &str,
        transport: Transport,
    ) -> Result<Option<(Session, Generation)>, Refusal> {
        let Some(token) = UnverifiedRefreshToken::parse(unverified) else { return Ok(None) };
        let session = self.store.session_alone(token.session).await?;
        Ok(session.filter(|session| session.transport == transport).and_then(|session| {
            let generation = token.verify(&self.keys, &session)?;
            Some((session, generation))
        }))
    }

    /// Whether `unverified` shows that its bearer holds this session's cookies now, not only what an app behind the
    /// proxy gets to see: the current refresh token, or its predecessor moments after it was spent (a request that
    /// was on its way while another tab refreshed).
    ///
    /// # Errors
    /// - [`Refusal::NotAuthenticated`] when it does not.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn check_holds_session(&self, unverified: &str, session: SessionId) -> Result<(), Refusal> {
        let now = self.time.now()?;
        let found = self.session_of_refresh_token(unverified, Transport::Cookie).await?;
        let (held, generation) = found.ok_or(Refusal::NotAuthenticated)?;
        let recent = generation == held.refresh.generation
            || generation.next() == held.refresh.generation
                && held.refresh.spent_at.is_some_and(|at| now.since(at) < self.settings().reuse_grace);
        if held.id == session && held.is_live(now) && recent {
            Ok(())
        } else {
            Err(Refusal::NotAuthenticated)
        }
    }
}
