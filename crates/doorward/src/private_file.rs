//! Files for their owner's eyes, that exist wholly or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes a file of mode 0600 that was not there.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // The umask may have taken bits away; none of ours must be missing, none of others' present.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Puts a whole file in place, unless one is there: of two racing callers exactly one succeeds, and the other gets
/// [`io::ErrorKind::AlreadyExists`]. Durable once answered.
pub(crate) fn publish(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or_else(|| Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new.{}", std::process::id()));
    let draft = directory.join(name);
    let _ = fs::remove_file(&draft);
    let written = create_new(&draft).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        // A link, where a rename would replace what another process has put there meanwhile.
        fs::hard_link(&draft, path)?;
        File::open(directory)?.sync_all()
    });
    let _ = fs::remove_file(&draft);
    written
}
