//! A connection pooler before the database.

use std::{
    net::{Ipv4Addr, SocketAddr},
    os::unix::process::CommandExt,
    process::{Child, Stdio},
};

use super::{Cluster, PORT_TRIES, USER, free_port};
use crate::log::Log;

/// PgBouncer in transaction pooling: whoever is connected has a connection to the server for each transaction only, and
/// not the same one. So whatever is kept in a session of the server is lost, or somebody else's. Ended when dropped.
#[derive(Debug)]
pub struct Bouncer {
    process: Child,
    log: Log,
    address: SocketAddr,
}

impl Bouncer {
    /// Starts one before a cluster without a password; it holds no more than so many connections to the server for each
    /// database.
    ///
    /// # Panics
    /// When PgBouncer is not installed or does not start.
    #[must_use]
    pub fn before(cluster: &Cluster, pool_size: u32) -> Self {
        let mut said = String::new();
        for _ in 0..PORT_TRIES {
            let port = free_port().expect("there is a free port");
            let configuration = cluster.directory.join(format!("pgbouncer-{port}.ini"));
            cluster.write(&configuration, settings(cluster, port, pool_size).as_bytes());
            // In the cluster's directory, so that the guardian finds it.
            let mut command = cluster.programs.of_path("pgbouncer");
            command.current_dir(&cluster.directory).arg(&configuration).process_group(0);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
            let mut process = command.spawn().expect("pgbouncer is installed: scripts/test-deps does that");
            let log = Log::read(process.stderr.take().expect("its standard error is a pipe"));
            let up = log.wait_for(0, |line| line.contains("process up"));
            let bouncer = Self { process, log, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) };
            if up.is_some() {
                return bouncer;
            }
            // Most likely somebody else was given the port.
            said = bouncer.log.text();
        }
        panic!("PgBouncer did not start: {said}");
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        // Gone already, or gone now.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn settings(cluster: &Cluster, port: u16, pool_size: u32) -> String {
    let server = cluster.address().port();
    format!(
        "[databases]\n* = host=127.0.0.1 port={server} user={USER}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = transaction\ndefault_pool_size = {pool_size}\nmax_client_conn = 500\n"
    )
}
