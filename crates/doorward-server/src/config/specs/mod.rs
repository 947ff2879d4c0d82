//! The one list of settings. Loading, suggestions, `config show`, reloading and the reference file all read it.

mod cookie;
mod guard;
mod http;
mod mfa;
mod password;
mod policy;
mod session;
mod storage;

use doorward::config::Policy;
use serde_json::Value as Json;
pub(super) use storage::database;

use super::settings::Settings;
use super::value::{Choice, Expected, Value};

/// What there is to know about one setting of a `T`.
pub(super) struct Spec<T: 'static> {
    /// Its key: sections and name, separated by dots.
    pub(super) key: &'static str,
    /// What it does, for the reference file.
    pub(super) doc: &'static str,
    /// What changing it takes.
    pub(super) change: Change,
    /// Whether its value may be shown.
    pub(super) visibility: Visibility,
    /// Reads a value into its place.
    pub(super) set: fn(&mut T, &Value) -> Result<(), Expected>,
    /// The value in force, defaults that follow from other settings worked out; null is none.
    pub(super) get: fn(&T) -> Json,
}

/// What it takes for a changed setting to come into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// SIGHUP.
    Reload,
    /// A restart.
    Restart,
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    /// To everybody who may run the binary.
    Public,
    /// Never, in no message either.
    Secret,
    /// As far as `get` gives it: it leaves out the secret in it. Messages about what was written do not show it.
    SecretWithin,
}

impl Visibility {
    /// Whether somebody may want to keep the value in a file of its own (`_FILE`).
    pub(super) fn holds_a_secret(self) -> bool {
        match self {
            Self::Public => false,
            Self::Secret | Self::SecretWithin => true,
        }
    }
}

impl<T> Spec<T> {
    const fn new(
        key: &'static str,
        change: Change,
        doc: &'static str,
        set: fn(&mut T, &Value) -> Result<(), Expected>,
        get: fn(&T) -> Json,
    ) -> Self {
        Self { key, doc, change, visibility: Visibility::Public, set, get }
    }

    const fn secret(self) -> Self {
        Self { visibility: Visibility::Secret, ..self }
    }

    const fn with_secret_within(self) -> Self {
        Self { visibility: Visibility::SecretWithin, ..self }
    }
}

/// A member of a policy; its key is the member's name.
pub(super) type MemberSpec = Spec<Policy>;

/// The members of a policy, in the order of the documentation.
pub(super) const POLICY_MEMBERS: &[MemberSpec] = policy::MEMBERS;

/// Every setting but the policies, in the order of the documentation.
pub(super) fn settings() -> impl Iterator<Item = &'static Spec<Settings>> {
    [http::SPECS, storage::SPECS, session::SPECS, password::SPECS, mfa::SPECS, guard::SPECS, cookie::SPECS]
        .into_iter()
        .flatten()
}

/// The setting of this key.
pub(super) fn setting(key: &str) -> Option<&'static Spec<Settings>> {
    settings().find(|spec| spec.key == key)
}

/// The member of this name.
pub(super) fn member(name: &str) -> Option<&'static MemberSpec> {
    POLICY_MEMBERS.iter().find(|spec| spec.key == name)
}

fn duration(value: std::time::Duration) -> Json {
    super::duration::show(value).into()
}

fn word(value: impl Choice) -> Json {
    value.word().into()
}

fn texts<T: ToString>(values: &[T]) -> Json {
    values.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_listed_twice_or_is_a_section_of_another() {
        let keys: Vec<&str> = settings().map(|spec| spec.key).collect();
        for (at, key) in keys.iter().enumerate() {
            for (other_at, other) in keys.iter().enumerate() {
                assert!(
                    at == other_at || (key != other && !other.starts_with(&format!("{key}."))),
                    "{key} {other}"
                );
            }
        }
    }

    #[test]
    fn every_default_reads_back_as_itself() {
        let defaults = Settings::default();
        for spec in settings().filter(|spec| !(spec.get)(&defaults).is_null()) {
            let mut again = Settings::default();
            let toml = toml::Value::try_from((spec.get)(&defaults)).unwrap();
            (spec.set)(&mut again, &Value::Toml(toml))
                .unwrap_or_else(|error| panic!("{}: {error}", spec.key));
            assert_eq!((spec.get)(&again), (spec.get)(&defaults), "{}", spec.key);
        }
    }
}
