//! The real program in an empty directory, and a browser in front of it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

/// The program, and the browser's cookies.
pub(super) struct App {
    child: Child,
    address: String,
    setup_token: String,
    pub(super) cookies: BTreeMap<String, String>,
    _directory: tempfile::TempDir,
}

pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl App {
    pub(super) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_axum-app"))
            .arg("127.0.0.1:0")
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, url) = line.trim().split_once("http://localhost:").expect("a setup URL");
        let (port, token) = url.split_once("/auth/setup?token=").expect("a setup token");
        Self {
            child,
            address: format!("127.0.0.1:{port}"),
            setup_token: token.to_owned(),
            cookies: BTreeMap::new(),
            _directory: directory,
        }
    }

    /// As a browser asks: with its cookies, from one of the app's own pages. Cookies for `/auth` stay there; scripts
    /// that call the API send the CSRF token in its header.
    pub(super) fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let below_auth = path.starts_with("/auth");
        let own = ["dw_session", "dw_csrf"];
        let sent = self.cookies.iter().filter(|(name, _)| below_auth || own.contains(&name.as_str()));
        let cookies: Vec<_> = sent.map(|(name, value)| format!("{name}={value}")).collect();
        let token = self.cookies.get("dw_csrf").filter(|_| path.starts_with("/auth/v1/"));
        let csrf = token.map(|token| format!("X-CSRF-Token: {token}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept: text/html\r\nCookie: {}\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Type: {}\r\n{csrf}Content-Length: {}\r\n\r\n{body}",
            self.address,
            cookies.join("; "),
            if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" },
            body.len()
        );
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        connection.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        for (name, value) in
            head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split_once('='))
        {
            let value = value.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    /// Makes the first administrator, who is signed in then.
    pub(super) fn set_up(&mut self) {
        let token = self.setup_token.clone();
        let form = format!("setup_token={token}&username=ada&password=correct+horse+battery");
        let answer = self.ask("POST", "/auth/setup", &form);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        let value =
            |line: &'_ str| line.split_once(": ").filter(|(n, _)| *n == name).map(|(n, _)| n.len() + 2);
        self.head.lines().find_map(|line| value(line).map(|start| &line[start..])).unwrap_or_default()
    }

    pub(super) fn csrf_token(&self) -> &str {
        let (_, after) = self.body.split_once("name=\"csrf_token\" value=\"").expect("a CSRF token");
        after.split('"').next().unwrap()
    }
}
