//! From layers to settings: default, file, environment, flag; a later one wins, every one is checked.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::rules::{self, Contradiction};
use super::settings::{Database, Settings};
use super::specs::{self, MemberSpec, Spec, Visibility};
use super::value::Value;
use super::{Complaint, Source, environment, file, suggestion};

/// The text of a configuration file.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Where it lies, for messages.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// Everything settings are made of.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// The file, if there is one.
    pub file: Option<ConfigFile>,
    /// The whole environment; what does not begin with `DOORWARD_` is passed over, `PGPASSFILE` aside.
    pub environment: Vec<(OsString, OsString)>,
    /// The texts of the files that [`secret_files`](super::secret_files) names: variable and text.
    pub secret_files: Vec<(String, String)>,
    /// Flags: their name, the key each sets, and the value.
    pub flags: Vec<(&'static str, &'static str, String)>,
}

/// Settings that passed every check.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Which layer gave each key; a key that is not in here has its default.
    pub sources: BTreeMap<String, Source>,
    /// What is allowed and weakens something: to be logged at each start.
    pub warnings: Vec<String>,
}

/// Where a value goes.
pub(super) enum Key {
    Setting(&'static Spec<Settings>),
    Policy { name: String, member: &'static MemberSpec },
}

/// A value that a layer gave for a key.
pub(super) struct Given {
    pub(super) key: Key,
    /// The key as written.
    pub(super) written: String,
    pub(super) value: Value,
    pub(super) source: Source,
}

impl Key {
    /// The key of this name, if there is one.
    pub(super) fn find(written: &str) -> Option<Self> {
        if let Some(spec) = specs::setting(written) {
            return Some(Self::Setting(spec));
        }
        let (name, member) = written.strip_prefix("policies.")?.split_once('.')?;
        Some(Self::Policy { name: name.to_owned(), member: specs::member(member)? })
    }

    fn visibility(&self) -> Visibility {
        match self {
            Self::Setting(spec) => spec.visibility,
            Self::Policy { member, .. } => member.visibility,
        }
    }
}

/// A database by its name, as `store.url` has it. The variables may name a file of passwords.
///
/// # Errors
/// What to write instead.
pub(crate) fn database(text: &str, variables: &[(OsString, OsString)]) -> Result<Database, String> {
    let mut database = specs::database(text)?;
    heed_passfile(&mut database, variables);
    Ok(database)
}

fn heed_passfile(database: &mut Database, variables: &[(OsString, OsString)]) {
    if let Database::Postgres(address) = database {
        address.default_passfile(environment::passfile(variables));
    }
}

/// Reads the layers over each other and checks the whole.
///
/// # Errors
/// The first [`Complaint`]: an unknown key, a value that does not fit, or a contradiction.
pub fn load(layers: &Layers) -> Result<Loaded, Complaint> {
    let mut all = layers.file.as_ref().map_or_else(|| Ok(Vec::new()), file::read)?;
    all.extend(environment::read(&layers.environment, &layers.secret_files)?);
    for (flag, key, value) in &layers.flags {
        let source = Source::Flag(flag);
        let value = Value::Text(value.clone());
        let Some(found) = Key::find(key) else { return Err(unknown(key, &value, &source)) };
        all.push(Given { key: found, written: (*key).to_owned(), value, source });
    }

    let mut settings = Settings::default();
    let mut sources = BTreeMap::new();
    for given in all {
        apply(&mut settings, &given)?;
        sources.insert(given.written, given.source);
    }
    heed_passfile(&mut settings.database, &layers.environment);
    // A short absolute life given alone shortens the default idle one; only one that was given contradicts it.
    if !sources.contains_key("session.idle_ttl") {
        let lifetimes = &mut settings.lifetimes;
        lifetimes.idle_ttl = lifetimes.idle_ttl.min(lifetimes.absolute_ttl);
    }
    rules::check(&settings).map_err(|contradiction| explain(contradiction, &settings, &sources))?;
    let warnings = rules::warnings(&settings);
    Ok(Loaded { settings, sources, warnings })
}

fn apply(settings: &mut Settings, given: &Given) -> Result<(), Complaint> {
    let outcome = match &given.key {
        Key::Setting(spec) => (spec.set)(settings, &given.value),
        Key::Policy { name, member } => rules::policy_name(name).and_then(|()| {
            let policy = settings.policies.entry(name.clone()).or_default();
            (member.set)(policy, &given.value)
        }),
    };
    outcome.map_err(|mend| {
        let shown = match given.key.visibility() {
            Visibility::Public => given.value.shown(),
            Visibility::Secret | Visibility::SecretWithin => "(hidden)".to_owned(),
        };
        Complaint::new(&given.written, mend).with_value(shown).from_source(given.source.clone())
    })
}

/// A contradiction as a complaint: with the value in force and the layer it came from.
fn explain(found: Contradiction, settings: &Settings, sources: &BTreeMap<String, Source>) -> Complaint {
    let mut complaint = Complaint::new(found.key, found.mend);
    if let Some(spec) = specs::setting(found.key) {
        let shown = match spec.visibility {
            Visibility::Public | Visibility::SecretWithin => (spec.get)(settings).to_string(),
            Visibility::Secret => "(hidden)".to_owned(),
        };
        let source = sources.get(found.key).cloned().unwrap_or(Source::Default);
        complaint = complaint.with_value(shown).from_source(source);
    }
    complaint
}

/// The complaint about a key that does not exist.
pub(super) fn unknown(written: &str, value: &Value, source: &Source) -> Complaint {
    let mend = suggestion(written).map_or_else(
        || "unknown key: no setting has this name; take it out".to_owned(),
        |key| format!("unknown key: did you mean {key}?"),
    );
    Complaint::new(written, mend).with_value(shown_if_unknown(written, value)).from_source(source.clone())
}

/// An unknown key may be a secret one misspelt, so what looks like one is not shown.
pub(super) fn shown_if_unknown(written: &str, value: &Value) -> String {
    let shown = value.shown();
    let lower = written.to_lowercase();
    let suspicious =
        ["key", "token", "tokn", "secret", "pass", "master", "setup"].iter().any(|word| lower.contains(word));
    let address = shown.contains("://") && shown.contains('@');
    // Words such as `true` or `15m` are no secrets; a secret is longer.
    if address || (suspicious && shown.len() > 12) { "(hidden)".to_owned() } else { shown }
}

/// The key that was most likely meant.
pub(super) fn suggestion(written: &str) -> Option<String> {
    if let Some((name, member)) = written.strip_prefix("policies.").and_then(|rest| rest.split_once('.')) {
        let members = specs::POLICY_MEMBERS.iter().map(|spec| spec.key);
        return suggestion::nearest(member, members).map(|member| format!("policies.{name}.{member}"));
    }
    suggestion::nearest(written, specs::settings().map(|spec| spec.key)).map(str::to_owned)
}

#[cfg(test)]
pub(super) mod tests;
