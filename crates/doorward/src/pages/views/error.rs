//! What a browser is shown instead of a problem document.

use askama::Template;

use crate::pages::Frame;

/// A refusal in plain words, with what the reader can do about it.
#[derive(Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What every page has.
    pub frame: Frame,
    /// The HTTP status.
    pub status: u16,
    /// The contract's error code; the template has the words for it.
    pub code: String,
    /// The request's id, to quote to whoever operates the server.
    pub request_id: Option<String>,
    /// How long to wait, where waiting helps.
    pub retry_after_seconds: Option<u64>,
}

impl ErrorPage {
    fn wait(&self) -> Option<String> {
        self.retry_after_seconds.filter(|seconds| *seconds > 0).map(|seconds| self.frame.t.wait(seconds))
    }
}
