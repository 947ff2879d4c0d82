//! Pages of long lists, by key instead of offset, so that the millionth page costs what the first does.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::ids::NotAnId;

/// Where a page begins: after this position in the list's order. Opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The first sort key: a time in milliseconds, a sequence number, or the part of the list.
    pub position: i64,
    /// The second sort key, in lists that are sorted by text; empty in others.
    pub text: String,
    /// The last sort key, which tells rows of equal position apart.
    pub id: [u8; 16],
}

impl Cursor {
    /// A place in a list that is not sorted by text.
    #[must_use]
    pub const fn at(position: i64, id: [u8; 16]) -> Self {
        Self { position, text: String::new(), id }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [self.position.to_be_bytes().as_slice(), &self.id, self.text.as_bytes()].concat();
        // Whole groups of letters: so a pattern can say what a cursor looks like. No text that is sorted by ends in zeros.
        bytes.resize(bytes.len().next_multiple_of(3), 0);
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAnId)?;
        let (position, rest) = bytes.split_first_chunk::<8>().ok_or(NotAnId)?;
        let (id, text) = rest.split_first_chunk::<16>().ok_or(NotAnId)?;
        // Somebody's own invention is a place in the list like any other.
        let text = String::from_utf8_lossy(text).trim_end_matches('\0').to_owned();
        Ok(Self { position: i64::from_be_bytes(*position), text, id: *id })
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// After this position; none for the beginning.
    pub after: Option<Cursor>,
    /// At most so many items.
    pub limit: u32,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_garbage_does_not() {
        let plain = Cursor::at(-7, *b"0123456789abcdef");
        let by_text = |text: &str| Cursor { text: text.to_owned(), ..plain.clone() };
        for cursor in [plain.clone(), by_text("a"), by_text("ab"), by_text("abc"), by_text("müller")] {
            let text = cursor.to_string();
            assert!(text.len() >= 32 && text.len().is_multiple_of(4));
            assert_eq!(text.parse(), Ok(cursor));
        }
        for text in ["", "x", &"A".repeat(31), &"A".repeat(33), &"=".repeat(32)] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
