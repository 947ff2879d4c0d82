//! What stands between two schemas.

use std::collections::BTreeMap;

/// Everything a schema is made of: kind and name, and how it is made.
pub(crate) type Schema = BTreeMap<(String, String), String>;

/// What stands between the two, one sentence each.
pub(crate) fn differences(expected: &Schema, found: &Schema) -> Vec<String> {
    let mut differences = Vec::new();
    for ((kind, name), sql) in expected {
        match found.get(&(kind.clone(), name.clone())) {
            None => differences.push(format!("{kind} {name} is missing")),
            Some(other) if other != sql => {
                differences.push(format!("{kind} {name} is {other:?} instead of {sql:?}"));
            }
            Some(_) => {}
        }
    }
    for (kind, name) in found.keys().filter(|key| !expected.contains_key(key)) {
        differences.push(format!("{kind} {name} does not belong there"));
    }
    differences
}
