//! The master secret: given by the operator, or generated on first start; never a default (M-B01).

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use doorward::master_secret_file::{self, MasterSecretFileError, read_text};
use doorward_core::master::MasterSecret;

use super::DataDirectory;
use crate::config::{Complaint, DatabaseInUse};
use crate::failure::Failure;

/// The file of the master secret in the data directory.
pub const MASTER_KEY_FILE: &str = "master.key";
/// The file of the one before it, which still verifies during a rotation.
pub const PREVIOUS_MASTER_KEY_FILE: &str = "master.key.previous";

const MEND: &str = "write 32 random bytes in base64url without padding, 43 characters, for instance the output of \
                    `openssl rand 32 | basenc --base64url | tr -d =`";

/// The master secret in use and the one before.
#[derive(Debug, Clone)]
pub struct MasterSecrets {
    /// Signs and verifies.
    pub current: MasterSecret,
    /// Verifies only.
    pub previous: Option<MasterSecret>,
}

/// What the environment says about master secrets.
#[derive(Debug, Default)]
pub struct SecretVariables {
    current: Option<MasterSecret>,
    previous: Option<MasterSecret>,
}

impl SecretVariables {
    /// Reads `DOORWARD_MASTER_KEY`, `DOORWARD_MASTER_KEY_PREVIOUS`, or the files that their `_FILE` twins name.
    ///
    /// # Errors
    /// A [`Complaint`] where one is given twice, empty or malformed: it never falls back to another secret, under
    /// which every session would be gone.
    pub fn read(environment: &[(OsString, OsString)]) -> Result<Self, Complaint> {
        let current = Self::one(environment, "DOORWARD_MASTER_KEY", "DOORWARD_MASTER_KEY_FILE")?;
        let previous =
            Self::one(environment, "DOORWARD_MASTER_KEY_PREVIOUS", "DOORWARD_MASTER_KEY_PREVIOUS_FILE")?;
        Ok(Self { current, previous })
    }

    /// Whether the environment gives the master secret, so that none is generated.
    #[must_use]
    pub fn give_current(&self) -> bool {
        self.current.is_some()
    }

    fn one(
        environment: &[(OsString, OsString)],
        plain: &str,
        file: &str,
    ) -> Result<Option<MasterSecret>, Complaint> {
        let find = |wanted: &str| environment.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        match (find(plain), find(file)) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                Err(Complaint::new(plain, format!("{file} is given as well: take one of them out")))
            }
            (Some(text), None) => {
                let secret = text.to_str().and_then(|text| MasterSecret::parse(text).ok());
                secret.map(Some).ok_or_else(|| Complaint::new(plain, MEND).with_value("(hidden)"))
            }
            (None, Some(path)) => {
                let path = PathBuf::from(path);
                let shown = format!("{:?}", path.display().to_string());
                let text = File::open(&path).and_then(|file| read_text(&file)).map_err(|error| {
                    Complaint::new(
                        file,
                        format!("cannot read this file ({error}): write the path of one that holds the key"),
                    )
                    .with_value(&shown)
                })?;
                let secret = MasterSecret::parse(&text);
                secret
                    .map(Some)
                    .map_err(|_| Complaint::new(file, format!("into this file, {MEND}")).with_value(shown))
            }
        }
    }
}

impl MasterSecrets {
    /// An earlier secret, from a file.
    ///
    /// # Errors
    /// As [`MasterSecrets::load_or_generate`].
    pub fn load_earlier(path: &Path) -> Result<MasterSecret, Failure> {
        let found = master_secret_file::load(path).map_err(refused)?;
        found.ok_or_else(|| Failure::Unusable(format!("{}: there is no such file", path.display())))
    }

    /// The secrets for a database: [`MasterSecrets::load_or_generate`] for a file, [`MasterSecrets::load_shared`] for one that nodes
    /// share.
    ///
    /// # Errors
    /// As these.
    pub fn for_database(
        directory: &DataDirectory,
        database: &DatabaseInUse<'_>,
        given: SecretVariables,
    ) -> Result<Self, Failure> {
        match database {
            DatabaseInUse::Sqlite(path) => Self::load_or_generate(directory, Some(path), given),
            DatabaseInUse::Postgres(_) => Self::load_shared(directory, given),
        }
    }

