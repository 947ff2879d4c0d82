//! The configuration file: TOML, flattened to keys.

use super::load::{ConfigFile, Given, Key};
use super::specs;
use super::value::Value;
use super::{Complaint, Source};

/// Every value of the file with its key, in the file's order of tables.
pub(super) fn read(file: &ConfigFile) -> Result<Vec<Given>, Complaint> {
    let table: toml::Table = file.text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(0, |span| {
            let before = file.text.as_bytes().iter().take(span.start);
            before.filter(|byte| **byte == b'\n').count()
        });
        // Not the error's own rendering: it quotes the line, and that may hold a secret.
        let message = error.message().replace('\n', ", ");
        Complaint::new(file.path.display().to_string(), format!("line {}: not TOML: {message}", line + 1))
    })?;
    let mut found = Vec::new();
    let source = Source::File(file.path.clone());
    for (name, value) in table {
        walk(&[name], value, &source, &mut found)?;
    }
    Ok(found)
}

fn walk(
    path: &[String],
    value: toml::Value,
    source: &Source,
    found: &mut Vec<Given>,
) -> Result<(), Complaint> {
    // A quoted key may hold dots, which would make it look like a path it is not.
    if let Some(segment) = path.iter().find(|segment| segment.contains('.')) {
        let mend = format!("no key has a dot inside quotes: write {segment} without them");
        return Err(Complaint::new(format!("{segment:?}"), mend).from_source(source.clone()));
    }
    let written = path.join(".");
    match (Key::find(&written), value) {
        (Some(key), value) => {
            found.push(Given { key, written, value: Value::Toml(value), source: source.clone() });
            Ok(())
        }
        (None, toml::Value::Table(table)) if is_section(path) => {
            for (name, value) in table {
                let mut path = path.to_vec();
                path.push(name);
                walk(&path, value, source, found)?;
            }
            Ok(())
        }
        (None, value) if is_section(path) => {
            let value = Value::Toml(value);
            Err(Complaint::new(&written, format!("this is a section: write its settings under [{written}]"))
                .with_value(super::load::shown_if_unknown(&written, &value))
                .from_source(source.clone()))
        }
        (None, value) => Err(super::load::unknown(&written, &Value::Toml(value), source)),
    }
}

/// Whether keys lie below this path.
fn is_section(path: &[String]) -> bool {
    match path {
        [first] if first == "policies" => true,
        [first, _] if first == "policies" => true,
        _ => {
            let prefix = format!("{}.", path.join("."));
            specs::settings().any(|spec| spec.key.starts_with(&prefix))
        }
    }
}
