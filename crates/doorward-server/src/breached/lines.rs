//! The lines of a public list: `SHA1HEX:COUNT`, in upper or lower case, with either kind of line end, in any order.

use std::io::{self, BufRead, Read};

use doorward_core::password::Sha1;

/// Longer than any line of a list: forty digits, a colon, a count, the line end.
const MOST_BYTES: u64 = 128;

/// A list, line by line.
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    /// The number of the line read last, counted from 1.
    pub(super) number: u64,
    /// How many bytes have been read.
    pub(super) bytes: u64,
}

/// What one line holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A hash.
    Hash(Sha1),
    /// Nothing to keep: an empty line, or a hash that was never seen (padding of the public service's answers).
    Nothing,
    /// Something else; the sentence says what to do.
    Malformed(&'static str),
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0, bytes: 0 }
    }

    /// The next line; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        self.line.clear();
        let read = (&mut self.input).take(MOST_BYTES).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += u64::try_from(read).unwrap_or(u64::MAX);
        Ok(Some(parse(&self.line)))
    }
}

fn parse(line: &[u8]) -> Line {
    let line = line.trim_ascii();
    // What some editors put before a text.
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if line.is_empty() {
        return Line::Nothing;
    }
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let Some((hash, rest)) = line.split_first_chunk::<40>().filter(|_| digits == 40) else {
        return Line::Malformed(match digits {
            32 => "this is a list of NTLM hashes: take the one of SHA-1 hashes",
            35 => {
                "this is one answer of the range service, which leaves out how the hashes begin: take the whole list"
            }
            _ => "write one SHA-1 hash a line, 40 hexadecimal digits, with a colon and a count after it",
        });
    };
    match rest {
        [] => hash_of(hash),
        [b':', count @ ..] if !count.is_empty() && count.iter().all(u8::is_ascii_digit) => {
            if count.iter().all(|digit| *digit == b'0') { Line::Nothing } else { hash_of(hash) }
        }
        _ => Line::Malformed("after the 40 digits write a colon and a count, or nothing"),
    }
}

fn hash_of(digits: &[u8; 40]) -> Line {
    let mut hash = [0; 20];
    let (pairs, _) = digits.as_chunks::<2>();
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = value(*high) << 4 | value(*low);
    }
    Line::Hash(hash)
}

/// Of a byte that is known to be a hexadecimal digit.
const fn value(digit: u8) -> u8 {
    // The low four bits of 'A' and 'a' are 1; bit 6 tells letters from digits.
    (digit & 0x0f) + 9 * (digit >> 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "password", as the public list has it.
    const KNOWN: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";

    fn all(text: &[u8]) -> Vec<Line> {
        let mut lines = Lines::new(text);
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    #[test]
    fn either_case_and_either_line_end_are_read() {
        let Line::Hash(hash) = parse(KNOWN.as_bytes()) else { panic!("no hash") };
        assert_eq!(hash[..4], [0x5b, 0xaa, 0x61, 0xe4]);
        assert_eq!(hash[19], 0xd8);
        let lower = KNOWN.to_lowercase();
        for text in [
            format!("{KNOWN}:37359195\r\n"),
            format!("{KNOWN}:1\n"),
            format!("{lower}:1"),
            format!("\u{feff}{lower}\r\n"),
            format!("  {KNOWN}:1 \n"),
        ] {
            assert_eq!(all(text.as_bytes()), [Line::Hash(hash)], "{text:?}");
        }
    }

    #[test]
    fn empty_lines_and_padding_are_passed_over() {
        let text = format!("\n\r\n{KNOWN}:0\n");
        assert_eq!(all(text.as_bytes()), [Line::Nothing, Line::Nothing, Line::Nothing]);
    }

    #[test]
    fn anything_else_is_malformed_and_says_what_to_do() {
        for (text, words) in [
            ("password".to_owned(), "one SHA-1 hash a line"),
            (KNOWN[..39].to_owned(), "one SHA-1 hash a line"),
            (format!("{KNOWN}0:1"), "one SHA-1 hash a line"),
            (format!("{KNOWN}:"), "a colon and a count"),
            (format!("{KNOWN}:-1"), "a colon and a count"),
            (format!("{KNOWN} 1"), "a colon and a count"),
            (format!("{}:1", &KNOWN[..32]), "NTLM"),
            (format!("{}:1", &KNOWN[..35]), "range service"),
            ("x".repeat(4000), "one SHA-1 hash a line"),
            (format!("{}ä{}", &KNOWN[..20], &KNOWN[..20]), "one SHA-1 hash a line"),
        ] {
            let found = all(text.as_bytes());
            assert!(matches!(found[0], Line::Malformed(mend) if mend.contains(words)), "{text}: {found:?}");
        }
    }
}
