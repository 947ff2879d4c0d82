//! Base32, for secrets that people read and type.

use zeroize::Zeroizing;

/// The alphabet of RFC 4648, section 6: what authenticator apps read.
pub(super) const RFC4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Crockford's alphabet: no I, L, O or U, so that nothing is mistaken for a digit and few words come out.
pub(super) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Eight characters for each group of five bytes, so that there is nothing to pad.
///
/// Our own dozen lines, because the text is as secret as the bytes: it is allocated once, whole, and wiped when it
/// is dropped, where the encoders at hand leave copies behind as their buffer grows.
pub(super) fn encode(alphabet: &[u8; 32], groups: &[[u8; 5]]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(groups.len() * 8));
    for group in groups {
        let bits = group.iter().fold(0, |bits, byte| (bits << 8) | u64::from(*byte));
        for shift in (0..40).step_by(5).rev() {
            let value = usize::try_from((bits >> shift) & 0b1_1111).unwrap_or(0);
            text.extend(alphabet.get(value).map(|character| char::from(*character)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_encoded_as_rfc_4648_has_them() {
        // Section 10, the one test vector that needs no padding.
        assert_eq!(*encode(RFC4648, &[*b"fooba"]), "MZXW6YTB");
        assert_eq!(*encode(RFC4648, &[*b"fooba", [0; 5], [255; 5]]), "MZXW6YTBAAAAAAAA77777777");
        assert_eq!(*encode(RFC4648, &[]), "");
    }

    #[test]
    fn every_character_of_either_alphabet_stands_for_its_value() {
        // The values 0 to 31, five bits each, in order.
        let ascending = [
            [0x00, 0x44, 0x32, 0x14, 0xc7],
            [0x42, 0x54, 0xb6, 0x35, 0xcf],
            [0x84, 0x65, 0x3a, 0x56, 0xd7],
            [0xc6, 0x75, 0xbe, 0x77, 0xdf],
        ];
        for alphabet in [RFC4648, CROCKFORD] {
            assert_eq!(encode(alphabet, &ascending).as_bytes(), alphabet);
        }
    }
}
