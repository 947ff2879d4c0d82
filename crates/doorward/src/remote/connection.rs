//! Asking the server: one request on a connection of its own, by HTTP/1.1.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use doorward_core::{secret::PlainToken, time::Clock};
use http::{
    HeaderValue, Request, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HOST},
};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};
use url::Url;

use super::OptionsError;

/// The longest that anything may take until the server has answered.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the server's answer is not to be had, or of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no connection")]
    Connect(#[from] std::io::Error),
    #[error("the connection broke")]
    Http(#[from] hyper::Error),
    #[error("the request cannot be written")]
    Request(#[from] http::Error),
    #[error("no answer within {PATIENCE:?}")]
    Late,
    #[error("the server answered {0}")]
    Refused(StatusCode),
    #[error("the server ended the stream: {0}")]
    Ended(String),
    #[error("the server fell silent")]
    Silent,
    #[error("the number read up to is none of the server's feed")]
    BeginAgain,
    #[error("the answer cannot be read")]
    Unreadable,
    #[error("the clock cannot be read")]
    Clock,
}

/// Where the server is.
pub(super) struct Server {
    base: Url,
    /// What it is connected to by, without the brackets of IPv6.
    name: String,
    /// What it answers to.
    host: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// An answer, and when the request went out.
pub(super) struct Answer {
    /// Monotonic time: whatever the server knew then or later, it knew after this.
    pub(super) asked_at: Duration,
    pub(super) body: Incoming,
}

/// A TCP connection, or TLS over one.
trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

pub(super) fn check_credential(credential: &PlainToken) -> Result<(), OptionsError> {
    bearer(credential).map(drop).map_err(|_| OptionsError::Credential)
}

fn bearer(credential: &PlainToken) -> Result<HeaderValue, http::Error> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", credential.reveal()))?;
    value.set_sensitive(true);
    Ok(value)
}

impl Server {
    pub(super) fn new(
        base: Url,
        host: String,
        config: Option<Arc<ClientConfig>>,
    ) -> Result<Self, OptionsError> {
        let none = || OptionsError::Address(base.to_string());
        let name = base.host_str().ok_or_else(none)?.trim_matches(['[', ']']).to_owned();
        let tls = if base.scheme() == "https" {
            let config = config.map_or_else(system_config, Ok)?;
            let server_name = ServerName::try_from(name.clone()).map_err(|_| none())?;
            Some((TlsConnector::from(config), server_name))
        } else {
            None
        };
        Ok(Self { base, name, host, tls })
    }

    /// Asks for what lies at `path` below the base path; anything but a 200 is a failure.
    pub(super) async fn get(
        &self,
        path: &str,
        accept: &'static str,
        credential: Option<&PlainToken>,
        clock: &dyn Clock,
    ) -> Result<Answer, Failure> {
        let asked = self.ask(path, accept, credential, clock);
        tokio::time::timeout(PATIENCE, asked).await.map_err(|_| Failure::Late)?
    }

    async fn ask(
        &self,
        path: &str,
        accept: &'static str,
        credential: Option<&PlainToken>,
        clock: &dyn Clock,
    ) -> Result<Answer, Failure> {
        let base_path = self.base.path().trim_end_matches('/');
        let mut request =
            Request::get(format!("{base_path}{path}")).header(HOST, &self.host).header(ACCEPT, accept);
        if let Some(credential) = credential {
            request = request.header(AUTHORIZATION, bearer(credential)?);
        }
        let request = request.body(Empty::<Bytes>::new())?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(self.line().await?)).await?;
        // Ends with the last of the request and its answer.
        tokio::spawn(async move { drop(connection.await) });
        // After all that takes time by itself, so that the answer counts as no older than it has to.
        let asked_at = clock.monotonic();
        let answer = sender.send_request(request).await?;
        match answer.status() {
            StatusCode::OK => Ok(Answer { asked_at, body: answer.into_body() }),
            StatusCode::CONFLICT => Err(Failure::BeginAgain),
            other => Err(Failure::Refused(other)),
        }
    }

    async fn line(&self) -> Result<Box<dyn Line>, Failure> {
        let port = self.base.port_or_known_default().unwrap_or(443);
        let stream = TcpStream::connect((self.name.as_str(), port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            Some((connector, server_name)) => {
                Ok(Box::new(connector.connect(server_name.clone(), stream).await?))
            }
            None => Ok(Box::new(stream)),
        }
    }
}

/// Trusts what the system trusts.
fn system_config() -> Result<Arc<ClientConfig>, OptionsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(OptionsError::NoTrustedCertificates);
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
