//! How the database file is made and opened.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

/// Only the owner reads and writes: the database holds password hashes.
const MODE: u32 = 0o600;

/// Makes the file if there is none, readable by nobody else from its first moment on. SQLite gives its `-wal` and
/// `-shm` the same mode.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path) {
        Ok(file) => {
            file.sync_all()?;
            sync_directory_of(path)
        }
        // Not opened: closing a second handle would drop the locks of whoever has it open in this process
        // (sqlite.org/howtocorrupt.html, 2.2).
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => make_private(path),
        Err(error) => Err(error),
    }
}

/// Takes everybody else's rights away, from the files beside the database too.
fn make_private(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let file = with_suffix(path, suffix);
        match fs::metadata(&file) {
            Ok(facts) if facts.permissions().mode() & 0o077 != 0 => {
                fs::set_permissions(&file, fs::Permissions::from_mode(MODE))?;
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// `path` with something added to the file's name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the names in a file's directory survive the loss of power.
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

/// Opens for writing; every commit is on the disk before it returns. Only for a file that is ours: the mode is
/// written into it.
pub(crate) fn open_writer(path: &Path, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let connection = open(path, busy_timeout)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(connection)
}

/// Opens for reading what another connection of this process writes.
pub(crate) fn open_reader(path: &Path, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let connection = open(path, busy_timeout)?;
    connection.execute_batch("PRAGMA query_only = ON;")?;
    Ok(connection)
}

fn open(path: &Path, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    // Without CREATE: a database that has vanished is an error, not an empty one.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy_timeout)?;
    // What the file says is data; it cannot make SQLite run functions or rewrite its own schema.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Plans follow from the statement alone. Otherwise SQLite (built with STAT4) compiles a statement anew each time a
    // value is bound that might lead to another plan, which takes longer than most of our look-ups.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY;")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}
