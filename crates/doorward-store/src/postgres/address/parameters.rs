//! What stands after the question mark.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::ChannelBinding;

use super::super::connection_url;
use super::{AddressError, Keepalive};

/// The value of `sslrootcert` that means the authorities this machine trusts.
pub(super) const SYSTEM_ROOTS: &str = "system";

/// libpq's default is to wait for ever.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How the connection is protected (PostgreSQL manual, 34.19.3); each is stronger than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Not at all.
    Disable,
    /// By TLS where the server offers it. libpq's `allow` is taken for this one: it would try without first.
    Prefer,
    /// By TLS. Whose certificate it is, is looked at only where `sslrootcert` names an authority.
    Require,
    /// By TLS, with a certificate of the authority's.
    VerifyCa,
    /// By TLS, with a certificate of the authority's that names the host.
    VerifyFull,
}

impl SslMode {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// Whose signature a server's certificate needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// An authority's that this machine trusts.
    System,
    /// An authority's in this file, in PEM.
    File(PathBuf),
}

/// The parameters that are known.
pub(super) const KNOWN: [&str; 21] = [
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "channel_binding",
    "connect_timeout",
    "target_session_attrs",
    "application_name",
    "options",
    "client_encoding",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
];

/// The parameters, each as what it means.
pub(super) struct Parameters {
    pub(super) hosts: Option<Vec<String>>,
    pub(super) ports: Vec<u16>,
    pub(super) database: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) passfile: Option<PathBuf>,
    pub(super) ssl_mode: Option<SslMode>,
    pub(super) root: Option<Root>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) channel_binding: ChannelBinding,
    pub(super) connect_timeout: Duration,
    pub(super) application_name: Option<String>,
    pub(super) options: Option<String>,
    pub(super) keepalive: Keepalive,
    /// One is none of the known. It is not named: it may be the second half of a password with a question mark in it.
    pub(super) unknown: bool,
}

impl Parameters {
    /// Reads the parameters; of one given twice the last counts, as with libpq.
    pub(super) fn read(given: Vec<(String, String)>) -> Result<Self, AddressError> {
        let mut read = Self {
            hosts: None,
            ports: Vec::new(),
            database: None,
            user: None,
            password: None,
            passfile: None,
            ssl_mode: None,
            root: None,
            certificate: None,
            key: None,
            channel_binding: ChannelBinding::Prefer,
            connect_timeout: CONNECT_TIMEOUT,
            application_name: None,
            options: None,
            keepalive: Keepalive::default(),
            unknown: false,
        };
        for (name, value) in given {
            // An empty one is none, as with libpq.
            if !value.is_empty() {
                read.set(&name, value)?;
            }
        }
        Ok(read)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), AddressError> {
        match name {
            "host" => self.hosts = Some(value.split(',').map(str::to_owned).collect()),
            "port" => self.ports = value.split(',').map(connection_url::port).collect::<Result<_, _>>()?,
            "dbname" => self.database = Some(value),
            "user" => self.user = Some(value),
            "password" => self.password = Some(value),
            "passfile" => self.passfile = Some(value.into()),
            "sslmode" => self.ssl_mode = Some(ssl_mode(&value)?),
            "sslrootcert" if value == SYSTEM_ROOTS => self.root = Some(Root::System),
            "sslrootcert" => self.root = Some(Root::File(value.into())),
            "sslcert" => self.certificate = Some(value.into()),
            "sslkey" => self.key = Some(value.into()),
            "channel_binding" => self.channel_binding = channel_binding(&value)?,
            "connect_timeout" => {
                self.connect_timeout = Duration::from_secs(number("connect_timeout", &value)?);
            }
            "target_session_attrs" => return primary(&value),
            "application_name" => self.application_name = Some(value),
            "options" => self.options = Some(value),
            "client_encoding" => return utf8(&value),
            "keepalives" => self.keepalive.on = value != "0",
            "keepalives_idle" => {
                self.keepalive.idle = Duration::from_secs(number("keepalives_idle", &value)?);
            }
            "keepalives_interval" => {
                self.keepalive.interval = Duration::from_secs(number("keepalives_interval", &value)?);
            }
            "keepalives_count" => {
                self.keepalive.retries =
                    u32::try_from(number("keepalives_count", &value)?).unwrap_or(u32::MAX);
            }
            "tcp_user_timeout" => {
                self.keepalive.user_timeout = Duration::from_millis(number("tcp_user_timeout", &value)?);
            }
            _ => self.unknown = true,
        }
        Ok(())
    }
}

fn ssl_mode(value: &str) -> Result<SslMode, AddressError> {
    match value {
        "disable" => Ok(SslMode::Disable),
        "allow" | "prefer" => Ok(SslMode::Prefer),
        "require" => Ok(SslMode::Require),
        "verify-ca" => Ok(SslMode::VerifyCa),
        "verify-full" => Ok(SslMode::VerifyFull),
        _ => Err(AddressError::Value {
            name: "sslmode",
            expected: "disable, allow, prefer, require, verify-ca or verify-full",
        }),
    }
}

fn channel_binding(value: &str) -> Result<ChannelBinding, AddressError> {
    match value {
        "disable" => Ok(ChannelBinding::Disable),
        "prefer" => Ok(ChannelBinding::Prefer),
        "require" => Ok(ChannelBinding::Require),
        _ => Err(AddressError::Value { name: "channel_binding", expected: "disable, prefer or require" }),
    }
}

/// A time of zero would be none at all, or for ever: nobody means either here.
fn number(name: &'static str, value: &str) -> Result<u64, AddressError> {
    let number = value.parse().ok().filter(|number| (1..=86_400_000).contains(number));
    number.ok_or(AddressError::Value { name, expected: "a whole number above 0" })
}

/// `read-write` is what is done in any case; what a primary fits is no contradiction to it.
fn primary(value: &str) -> Result<(), AddressError> {
    if ["read-write", "primary", "any"].contains(&value) { Ok(()) } else { Err(AddressError::Replica) }
}

/// The driver speaks nothing else.
fn utf8(value: &str) -> Result<(), AddressError> {
    let fits = ["utf8", "utf-8", "auto"].iter().any(|word| value.eq_ignore_ascii_case(word));
    if fits {
        Ok(())
    } else {
        Err(AddressError::Value { name: "client_encoding", expected: "UTF8, or leave it out" })
    }
}
