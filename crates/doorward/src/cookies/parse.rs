//! Reads the values of one cookie name from a request (RFC 6265bis, 5.7.3 and 5.8 as seen by a server).
//!
//! Reading cannot fail. A pair that is not `name=value` in visible ASCII is passed over, and the pairs beside it still
//! count: were one odd byte to void the whole header, a sibling subdomain could lock every user out by setting a
//! cookie for the common domain. A header with nothing readable in it is therefore the same as none.
//!
//! Quotes are left in place: to RFC 6265bis they are part of the value, so a quoted token is not our token. Legacy
//! attributes (`$Version`, `$Path`, RFC 2109) are ordinary cookies here; servers that still honour them let `"`
//! swallow the pairs that follow.

use http::{HeaderMap, header::COOKIE};

/// How many different values of one name are worth verifying: each may cost a signature check, and a request could
/// carry thousands. A browser with more of them than this was flooded on purpose.
pub const MAX_CANDIDATES: usize = 32;

/// The different values presented under one cookie name; identical repeats count once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented<'h> {
    /// No such cookie.
    Absent,
    /// One value, however often.
    One([&'h str; 1]),
    /// Two to [`MAX_CANDIDATES`] different values, in the order sent: drop those that do not verify first.
    Several(Vec<&'h str>),
    /// More than [`MAX_CANDIDATES`]: answer `cookie_ambiguous` without verifying any.
    TooMany,
}

impl<'h> Presented<'h> {
    /// Reads the cookie `name`, exactly. Allocates only when values differ; the work is linear in the headers' bytes.
    #[must_use]
    pub fn read(headers: &'h HeaderMap, name: &str) -> Self {
        let mut values = values(headers, name);
        let Some(first) = values.next() else { return Self::Absent };
        let Some(second) = values.find(|value| *value != first) else { return Self::One([first]) };
        let mut distinct = vec![first, second];
        for value in values {
            if !distinct.contains(&value) {
                if distinct.len() == MAX_CANDIDATES {
                    return Self::TooMany;
                }
                distinct.push(value);
            }
        }
        Self::Several(distinct)
    }

    /// The values to verify; empty for [`Presented::Absent`] and [`Presented::TooMany`].
    #[must_use]
    pub fn candidates(&self) -> &[&'h str] {
        match self {
            Self::Absent | Self::TooMany => &[],
            Self::One(one) => one,
            Self::Several(several) => several,
        }
    }
}

/// Every value of the cookie `name`, exactly, over all Cookie headers (HTTP/2 splits them), in the order sent.
pub fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .flat_map(move |header| pairs(header.as_bytes()).filter_map(move |pair| value_of(pair, name)))
}

/// What stands between the semicolons. Headers hold a kilobyte of other people's cookies, which are passed over many bytes at
/// a time.
fn pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b';', header).chain(std::iter::once(header.len()));
    ends.scan(0, |start, end| {
        let pair = header.get(*start..end);
        *start = end + 1;
        pair
    })
}

/// The pair's value if it carries this name and the value is visible ASCII, blanks and tabs within included.
fn value_of<'h>(pair: &'h [u8], name: &str) -> Option<&'h str> {
    let after = trim_blanks(pair).strip_prefix(name.as_bytes())?;
    let value = trim_blanks(trim_blanks(after).strip_prefix(b"=")?);
    // A name with an equals sign in it is a shorter one with a longer value.
    if name.is_empty() || name.contains('=') {
        return None;
    }
    // No header's value has control characters in it, a tab apart: what is ASCII is visible. All bytes are looked at together,
    // without an early end.
    let visible = value.iter().fold(0, |bits, byte| bits | byte).is_ascii();
    if visible { str::from_utf8(value).ok() } else { None }
}

