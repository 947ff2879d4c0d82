//! Pages of long lists, by key instead of offset, so that the millionth page costs what the first does.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::ids::NotAnId;

/// Where a page begins: after this position in the list's order. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The first sort key: a time in milliseconds, or a sequence number.
    pub position: i64,
    /// The second sort key, which tells rows of equal position apart.
    pub id: [u8; 16],
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        let (position, id) = bytes.split_at_mut(8);
        position.copy_from_slice(&self.position.to_be_bytes());
        id.copy_from_slice(&self.id);
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let bytes: [u8; 24] = (text.len() == 32)
            .then(|| BASE64_URL_SAFE_NO_PAD.decode(text).ok())
            .flatten()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(NotAnId)?;
        let (position, id) = bytes.split_first_chunk::<8>().ok_or(NotAnId)?;
        Ok(Self { position: i64::from_be_bytes(*position), id: id.try_into().map_err(|_| NotAnId)? })
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        let cursor = Cursor { position: -7, id: *b"0123456789abcdef" };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "x", &"A".repeat(33), &"=".repeat(32)] {
            assert!(text.parse::<Cursor>().is_err());
        }
    }
}
