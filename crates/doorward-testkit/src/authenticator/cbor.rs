//! As much of CBOR (RFC 8949) as an authenticator writes.

/// A map, in the order given.
pub(crate) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut written = head(5, entries.len());
    for (key, value) in entries {
        written.extend_from_slice(key);
        written.extend_from_slice(value);
    }
    written
}

/// A text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    [head(3, text.len()).as_slice(), text.as_bytes()].concat()
}

/// Bytes.
pub(crate) fn bytes(bytes: &[u8]) -> Vec<u8> {
    [head(2, bytes.len()).as_slice(), bytes].concat()
}

/// An integer.
pub(crate) fn integer(number: i16) -> Vec<u8> {
    let magnitude = usize::from(if number < 0 { !number } else { number }.unsigned_abs());
    head(u8::from(number < 0), magnitude)
}

/// A major type and its argument, as short as it can be (4.2.1); arguments are below 65,536.
fn head(major: u8, argument: usize) -> Vec<u8> {
    let major = major << 5;
    match (u8::try_from(argument), u16::try_from(argument)) {
        (Ok(small @ 0..24), _) => vec![major | small],
        (Ok(byte), _) => vec![major | 24, byte],
        (_, argument) => {
            let [high, low] = argument.unwrap_or(u16::MAX).to_be_bytes();
            vec![major | 25, high, low]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn numbers_texts_bytes_and_maps_are_written_as_the_rfc_shows() {
        for (number, written) in [
            (0, vec![0x00]),
            (23, vec![0x17]),
            (24, vec![0x18, 0x18]),
            (100, vec![0x18, 0x64]),
            (1000, vec![0x19, 0x03, 0xe8]),
            (-1, vec![0x20]),
            (-10, vec![0x29]),
            (-100, vec![0x38, 0x63]),
            (-1000, vec![0x39, 0x03, 0xe7]),
        ] {
            assert_eq!(integer(number), written, "{number}");
        }
        assert_eq!(text("IETF"), b"\x64IETF");
        assert_eq!(bytes(&[1, 2, 3, 4]), [0x44, 1, 2, 3, 4]);
        assert_eq!(map(&[(integer(1), integer(2)), (integer(3), integer(4))]), [0xa2, 1, 2, 3, 4]);
    }
}
