//! The one message that stops a start: which key, which value, from where, and how to mend it.

use std::fmt::{self, Write};

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
        let mut out = OneLine(out);
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

/// Shows control characters instead of sending them: a key or variable as somebody wrote it could otherwise break the
/// line in two, or repaint the terminal.
struct OneLine<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if c.is_control() { write!(self.0, "{}", c.escape_unicode())? } else { self.0.write_char(c)? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Complaint;

    #[test]
    fn a_complaint_is_one_line_whatever_the_key() {
        let complaint = Complaint::new("DOORWARD_A\r\n\u{1b}[2J", "unknown").with_value("x\ny");
        assert_eq!(complaint.to_string(), r"DOORWARD_A\u{d}\u{a}\u{1b}[2J = x\u{a}y: unknown");
    }
}
