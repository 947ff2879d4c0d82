//! Variables: `DOORWARD_HTTP__LISTEN` is `http.listen`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::load::{Given, Key};
use super::settings::Settings;
use super::specs::Spec;
use super::value::Value;
use super::{Complaint, Source};

const PREFIX: &str = "DOORWARD_";
const FILE_SUFFIX: &str = "_FILE";

/// Names the configuration file; a flag goes before it.
pub const FILE_VARIABLE: &str = "DOORWARD_CONFIG";

/// Variables of the master secret. They are no settings: they never pass through here, and nothing shows them.
pub const MASTER_KEY_VARIABLES: [&str; 4] = [
    "DOORWARD_MASTER_KEY",
    "DOORWARD_MASTER_KEY_FILE",
    "DOORWARD_MASTER_KEY_PREVIOUS",
    "DOORWARD_MASTER_KEY_PREVIOUS_FILE",
];

/// What libpq calls its password file.
const PASSFILE: &str = "PGPASSFILE";

/// Variables that name the file of a secret instead of the secret: a setting's own and `_FILE`. Their texts go into
/// [`Layers::secret_files`](super::Layers::secret_files).
pub fn secret_files(variables: &[(OsString, OsString)]) -> impl Iterator<Item = (&str, &Path)> {
    variables.iter().filter_map(|(name, path)| {
        let name = name.to_str()?;
        names_a_secret(name).then_some((name, Path::new(path)))
    })
}

fn names_a_secret(name: &str) -> bool {
    let setting = name.strip_suffix(FILE_SUFFIX).and_then(|name| name.strip_prefix(PREFIX));
    let spec = setting.and_then(|name| super::specs::setting(&key(name)));
    spec.is_some_and(|spec| spec.visibility.holds_a_secret())
}

/// The password file of PostgreSQL's clients, if the environment names one.
pub(super) fn passfile(variables: &[(OsString, OsString)]) -> Option<&Path> {
    variables
        .iter()
        .find(|(name, path)| name == PASSFILE && !path.is_empty())
        .map(|(_, path)| Path::new(path))
}

/// Every setting among the variables, and among the files of secrets that variables name.
pub(super) fn read(
    variables: &[(OsString, OsString)],
    secret_files: &[(String, String)],
) -> Result<Vec<Given>, Complaint> {
    let mut found = Vec::new();
    for (name, text) in secret_files {
        let plain = name.strip_suffix(FILE_SUFFIX).unwrap_or(name);
        if variables.iter().any(|(other, _)| other == plain) {
            return Err(Complaint::new(plain, format!("{name} is given as well: take one of them out")));
        }
        let written = key(plain.strip_prefix(PREFIX).unwrap_or_default());
        let Some(key) = Key::find(&written) else { continue };
        let source = Source::Environment(name.clone());
        // Editors end a file with a line break, which is no part of the secret.
        found.push(Given { key, written, value: Value::Text(text.trim_end().to_owned()), source });
    }
    for (name, value) in variables {
        let Some(name) = ours(name)? else { continue };
        let source = Source::Environment(name.to_owned());
        let text = value
            .to_str()
            .ok_or_else(|| Complaint::new(name, "the value is not UTF-8: write it in UTF-8"))?;
        let value = Value::Text(text.to_owned());
        let written = key(name.strip_prefix(PREFIX).unwrap_or_default());
        let Some(key) = Key::find(&written) else {
            return Err(unknown(name, &written, &value, source));
        };
        found.push(Given { key, written, value, source });
    }
    Ok(found)
}

/// The name, if it begins as ours do and stands for a setting.
fn ours(name: &OsStr) -> Result<Option<&str>, Complaint> {
    if !name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
        return Ok(None);
    }
    let name = name.to_str().ok_or_else(|| {
        Complaint::new(
            name.to_string_lossy(),
            "unknown variable, and not UTF-8: take it out of the environment",
        )
    })?;
    let other = name == FILE_VARIABLE || MASTER_KEY_VARIABLES.contains(&name) || names_a_secret(name);
    Ok((!other).then_some(name))
}

/// As for an unknown key, but in the spelling of variables, where a single underscore between levels is the likely slip.
fn unknown(name: &str, written: &str, value: &Value, source: Source) -> Complaint {
    let mut complaint = super::load::unknown(written, value, &source);
    complaint.subject = name.to_owned();
    complaint.layer = None;
    let meant = meant(written).map(|spec| variable(spec.key)).or_else(|| {
        let spec = meant(written.strip_suffix("_file")?)?;
        spec.visibility.holds_a_secret().then(|| variable(spec.key) + FILE_SUFFIX)
    });
    let candidates = MASTER_KEY_VARIABLES.into_iter().chain([FILE_VARIABLE]);
    let suggestion = meant
        .or_else(|| super::suggestion::nearest(name, candidates).map(str::to_owned))
        .or_else(|| super::load::suggestion(written).map(|key| variable(&key)));
    complaint.mend = suggestion.map_or_else(
        || "unknown variable: no setting has this name; take it out of the environment".to_owned(),
        |meant| format!("unknown variable: did you mean {meant}?"),
    );
    complaint
}

/// The setting whose name differs in nothing but its separators.
fn meant(written: &str) -> Option<&'static Spec<Settings>> {
    let flat = written.replace(['.', '_'], "");
    super::specs::settings().find(|spec| spec.key.replace(['.', '_'], "") == flat)
}

/// The key that a variable without its prefix stands for.
fn key(name: &str) -> String {
    name.to_lowercase().replace("__", ".")
}

/// The variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}
