//! Breached passwords: a filter file made of a public list, and asked when somebody sets a password.
//!
//! The file holds one binary fuse filter (16 bits of fingerprint, 18 bits an entry) for each shard of hashes that
//! begin alike. A look-up reads one shard by position: no memory map, see `docs/decisions/0016`.

mod build;
mod filter;
mod format;
mod lines;
mod spill;

use std::sync::Arc;

use doorward_core::password::BreachedPasswords;

pub use build::{BuildError, Built, Step, build};
pub use filter::{BreachedFilter, Check, OpenError};

use crate::Failure;
use crate::config::{Complaint, Settings};

/// What a look-up needs of the file that `password.breached_filter` names, if it names one.
///
/// # Errors
/// [`Failure::Unusable`] where it is missing, or no filter, or shorter or longer than it says.
pub(crate) fn open_configured(settings: &Settings) -> Result<Option<Arc<dyn BreachedPasswords>>, Failure> {
    let filter = open(settings, Check::Directory)?;
    Ok(filter.map(|filter| Arc::new(filter) as Arc<dyn BreachedPasswords>))
}

/// Reads the whole of the file that `password.breached_filter` names, for who is about to rely on it for long.
///
/// # Errors
/// As [`open_configured`], and where any part of it is damaged.
pub(crate) fn check_configured(settings: &Settings) -> Result<(), Failure> {
    open(settings, Check::Everything).map(drop)
}

fn open(settings: &Settings, check: Check) -> Result<Option<BreachedFilter>, Failure> {
    let Some(path) = &settings.breached_filter else { return Ok(None) };
    BreachedFilter::open(path, check).map(Some).map_err(|error| {
        let mend = format!("{error}: make it by `doorward breached build`, or write \"none\"");
        Complaint::new("password.breached_filter", mend).with_value(format!("{path:?}")).into()
    })
}