    /// The secrets that the environment gives, or those of the data directory, for a database that nodes share: none is
    /// generated, since the other nodes could not open what one with a secret of its own seals.
    ///
    /// # Errors
    /// [`Failure::Unusable`] where none is given, or a file is malformed or open to others; [`Failure::Failed`] where the
    /// disk fails.
    pub fn load_shared(directory: &DataDirectory, given: SecretVariables) -> Result<Self, Failure> {
        let own = directory.path().join(MASTER_KEY_FILE);
        if given.current.is_none() && master_secret_file::load(&own).map_err(refused)?.is_none() {
            return Err(Complaint::new(
                "DOORWARD_MASTER_KEY_FILE",
                format!(
                    "nodes that share a PostgreSQL (store.url) share the master secret, and none is given: {MEND}, into a \
                     file that this names on every node, or into {}",
                    own.display()
                ),
            )
            .into());
        }
        Self::load_or_generate(directory, None, given)
    }

    /// The secrets that the environment gives, or those of the data directory, generated on first start.
    ///
    /// # Errors
    /// [`Failure::Unusable`] where a file is malformed, open to others, or missing beside a `database` that was made
    /// under it; [`Failure::Failed`] where disk or entropy fail.
    pub fn load_or_generate(
        directory: &DataDirectory,
        database: Option<&Path>,
        given: SecretVariables,
    ) -> Result<Self, Failure> {
        let path = |name| directory.path().join(name);
        let previous = match given.previous {
            Some(previous) => Some(previous),
            None => master_secret_file::load(&path(PREVIOUS_MASTER_KEY_FILE)).map_err(refused)?,
        };
        let current = match given.current {
            Some(current) => current,
            None => {
                master_secret_file::load_or_generate(&path(MASTER_KEY_FILE), database).map_err(refused)?
            }
        };
        Ok(Self { current, previous })
    }
}

