//! What the pages speak.

/// A language of the pages. Its phrases are the methods that the [catalogue](crate::pages::phrases) gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, which whoever understands none of the others gets.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag (BCP 47), for the `lang` attribute.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The one that an `Accept-Language` prefers (RFC 9110, section 12.5.4): the greatest weight wins, of equal ones the
    /// first. What cannot be read counts for nothing; a reader of none of ours gets English.
    #[must_use]
    pub fn negotiated(accepted: &str) -> Self {
        let mut best = (0, Self::default());
        for range in accepted.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = weight(parameters);
            if weight > best.0
                && let Some(language) = Self::of_range(tag.trim())
            {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The language of a range: `de`, `de-AT`, `*`.
    fn of_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next().unwrap_or_default();
        if primary == "*" {
            return Some(Self::default());
        }
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// The weight of a range in thousandths: at most three decimals count.
fn weight(parameters: &str) -> u16 {
    const WHOLE: u16 = 1000;
    let Some(value) = parameters.trim().strip_prefix("q=").or_else(|| parameters.trim().strip_prefix("Q="))
    else {
        return if parameters.trim().is_empty() { WHOLE } else { 0 };
    };
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    match whole {
        "1" => WHOLE,
        "0" if decimals.len() <= 3 => format!("{decimals:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, English, German};

    #[test]
    fn the_greatest_weight_wins_and_of_equals_the_first() {
        for (accepted, language) in [
            ("de", German),
            ("DE-at", German),
            ("de-DE,de;q=0.9,en;q=0.8", German),
            ("en-GB,en;q=0.9,de;q=0.8", English),
            ("en;q=0.7, de;q=0.701", German),
            ("fr, de;q=0.5, en;q=0.4", German),
            ("fr;q=1.0, *;q=0.1, de;q=0.2", German),
            ("*, de;q=0.5", English),
            ("de, en", German),
            ("en, de", English),
            ("de ; q=0.4 , en ;q=0.3", German),
        ] {
            assert_eq!(Language::negotiated(accepted), language, "{accepted}");
        }
    }

    #[test]
    fn what_cannot_be_read_counts_for_nothing() {
        for accepted in [
            "",
            ",",
            "fr",
            "deu",
            "d",
            "de;q=0",
            "de;q=0.000",
            "de;q=zzz",
            "de;q=0.12345",
            "de;level=1",
            ";q=1",
            "*;q=0",
        ] {
            assert_eq!(Language::negotiated(accepted), English, "{accepted}");
        }
    }
}
