//! Source files hold one concept: one that has grown long has usually taken in a second.

use super::Finding;
use super::tree::Tree;

const MAX_LINES: usize = 600;

/// Names each Rust file that is too long.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files()
        .filter(|(path, _)| path.ends_with(".rs"))
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            (lines > MAX_LINES).then(|| {
                Finding::new(format!(
                    "{path}: {lines} lines, more than {MAX_LINES}: which second concept is in it?"
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, Tree, check};

    #[test]
    fn a_rust_file_may_have_600_lines_and_not_601() {
        let (fits, too_long) = ("\n".repeat(MAX_LINES), "\n".repeat(MAX_LINES + 1));
        assert!(check(&Tree::from([("src/a.rs", fits.as_str())])).is_empty());
        assert_eq!(check(&Tree::from([("src/a.rs", too_long.as_str())])).len(), 1);
    }

    #[test]
    fn lock_files_may_be_long() {
        assert!(check(&Tree::from([("Cargo.lock", "\n".repeat(5000).as_str())])).is_empty());
    }
}
