//! A `User-Agent` in plain words.

/// What a session runs on, in words a person recognises their own device by.
///
/// Only for reading: a user agent is whatever the client says, and no decision rests on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// "Firefox on Linux", "curl", "Unknown device".
    pub words: String,
    /// Which picture goes with it.
    pub kind: DeviceKind,
}

/// The kind of a device, for its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// A computer with a browser.
    Computer,
    /// A phone or tablet.
    Phone,
    /// A program, or anything that we do not recognise.
    Other,
}

/// Marker in the user agent → browser. Order matters: most browsers claim to be those below them too.
const BROWSERS: [(&str, &str); 12] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

/// Marker → system. Order matters here too: Android says Linux, and an iPhone "like Mac OS X".
const SYSTEMS: [(&str, &str, DeviceKind); 8] = [
    ("iPhone", "iPhone", DeviceKind::Phone),
    ("iPad", "iPad", DeviceKind::Phone),
    ("Android", "Android", DeviceKind::Phone),
    ("Windows", "Windows", DeviceKind::Computer),
    ("Macintosh", "Mac", DeviceKind::Computer),
    ("CrOS", "ChromeOS", DeviceKind::Computer),
    ("Linux", "Linux", DeviceKind::Computer),
    ("BSD", "BSD", DeviceKind::Computer),
];

/// The longest program name shown; a user agent may be kilobytes of anything.
const PROGRAM_NAME_MAX: usize = 40;

impl Device {
    /// Reads a `User-Agent` header's value; an empty one is an unknown device.
    #[must_use]
    pub fn from_user_agent(user_agent: &str) -> Self {
        let browser = BROWSERS.iter().find(|(marker, _)| user_agent.contains(marker)).map(|(_, name)| *name);
        let system = SYSTEMS.iter().find(|(marker, ..)| user_agent.contains(marker));
        match (browser, system) {
            (Some(browser), Some((_, system, kind))) => {
                Self { words: format!("{browser} on {system}"), kind: *kind }
            }
            (Some(browser), None) => Self { words: browser.to_owned(), kind: DeviceKind::Computer },
            (None, Some((_, system, kind))) if user_agent.starts_with("Mozilla/") => {
                Self { words: format!("A browser on {system}"), kind: *kind }
            }
            (None, _) => Self { words: program_name(user_agent), kind: DeviceKind::Other },
        }
    }
}

/// The first product of a user agent ("curl" of "curl/8.5.0"), if it is a plain word.
fn program_name(user_agent: &str) -> String {
    let product = user_agent.split(['/', ' ']).next().unwrap_or_default();
    let plain = !product.is_empty()
        && product.len() <= PROGRAM_NAME_MAX
        && product.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if plain && product != "Mozilla" { product.to_owned() } else { "Unknown device".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Device, DeviceKind};

    #[test]
    fn common_user_agents_are_recognised() {
        let windows_edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                            Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
        let android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/130.0.0.0 Mobile Safari/537.36";
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
        for (user_agent, words, kind) in [
            (windows_edge, "Edge on Windows", DeviceKind::Computer),
            (iphone, "Safari on iPhone", DeviceKind::Phone),
            (android, "Chrome on Android", DeviceKind::Phone),
            (firefox, "Firefox on Linux", DeviceKind::Computer),
            ("curl/8.5.0", "curl", DeviceKind::Other),
            ("python-requests/2.32", "python-requests", DeviceKind::Other),
        ] {
            assert_eq!(Device::from_user_agent(user_agent), Device { words: words.to_owned(), kind });
        }
    }

    #[test]
    fn what_is_not_a_plain_name_is_an_unknown_device() {
        for user_agent in ["", "<script>alert(1)</script>", "\u{202e}txt", "Mozilla/5.0", &"a".repeat(41)] {
            assert_eq!(Device::from_user_agent(user_agent).words, "Unknown device", "{user_agent}");
        }
    }
}
