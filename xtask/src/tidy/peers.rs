//! What Doorward is compared with stands on the same versions of the same crates: else the bench compares those.

use super::Finding;
use super::tree::Tree;

const OURS: &str = "Cargo.lock";
const THEIRS: &str = "bench/peers/Cargo.lock";

/// Crates that serve a request, whoever answers it.
const SHARED: [&str; 7] = ["axum", "axum-core", "http", "hyper", "hyper-util", "mio", "tokio"];

/// Names each crate that the two lock files do not agree on.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let disagreement = |name| {
        let (ours, theirs) = (versions(tree, OURS, name), versions(tree, THEIRS, name));
        (ours != theirs).then(|| {
            Finding::new(format!(
                "{THEIRS}: {name} {theirs:?}, where {OURS} has {ours:?}: `cargo update --manifest-path \
                 bench/peers/Cargo.toml --package {name} --precise VERSION`"
            ))
        })
    };
    SHARED.into_iter().filter_map(disagreement).collect()
}

/// Those that a lock file has of a crate: usually one.
fn versions<'t>(tree: &'t Tree, lock: &str, name: &str) -> Vec<&'t str> {
    let named = format!("[[package]]\nname = \"{name}\"\nversion = \"");
    let packages = tree.text(lock).unwrap_or_default().split(&named).skip(1);
    packages.filter_map(|rest| rest.split('"').next()).collect()
}

#[cfg(test)]
mod tests {
    use super::{OURS, SHARED, THEIRS, Tree, check};

    fn lock(axum: &str) -> String {
        let version = |name: &str| if name == "axum" { axum } else { "1.0.0" }.to_owned();
        let package =
            |name: &&str| format!("[[package]]\nname = \"{name}\"\nversion = \"{}\"\n", version(name));
        SHARED.iter().map(package).collect()
    }

    #[test]
    fn peers_are_built_with_the_versions_that_we_are_built_with() {
        let tree = |theirs: &str| Tree::from([(OURS, lock("0.8.9").as_str()), (THEIRS, theirs)]);
        assert_eq!(check(&tree(&lock("0.8.9"))), []);
        assert_eq!(check(&tree(&lock("0.8.8"))).len(), 1);
        assert_eq!(check(&tree("")).len(), SHARED.len());
    }
}
