//! A `User-Agent` in plain words.

use crate::pages::Language;

/// What a session runs on, in words a person recognises their own device by.
///
/// Only for reading: a user agent is whatever the client says, and no decision rests on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    recognised: Recognised,
    /// Which picture goes with it.
    pub kind: DeviceKind,
}

/// What a user agent gives away.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Recognised {
    BrowserOn(&'static str, System),
    Browser(&'static str),
    SomeBrowserOn(System),
    Program(String),
    Nothing,
}

/// What a browser runs on; German says "unter Linux", but "auf dem iPhone".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Software(&'static str),
    Machine(&'static str),
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
const SYSTEMS: [(&str, System, DeviceKind); 8] = [
    ("iPhone", System::Machine("iPhone"), DeviceKind::Phone),
    ("iPad", System::Machine("iPad"), DeviceKind::Phone),
    ("Android", System::Software("Android"), DeviceKind::Phone),
    ("Windows", System::Software("Windows"), DeviceKind::Computer),
    ("Macintosh", System::Machine("Mac"), DeviceKind::Computer),
    ("CrOS", System::Software("ChromeOS"), DeviceKind::Computer),
    ("Linux", System::Software("Linux"), DeviceKind::Computer),
    ("BSD", System::Software("BSD"), DeviceKind::Computer),
];

/// The longest program name shown; a user agent may be kilobytes of anything.
const PROGRAM_NAME_MAX: usize = 40;

impl Device {
    /// Reads a `User-Agent` header's value; an empty one is an unknown device.
    #[must_use]
    pub fn from_user_agent(user_agent: &str) -> Self {
        let browser = BROWSERS.iter().find(|(marker, _)| user_agent.contains(marker)).map(|(_, name)| *name);
        let system = SYSTEMS.iter().find(|(marker, ..)| user_agent.contains(marker));
        let (recognised, kind) = match (browser, system) {
            (Some(browser), Some((_, system, kind))) => (Recognised::BrowserOn(browser, *system), *kind),
            (Some(browser), None) => (Recognised::Browser(browser), DeviceKind::Computer),
            (None, Some((_, system, kind))) if user_agent.starts_with("Mozilla/") => {
                (Recognised::SomeBrowserOn(*system), *kind)
            }
            (None, _) => {
                let program = program_name(user_agent).map(|name| Recognised::Program(name.to_owned()));
                (program.unwrap_or(Recognised::Nothing), DeviceKind::Other)
            }
        };
        Self { recognised, kind }
    }
}

impl Language {
    /// "Firefox on Linux", "curl", "Unknown device".
    #[must_use]
    pub fn device(self, device: &Device) -> String {
        let words = match &device.recognised {
            Recognised::BrowserOn(browser, System::Software(name)) => self.device_under(browser, name),
            Recognised::BrowserOn(browser, System::Machine(name)) => self.device_on(browser, name),
            Recognised::SomeBrowserOn(System::Software(name)) => self.device_some_under(name),
            Recognised::SomeBrowserOn(System::Machine(name)) => self.device_some_on(name),
            Recognised::Browser(name) => return (*name).to_owned(),
            Recognised::Program(name) => return name.clone(),
            Recognised::Nothing => self.device_unknown(),
        };
        words.to_string()
    }
}

/// The first product of a user agent ("curl" of "curl/8.5.0"), if it is a plain word.
fn program_name(user_agent: &str) -> Option<&str> {
    let product = user_agent.split(['/', ' ']).next().unwrap_or_default();
    let plain = !product.is_empty()
        && product.len() <= PROGRAM_NAME_MAX
        && product.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (plain && product != "Mozilla").then_some(product)
}

#[cfg(test)]
mod tests {
    use super::{Device, DeviceKind, Language};

    #[test]
    fn common_user_agents_are_recognised() {
        let windows_edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                            Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
        let android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/130.0.0.0 Mobile Safari/537.36";
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
        for (user_agent, english, german, kind) in [
            (windows_edge, "Edge on Windows", "Edge unter Windows", DeviceKind::Computer),
            (iphone, "Safari on iPhone", "Safari auf dem iPhone", DeviceKind::Phone),
            (android, "Chrome on Android", "Chrome unter Android", DeviceKind::Phone),
            (firefox, "Firefox on Linux", "Firefox unter Linux", DeviceKind::Computer),
            ("Mozilla/5.0 (iPad)", "A browser on iPad", "Ein Browser auf dem iPad", DeviceKind::Phone),
            ("Mozilla/5.0 BSD", "A browser on BSD", "Ein Browser unter BSD", DeviceKind::Computer),
            ("Firefox/132.0", "Firefox", "Firefox", DeviceKind::Computer),
            ("curl/8.5.0", "curl", "curl", DeviceKind::Other),
            ("python-requests/2.32", "python-requests", "python-requests", DeviceKind::Other),
        ] {
            let device = Device::from_user_agent(user_agent);
            let told = (Language::English.device(&device), Language::German.device(&device), device.kind);
            assert_eq!(told, (english.to_owned(), german.to_owned(), kind));
        }
    }

    #[test]
    fn what_is_not_a_plain_name_is_an_unknown_device() {
        for user_agent in ["", "<script>alert(1)</script>", "\u{202e}txt", "Mozilla/5.0", &"a".repeat(41)] {
            let device = Device::from_user_agent(user_agent);
            assert_eq!(Language::English.device(&device), "Unknown device", "{user_agent}");
            assert_eq!(Language::German.device(&device), "Unbekanntes Gerät", "{user_agent}");
        }
    }
}
