use super::{Bar, Bars, Caption, Columns, Line, Sample, Scale, Tick, TimeAxis, WIDTH};

const HOUR: i64 = 3_600_000;

fn caption() -> Caption {
    Caption { id: "x", title: "A < B".to_owned(), description: "\"C\" & D".to_owned() }
}

fn day() -> TimeAxis {
    let tick = |hour| Tick {
        at_ms: hour * HOUR,
        text: format!("{hour:02}:00"),
        datetime: Some(format!("2026-01-01T{hour:02}:00:00Z")),
    };
    TimeAxis { from_ms: 0, until_ms: 24 * HOUR, ticks: vec![tick(0), tick(12), tick(23)] }
}

fn columns(first: &[u64], second: &[u64]) -> String {
    let (caption, axis) = (caption(), day());
    Columns { caption: &caption, axis: &axis, series: [first, second] }
        .draw(|number| number.to_string())
        .to_string()
}

fn line(samples: &[(i64, u64)]) -> String {
    let (caption, axis) = (caption(), day());
    let samples: Vec<_> =
        samples.iter().map(|(at_ms, value)| Sample { at_ms: *at_ms, value: *value }).collect();
    let line = Line { caption: &caption, axis: &axis, samples: &samples, gap_ms: HOUR };
    line.draw(|number| number.to_string()).to_string()
}

fn bars(values: &[u64], bound: Option<u64>) -> String {
    let caption = caption();
    let bars: Vec<_> = values.iter().map(|value| Bar { name: "a <b>".to_owned(), value: *value }).collect();
    Bars { caption: &caption, bars: &bars, bound }.draw(|number| number.to_string()).to_string()
}

