//! Where the database is, and how it is to be reached: `postgres://…`, with the meaning libpq gives it.

mod parameters;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::config::ChannelBinding;
use zeroize::Zeroizing;

use super::connection_url::Parts;
use parameters::{Parameters, SYSTEM_ROOTS};
pub use parameters::{Root, SslMode};

/// The name the database shows for our connections, unless the address gives another.
const APPLICATION_NAME: &str = "doorward";

/// Where the database is, as an operator writes it.
///
/// `postgres://user:password@host:port/database?sslmode=…`, with libpq's meaning (PostgreSQL manual, 34.1): several hosts, tried in
/// order until one takes writes; a socket's directory as a host that begins with a slash; `sslmode`, `sslrootcert`, `sslcert`, `sslkey`,
/// `channel_binding`, `connect_timeout`, `application_name`, `options`, `passfile`, `keepalives…`, `tcp_user_timeout`. Three things
/// differ: user and host have to be said, since nothing here is read from the surroundings; `sslmode=allow` is `prefer`; and
/// `target_session_attrs` is always `read-write`, because a replica may not know of a revocation yet.
///
/// Reading it touches no file. Neither `Debug` nor [`Display`](fmt::Display) shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) user: String,
    pub(super) password: Option<Zeroizing<String>>,
    pub(super) hosts: Vec<Host>,
    pub(super) database: String,
    pub(super) ssl_mode: SslMode,
    pub(super) root: Option<Root>,
    /// Files of the certificate that the database asks for, and of its key.
    pub(super) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(super) channel_binding: ChannelBinding,
    pub(super) connect_timeout: Duration,
    pub(super) keepalive: Keepalive,
    pub(super) application_name: String,
    pub(super) options: Option<String>,
    pub(super) passfile: Option<PathBuf>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// A name, an IP address, or, beginning with a slash, the directory of a socket.
    pub(super) name: String,
    pub(super) port: u16,
}

/// How a connection finds out that the other end is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keepalive {
    pub(super) on: bool,
    pub(super) idle: Duration,
    pub(super) interval: Duration,
    pub(super) retries: u32,
    /// How long what was sent may stay unacknowledged.
    pub(super) user_timeout: Duration,
}

impl Default for Keepalive {
    /// A node that was cut off knows after some ten seconds, and opens connections anew; libpq's defaults take two hours.
    fn default() -> Self {
        Self {
            on: true,
            idle: Duration::from_secs(5),
            interval: Duration::from_secs(2),
            retries: 3,
            user_timeout: Duration::from_secs(10),
        }
    }
}

impl Host {
    pub(super) fn is_socket(&self) -> bool {
        self.name.starts_with('/')
    }

    /// Whether nobody but this machine is on the way.
    fn is_local(&self) -> bool {
        let address = self.name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        self.is_socket() || address || self.name.eq_ignore_ascii_case("localhost")
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_socket() {
            write!(out, "{}/.s.PGSQL.{}", self.name, self.port)
        } else if self.name.contains(':') {
            write!(out, "[{}]:{}", self.name, self.port)
        } else {
            write!(out, "{}:{}", self.name, self.port)
        }
    }
}

/// Why an address cannot be used; each says what to write. None shows any of it but the words of parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL of PostgreSQL's.
    #[error("write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Scheme,
    /// Nobody is named.
    #[error("it names no user: write postgres://USER@HOST/DATABASE")]
    User,
    /// No host is named.
    #[error(
        "it names no host: write postgres://USER@HOST/DATABASE, or, for a socket, ?host=DIRECTORY (for instance \
         /run/postgresql)"
    )]
    Host,
    /// A port is no port.
    #[error(
        "a port is no number from 1 to 65535, or the password holds one of : / ? # without its escape: write \
         %3A, %2F, %3F, %23"
    )]
    Port,
    /// There are neither as many ports as hosts nor one.
    #[error("write one port for all hosts, or one for each")]
    Ports,
    /// `%` begins no escape, or what it escapes is no text.
    #[error("an escape is wrong: write % and two hexadecimal digits, and %25 for the sign itself")]
    Encoding,
    /// The part after `?` is no list of parameters.
    #[error("write what follows the question mark as NAME=VALUE, separated by &")]
    Parameters,
    /// No such parameter.
    #[error("it has a parameter that is not known here: write only {known}", known = parameters::KNOWN.join(", "))]
    UnknownParameter,
    /// The value of a parameter does not fit.
    #[error("{name} does not fit: write {expected}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// A replica is asked for.
    #[error(
        "target_session_attrs is always read-write here, since a replica may not know of a revocation yet: leave it out"
    )]
    Replica,
    /// A certificate is to be verified, and nothing says by what.
    #[error(
        "sslmode={mode} needs sslrootcert: write the file of the authority's certificate, or sslrootcert=system for those \
         that this machine trusts",
        mode = .0.word()
    )]
    NoRoot(SslMode),
    /// Anybody can have a certificate that the system's authorities have signed, so its name must be looked at.
    #[error("sslrootcert=system is worth nothing with sslmode={mode}: write sslmode=verify-full", mode = .0.word())]
    WeakWithSystem(SslMode),
    /// Half of a client certificate.
    #[error("sslcert and sslkey go together: write both, or neither")]
    HalfCertificate,
}

