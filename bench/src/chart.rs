//! A picture of figures, for a page that people read: bars, in SVG, in the reader's light or dark colours.
//!
//! What a bar stands for is above it, so that a narrow page that shrinks the picture shrinks little of the text.

use std::fmt::Write as _;

use crate::report::number;

/// Panels, one below the other.
pub(crate) struct Chart {
    pub(crate) title: &'static str,
    pub(crate) panels: Vec<Panel>,
}

/// Bars of one unit.
pub(crate) struct Panel {
    /// What the bars are, and which way is better.
    pub(crate) heading: &'static str,
    /// From top to bottom. The first is what the picture is about, and stands out.
    pub(crate) bars: Vec<Bar>,
}

pub(crate) struct Bar {
    pub(crate) label: String,
    /// Not negative.
    pub(crate) value: f64,
}

/// In pixels where the picture is not shrunk. As wide as a phone held upright allows with readable text.
const WIDTH: u32 = 520;
const MARGIN: u32 = 16;
const LINE: u32 = 24;
const BAR: u32 = 12;
const ROW: u32 = 44;

const STYLE: &str = "\
text{font:15px system-ui,sans-serif;fill:#1f2328}\
.title{font-weight:600;font-size:17px}\
.heading{fill:#59636e}\
.value{text-anchor:end;font-variant-numeric:tabular-nums}\
.ground{fill:#fff}\
.track{fill:#eaeef2}\
.bar{fill:#8c959f}\
.first .bar{fill:#0969da}\
.first text{font-weight:600}\
@media (prefers-color-scheme:dark){\
text{fill:#f0f6fc}\
.heading{fill:#9198a1}\
.ground{fill:#0d1117}\
.track{fill:#21262d}\
.bar{fill:#6e7681}\
.first .bar{fill:#4493f8}\
}";

impl Chart {
    /// The picture, as a file's text.
    pub(crate) fn svg(&self) -> String {
        let mut body = String::new();
        let mut top = MARGIN + LINE;
        text(&mut body, "title", MARGIN, top - 6, self.title);
        for panel in &self.panels {
            top += LINE + 8;
            text(&mut body, "heading", MARGIN, top - 6, panel.heading);
            let largest = panel.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
            for (number, bar) in panel.bars.iter().enumerate() {
                bar.draw(&mut body, top, number == 0, largest);
                top += ROW;
            }
        }
        let height = top + MARGIN;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n<style>{STYLE}</style>\n\
             <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n{body}</svg>\n",
            escaped(self.title)
        )
    }
}

impl Bar {
    fn draw(&self, body: &mut String, top: u32, first: bool, largest: f64) {
        let full = f64::from(WIDTH - 2 * MARGIN);
        let share = if largest > 0.0 { self.value / largest } else { 0.0 };
        body.push_str(if first { "<g class=\"first\">\n" } else { "<g>\n" });
        text(body, "label", MARGIN, top + 18, &self.label);
        text(body, "value", WIDTH - MARGIN, top + 18, &grouped(&number(self.value)));
        for (class, width) in [("track", full), ("bar", full * share)] {
            // Writing to a string does not fail.
            let _ = writeln!(
                body,
                "<rect class=\"{class}\" x=\"{MARGIN}\" y=\"{}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\"/>",
                top + 24
            );
        }
        body.push_str("</g>\n");
    }
}

fn text(body: &mut String, class: &str, x: u32, y: u32, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(body, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// `12345` as `12,345`: what stands before the point, in threes.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::{Bar, Chart, Panel, grouped};

    fn chart(values: &[f64]) -> String {
        let bars =
            values.iter().map(|value| Bar { label: "a < b & \"c\"".to_owned(), value: *value }).collect();
        Chart { title: "Title", panels: vec![Panel { heading: "Heading", bars }] }.svg()
    }

    #[test]
    fn bars_are_as_long_as_their_values_say() {
        let svg = chart(&[50_000.0, 100_000.0]);
        let widths: Vec<_> = svg
            .lines()
            .filter(|line| line.starts_with("<rect class=\"bar\""))
            .filter_map(|line| line.split("width=\"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(widths, ["244.0", "488.0"]);
        assert!(svg.contains(">50,000</text>") && svg.contains(">100,000</text>"), "{svg}");
    }

    #[test]
    fn a_label_is_text_whatever_it_says() {
        assert!(chart(&[1.0]).contains(">a &lt; b &amp; &quot;c&quot;</text>"));
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(chart(&[0.0]).contains("class=\"bar\" x=\"16\" y=\"96\" width=\"0.0\""), "{}", chart(&[0.0]));
    }

    #[test]
    fn numbers_are_grouped_before_the_point() {
        assert_eq!(
            ["1", "999", "1000", "123456", "1234567", "12.34"].map(grouped),
            ["1", "999", "1,000", "123,456", "1,234,567", "12.34"]
        );
    }
}
