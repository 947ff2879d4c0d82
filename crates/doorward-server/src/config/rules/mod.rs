//! What a value must look like by itself, and what the settings must hold together (M-A10).

mod contradictions;
mod cookies;
mod passkeys;
mod syntax;
mod warnings;

pub(super) use contradictions::check;
pub(super) use syntax::{
    base_path, cookie_domain_syntax, cookie_name, csrf_header, domain_name, policy_name,
};
pub(super) use warnings::warnings;

/// Two settings that cannot stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contradiction {
    /// The key to mend, most likely.
    pub(super) key: &'static str,
    /// What it runs into, and what to write instead.
    pub(super) mend: String,
}

impl Contradiction {
    fn new(key: &'static str, mend: impl Into<String>) -> Self {
        Self { key, mend: mend.into() }
    }
}
