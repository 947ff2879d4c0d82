//! The text files of the repository.

use std::collections::BTreeMap;
use std::process::Command;

/// Tracked text files by their path from the root. Files that are not UTF-8 (pictures, corpora) are left out.
#[derive(Debug, Default)]
pub(crate) struct Tree(BTreeMap<String, String>);

impl Tree {
    /// Reads what git tracks.
    ///
    /// # Errors
    /// What to tell a person when git cannot be asked.
    pub(crate) fn of_tracked_files() -> Result<Self, String> {
        let root = git(&["rev-parse", "--show-toplevel"])?;
        let root = root.trim_end();
        let listed = git(&["-C", root, "ls-files", "-z"])?;
        let read =
            |path: &str| Some((path.to_owned(), std::fs::read_to_string(format!("{root}/{path}")).ok()?));
        Ok(Self(listed.split('\0').filter_map(read).collect()))
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// All files, ordered by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }
}

fn git(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").args(arguments).output().map_err(|error| format!("git: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "git {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim_end()
        ));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("git {}: {error}", arguments.join(" ")))
}
