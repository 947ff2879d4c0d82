//! Durations as people write them: `900s`, `15m`, `12h`, `7d`, `500ms`.

use std::time::Duration;

/// The units, longest first, so that printing picks the one that reads best.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// What a duration has to look like, for messages.
pub(super) const EXPECTED: &str =
    "write a whole number and its unit, for instance \"900s\", \"15m\", \"12h\", \"7d\" or \"500ms\"";

/// Reads one duration; `None` where the text is not one, or does not fit 64 bits of milliseconds.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, milliseconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*milliseconds).map(Duration::from_millis)
}

/// Prints a duration in the longest unit that holds it exactly; [`parse`] reads it back.
pub(super) fn show(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    UNITS
        .iter()
        .find(|(name, unit)| {
            milliseconds.is_multiple_of(u128::from(*unit)) && (milliseconds != 0 || *name == "s")
        })
        .map_or_else(
            || format!("{milliseconds}ms"),
            |(name, unit)| format!("{}{name}", milliseconds / u128::from(*unit)),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("900s", 900_000),
            ("15m", 900_000),
            ("12h", 43_200_000),
            ("7d", 604_800_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "15",
            "m",
            "1.5h",
            "-1s",
            "+1s",
            "15 m",
            "15min",
            "1h30m",
            " 15m",
            "15M",
            "99999999999999999999s",
            "213503982335d",
            "１s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back_in_the_longest_exact_unit() {
        for (milliseconds, text) in
            [(0, "0s"), (500, "500ms"), (1_500, "1500ms"), (90_000, "90s"), (604_800_000, "7d")]
        {
            assert_eq!(show(Duration::from_millis(milliseconds)), text);
            assert_eq!(parse(text), Some(Duration::from_millis(milliseconds)));
        }
    }
}
