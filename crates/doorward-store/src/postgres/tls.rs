//! TLS to the database: which certificates are taken, and our own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::address::{Address, Root, SslMode};
use super::passfile;

/// Why TLS cannot be set up; each names the file and the mend.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsSetupError {
    #[error("cannot read the {what} {path} ({reason})", path = .path.display())]
    File { what: &'static str, path: PathBuf, reason: String },
    #[error(
        "sslrootcert=system: this machine has no list of authorities (install ca-certificates, or write the file of the \
         authority's certificate)"
    )]
    NoSystemRoots,
    #[error("the client certificate and its key do not fit: {0}")]
    ClientCertificate(Error),
    #[error("cannot set TLS up: {0}")]
    Provider(Error),
}

/// Reads the files that the address names. Each connection reads them anew, so that a renewed certificate needs no restart.
pub(super) fn client_config(address: &Address) -> Result<Arc<ClientConfig>, TlsSetupError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier {
        roots: address.root.as_ref().map(Roots::read).transpose()?,
        check_name: address.ssl_mode == SslMode::VerifyFull,
        provider: Arc::clone(&provider),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsSetupError::Provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let config = match &address.client_certificate {
        Some((certificate, key)) => {
            let chain = certificates("client certificate", certificate)?;
            builder
                .with_client_auth_cert(chain, private_key(key)?)
                .map_err(TlsSetupError::ClientCertificate)?
        }
        None => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    let failed = |reason: String| TlsSetupError::File { what, path: path.to_owned(), reason };
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|error| failed(error.to_string()))?;
    if read.is_empty() { Err(failed("it holds no certificate in PEM".to_owned())) } else { Ok(read) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsSetupError> {
    let failed = |reason: String| TlsSetupError::File { what: "client key", path: path.to_owned(), reason };
    let pem = passfile::read_private(path).map_err(|error| failed(error.to_string()))?;
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| failed(error.to_string()))
}

/// Whose signature is good.
#[derive(Debug)]
struct Roots {
    store: RootCertStore,
    /// The certificates themselves: the server's own may be among them.
    given: Vec<CertificateDer<'static>>,
}

impl Roots {
    fn read(root: &Root) -> Result<Self, TlsSetupError> {
        let given = match root {
            Root::System => rustls_native_certs::load_native_certs().certs,
            Root::File(path) => certificates("authority's certificate", path)?,
        };
        if given.is_empty() {
            return Err(TlsSetupError::NoSystemRoots);
        }
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(given.iter().cloned());
        Ok(Self { store, given })
    }
}

/// What `sslmode` and `sslrootcert` ask of the server's certificate (PostgreSQL manual, 34.19.3).
#[derive(Debug)]
struct Verifier {
    /// None: whoever answers is taken for the database, and only listeners are kept out.
    roots: Option<Roots>,
    check_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(roots) = &self.roots else { return Ok(ServerCertVerified::assertion()) };
        let certificate = ParsedCertificate::try_from(end_entity)?;
        // A server that signed its own certificate, which the PostgreSQL manual shows how to do: that very certificate is given
        // as the root, and there is no chain to look at.
        if !roots.given.contains(end_entity) {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                &roots.store,
                intermediates,
                now,
                algorithms,
            )?;
        }
        if self.check_name {
            verify_server_name(&certificate, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What is wrong with the server's certificate, and the mend.
pub(super) fn explain(error: &Error) -> String {
    use rustls::CertificateError as Bad;
    let mend = match error {
        Error::InvalidCertificate(Bad::UnknownIssuer) => {
            "another authority signed it: write the file of the right one as sslrootcert"
        }
        Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => {
            "it names another host: write the name it was made for (a subjectAltName), or, where names say nothing, \
             sslmode=verify-ca"
        }
        Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => "it has expired: renew it",
        Error::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => {
            "it is not valid yet: set this machine's clock"
        }
        Error::InvalidCertificate(_) => "it cannot be used",
        _ => return format!("TLS fails: {error}"),
    };
    format!("the server's certificate is refused, {mend} ({error})")
}
