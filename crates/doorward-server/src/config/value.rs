//! One value as a layer gave it, and the readers that turn it into a typed one.

use std::net::SocketAddr;
use std::time::Duration;

use super::{duration, rate::Rate};

/// A value before its type is known to be right.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// From the environment or a flag: text, whatever the type; a list is separated by commas.
    Text(String),
    /// From the file, where TOML has types of its own.
    Toml(toml::Value),
}

/// What the reader wanted, worded as the mend: "write …".
pub(super) type Expected = String;

/// A setting that is one of a few words.
pub(super) trait Choice: Copy + PartialEq + 'static {
    /// Every word and what it means, in the order the documentation lists them.
    const WORDS: &'static [(&'static str, Self)];

    /// The word for this value.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

impl Value {
    /// As a message shows it: text in quotes, cut where it is long, control characters escaped.
    pub(super) fn shown(&self) -> String {
        let text = match self {
            Self::Text(text) | Self::Toml(toml::Value::String(text)) => format!("{text:?}"),
            Self::Toml(toml::Value::Table(_)) => "a table".to_owned(),
            Self::Toml(other) => other.to_string().replace('\n', " "),
        };
        if text.chars().count() > 120 { text.chars().take(117).chain("...".chars()).collect() } else { text }
    }

    /// Text, in the file a TOML string.
    pub(super) fn text(&self) -> Result<&str, Expected> {
        match self {
            Self::Text(text) | Self::Toml(toml::Value::String(text)) => Ok(text),
            Self::Toml(_) => Err("write text in quotes".to_owned()),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool, Expected> {
        match self {
            Self::Toml(toml::Value::Boolean(value)) => Ok(*value),
            Self::Text(text) if text == "true" => Ok(true),
            Self::Text(text) if text == "false" => Ok(false),
            Self::Text(_) => Err("write true or false".to_owned()),
            Self::Toml(_) => Err("write true or false, without quotes".to_owned()),
        }
    }

    /// A whole number within `least..=most`.
    pub(super) fn count(&self, least: u32, most: u32) -> Result<u32, Expected> {
        let number = match self {
            Self::Toml(toml::Value::Integer(number)) => Some(*number),
            Self::Text(text) => text.parse::<i64>().ok(),
            Self::Toml(_) => None,
        };
        number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("write a whole number from {least} to {most}, without quotes"))
    }

    /// A duration within `least..=most`.
    pub(super) fn duration(&self, least: Duration, most: Duration) -> Result<Duration, Expected> {
        let read = self.text().ok().and_then(duration::parse).ok_or_else(|| duration::EXPECTED.to_owned())?;
        if (least..=most).contains(&read) {
            Ok(read)
        } else {
            Err(format!("write a duration from {} to {}", duration::show(least), duration::show(most)))
        }
    }

    /// A duration of whole seconds within `least..=most`, for what ends up in `Max-Age` or a JWT.
    pub(super) fn whole_seconds(&self, least: Duration, most: Duration) -> Result<Duration, Expected> {
        let read = self.duration(least, most)?;
        if read.subsec_nanos() == 0 {
            Ok(read)
        } else {
            Err("write whole seconds: cookies and tokens count in them".to_owned())
        }
    }

    /// A rate such as `60/minute`.
    pub(super) fn rate(&self) -> Result<Rate, Expected> {
        self.text().ok().and_then(|text| text.parse().ok()).ok_or_else(|| super::rate::EXPECTED.to_owned())
    }

    /// An IP address and port to listen on.
    pub(super) fn socket_address(&self) -> Result<SocketAddr, Expected> {
        self.text()?.parse().map_err(|_| {
            "write an IP address and a port, for instance \"127.0.0.1:8080\" or \"[::]:8080\"".to_owned()
        })
    }

    /// One word of a [`Choice`].
    pub(super) fn choice<T: Choice>(&self) -> Result<T, Expected> {
        let text = self.text().unwrap_or_default();
        T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<String> = T::WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            format!("write one of {}", words.join(", "))
        })
    }

    /// A list of texts: a TOML array of strings, or text separated by commas. Nothing at all is an empty list.
    pub(super) fn list(&self) -> Result<Vec<&str>, Expected> {
        match self {
            Self::Text(text) if text.trim().is_empty() => Ok(Vec::new()),
            Self::Text(text) => Ok(text.split(',').map(str::trim).collect()),
            Self::Toml(toml::Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().ok_or_else(|| "write a list of texts: [\"…\", \"…\"]".to_owned()))
                .collect(),
            Self::Toml(_) => Err("write a list: [\"…\", \"…\"]".to_owned()),
        }
    }

    /// Each item of a list, read by `read`, whose error names what an item has to look like.
    pub(super) fn list_of<T>(&self, read: impl Fn(&str) -> Result<T, Expected>) -> Result<Vec<T>, Expected> {
        self.list()?
            .into_iter()
            .map(|item| read(item).map_err(|expected| format!("{item:?} does not fit: {expected}")))
            .collect()
    }

    /// A list of durations, each within `least..=most`.
    pub(super) fn durations(&self, least: Duration, most: Duration) -> Result<Vec<Duration>, Expected> {
        self.list_of(|item| Self::Text(item.to_owned()).duration(least, most))
    }

    /// Text, or nothing where it is empty or the word that stands for nothing.
    pub(super) fn unless(&self, nothing: &str) -> Result<Option<&str>, Expected> {
        self.text().map(|text| Some(text).filter(|text| !text.is_empty() && *text != nothing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn toml(literal: &str) -> Value {
        let table: toml::Table = format!("x = {literal}").parse().unwrap();
        Value::Toml(table["x"].clone())
    }

    #[test]
    fn the_file_keeps_its_own_types() {
        assert_eq!(toml("5").count(0, 9), Ok(5));
        assert!(toml("\"5\"").count(0, 9).is_err());
        assert_eq!(text("5").count(0, 9), Ok(5));
        assert_eq!(toml("true").boolean(), Ok(true));
        assert!(toml("\"true\"").boolean().is_err());
        assert!(toml("900").duration(Duration::ZERO, Duration::MAX).is_err());
        assert!(toml("5").text().is_err());
    }

    #[test]
    fn a_number_outside_its_range_is_refused() {
        for value in [toml("-1"), text("-1"), toml("10"), toml("4294967296"), toml("1.5"), text("")] {
            assert!(value.count(0, 9).is_err(), "{value:?}");
        }
    }

    #[test]
    fn lists_come_as_arrays_or_separated_by_commas() {
        assert_eq!(text("a, b,c").list(), Ok(vec!["a", "b", "c"]));
        assert_eq!(text(" ").list(), Ok(vec![]));
        assert_eq!(toml("[\"a\", \"b\"]").list(), Ok(vec!["a", "b"]));
        assert!(toml("\"a,b\"").list().is_err());
        assert!(toml("[1]").list().is_err());
    }

    #[test]
    fn half_a_second_is_no_lifetime_for_a_cookie() {
        let second = Duration::from_secs(1);
        assert!(text("1500ms").whole_seconds(second, second * 9).is_err());
        assert_eq!(text("2000ms").whole_seconds(second, second * 9), Ok(second * 2));
    }

    #[test]
    fn a_shown_value_is_one_short_line() {
        let shown = text(&"line\n".repeat(100)).shown();
        assert!(!shown.contains('\n') && shown.chars().count() <= 120, "{shown}");
    }
}
