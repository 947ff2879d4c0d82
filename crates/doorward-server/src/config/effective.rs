//! What is in force, and which layer said so: `config show`.

use serde_json::Value as Json;

use super::specs::{self, Visibility};
use super::{Loaded, Source};

/// One setting in force.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectiveSetting {
    /// Its key.
    pub key: String,
    /// Its value; a secret reads `(set)`, none is null.
    pub value: Json,
    /// The layer that gave it.
    pub source: Source,
}

/// Every setting, in the order of the documentation, without secrets.
#[must_use]
pub fn effective(loaded: &Loaded) -> Vec<EffectiveSetting> {
    let source = |key: &str| loaded.sources.get(key).cloned().unwrap_or(Source::Default);
    let settings = specs::settings().map(|spec| {
        let value = shown((spec.get)(&loaded.settings), spec.visibility);
        EffectiveSetting { key: spec.key.to_owned(), value, source: source(spec.key) }
    });
    let policies = loaded.settings.policies.iter().flat_map(|(name, policy)| {
        specs::POLICY_MEMBERS.iter().map(move |spec| {
            let key = format!("policies.{name}.{}", spec.key);
            let value = shown((spec.get)(policy), spec.visibility);
            EffectiveSetting { source: source(&key), key, value }
        })
    });
    settings.chain(policies).collect()
}

fn shown(value: Json, visibility: Visibility) -> Json {
    match visibility {
        Visibility::Secret if !value.is_null() => "(set)".into(),
        Visibility::Secret | Visibility::SecretWithin | Visibility::Public => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Layers, load};

    #[test]
    fn every_setting_is_listed_with_its_layer_and_no_secret() {
        const SECRET: &str = "0123456789abcdef0123456789abcdef";
        let environment = vec![("DOORWARD_SETUP__TOKEN".into(), SECRET.into())];
        let all = effective(&load(&Layers { environment, ..Layers::default() }).unwrap());
        assert_eq!(all.len(), specs::settings().count() + specs::POLICY_MEMBERS.len());
        let token = all.iter().find(|setting| setting.key == "setup.token").unwrap();
        assert_eq!(
            (token.value.as_str(), token.source.to_string().as_str()),
            (Some("(set)"), "environment DOORWARD_SETUP__TOKEN")
        );
        assert!(all.iter().all(|setting| !setting.value.to_string().contains(SECRET)));
    }
}
