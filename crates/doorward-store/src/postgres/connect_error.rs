//! Why there is no connection, in the words of who has to mend it.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_rustls::rustls;

use super::address::{Address, Host};
use super::tls;

/// Why there is no connection. Each says what to look at; none shows a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answers there.
    #[error("cannot reach the database at {host}: {reason}; is it running, and is the address right?")]
    Unreachable {
        /// The host and port, or the socket.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// It took too long.
    #[error(
        "the database at {host} does not answer within {} s: look at it, and at firewalls on the way (connect_timeout)",
        .after.as_secs()
    )]
    TimedOut {
        /// The host and port, or the socket.
        host: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// It does not let us in.
    #[error(
        "the database at {host} refuses the user {user:?}: {reason}; look at the password, and at its pg_hba.conf"
    )]
    Refused {
        /// The host and port, or the socket.
        host: String,
        /// As whom we came.
        user: String,
        /// What it says.
        reason: String,
    },
    /// It wants a password, and there is none.
    #[error(
        "the database at {host} wants a password for the user {user:?}: write it into the address, or a line for it into the \
         file that PGPASSFILE names"
    )]
    NoPassword {
        /// The host and port, or the socket.
        host: String,
        /// As whom we came.
        user: String,
    },
    /// There is no such database.
    #[error("there is no database {database:?} at {host}: make it (createdb), or name another")]
    NoDatabase {
        /// The host and port, or the socket.
        host: String,
        /// The database.
        database: String,
    },
    /// It has no room for another connection, or is starting or stopping.
    #[error("the database at {host} takes no connection now: {reason}")]
    Busy {
        /// The host and port, or the socket.
        host: String,
        /// What it says.
        reason: String,
    },
    /// It is a replica.
    #[error("the database at {host} takes no writes: name the primary, or all hosts, separated by commas")]
    ReadOnly {
        /// The host and port, or the socket.
        host: String,
    },
    /// There is no TLS with it, or not with this certificate.
    #[error("no connection to the database at {host}: {reason}")]
    Tls {
        /// The host and port, or the socket.
        host: String,
        /// What is wrong, and the mend.
        reason: String,
    },
    /// A file of ours cannot be used.
    #[error("{0}")]
    File(String),
    /// Whatever else it says.
    #[error("the database at {host} refuses the connection: {reason}")]
    Other {
        /// The host and port, or the socket.
        host: String,
        /// What it says.
        reason: String,
    },
}

impl ConnectError {
    /// Whether time may mend it: the database starts, stops, changes over, or is full. What else there is needs a person.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Busy { .. } | Self::ReadOnly { .. } => {
                true
            }
            Self::Refused { .. }
            | Self::NoPassword { .. }
            | Self::NoDatabase { .. }
            | Self::Tls { .. }
            | Self::File(_)
            | Self::Other { .. } => false,
        }
    }

    /// What the driver says, in the words of who has to mend it.
    pub(super) fn explain(address: &Address, host: &Host, error: &tokio_postgres::Error) -> Self {
        let name = host.to_string();
        let reason = said(error);
        if let Some(code) = error.code() {
            return match *code {
                SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                    Self::Refused { host: name, user: address.user.clone(), reason }
                }
                SqlState::INVALID_CATALOG_NAME => {
                    Self::NoDatabase { host: name, database: address.database.clone() }
                }
                SqlState::TOO_MANY_CONNECTIONS
                | SqlState::CANNOT_CONNECT_NOW
                | SqlState::ADMIN_SHUTDOWN
                | SqlState::CRASH_SHUTDOWN
                // What a pooler says of a database that it cannot reach.
                | SqlState::CONNECTION_FAILURE
                | SqlState::CONNECTION_EXCEPTION => Self::Busy { host: name, reason },
                _ => Self::Other { host: name, reason },
            };
        }
        let cause = error.source();
        if let Some(cause) = cause.and_then(|cause| cause.downcast_ref::<io::Error>()) {
            if let Some(bad) = cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return Self::Tls { host: name, reason: tls::explain(bad) };
            }
            // The driver's own word for a server that is read-only.
            if cause.kind() == io::ErrorKind::PermissionDenied && cause.raw_os_error().is_none() {
                return Self::ReadOnly { host: name };
            }
            return Self::Unreachable { host: name, reason };
        }
        match cause.map(ToString::to_string).as_deref() {
            Some("password missing") => Self::NoPassword { host: name, user: address.user.clone() },
            Some("server does not support TLS") => Self::Tls {
                host: name,
                reason: format!(
                    "it offers no TLS, and sslmode={} asks for it: turn ssl on there",
                    address.ssl_mode.word()
                ),
            },
            // The server closed the connection while it greeted us: it stops, or has crashed.
            None => Self::Unreachable { host: name, reason },
            Some(_) => Self::Other { host: name, reason },
        }
    }
}

/// What the server or the system says, without the driver's frame around it.
pub(super) fn said(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(answer), _) => answer.message().to_owned(),
        (None, Some(cause)) => cause.to_string(),
        (None, None) => error.to_string(),
    }
}
