//! Bars over time, those of several series side by side.

use super::{
    Caption, Drawing, Mark, Picture, TimeAxis, float,
    ground::{BOTTOM, Ground, RIGHT},
    rectangle,
};

/// The looks of the series, in their order.
const SERIES: [&str; 2] = ["first", "second"];
/// What the bars of one slot of time take of it.
const TAKEN: f64 = 0.8;
/// What is not nothing is seen.
const HEIGHT_MIN: f64 = 1.0;

/// Bars over time. Each series has one number for each of equally long slots of the axis.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// What the picture is called.
    pub caption: &'a Caption,
    /// When.
    pub axis: &'a TimeAxis,
    /// How many, of two series, oldest slot first.
    pub series: [&'a [u64]; 2],
}

impl Columns<'_> {
    /// Draws them; `number` writes the numbers at the axis.
    #[must_use]
    pub fn draw(&self, number: impl Fn(u64) -> String) -> Picture {
        let greatest = self.series.into_iter().flatten().copied().max().unwrap_or_default();
        let ground = Ground::new(greatest, self.axis, number);
        let mut marks = Vec::new();
        for (place, (class, values)) in SERIES.into_iter().zip(self.series).enumerate() {
            marks.push(Mark { class, path: bars(&ground, values, place) });
        }
        Drawing { marks, ..ground.drawing(self.caption) }.finished()
    }
}

/// The bars of one series, the `place`th.
fn bars(ground: &Ground<'_>, values: &[u64], place: usize) -> String {
    let slot = (RIGHT - ground.left) / float(values.len().max(1));
    let width = slot * TAKEN / float(SERIES.len());
    let before = slot * (1.0 - TAKEN) / 2.0 + width * float(place);
    let bar = |(at, value): (usize, &u64)| {
        let height = (BOTTOM - ground.y(*value)).max(HEIGHT_MIN);
        let x = ground.left + slot * float(at) + before;
        (*value > 0).then(|| rectangle(x, BOTTOM - height, width, height))
    };
    values.iter().enumerate().filter_map(bar).collect()
}
