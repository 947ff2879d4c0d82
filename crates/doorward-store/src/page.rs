//! Pages by key.

use doorward_core::page::{Cursor, Page};

use super::failure::Failure;

/// Comes after every row, for lists that descend.
pub(crate) const LAST: Cursor = Cursor::at(i64::MAX, [u8::MAX; 16]);

/// Comes before every row, for lists that ascend.
pub(crate) const FIRST: Cursor = Cursor::at(i64::MIN, [0; 16]);

/// Makes a page of what was found with one row more than `limit`: that row tells whether there is a next page.
pub(crate) fn page_of<T>(
    mut found: Vec<T>,
    limit: u32,
    cursor_of: impl FnOnce(&T) -> Result<Cursor, Failure>,
) -> Result<Page<T>, Failure> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = if more { found.last().map(cursor_of).transpose()? } else { None };
    Ok(Page { items: found, next })
}
