//! The release binary in a directory of its own, set up, with an administrator at hand.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::child::Child;
use crate::cores::Cores;
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::http::{Answer, Connection, PATIENCE, Request};
use crate::scenarios::Surroundings;
use crate::stopwatch;

/// Nobody else reaches the server: it listens on the loopback, for as long as the scenario takes.
const SETUP_TOKEN: &str = "a-setup-token-for-a-benchmark-that-nobody-else-reaches";

/// What nodes share: 32 bytes, base64url.
const MASTER_SECRET: &str = "YSBzZWNyZXQgZm9yIG5vZGVzIG9mIGEgYmVuY2htYXI";

/// Of every account a scenario makes.
pub(crate) const PASSWORD: &str = "harbour ledger quilted 77 mango";

/// The administrator's name.
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// A running server; killed when dropped, then its directory is removed.
pub(crate) struct Server {
    /// Dropped before the directory: fields are, in this order.
    child: Child,
    address: SocketAddr,
    /// The administrator's cookies, as a Cookie header's value.
    cookies: String,
    directory: tempfile::TempDir,
}

impl Server {
    /// Starts the server with `settings` (variables without their `DOORWARD_`) and makes the administrator.
    pub(crate) fn start(surroundings: &Surroundings, settings: &[(&str, &str)]) -> Result<Self, Failure> {
        Self::start_logging(surroundings, settings, "info")
    }

    /// The same with what `filter` lets pass into the log; the line that tells the port has to be among it.
    pub(crate) fn start_logging(
        surroundings: &Surroundings,
        settings: &[(&str, &str)],
        filter: &str,
    ) -> Result<Self, Failure> {
        let mut server = Self::launch(surroundings, settings, filter)?;
        server.set_up()?;
        Ok(server)
    }

    /// Starts nodes that share the database at `url`, each on a core of its own as far as `cores` go, and waits until all
    /// of them let in the administrator, who signed in to the first.
    pub(crate) fn start_nodes(
        surroundings: &Surroundings,
        url: &str,
        count: usize,
        cores: &Cores,
    ) -> Result<Vec<Self>, Failure> {
        let settings = [("STORE__URL", url), ("MASTER_KEY", MASTER_SECRET)];
        // All of them before the first is set up: afterwards a server prints nothing once it listens.
        let launch = |number| cores.as_server(number, || Self::launch(surroundings, &settings, "info"));
        let mut nodes = (0..count).map(launch).collect::<Result<Vec<_>, _>>()?;
        let mut cookies = String::new();
        for node in &mut nodes {
            if cookies.is_empty() {
                node.set_up()?;
                cookies.clone_from(&node.cookies);
            }
            node.cookies.clone_from(&cookies);
            node.wait_until_it_lets_in()?;
        }
        Ok(nodes)
    }

