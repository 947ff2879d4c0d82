//! Whether a request names an account, where it has to.

use crate::{app::App, problem::Problem};

/// Whether there is a single operator, so that pages ask for no name.
pub(crate) fn is_single_operator(app: &App) -> bool {
    !app.authority().settings().mode.asks_for_name()
}

/// The name as it was given; an empty one where there is a single operator and nobody is asked for it. Which account
/// that is, core says.
///
/// # Errors
/// `malformed_request` where the name is missing and has to be there.
pub(crate) fn named<'a>(app: &App, given: Option<&'a str>) -> Result<&'a str, Problem> {
    match given {
        Some(name) => Ok(name),
        None if is_single_operator(app) => Ok(""),
        None => Err(Problem::malformed("The member username is missing.")),
    }
}
