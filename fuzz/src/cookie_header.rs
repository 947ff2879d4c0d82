//! Cookie headers, one a line: whatever is read is one of the pairs, and our own cookie beside them is always found.

use doorward::cookies::{MAX_CANDIDATES, Presented, values};
use http::{HeaderMap, HeaderValue, header::COOKIE};

const NAME: &str = "__Host-dw_session";

/// Panics when a promise is broken.
pub fn check(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(COOKIE, value);
        }
    }
    let found: Vec<&str> = values(&headers, NAME).collect();
    for value in &found {
        assert!(value.is_ascii() && !value.contains(';') && !value.contains(|c: char| c.is_ascii_control() && c != '\t'));
        assert!(contains(data, NAME.as_bytes()) && contains(data, value.as_bytes()));
    }
    let presented = Presented::read(&headers, NAME);
    let candidates = presented.candidates();
    assert!(candidates.len() <= MAX_CANDIDATES);
    assert!(candidates.iter().all(|candidate| found.contains(candidate)));
    assert_eq!(presented == Presented::Absent, found.is_empty());

    // Whatever somebody else's cookies hold, ours is found behind them.
    for line in data.split(|byte| *byte == b'\n') {
        let line = [line, b"; __Host-dw_session=ours"].concat();
        if let Ok(value) = HeaderValue::from_bytes(&line) {
            let headers = HeaderMap::from_iter([(COOKIE, value)]);
            assert_eq!(values(&headers, NAME).last(), Some("ours"));
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || haystack.windows(needle.len()).any(|window| window == needle)
}