    fn launch(surroundings: &Surroundings, settings: &[(&str, &str)], filter: &str) -> Result<Self, Failure> {
        let directory = surroundings.directory()?;
        let log = directory.path().join("log");
        let written = File::create(&log).map_err(|error| Failure::io(log.display(), error))?;
        let mut command = Command::new(&surroundings.server);
        command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(directory.path());
        command.env_clear().env("DOORWARD_SETUP__TOKEN", SETUP_TOKEN).env("RUST_LOG", filter);
        // So that every request can come from an address of its own.
        command.env("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
        command.envs(settings.iter().map(|(name, value)| (format!("DOORWARD_{name}"), value)));
        // The log goes where a service's does, to somebody who always takes it.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(written);
        let child = Child::start(&mut command, &surroundings.server)?;
        let mut server =
            Self { child, address: SocketAddr::from(([0, 0, 0, 0], 0)), cookies: String::new(), directory };
        server.wait_until_it_listens(&log)?;
        Ok(server)
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn watched(&self) -> Watched {
        Watched::process(self.child.id())
    }

    /// Size of everything it keeps, in MiB.
    pub(crate) fn data_mib(&self) -> f64 {
        size_mib(&self.data())
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("doorward-data")
    }

    /// Kills it and gives what it kept, which goes when that is dropped.
    pub(crate) fn into_data(self) -> Data {
        let Self { child, directory, .. } = self;
        drop(child);
        Data(directory)
    }

    /// `GET /auth/verify/default` as a reverse proxy asks it, with the administrator's session.
    pub(crate) fn verify_request(&self) -> Request {
        let headers = format!(
            "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: localhost\r\n\
             X-Forwarded-Uri: /\r\nCookie: {}\r\n",
            self.cookies
        );
        Request::new("GET", "/auth/verify/default", &headers, "")
    }

    /// Makes a user with [`PASSWORD`].
    pub(crate) fn add_user(&self, name: &str, disabled: bool) -> Result<(), Failure> {
        let mut connection = Connection::to(self.address);
        let body = json!({ "username": name, "password": PASSWORD });
        let request = self.as_administrator("POST", "/auth/v1/admin/users", &body);
        let user = connection.send(&request)?.expect(201, "")?.json();
        if disabled {
            let id = user.get("id").and_then(Json::as_str).unwrap_or_default();
            let path = format!("/auth/v1/admin/users/{id}");
            connection
                .send(&self.as_administrator("PATCH", &path, &json!({ "disabled": true })))?
                .expect(200, "")?;
        }
        Ok(())
    }

    fn as_administrator(&self, method: &str, path: &str, body: &Json) -> Request {
        let csrf = self.cookies.split("; ").find_map(|cookie| cookie.strip_prefix("dw_csrf="));
        let headers = format!("Cookie: {}\r\nX-CSRF-Token: {}\r\n", self.cookies, csrf.unwrap_or_default());
        Request::new(method, path, &headers, &body.to_string())
    }

    /// It prints the setup URL once it listens; the log names the port.
    fn wait_until_it_listens(&mut self, log: &Path) -> Result<(), Failure> {
        let mut printed = String::new();
        if let Some(output) = self.child.output() {
            let mut output = BufReader::new(output);
            while !printed.contains("/setup") {
                let read = output.by_ref().read_line(&mut printed);
                if read.map_err(|error| Failure::io("the server's output", error))? == 0 {
                    break;
                }
            }
        }
        let said = fs::read_to_string(log).map_err(|error| Failure::io(log.display(), error))?;
        let listening = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Json>(line).ok())
            .find(|line| line.get("event").is_some_and(|event| event == "server.listening"));
        let address = listening.and_then(|line| line.get("address")?.as_str()?.parse().ok());
        self.address = address.ok_or_else(|| Failure::new(format!("the server did not start:\n{said}")))?;
        Ok(())
    }

    /// Another node may have been set up a moment ago.
    fn wait_until_it_lets_in(&self) -> Result<(), Failure> {
        let (request, patience) = (self.verify_request(), stopwatch::now() + PATIENCE);
        loop {
            let answer = let_in(Connection::to(self.address).send(&request)?);
            if answer.is_ok() || stopwatch::now() > patience {
                return answer.map(|_| ());
            }
            stopwatch::wait(Duration::from_millis(10));
        }
    }

    fn set_up(&mut self) -> Result<(), Failure> {
        let body = json!({ "setup_token": SETUP_TOKEN, "username": ADMINISTRATOR, "password": PASSWORD });
        let request = Request::new("POST", "/auth/v1/setup", "", &body.to_string());
        self.cookies = Connection::to(self.address).send(&request)?.expect(201, "")?.cookies();
        Ok(())
    }
}

/// What a server kept that runs no more.
pub(crate) struct Data(tempfile::TempDir);

impl Data {
    pub(crate) fn database(&self) -> PathBuf {
        self.directory().join("doorward.db")
    }

    pub(crate) fn mib(&self) -> f64 {
        size_mib(&self.directory())
    }

    fn directory(&self) -> PathBuf {
        self.0.path().join("doorward-data")
    }
}

fn size_mib(directory: &Path) -> f64 {
    let files = fs::read_dir(directory).into_iter().flatten().flatten();
    let sizes = files.filter_map(|file| file.metadata().ok()).map(|file| file.len() as f64);
    sizes.sum::<f64>() / (1024.0 * 1024.0)
}

/// A login attempt as `name` with a wrong password, from the address of this number.
pub(crate) fn wrong_login(name: &str, address: u64) -> Request {
    login(name, "tangible meadow 19 corsair", address)
}

/// The same with the right one, [`PASSWORD`].
pub(crate) fn right_login(name: &str, address: u64) -> Request {
    login(name, PASSWORD, address)
}

fn login(name: &str, password: &str, address: u64) -> Request {
    let [.., a, b, c] = address.to_be_bytes();
    let headers = format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n");
    let body = json!({ "username": name, "password": password });
    Request::new("POST", "/auth/v1/login", &headers, &body.to_string())
}

/// The answer of a login that was hashed in vain.
pub(crate) fn hashed(answer: Answer) -> Result<Answer, Failure> {
    answer.expect(401, "invalid_credentials")
}

/// The answer to somebody who is signed in.
pub(crate) fn let_in(answer: Answer) -> Result<Answer, Failure> {
    answer.expect(200, "")
}
