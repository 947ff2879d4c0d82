//! Counts, and the file that they are recorded in.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// So many more, in per cent, are no accident of the compiler's or the C library's.
const TOLERANCE_PERCENT: u64 = 5;

/// Instructions by operation, and what they were counted by.
#[derive(Serialize, Deserialize)]
pub(crate) struct Figures {
    compiler: String,
    architecture: String,
    instructions: BTreeMap<String, u64>,
}

impl Figures {
    /// No figures, of this compiler and architecture.
    pub(crate) fn none_yet() -> Self {
        let version = Command::new("rustc").arg("--version").output().ok();
        let version = version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
        // "rustc 1.95.0 (59807616e 2026-04-14)"
        let compiler = version.split(' ').take(2).collect::<Vec<_>>().join(" ");
        Self { compiler, architecture: std::env::consts::ARCH.to_owned(), instructions: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, name: &str, instructions: u64) {
        self.instructions.insert(name.to_owned(), instructions);
    }

    pub(crate) fn of(&self, name: &str) -> Option<u64> {
        self.instructions.get(name).copied()
    }

    /// Whether counts differ because of the code alone.
    pub(crate) fn comparable_with(&self, other: &Self) -> bool {
        (&self.compiler, &self.architecture) == (&other.compiler, &other.architecture)
    }

    pub(crate) fn taken_by(&self) -> String {
        format!("{} on {}", self.compiler, self.architecture)
    }

    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(|error| Failure::of(path.display(), error))?;
        serde_json::from_str(&text).map_err(|error| Failure::of(path.display(), error))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        fs::write(path, self.to_json()? + "\n").map_err(|error| Failure::of(path.display(), error))
    }

    pub(crate) fn to_json(&self) -> Result<String, Failure> {
        serde_json::to_string_pretty(self).map_err(|error| Failure::of("the figures", error))
    }
}

/// A count beside the one that was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Nothing was recorded.
    New(u64),
    /// No further off than is borne.
    Same {
        counted: u64,
        recorded: u64,
    },
    More {
        counted: u64,
        recorded: u64,
    },
    Fewer {
        counted: u64,
        recorded: u64,
    },
}

impl Comparison {
    pub(crate) fn of(recorded: Option<u64>, counted: u64) -> Self {
        let Some(recorded) = recorded else { return Self::New(counted) };
        let borne = recorded * TOLERANCE_PERCENT / 100;
        if counted > recorded + borne {
            Self::More { counted, recorded }
        } else if counted + borne < recorded {
            Self::Fewer { counted, recorded }
        } else {
            Self::Same { counted, recorded }
        }
    }

    /// An operation that nobody recorded is guarded by nothing.
    pub(crate) const fn fails(self) -> bool {
        match self {
            Self::New(_) | Self::More { .. } => true,
            Self::Same { .. } | Self::Fewer { .. } => false,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New(counted) => write!(out, "{counted:7}  NOT RECORDED"),
            Self::Same { counted, recorded } => write!(out, "{counted:7}  recorded {recorded}"),
            Self::More { counted, recorded } => {
                write!(out, "{counted:7}  recorded {recorded}: MORE THAN {TOLERANCE_PERCENT} % ABOVE")
            }
            Self::Fewer { counted, recorded } => {
                write!(
                    out,
                    "{counted:7}  recorded {recorded}: fewer; record the new figure: make instructions RECORD=1"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Comparison;

    #[test]
    fn one_in_twenty_more_is_borne_and_not_one_instruction_beyond() {
        let of = |counted| Comparison::of(Some(1000), counted);
        assert!(!of(1050).fails() && of(1051).fails());
        assert_eq!(of(950), Comparison::Same { counted: 950, recorded: 1000 });
        assert_eq!(of(949), Comparison::Fewer { counted: 949, recorded: 1000 });
    }

    #[test]
    fn what_became_cheaper_asks_to_be_recorded_and_fails_nothing() {
        let fewer = Comparison::of(Some(1000), 500);
        assert!(!fewer.fails());
        assert!(fewer.to_string().contains("record the new figure"));
    }

    #[test]
    fn an_operation_that_is_not_recorded_fails() {
        assert!(Comparison::of(None, 1).fails());
    }
}
