//! `audit export`

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::audit::AuditFilter;
use doorward_core::audit_chain::ChainedEntry;
use serde_json::{Value as Json, json};

use super::Opened;
use crate::Failure;
use crate::cli::output::Answer;
use crate::cli::progress::Progress;
use crate::cli::refused::refused;
use crate::cli::views;

/// Writes every event as of now, oldest first and one at a time, and where the chains end. Says so where that did not go
/// to standard output.
pub(super) async fn run(
    opened: &Opened,
    filter: &AuditFilter,
    to: Option<PathBuf>,
) -> Result<Option<Answer>, Failure> {
    let name = to.as_deref().map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
    let failed = |error: io::Error| Failure::failed(format!("cannot write {name}"), error);
    let lines = Arc::new(Mutex::new(Lines::to(to.as_deref()).map_err(failed)?));
    let sink = Arc::clone(&lines);
    let take = Box::new(move |row| sink.lock().unwrap_or_else(PoisonError::into_inner).event(&row));
    let heads = opened.authority().export_audit(filter, take).await;
    let heads = heads.map_err(|refusal| refused("cannot read the audit log", &refusal))?;
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    let heads: Vec<_> = heads.iter().map(views::head_json).collect();
    if !lines.finish(&json!({ "heads": heads })).map_err(failed)? {
        return Ok(None);
    }
    let events = lines.events;
    Ok(to.map(|path| {
        let text = format!("{events} events written to {}", path.display());
        Answer::line(text, json!({ "events": events, "path": path.display().to_string(), "heads": heads }))
    }))
}

/// Where the lines go.
struct Lines {
    out: BufWriter<Target>,
    events: u64,
    failed: Option<io::Error>,
    progress: Progress,
}

enum Target {
    Output(io::Stdout),
    File(File),
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Output(out) => out.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Output(out) => out.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

impl Lines {
    fn to(path: Option<&Path>) -> io::Result<Self> {
        let target = match path {
            Some(path) => {
                Target::File(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?)
            }
            None => Target::Output(io::stdout()),
        };
        let progress = Progress::new("writing events");
        Ok(Self { out: BufWriter::new(target), events: 0, failed: None, progress })
    }

    fn event(&mut self, row: &ChainedEntry) -> ControlFlow<()> {
        match writeln!(self.out, "{}", views::chained_event_json(row)) {
            Ok(()) => {
                self.events += 1;
                self.progress.report(self.events, None);
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// Whether all of it was taken: a reader that has seen enough is no error.
    fn finish(&mut self, heads: &Json) -> io::Result<bool> {
        let written = match self.failed.take() {
            Some(error) => Err(error),
            None => writeln!(self.out, "{heads}").and_then(|()| self.out.flush()),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error),
            Ok(()) => {
                if let Target::File(file) = self.out.get_ref() {
                    file.sync_all()?;
                }
                Ok(true)
            }
        }
    }
}
