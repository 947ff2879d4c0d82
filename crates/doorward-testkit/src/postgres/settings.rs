//! What a cluster begins with.

use std::collections::BTreeMap;

use super::Cluster;

/// What there is to say about a cluster before it is started.
///
/// Unless told otherwise it trusts everybody, listens on 127.0.0.1 and its socket, and does not wait for the disk
/// (`fsync=off`): what it answered survives `kill -9` of its processes, though not a power cut. Where what a commit costs
/// matters, say `.with("fsync", "on")`.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) password: Option<String>,
}

impl Settings {
    /// What tests want.
    #[must_use]
    pub fn new() -> Self {
        let parameters = [
            ("listen_addresses", "127.0.0.1"),
            ("fsync", "off"),
            ("full_page_writes", "off"),
            ("shared_buffers", "32MB"),
            // Nothing is written down that only a file would tell: the log is read by the test.
            ("logging_collector", "off"),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { parameters: parameters.into(), files: BTreeMap::new(), password: None }
    }

    /// With a parameter of `postgresql.conf`.
    #[must_use]
    pub fn with(mut self, parameter: &str, value: &str) -> Self {
        self.parameters.insert(parameter.to_owned(), value.to_owned());
        self
    }

    /// With a file in the data directory that only the server can read, such as a certificate's key (`ssl_key_file` names
    /// it without a directory), or a `pg_hba.conf` in place of the one that trusts everybody.
    #[must_use]
    pub fn file(mut self, name: &str, contents: &[u8]) -> Self {
        self.files.insert(name.to_owned(), contents.to_owned());
        self
    }

    /// With a password for the superuser, which everybody has to give (SCRAM-SHA-256).
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Starts the cluster.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start(self) -> Cluster {
        Cluster::with(self)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
