//! Verifying access tokens in another process than Doorward's, with the same certainty: by the same
//! [verifier](doorward_core::verifier), fed by the server's public keys and its stream of revocations.
//!
//! No request asks the server. A token of a session that was ended is refused within the bound on revocation, and whoever
//! cannot confirm that nothing was revoked for so long lets nobody in: the server is down, the network is cut, the process
//! was stopped and goes on. How long the server's own confirmation was on its way counts.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use doorward::{core::session::Transport, remote::{Options, Verifier}};
//!
//! let options = Options::new("https://auth.example.com/auth", "https://auth.example.com", "the token of an administrator")?;
//! let verifier = Verifier::follow(options)?;
//! match verifier.verify("eyJ…", Transport::Bearer).await {
//!     Ok(principal) => println!("{} may {:?}", principal.username, principal.roles),
//!     Err(refusal) => println!("refused: {}", refusal.code()),
//! }
//! # Ok(())
//! # }
//! ```

mod connection;
mod events;
mod follower;
mod keys;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use doorward_core::{
    access_token::Principal,
    refusal::Refusal,
    secret::PlainToken,
    session::Transport,
    settings::MAX_STALENESS,
    time::{Clock, Timekeeper, Timestamp},
    verifier::Verifier as CoreVerifier,
};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_rustls::rustls::ClientConfig;
use url::{Host, Position, Url};

use crate::platform::SystemClock;
use connection::Server;
use keys::Keys;

/// What is to be verified, and by whom.
pub struct Options {
    issuer: String,
    audience: String,
    server: Url,
    host: String,
    credential: PlainToken,
    max_staleness: Duration,
    tls: Option<Arc<ClientConfig>>,
}

/// Why following cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The address is none of a server.
    #[error("{0:?} is not an http or https address with a host")]
    Address(String),
    /// Anybody on the way could have it believe what they like, and read the credential.
    #[error("{0:?} is http to another machine: only https can be believed")]
    InTheClear(String),
    /// No certificate is trusted by the system, so that no https server can be.
    #[error("the system has no trusted certificates to verify the server's with")]
    NoTrustedCertificates,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// The credential cannot stand in a header.
    #[error("the credential has characters that no token has")]
    Credential,
}

impl Options {
    /// Tokens of `issuer` (the public URL and the base path, as `iss` has it) for `audience` (`token.audience`, by default the
    /// public URL), with the access token of an administrator. The server is asked at the issuer's address.
    ///
    /// # Errors
    /// [`OptionsError`]
    pub fn new(issuer: &str, audience: &str, credential: &str) -> Result<Self, OptionsError> {
        let server = server(issuer)?;
        Ok(Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            host: server[Position::BeforeHost..Position::AfterPort].to_owned(),
            server,
            credential: PlainToken::new(credential.to_owned()),
            max_staleness: MAX_STALENESS,
            tls: None,
        })
    }

    /// Asks at this address, the base path included, instead of the issuer's: past a reverse proxy. The server is told the
    /// issuer's host all the same, or it would not answer.
    ///
    /// # Errors
    /// [`OptionsError::Address`]
    pub fn at(mut self, address: &str) -> Result<Self, OptionsError> {
        self.server = server(address)?;
        Ok(self)
    }

    /// With another bound on revocation than a second. It is that of this process, whatever the server's is: how long after
    /// it was ended a session may be let in here. Below some 300 ms there is little left for the way from the server.
    #[must_use]
    pub const fn max_staleness(mut self, bound: Duration) -> Self {
        self.max_staleness = bound;
        self
    }

    /// With another idea of which certificates are good than the system's.
    #[must_use]
    pub fn tls(mut self, config: Arc<ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }
}

fn server(address: &str) -> Result<Url, OptionsError> {
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| OptionsError::Address(address.to_owned()))?;
    // What is believed comes over this line, and a credential goes over it.
    let stays_here = match url.host() {
        None => return Err(OptionsError::Address(address.to_owned())),
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
    };
    if url.scheme() == "https" || stays_here {
        Ok(url)
    } else {
        Err(OptionsError::InTheClear(address.to_owned()))
    }
}

