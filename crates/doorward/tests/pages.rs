//! What holds for every page, whatever it shows.

use doorward::pages::{CONTENT_SECURITY_POLICY, Language, html, static_files, views};

mod gallery;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod qr;

use gallery::{Exhibit, ORDINARY, Words};

/// Breaks out of text, of a quoted attribute, and of a comment, wherever one of them is not escaped.
const HOSTILE: &str = r#"--></title><script>alert(1)</script>" onclick="alert(2)' style='x&amp;"#;

/// The same pages in every language; their names tell which.
fn in_every_language(words: &Words<'_>) -> Vec<Exhibit> {
    let in_one = |language: Language| {
        let pages = gallery::pages(&Words { language, ..*words }).into_iter();
        pages.map(move |page| Exhibit { name: format!("{} ({})", page.name, language.tag()), ..page })
    };
    Language::ALL.into_iter().flat_map(in_one).collect()
}

/// Every page as it is on an ordinary day.
fn ordinary_pages() -> Vec<Exhibit> {
    in_every_language(&ORDINARY)
}

fn hostile_pages() -> Vec<Exhibit> {
    in_every_language(&Words {
        username: HOSTILE,
        email: HOSTILE,
        role: HOSTILE,
        user_agent: HOSTILE,
        address: HOSTILE,
        token: HOSTILE,
        target: HOSTILE,
        host: HOSTILE,
        ..ORDINARY
    })
}

/// The opening tags of a page, attributes included.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect()
}

/// The names of a tag's attributes.
fn attribute_names(tag: &str) -> Vec<&str> {
    // The odd pieces are quoted values.
    let outside = tag.split('"').step_by(2);
    outside.flat_map(str::split_whitespace).skip(1).map(|name| name.trim_end_matches('=')).collect()
}

#[test]
fn hostile_text_is_escaped_wherever_it_is_shown() {
    for page in hostile_pages() {
        for raw in ["<script>", "alert(1)</", "\" onclick", "' style", "x&amp;\"", "--></title>"] {
            assert!(!page.html.contains(raw), "{} shows {raw:?} as it came", page.name);
        }
        let mut scripts = tags(&page.html).into_iter().filter(|tag| tag.starts_with("script"));
        assert!(scripts.all(is_ours), "{} has no script but ours", page.name);
    }
}

/// Whether what a tag loads is one of our own files.
fn is_ours(tag: &str) -> bool {
    [" src=\"/auth/static/", " src=\"/auth/keepalive.js\"", " href=\"/auth/static/"]
        .iter()
        .any(|ours| tag.contains(ours))
}

/// Guards the test above: a field that is not shown at all would pass it.
#[test]
fn every_kind_of_text_is_shown_somewhere() {
    for (kind, text) in [
        ("username", ORDINARY.username),
        ("email", ORDINARY.email),
        ("role", ORDINARY.role),
        ("address", ORDINARY.address),
        ("token", ORDINARY.token),
        ("target", ORDINARY.target),
        ("host", ORDINARY.host),
        ("device", "Firefox on Linux"),
    ] {
        let shown = gallery::pages(&ORDINARY).iter().any(|page| page.html.contains(text));
        assert!(shown, "no page shows the {kind}");
    }
}

#[test]
fn no_page_needs_inline_script_or_style() {
    for page in hostile_pages() {
        for tag in tags(&page.html) {
            let names = attribute_names(tag);
            assert!(!tag.starts_with("style"), "{}: <{tag}>", page.name);
            assert!(!tag.starts_with("script") || names.contains(&"src"), "{}: <{tag}>", page.name);
            for name in names {
                assert!(name != "style" && !name.starts_with("on"), "{}: <{tag}>", page.name);
            }
        }
        assert!(!page.html.contains("javascript:"), "{}", page.name);
    }
}

#[test]
fn a_button_that_needs_a_script_is_hidden_until_there_is_one() {
    let codes = gallery::pages(&ORDINARY).into_iter().find(|page| page.name == "recovery-codes");
    assert!(codes.is_some_and(|page| page.html.contains("data-print hidden>Print</button>")));
    // Buttons have a `display` of their own, which beats what browsers do with the attribute.
    assert!(static_files::STYLESHEET.body.contains("[hidden] {\n  display: none !important;\n}"));
}

#[test]
fn no_page_loads_anything_from_elsewhere() {
    for page in ordinary_pages() {
        for tag in tags(&page.html) {
            if ["script", "link", "img", "iframe"].iter().any(|loading| tag.starts_with(loading)) {
                assert!(is_ours(tag), "{}: <{tag}>", page.name);
            }
        }
    }
}

