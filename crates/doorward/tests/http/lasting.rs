//! An answer that lasts, read as it comes.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::ask::Ask;

/// Far longer than anything takes on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Lasting {
    pub(crate) headers: HeaderMap,
    body: Body,
    text: String,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Whole,
    CutOff,
}

impl Lasting {
    /// Opens one, which must be let through.
    pub(crate) async fn open(ask: Ask) -> Self {
        let answer = ask.open().await;
        assert_eq!(answer.status(), 200);
        let (parts, body) = Response::into_parts(answer);
        Self { headers: parts.headers, body, text: String::new() }
    }

    /// Reads on until the text that has come holds this.
    pub(crate) async fn until(&mut self, wanted: &str) -> &str {
        while !self.text.contains(wanted) {
            assert_eq!(self.more().await, None, "it ended without {wanted:?}: {}", self.text);
        }
        &self.text
    }

    /// Reads the rest of it; all that came, and how it ended.
    pub(crate) async fn rest(mut self) -> (String, Ended) {
        loop {
            if let Some(ended) = self.more().await {
                return (self.text, ended);
            }
        }
    }

    async fn more(&mut self) -> Option<Ended> {
        match timeout(PATIENCE, self.body.frame()).await.expect("nothing comes, and it does not end") {
            Some(Ok(frame)) => {
                self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
                None
            }
            Some(Err(_)) => Some(Ended::CutOff),
            None => Some(Ended::Whole),
        }
    }
}
