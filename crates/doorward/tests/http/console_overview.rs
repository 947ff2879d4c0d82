//! The console's front page: what it counts.

use crate::{
    answer::Answer,
    guesses::{QUARTER, address, guess, lock},
    page::visit,
    world::{BOTH, DAY, MINUTE, PASSWORD, Plan, World},
};

const OVERVIEW: &str = "/auth/admin";

/// The rows of the table below a picture, by its heading's id: what a row is about, and its numbers.
fn table(page: &Answer, figure: &str) -> Vec<Vec<String>> {
    let text = page.text();
    let section =
        text.split(&format!("<section class=\"card figure\" aria-labelledby=\"{figure}\">")).nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    let rows = section.split("<tbody>").nth(1).map_or("", |rest| rest.split("</tbody>").next().unwrap());
    let cells = |row: &str| -> Vec<String> {
        let mut plain = String::new();
        for piece in row.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').unwrap();
            if tag == "/th" || tag == "/td" {
                plain.push('|');
            }
            plain.push_str(text);
        }
        plain.split('|').map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
    };
    rows.split("<tr>").skip(1).map(cells).collect()
}

fn row(page: &Answer, figure: &str, head: &str) -> Vec<String> {
    let rows = table(page, figure);
    rows.iter().find(|row| row[0].starts_with(head)).unwrap_or_else(|| panic!("{head} in {rows:?}"))[1..]
        .to_vec()
}

#[tokio::test]
async fn sign_ins_and_failures_are_counted_by_the_hour() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        // 15 January 2027, 08:00 UTC
        for number in 0..3 {
            guess(&world, "ann", PASSWORD, &address(number)).await.is(200);
        }
        guess(&world, "ann", "wrong password", &address(4)).await.is(401);
        world.advance(120 * MINUTE).await;
        let admin = world.admin().await;
        let page = visit(&admin, OVERVIEW).await;
        assert_eq!(table(page.is(200), "sign-ins").len(), 24);
        assert_eq!(row(&page, "sign-ins", "15 Jan 2027, 08:00 UTC"), ["3", "1"], "{storage:?}");
        assert_eq!(row(&page, "sign-ins", "15 Jan 2027, 09:00 UTC"), ["0", "0"]);
        assert_eq!(row(&page, "sign-ins", "15 Jan 2027, 10:00 UTC"), ["1", "0"], "the administrator's own");
        assert!(page.text().contains("4 sign-ins succeeded. One was refused.</desc>"), "{}", page.text());
        assert_eq!(row(&page, "refusals", "wrong name or password"), ["invalid_credentials", "1"]);

        let page = visit(&admin, "/auth/admin?range=month").await;
        assert_eq!(table(page.is(200), "sign-ins").len(), 30);
        assert_eq!(row(&page, "sign-ins", "15 Jan"), ["4", "1"]);

        world.advance(2 * DAY).await;
        let page = visit(&world.admin().await, OVERVIEW).await;
        assert!(
            page.text().contains("One sign-in succeeded. 0 were refused.</desc>"),
            "older ones are outside"
        );
        assert_eq!(
            row(&visit(&world.admin().await, "/auth/admin?range=month").await, "sign-ins", "15 Jan"),
            ["4", "1"]
        );
    }
}

#[tokio::test]
async fn users_sessions_and_locks_are_told_as_they_are_now() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").guarded().on(storage).start().await;
        for name in ["ann", "bob", "cleo"] {
            world.user(name, &[]).await;
        }
        world.signed_in("ann").await;
        lock(&world, "bob").await;
        let admin = world.admin().await;
        let text = visit(&admin, OVERVIEW).await.is(200).text();
        for now in ["4", "3", "1"] {
            assert!(text.contains(&format!("<p class=\"now\">{now}</p>")), "{now}: {text}");
        }
        assert_eq!(text.matches("Nothing has been measured yet.").count(), 3);
        world.authority().sample_gauges().await.unwrap();
        let text = visit(&admin, OVERVIEW).await.is(200).text();
        for (figure, told) in [
            ("users", "There are 4 users."),
            ("live-sessions", "There are 3 live sessions."),
            ("locked-accounts", "One account is locked."),
        ] {
            assert!(text.contains(&format!("<desc id=\"{figure}-says\">{told}</desc>")), "{told}: {text}");
        }
    }
}

#[tokio::test]
async fn what_was_sampled_is_told_by_the_hour() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.authority().sample_gauges().await.unwrap();
        world.advance(QUARTER).await;
        world.user("ann", &[]).await;
        world.authority().sample_gauges().await.unwrap();
        world.advance(4 * QUARTER).await;
        world.authority().sample_gauges().await.unwrap();
        let page = visit(&world.admin().await, OVERVIEW).await;
        assert_eq!(
            table(page.is(200), "users"),
            [["15 Jan 2027, 08:00 UTC", "2"], ["15 Jan 2027, 09:00 UTC", "2"]],
            "hours in which nothing was measured have no row"
        );
        assert_eq!(
            page.text().matches("<path class=\"line\"").count(),
            3,
            "one line for each of three pictures"
        );
    }
}

#[tokio::test]
async fn the_age_of_what_is_known_of_revocations_is_shown_against_its_bound() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.clock().advance(std::time::Duration::from_millis(250));
    let page = visit(&admin, OVERVIEW).await;
    assert_eq!(row(page.is(200), "staleness", "this server"), ["250 ms"]);
    assert!(page.text().contains("One that could not for 1,000 ms lets nobody in."));
    assert!(page.text().contains("<path class=\"bound\""));
    let mut config = world.config().clone();
    config.settings.max_staleness = std::time::Duration::from_secs(2);
    world.doorward().reload(config).unwrap();
    assert!(visit(&admin, OVERVIEW).await.text().contains("could not for 2,000 ms lets nobody in."));
}

#[tokio::test]
async fn a_range_that_is_none_is_the_last_day() {
    let world = World::new().await;
    let admin = world.admin().await;
    for range in ["day", "year", "", "%3Cscript%3E"] {
        let page = visit(&admin, &format!("/auth/admin?range={range}")).await;
        assert_eq!(table(page.is(200), "sign-ins").len(), 24, "{range}");
        assert!(!page.text().contains("<script>"));
    }
}

#[tokio::test]
async fn numbers_and_dates_are_written_as_the_reader_writes_them() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.authority().sample_gauges().await.unwrap();
    let german = admin.get(OVERVIEW).navigation().header("accept-language", "de").await;
    let text = german.is(200).text();
    for shown in ["Übersicht", "15. Jan. 2027, 08:00 UTC", "1.000 ms", "Es gibt einen Benutzer."] {
        assert!(text.contains(shown), "{shown} in {text}");
    }
}
