//! A disk that is full when a test says so.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    process::Command,
};

use super::Cluster;

/// What a disk is filled with at a time.
const BLOCK: [u8; 4096] = [0; 4096];

/// A disk of a cluster's that holds its databases, though not its write-ahead log. It goes with the cluster.
#[derive(Debug)]
pub struct Disk {
    directory: PathBuf,
}

impl Disk {
    /// Leaves no room on it.
    ///
    /// # Panics
    /// When it cannot be written to for another reason.
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("the disk can be written to");
        loop {
            match ballast.write_all(&BLOCK) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Makes room again.
    ///
    /// # Panics
    /// When it was not full.
    pub fn clear(&self) {
        fs::remove_file(self.ballast()).expect("the disk was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.directory.join("ballast")
    }
}

impl Cluster {
    /// Puts the databases that are made from now on, on a small disk.
    ///
    /// # Errors
    /// Why there is none to be had: only root may mount one, and not in every container.
    ///
    /// # Panics
    /// When the cluster does not take it.
    pub fn on_a_small_disk(&self, mebibytes: u32) -> Result<Disk, String> {
        // The guardian knows it by this name.
        let directory = self.directory.join("disk");
        fs::create_dir(&directory).map_err(|error| error.to_string())?;
        let mut options = format!("size={mebibytes}m,mode=0700");
        if let Some(account) = self.programs.account() {
            options += &format!(",uid={},gid={}", account.user, account.group);
        }
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "doorward-test"])
            .arg(&directory)
            .output()
            .map_err(|error| format!("mount: {error}"))?;
        if !mounted.status.success() {
            return Err(String::from_utf8_lossy(&mounted.stderr).trim_end().to_owned());
        }
        let moves = [
            format!("CREATE TABLESPACE small LOCATION '{}'", directory.display()),
            // What databases are copied from.
            "ALTER DATABASE template0 SET TABLESPACE small".to_owned(),
        ];
        for statement in moves {
            let done = self.try_sql(self.address(), "postgres", &statement);
            done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        Ok(Disk { directory })
    }
}
