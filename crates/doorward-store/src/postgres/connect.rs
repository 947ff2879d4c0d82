//! The way to the database: host after host, until one takes writes.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::timeout;
use tokio_postgres::config::{SslMode as DriverMode, TargetSessionAttrs};
use tokio_postgres::{AsyncMessage, Client, Config, Socket};
use tokio_rustls::rustls::ClientConfig;
use zeroize::Zeroizing;

use super::address::{Address, Host, SslMode};
use super::connect_error::{self, ConnectError};
use super::passfile::{self, Asked, PrivateFileError};
use super::tls::{self, TlsSetupError};
use super::tls_stream::{MakeConnector, Stream};

/// What does a connection's work; it has to be polled (spawned) until it ends, which is when the connection does.
pub type Connection = tokio_postgres::Connection<Socket, Stream<Socket>>;

/// An open connection: what asks, and what does the work.
pub type Connected = (Client, Connection);

impl Address {
    /// Opens a connection to the first host that takes writes. Needs a Tokio runtime with time and I/O.
    ///
    /// Password file and certificates are read anew each time. Each host is given `connect_timeout`, from the first packet to the
    /// database's readiness: one that accepts and then says nothing holds nobody up for longer.
    ///
    /// # Errors
    /// [`ConnectError`] of the last host.
    pub async fn connect(&self) -> Result<Connected, ConnectError> {
        let tls = self.read_tls().await?;
        let mut failure = ConnectError::File("the address of the database names no host".to_owned());
        for host in &self.hosts {
            match self.connect_to(host, Arc::clone(&tls)).await {
                Ok(connected) => return Ok(connected),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Opens a connection that only listens to `channel`.
    ///
    /// A hint and no truth: what was notified while there was no connection is lost, and behind PgBouncer's transaction pooling
    /// nothing arrives at all.
    ///
    /// # Errors
    /// As [`Address::connect`].
    pub async fn listen(&self, channel: &str) -> Result<Notifications, ConnectError> {
        let (client, connection) = self.connect().await?;
        let mut notifications = Notifications { client, connection };
        let statement = format!("LISTEN \"{}\"", channel.replace('"', "\"\""));
        notifications.run(&statement).await.map_err(|error| ConnectError::Other {
            host: self.hosts.first().map(ToString::to_string).unwrap_or_default(),
            reason: connect_error::said(&error),
        })?;
        Ok(notifications)
    }

    async fn connect_to(&self, host: &Host, tls: Arc<ClientConfig>) -> Result<Connected, ConnectError> {
        let config = self.config_for(host)?;
        let connecting = timeout(self.connect_timeout, config.connect(MakeConnector(tls)));
        match connecting.await {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(error)) => Err(ConnectError::explain(self, host, &error)),
            Err(_elapsed) => {
                Err(ConnectError::TimedOut { host: host.to_string(), after: self.connect_timeout })
            }
        }
    }

    /// Certificates and keys. The authorities of a whole system take a while to read, so not on this thread.
    async fn read_tls(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        let address = self.clone();
        let read = tokio::task::spawn_blocking(move || tls::client_config(&address)).await;
        let failed = |error: TlsSetupError| ConnectError::File(error.to_string());
        read.map_err(|error| ConnectError::File(error.to_string()))?.map_err(failed)
    }

    fn config_for(&self, host: &Host) -> Result<Config, ConnectError> {
        let mut config = Config::new();
        config
            .host(&host.name)
            .port(host.port)
            .user(&self.user)
            .dbname(&self.database)
            .application_name(&self.application_name)
            .ssl_mode(if host.is_socket() { DriverMode::Disable } else { driver_mode(self.ssl_mode) })
            .channel_binding(self.channel_binding)
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(self.connect_timeout)
            .keepalives(self.keepalive.on)
            .keepalives_idle(self.keepalive.idle)
            .keepalives_interval(self.keepalive.interval)
            .keepalives_retries(self.keepalive.retries)
            .tcp_user_timeout(self.keepalive.user_timeout);
        if let Some(options) = &self.options {
            config.options(options);
        }
        if let Some(password) = self.password_for(host)? {
            config.password(password.as_bytes());
        }
        Ok(config)
    }

    /// The address's own password, else the password file's for this host.
    fn password_for(&self, host: &Host) -> Result<Option<Zeroizing<String>>, ConnectError> {
        let (None, Some(path)) = (&self.password, &self.passfile) else { return Ok(self.password.clone()) };
        let asked = Asked { host: &host.name, port: host.port, database: &self.database, user: &self.user };
        let failed = |error: PrivateFileError| {
            ConnectError::File(format!("cannot read the password file {}: {error}", path.display()))
        };
        let found = passfile::look_up(path, asked).map_err(failed)?;
        if found.is_some() || !host.is_socket() {
            return Ok(found);
        }
        // In these files a socket is called localhost.
        passfile::look_up(path, Asked { host: "localhost", ..asked }).map_err(failed)
    }
}

fn driver_mode(mode: SslMode) -> DriverMode {
    match mode {
        SslMode::Disable => DriverMode::Disable,
        SslMode::Prefer => DriverMode::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => DriverMode::Require,
    }
}

/// A connection that listens.
pub struct Notifications {
    client: Client,
    connection: Connection,
}

impl Notifications {
    /// Waits for the next notification; false where the connection has ended. May be dropped at any await without losing one.
    pub async fn next(&mut self) -> bool {
        loop {
            match poll_fn(|cx| self.connection.poll_message(cx)).await {
                Some(Ok(AsyncMessage::Notification(_))) => return true,
                Some(Ok(_notice)) => {}
                Some(Err(_)) | None => return false,
            }
        }
    }

    /// Runs a statement, doing the connection's work meanwhile.
    async fn run(&mut self, statement: &str) -> Result<(), tokio_postgres::Error> {
        let mut running = std::pin::pin!(self.client.batch_execute(statement));
        poll_fn(|cx| {
            // What arrives meanwhile is no notification yet that anybody waits for, and an end shows in the answer.
            while let Poll::Ready(Some(Ok(_))) = self.connection.poll_message(cx) {}
            running.as_mut().poll(cx)
        })
        .await
    }
}
