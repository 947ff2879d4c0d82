//! The master secret in a file: generated on first start, for its owner's eyes only; never a default (M-B01).

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use doorward_core::{
    entropy::{Entropy, EntropyFailed},
    master::MasterSecret,
};
use zeroize::Zeroizing;

use crate::{platform::SystemEntropy, private_file};

/// Why there is no master secret; each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum MasterSecretFileError {
    /// Other users of the machine can read or change the file.
    #[error(
        "{} has mode {mode:04o}, so that other users can read or change it: chmod 600 it, and if somebody may have \
         read it, replace it as docs/OPERATING.md describes", .path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file holds something else.
    #[error(
        "{} holds no master secret: put the right file back, or write 32 random bytes in base64url without padding \
         into it, 43 characters", .path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// There is none, beside a database that was made with one.
    #[error("{} is missing, and the database {} was made with it: put it back", .path.display(), .database.display())]
    Lost {
        /// The file.
        path: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// The disk says no.
    #[error("cannot read or write {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no randomness to generate one from.
    #[error("cannot generate the master secret")]
    Entropy(#[from] EntropyFailed),
}

/// The secret of the file at `path`; a new one where there is none. The file has mode 0600 and is on the disk before
/// this returns; racing first starts agree on one secret. Blocks.
///
/// # Errors
/// [`MasterSecretFileError`]. A missing file beside the `database` that was made with it is an error: under another
/// secret nothing in it could be opened, and everybody would look logged out.
pub fn load_or_generate(path: &Path, database: Option<&Path>) -> Result<MasterSecret, MasterSecretFileError> {
    if let Some(secret) = load(path)? {
        return Ok(secret);
    }
    let has_content = |database: &&Path| database.metadata().is_ok_and(|metadata| metadata.len() > 0);
    match database.filter(has_content) {
        Some(database) => {
            Err(MasterSecretFileError::Lost { path: path.to_owned(), database: database.to_owned() })
        }
        None => generate(path, &SystemEntropy),
    }
}

/// The secret of the file, if the file is there.
///
/// # Errors
/// [`MasterSecretFileError`]
pub fn load(path: &Path) -> Result<Option<MasterSecret>, MasterSecretFileError> {
    let failed = |source| MasterSecretFileError::Io { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mode = file.metadata().map_err(failed)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(MasterSecretFileError::OpenToOthers { path: path.to_owned(), mode });
    }
    let text = read_text(&file).map_err(failed)?;
    let malformed = |_| MasterSecretFileError::Malformed { path: path.to_owned() };
    MasterSecret::parse(&text).map(Some).map_err(malformed)
}

/// A new secret in a new file; or, if another first start was faster, that one's.
///
/// # Errors
/// [`MasterSecretFileError`]
pub fn generate(path: &Path, entropy: &dyn Entropy) -> Result<MasterSecret, MasterSecretFileError> {
    let failed = |source| MasterSecretFileError::Io { path: path.to_owned(), source };
    let secret = MasterSecret::generate(entropy)?;
    let text = Zeroizing::new(format!("{}\n", *secret.to_text()));
    match private_file::publish(path, text.as_bytes()) {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            load(path)?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Reads no more than a secret can be long: an operator may name any file, `/dev/zero` included.
///
/// # Errors
/// The disk's; text that is not UTF-8.
pub fn read_text(file: &File) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(256));
    file.take(256).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    struct Dry;
    impl Entropy for Dry {
        fn fill(&self, _destination: &mut [u8]) -> Result<(), EntropyFailed> {
            Err(EntropyFailed)
        }
    }

    struct Place {
        directory: tempfile::TempDir,
    }

    impl Place {
        fn new() -> Self {
            Self { directory: tempfile::tempdir().unwrap() }
        }

        fn secret(&self) -> PathBuf {
            self.directory.path().join("master.key")
        }

        fn database(&self) -> PathBuf {
            self.directory.path().join("doorward.db")
        }

        fn start(&self) -> Result<String, MasterSecretFileError> {
            load_or_generate(&self.secret(), Some(&self.database()))
                .map(|secret| secret.to_text().to_string())
        }
    }

    #[test]
    fn the_first_start_generates_a_secret_that_the_second_finds() {
        let (place, elsewhere) = (Place::new(), Place::new());
        let first = place.start().unwrap();
        assert_eq!(fs::metadata(place.secret()).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 1, "no draft is left behind");
        assert_eq!(place.start().unwrap(), first);
        assert_ne!(elsewhere.start().unwrap(), first);
    }

    #[test]
    fn racing_first_starts_agree_on_one_secret() {
        let place = Place::new();
        private_file::publish(&place.secret(), SECRET.as_bytes()).unwrap();
        let late = generate(&place.secret(), &SystemEntropy).unwrap();
        assert_eq!(*late.to_text(), SECRET);
    }

    #[test]
    fn without_randomness_nothing_is_generated() {
        let place = Place::new();
        assert!(matches!(generate(&place.secret(), &Dry), Err(MasterSecretFileError::Entropy(_))));
        assert!(!place.secret().exists());
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let place = Place::new();
        fs::write(place.secret(), SECRET).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o620] {
            fs::set_permissions(place.secret(), fs::Permissions::from_mode(mode)).unwrap();
            let error = place.start().unwrap_err().to_string();
            assert!(error.contains("chmod 600") && !error.contains(SECRET));
        }
        fs::set_permissions(place.secret(), fs::Permissions::from_mode(0o400)).unwrap();
        assert_eq!(place.start().unwrap(), SECRET);
    }

    #[test]
    fn a_lost_secret_is_not_replaced_beside_its_database() {
        let place = Place::new();
        fs::write(place.database(), "data").unwrap();
        assert!(matches!(place.start(), Err(MasterSecretFileError::Lost { .. })));
        assert!(!place.secret().exists());
    }

    #[test]
    fn a_file_that_holds_something_else_is_refused_and_not_shown() {
        let place = Place::new();
        for text in ["", "secret", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] {
            fs::write(place.secret(), text).unwrap();
            fs::set_permissions(place.secret(), fs::Permissions::from_mode(0o600)).unwrap();
            let error = place.start().unwrap_err();
            assert!(matches!(error, MasterSecretFileError::Malformed { .. }), "{text:?}");
            assert!(text.is_empty() || text == "secret" || !error.to_string().contains(text));
        }
    }
}
