//! As much of an HTTP/1.1 client as a benchmark needs: one connection kept alive, answers of known length.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value as Json;

use crate::failure::Failure;

/// Longer than the server takes for anything; a request that gets no answer at all ends the bench instead of holding it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A request, ready to be sent any number of times.
#[derive(Clone)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// `headers` end with a line end each.
    pub(crate) fn new(method: &str, path: &str, headers: &str, body: &str) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}");
        if !body.is_empty() {
            text += "Content-Type: application/json\r\n";
        }
        if method != "GET" {
            // Writing to a string does not fail.
            let _ = write!(text, "Content-Length: {}\r\n", body.len());
        }
        text += "\r\n";
        text += body;
        Self(text.into_bytes())
    }

    /// As it goes over the wire.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// Status line and headers, with the empty line that ends them.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The stable code of its problem document; empty where it is none.
    pub(crate) fn code(&self) -> String {
        self.json().get("code").and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    /// What the answer sets, as a Cookie header's value.
    pub(crate) fn cookies(&self) -> String {
        let pairs = self.values("set-cookie").filter_map(|cookie| cookie.split(';').next());
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// The value of a header that occurs once.
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.values(name).next()
    }

    /// The names of its headers, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let lines = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        let mut names: Vec<_> = lines.map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let lines = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        lines.filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Insists on a status and, for a problem document, on its code: else something else was measured.
    pub(crate) fn expect(self, status: u16, code: &str) -> Result<Self, Failure> {
        if self.status == status && (code.is_empty() || self.code() == code) {
            return Ok(self);
        }
        let said = String::from_utf8_lossy(&self.body);
        Err(Failure::new(format!("expected {status} {code}, the server answered {}: {said}", self.status)))
    }
}

/// A connection to the server, opened when it is needed.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self { address, stream: None, received: Vec::new() }
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) fn send(&mut self, request: &Request) -> Result<Answer, Failure> {
        let exchanged = self.exchange(request);
        if exchanged.is_err() {
            self.stream = None;
            self.received.clear();
        }
        exchanged
    }

    fn exchange(&mut self, request: &Request) -> Result<Answer, Failure> {
        let failed = |error| Failure::io("the connection to the server", error);
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address).map_err(failed)?,
        };
        stream.write_all(&request.0).map_err(failed)?;
        let mut answer = loop {
            if let Some(answer) = self.take_head()? {
                break answer;
            }
            self.receive(&mut stream)?;
        };
        let length = answer.values("content-length").next().map_or(Ok(0), str::parse);
        let length: usize = length.map_err(|error| Failure::io("the answer's length", error))?;
        while self.received.len() < length {
            self.receive(&mut stream)?;
        }
        answer.body = self.received.drain(..length).collect();
        if !answer.values("connection").any(|value| value.eq_ignore_ascii_case("close")) {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    fn take_head(&mut self) -> Result<Option<Answer>, Failure> {
        let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head: Vec<u8> = self.received.drain(..end + 4).collect();
        let head = String::from_utf8(head).map_err(|error| Failure::io("the answer's head", error))?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| Failure::new("an answer without a status"))?;
        Ok(Some(Answer { status, head, body: Vec::new() }))
    }

    fn receive(&mut self, stream: &mut TcpStream) -> Result<(), Failure> {
        let mut chunk = [0; 8 * 1024];
        let count = stream.read(&mut chunk).map_err(|error| Failure::io("the server's answer", error))?;
        if count == 0 {
            return Err(Failure::new("the server closed the connection before it had answered"));
        }
        self.received.extend(chunk.iter().take(count));
        Ok(())
    }
}

/// A connection that sends at once what it is given.
pub(crate) fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::{Connection, Request};

    #[test]
    fn answers_come_one_after_the_other_on_one_connection_however_they_are_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for pieces in [
                &[
                    "HTTP/1.1 401 Unauthorized\r\nContent-Le",
                    "ngth: 16\r\nSet-Cookie: a=1; Path=/\r\n\r\n{\"co",
                    "de\":\"wrong\"}",
                ][..],
                &["HTTP/1.1 204 No Content\r\n\r\n"],
            ] {
                let mut request = [0; 1024];
                assert_ne!(stream.read(&mut request).unwrap(), 0);
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).unwrap();
                    stream.flush().unwrap();
                }
            }
        });
        let mut connection = Connection::to(address);
        let refused = connection.send(&Request::new("POST", "/", "", "{}")).unwrap();
        assert_eq!(
            (refused.status, refused.code().as_str(), refused.cookies().as_str()),
            (401, "wrong", "a=1")
        );
        assert_eq!(refused.names(), ["content-length", "set-cookie"]);
        assert!(refused.expect(401, "right").is_err());
        assert_eq!(connection.send(&Request::new("GET", "/", "", "")).unwrap().status, 204);
        server.join().unwrap();
    }
}
