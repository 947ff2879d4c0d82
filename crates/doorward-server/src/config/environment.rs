//! Variables: `DOORWARD_HTTP__LISTEN` is `http.listen`.

use std::ffi::{OsStr, OsString};

use super::load::{Given, Key};
use super::value::Value;
use super::{Complaint, Source};

const PREFIX: &str = "DOORWARD_";

/// Names the configuration file; a flag goes before it.
pub const FILE_VARIABLE: &str = "DOORWARD_CONFIG";

/// Variables of the master secret. They are no settings: they never pass through here, and nothing shows them.
pub const MASTER_KEY_VARIABLES: [&str; 4] = [
    "DOORWARD_MASTER_KEY",
    "DOORWARD_MASTER_KEY_FILE",
    "DOORWARD_MASTER_KEY_PREVIOUS",
    "DOORWARD_MASTER_KEY_PREVIOUS_FILE",
];

/// Every setting among the variables.
pub(super) fn read(variables: &[(OsString, OsString)]) -> Result<Vec<Given>, Complaint> {
    let mut found = Vec::new();
    for (name, value) in variables {
        let Some(name) = ours(name)? else { continue };
        let source = Source::Environment(name.to_owned());
        let text = value
            .to_str()
            .ok_or_else(|| Complaint::new(name, "the value is not UTF-8: write it in UTF-8"))?;
        let value = Value::Text(text.to_owned());
        let written = name.strip_prefix(PREFIX).unwrap_or_default().to_lowercase().replace("__", ".");
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
    let other = name == FILE_VARIABLE || MASTER_KEY_VARIABLES.contains(&name);
    Ok((!other).then_some(name))
}

/// As for an unknown key, but in the spelling of variables, where a single underscore between levels is the likely slip.
fn unknown(name: &str, written: &str, value: &Value, source: Source) -> Complaint {
    let mut complaint = super::load::unknown(written, value, &source);
    complaint.subject = name.to_owned();
    complaint.layer = None;
    let flat = written.replace(['.', '_'], "");
    let meant = super::specs::settings().find(|spec| spec.key.replace(['.', '_'], "") == flat);
    let candidates = MASTER_KEY_VARIABLES.into_iter().chain([FILE_VARIABLE]);
    let suggestion = meant
        .map(|spec| variable(spec.key))
        .or_else(|| super::suggestion::nearest(name, candidates).map(str::to_owned))
        .or_else(|| super::load::suggestion(written).map(|key| variable(&key)));
    complaint.mend = suggestion.map_or_else(
        || "unknown variable: no setting has this name; take it out of the environment".to_owned(),
        |meant| format!("unknown variable: did you mean {meant}?"),
    );
    complaint
}

/// The variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}
