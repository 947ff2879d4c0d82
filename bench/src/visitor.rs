//! Somebody who is signed in, as a browser is: with cookies that answers replace.

use std::net::SocketAddr;
use std::time::Duration;

use crate::failure::Failure;
use crate::http::{Answer, Connection, Request};
use crate::server::{let_in, right_login, verify_request};
use crate::stopwatch;

/// A browser with a connection of its own.
pub(crate) struct Visitor {
    connection: Connection,
    /// Name and value.
    cookies: Vec<(String, String)>,
}

impl Visitor {
    /// Logs in as `name`, with the right password.
    pub(crate) fn log_in(address: SocketAddr, name: &str) -> Result<Self, Failure> {
        let mut visitor = Self { connection: Connection::to(address), cookies: Vec::new() };
        let answer = visitor.connection.send(&right_login(name, 0))?;
        visitor.keep(&let_in(answer)?);
        Ok(visitor)
    }

    /// Exchanges the refresh token for its successor.
    pub(crate) fn refresh(&mut self) -> Result<(), Failure> {
        let csrf = self.cookie("dw_csrf").unwrap_or_default();
        let headers = format!("Cookie: {}\r\nX-CSRF-Token: {csrf}\r\n", self.cookie_header());
        let answer = self.connection.send(&Request::new("POST", "/auth/v1/refresh", &headers, ""))?;
        self.keep(&let_in(answer)?);
        Ok(())
    }

    /// As a reverse proxy asks for this browser.
    pub(crate) fn verify_request(&self) -> Request {
        verify_request(&self.cookie_header())
    }

    fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn cookie(&self, wanted: &str) -> Option<&str> {
        self.cookies.iter().find_map(|(name, value)| (name == wanted).then_some(value.as_str()))
    }

    /// Takes over the cookies that an answer sets.
    fn keep(&mut self, answer: &Answer) {
        for (name, value) in answer.cookies().split("; ").filter_map(|pair| pair.split_once('=')) {
            self.cookies.retain(|(kept, _)| kept != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// All visitors at once, each so many times: how long each action took.
pub(crate) fn at_once(
    visitors: Vec<Visitor>,
    times: usize,
    act: fn(&mut Visitor) -> Result<(), Failure>,
) -> Result<(Vec<Visitor>, Vec<Duration>), Failure> {
    let threads: Vec<_> = visitors
        .into_iter()
        .map(|mut visitor| {
            std::thread::spawn(move || {
                let mut latencies = Vec::with_capacity(times);
                for _ in 0..times {
                    let started = stopwatch::now();
                    act(&mut visitor)?;
                    latencies.push(started.elapsed());
                }
                Ok::<_, Failure>((visitor, latencies))
            })
        })
        .collect();
    let (mut visitors, mut all) = (Vec::new(), Vec::new());
    for thread in threads {
        let (visitor, mut latencies) =
            thread.join().map_err(|_| Failure::new("a visitor ended abruptly"))??;
        visitors.push(visitor);
        all.append(&mut latencies);
    }
    Ok((visitors, all))
}
