//! The password file that `PGPASSFILE` or `passfile=` names (PostgreSQL manual, 34.16).

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

/// More than any honest file; less than what would hurt to read.
const LONGEST: u64 = 1024 * 1024;

/// Whom a password is looked up for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The host's name, or `localhost` for a socket.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// Why a file that holds a secret was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrivateFileError {
    #[error("others may read it: chmod 600")]
    OpenToOthers,
    #[error("it is larger than a file of this kind is")]
    TooLong,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The password for whom it is asked, from the first line that fits, as libpq looks it up.
pub(super) fn look_up(path: &Path, asked: Asked<'_>) -> Result<Option<Zeroizing<String>>, PrivateFileError> {
    let text = read_private(path)?;
    Ok(find(&text, asked).map(Zeroizing::new))
}

/// A file that only its owner may read, or, where it is root's, root's group too: libpq's rule for keys, and stricter than
/// libpq for password files, which it passes over in silence when they are open.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<String>, PrivateFileError> {
    let file = File::open(path)?;
    let metadata: fs::Metadata = file.metadata()?;
    let mode = metadata.permissions().mode() & 0o777;
    let allowed = if metadata.uid() == 0 { 0o640 } else { 0o600 };
    // A pipe has no permissions worth asking for: whoever made it gave it to us.
    if metadata.is_file() && mode & 0o077 & !allowed != 0 {
        return Err(PrivateFileError::OpenToOthers);
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err(PrivateFileError::TooLong);
    }
    Ok(text)
}

fn find(text: &str, asked: Asked<'_>) -> Option<String> {
    let port = asked.port.to_string();
    let wanted = [asked.host, port.as_str(), asked.database, asked.user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in wanted {
            let (field, after) = field(rest)?;
            // An escaped star is a star and no wildcard, so the field is compared as it is written.
            if rest.split(':').next() != Some("*") && field != wanted {
                return None;
            }
            rest = after;
        }
        Some(unescape_password(rest))
    })
}

/// A field up to its colon, unescaped, and what follows the colon.
fn field(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            ':' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// The password: the rest of the line up to a colon that is not escaped, where libpq ends it too.
fn unescape_password(text: &str) -> String {
    let mut characters = text.chars();
    let mut password = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => password.extend(characters.next()),
            ':' => break,
            other => password.push(other),
        }
    }
    password
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    const ASKED: Asked<'_> = Asked { host: "db.example", port: 5432, database: "auth", user: "doorward" };

    #[test]
    fn the_first_line_that_fits_gives_the_password() {
        for (text, password) in [
            ("db.example:5432:auth:doorward:secret", Some("secret")),
            ("*:*:*:*:secret\n", Some("secret")),
            ("# db.example:5432:auth:doorward:no\ndb.example:*:auth:doorward:yes\r\n", Some("yes")),
            ("db.example:5433:auth:doorward:no\n*:*:*:doorward:first\n*:*:*:*:second", Some("first")),
            ("db.example:5432:auth:doorward:a\\:b\\\\c", Some("a:b\\c")),
            ("db.example:5432:auth:doorward:a:b", Some("a")),
            ("db\\.example:5432:auth:doorward:x", Some("x")),
            ("\\*:5432:auth:doorward:x", None),
            ("db.example:5432:auth:other:x", None),
            ("db.example:5432:auth", None),
            ("", None),
        ] {
            assert_eq!(find(text, ASKED).as_deref(), password, "{text}");
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for (mode, read) in [(0o600, true), (0o400, true), (0o604, false), (0o620, false), (0o660, false)] {
            let path = directory.path().join(format!("{mode:o}"));
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).unwrap();
            file.write_all(b"*:*:*:*:secret").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let found = look_up(&path, ASKED);
            assert_eq!(found.is_ok(), read, "{mode:o}: {found:?}");
            assert!(read || found.unwrap_err().to_string().contains("chmod 600"));
        }
        assert!(matches!(look_up(&directory.path().join("none"), ASKED), Err(PrivateFileError::Io(_))));
    }
}