/// See the [module](self). Follows the server in a task of its own until it is dropped.
pub struct Verifier {
    shared: Arc<Shared>,
    follower: JoinHandle<()>,
}

/// What the follower and those who verify share.
struct Shared {
    server: Server,
    issuer: String,
    audience: String,
    max_staleness: Duration,
    clock: SystemClock,
    credential: ArcSwap<PlainToken>,
    /// Another credential was given: no need to wait any longer.
    credential_replaced: Notify,
    keys: Keys,
    /// Once keys and revocations were first known. None before: nobody is let in.
    verifier: OnceLock<CoreVerifier>,
}

impl Verifier {
    /// Begins to follow. Until the server has answered, everybody is refused: `revocation_state_stale`.
    ///
    /// Has to be called within a tokio runtime, which the follower then runs on.
    ///
    /// # Errors
    /// [`OptionsError`]
    pub fn follow(options: Options) -> Result<Self, OptionsError> {
        let Options { issuer, audience, server, host, credential, max_staleness, tls } = options;
        connection::check_credential(&credential)?;
        let shared = Arc::new(Shared {
            server: Server::new(server, host, tls)?,
            issuer,
            audience,
            max_staleness,
            clock: SystemClock::new(),
            credential: ArcSwap::from_pointee(credential),
            credential_replaced: Notify::new(),
            keys: Keys::default(),
            verifier: OnceLock::new(),
        });
        let follower = tokio::spawn(follower::run(Arc::clone(&shared)));
        Ok(Self { shared, follower })
    }

    /// Who `unverified` speaks for on this transport, right now. Waits for the server only where the token names a key that
    /// is not known yet, and then for seconds at most, and not again for every such token.
    ///
    /// # Errors
    /// As [`doorward_core::verifier::Verifier::verify`]; [`Refusal::RevocationStateStale`] also while the server has not
    /// answered yet.
    pub async fn verify(&self, unverified: &str, transport: Transport) -> Result<Arc<Principal>, Refusal> {
        let verifier = self.shared.verifier.get().ok_or(Refusal::RevocationStateStale)?;
        let verdict = verifier.verify(unverified, transport);
        if verdict == Err(Refusal::TokenInvalid) && !verifier.knows_key_of(unverified) {
            self.shared.refresh_keys_for_unknown().await;
            return verifier.verify(unverified, transport);
        }
        verdict
    }

    /// Whether it can answer at all; for readiness.
    ///
    /// # Errors
    /// [`Refusal::RevocationStateStale`]
    pub fn check_fresh(&self) -> Result<(), Refusal> {
        self.shared.verifier.get().ok_or(Refusal::RevocationStateStale)?.check_fresh()
    }

    /// Follows with another credential from the next time the server is asked: an access token ends, and its streams
    /// with it. To be called before it does.
    ///
    /// # Errors
    /// [`OptionsError::Credential`]
    pub fn use_credential(&self, credential: &str) -> Result<(), OptionsError> {
        let credential = PlainToken::new(credential.to_owned());
        connection::check_credential(&credential)?;
        self.shared.credential.store(Arc::new(credential));
        self.shared.credential_replaced.notify_one();
        Ok(())
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl Shared {
    fn now(&self) -> Result<Timestamp, connection::Failure> {
        self.clock.wall().map_err(|_| connection::Failure::Clock)
    }

    fn timekeeper(&self) -> Arc<Timekeeper> {
        Arc::new(Timekeeper::new(Arc::new(self.clock), Timestamp::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::{OptionsError, server};

    #[test]
    fn only_https_and_this_machine_are_believed() {
        for good in
            ["https://auth.example.com", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1"]
        {
            assert!(server(good).is_ok(), "{good}");
        }
        for clear in ["http://auth.example.com", "http://192.0.2.1", "http://localhost.example.com"] {
            assert!(matches!(server(clear), Err(OptionsError::InTheClear(_))), "{clear}");
        }
        assert!(matches!(server("ftp://localhost"), Err(OptionsError::Address(_))));
    }
}
