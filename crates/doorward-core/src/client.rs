//! Who is asking, as far as the network tells: recorded with sessions and audit events.

use std::net::IpAddr;

/// The longest user agent that is kept, in bytes; the rest is cut off.
const MAX_USER_AGENT_BYTES: usize = 512;

/// The client behind a request or a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The address, already freed of trusted proxies; none on the command line.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header, cut to a bounded length.
    pub user_agent: UserAgent,
    /// Ties audit events and log lines to one request.
    pub request_id: Option<String>,
}

/// A `User-Agent`, bounded, without control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// Takes over what a client claims to be.
    #[must_use]
    pub fn new(claimed: &str) -> Self {
        let mut text: String = claimed.chars().filter(|c| !c.is_control()).collect();
        while text.len() > MAX_USER_AGENT_BYTES {
            text.pop();
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
