//! Bars beside each other, one below the other, each with its words above it.

use super::{
    Caption, Drawing, Label, Mark, PADDING, Picture, Scale, WIDTH, fitting, float, rectangle, width_of,
    within,
};

/// What one bar takes, its words included.
const ROW: f64 = 36.0;
/// From the top of a row to the line its words stand on, and to its bar.
const WORDS: f64 = 14.0;
const BAR: f64 = 19.0;
const BAR_HEIGHT: f64 = 10.0;
/// Below the bars: the axis and its numbers.
const FOOT: f64 = 24.0;

/// Something with a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it is: short enough for a line.
    pub name: String,
    /// How many.
    pub value: u64,
}

/// Bars, one below the other.
#[derive(Clone, Copy, Debug)]
pub struct Bars<'a> {
    /// What the picture is called.
    pub caption: &'a Caption,
    /// What there is, in the order that it is shown in.
    pub bars: &'a [Bar],
    /// A number that none should pass: a stroke through all of them.
    pub bound: Option<u64>,
}

impl Bars<'_> {
    /// Draws them; `number` writes the numbers beside the bars and at the axis.
    #[must_use]
    pub fn draw(&self, number: impl Fn(u64) -> String) -> Picture {
        let values = self.bars.iter().map(|bar| bar.value).chain(self.bound);
        let scale = Scale::reaching(values.max().unwrap_or_default());
        let bottom = ROW * float(self.bars.len());
        let x = |value| PADDING + scale.share(value) * (WIDTH - 2.0 * PADDING);
        let rules = scale.ticks().map(|tick| format!("M{:.1} {bottom:.1}v4", x(tick)));
        let axis = format!("M{PADDING:.1} {bottom:.1}H{:.1}{}", WIDTH - PADDING, rules.collect::<String>());
        let mut marks = vec![Mark { class: "first", path: self.paths(x) }];
        marks.extend(self.bound.map(|bound| Mark { class: "bound", path: self.strokes(x(bound)) }));
        let numbers = with_room(scale.ticks().map(|tick| (tick, number(tick))).collect());
        let below = numbers.into_iter().map(|(tick, text)| Label {
            x: within(x(tick), &text),
            y: bottom + 18.0,
            anchor: "middle",
            text,
            datetime: None,
        });
        let labels = self.words(&number).chain(below).collect();
        Drawing {
            caption: self.caption,
            width: WIDTH,
            height: bottom + FOOT,
            grid: String::new(),
            axis,
            marks,
            labels,
        }
        .finished()
    }

    fn paths(&self, x: impl Fn(u64) -> f64) -> String {
        let rows = self.bars.iter().enumerate().filter(|(_, bar)| bar.value > 0);
        let bar = |(row, bar): (usize, &Bar)| {
            rectangle(PADDING, ROW * float(row) + BAR, (x(bar.value) - PADDING).max(1.0), BAR_HEIGHT)
        };
        rows.map(bar).collect()
    }

    /// A stroke through each bar.
    fn strokes(&self, x: f64) -> String {
        let rows = (0..self.bars.len()).map(|row| ROW * float(row) + BAR - 3.0);
        rows.map(|top| format!("M{x:.1} {top:.1}v{:.1}", BAR_HEIGHT + 6.0)).collect()
    }

    /// The words above the bars, and their numbers at the right.
    fn words(&self, number: impl Fn(u64) -> String) -> impl Iterator<Item = Label> {
        self.bars.iter().enumerate().flat_map(move |(row, bar)| {
            let y = ROW * float(row) + WORDS;
            let label = |x, anchor, text| Label { x, y, anchor, text, datetime: None };
            let value = number(bar.value);
            let room = WIDTH - 3.0 * PADDING - width_of(&value);
            [label(PADDING, "start", fitting(&bar.name, room)), label(WIDTH - PADDING, "end", value)]
        })
    }
}

/// All numbers of an axis where there is room for them, else those at its ends.
fn with_room(numbers: Vec<(u64, String)>) -> Vec<(u64, String)> {
    let room = WIDTH / float(numbers.len().max(1));
    if numbers.iter().all(|(_, text)| width_of(text) < room) {
        return numbers;
    }
    let last = numbers.len().saturating_sub(1);
    let ends = numbers.into_iter().enumerate().filter(|(at, _)| [0, last].contains(at));
    ends.map(|(_, number)| number).collect()
}
