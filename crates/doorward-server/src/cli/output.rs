//! What commands print: tables for people, JSON for programs.

use std::io::{self, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value as Json;

use crate::Failure;

/// Standard output in the form that was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// Whether programs read it.
    pub(super) json: bool,
}

/// What a command has to say.
#[derive(Debug)]
pub(super) struct Answer {
    /// For programs.
    pub(super) json: Json,
    /// For people.
    pub(super) text: Text,
}

/// What a command has to say to people.
#[derive(Debug)]
pub(super) enum Text {
    /// One sentence or value.
    Line(String),
    /// Several.
    Lines(Vec<String>),
    /// A list.
    Table {
        /// The columns' names.
        columns: &'static [&'static str],
        /// The rows.
        rows: Vec<Vec<String>>,
        /// What to say where there are none.
        empty: &'static str,
    },
}

impl Answer {
    /// One sentence or value.
    #[must_use]
    pub(super) fn line(text: impl Into<String>, json: Json) -> Self {
        Self { json, text: Text::Line(text.into()) }
    }

    /// Several sentences, a line each.
    #[must_use]
    pub(super) const fn lines(lines: Vec<String>, json: Json) -> Self {
        Self { json, text: Text::Lines(lines) }
    }
}

impl Output {
    /// Prints an answer.
    ///
    /// # Errors
    /// [`Failure::Failed`] where standard output does not take it; a reader that has seen enough is no error.
    pub(super) fn print(self, answer: Answer) -> Result<(), Failure> {
        let text = if self.json {
            format!("{:#}\n", answer.json)
        } else {
            match answer.text {
                Text::Line(line) => format!("{}\n", printable(&line)),
                Text::Lines(lines) => lines.iter().map(|line| printable(line) + "\n").collect(),
                Text::Table { rows, empty, .. } if rows.is_empty() => format!("{empty}\n"),
                Text::Table { columns, rows, .. } => table(columns, rows, io::stdout().is_terminal()),
            }
        };
        write(&text).map(|_| ())
    }
}

/// Writes to standard output at once.
///
/// # Errors
/// As [`Output::print`].
pub(super) fn write(text: &str) -> Result<Reader, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure::failed("cannot write to standard output", error)),
        Ok(()) => Ok(Reader::There),
    }
}

/// Whether anybody reads standard output still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    There,
    Gone,
}

fn table(columns: &[&str], rows: Vec<Vec<String>>, terminal: bool) -> String {
    let mut table = Table::new();
    if terminal {
        table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        // A pipe has no width: rows stay lines, for grep and awk.
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    }
    table.set_header(columns);
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

/// Text without what a terminal would obey: a user agent or name full of escape sequences could otherwise repaint
/// the administrator's screen.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\n"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}");
        assert_eq!(printable("Ann Müller"), "Ann Müller");
    }

    #[test]
    fn rows_stay_lines_in_a_pipe() {
        let text = table(&["name", "agent"], vec![vec!["ann".to_owned(), "x".repeat(500)]], false);
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
