//! What clients saw of several nodes, and whether it keeps what Doorward promises about sessions.
//!
//! A fault run is judged afterwards, from what clients asked, when, and what they were answered: no more than somebody
//! sees who speaks HTTP. [`Recorder`] writes it down while it happens; [`History::check`] reads it. Checked are:
//!
//! - *Linearisability, per session* (Herlihy and Wing 1990): each operation can be given one instant between its question
//!   and its answer, so that in the order of these instants a session does what one session on one machine would do.
//!   From it follows that no refresh succeeds after an acknowledged end, that a generation has one successor, that
//!   nothing acknowledged is lost, and that no session ends without anybody having ended it.
//! - *The bound*: nobody is let in by a request sent later than an acknowledged end plus [`Promises::bound`].
//!
//! What got no answer, or one that leaves its outcome open, may have happened at any later time, or never.
//!
//! A session only moves forward: it opens, its generation rises, it ends. So no search over orders is needed: the
//! earliest instants at which all of it can have happened are found one after the other, exactly, whatever number of
//! clients raced (see `line.rs`; `tests/history` compares it with a search).
//!
//! Not seen: lifetimes. A token that is past its end when it is presented, or a session, are to be left out.

mod line;
mod recorder;
mod tokens;
mod violation;

use std::{collections::BTreeMap, fmt, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};

use line::Line;
use tokens::Tokens;

pub use recorder::{Ongoing, Recorder};
pub use violation::{Rule, Violation};

/// Names a token without telling it: the beginning of the SHA-256 of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenName([u8; 8]);

impl TokenName {
    /// The name of the token with this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut name = [0; 8];
        for (to, from) in name.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()) {
            *to = *from;
        }
        Self(name)
    }
}

impl fmt::Debug for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// The tokens of a session, as a login or a refresh gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The access token.
    pub access: TokenName,
    /// The refresh token.
    pub refresh: TokenName,
}

impl Given {
    /// The names of two tokens.
    #[must_use]
    pub fn of(access: &str, refresh: &str) -> Self {
        Self { access: TokenName::of(access), refresh: TokenName::of(refresh) }
    }
}

/// What a client asked for. A session is named by any token of it, as clients name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To open a session of this user.
    LogIn {
        /// The user.
        user: String,
        /// A token of the session that the browser was in, which the login ends.
        replaces: Option<TokenName>,
    },
    /// A successor for this refresh token.
    Refresh(TokenName),
    /// Anything that this access token opens the door to, and that changes nothing.
    Enter(TokenName),
    /// The end of one session: a logout, or an administrator's revocation.
    End(TokenName),
    /// The end of all sessions of a user: logging out everywhere, a new password, disabling. One that opens a session in
    /// the same breath, as a change of password does, is answered by its tokens.
    EndAll {
        /// The user.
        user: String,
        /// A token of the session that stays.
        except: Option<TokenName>,
    },
}

/// What a client was answered. Everything else is no answer: see [`Outcome::Unknown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Tokens: the login, the refresh, or the change of password succeeded.
    Tokens(Given),
    /// Let in, or ended.
    Done,
    /// The session is over: `session_revoked`.
    Over,
    /// The refresh token was spent before, and its session is over now: `refresh_token_reused`.
    Reused,
    /// The token is not ours: `token_invalid`, `refresh_token_invalid`.
    NotOurs,
}

impl Answer {
    /// The answer that a problem document's code stands for; none for a code that says nothing about a session, or
    /// leaves open what happened.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        match code {
            "session_revoked" => Some(Self::Over),
            "refresh_token_reused" => Some(Self::Reused),
            "token_invalid" | "refresh_token_invalid" => Some(Self::NotOurs),
            _ => None,
        }
    }
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Answered {
        /// When the client had the answer, on the recorder's monotonic clock.
        at: Duration,
        /// The answer.
        answer: Answer,
    },
    /// Nobody can tell: it may have happened, may happen later, or never.
    Unknown,
}

/// One operation of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who asked; for people who read a violation.
    pub client: String,
    /// Which node was asked; for people who read a violation.
    pub node: String,
    /// When it was asked, on the recorder's monotonic clock.
    pub invoked: Duration,
    /// What was asked.
    pub asked: Asked,
    /// What became of it.
    pub outcome: Outcome,
}

impl Operation {
    fn answer(&self) -> Option<Answer> {
        match self.outcome {
            Outcome::Answered { answer, .. } => Some(answer),
            Outcome::Unknown => None,
        }
    }

    fn given(&self) -> Option<Given> {
        match self.answer()? {
            Answer::Tokens(given) => Some(given),
            Answer::Done | Answer::Over | Answer::Reused | Answer::NotOurs => None,
        }
    }

    /// Until when it may have happened.
    fn until(&self) -> Duration {
        match self.outcome {
            Outcome::Answered { at, .. } => at,
            Outcome::Unknown => Duration::MAX,
        }
    }
}

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promises {
    /// So long after an end was acknowledged, somebody may still be let in: `revocation.max_staleness`.
    pub bound: Duration,
    /// Whether a login may end other sessions of its user: there is a limit, and the oldest give way.
    pub logins_end_others: bool,
}

/// What all clients asked and were answered, in no particular order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The operations.
    pub operations: Vec<Operation>,
}

impl History {
    /// What was broken; nothing if every promise was kept.
    ///
    /// Of each session the first contradiction in its order of events is told, and everybody who was let in too late.
    #[must_use]
    pub fn check(&self, promises: Promises) -> Vec<Violation> {
        let (tokens, mut violations) = Tokens::trace(&self.operations);
        let mut lines: BTreeMap<usize, Line<'_>> = BTreeMap::new();
        for (index, opening) in tokens.openings(&self.operations) {
            lines.insert(index, Line::new(index, opening));
        }
        for (index, operation) in self.operations.iter().enumerate() {
            for line in lines.values_mut() {
                line.add(index, operation, &tokens, promises);
            }
        }
        for line in lines.values() {
            violations.extend(line.check(promises.bound));
        }
        violations.into_iter().map(|broken| Violation::new(broken, &self.operations)).collect()
    }
}
