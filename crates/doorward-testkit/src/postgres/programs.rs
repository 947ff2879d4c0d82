//! Where PostgreSQL's programs are, and as whom they may run.

use std::{
    env, fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Where Debian and Ubuntu keep the programs of each version; PATH leads to a few of them only.
const DEBIAN: &str = "/usr/lib/postgresql";
/// What a cluster needs.
const NEEDED: [&str; 3] = ["initdb", "postgres", "psql"];
/// Who runs PostgreSQL when we are root, whom it refuses: the first of these that there is.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// PostgreSQL's programs, all of one version.
#[derive(Debug)]
pub(super) struct Programs {
    directory: PathBuf,
    account: Option<Account>,
}

/// An account of this machine, by its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Programs {
    /// Those that PATH leads to, else the newest that the distribution installed.
    ///
    /// # Panics
    /// When there are none.
    pub(super) fn find() -> Self {
        let directory = on_path().chain(of_distribution()).find(|directory| is_complete(directory));
        let directory = directory.expect(
            "PostgreSQL is neither on PATH nor in /usr/lib/postgresql: scripts/test-deps installs it",
        );
        let account = rustix::process::geteuid().is_root().then(unprivileged);
        Self { directory, account }
    }

    /// A program of PostgreSQL's, run as nobody of importance, with no environment but what it is given.
    pub(super) fn command(&self, program: &str) -> Command {
        self.confined(self.directory.join(program))
    }

    /// Another program, run in the same way: the first of PATH, or of where Debian keeps what only root starts.
    pub(super) fn of_path(&self, program: &str) -> Command {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut directories = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
        let found = directories.find(|directory| directory.join(program).is_file()).unwrap_or_default();
        self.confined(found.join(program))
    }

    fn confined(&self, program: PathBuf) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", &self.directory).env("LC_ALL", "C").env("TZ", "UTC");
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }

    /// As whom the programs run, where that is somebody else than we are.
    pub(super) fn account(&self) -> Option<Account> {
        self.account
    }
}

/// Each directory of PATH that holds PostgreSQL; where it is a link, that to which it leads, since `psql` on Debian's PATH
/// is a script that looks for clusters of its own.
fn on_path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let directories: Vec<_> = env::split_paths(&path).collect();
    directories.into_iter().filter_map(|directory| {
        let postgres = directory.join("postgres").canonicalize().ok()?;
        postgres.parent().map(Path::to_owned)
    })
}

fn of_distribution() -> impl Iterator<Item = PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().filter_map(Result::ok);
    let mut versions: Vec<_> = versions
        .filter_map(|entry| {
            entry.file_name().to_str()?.parse().ok().map(|version: u32| (version, entry.path()))
        })
        .collect();
    versions.sort_unstable();
    versions.into_iter().rev().map(|(_, path)| path.join("bin"))
}

fn is_complete(directory: &Path) -> bool {
    NEEDED.iter().all(|program| directory.join(program).is_file())
}

fn unprivileged() -> Account {
    let accounts = fs::read_to_string("/etc/passwd").expect("the accounts of this machine can be read");
    UNPRIVILEGED
        .iter()
        .find_map(|name| account(&accounts, name))
        .expect("there is an account \"postgres\" or \"nobody\" to run PostgreSQL as")
}

/// An account by its name, of a file as passwd(5) describes it.
fn account(accounts: &str, name: &str) -> Option<Account> {
    let mut of_name = accounts.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let mut fields = of_name.next()?.split(':').skip(1);
    let mut number = || fields.next()?.parse().ok();
    Some(Account { user: number()?, group: number()? })
}

#[cfg(test)]
mod tests {
    use super::account;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts = "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib:/bin/bash\nnobody:x::\n";
        let found = account(accounts, "postgres").map(|account| (account.user, account.group));
        assert_eq!(found, Some((101, 104)));
        assert!(account(accounts, "nobody").is_none());
        assert!(account(accounts, "post").is_none());
    }
}
