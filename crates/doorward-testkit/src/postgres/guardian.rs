//! Who stops a cluster when nobody else can.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

const SCRIPT: &str = include_str!("guardian.sh");

/// A process that waits for the end of ours, which it learns from a pipe: a parent-death signal would come when the
/// *thread* ends that started the cluster, and each test has its own.
#[derive(Debug)]
pub(super) struct Guardian(Child);

impl Guardian {
    /// Watches over the cluster in this directory, also while there is none yet.
    pub(super) fn of(directory: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "guardian"]).arg(directory).process_group(0);
        // Whoever waits for the end of our output does not wait for the guardian.
        let spawned = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(spawned.expect("there is a shell"))
    }

    /// Has it do its work; it is done when the process has ended.
    pub(super) fn call(self) -> Child {
        let Self(mut process) = self;
        drop(process.stdin.take());
        process
    }
}
