//! The command line as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use doorward_core::audit_chain::ChainHead;

/// Self-hosted authentication and sessions.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, propagate_version = true, arg_required_else_help = true)]
pub struct CommandLine {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Configuration file [default: $DOORWARD_CONFIG, or doorward.toml in the working directory if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory of the database and the master secret [setting: data_dir]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<String>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(Serve),
    /// Print a new one-time URL that makes the first administrator
    SetupUrl,
    /// Check or show the configuration
    #[command(subcommand)]
    Config(Config),
    /// Make and manage users
    #[command(subcommand)]
    User(User),
    /// List and end sessions
    #[command(subcommand)]
    Session(Session),
    /// List and rotate the keys that sign access tokens
    #[command(subcommand)]
    Key(Key),
    /// List the nodes that share the database
    #[command(subcommand)]
    Node(Node),
    /// Read the audit log
    #[command(subcommand)]
    Audit(Audit),
    /// Copy the database, also while the server runs
    ///
    /// The copy is consistent and holds no secret that opens anything by itself. The master secret is not in it:
    /// keep that elsewhere.
    Backup {
        /// The file to write; it must not exist
        destination: PathBuf,
    },
    /// Put a backup in place of the database; the server must not run
    ///
    /// Every session ends: one that was revoked after the backup was made would otherwise be alive again.
    Restore {
        /// The backup
        source: PathBuf,
        /// Keep the backup's sessions alive, those that were revoked since included
        #[arg(long)]
        danger_keep_sessions: bool,
    },
    /// End what a PostgreSQL that was put back to an earlier moment would let in again; no node may run
    ///
    /// Every session and one-time link ends, and signing keys are replaced, as `doorward restore` does with SQLite.
    AfterRestore,
    /// Move everything from SQLite to PostgreSQL, sessions alive; the server must not run
    ///
    /// The new database has to be empty, and nothing serves from it before every row was compared. Run again after it was
    /// interrupted, it goes on where it was. The file that was moved stays as it is.
    Migrate {
        /// What to move, as sqlite:PATH [default: the file that is in use, or was before store.url named another]
        #[arg(long, value_name = "URL")]
        from: Option<String>,
        /// Where to, as postgres://USER@HOST:PORT/DATABASE [default: store.url]
        #[arg(long, value_name = "URL")]
        to: Option<String>,
    },
    /// Prepare lists of passwords known from breaches
    #[command(subcommand)]
    Breached(Breached),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// `serve`
#[derive(Debug, Default, Args)]
pub struct Serve {
    /// Address to listen on [setting: http.listen]
    #[arg(long, value_name = "IP:PORT")]
    pub listen: Option<String>,
    /// Address to serve /metrics on [setting: http.admin_listen]
    #[arg(long, value_name = "IP:PORT")]
    pub admin_listen: Option<String>,
    /// The address that browsers use [setting: http.public_url]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// The path everything lies under [setting: http.base_path]
    #[arg(long, value_name = "PATH")]
    pub base_path: Option<String>,
    /// Reverse proxies to believe, separated by commas [setting: http.trusted_proxies]
    #[arg(long, value_name = "NETWORKS")]
    pub trusted_proxies: Option<String>,
}

/// `config …`
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Check everything, and show what is in force and where it comes from
    Check,
    /// Show what is in force and where it comes from
    Show,
}

/// `user …`
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make a user with a password, which is asked for, or read from standard input
    Add(NewUser),
    /// Make a user who chooses the password by a one-time link
    Invite(NewUser),
    /// Print a one-time link by which a user chooses a new password
    Reset(Who),
    /// List users
    List,
    /// Keep a user out, and end their sessions
    Disable(Who),
    /// Let a disabled user in again
    Enable(Who),
    /// Let a user who is locked out after failed logins or codes try again at once
    ///
    /// Failed logins count no more, and codes of an authenticator app that was locked after a hundred wrong ones are
    /// heeded again.
    Unlock(Who),
    /// Remove every second factor of a user who lost them: authenticator app, passkeys, recovery codes
    ///
    /// The password alone lets them in again; where mfa.required demands a factor they set one up next. Make sure that it
    /// is they who ask: this is what somebody who knows the password would ask for. Nobody is signed out: see `revoke`.
    ResetFactors(Who),
    /// Make strangers of the devices a user has signed in with; nobody is signed out
    ForgetDevices(Who),
    /// Set a password, which is asked for, or read from standard input; ends the user's sessions
    Passwd {
        /// Whose
        #[command(flatten)]
        who: Who,
        /// Have the user choose another one at the next login
        #[arg(long)]
        must_change: bool,
    },
    /// List a user's sessions
    Sessions(Who),
    /// End all of a user's sessions
    Revoke(Who),
}

/// A user to be made.
#[derive(Debug, Args)]
pub struct NewUser {
    /// Name to log in with
    pub username: String,
    /// Mail address
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// A role; may be given more than once. "admin" administers Doorward
    #[arg(long = "role", value_name = "ROLE", value_delimiter = ',')]
    pub roles: Vec<String>,
}

