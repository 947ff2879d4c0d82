//! QR codes, drawn where they are shown: inside the page, so that no picture with a secret in it has an address of its
//! own, and nothing is asked of anybody else.

use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

use super::Language;

/// The white border that readers need, in modules (ISO/IEC 18004, 9.1).
const QUIET_ZONE: usize = 4;

/// A drawing in modules, which the page scales.
#[derive(Template)]
#[template(path = "qr_code.svg")]
struct Drawing {
    t: Language,
    side: usize,
    dark: String,
}

/// Draws `text` as an SVG element that stands by itself or inside a page, named in the language of whoever does not see
/// it. As secret as the text.
///
/// Black on white, in dark colour schemes as well: many readers know nothing else. It has no size of its own, no
/// script and no style, so that the page's content security policy has nothing to refuse. Error correction is M: a
/// seventh of it may be unreadable.
///
/// # Errors
/// [`TooLong`] when `text` has more than some 2,300 bytes.
pub fn svg(text: &str, t: Language) -> Result<String, TooLong> {
    // What may go wrong here besides is a choice of version or encoding that we do not make.
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
    let side = code.width() + 2 * QUIET_ZONE;
    Ok(super::html(&Drawing { t, side, dark: dark_modules(&code) }))
}

/// The text does not fit into any QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too long for a QR code")]
pub struct TooLong;

/// The dark modules as the data of one path: a rectangle for each run of them in a row.
fn dark_modules(code: &QrCode) -> String {
    let mut path = String::new();
    let modules = code.to_colors();
    for (y, row) in (QUIET_ZONE..).zip(modules.chunks(code.width())) {
        let mut x = QUIET_ZONE;
        for run in row.chunk_by(|one, next| one == next) {
            let length = run.len();
            if run.first() == Some(&Color::Dark) {
                path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
            }
            x += length;
        }
    }
    path
}
