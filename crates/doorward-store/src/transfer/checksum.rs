//! What tells that two databases hold the same.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::sql::Value;

/// How many rows a table has, and a SHA-256 over every value of them in the order of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// How many there are.
    pub rows: u64,
    /// Over what is in them: the same on either database.
    pub sha256: [u8; 32],
}

/// In hexadecimal.
impl fmt::Display for Checksum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sha256.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// A table of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableCheck {
    /// Its name.
    pub table: &'static str,
    /// What the SQLite file holds.
    pub sent: Checksum,
    /// What PostgreSQL holds.
    pub arrived: Checksum,
}

impl TableCheck {
    /// Whether both hold the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.sent == self.arrived
    }
}

/// Takes in rows.
pub(super) struct Digest {
    rows: u64,
    context: Context,
}

impl Default for Digest {
    fn default() -> Self {
        Self { rows: 0, context: Context::new(&SHA256) }
    }
}

impl Digest {
    /// Each value with its kind, and its length where that varies, so that no two rows are written alike. What is missing
    /// has no kind: SQLite does not say which.
    pub(super) fn row(&mut self, row: &[Value<'_>]) {
        for value in row {
            match value {
                Value::Null(_) => self.context.update(&[0]),
                Value::Integer(number) => {
                    self.context.update(&[1]);
                    self.context.update(&number.to_be_bytes());
                }
                Value::Text(text) => self.bytes(2, text.as_bytes()),
                Value::Blob(bytes) => self.bytes(3, bytes),
            }
        }
        self.rows += 1;
    }

    fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.context.update(&[kind]);
        self.context.update(&bytes.len().to_be_bytes());
        self.context.update(bytes);
    }

    pub(super) fn finish(self) -> Checksum {
        let mut sha256 = [0; 32];
        for (to, from) in sha256.iter_mut().zip(self.context.finish().as_ref()) {
            *to = *from;
        }
        Checksum { rows: self.rows, sha256 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Kind, params};

    fn of(rows: &[&[Value<'_>]]) -> Checksum {
        let mut digest = Digest::default();
        rows.iter().for_each(|row| digest.row(row));
        digest.finish()
    }

    #[test]
    fn what_differs_in_anything_is_told_apart() {
        let rows: [&[Value<'_>]; 7] = [
            params!["a", "bc"],
            params!["ab", "c"],
            params!["abc"],
            params![b"a".as_slice(), "bc"],
            params![None::<i64>, "bc"],
            params![0_i64, "bc"],
            params!["", "bc"],
        ];
        for (at, row) in rows.iter().enumerate() {
            for other in rows.iter().skip(at + 1) {
                assert_ne!(of(&[row]), of(&[other]), "{row:?} {other:?}");
            }
        }
        assert_ne!(of(&[params!["a"], params!["b"]]), of(&[params!["b"], params!["a"]]));
    }

    #[test]
    fn what_is_missing_is_the_same_of_either_database() {
        assert_eq!(of(&[&[Value::Null(Kind::Integer)]]), of(&[&[Value::Null(Kind::Text)]]));
    }
}