/// Cuts off blanks and tabs, and nothing else: a server that also strips Unicode white space reads a name that the
/// browser did not recognise as `__Host-`, and its protection is gone ("cookie chaos", 2025).
fn trim_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn cookies(lines: &[&[u8]]) -> HeaderMap {
        lines.iter().map(|line| (COOKIE, HeaderValue::from_bytes(line).unwrap())).collect()
    }

    fn read(line: &[u8]) -> Vec<String> {
        values(&cookies(&[line]), "dw_session").map(str::to_owned).collect()
    }

    #[test]
    fn pairs_are_read_with_and_without_the_space_after_the_semicolon() {
        for line in [
            "dw_session=v",
            "a=b;dw_session=v",
            "a=b; dw_session=v;c=d",
            " ;; dw_session = v ;",
            "x;dw_session=v",
        ] {
            assert_eq!(read(line.as_bytes()), ["v"], "{line}");
        }
    }

    #[test]
    fn only_the_exact_name_counts() {
        for line in [
            "DW_SESSION=v",
            "__Host-dw_session=v",
            "xdw_session=v",
            "dw_session",
            "dw_session2=v",
            "=dw_session=v",
            "\"dw_session\"=v",
            "a=\"; $Path=dw_session=v",
            "",
            ";",
            "=",
        ] {
            assert_eq!(read(line.as_bytes()), [""; 0], "{line}");
        }
    }

    #[test]
    fn unicode_white_space_before_a_name_makes_it_another_name() {
        for space in ["\u{a0}", "\u{2000}", "\u{3000}", "\u{85}"] {
            assert_eq!(read(format!("a=b; {space}dw_session=v").as_bytes()), [""; 0], "{space:?}");
        }
    }

    #[test]
    fn unreadable_pairs_are_passed_over_and_their_neighbours_count() {
        assert_eq!(read(b"a=\xff\xfe; dw_session=v"), ["v"]);
        assert_eq!(read(b"\xff\xfe\xfd"), [""; 0]);
        assert_eq!(read(b"dw_session=\xff; dw_session=v"), ["v"]);
        assert_eq!(read("dw_session=ä; dw_session=v".as_bytes()), ["v"]);
    }

    #[test]
    fn quotes_are_part_of_the_value_and_hide_nothing() {
        assert_eq!(read(b"dw_session=\"v\""), ["\"v\""]);
        assert_eq!(read(b"a=\"x; dw_session=v; y\""), ["v"]);
        assert_eq!(read(b"dw_session=a=b=="), ["a=b=="]);
    }

    #[test]
    fn several_headers_are_read_as_one() {
        let headers = cookies(&[b"a=b; dw_session=1", b"c=d", b"dw_session=2"]);
        assert_eq!(values(&headers, "dw_session").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(Presented::read(&headers, "dw_session"), Presented::Several(vec!["1", "2"]));
    }

    #[test]
    fn the_same_value_twice_is_one_candidate() {
        let headers = cookies(&[b"dw_session=1; dw_session=1"]);
        assert_eq!(Presented::read(&headers, "dw_session").candidates(), ["1"]);
        assert_eq!(Presented::read(&headers, "other"), Presented::Absent);
    }

    #[test]
    fn a_flood_of_values_is_not_verified_at_all() {
        let flood = |n: usize| (0..n).map(|i| format!("dw_session={i}")).collect::<Vec<_>>().join(";");
        let at_limit = cookies(&[flood(MAX_CANDIDATES).as_bytes()]);
        assert_eq!(Presented::read(&at_limit, "dw_session").candidates().len(), MAX_CANDIDATES);
        let beyond = cookies(&[flood(MAX_CANDIDATES + 1).as_bytes()]);
        assert_eq!(Presented::read(&beyond, "dw_session"), Presented::TooMany);
    }

    #[test]
    fn four_thousand_semicolons_hide_no_cookie() {
        let line = format!("{}dw_session=v{}", ";".repeat(4000), ";".repeat(4000));
        assert_eq!(read(line.as_bytes()), ["v"]);
    }

    /// What a browser would send for each http-state case is read back, value by value, in order. Cases with
    /// non-ASCII text are left out: RFC 6265bis servers never issue such values, and we never read them.
    #[test]
    fn cookies_that_browsers_send_are_read_back() {
        #[derive(serde::Deserialize)]
        struct Case {
            test: String,
            sent: Vec<Sent>,
        }
        #[derive(serde::Deserialize)]
        struct Sent {
            name: String,
            value: String,
        }
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/vectors/http_state_parser.json")).unwrap();
        let mut checked = 0;
        for case in cases {
            let line =
                case.sent.iter().map(|c| format!("{}={}", c.name, c.value)).collect::<Vec<_>>().join("; ");
            let headers = cookies(&[line.as_bytes()]);
            for sent in &case.sent {
                let same_name = case.sent.iter().filter(|c| c.name == sent.name && c.value.is_ascii());
                let expected: Vec<_> = same_name.map(|c| c.value.as_str()).collect();
                let found: Vec<_> = values(&headers, &sent.name).collect();
                assert_eq!(found, expected, "{}", case.test);
                checked += 1;
            }
        }
        assert!(checked > 100, "only {checked} cookies checked");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_failing(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let headers = HeaderMap::from_iter([(COOKIE, value)]);
                for value in values(&headers, "a") {
                    prop_assert!(value.is_ascii() && !value.contains(';'));
                }
            }
        }

        #[test]
        fn our_cookie_is_found_wherever_it_stands(
            before in "[a-z]=[!-:<-~]{0,9}(;[ -:<-~]{0,9}){0,5}", after in "[ -:<-~]{0,9}(;[ -:<-~]{0,9}){0,5}",
        ) {
            let line = format!("{before}; __Host-dw_session=token;{after}");
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&line).unwrap())]);
            prop_assert!(values(&headers, "__Host-dw_session").any(|value| value == "token"));
        }
    }
}
