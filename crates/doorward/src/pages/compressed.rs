//! Static files as most browsers take them: compressed with gzip (RFC 1952), once, when the first of them asks.
//!
//! Pages are not: what a page holds for its reader alone, as the CSRF token, can be guessed by the length of what it is
//! compressed with (BREACH).

use std::{io::Write, sync::OnceLock};

use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, header};

use super::static_files::{self, StaticFile};

/// What was compressed so far.
#[derive(Debug, Default)]
pub(crate) struct CompressedFiles([OnceLock<Option<Bytes>>; static_files::ALL.len()]);

impl CompressedFiles {
    /// The file compressed; none where that would make it no smaller.
    pub(crate) fn gzip(&self, file: &StaticFile) -> Option<Bytes> {
        let place = static_files::ALL.iter().position(|known| known.url("") == file.url(""))?;
        self.0.get(place)?.get_or_init(|| compress(file.body)).clone()
    }
}

fn compress(body: &str) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    encoder.write_all(body.as_bytes()).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < body.len()).then(|| Bytes::from(compressed))
}

/// Whether whoever asks takes gzip (RFC 9110, section 12.5.3): says so, and not with a weight of nothing.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let nothing = weight
            .trim()
            .split_once('=')
            .is_some_and(|(_, weight)| weight.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !nothing
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_file_is_smaller_compressed_and_the_same_again() {
        let files = CompressedFiles::default();
        for file in &static_files::ALL {
            let compressed = files.gzip(file).unwrap();
            assert!(compressed.len() < file.body.len());
            let mut again = String::new();
            GzDecoder::new(&*compressed).read_to_string(&mut again).unwrap();
            assert_eq!(again, file.body);
            assert_eq!(files.gzip(file).unwrap().as_ptr(), compressed.as_ptr(), "compressed once");
        }
        assert_eq!(compress(""), None);
    }

    #[test]
    fn gzip_is_sent_to_those_who_say_that_they_take_it() {
        let takes = |lines: &[&'static str]| {
            takes_gzip(
                &lines.iter().map(|line| (header::ACCEPT_ENCODING, HeaderValue::from_static(line))).collect(),
            )
        };
        for lines in [
            &["gzip"][..],
            &["gzip, deflate, br, zstd"],
            &["br;q=1.0, GZIP;q=0.8, *;q=0.1"],
            &["br", "deflate,gzip ; q=0.5"],
        ] {
            assert!(takes(lines), "{lines:?}");
        }
        for lines in
            [&[][..], &[""], &["br"], &["gzip;q=0"], &["gzip; q=0.000, br"], &["xgzip"], &["identity"]]
        {
            assert!(!takes(lines), "{lines:?}");
        }
    }
}
