//! What a scenario found out: a table for people, JSON for programs.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::chart::Chart;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::scenarios::Surroundings;

/// Figures in the order in which they are shown, and what a reader has to know beside them.
#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    notes: Vec<String>,
    chart: Option<Chart>,
}

#[derive(Serialize)]
struct Figure {
    name: String,
    /// None where it could not be measured.
    value: Option<f64>,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted: Option<Wanted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

/// What the project asks of a figure. A report says whether it is met; nothing fails by it.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

impl Wanted {
    fn met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {}", number(least)),
            Self::AtMost(most) => format!("≤ {}", number(most)),
        }
    }
}

#[derive(Serialize)]
struct Written<'a> {
    scenario: &'a str,
    machine: &'a Machine,
    rounds: u32,
    figures: &'a [Figure],
    notes: &'a [String],
}

impl Report {
    /// Adds a figure.
    pub(crate) fn figure(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.add(name.into(), value, unit, None);
    }

    /// Adds a figure of which something is wanted.
    pub(crate) fn wanted(&mut self, name: impl Into<String>, value: f64, unit: &'static str, wanted: Wanted) {
        self.add(name.into(), value, unit, Some(wanted));
    }

    fn add(&mut self, name: String, value: f64, unit: &'static str, wanted: Option<Wanted>) {
        let value = value.is_finite().then_some(value);
        let met = wanted.map(|wanted| value.is_some_and(|value| wanted.met_by(value)));
        self.figures.push(Figure { name, value, unit, wanted, met });
    }

    /// Adds what a reader has to know.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Adds a picture of the figures.
    pub(crate) fn chart(&mut self, chart: Chart) {
        self.chart = Some(chart);
    }

    /// For a terminal.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(["figure", "value", "unit", "wanted", ""]);
        for figure in &self.figures {
            let met = figure.met.map_or("", |met| if met { "met" } else { "MISSED" });
            table.add_row([
                figure.name.clone(),
                figure.value.map_or_else(|| "not measured".to_owned(), number),
                figure.unit.to_owned(),
                figure.wanted.map(Wanted::text).unwrap_or_default(),
                met.to_owned(),
            ]);
        }
        if let Some(values) = table.column_mut(1) {
            values.set_cell_alignment(CellAlignment::Right);
        }
        let mut text = table.to_string();
        for note in &self.notes {
            // Writing to a string does not fail.
            let _ = write!(text, "\n- {note}");
        }
        text
    }

    /// Writes it as JSON, and its picture beside that and to where pictures are published; gives the JSON's path.
    pub(crate) fn write(&self, scenario: &str, surroundings: &Surroundings) -> Result<PathBuf, Failure> {
        let written = Written {
            scenario,
            machine: &surroundings.machine,
            rounds: surroundings.rounds,
            figures: &self.figures,
            notes: &self.notes,
        };
        let path = surroundings.output.join(format!("{scenario}.json"));
        let text =
            serde_json::to_string_pretty(&written).map_err(|error| Failure::io(path.display(), error))?;
        save(&path, &(text + "\n"))?;
        if let Some(chart) = &self.chart {
            for directory in [Some(&surroundings.output), surroundings.publish.as_ref()].into_iter().flatten()
            {
                save(&directory.join(format!("{scenario}.svg")), &chart.svg())?;
            }
        }
        Ok(path)
    }
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    let directory = path.parent().map_or(Ok(()), fs::create_dir_all);
    directory.and_then(|()| fs::write(path, text)).map_err(|error| Failure::io(path.display(), error))
}

/// Three significant digits or all before the point: more would pretend to a precision that no benchmark has.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || value == value.trunc() {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, Wanted, number};

    #[test]
    fn a_figure_that_could_not_be_taken_does_not_count_as_met() {
        let mut report = Report::default();
        report.wanted("a", f64::NAN, "µs", Wanted::AtMost(3.0));
        report.wanted("b", 3.0, "µs", Wanted::AtMost(3.0));
        report.wanted("c", 3.0, "µs", Wanted::AtLeast(3.1));
        let met: Vec<_> = report.figures.iter().map(|figure| figure.met).collect();
        assert_eq!(met, [Some(false), Some(true), Some(false)]);
        assert!(report.table().contains("not measured"));
    }

    #[test]
    fn numbers_are_as_precise_as_benchmarks_are() {
        assert_eq!([1234.5, 99.44, 3.456, 3.0, -0.256].map(number), ["1234", "99.4", "3.46", "3", "-0.26"]);
    }
}
