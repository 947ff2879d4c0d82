//! The reference file, `docs/doorward.example.toml`: every setting with its meaning and default.

use doorward::config::Policy;
use serde_json::Value as Json;

use super::environment::variable;
use super::settings::Settings;
use super::specs::{self, Change, Spec};

const HEAD: &str = "\
# Every setting of Doorward with its default. Generated: `cargo run -p doorward-server --example reference`.
#
# None of them has to be set. The file is doorward.toml in the working directory, or what --config or
# DOORWARD_CONFIG names; a variable goes before the file, a flag before both. An unknown key stops the start.
# Durations read 500ms, 900s, 15m, 12h, 7d. SIGHUP reloads what is not marked \"restart\".
";

/// The reference file's text.
#[must_use]
pub fn reference() -> String {
    let defaults = Settings::default();
    let mut out = HEAD.to_owned();
    let mut section = None;
    // TOML wants keys without a section first.
    let (top, sectioned): (Vec<_>, Vec<_>) = specs::settings().partition(|spec| !spec.key.contains('.'));
    for spec in top.into_iter().chain(sectioned) {
        let (this, name) = spec.key.rsplit_once('.').unwrap_or(("", spec.key));
        if section != Some(this) {
            section = Some(this);
            if !this.is_empty() {
                out.push_str(&format!("\n[{this}]\n"));
            }
        }
        entry(&mut out, spec, name, &(spec.get)(&defaults), &variable(spec.key));
    }
    out.push_str(
        "\n# What a location behind the reverse proxy asks of its visitors: /verify/NAME. The name is yours, in lower \
         case;\n# \"default\" is always there and lets every signed-in user in.\n[policies.default]\n",
    );
    for spec in specs::POLICY_MEMBERS {
        let variable = variable(&format!("policies.default.{}", spec.key));
        entry(&mut out, spec, spec.key, &(spec.get)(&Policy::default()), &variable);
    }
    out
}

fn entry<T>(out: &mut String, spec: &Spec<T>, name: &str, default: &Json, variable: &str) {
    let restart = if spec.change == Change::Restart { " (restart)" } else { "" };
    out.push('\n');
    for line in wrap(&format!("{}{restart}", spec.doc)) {
        out.push_str(&format!("# {line}\n"));
    }
    out.push_str(&format!("# {variable}\n"));
    // JSON's strings, numbers, booleans and flat arrays are TOML's as well.
    let value = if default.is_null() { "\"...\"".to_owned() } else { default.to_string() };
    out.push_str(&format!("# {name} = {value}\n"));
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let full = lines.last().is_some_and(|line| line.len() + 1 + word.len() > 100);
        match lines.last_mut() {
            Some(line) if !full => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::tests::settings;

    const COMMITTED: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/doorward.example.toml"));

    #[test]
    fn the_committed_reference_is_fresh() {
        assert!(
            reference() == COMMITTED,
            "run: cargo run -p doorward-server --example reference > docs/doorward.example.toml"
        );
    }

    #[test]
    fn the_reference_with_every_line_in_force_is_the_defaults() {
        let lines = reference()
            .lines()
            .filter(|line| !line.contains("\"...\""))
            .map(|line| {
                line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line).to_owned() + "\n"
            })
            .collect::<String>();
        let given = settings(&lines);
        for spec in specs::settings() {
            assert_eq!((spec.get)(&given), (spec.get)(&Settings::default()), "{}", spec.key);
        }
        assert_eq!(given.policies, Settings::default().policies);
    }
}
