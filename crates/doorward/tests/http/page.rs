//! What a person, or their browser, finds on a page.

use crate::answer::Answer;

/// The CSRF token of its forms.
#[track_caller]
pub(crate) fn csrf_of(page: &Answer) -> String {
    value_after(&page.text(), "name=\"csrf_token\" value=\"")
}

/// Where a page that moves on by itself leads.
#[track_caller]
pub(crate) fn moves_on_to(page: &Answer) -> String {
    value_after(&page.is(200).text(), "http-equiv=\"refresh\" content=\"0;url=")
}

/// An attribute's value: what follows `before`, up to its quote.
#[track_caller]
pub(crate) fn value_after(text: &str, before: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split('"').next().unwrap().replace("&#38;", "&")
}