impl Address {
    /// Reads an address.
    ///
    /// `passfile` is what the environment's `PGPASSFILE` names; the address's own `passfile` goes before it. `PGPASSWORD` and the
    /// other variables of libpq are not heeded: one address says everything.
    ///
    /// # Errors
    /// [`AddressError`]: the first thing to mend.
    pub fn parse(url: &str, passfile: Option<&Path>) -> Result<Self, AddressError> {
        let parts = Parts::of(url)?;
        let given = Parameters::read(parts.parameters)?;
        let hosts = hosts(&given, parts.hosts)?;
        let user = given.user.or(parts.user).ok_or(AddressError::User)?;
        if given.unknown {
            return Err(AddressError::UnknownParameter);
        }
        let ssl_mode = ssl_mode(given.ssl_mode, given.root.as_ref())?;
        let client_certificate = match (given.certificate, given.key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(AddressError::HalfCertificate),
        };
        Ok(Self {
            password: given.password.or(parts.password).map(Zeroizing::new),
            hosts,
            database: given.database.or(parts.database).unwrap_or_else(|| user.clone()),
            user,
            ssl_mode,
            root: given.root,
            client_certificate,
            channel_binding: given.channel_binding,
            connect_timeout: given.connect_timeout,
            keepalive: given.keepalive,
            application_name: given.application_name.unwrap_or_else(|| APPLICATION_NAME.to_owned()),
            options: given.options,
            passfile: given.passfile.or_else(|| passfile.map(Path::to_owned)),
        })
    }

    /// Names the password file to use where the address itself names none.
    pub fn default_passfile(&mut self, path: Option<&Path>) {
        if self.passfile.is_none() {
            self.passfile = path.map(Path::to_owned);
        }
    }

    /// How the connection is protected.
    #[must_use]
    pub fn ssl_mode(&self) -> SslMode {
        self.ssl_mode
    }

    /// The first host beyond this machine that could be somebody else: its certificate is not verified, so whoever is on the way can
    /// take its place and read and write everything.
    #[must_use]
    pub fn unverified_host(&self) -> Option<&str> {
        let verified = self.ssl_mode >= SslMode::Require && self.root.is_some();
        let host = self.hosts.iter().find(|host| !verified && !host.is_local());
        host.map(|host| host.name.as_str())
    }
}

/// The hosts, from the parameters `host` and `port` where they are given, else from the URL.
fn hosts(given: &Parameters, written: Vec<(String, Option<u16>)>) -> Result<Vec<Host>, AddressError> {
    let hosts = match &given.hosts {
        Some(names) => names.iter().map(|name| (name.clone(), None)).collect(),
        None => written,
    };
    let count = hosts.len();
    if hosts.iter().any(|(name, _)| name.is_empty()) {
        return Err(AddressError::Host);
    }
    if ![0, 1, count].contains(&given.ports.len()) {
        return Err(AddressError::Ports);
    }
    let port =
        |at: usize| given.ports.get(at).or_else(|| given.ports.first().filter(|_| given.ports.len() == 1));
    let host = |(at, (name, written)): (usize, (String, Option<u16>))| Host {
        name,
        port: port(at).copied().or(written).unwrap_or(5432),
    };
    Ok(hosts.into_iter().enumerate().map(host).collect())
}

/// The mode in force: libpq's default is `prefer`, and with the system's authorities `verify-full`, which is also all they are good for.
fn ssl_mode(given: Option<SslMode>, root: Option<&Root>) -> Result<SslMode, AddressError> {
    let system = root == Some(&Root::System);
    let mode = given.unwrap_or(if system { SslMode::VerifyFull } else { SslMode::Prefer });
    if system && mode != SslMode::VerifyFull {
        return Err(AddressError::WeakWithSystem(mode));
    }
    if mode >= SslMode::VerifyCa && root.is_none() {
        return Err(AddressError::NoRoot(mode));
    }
    Ok(mode)
}

impl fmt::Display for Address {
    /// As a URL, complete but for the password.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "postgres://{}", escaped(&self.user))?;
        if self.password.is_some() {
            out.write_str(":(hidden)")?;
        }
        for (at, host) in self.hosts.iter().enumerate() {
            let name = if host.name.contains(':') { format!("[{}]", host.name) } else { escaped(&host.name) };
            write!(out, "{}{name}:{}", if at == 0 { '@' } else { ',' }, host.port)?;
        }
        write!(out, "/{}?sslmode={}", escaped(&self.database), self.ssl_mode.word())?;
        match &self.root {
            Some(Root::System) => write!(out, "&sslrootcert={SYSTEM_ROOTS}")?,
            Some(Root::File(path)) => write!(out, "&sslrootcert={}", path.display())?,
            None => {}
        }
        if let Some((certificate, key)) = &self.client_certificate {
            write!(out, "&sslcert={}&sslkey={}", certificate.display(), key.display())?;
        }
        if let Some(passfile) = &self.passfile {
            write!(out, "&passfile={}", passfile.display())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Address({self})")
    }
}

/// Escaped as far as the parts of a URL could be taken for each other.
fn escaped(text: &str) -> String {
    let escape =
        |c: char| if "%:/?#[]@,& ".contains(c) || c.is_control() { escape(c) } else { c.to_string() };
    text.chars().map(escape).collect()
}

fn escape(character: char) -> String {
    character.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[cfg(test)]
mod tests;
