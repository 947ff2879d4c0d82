//! `policies.NAME.*`: what a location behind the reverse proxy asks of its visitors.

use std::time::Duration;

use super::value::Choice;

/// A named policy of forward authentication. The default is any signed-in user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// At least one of these roles; none asks for none.
    pub roles_any: Vec<String>,
    /// The least assurance level.
    pub aal: AssuranceLevel,
    /// The longest time since the last authentication, in whole seconds.
    pub max_age: Option<Duration>,
    /// Whether a browser's navigation is led to the login page.
    pub redirect: bool,
    /// How cross-site requests are told apart.
    pub csrf: Csrf,
    /// Whose quirks the answers heed.
    pub proxy: Proxy,
}

/// `policies.NAME.aal` (NIST SP 800-63B: 1 is one factor, 2 is two).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssuranceLevel(pub u8);

impl Default for AssuranceLevel {
    fn default() -> Self {
        Self(1)
    }
}

/// `policies.NAME.csrf`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Csrf {
    /// By where an unsafe request came from.
    #[default]
    Origin,
    /// By that and the token.
    Token,
    /// Left to the app.
    Off,
}

/// `policies.NAME.proxy`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxy {
    /// One that passes our answer on.
    #[default]
    Generic,
    /// nginx, whose `auth_request` makes 500 of anything but 2xx, 401 and 403.
    Nginx,
}

impl Choice for Csrf {
    const WORDS: &'static [(&'static str, Self)] =
        &[("origin", Self::Origin), ("token", Self::Token), ("off", Self::Off)];
}

impl Choice for Proxy {
    const WORDS: &'static [(&'static str, Self)] = &[("generic", Self::Generic), ("nginx", Self::Nginx)];
}
