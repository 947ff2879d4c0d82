//! Which crate may know which: store → core ← doorward, and the server knows all.
//!
//! Followed through every crate in between, because a forbidden dependency of a permitted one is just as linked. Development
//! dependencies are exempt: tests may see both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::Finding;

/// A crate of ours, and what must not be reachable from it.
const FORBIDDEN: [(&str, &[&str]); 3] = [
    // No HTTP, no SQL, no async runtime.
    (
        "doorward-core",
        &[
            "doorward-store",
            "doorward",
            "doorward-server",
            "axum",
            "hyper",
            "rusqlite",
            "tokio",
            "tokio-postgres",
        ],
    ),
    ("doorward-store", &["doorward", "doorward-server", "doorward-testkit", "axum", "hyper"]),
    ("doorward", &["doorward-store", "doorward-server", "doorward-testkit", "rusqlite", "tokio-postgres"]),
];

/// Crates that nothing of ours may link: no C beyond bundled SQLite and aws-lc.
const BANNED: [&str; 4] = ["openssl", "openssl-sys", "native-tls", "sqlx"];

/// What `cargo metadata` says about this workspace.
///
/// # Errors
/// What to tell a person when cargo cannot be asked.
pub(crate) fn metadata() -> Result<Value, String> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim_end()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

/// Names each forbidden dependency by the way it is reached.
pub(crate) fn check(metadata: &Value) -> Vec<Finding> {
    let graph = Graph::read(metadata);
    let mut findings = Vec::new();
    for (ours, forbidden) in FORBIDDEN {
        if !graph.packages.contains(ours) {
            findings.push(Finding::new(format!("{ours}: no such crate, but a rule about it")));
        }
        for way in forbidden.iter().filter_map(|other| graph.way(ours, other)) {
            findings.push(Finding::new(format!(
                "{ours} must not know what it reaches here: {}",
                way.join(" → ")
            )));
        }
    }
    for banned in BANNED.iter().filter(|banned| graph.packages.contains(**banned)) {
        findings.push(Finding::new(format!(
            "{banned} is a banned dependency: see `cargo tree --invert {banned}`"
        )));
    }
    findings
}

/// Packages by name; two versions of one package count as one.
#[derive(Default)]
struct Graph<'a> {
    packages: BTreeSet<&'a str>,
    dependencies: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Graph<'a> {
    fn read(metadata: &'a Value) -> Self {
        let list = |value: &'a Value| value.as_array().map(Vec::as_slice).unwrap_or_default();
        let names: BTreeMap<&str, &str> = list(&metadata["packages"])
            .iter()
            .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
            .collect();
        let name = |id: &'a Value| id.as_str().and_then(|id| names.get(id)).copied();
        let mut graph = Self { packages: names.values().copied().collect(), dependencies: BTreeMap::new() };
        for node in metadata.pointer("/resolve/nodes").map(list).unwrap_or_default() {
            let linked = list(&node["deps"])
                .iter()
                .filter(|dependency| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev"))
                .filter_map(|dependency| name(&dependency["pkg"]));
            if let Some(package) = name(&node["id"]) {
                graph.dependencies.entry(package).or_default().extend(linked);
            }
        }
        graph
    }

    /// A shortest way from one package to another.
    fn way(&self, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
        let mut seen = BTreeSet::from([from]);
        let mut ways = vec![vec![from]];
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                for next in way.last().and_then(|last| self.dependencies.get(last)).into_iter().flatten() {
                    if seen.insert(next) {
                        let extended: Vec<_> = way.iter().copied().chain([*next]).collect();
                        if *next == to {
                            return Some(extended);
                        }
                        longer.push(extended);
                    }
                }
            }
            ways = longer;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Finding, check};

    /// Metadata of a workspace with our crates and these dependencies: from, to, kind.
    fn metadata(dependencies: &[(&str, &str, Option<&str>)]) -> Value {
        let mut names = vec!["doorward-core", "doorward-store", "doorward"];
        names.extend(dependencies.iter().flat_map(|(from, to, _)| [*from, *to]));
        names.sort_unstable();
        names.dedup();
        let packages: Vec<_> =
            names.iter().map(|name| json!({"id": format!("id of {name}"), "name": name})).collect();
        let node = |name: &&str| {
            let deps: Vec<_> = dependencies
                .iter()
                .filter(|(from, _, _)| from == name)
                .map(|(_, to, kind)| json!({"pkg": format!("id of {to}"), "dep_kinds": [{"kind": kind}]}))
                .collect();
            json!({"id": format!("id of {name}"), "deps": deps})
        };
        json!({"packages": packages, "resolve": {"nodes": names.iter().map(node).collect::<Vec<_>>()}})
    }

    fn found(dependencies: &[(&str, &str, Option<&str>)]) -> Vec<String> {
        check(&metadata(dependencies)).into_iter().map(|Finding(text)| text).collect()
    }

    #[test]
    fn the_direction_of_the_architecture_is_fine() {
        let none: Vec<String> = vec![];
        assert_eq!(
            found(&[("doorward-store", "doorward-core", None), ("doorward", "doorward-core", None)]),
            none
        );
    }

    #[test]
    fn store_and_http_do_not_see_each_other() {
        assert_eq!(found(&[("doorward", "doorward-store", None)]).len(), 1);
        assert_eq!(found(&[("doorward-store", "doorward", None)]).len(), 1);
    }

    #[test]
    fn a_forbidden_crate_behind_a_permitted_one_is_found_and_the_way_named() {
        let findings = found(&[("doorward-core", "cache", None), ("cache", "tokio", None)]);
        assert_eq!(
            findings,
            ["doorward-core must not know what it reaches here: doorward-core → cache → tokio"]
        );
    }

    #[test]
    fn a_build_dependency_counts_and_a_development_dependency_does_not() {
        assert_eq!(found(&[("doorward-core", "rusqlite", Some("build"))]).len(), 1);
        assert_eq!(found(&[("doorward-core", "rusqlite", Some("dev"))]).len(), 0);
    }

    #[test]
    fn openssl_is_banned_wherever_it_comes_from() {
        assert_eq!(found(&[("doorward-server", "openssl-sys", Some("dev"))]).len(), 1);
    }

    #[test]
    fn a_rule_about_a_crate_that_is_gone_is_itself_a_finding() {
        assert_eq!(check(&json!({"packages": [], "resolve": {"nodes": []}})).len(), 3);
    }
}
