//! What a request says its body is: `Content-Type`, as far as we take any.

use http::{HeaderMap, header};

use crate::single_header::SingleHeader;

/// A body's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json` (RFC 8259).
    Json,
    /// `application/x-www-form-urlencoded` (WHATWG URL, 5).
    Form,
}

/// The body is in a format that we do not read: `unsupported_media_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body needs one Content-Type, application/json or application/x-www-form-urlencoded, in UTF-8")]
pub struct UnsupportedMediaType;

impl MediaType {
    /// Reads Content-Type and Content-Encoding. Guessing is not for us: a form of another site can send `text/plain`
    /// that reads as JSON, without asking the browser's leave.
    ///
    /// # Errors
    /// [`UnsupportedMediaType`] for another type, none, several, a charset other than UTF-8, or a compressed body.
    pub fn of(headers: &HeaderMap) -> Result<Self, UnsupportedMediaType> {
        let plain = match SingleHeader::read(headers, header::CONTENT_ENCODING) {
            SingleHeader::Absent => true,
            SingleHeader::One(encoding) => encoding.trim().eq_ignore_ascii_case("identity"),
            SingleHeader::Duplicate | SingleHeader::Unreadable => false,
        };
        let content_type = SingleHeader::read(headers, header::CONTENT_TYPE).value().filter(|_| plain);
        Self::parse(content_type.ok_or(UnsupportedMediaType)?)
    }

    fn parse(content_type: &str) -> Result<Self, UnsupportedMediaType> {
        let mut parts = content_type.split(';').map(|part| part.trim_matches([' ', '\t']));
        let essence = parts.next().unwrap_or_default();
        let utf8 = parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            !name.eq_ignore_ascii_case("charset")
                || value.eq_ignore_ascii_case("utf-8")
                || value.eq_ignore_ascii_case("utf8")
        });
        if !utf8 {
            Err(UnsupportedMediaType)
        } else if essence.eq_ignore_ascii_case("application/json") {
            Ok(Self::Json)
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Ok(Self::Form)
        } else {
            Err(UnsupportedMediaType)
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Result<MediaType, UnsupportedMediaType> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        MediaType::of(&map)
    }

    #[test]
    fn json_and_forms_are_read_in_utf8() {
        for (text, media_type) in [
            ("application/json", MediaType::Json),
            ("Application/JSON; charset=UTF-8", MediaType::Json),
            ("application/json;charset=\"utf-8\"", MediaType::Json),
            ("application/json; profile=x", MediaType::Json),
            ("application/x-www-form-urlencoded", MediaType::Form),
            ("application/x-www-form-urlencoded ;charset=utf8", MediaType::Form),
        ] {
            assert_eq!(of(&[("content-type", text)]), Ok(media_type), "{text}");
        }
    }

    #[test]
    fn everything_else_is_unsupported() {
        for text in [
            "",
            "text/plain",
            "text/plain; application/json",
            "application/jsonx",
            "application/problem+json",
            "json",
            "application/json, text/plain",
            "application/json; charset=latin1",
            "application/json; charset=utf-16",
            "multipart/form-data; boundary=x",
            "*/*",
        ] {
            assert_eq!(of(&[("content-type", text)]), Err(UnsupportedMediaType), "{text}");
        }
        assert_eq!(of(&[]), Err(UnsupportedMediaType));
        assert_eq!(of(&[("content-type", "application/json"); 2]), Err(UnsupportedMediaType));
    }

    #[test]
    fn a_compressed_body_is_unsupported() {
        let json = ("content-type", "application/json");
        assert_eq!(of(&[json, ("content-encoding", "gzip")]), Err(UnsupportedMediaType));
        assert_eq!(of(&[json, ("content-encoding", "identity")]), Ok(MediaType::Json));
    }
}
