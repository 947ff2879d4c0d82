//! What somebody who proved who they are is handed: tokens for a session that was opened, or moved on, durably.

use std::time::Duration;

use crate::{
    authority::Authority,
    client::Client,
    device::KnownDevice,
    entropy::EntropyFailed,
    ids::{PendingId, SessionId, UserId},
    refusal::Refusal,
    secret::PlainToken,
    session::{Authentication, Generation, RefreshState, Session, SessionOfUser, Transport},
    store::OpenSession,
    time::Timestamp,
    user::Epoch,
};

/// A session with fresh tokens.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session and its user, as of the transaction that opened it or moved it on.
    pub of: SessionOfUser,
    /// The access token.
    pub access_token: PlainToken,
    /// When it ends.
    pub access_expires_at: Timestamp,
    /// For how long it lives.
    pub access_lifetime: Duration,
    /// The refresh token.
    pub refresh_token: PlainToken,
    /// A CSRF token for the session.
    pub csrf_token: PlainToken,
    /// The token of the device, for sessions in cookies.
    pub device_token: Option<PlainToken>,
    /// The time all of it was decided with.
    pub now: Timestamp,
}

/// Where a new session comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// How its tokens will travel.
    pub transport: Transport,
    /// The sessions presented with the request, by session or refresh cookie: they end when the new one opens.
    pub replaces: Vec<SessionId>,
    /// The pending login presented with it: a login that gets further ends it.
    pub pending: Option<PendingId>,
    /// The known device, if its token was presented and verified.
    pub device: Option<KnownDevice>,
    /// The client.
    pub client: Client,
}

impl Authority {
    /// Hands out the tokens of a session.
    pub(crate) fn signed_in(&self, of: SessionOfUser, now: Timestamp) -> Result<SignedIn, Refusal> {
        self.time.observe(now);
        let jti = self.entropy.bytes()?;
        let issued_at = Timestamp::from_seconds(now.as_seconds());
        let (access_token, access_expires_at) =
            self.verifier().issue(&of, jti, now).ok_or(Refusal::StoreUnavailable)?;
        let csrf_token = self.keys.issue_csrf_token(self.entropy.as_ref(), of.session.id)?;
        let device_token = of.session.device.map(|id| {
            let epoch = of.user.device_epoch;
            self.keys.device_token(KnownDevice { id, user_id: of.user.id, epoch })
        });
        let refresh_token = self.keys.refresh_token(&of.session);
        let access_lifetime = access_expires_at.since(issued_at);
        Ok(SignedIn {
            access_lifetime,
            access_token,
            access_expires_at,
            refresh_token,
            csrf_token,
            device_token,
            now,
            of,
        })
    }

    /// A session to be opened for somebody who has just shown who they are, and how.
    pub(crate) fn new_session(
        &self,
        user: UserId,
        origin: &Origin,
        authentication: Authentication,
        now: Timestamp,
    ) -> Result<OpenSession, EntropyFailed> {
        let entropy = self.entropy.as_ref();
        let settings = self.settings();
        let device = match (origin.transport, origin.device) {
            (Transport::Bearer, _) => None,
            // A device that this account knows already stays the same one.
            (Transport::Cookie, Some(device)) if device.user_id == user => Some(device.id),
            (Transport::Cookie, _) => Some(crate::ids::DeviceId::generate(entropy)?),
        };
        let expires_at = now.plus(settings.lifetimes.absolute_ttl);
        Ok(OpenSession {
            session: Session {
                id: SessionId::generate(entropy)?,
                user_id: user,
                transport: origin.transport,
                created_at: now,
                last_seen_at: now,
                expires_at,
                idle_expires_at: now.plus(settings.lifetimes.idle_ttl).min(expires_at),
                authentication,
                user_agent: origin.client.user_agent.clone(),
                address: origin.client.address,
                device,
                refresh: RefreshState {
                    generation: Generation(0),
                    nonce: entropy.bytes()?,
                    spent_at: None,
                    repeats: 0,
                    repeated_elsewhere: false,
                    elsewhere_streak: 0,
                },
                epoch: Epoch(0),
                revoked_at: None,
            },
            limit: settings.session_limit,
            replaces: origin.replaces.clone(),
            forgives: None,
        })
    }
}