/// A user that exists.
#[derive(Debug, Args)]
pub struct Who {
    /// Name or id
    // An id may begin with a hyphen.
    #[arg(value_name = "USER", allow_hyphen_values = true)]
    pub user: String,
}

/// `session …`
#[derive(Debug, Subcommand)]
pub enum Session {
    /// List live sessions, newest first
    List {
        /// Only this user's, by name or id
        #[arg(long, allow_hyphen_values = true)]
        user: Option<String>,
    },
    /// End one session
    Revoke {
        /// The session's id
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

/// `key …`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a new key, which signs two minutes later, when it is known everywhere. No request is refused: the one before
    /// it verifies until the last token it signed has expired
    Rotate {
        /// A key has leaked: let the new one sign at once, and believe nothing that another signed. Nobody is signed out,
        /// but every session has to refresh its access token, and other nodes may refuse new ones for a moment
        #[arg(long)]
        now: bool,
    },
    /// List keys
    List,
}

/// `node …`
#[derive(Debug, Subcommand)]
pub enum Node {
    /// List the nodes that share the database, and how old what each knows of revocations is
    List,
}

/// `audit …`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Print the latest events
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        lines: u32,
        /// Go on printing as events come
        #[arg(short, long)]
        follow: bool,
        /// Which events
        #[command(flatten)]
        filter: AuditFilter,
    },
    /// Check that no event was changed, removed, moved or added since it was written
    ///
    /// Ends with exit code 1 if any was. Heads that were kept elsewhere (metrics, exports) show as well that the end was
    /// cut off together with the database's record of it, as when an old copy of the file is put back.
    Verify {
        /// A head that was kept elsewhere, as CHAIN:SEQ:MAC; may be given more than once
        #[arg(long = "head", value_name = "HEAD")]
        heads: Vec<ChainHead>,
        /// A file with an earlier master secret, beside the current and the previous one; may be given more than once
        #[arg(long = "earlier-key", value_name = "FILE")]
        earlier_keys: Vec<PathBuf>,
    },
    /// Write events, oldest first, one JSON object a line; the last line tells where the chain ends
    Export {
        /// The file to write; it must not exist [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Which events
        #[command(flatten)]
        filter: AuditFilter,
    },
}

/// `breached …`
#[derive(Debug, Subcommand)]
pub enum Breached {
    /// Make a filter file of a list of SHA-1 hashes, for password.breached_filter
    ///
    /// The list has a line SHA1HEX:COUNT for each password, in any order, and may be of any length. While it is read,
    /// twelve bytes a line are kept in the directory of the output.
    Build {
        /// The list; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The filter file to write; one that is there is replaced when the new one is complete [default: FILE.filter]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Which events.
#[derive(Debug, Default, Args)]
pub struct AuditFilter {
    /// Only those concerning this user, by name or id
    #[arg(long, allow_hyphen_values = true)]
    pub user: Option<String>,
    /// Only those of this name, for instance login.refused
    #[arg(long)]
    pub event: Option<String>,
    /// Only those from this address
    #[arg(long)]
    pub address: Option<std::net::IpAddr>,
    /// Only those at or after this time, for instance 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub after: Option<String>,
    /// Only those before this time
    #[arg(long, value_name = "TIME")]
    pub before: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_of_the_contract_is_there_and_no_other() {
        let mut found = Vec::new();
        for command in CommandLine::command().get_subcommands() {
            let below: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
            found.push(format!("{} {}", command.get_name(), below.join("|")).trim().to_owned());
        }
        let expected = [
            "serve",
            "setup-url",
            "config check|show",
            "user add|invite|reset|list|disable|enable|unlock|reset-factors|forget-devices|passwd|sessions|revoke",
            "session list|revoke",
            "key rotate|list",
            "node list",
            "audit tail|verify|export",
            "backup",
            "restore",
            "after-restore",
            "migrate",
            "breached build",
            "completions",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_id_that_begins_with_a_hyphen_is_no_flag() {
        for line in [
            &["doorward", "user", "disable", "-CAWN03OCsl0Teq1J8ORzw", "--json"][..],
            &["doorward", "user", "disable", "--json", "-CAWN03OCsl0Teq1J8ORzw"],
            &["doorward", "session", "revoke", "--AWN03OCsl0Teq1J8ORzw", "--json"],
            &["doorward", "session", "list", "--user", "-CAWN03OCsl0Teq1J8ORzw", "--json"],
        ] {
            assert!(CommandLine::try_parse_from(line).is_ok_and(|parsed| parsed.global.json), "{line:?}");
        }
    }

    #[test]
    fn no_password_can_be_given_where_the_process_list_shows_it() {
        for command in ["add", "passwd"] {
            let line = ["doorward", "user", command, "ann", "--password", "x"];
            assert!(CommandLine::try_parse_from(line).is_err());
        }
    }
}
