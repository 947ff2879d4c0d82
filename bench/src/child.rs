//! A process that ends with whoever started it.

use std::path::Path;
use std::process::{ChildStdout, Command};

use crate::failure::Failure;

/// A process of ours; killed when this is dropped.
pub(crate) struct Child(std::process::Child);

impl Child {
    /// Starts `command`; `program` is what a person is told when it cannot be.
    pub(crate) fn start(command: &mut Command, program: &Path) -> Result<Self, Failure> {
        command.spawn().map(Self).map_err(|error| Failure::io(program.display(), error))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Its standard output, if that is a pipe and was not taken before.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Gone already: then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
