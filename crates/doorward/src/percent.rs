//! Percent-encoding of header values (`X-Auth-User` and its like), so that any name fits and can be read back.

use std::borrow::Cow;

use http::HeaderValue;

/// Encodes everything outside printable ASCII, byte by byte of its UTF-8. `%` itself is encoded too, so that undoing it
/// (any percent-decoder does) gives the text back; so is a blank at either end, which HTTP would cut off.
/// Allocates only where something must be encoded.
#[must_use]
pub fn encode(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'%';
    let has_blank_end = text.starts_with(' ') || text.ends_with(' ');
    // Without an early end, so that many bytes are looked at at a time.
    if !has_blank_end && text.bytes().fold(true, |so_far, byte| so_far & is_plain(byte)) {
        return Cow::Borrowed(text);
    }
    let last = text.len().saturating_sub(1);
    let mut encoded = String::with_capacity(text.len() * 2);
    for (at, byte) in text.bytes().enumerate() {
        if is_plain(byte) && !(byte == b' ' && (at == 0 || at == last)) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(hex_digit(byte >> 4));
            encoded.push(hex_digit(byte & 0x0f));
        }
    }
    Cow::Owned(encoded)
}

/// The same as a header's value. Empty text gives an empty value.
#[must_use]
pub fn header_value(text: &str) -> HeaderValue {
    // What is encoded is printable ASCII, which every header takes.
    HeaderValue::from_str(&encode(text)).unwrap_or(const { HeaderValue::from_static("") })
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A decoder of somebody else's: a `+` aside, the one for forms.
    fn decoded(text: &str) -> String {
        let field = format!("={}", text.replace('+', "%2B").replace('&', "%26"));
        url::form_urlencoded::parse(field.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    #[test]
    fn printable_ascii_stays_as_it_is_without_allocating() {
        for text in ["", "alice", "alice@example.com", "a b", "admin,ops", "\"~!", "a+b"] {
            assert!(matches!(encode(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn everything_else_is_encoded() {
        for (text, expected) in [
            ("Jörg", "J%C3%B6rg"),
            ("100%", "100%25"),
            ("%41", "%2541"),
            ("a\r\nX-Auth-Roles: admin", "a%0D%0AX-Auth-Roles: admin"),
            ("\u{0}\u{7f}", "%00%7F"),
            (" a ", "%20a%20"),
            (" ", "%20"),
            ("日", "%E6%97%A5"),
        ] {
            assert_eq!(encode(text), expected);
        }
    }

    proptest! {
        #[test]
        fn any_text_fits_a_header_and_is_read_back(text in any::<String>()) {
            let value = header_value(&text);
            let shown = value.to_str().unwrap();
            prop_assert_eq!(shown.trim(), shown);
            prop_assert_eq!(decoded(shown), text);
        }
    }
}
