//! A database of a test's own.

use std::{
    net::SocketAddr,
    process::{Command, Stdio},
};

use super::{Cluster, Session, USER};

/// A database in a [`Cluster`], dropped when this is, whoever is connected.
#[derive(Debug)]
pub struct Database<'a> {
    cluster: &'a Cluster,
    name: String,
}

impl<'a> Database<'a> {
    pub(super) fn make(cluster: &'a Cluster, name: String, template: &str) -> Self {
        let made = cluster.try_sql(
            cluster.address(),
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        );
        made.expect("a database can be made");
        Self { cluster, name }
    }

    /// A new database with all that is in this one, to which nobody may be connected meanwhile.
    ///
    /// # Panics
    /// When somebody is.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::make(self.cluster, self.cluster.next_name(), &self.name)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its cluster.
    #[must_use]
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// Its address, as `store.url` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_by(self.cluster.address())
    }

    /// Its address by another way, such as a [`Link`](crate::proxy::Link).
    #[must_use]
    pub fn url_by(&self, way: SocketAddr) -> String {
        let password =
            self.cluster.password().map(|password| format!(":{}", escaped(password))).unwrap_or_default();
        format!("postgres://{USER}{password}@{way}/{}", self.name)
    }

    /// Runs statements, in one transaction, on a connection of their own; gives what they answer: a line a row, fields
    /// separated by `|`.
    ///
    /// # Panics
    /// When they fail.
    #[track_caller]
    pub fn sql(&self, statements: &str) -> String {
        self.sql_by(self.cluster.address(), statements)
    }

    /// A connection that stays: whatever it is told to begin goes on until it is told to end, or dropped.
    ///
    /// # Panics
    /// When there is none to be had.
    #[must_use]
    #[track_caller]
    pub fn session(&self) -> Session {
        self.try_session().unwrap_or_else(|error| panic!("{error}"))
    }

    /// [`Database::session`], unless the server has no connection left.
    ///
    /// # Errors
    /// What `psql` said instead of connecting.
    pub fn try_session(&self) -> Result<Session, String> {
        Session::of(self.cluster.psql(self.cluster.address(), &self.name))
    }

    /// [`Database::sql`] by another way, such as a [`Bouncer`](super::Bouncer).
    ///
    /// # Panics
    /// When the statements fail.
    #[track_caller]
    pub fn sql_by(&self, way: SocketAddr, statements: &str) -> String {
        match self.cluster.try_sql(way, &self.name, statements) {
            Ok(answer) => answer,
            Err(error) => panic!("{statements}: {error}"),
        }
    }
}

/// Escaped for any place in a URL (RFC 3986, 2.1).
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // Goes with the cluster where that does not run any more.
        let _ = self.cluster.try_sql(
            self.cluster.address(),
            "postgres",
            &format!("DROP DATABASE {} WITH (FORCE)", self.name),
        );
    }
}

impl Cluster {
    /// # Errors
    /// What `psql` said.
    pub(super) fn try_sql(
        &self,
        way: SocketAddr,
        database: &str,
        statements: &str,
    ) -> Result<String, String> {
        let mut psql = self.psql(way, database);
        let done = psql
            .args(["--command", statements])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("psql: {error}"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
    }

    fn psql(&self, way: SocketAddr, database: &str) -> Command {
        let mut psql = self.programs.command("psql");
        let (host, port) = (way.ip().to_string(), way.port().to_string());
        psql.current_dir(&self.directory).args(["--host", &host, "--port", &port]);
        psql.args(["--username", USER, "--dbname", database]);
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password"]);
        psql.args(["--set", "ON_ERROR_STOP=1"]);
        psql.envs(self.password().map(|password| ("PGPASSWORD", password)));
        psql
    }
}