/// The data of the paths of a class.
fn paths<'a>(svg: &'a str, class: &str) -> Vec<&'a str> {
    let before = format!("<path class=\"{class}\" d=\"");
    svg.split(&before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Every number that a path is made of.
fn numbers(path: &str) -> Vec<f64> {
    let separated =
        path.replace(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '-', " ");
    separated.replace('-', " -").split_whitespace().map(|number| number.parse().unwrap()).collect()
}

/// x, y, width and height of the rectangles of a path.
fn rectangles(path: &str) -> Vec<[f64; 4]> {
    let all = path.split('M').skip(1).map(numbers);
    all.map(|numbers| [numbers[0], numbers[1], numbers[2], numbers[3]]).collect()
}

#[test]
fn an_axis_has_round_numbers_and_holds_the_greatest() {
    for (greatest, ticks) in [
        (0, vec![0, 1]),
        (1, vec![0, 1]),
        (4, vec![0, 1, 2, 3, 4]),
        (5, vec![0, 2, 4, 6]),
        (9, vec![0, 5, 10]),
        (17, vec![0, 5, 10, 15, 20]),
        (40, vec![0, 10, 20, 30, 40]),
        (41, vec![0, 20, 40, 60]),
        (999, vec![0, 500, 1000]),
        (1_000_000, vec![0, 500_000, 1_000_000]),
    ] {
        assert_eq!(Scale::reaching(greatest).ticks().collect::<Vec<_>>(), ticks, "{greatest}");
    }
}

#[test]
fn no_number_is_too_great_for_an_axis() {
    for greatest in (0..64).map(|bits| 1_u64 << bits).chain([u64::MAX - 1, u64::MAX]) {
        let scale = Scale::reaching(greatest);
        assert!(scale.top() >= greatest.min(1_000_000_000_000_000_000), "{greatest}: {scale:?}");
        assert!((2..=5).contains(&scale.ticks().count()), "{greatest}: {scale:?}");
        assert!((0.0..=1.0).contains(&scale.share(greatest)), "{greatest}");
    }
}

#[test]
fn a_bar_is_as_high_as_its_number_and_stands_in_its_slot() {
    let svg = columns(&[4, 2, 0, 1], &[0, 4, 0, 0]);
    let [first, second] = ["first", "second"].map(|class| rectangles(paths(&svg, class)[0]));
    assert_eq!((first.len(), second.len()), (3, 1), "nothing is drawn of nothing");
    let highest = first[0][3];
    assert!((first[1][3] - highest / 2.0).abs() < 0.1 && (first[2][3] - highest / 4.0).abs() < 0.1);
    for [_, y, _, height] in first.iter().chain(&second) {
        assert!((y + height - 156.0).abs() < 0.11, "it stands on the axis");
    }
    let slot = first[1][0] - first[0][0];
    assert!((first[2][0] - first[1][0] - 2.0 * slot).abs() < 0.2, "an empty slot takes its place");
    assert!((second[0][0] - first[1][0] - first[1][2]).abs() < 0.11, "the second is beside the first");
}

#[test]
fn whatever_the_numbers_everything_is_within_the_picture() {
    let hostile = [0, 1, u64::MAX];
    let pictures = [
        columns(&hostile, &[u64::MAX; 3]),
        columns(&[], &[]),
        columns(&[7], &[0]),
        line(&[(i64::MIN, 1), (0, u64::MAX), (i64::MAX, 0)]),
        line(&[]),
        line(&[(HOUR, 3)]),
        bars(&hostile, Some(u64::MAX)),
        bars(&[], None),
        bars(&[5], Some(3)),
    ];
    for svg in pictures {
        let height: f64 =
            svg.split("viewBox=\"0 0 320 ").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        for class in ["first", "second"] {
            for [x, y, width, bar] in paths(&svg, class).into_iter().flat_map(rectangles) {
                assert!(x >= 0.0 && y >= 0.0 && width > 0.0 && bar > 0.0, "{svg}");
                assert!(x + width <= WIDTH && y + bar <= height, "{svg}");
            }
        }
        for points in paths(&svg, "line") {
            assert!(numbers(points).chunks_exact(2).all(|at| at[0] <= WIDTH && at[1] <= height), "{svg}");
        }
    }
}

#[test]
fn a_line_is_broken_where_nothing_was_measured() {
    let svg = line(&[(0, 1), (HOUR, 2), (5 * HOUR, 2), (6 * HOUR, 1)]);
    assert_eq!(paths(&svg, "line").len(), 2);
    assert_eq!(paths(&line(&[(0, 1), (HOUR, 2)]), "line").len(), 1);
}

#[test]
fn a_single_sample_is_a_dot() {
    let svg = line(&[(HOUR, 3)]);
    assert!(paths(&svg, "line")[0].ends_with("h0"), "{svg}");
    assert!(!paths(&line(&[(0, 1), (HOUR, 2)]), "line")[0].ends_with("h0"));
}

#[test]
fn a_bound_is_where_its_number_is() {
    let svg = bars(&[500], Some(1000));
    let bar = rectangles(paths(&svg, "first")[0])[0];
    let bound = numbers(paths(&svg, "bound")[0])[0];
    assert!((bound - bar[0] - 2.0 * bar[2]).abs() < 0.2, "{svg}");
    assert!(paths(&bars(&[500], None), "bound").is_empty());
}

#[test]
fn long_numbers_below_bars_do_not_run_into_each_other() {
    let texts = |svg: &str| svg.matches("text-anchor=\"middle\"").count();
    assert_eq!(texts(&bars(&[4], None)), 5);
    assert_eq!(texts(&bars(&[4_000_000_000_000], None)), 2);
}

#[test]
fn a_name_that_is_too_long_is_cut_before_its_number() {
    let caption = caption();
    let bars = [Bar { name: "ä".repeat(300), value: 1_000 }, Bar { name: "b".repeat(12), value: 1 }];
    let svg =
        Bars { caption: &caption, bars: &bars, bound: None }.draw(|number| number.to_string()).to_string();
    let cut = svg.split("text-anchor=\"start\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(cut.ends_with("ä…") && (20..36).contains(&cut.chars().count()), "{cut}");
    assert!(svg.contains(">bbbbbbbbbbbb<"));
}

#[test]
fn what_is_put_into_a_picture_is_escaped_and_it_has_a_name_for_those_who_do_not_see_it() {
    let svg = bars(&[1], None);
    assert!(svg.contains("role=\"img\" aria-labelledby=\"x-title x-says\""));
    assert!(svg.contains("<title id=\"x-title\">A &#60; B</title>"));
    assert!(svg.contains("<desc id=\"x-says\">&#34;C&#34; &#38; D</desc>"));
    assert!(svg.contains(">a &#60;b&#62;</text>"));
}

#[test]
fn an_hour_below_a_picture_can_be_moved_to_another_zone() {
    let svg = columns(&[1], &[1]);
    assert!(svg.contains(" data-hour=\"2026-01-01T12:00:00Z\">12:00</text>"), "{svg}");
}