fn refused(error: MasterSecretFileError) -> Failure {
    match error {
        MasterSecretFileError::Lost { .. } => {
            Failure::Unusable(format!("{error}, or give it by DOORWARD_MASTER_KEY"))
        }
        MasterSecretFileError::OpenToOthers { .. } | MasterSecretFileError::Malformed { .. } => {
            Failure::Unusable(error.to_string())
        }
        MasterSecretFileError::Io { .. } | MasterSecretFileError::Entropy(_) => {
            Failure::Failed(crate::failure::with_causes(&error))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn text(secret: &MasterSecret) -> String {
        secret.to_text().to_string()
    }

    fn variables(given: &[(&str, &str)]) -> Result<SecretVariables, Complaint> {
        let environment: Vec<_> = given.iter().map(|(name, value)| (name.into(), value.into())).collect();
        SecretVariables::read(&environment)
    }

    fn load(directory: &DataDirectory, given: SecretVariables) -> Result<MasterSecrets, Failure> {
        MasterSecrets::load_or_generate(directory, Some(&directory.path().join("doorward.db")), given)
    }

    fn directory() -> (tempfile::TempDir, DataDirectory) {
        let outer = tempfile::tempdir().unwrap();
        let directory = DataDirectory::open_or_create(&outer.path().join("data")).unwrap();
        (outer, directory)
    }

    #[test]
    fn the_first_start_generates_a_secret_that_the_second_finds() {
        let (_outer, directory) = directory();
        let first = load(&directory, SecretVariables::default()).unwrap();
        assert!(directory.path().join(MASTER_KEY_FILE).exists());
        assert_eq!(
            text(&load(&directory, SecretVariables::default()).unwrap().current),
            text(&first.current)
        );
    }

    #[test]
    fn a_secret_that_others_can_read_is_a_matter_of_configuration() {
        let (_outer, directory) = directory();
        let path = directory.path().join(MASTER_KEY_FILE);
        fs::write(&path, KEY).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let failure = load(&directory, SecretVariables::default()).unwrap_err();
        assert!(matches!(failure, Failure::Unusable(message) if message.contains("chmod 600")));
    }

    #[test]
    fn a_lost_secret_is_not_replaced_beside_its_database() {
        let (_outer, directory) = directory();
        fs::write(directory.path().join("doorward.db"), "data").unwrap();
        let failure = load(&directory, SecretVariables::default()).unwrap_err();
        assert!(matches!(failure, Failure::Unusable(message) if message.contains("put it back")));
        assert!(!directory.path().join(MASTER_KEY_FILE).exists());
        assert!(load(&directory, variables(&[("DOORWARD_MASTER_KEY", KEY)]).unwrap()).is_ok());
    }

    #[test]
    fn a_given_secret_leaves_no_file() {
        let (outer, directory) = directory();
        let file = outer.path().join("secret");
        fs::write(&file, format!("{KEY}\n")).unwrap();
        for given in [("DOORWARD_MASTER_KEY", KEY), ("DOORWARD_MASTER_KEY_FILE", file.to_str().unwrap())] {
            let secrets = load(&directory, variables(&[given]).unwrap()).unwrap();
            assert_eq!(text(&secrets.current), KEY);
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_previous_secret_comes_from_the_environment_or_its_file() {
        let (_outer, directory) = directory();
        let given = variables(&[("DOORWARD_MASTER_KEY_PREVIOUS", KEY)]).unwrap();
        assert_eq!(text(&load(&directory, given).unwrap().previous.unwrap()), KEY);
        assert!(load(&directory, SecretVariables::default()).unwrap().previous.is_none());
        let path = directory.path().join(PREVIOUS_MASTER_KEY_FILE);
        fs::write(&path, KEY).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(text(&load(&directory, SecretVariables::default()).unwrap().previous.unwrap()), KEY);
    }

    #[test]
    fn what_is_no_secret_is_refused_by_name_and_not_shown() {
        let short = KEY.get(1..).unwrap();
        let padded = format!("{KEY}=");
        let standard = format!("{}+/", KEY.get(2..).unwrap());
        for (name, value) in [
            ("DOORWARD_MASTER_KEY", ""),
            ("DOORWARD_MASTER_KEY", short),
            ("DOORWARD_MASTER_KEY", &padded),
            ("DOORWARD_MASTER_KEY", &standard),
            ("DOORWARD_MASTER_KEY_PREVIOUS", short),
            ("DOORWARD_MASTER_KEY_FILE", ""),
            ("DOORWARD_MASTER_KEY_FILE", "/dev/zero"),
            ("DOORWARD_MASTER_KEY_PREVIOUS_FILE", "/nowhere"),
        ] {
            let complaint = variables(&[(name, value)]).unwrap_err().to_string();
            assert!(complaint.starts_with(name) && !complaint.contains(short), "{complaint}");
        }
        let both = variables(&[("DOORWARD_MASTER_KEY", KEY), ("DOORWARD_MASTER_KEY_FILE", "x")]).unwrap_err();
        assert!(both.to_string().contains("take one of them out"));
    }

    #[test]
    fn nodes_that_share_a_database_are_given_their_secret() {
        let (_outer, directory) = directory();
        let failure = MasterSecrets::load_shared(&directory, SecretVariables::default()).unwrap_err();
        assert!(
            matches!(&failure, Failure::Unusable(said) if said.starts_with("DOORWARD_MASTER_KEY_FILE: ") && said.contains("openssl rand")),
            "{failure}"
        );
        assert!(!directory.path().join(MASTER_KEY_FILE).exists());
        let given = variables(&[("DOORWARD_MASTER_KEY", KEY)]).unwrap();
        assert_eq!(text(&MasterSecrets::load_shared(&directory, given).unwrap().current), KEY);
        let own = load(&directory, SecretVariables::default()).unwrap();
        let found = MasterSecrets::load_shared(&directory, SecretVariables::default()).unwrap();
        assert_eq!(text(&found.current), text(&own.current));
    }
}
