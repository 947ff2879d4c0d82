//! What is asked of the console and the administrators' API that nobody asks who means well.

use crate::world::{Plan, Storage, World};

/// Every address that is looked at, with the parameters that it reads.
const LOOKED_AT: [(&str, &[&str]); 14] = [
    ("/auth/admin", &["range"]),
    ("/auth/admin/users", &["search", "cursor"]),
    ("/auth/admin/users/new", &[]),
    ("/auth/admin/sessions", &["user", "cursor"]),
    ("/auth/admin/audit", &["user", "event", "address", "from", "until", "cursor", "follow"]),
    ("/auth/admin/lockouts", &["cursor"]),
    ("/auth/admin/keys", &[]),
    ("/auth/account", &["cursor"]),
    ("/auth/account/activity", &["cursor"]),
    ("/auth/v1/admin/users", &["search", "cursor", "limit"]),
    ("/auth/v1/admin/audit", &["user_id", "event", "address", "after", "before", "cursor", "limit"]),
    ("/auth/v1/admin/lockouts", &["cursor", "limit"]),
    ("/auth/v1/admin/overview", &["after", "before"]),
    ("/auth/v1/sessions", &["scope", "user_id", "cursor", "limit"]),
];

/// A cursor of ours, as whoever has read its form writes one.
fn cursor(position: i64, text: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode([&position.to_be_bytes()[..], &[0xff; 16], text.as_bytes()].concat())
}

fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\0",
        "a\0b",
        "\u{10ffff}",
        "\u{202e}",
        "%",
        "_",
        "*",
        "'",
        "\"",
        "\\",
        "--",
        "'; DROP TABLE users; --",
        "\"><script>alert(1)</script>",
        "javascript:alert(1)",
        "../..",
        "-1",
        "0",
        "1e9",
        "NaN",
        "99999999999999999999",
        "::ffff:203.0.113.9",
        "::",
        "fe80::1%25eth0",
        "9999-12-31T23:59",
        "-9999-01-01T00:00",
        "0000-01-01T00:00:00Z",
        "+999999-01-01T00:00",
        "9999-12-31T23:59:59.999999999Z",
        "2027-01-15T08:00:60Z",
        "2016-12-31T23:59:60Z",
        "all",
        "month",
        "session.refreshed",
    ]
    .map(str::to_owned)
    .into();
    texts.extend(
        ["a", "\u{fdfa}", "\u{300}", "=", "\u{10ffff}"].map(|letter| letter.repeat(20_000 / letter.len())),
    );
    let positions = [i64::MIN, -1, 0, 1, 2, 3, i64::MAX];
    texts.extend(
        positions.into_iter().flat_map(|at| ["", "a", "\0", "\u{10ffff}"].map(|text| cursor(at, text))),
    );
    texts
}

/// Nothing that is asked for makes the server fail, writes markup of others, or may be kept by a cache.
async fn is_unimpressed(world: &World) {
    let admin = world.admin().await;
    for (path, names) in LOOKED_AT {
        for (name, value) in
            names.iter().flat_map(|name| hostile().into_iter().map(move |value| (name, value)))
        {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish();
            let ask = admin.get(&format!("{path}?{query}"));
            let ask = if path.contains("/v1/") { ask } else { ask.navigation() };
            let answer = ask.await;
            let said = format!("{path}?{name}={}", value.chars().take(50).collect::<String>());
            assert!(answer.status.as_u16() < 500, "{said}: {}", answer.status);
            assert!(!answer.text().contains("<script>alert"), "{said}");
            assert_eq!(answer.header("cache-control"), "no-store", "{said}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{said}");
        }
    }
}

#[tokio::test]
async fn no_parameter_makes_the_server_fail_or_says_what_it_should_not() {
    is_unimpressed(&World::new().await).await;
}

#[tokio::test]
async fn nor_does_one_where_it_is_searched_for_on_disk() {
    is_unimpressed(&Plan::at("http://localhost:8080").on(Storage::Sqlite).start().await).await;
}
