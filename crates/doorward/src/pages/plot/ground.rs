//! What pictures over time are drawn on: an axis of numbers and one of times.

use super::{Caption, Drawing, Label, MARGIN_MAX, PADDING, Scale, TimeAxis, WIDTH, width_of, within};

const HEIGHT: f64 = 180.0;
/// Above the greatest number, so that its mark is seen whole.
const TOP: f64 = 10.0;
/// Where nothing is, and the axis of times.
pub(super) const BOTTOM: f64 = HEIGHT - 24.0;
/// Where both axes end.
pub(super) const RIGHT: f64 = WIDTH - PADDING;

/// The axes of a picture over time.
pub(super) struct Ground<'a> {
    scale: Scale,
    axis: &'a TimeAxis,
    numbers: Vec<(u64, String)>,
    /// Where both axes begin: as far from the edge as the longest number asks for.
    pub(super) left: f64,
}

impl<'a> Ground<'a> {
    /// An axis up to `greatest`, whose numbers `number` writes, beside one of times.
    pub(super) fn new(greatest: u64, axis: &'a TimeAxis, number: impl Fn(u64) -> String) -> Self {
        let scale = Scale::reaching(greatest);
        let numbers: Vec<_> = scale.ticks().map(|tick| (tick, number(tick))).collect();
        let widest = numbers.iter().map(|(_, text)| width_of(text)).fold(0.0, f64::max);
        Self { scale, axis, numbers, left: widest.min(MARGIN_MAX) + PADDING }
    }

    /// Where a time is.
    pub(super) fn x(&self, at_ms: i64) -> f64 {
        self.axis.x(at_ms, self.left, RIGHT)
    }

    /// Where a number is.
    pub(super) fn y(&self, value: u64) -> f64 {
        BOTTOM - self.scale.share(value) * (BOTTOM - TOP)
    }

    /// Everything but the marks.
    pub(super) fn drawing<'c>(&self, caption: &'c Caption) -> Drawing<'c> {
        let (left, length) = (self.left, RIGHT - self.left);
        let rule = |(tick, _): &(u64, String)| format!("M{left:.1} {:.1}h{length:.1}", self.y(*tick));
        let stroke = |at_ms| format!("M{:.1} {BOTTOM:.1}v4", self.x(at_ms));
        let strokes: String = self.axis.ticks.iter().map(|tick| stroke(tick.at_ms)).collect();
        let numbers = self.numbers.iter().map(|(tick, text)| Label {
            x: left - 4.0,
            y: self.y(*tick) + 4.0,
            anchor: "end",
            text: text.clone(),
            datetime: None,
        });
        Drawing {
            caption,
            width: WIDTH,
            height: HEIGHT,
            grid: self.numbers.iter().skip(1).map(rule).collect(),
            axis: format!("M{left:.1} {BOTTOM:.1}h{length:.1}{strokes}"),
            marks: Vec::new(),
            labels: numbers.chain(self.times()).collect(),
        }
    }

    /// What is written below, each whole within the picture.
    fn times(&self) -> impl Iterator<Item = Label> {
        self.axis.ticks.iter().map(|tick| Label {
            x: within(self.x(tick.at_ms), &tick.text),
            y: HEIGHT - 5.0,
            anchor: "middle",
            text: tick.text.clone(),
            datetime: tick.datetime.clone(),
        })
    }
}
