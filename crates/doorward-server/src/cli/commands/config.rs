//! `config check` and `config show`: the same, since nothing can be shown that was not checked.

use serde_json::{Value as Json, json};

use crate::Failure;
use crate::breached;
use crate::cli::output::{Answer, Text};
use crate::config::{EffectiveSetting, effective};
use crate::config_source::ConfigSource;
use crate::data_directory::SecretVariables;

pub(super) fn show(source: &ConfigSource) -> Result<Answer, Failure> {
    let loaded = source.load()?;
    SecretVariables::read(source.environment())?;
    breached::check_configured(&loaded.settings)?;
    let settings = effective(&loaded);
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    let json = json!({
        "valid": true,
        "settings": settings.iter().map(|setting| json!({
            "key": setting.key,
            "value": setting.value,
            "source": setting.source.to_string(),
        })).collect::<Vec<_>>(),
        "warnings": loaded.warnings,
    });
    let rows = settings.into_iter().map(row).collect();
    Ok(Answer { json, text: Text::Table { columns: &["setting", "value", "source"], rows, empty: "" } })
}

fn row(setting: EffectiveSetting) -> Vec<String> {
    let value = match setting.value {
        Json::Null => "(not set)".to_owned(),
        Json::String(text) => text,
        Json::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            if items.is_empty() { "(none)".to_owned() } else { items.join(", ") }
        }
        other @ (Json::Bool(_) | Json::Number(_) | Json::Object(_)) => other.to_string(),
    };
    vec![setting.key, value, setting.source.to_string()]
}
