//! `rd`: whatever is followed leads to a redirect origin, for every reader of URLs.

use doorward::{
    origins::{Origins, WebOrigin},
    redirect_target::{MAX_REDIRECT_TARGET_BYTES, RedirectTarget},
};
use url::Url;

/// Panics when a promise is broken.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(public_url) = Url::parse("https://auth.example.com") else { panic!("the URL is well-formed") };
    let allowed: Origins = ["https://app.example.com", "http://localhost:3000"]
        .into_iter()
        .filter_map(|origin| WebOrigin::parse(origin).ok())
        .collect();
    let Some(target) = RedirectTarget::parse(text, &public_url, &allowed) else { return };
    let target = target.as_str();
    assert!(text.len() <= MAX_REDIRECT_TARGET_BYTES);
    // A prefix is what also the most naive reader would see: the origin, and then a path.
    let origins = ["https://auth.example.com/", "https://app.example.com/", "http://localhost:3000/"];
    assert!(origins.iter().any(|origin| target.starts_with(origin)), "{target}");
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' || byte == b'\\' && target.contains(['?', '#'])));
    // On our own site a path must also stand by itself.
    if let Some(path) = target.strip_prefix("https://auth.example.com") {
        assert!(!path.starts_with("//") && !path.starts_with("/\\"), "{target}");
    }
}
