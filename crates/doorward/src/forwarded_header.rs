//! The grammar of the `Forwarded` header (RFC 7239, 4), without allocation and without mercy: a line that does not
//! follow it says nothing that could be trusted.

/// One parameter of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'h> {
    /// The name, compared without regard to case.
    pub name: &'h [u8],
    /// The value; of a quoted one what is between the quotes, its backslashes still in place.
    pub value: &'h [u8],
    /// Whether the element ends here: the next parameter belongs to the next hop.
    pub ends_element: bool,
}

/// The line does not follow the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The parameters of one header line, in order; ends after the first [`Malformed`].
#[derive(Clone, Debug)]
pub struct Parameters<'h> {
    rest: &'h [u8],
    done: bool,
}

impl<'h> Parameters<'h> {
    /// Begins to read a header line.
    #[must_use]
    pub const fn of(line: &'h [u8]) -> Self {
        Self { rest: line, done: false }
    }

    fn parameter(&mut self) -> Option<Parameter<'h>> {
        let (name, rest) = split_token(self.rest)?;
        let rest = rest.strip_prefix(b"=")?;
        let (value, rest) = match rest.strip_prefix(b"\"") {
            Some(quoted) => split_quoted(quoted)?,
            None => split_token(rest)?,
        };
        match skip_blanks(rest) {
            [] => {
                // Blanks at the end of a line are the HTTP parser's to remove.
                self.done = true;
                rest.is_empty().then_some(Parameter { name, value, ends_element: true })
            }
            [separator @ (b',' | b';'), rest @ ..] => {
                self.rest = skip_blanks(rest);
                Some(Parameter { name, value, ends_element: *separator == b',' })
            }
            _ => None,
        }
    }
}

impl<'h> Iterator for Parameters<'h> {
    type Item = Result<Parameter<'h>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let parameter = self.parameter().ok_or(Malformed);
        self.done |= parameter.is_err();
        Some(parameter)
    }
}

fn split_token(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    let end = bytes.iter().position(|b| !is_token(b)).unwrap_or(bytes.len());
    if end == 0 { None } else { bytes.split_at_checked(end) }
}

/// Splits behind the closing quote; the opening one is already gone.
fn split_quoted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [b'"', after @ ..] => {
                return bytes.get(..bytes.len() - rest.len()).map(|value| (value, after));
            }
            [b'\\', b'\t' | b' '..=b'~' | 0x80.., after @ ..] => after,
            [b'\t' | b' '..=b'[' | b']'..=b'~' | 0x80.., after @ ..] => after,
            _ => return None,
        };
    }
}

fn skip_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Header bytes as Latin-1, which is what Node.js hands the source's parser; `None` beyond it.
    fn latin1(text: &str) -> Option<Vec<u8>> {
        text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
    }

    fn unescaped(value: &[u8]) -> String {
        let mut bytes = value.iter();
        let mut text = String::new();
        while let Some(byte) = bytes.next() {
            let byte = if *byte == b'\\' { bytes.next().unwrap() } else { byte };
            text.push(char::from(*byte));
        }
        text
    }

    #[test]
    fn forwarded_parse_vectors() {
        #[derive(serde::Deserialize)]
        struct Vectors {
            accept: Vec<Accept>,
            reject: Vec<String>,
        }
        #[derive(serde::Deserialize)]
        struct Accept {
            r#in: String,
            out: BTreeMap<String, Vec<String>>,
        }
        let vectors: Vectors =
            serde_json::from_str(include_str!("../tests/vectors/forwarded_rfc7239.json")).unwrap();
        assert_eq!((vectors.accept.len(), vectors.reject.len()), (5, 15));
        for case in vectors.accept {
            let line = latin1(&case.r#in).unwrap();
            let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for parameter in Parameters::of(&line) {
                let parameter = parameter.unwrap();
                let name = String::from_utf8(parameter.name.to_ascii_lowercase()).unwrap();
                out.entry(name).or_default().push(unescaped(parameter.value));
            }
            assert_eq!(out, case.out, "{}", case.r#in);
        }
        // One vector has Ω between quotes, which JavaScript refuses as no byte; as bytes it is obs-text, and allowed.
        for line in vectors.reject.iter().filter(|line| !line.contains("\"Ω\"")) {
            let bytes = latin1(line).unwrap_or_else(|| line.as_bytes().to_vec());
            assert!(Parameters::of(&bytes).any(|parameter| parameter.is_err()), "{line}");
        }
    }

    #[test]
    fn elements_end_at_commas_outside_of_quotes() {
        let ends: Vec<_> =
            Parameters::of(b"for=a;by=b, for=\"c,d\";proto=e").map(|p| p.unwrap().ends_element).collect();
        assert_eq!(ends, [false, true, false, true]);
    }

    #[test]
    fn an_empty_line_or_element_is_malformed() {
        for line in [&b""[..], b",", b"for=a,", b"for=a,,for=b", b"for=a;", b";for=a"] {
            assert!(Parameters::of(line).any(|parameter| parameter.is_err()));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_bounded_steps(line in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(Parameters::of(&line).count() <= line.len() + 1);
        }
    }
}
