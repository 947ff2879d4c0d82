//! The revocation feed as it grows, for whoever verifies tokens in a process of their own.

use std::{convert::Infallible, time::Duration};

use axum::response::Response;
use doorward_core::{
    authority::Authority,
    feed::{FeedPart, FeedState},
    refusal::Refusal,
};

use crate::{
    api::{
        revocations::{Confirmation, RevocationItem},
        wire::milliseconds,
    },
    context::RequestContext,
    event_stream,
    extract::Admin,
    long_answer::{Outlet, Over},
    problem::Problem,
};

/// Entries sent at once.
const PART: u32 = 1000;

/// The longest pause between two looks at what this node has read of the feed: a few within the time in which it reads
/// again, so that readers elsewhere hear of a revocation hardly later than this node.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// How often at least to look within the bound on revocation.
const LOOKS_WITHIN_BOUND: u32 = 40;

/// Begins the stream after the number `after`, of a request that arrived at monotonic time `opened_at`.
///
/// # Errors
/// `overloaded` where too many listen already.
pub(crate) fn begin(
    context: RequestContext,
    admin: &Admin,
    after: u64,
    opened_at: Duration,
) -> Result<Response, Problem> {
    let doorward = context.doorward().clone();
    let anew = doorward.authority().feed_state().anew;
    let (outlet, body) = doorward.app().long_answers.begin(context, admin)?;
    tokio::spawn(async move {
        let Err(over) = Stream { outlet: &outlet, after, opened_at, anew }.send_until_over().await;
        event_stream::end(outlet, &over);
    });
    Ok(event_stream::response(body))
}

struct Stream<'a> {
    outlet: &'a Outlet,
    /// Up to this number everything was sent.
    after: u64,
    opened_at: Duration,
    /// See [`FeedState::anew`].
    anew: u64,
}

impl Stream<'_> {
    fn authority(&self) -> &Authority {
        self.outlet.context().app().authority()
    }

    async fn send_until_over(mut self) -> Result<Infallible, Over> {
        self.outlet.send(event_stream::BEGINNING).await?;
        let mut told = None;
        loop {
            let state = self.authority().feed_state();
            if state.anew != self.anew {
                return Err(Over::BeginAgain);
            }
            // Below where this stream has read the store since the node has.
            if state.seq != self.after {
                self.send_new().await?;
            }
            // Each reading of the feed that this node has done confirms, once, that nothing is missing.
            if self.after >= state.seq && told != Some(state) {
                told = Some(state);
                self.outlet.send(self.confirmation(state)).await?;
            }
            let bound = self.authority().verifier().max_staleness();
            self.outlet.wait(LOOK_EVERY.min(bound / LOOKS_WITHIN_BOUND)).await?;
        }
    }

    /// Sends what has come since.
    async fn send_new(&mut self) -> Result<(), Over> {
        match self.authority().revocations(self.after, PART).await {
            Ok(FeedPart::Next { entries, seq, .. }) => {
                let items = entries.into_iter().map(RevocationItem::from);
                let messages: String =
                    items.map(|item| event_stream::message(None, item.seq, &item)).collect();
                if !messages.is_empty() {
                    self.outlet.send(messages).await?;
                }
                self.after = seq;
                Ok(())
            }
            Ok(FeedPart::PositionUnknown) => Err(Over::BeginAgain),
            // What cannot be read now is read later. Until then nothing is confirmed.
            Err(Refusal::StoreUnavailable) => Ok(()),
            Err(refusal) => Err(Over::Refused(refusal)),
        }
    }

    fn confirmation(&self, state: FeedState) -> String {
        let FeedState { confirmed_at, signing_keys_version, .. } = state;
        let signed = |duration: Duration| i64::try_from(milliseconds(duration)).unwrap_or(i64::MAX);
        let since_request_milliseconds = match confirmed_at.checked_sub(self.opened_at) {
            Some(since) => signed(since),
            // Rounded down as well: nobody is to think it later than it was.
            None => -1 - signed(self.opened_at.saturating_sub(confirmed_at)),
        };
        let confirmation = Confirmation {
            seq: self.after,
            age_milliseconds: milliseconds(self.authority().monotonic().saturating_sub(confirmed_at)),
            since_request_milliseconds,
            signing_keys_version,
            access_ttl: self.authority().settings().lifetimes.access_ttl.as_secs(),
        };
        event_stream::message(Some("confirmed"), self.after, &confirmation)
    }
}
