//! The one message that stops a start: which key, which value, from where, and how to mend it.

use std::fmt;

use super::Source;

/// Why a configuration is refused.
///
/// Its [`Display`](fmt::Display) form is one line for a person: the key, the value (never a secret's), where the
/// value came from, and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Complaint {
    /// The key as the contract spells it (`http.listen`), the environment variable, or the file that is at fault.
    pub subject: String,
    /// The value as given; `(hidden)` in place of a secret; absent where there is none to show.
    pub value: Option<String>,
    /// Which layer gave the value.
    pub layer: Option<Source>,
    /// What to write instead.
    pub mend: String,
}

impl Complaint {
    /// A complaint about `subject` that shows no value.
    pub fn new(subject: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { subject: subject.into(), value: None, layer: None, mend: mend.into() }
    }

    /// Adds the value to show.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Adds the layer that gave the value.
    #[must_use]
    pub fn from_source(mut self, source: Source) -> Self {
        self.layer = Some(source);
        self
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.subject)?;
        if let Some(value) = &self.value {
            write!(out, " = {value}")?;
        }
        if let Some(source) = &self.layer {
            write!(out, " ({source})")?;
        }
        write!(out, ": {}", self.mend)
    }
}
