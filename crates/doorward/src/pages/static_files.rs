//! The static files of the pages, embedded in the binary, under names that carry their content's hash.
//!
//! The name changes with the content, so each file may be cached for ever ([`CACHE_CONTROL`]) and an upgrade never
//! shows new markup with an old stylesheet.

/// The `Cache-Control` of every static file.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// A file that is the same for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaticFile {
    stem: &'static str,
    extension: &'static str,
    /// The `Content-Type` to send it with.
    pub content_type: &'static str,
    /// Its content.
    pub body: &'static str,
    hash: u64,
}

/// The stylesheet of every page.
pub const STYLESHEET: StaticFile = StaticFile::new(
    "doorward",
    "css",
    "text/css; charset=utf-8",
    // In this order: of rules that weigh the same, the later one wins.
    concat!(
        include_str!("assets/doorward/colours.css"),
        include_str!("assets/doorward/frame.css"),
        include_str!("assets/doorward/forms.css"),
        include_str!("assets/doorward/account.css"),
        include_str!("assets/doorward/media.css"),
    ),
);

/// The stylesheet of the console, beside the other.
pub const CONSOLE: StaticFile =
    StaticFile::new("console", "css", "text/css; charset=utf-8", include_str!("assets/console.css"));

/// The pages' script: an enhancement, nothing needs it.
pub const SCRIPT: StaticFile =
    StaticFile::new("doorward", "js", "text/javascript; charset=utf-8", include_str!("assets/doorward.js"));

/// The script of pages that ask to wait: counts down.
pub const COUNTDOWN: StaticFile =
    StaticFile::new("countdown", "js", "text/javascript; charset=utf-8", include_str!("assets/countdown.js"));

/// The script of pages that ask for a passkey.
pub const PASSKEYS: StaticFile =
    StaticFile::new("passkeys", "js", "text/javascript; charset=utf-8", include_str!("assets/passkeys.js"));

/// The script of the console: times and hours in the reader's own zone.
pub const CONSOLE_SCRIPT: StaticFile =
    StaticFile::new("console", "js", "text/javascript; charset=utf-8", include_str!("assets/console.js"));

/// The script of the audit log's page: new events as they happen.
pub const FOLLOW: StaticFile =
    StaticFile::new("follow", "js", "text/javascript; charset=utf-8", include_str!("assets/follow.js"));

/// The icon.
pub const FAVICON: StaticFile =
    StaticFile::new("favicon", "svg", "image/svg+xml", include_str!("assets/favicon.svg"));

/// Every static file there is.
pub static ALL: [StaticFile; 8] =
    [STYLESHEET, CONSOLE, SCRIPT, COUNTDOWN, PASSKEYS, CONSOLE_SCRIPT, FOLLOW, FAVICON];

impl StaticFile {
    /// Once, when this is compiled: pages name several of them each time.
    const fn new(
        stem: &'static str,
        extension: &'static str,
        content_type: &'static str,
        body: &'static str,
    ) -> Self {
        Self { stem, extension, content_type, body, hash: content_hash(body) }
    }

    /// The name it is served under, `BASE/static/<name>`: `doorward-0123456789abcdef.css`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{:016x}.{}", self.stem, self.hash, self.extension)
    }

    /// Its address on this host, for a base path without a trailing slash.
    #[must_use]
    pub fn url(&self, base_path: &str) -> String {
        format!("{base_path}/static/{}", self.name())
    }
}

/// The static file served under `name`, if that is one's exact and current name.
#[must_use]
pub fn find(name: &str) -> Option<&'static StaticFile> {
    ALL.iter().find(|file| file.name() == name)
}

/// FNV-1a, 64 bits: tells versions of our own files apart. Not a defence against anybody, and need not be, since the
/// content comes from the binary itself.
const fn content_hash(content: &str) -> u64 {
    let mut rest = content.as_bytes();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        rest = tail;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::{ALL, STYLESHEET, content_hash, find};

    #[test]
    fn a_file_is_found_by_its_current_name_only() {
        for file in &ALL {
            assert_eq!(find(&file.name()), Some(file));
        }
        for name in ["doorward.css", "doorward-0000000000000000.css", "", "../doorward.css"] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn the_name_follows_the_content() {
        assert_eq!(content_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(content_hash("a"), 0xaf63_dc4c_8601_ec8c, "the published FNV-1a vector");
        assert_ne!(content_hash(STYLESHEET.body), content_hash(&format!("{} ", STYLESHEET.body)));
    }
}
