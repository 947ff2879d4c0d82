//! A browser, as far as a server that may die at any instant needs one: cookies, and answers that may not come.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value as Json;

/// How long an answer may take, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// An answer that came whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its JSON; null where it is none.
    pub body: Json,
    cookies: Vec<(String, String)>,
}

impl Answer {
    /// Whether it gives a cookie of this name.
    #[must_use]
    pub fn sets(&self, cookie: &str) -> bool {
        self.cookies.iter().any(|(name, value)| name == cookie && !value.is_empty())
    }

    /// The code of its problem document; empty where it is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body.get("code").and_then(Json::as_str).unwrap_or_default()
    }
}

/// A cookie jar for one server.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A cookie's value; empty where there is none.
    #[must_use]
    pub fn cookie(&self, name: &str) -> &str {
        self.cookies.get(name).map_or("", String::as_str)
    }

    /// Sends a request with its cookies, and keeps what the answer sets. `None` when no whole answer came back: the
    /// server died before, during or after doing what was asked.
    pub fn send(&mut self, address: &str, method: &str, path: &str, body: &str) -> Option<Answer> {
        let answer = self.exchange(address, method, path, body).ok().flatten()?;
        for (name, value) in &answer.cookies {
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.clone(), value.clone());
            }
        }
        Some(answer)
    }

    fn exchange(
        &self,
        address: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> std::io::Result<Option<Answer>> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            format!("{method} /auth{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        request += "Sec-Fetch-Site: same-origin\r\nUser-Agent: Mozilla/5.0\r\n";
        if !cookies.is_empty() {
            request += &format!("Cookie: {}\r\n", cookies.join("; "));
        }
        if let Some(token) = self.cookies.get("dw_csrf") {
            request += &format!("X-CSRF-Token: {token}\r\n");
        }
        if !body.is_empty() {
            request += "Content-Type: application/json\r\n";
        }
        if path.starts_with("/verify/") {
            // By way of the proxy before an app, which asks on the browser's behalf.
            request += "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: http\r\n";
            request += "X-Forwarded-Host: localhost\r\nX-Forwarded-Uri: /\r\n";
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(read(&answer))
    }
}

/// Nothing that was cut off counts.
fn read(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let values = |wanted: &'static str| {
        headers.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| *value)
    };
    let length = values("content-length").next().map_or(Some(0), |length| length.parse().ok())?;
    let cookies = values("set-cookie")
        .filter_map(|cookie| cookie.split(';').next()?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = (body.len() == length).then_some(body)?;
    Some(Answer { status, body: serde_json::from_str(body).unwrap_or_default(), cookies })
}
