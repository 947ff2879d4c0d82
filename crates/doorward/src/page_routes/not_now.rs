//! What stands between somebody and what they asked a page for.

use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// Why what was asked for was not done.
pub(crate) enum NotNow {
    /// Something comes first, and it leads there.
    First(Box<Response>),
    /// It is refused.
    Refused(Problem),
}

impl NotNow {
    pub(super) fn first(response: Response) -> Self {
        Self::First(Box::new(response))
    }
}

impl IntoResponse for NotNow {
    fn into_response(self) -> Response {
        match self {
            Self::First(response) => *response,
            Self::Refused(problem) => problem.into_response(),
        }
    }
}

impl<P: Into<Problem>> From<P> for NotNow {
    fn from(refused: P) -> Self {
        Self::Refused(refused.into())
    }
}
