//! What holds of the pages in their languages.
//!
//! A phrase that is missing does not compile; here is found what was written past the catalogue: whatever reads the same
//! in German as in English is a name, or stands on a short list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine;
use doorward::pages::Language;

use crate::gallery::{self, Exhibit, ORDINARY, Words};
use crate::{named_in, values_of};

/// Attributes that people read or hear. Those for scripts hold words, too, which they say.
const WORDED: [&str; 5] = ["aria-label", "title", "alt", "placeholder", "download"];

/// Attributes for scripts that nobody reads.
const FOR_SCRIPTS: [&str; 10] = [
    "data-slot",
    "data-link",
    "data-stream",
    "data-hour",
    "data-passkey",
    "data-options",
    "data-csrf-header",
    "data-otherwise",
    "data-wait-seconds",
    "data-wait-of",
];

/// What is called the same in both languages.
const SAME: [&str; 14] = [
    "Doorward",
    // Names of devices and programs, as somebody called them or as they call themselves.
    "Fairphone",
    "curl",
    // An address, where the gallery has another than the ordinary one.
    "2001:db8:85a3:8d3:1319:8a2e:370:7348",
    "billing.read",
    // German has the same words.
    "Passkeys",
    "Code",
    "Server",
    "0 ms",
    "64 ms",
    "500 ms",
    "2",
    "dws_",
    "UTC",
];

fn pages(language: Language) -> Vec<Exhibit> {
    gallery::pages(&Words { language, ..ORDINARY })
}

/// Text nodes, and attributes that hold words.
fn texts(html: &str) -> Vec<&str> {
    let nodes = html.split('>').skip(1).filter_map(|rest| rest.split('<').next());
    let mut texts: Vec<&str> = nodes.map(str::trim).collect();
    for tag in crate::tags(html) {
        // The odd pieces are quoted values, each after its name.
        let pieces: Vec<&str> = tag.split('"').collect();
        for pair in pieces.chunks_exact(2) {
            let name = pair[0].split_whitespace().last().map_or("", |name| name.trim_end_matches('='));
            if WORDED.contains(&name) || name.starts_with("data-") && !FOR_SCRIPTS.contains(&name) {
                texts.push(pair[1].trim());
            }
        }
    }
    texts.retain(|text| text.chars().any(char::is_alphabetic));
    texts
}

/// What is inside `<code>` is typed or quoted, not read.
fn without_code(html: &str) -> String {
    let mut parts = html.split("<code");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once("</code>").map_or("", |(_, after)| after))
}

fn may_be_the_same(text: &str) -> bool {
    let words = [
        ORDINARY.username,
        ORDINARY.email,
        ORDINARY.role,
        ORDINARY.address,
        ORDINARY.token,
        ORDINARY.target,
        ORDINARY.host,
    ];
    words.contains(&text) || SAME.contains(&text)
}

#[test]
fn no_german_page_speaks_english() {
    let mut same = BTreeSet::new();
    for (english, german) in pages(Language::English).iter().zip(pages(Language::German)) {
        assert_eq!(english.name, german.name);
        let (english, name) = (without_code(&english.html), german.name);
        let german = without_code(&german.html);
        let english = texts(&english);
        let both = texts(&german).into_iter().filter(|text| english.contains(text) && !may_be_the_same(text));
        same.extend(both.map(|text| format!("{name}: {text}")));
    }
    assert_eq!(same, BTreeSet::new(), "the same in either language");
}

#[test]
fn each_page_says_what_it_speaks() {
    for language in Language::ALL {
        let said = format!("<html lang=\"{}\">", language.tag());
        for page in pages(language) {
            assert!(page.html.contains(&said), "{}", page.name);
        }
    }
}

#[test]
fn german_is_set_as_german_is() {
    for page in pages(Language::German) {
        for text in texts(&without_code(&page.html)) {
            let typed = ["\"", "&#34;", "'", "&#39;", " - ", "...", "--"];
            assert!(!typed.iter().any(|sign| text.contains(sign)), "{}: {text:?}", page.name);
            assert_eq!(text.matches('„').count(), text.matches('“').count(), "{}: {text:?}", page.name);
        }
    }
}

#[test]
fn the_file_of_recovery_codes_is_in_the_language_of_the_page_and_names_its_owner_as_they_are_called() {
    for (language, beginning) in [
        (Language::English, "Recovery codes of alex.morgan at a&b <c>\nEach works once"),
        (Language::German, "Wiederherstellungscodes von alex.morgan bei a&b <c>\nJeder funktioniert einmal"),
    ] {
        let words = Words { language, host: "a&b <c>", ..ORDINARY };
        let page = gallery::pages(&words).into_iter().find(|page| page.name == "recovery-codes");
        let html = page.map(|page| page.html).unwrap_or_default();
        let file = values_of(&html, "href=\"data:text/plain;charset=utf-8;base64,");
        let text = file.first().and_then(|encoded| base64::prelude::BASE64_STANDARD.decode(encoded).ok());
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        assert!(text.starts_with(beginning), "{text}");
        assert!(text.contains("\n\n7K3M-"), "{text}");
    }
}

#[test]
fn a_script_finds_all_that_it_has_to_say() {
    for (language, closed, show) in [
        (Language::English, "the question was closed", "Show new password"),
        (Language::German, "Die Abfrage wurde geschlossen", "Neues Passwort anzeigen"),
    ] {
        for name in ["login", "second-factor", "step-up-factor", "factors-none"] {
            let page = named_in(language, name);
            assert!(values_of(&page, " data-say-not-allowed-error=\"")[0].contains(closed), "{name}");
            for word in
                ["failed", "conflict", "rate-limited", "store-unavailable", "security-error", "type-error"]
            {
                assert_eq!(values_of(&page, &format!(" data-say-{word}=\"")).len(), 1, "{name}: {word}");
            }
        }
        let page = named_in(language, "password");
        assert_eq!(values_of(&page, " data-show-label=\"")[1], show);
        assert_eq!(values_of(&page, " data-hide=\"").len(), page.matches("class=\"secret\"").count());
    }
}

/// Every template, below `templates/`, by its path.
fn templates() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
    let mut templates = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                templates.push((path, text));
            }
        }
    }
    templates
}

/// A template without what is between these, its comments, its statements or its expressions.
fn without(template: &str, open: &str, close: &str) -> String {
    let mut parts = template.split(open);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once(close).map_or(part, |(_, after)| after))
}

/// Also of what no page of the gallery shows.
#[test]
fn no_template_has_words_of_its_own() {
    let templates = templates();
    assert!(!templates.is_empty());
    for (path, text) in templates {
        let text = [("{#", "#}"), ("{%", "%}"), ("{{", "}}")]
            .iter()
            .fold(text, |text, (open, close)| without(&text, open, close));
        let mut words = texts(&text);
        // A macro may be the attributes of a tag that it does not hold.
        let attributes = |words: &str| words.split_whitespace().all(|part| part.contains('"'));
        words.retain(|words| !attributes(words) && words.trim_start_matches("· ") != "Doorward");
        assert!(words.is_empty(), "{}: {words:?}", path.display());
    }
}
