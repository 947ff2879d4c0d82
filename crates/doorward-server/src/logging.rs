//! Logs: standard error, text for a person at a terminal, JSON lines for everybody else.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// What is logged where `RUST_LOG` says nothing.
const DEFAULT_FILTER: &str = "info";

/// Starts logging for the whole process; `filter` is the value of `RUST_LOG`, if any.
///
/// # Errors
/// [`Failure::Unusable`] where the filter is malformed; [`Failure::Failed`] where logging runs already.
pub fn start(filter: Option<&str>) -> Result<(), Failure> {
    let filter = filter.filter(|filter| !filter.is_empty()).unwrap_or(DEFAULT_FILTER);
    let filter = EnvFilter::builder().parse(filter).map_err(|error| {
        Failure::Unusable(format!(
            "RUST_LOG = {filter:?}: {error}: write for instance \"info\" or \"info,doorward=debug\""
        ))
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = if io::stderr().is_terminal() {
        builder.with_target(false).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    started.map_err(|error| Failure::failed("cannot start logging", error))
}
