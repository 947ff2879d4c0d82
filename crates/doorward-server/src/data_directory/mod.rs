//! The data directory: made for its owner only, with everything in it, whatever the umask says.

mod lock;
mod master_secret;

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use lock::{Lock, LockError};
pub use master_secret::{MASTER_KEY_FILE, MasterSecrets, PREVIOUS_MASTER_KEY_FILE, SecretVariables};

use crate::config::Complaint;
use crate::failure::Failure;

/// An open data directory.
#[derive(Debug, Clone)]
pub struct DataDirectory {
    path: PathBuf,
}

impl DataDirectory {
    /// Opens the directory, making it on first use.
    ///
    /// # Errors
    /// [`Failure::Unusable`] where it is open to other users and is not evidently ours to close;
    /// [`Failure::Failed`] where the disk says no.
    pub fn open_or_create(path: &Path) -> Result<Self, Failure> {
        match fs::DirBuilder::new().recursive(true).mode(0o700).create(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(complaint(path, "this is not a directory: write the path of one").into());
            }
            Err(error) => {
                return Err(Failure::failed(
                    format!("cannot make the data directory {}", path.display()),
                    error,
                ));
            }
        }
        let directory = Self { path: path.to_owned() };
        directory.close_to_others()?;
        Ok(directory)
    }

    /// Opens the directory for a command that works on what is there.
    ///
    /// # Errors
    /// As [`DataDirectory::open_or_create`], and [`Failure::Failed`] where nothing is there.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if !path.is_dir() {
            return Err(Failure::Failed(format!(
                "data_dir {} does not exist: start `doorward serve` first, or name the right one with --data-dir",
                path.display()
            )));
        }
        Self::open_or_create(path)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes every permission of others away, if the directory is ours.
    fn close_to_others(&self) -> Result<(), Failure> {
        let failed =
            |error| Failure::failed(format!("cannot use the data directory {}", self.path.display()), error);
        let metadata = fs::metadata(&self.path).map_err(failed)?;
        if metadata.mode() & 0o077 == 0 {
            return Ok(());
        }
        // `data_dir = "/tmp"` must not close /tmp to everybody else.
        let mut others =
            fs::read_dir(&self.path).map_err(failed)?.filter_map(Result::ok).filter(|entry| !is_ours(entry));
        if others.next().is_some() {
            return Err(complaint(
                &self.path,
                "this directory is open to other users and holds other things: write one of Doorward's own, or close \
                 it with chmod 700",
            )
            .into());
        }
        fs::set_permissions(&self.path, fs::Permissions::from_mode(0o700)).map_err(failed)
    }
}

fn is_ours(entry: &fs::DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    // A fresh ext4 volume brings `lost+found`.
    ["doorward.", "master.key"].iter().any(|start| name.starts_with(start)) || name == "lost+found"
}

fn complaint(path: &Path, mend: &str) -> Complaint {
    Complaint::new("data_dir", mend).with_value(format!("{:?}", path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_new_directory_is_its_owners_alone() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("a/doorward-data");
        DataDirectory::open_or_create(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
    }

    #[test]
    fn a_volume_that_is_empty_or_ours_is_closed() {
        let volume = tempfile::tempdir().unwrap();
        chmod(volume.path(), 0o755);
        DataDirectory::open_or_create(volume.path()).unwrap();
        assert_eq!(mode(volume.path()), 0o700);
        chmod(volume.path(), 0o770);
        fs::write(volume.path().join("doorward.db-wal"), "").unwrap();
        DataDirectory::open(volume.path()).unwrap();
        assert_eq!(mode(volume.path()), 0o700);
    }

    #[test]
    fn somebody_elses_open_directory_is_refused_and_left_alone() {
        let tmp = tempfile::tempdir().unwrap();
        chmod(tmp.path(), 0o777);
        fs::write(tmp.path().join("notes.txt"), "").unwrap();
        let failure = DataDirectory::open_or_create(tmp.path()).unwrap_err();
        assert!(
            matches!(failure, Failure::Unusable(message) if message.starts_with("data_dir = ") && message.contains("chmod 700"))
        );
        assert_eq!(mode(tmp.path()), 0o777);
    }

    #[test]
    fn a_file_in_its_place_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(DataDirectory::open_or_create(file.path()), Err(Failure::Unusable(_))));
    }
}
