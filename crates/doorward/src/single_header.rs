//! Headers that decide something may be there once or not at all.
//!
//! Two copies of one header are how a client slips a value past a proxy: the proxy checks one, we would read the other.

use http::{HeaderMap, HeaderValue, header::AsHeaderName};

/// What a request says in one header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SingleHeader<'h> {
    /// Nothing.
    Absent,
    /// One value of visible ASCII, blanks and tabs within included; may be empty.
    One(&'h str),
    /// More than one header of this name.
    Duplicate,
    /// One value with bytes outside visible ASCII.
    Unreadable,
}

impl<'h> SingleHeader<'h> {
    /// Reads the header `name`.
    pub fn read(headers: &'h HeaderMap, name: impl AsHeaderName) -> Self {
        headers.get_all(name).into_iter().fold(Self::Absent, Self::and)
    }

    /// With one more value, for who walks over all headers instead of looking up many.
    #[must_use]
    pub fn and(self, value: &'h HeaderValue) -> Self {
        match self {
            Self::Absent => value.to_str().map_or(Self::Unreadable, Self::One),
            Self::One(_) | Self::Duplicate | Self::Unreadable => Self::Duplicate,
        }
    }

    /// The value, if there is exactly one and it is readable.
    #[must_use]
    pub const fn value(self) -> Option<&'h str> {
        match self {
            Self::One(value) => Some(value),
            Self::Absent | Self::Duplicate | Self::Unreadable => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::ORIGIN;

    use super::*;

    #[test]
    fn only_one_readable_value_is_a_value() {
        let read = |values: &[&'static [u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ORIGIN, HeaderValue::from_bytes(value).unwrap());
            }
            SingleHeader::read(&headers, ORIGIN).value().map(str::to_owned)
        };
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[b""]), Some(String::new()));
        assert_eq!(read(&[b"a"]), Some("a".to_owned()));
        assert_eq!(read(&[b"a", b"a"]), None);
        assert_eq!(read(&[b"a\xff"]), None);
    }
}