#[test]
fn every_file_that_a_page_loads_is_served() {
    for page in gallery::pages(&ORDINARY) {
        for name in values_of(&page.html, "=\"/auth/static/") {
            assert!(static_files::find(name).is_some(), "{}: {name}", page.name);
        }
    }
}

#[test]
fn every_form_stays_below_the_base_path_and_changes_something_only_by_posting() {
    let mut forms = 0;
    for page in ordinary_pages() {
        for tag in tags(&page.html).into_iter().filter(|tag| tag.starts_with("form")) {
            forms += 1;
            let searches = tag.contains("method=\"get\" action=\"/auth/admin/");
            assert!(searches || tag.contains("method=\"post\" action=\"/auth/"), "{}: <{tag}>", page.name);
        }
    }
    assert!(forms > 0);
}

#[test]
fn every_form_of_a_session_carries_its_csrf_token_once() {
    let field = format!("<input type=\"hidden\" name=\"csrf_token\" value=\"{}\">", ORDINARY.token);
    for page in ordinary_pages() {
        for form in page.html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            // A search is an address, where no token belongs.
            let expected = usize::from(page.signed_in && form.contains("method=\"post\""));
            assert_eq!(form.matches(&field).count(), expected, "{}", page.name);
        }
    }
}

#[test]
fn ids_are_unique_and_what_describes_a_field_exists() {
    for page in ordinary_pages() {
        let ids = values_of(&page.html, " id=\"");
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "{}: id {id} twice", page.name);
        }
        for attribute in [" for=\"", " aria-describedby=\"", " aria-labelledby=\""] {
            for value in values_of(&page.html, attribute) {
                for id in value.split(' ') {
                    assert!(ids.contains(&id), "{}:{attribute}{value}\" names nothing", page.name);
                }
            }
        }
    }
}

#[test]
fn every_visible_field_has_a_label_and_tells_password_managers_what_it_is() {
    for page in ordinary_pages() {
        let labelled = values_of(&page.html, " for=\"");
        for tag in tags(&page.html).into_iter().filter(|tag| tag.starts_with("input")) {
            if tag.contains("type=\"hidden\"") {
                continue;
            }
            assert!(tag.contains(" autocomplete=\""), "{}: <{tag}>", page.name);
            let unseen = tag.contains("aria-hidden=\"true\"");
            let has_label = values_of(tag, " id=\"").iter().any(|id| labelled.contains(id));
            assert!(unseen || has_label, "{}: <{tag}>", page.name);
        }
    }
}

#[test]
fn at_most_one_field_takes_the_focus_and_it_is_the_one_that_is_wrong() {
    for page in ordinary_pages() {
        let focused: Vec<_> =
            tags(&page.html).into_iter().filter(|tag| tag.ends_with(" autofocus")).collect();
        assert!(focused.len() <= 1, "{}: {focused:?}", page.name);
        let wrong = page.html.contains("aria-invalid=\"true\"");
        assert!(
            !wrong || focused.iter().all(|tag| tag.contains("aria-invalid")),
            "{}: {focused:?}",
            page.name
        );
        // A recovery code is typed instead of something else, and asked for first only where there is nothing else.
        let fields = [
            "name=\"password\"",
            "name=\"new_password\"",
            " id=\"code\"",
            "<details class=\"instead\" open>",
        ];
        let typed_in = fields.iter().any(|field| page.html.contains(field));
        assert!(!typed_in || !focused.is_empty(), "{}: nothing to start typing in", page.name);
    }
}

fn named(name: &str) -> String {
    named_in(Language::English, name)
}

fn named_in(language: Language, name: &str) -> String {
    let pages = gallery::pages(&Words { language, ..ORDINARY });
    let found = pages.into_iter().find(|page| page.name == name).map(|page| page.html);
    assert!(found.is_some(), "{name} is not in the gallery");
    found.unwrap_or_default()
}

fn german_wait(seconds: u64) -> &'static str {
    match seconds {
        860 => "14 Minuten und 20 Sekunden",
        _ => "42 Sekunden",
    }
}

