//! Logs: standard error, text for a person at a terminal, JSON lines for everybody else.

use std::io::{self, IsTerminal};

use tracing::{Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failure::Failure;

/// What is logged where `RUST_LOG` says nothing.
const DEFAULT_FILTER: &str = "info";

/// Crates that are never heard, whatever `RUST_LOG` says: they log what they are given, passkey ceremonies with their
/// challenges, and logs travel.
const NEVER_HEARD: [&str; 3] = ["webauthn_rs_core", "webauthn_attestation_ca", "crypto_glue"];

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
    let started = if io::stderr().is_terminal() {
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        builder.with_target(false).finish().with(filter_fn(is_heard)).try_init()
    } else {
        json_lines(filter, io::stderr).try_init()
    };
    started.map_err(|error| Failure::failed("cannot start logging", error))
}

fn json_lines(
    filter: EnvFilter,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let builder = builder.json().flatten_event(true).with_current_span(false).with_span_list(false);
    builder.finish().with(filter_fn(is_heard))
}

/// Beside `RUST_LOG` and not in it: there, what is said of one module goes before what is said of its crate.
fn is_heard(metadata: &Metadata<'_>) -> bool {
    let name = metadata.target().split("::").next().unwrap_or_default();
    !NEVER_HEARD.contains(&name)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn crates_that_log_what_they_are_given_are_not_heard_whatever_the_filter() {
        for filter in ["trace", "webauthn_rs_core=trace,info", "info,webauthn_rs_core::core=trace"] {
            let lines = Lines::default();
            let writer = lines.clone();
            let subscriber = json_lines(EnvFilter::new(filter), move || writer.clone());
            tracing::subscriber::with_default(subscriber, || {
                tracing::error!(target: "webauthn_rs_core::core", "a challenge");
                tracing::trace!(target: "webauthn_rs_core", "a ceremony");
                tracing::error!(target: "webauthn_attestation_ca", "a certificate");
                tracing::error!(target: "crypto_glue::x509", "a key");
                tracing::error!(target: "webauthn_rs_corelike", "somebody else");
            });
            let heard = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert!(
                heard.lines().count() <= 1 && !heard.contains(" a ") && !heard.contains("\"a "),
                "{heard}"
            );
            assert_eq!(
                filter.contains("info") || filter == "trace",
                heard.contains("somebody else"),
                "{heard}"
            );
        }
    }
}
