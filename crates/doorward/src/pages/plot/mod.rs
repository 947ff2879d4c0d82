//! Pictures of numbers, drawn on the server as SVG: bars and lines over time, and bars beside each other.
//!
//! A picture has no colour, font or size of its own: classes (`assets/console.css`) give it those of the page, in both
//! colour schemes, and its box scales with the page. What it shows stands beside it as text; those who do not see it
//! hear its title and description.

mod bars;
mod columns;
mod ground;
mod line;
mod scale;
mod time_axis;

pub use bars::{Bar, Bars};
pub use columns::Columns;
pub use line::{Line, Sample};
pub use scale::Scale;
pub use time_axis::{Tick, TimeAxis};

use askama::Template;
use askama::filters::HtmlSafe;
use std::fmt;

/// The width of every picture in its own units. The narrowest page shows about as many pixels.
const WIDTH: f64 = 320.0;
/// What a character takes where letters are at their largest, which is where the page is narrow.
const CHARACTER: f64 = 9.0;
/// The most that the numbers at the left may take.
const MARGIN_MAX: f64 = 150.0;
/// Between the edge and what is drawn.
const PADDING: f64 = 6.0;

/// What a picture is called, and what it says in a sentence, for those who do not see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Tells its parts from those of other pictures in the page.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// What there is to see.
    pub description: String,
}

/// A finished picture: SVG that stands inside a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(String);

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::FastWritable for Picture {
    fn write_into(&self, to: &mut dyn fmt::Write, _values: &dyn askama::Values) -> askama::Result<()> {
        Ok(to.write_str(&self.0)?)
    }
}

// Its template escapes what is put into it.
impl HtmlSafe for Picture {}

/// What is drawn, in the picture's own units.
#[derive(Template)]
#[template(path = "admin/plot.svg")]
struct Drawing<'a> {
    caption: &'a Caption,
    width: f64,
    height: f64,
    /// Rules behind everything: the data of one path.
    grid: String,
    /// The axis itself.
    axis: String,
    marks: Vec<Mark>,
    labels: Vec<Label>,
}

/// Something drawn: the data of a path, and the class that gives it its looks.
struct Mark {
    class: &'static str,
    path: String,
}

/// Words in a picture.
struct Label {
    x: f64,
    y: f64,
    anchor: &'static str,
    text: String,
    /// The time of day that it tells, RFC 3339, which the pages' script shows in the reader's own zone.
    datetime: Option<String>,
}

impl Drawing<'_> {
    fn finished(&self) -> Picture {
        Picture(super::html(self))
    }
}

/// What a text takes.
fn width_of(text: &str) -> f64 {
    float(text.chars().count()) * CHARACTER
}

/// Where the middle of a text is, as near to `x` as leaves the text whole within the picture.
fn within(x: f64, text: &str) -> f64 {
    let half = (width_of(text) / 2.0).min(WIDTH / 2.0);
    x.clamp(half, WIDTH - half)
}

/// As much of a text as there is room for.
fn fitting(text: &str, room: f64) -> String {
    if width_of(text) <= room {
        return text.to_owned();
    }
    let whole = (1..).zip(text.chars()).take_while(|(length, _)| float(length + 1) * CHARACTER <= room);
    let shown: String = whole.map(|(_, letter)| letter).collect();
    format!("{}…", shown.trim_end())
}

/// A number of things, to calculate lengths with.
fn float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

/// The data of a rectangle.
fn rectangle(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("M{x:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}z")
}

#[cfg(test)]
mod tests;
