//! How a command ends when it does not succeed.

use std::fmt::Display;
use std::process::ExitCode;

use crate::config::Complaint;

/// Why a command failed, with the exit code the contract gives it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It went wrong at run time: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Arguments or configuration are unusable, and trying again will not help: exit code 2.
    #[error("{0}")]
    Unusable(String),
}

impl Failure {
    /// `what` went wrong at run time because of `why`.
    pub fn failed(what: impl Display, why: impl Display) -> Self {
        Self::Failed(format!("{what}: {why}"))
    }

    /// The exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed(_) => ExitCode::from(1),
            Self::Unusable(_) => ExitCode::from(2),
        }
    }
}

impl From<Complaint> for Failure {
    fn from(complaint: Complaint) -> Self {
        Self::Unusable(complaint.to_string())
    }
}

/// An error and what caused it, on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Some errors repeat their cause in their own words.
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
