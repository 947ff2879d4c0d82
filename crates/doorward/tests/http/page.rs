//! What a person, or their browser, finds on a page.

use crate::{answer::Answer, browser::Browser};

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

/// Shows a page to a person.
pub(crate) async fn visit(browser: &Browser, target: &str) -> Answer {
    browser.get(target).navigation().await
}

/// Posts a form of a page as a browser without script does.
pub(crate) async fn submit(
    browser: &Browser,
    page: &Answer,
    action: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let csrf = csrf_of(page);
    let form = [&[("csrf_token", csrf.as_str())], fields].concat();
    browser.post(action).navigation().without_csrf().form(&form).await
}

/// Where a redirect leads.
#[track_caller]
pub(crate) fn leads_to(answer: &Answer) -> String {
    answer.is(303).header("location").to_owned()
}

/// An address as the value of `rd`.
pub(crate) fn escaped(url: &str) -> String {
    url::form_urlencoded::byte_serialize(url.as_bytes()).collect()
}

/// An attribute's value: what follows `before`, up to its quote.
#[track_caller]
pub(crate) fn value_after(text: &str, before: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split('"').next().unwrap().replace("&#38;", "&")
}

/// What a person reads: the words between the tags.
pub(crate) fn words(html: &str) -> String {
    let within_a_word =
        ["span", "/span", "bdi", "/bdi", "strong", "/strong", "time", "/time", "a", "/a", "code", "/code"];
    let mut read = String::new();
    for piece in html.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        if !within_a_word.contains(&tag.split(' ').next().unwrap()) {
            read.push(' ');
        }
        read.push_str(text);
    }
    read.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the link leads that has these words.
pub(crate) fn link(page: &Answer, words: &str) -> Option<String> {
    let text = page.text();
    let (before, _) = text.split_once(&format!(">{words}</a>"))?;
    Some(value_after(before.rsplit_once("<a ").unwrap().1, "href=\""))
}
