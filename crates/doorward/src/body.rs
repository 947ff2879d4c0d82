//! Reading bodies strictly: what does not fit the request's shape is refused, so that a typo never passes silently.
//!
//! The types that are read into say what fits: derive `Deserialize` with `#[serde(deny_unknown_fields)]`, unless other
//! members are to be ignored (the login form takes an OAuth2 client's).

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::media_type::{MediaType, UnsupportedMediaType};

/// The longest body that is read, in bytes. Whoever reads from the network stops there.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// How deep arrays and objects may nest. Our requests need three; each level costs a parser stack.
pub const MAX_JSON_DEPTH: usize = 16;

/// How many fields a form may have.
pub const MAX_FORM_FIELDS: usize = 64;

/// Why a body was not read. The reasons are fixed texts: a parser's own message may repeat a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It does not fit the request's shape: `malformed_request`.
    #[error("{reason}")]
    Malformed {
        /// What is wrong, for whoever wrote the client.
        reason: &'static str,
    },
    /// It is of a type that this endpoint does not take: `unsupported_media_type`.
    #[error(transparent)]
    Unsupported(#[from] UnsupportedMediaType),
    /// It is longer than [`MAX_BODY_BYTES`]: `body_too_large`.
    #[error("the body is longer than {MAX_BODY_BYTES} bytes")]
    TooLarge,
}

const fn malformed(reason: &'static str) -> BodyError {
    BodyError::Malformed { reason }
}

/// Reads a body that must be JSON.
///
/// # Errors
/// [`BodyError`]; the size is looked at first, then the type, then the shape.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, BodyError> {
    match media_type(headers, body)? {
        MediaType::Json => parse_json(body),
        MediaType::Form => Err(UnsupportedMediaType.into()),
    }
}

/// Reads a body that must be a form.
///
/// # Errors
/// As [`json`].
pub fn form<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, BodyError> {
    match media_type(headers, body)? {
        MediaType::Form => parse_form(body),
        MediaType::Json => Err(UnsupportedMediaType.into()),
    }
}

/// Reads a body that may be either.
///
/// # Errors
/// As [`json`].
pub fn json_or_form<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, BodyError> {
    match media_type(headers, body)? {
        MediaType::Json => parse_json(body),
        MediaType::Form => parse_form(body),
    }
}

/// Checks the body of an endpoint that takes none; its Content-Type does not matter.
///
/// # Errors
/// [`BodyError::TooLarge`] or [`BodyError::Malformed`] if there is one.
pub const fn empty(body: &[u8]) -> Result<(), BodyError> {
    match body.len() {
        0 => Ok(()),
        1..=MAX_BODY_BYTES => Err(malformed("this endpoint takes no body")),
        _ => Err(BodyError::TooLarge),
    }
}

fn media_type(headers: &HeaderMap, body: &[u8]) -> Result<MediaType, BodyError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(BodyError::TooLarge);
    }
    Ok(MediaType::of(headers)?)
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, BodyError> {
    if depth(body) > MAX_JSON_DEPTH {
        return Err(malformed("the JSON is nested too deeply"));
    }
    // Serde reads a struct from an array too, member by position, and then no member is ever unknown.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(malformed("the body is not a JSON object"));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => malformed("the body is not JSON in UTF-8"),
        Category::Data => malformed("a member is unknown, missing, repeated, or of another type"),
    })
}

/// The deepest nesting of brackets outside of strings; of text that is no JSON, an upper bound of what a parser meets.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_string = false,
            (false, b'"') => in_string = true,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (true | false, _) => {}
        }
    }
    deepest
}

fn parse_form<T: DeserializeOwned>(body: &[u8]) -> Result<T, BodyError> {
    check_fields(body)?;
    serde_urlencoded::from_bytes(body)
        .map_err(|_| malformed("a field is unknown, missing, or of another type"))
}

/// Refuses what the form parser would repair or pick from: broken percent-encoding and UTF-8 (a password would become
/// another one), and a field twice (of two readers each may take another; RFC 6749, 3.1, forbids it).
fn check_fields(body: &[u8]) -> Result<(), BodyError> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    for field in body.split(|byte| *byte == b'&').filter(|field| !field.is_empty()) {
        let mut parts = field.splitn(2, |byte| *byte == b'=');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (Some(name), Some(_)) = (decoded(name), decoded(value)) else {
            return Err(malformed("the form is not percent-encoded UTF-8"));
        };
        if names.contains(&name) {
            return Err(malformed("a field is repeated"));
        }
        if names.len() == MAX_FORM_FIELDS {
            return Err(malformed("the form has too many fields"));
        }
        names.push(name);
    }
    Ok(())
}

/// Undoes form encoding; `None` unless it is whole and the result is UTF-8.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = match (byte, after) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                after
            }
            (b'%', _) => return None,
            (b'+', _) => {
                bytes.push(b' ');
                after
            }
            _ => {
                bytes.push(*byte);
                after
            }
        };
    }
    str::from_utf8(&bytes).is_ok().then_some(bytes)
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
