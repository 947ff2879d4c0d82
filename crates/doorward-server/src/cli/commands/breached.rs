//! `breached build`

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use doorward::platform::SystemClock;
use doorward_core::time::Clock;
use serde_json::json;

use crate::Failure;
use crate::breached::{BuildError, Step, build};
use crate::cli::args;
use crate::cli::output::Answer;
use crate::cli::progress::Progress;

/// Lists are long: fewer, larger reads.
const BUFFER_BYTES: usize = 1 << 20;

pub(super) fn run(command: args::Breached) -> Result<Answer, Failure> {
    let args::Breached::Build { file, output } = command;
    let list = List::open(file)?;
    let output = output.or_else(|| list.default_output()).ok_or_else(|| {
        Failure::Unusable("standard input has no name: say where to write by --output FILE".to_owned())
    })?;
    if list.is_at(&output) {
        return Err(Failure::Unusable(format!(
            "{} is the list itself: write another --output",
            output.display()
        )));
    }
    let clock = SystemClock::new();
    let List { input, total, name, .. } = list;
    let mut bars = Bars { reading: Progress::new("reading"), writing: Progress::new("writing"), total };
    let built = build(BufReader::with_capacity(BUFFER_BYTES, input), &output, |step| bars.show(step));
    drop(bars);
    let built = built.map_err(|error| failure(&name, &error))?;
    let seconds = clock.monotonic().as_secs_f64();
    let text = format!(
        "{} hashes in {} bytes: {}. Set password.breached_filter to it, then reload or restart",
        built.entries,
        built.bytes,
        output.display()
    );
    let json = json!({
        "path": output.display().to_string(),
        "entries": built.entries,
        "bytes": built.bytes,
        "seconds": (seconds * 1000.0).round() / 1000.0,
    });
    Ok(Answer::line(text, json))
}

fn failure(name: &str, error: &BuildError) -> Failure {
    match error {
        BuildError::Malformed { .. } | BuildError::Empty | BuildError::Uneven => {
            Failure::Unusable(format!("{name}: {error}"))
        }
        BuildError::Read(_) => Failure::Failed(format!("{name}: {error}")),
        BuildError::Write { .. } => Failure::Failed(error.to_string()),
    }
}

/// The list that is read.
struct List {
    input: Box<dyn Read>,
    /// Its path, if it has one.
    path: Option<PathBuf>,
    name: String,
    /// How many bytes it has, where that is known.
    total: Option<u64>,
}

impl List {
    fn open(file: PathBuf) -> Result<Self, Failure> {
        if file == Path::new("-") {
            let name = "standard input".to_owned();
            return Ok(Self { input: Box::new(io::stdin()), path: None, name, total: None });
        }
        let name = file.display().to_string();
        let unusable = |error: io::Error| {
            Failure::Unusable(format!(
                "{name}: cannot read it ({error}): name the list, or - for standard input"
            ))
        };
        let opened = File::open(&file).map_err(unusable)?;
        let metadata = opened.metadata().map_err(unusable)?;
        if metadata.is_dir() {
            return Err(Failure::Unusable(format!("{name}: this is a directory: name the list")));
        }
        let total = metadata.is_file().then_some(metadata.len());
        Ok(Self { input: Box::new(opened), path: Some(file), name, total })
    }

    /// Beside the list.
    fn default_output(&self) -> Option<PathBuf> {
        let mut name: OsString = self.path.clone()?.into_os_string();
        name.push(".filter");
        Some(name.into())
    }

    fn is_at(&self, path: &Path) -> bool {
        let same = |own: &PathBuf| {
            own.canonicalize().is_ok_and(|own| path.canonicalize().is_ok_and(|path| own == path))
        };
        self.path.as_ref().is_some_and(same)
    }
}

struct Bars {
    reading: Progress,
    writing: Progress,
    total: Option<u64>,
}

impl Bars {
    fn show(&mut self, step: Step) {
        match step {
            Step::Reading { lines, bytes } => {
                self.reading.report(if self.total.is_some() { bytes } else { lines }, self.total);
            }
            Step::Writing { done, total } => self.writing.report(done, Some(total)),
        }
    }
}
