//! Configuration: whatever is in the file or the environment gives settings that hold together, or one complaint of
//! one line that repeats no secret.
//!
//! The first line of the data, if it contains `=`, is a variable of the environment; the rest is the file.

use std::{ffi::OsString, os::unix::ffi::OsStringExt};

use doorward_server::config::{ConfigFile, Layers, effective, load};

/// Panics when a promise is broken.
pub fn check(data: &[u8]) {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let (variable, rest) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let environment = variable
        .iter()
        .position(|byte| *byte == b'=')
        .map(|at| (&variable[..at], &variable[at + 1..]))
        .map(|(name, value)| (OsString::from_vec(name.to_vec()), OsString::from_vec(value.to_vec())));
    let file = str::from_utf8(rest)
        .ok()
        .map(|text| ConfigFile { path: "doorward.toml".into(), text: text.to_owned() });
    let layers = Layers { file, environment: environment.into_iter().collect(), ..Layers::default() };
    match load(&layers) {
        Ok(loaded) => {
            assert!(loaded.settings.lifetimes.check().is_ok());
            assert!(loaded.settings.cookie_plan().is_ok());
            assert!(loaded.settings.relying_party().is_ok());
            assert!(!effective(&loaded).is_empty());
        }
        Err(complaint) => {
            let text = complaint.to_string();
            assert!(!text.is_empty() && !text.contains(['\n', '\r', '\u{1b}']), "{text:?}");
        }
    }
}
