//! The release binary in a directory of its own, set up, with an administrator at hand.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::child::Child;
use crate::cores::Cores;
use crate::cpu::Watched;
use crate::data::Data;
use crate::failure::Failure;
use crate::http::{Answer, Connection, PATIENCE, Request};
use crate::load::crowd;
use crate::scenarios::Surroundings;
use crate::stopwatch;

/// Nobody else reaches the server: it listens on the loopback, for as long as the scenario takes.
const SETUP_TOKEN: &str = "a-setup-token-for-a-benchmark-that-nobody-else-reaches";

/// What nodes share: 32 bytes, base64url.
pub(crate) const MASTER_SECRET: &str = "YSBzZWNyZXQgZm9yIG5vZGVzIG9mIGEgYmVuY2htYXI";

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
    data: Data,
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
        let data = Data::none_yet(surroundings)?;
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let child = execute(surroundings, &data, unknown, settings, filter)?;
        let mut server = Self { child, address: unknown, cookies: String::new(), data };
        server.wait_until_it_listens()?;
        Ok(server)
    }

    /// Starts it on what another one kept; and the time from exec to the first 200.
    pub(crate) fn start_over(
        surroundings: &Surroundings,
        data: Data,
        settings: &[(&str, &str)],
    ) -> Result<(Self, Duration), Failure> {
        let address = free_address()?;
        let started = stopwatch::now();
        let child = execute(surroundings, &data, address, settings, "info")?;
        wait_until_ready(address, &data)?;
        let took = started.elapsed();
        Ok((Self { child, address, cookies: String::new(), data }, took))
    }

    /// Logs in the administrator.
    pub(crate) fn log_in(&mut self) -> Result<(), Failure> {
        let answer = Connection::to(self.address).send(&right_login(ADMINISTRATOR, 0))?;
        self.cookies = let_in(answer)?.cookies();
        Ok(())
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn watched(&self) -> Watched {
        Watched::process(self.child.id())
    }

    /// Its CPU time for each of these requests, in µs.
    pub(crate) fn cpu_micros(
        &self,
        connections: u64,
        numbers: Range<u64>,
        request: impl Fn(u64) -> Request + Clone + Send + 'static,
        check: fn(Answer) -> Result<Answer, Failure>,
    ) -> Result<f64, Failure> {
        let watched = self.watched();
        let (before, count) = (watched.cpu_time()?, numbers.end - numbers.start);
        crowd(self.address, connections, numbers, request, check)?;
        let used = watched.cpu_time()?.saturating_sub(before);
        Ok(used.as_secs_f64() * 1e6 / count as f64)
    }

    /// Size of everything it keeps, in MiB.
    pub(crate) fn data_mib(&self) -> f64 {
        self.data.mib()
    }

    /// Kills it and gives what it kept.
    pub(crate) fn into_data(self) -> Data {
        let Self { child, data, .. } = self;
        drop(child);
        data
    }

    /// [`verify_request`] with the administrator's session.
    pub(crate) fn verify_request(&self) -> Request {
        verify_request(&self.cookies)
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
    fn wait_until_it_listens(&mut self) -> Result<(), Failure> {
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
        let said = self.data.said()?;
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

/// Starts the program in the directory of what it keeps.
fn execute(
    surroundings: &Surroundings,
    data: &Data,
    address: SocketAddr,
    settings: &[(&str, &str)],
    filter: &str,
) -> Result<Child, Failure> {
    let log = data.log();
    let written = File::create(&log).map_err(|error| Failure::io(log.display(), error))?;
    let mut command = Command::new(&surroundings.server);
    command.args(["serve", "--listen", &address.to_string()]).current_dir(data.path());
    command.env_clear().env("DOORWARD_SETUP__TOKEN", SETUP_TOKEN).env("RUST_LOG", filter);
    // So that every request can come from an address of its own.
    command.env("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
    command.envs(settings.iter().map(|(name, value)| (format!("DOORWARD_{name}"), value)));
    // The log goes where a service's does, to somebody who always takes it.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(written);
    Child::start(&mut command, &surroundings.server)
}

/// One that nobody listened on a moment ago: the system gives out others before it gives out the same again.
fn free_address() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0");
    listener.and_then(|listener| listener.local_addr()).map_err(|error| Failure::io("a free port", error))
}

/// Asks until it says that it is ready. Between two questions it is left alone: they would take from it what it needs to
/// start.
fn wait_until_ready(address: SocketAddr, data: &Data) -> Result<(), Failure> {
    let ready = Request::new("GET", "/readyz", "", "");
    let patience = stopwatch::now() + PATIENCE;
    while stopwatch::now() < patience {
        if Connection::to(address).send(&ready).is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        stopwatch::wait(BETWEEN_QUESTIONS);
    }
    Err(Failure::new(format!("the server did not become ready:\n{}", data.said()?)))
}

/// As exact as a start is measured.
const BETWEEN_QUESTIONS: Duration = Duration::from_micros(200);

/// `GET /auth/verify/default` as a reverse proxy asks it for a browser with these cookies.
pub(crate) fn verify_request(cookies: &str) -> Request {
    let headers = format!(
        "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: localhost\r\n\
         X-Forwarded-Uri: /\r\nCookie: {cookies}\r\n"
    );
    Request::new("GET", "/auth/verify/default", &headers, "")
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