#[test]
fn who_has_to_wait_is_told_what_happened_and_for_how_long_and_can_count_down() {
    for (name, happened, wait, seconds) in [
        ("login-account_locked", "Too many wrong passwords", "14 minutes and 20 seconds", 860),
        ("login-too_many_attempts", "That was too soon", "42 seconds", 42),
        ("login-rate_limited", "Too many attempts in a short time", "42 seconds", 42),
        ("login-overloaded", "The server is busy", "42 seconds", 42),
        ("password-account_locked", "you stay signed in", "14 minutes and 20 seconds", 860),
        ("password-too_many_attempts", "That was too soon", "42 seconds", 42),
        ("setup-too-many", "That was too soon", "42 seconds", 42),
        ("invite-limited", "Too many attempts in a short time", "42 seconds", 42),
        ("reset-limited", "Too many attempts in a short time", "42 seconds", 42),
        ("second-factor-too_many_attempts", "That was too soon", "42 seconds", 42),
        ("step-up-account_locked", "you stay signed in", "14 minutes and 20 seconds", 860),
        ("step-up-too_many_attempts", "That was too soon", "42 seconds", 42),
    ] {
        let page = named(name);
        let alert = page.split("role=\"alert\"").nth(1).and_then(|rest| rest.split("</div>").next());
        assert!(alert.is_some_and(|alert| alert.contains(happened)), "{name}: {alert:?}");
        let told = format!("<span role=\"timer\">{wait}</span>.");
        assert!(page.contains("You can try again in <"), "{name}");
        assert!(page.contains(&told), "{name} tells the wait");
        assert!(page.contains(&format!("data-wait-seconds=\"{seconds}\"")), "{name} can count down");
        assert!(page.contains(&static_files::COUNTDOWN.url("/auth")), "{name} has the script");
        // Without script nobody is held back by the page: the server decides.
        assert!(!page.contains(" disabled") && !page.contains("aria-disabled"), "{name}");
        let german = named_in(Language::German, name);
        let told =
            format!("noch <span class=\"whole\"><span role=\"timer\">{}</span>.", german_wait(seconds));
        assert!(german.contains(&told), "{name} tells the wait in German");
    }
    for name in ["login", "login-invalid_credentials", "password-refused", "setup-wrong"] {
        assert!(!named(name).contains("countdown"), "{name} has nothing to count");
    }
}

#[test]
fn a_locked_account_is_spoken_of_without_saying_whether_it_exists() {
    let page = named("login-account_locked");
    assert!(
        page.contains("If this is your account: another browser in which you have signed in before is not")
    );
    assert!(page.contains("An administrator can unlock it."));
    assert!(page.contains(&format!("value=\"{}\"", ORDINARY.username)), "the name stays in its field");
}

#[test]
fn the_owner_learns_that_strangers_are_kept_out_and_whether_this_browser_is_one() {
    let known = named("account-locked-out");
    assert!(known.contains("for another 14 minutes and 20 seconds (until <time"), "{known}");
    assert!(known.contains("This browser is not affected"));
    assert!(!named("account-locked-out-too").contains("This browser is not affected"));
    assert!(named("account-delayed").contains("wait another 8 seconds"));
    assert!(!named("account").contains("wrong passwords for your account"));
}

#[test]
fn a_refused_setup_token_is_not_carried_along() {
    let pages = gallery::pages(&ORDINARY);
    let html = |name: &str| pages.iter().find(|page| page.name == name).map(|page| page.html.as_str());
    let hidden = format!("<input type=\"hidden\" name=\"setup_token\" value=\"{}\">", ORDINARY.token);
    assert!(html("setup").is_some_and(|page| page.contains(&hidden)));
    for name in ["setup-refused", "setup-without-token"] {
        assert!(html(name).is_some_and(|page| !page.contains(&hidden)), "{name}");
        assert!(html(name).is_some_and(|page| page.contains("name=\"setup_token\" type=\"text\"")), "{name}");
    }
}

#[test]
fn the_page_that_moves_on_does_so_without_script() {
    let page = views::MovingOnPage {
        frame: doorward::pages::Frame::anonymous("", Language::English),
        target: "https://app.example.com/?a=1&b=2".to_owned(),
        reason: views::MovingOnReason::Resumed,
    };
    let html = html(&page);
    assert!(
        html.contains("<meta http-equiv=\"refresh\" content=\"0;url=https://app.example.com/?a=1&#38;b=2\">")
    );
    assert!(html.contains("href=\"https://app.example.com/?a=1&#38;b=2\""));
}

#[test]
fn the_policy_allows_nothing_inline_and_nothing_from_elsewhere() {
    for directive in CONTENT_SECURITY_POLICY.split("; ").filter(|part| !part.starts_with("require-")) {
        let source = directive.split(' ').skip(1).collect::<Vec<_>>();
        assert!(source == ["'self'"] || source == ["'none'"], "{directive}");
    }
}

/// A first visit on a slow line loads the page and what it names. Compression makes this less than a third.
#[test]
fn the_login_page_with_everything_is_small() {
    for language in Language::ALL {
        let login = named_in(language, "login");
        let loaded = static_files::ALL.into_iter().filter(|file| login.contains(&file.name()));
        let files: usize = loaded.map(|file| file.body.len()).sum();
        assert!(files > 0 && login.len() + files < 30_000, "{} + {files}", login.len());
    }
}

fn values_of<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}
