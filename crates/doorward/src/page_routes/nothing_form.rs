//! A form that is a button.

use serde::Deserialize;

/// Nothing to fill in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NothingForm {
    #[serde(default)]
    pub(super) csrf_token: String,
}
