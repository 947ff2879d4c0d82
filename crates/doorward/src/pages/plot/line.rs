//! A line over time.

use super::{Caption, Drawing, Mark, Picture, TimeAxis, ground::Ground};

/// What was measured when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// How many.
    pub value: u64,
}

/// A line over time. Where nothing was measured there is none.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What the picture is called.
    pub caption: &'a Caption,
    /// When.
    pub axis: &'a TimeAxis,
    /// What was measured, oldest first.
    pub samples: &'a [Sample],
    /// What is further apart than this is not connected. In milliseconds.
    pub gap_ms: i64,
}

impl Line<'_> {
    /// Draws it; `number` writes the numbers at the axis.
    #[must_use]
    pub fn draw(&self, number: impl Fn(u64) -> String) -> Picture {
        let greatest = self.samples.iter().map(|sample| sample.value).max().unwrap_or_default();
        let ground = Ground::new(greatest, self.axis, number);
        let runs = self.samples.chunk_by(|one, next| next.at_ms.saturating_sub(one.at_ms) <= self.gap_ms);
        let marks = runs.map(|run| Mark { class: "line", path: path(&ground, run) }).collect();
        Drawing { marks, ..ground.drawing(self.caption) }.finished()
    }
}

/// Samples that belong together: a line, or a dot where there is a single one.
fn path(ground: &Ground<'_>, samples: &[Sample]) -> String {
    let mut path = String::new();
    for sample in samples {
        let pen = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{pen}{:.1} {:.1}", ground.x(sample.at_ms), ground.y(sample.value)));
    }
    // Of no length: its round ends make it a dot.
    if samples.len() == 1 {
        path.push_str("h0");
    }
    path
}
