//! QR codes: read back by a reader of somebody else's, and drawn so that every page and every screen can show them.

use std::process::{Command, Output};

use doorward::pages::Language;
use doorward::pages::qr::{TooLong, svg};
use doorward_core::{second_factor::totp::TotpSecret, user::Username};

fn uri(issuer: &str, account: &str) -> String {
    TotpSecret::from_bytes(*b"12345678901234567890").otpauth_uri(issuer, account).reveal().to_owned()
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("it runs: scripts/test-deps installs it");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What `zbarimg` reads from a picture on a screen of this colour, so many pixels wide.
fn read_back(svg: &str, screen: &str, width: u32) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (drawing, picture) = (folder.path().join("code.svg"), folder.path().join("code.png"));
    std::fs::write(&drawing, svg).unwrap();
    run(Command::new("rsvg-convert")
        .args([
            "--background-color",
            screen,
            "--width",
            &width.to_string(),
            "--keep-aspect-ratio",
            "--output",
        ])
        .args([&picture, &drawing]));
    let read = run(Command::new("zbarimg").args(["--quiet", "--nodbus", "--raw"]).arg(&picture));
    String::from_utf8(read.stdout).unwrap().trim_end_matches('\n').to_owned()
}

#[test]
fn a_reader_reads_exactly_what_was_drawn() {
    for uri in [
        uri("Doorward", "alice"),
        uri("My Home: 100% & more", "corp:alice?secret=AAAA&x=/#z"),
        uri("Tür", "日本 \u{1f600}"),
    ] {
        let drawn = svg(&uri, Language::English).unwrap();
        for screen in ["white", "black"] {
            for width in [240, 401, 800] {
                assert_eq!(read_back(&drawn, screen, width), uri, "{screen}, {width} px");
            }
        }
    }
}

#[test]
fn the_longest_name_there_can_be_is_read_as_well() {
    // Each of its bytes is escaped as three.
    let name = "é".repeat(Username::MAX_BYTES / 2);
    let uri = uri("auth.example.com", &name);
    assert!(uri.len() > Username::MAX_BYTES * 3);
    assert_eq!(read_back(&svg(&uri, Language::English).unwrap(), "black", 1_000), uri);
}

#[test]
fn what_fits_into_no_code_is_refused() {
    assert!(svg(&"a".repeat(2_331), Language::English).is_ok());
    assert_eq!(svg(&"a".repeat(2_332), Language::English), Err(TooLong));
}

#[test]
fn it_is_an_image_with_a_name_black_on_white_and_scales() {
    // Version 1 has 21 modules a side, and the border four on each.
    let drawn = svg("doorward", Language::English).unwrap();
    let frame = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr-code\" role=\"img\" viewBox=\"0 0 29 29\" \
                 shape-rendering=\"crispEdges\">\n\
                 <title>QR code for your authenticator app</title>\n\
                 <rect width=\"29\" height=\"29\" fill=\"#fff\"/>\n\
                 <path fill=\"#000\" d=\"";
    let path = drawn.strip_prefix(frame).and_then(|rest| rest.strip_suffix("\"/>\n</svg>"));
    let path = path.unwrap_or_else(|| panic!("{drawn}"));
    // The top row begins and ends with the upper edge of a finder pattern, seven modules wide; so does the last one.
    assert!(path.starts_with("M4 4h7v1h-7z"), "{path}");
    assert!(path.contains("M18 4h7v1h-7z") && path.contains("M4 24h7v1h-7z"), "{path}");
    for run in path.split_terminator('z') {
        let numbers: Vec<usize> =
            run.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
        let [x, y, length, 1, back] = numbers[..] else { panic!("{run}") };
        assert_eq!(run, format!("M{x} {y}h{length}v1h-{back}"));
        assert_eq!(length, back);
        assert!((4..=24).contains(&y) && x >= 4 && x + length <= 25, "the border is white: {run}");
    }
}

/// Our pages' policy forbids style attributes and scripts, and loads nothing from elsewhere.
#[test]
fn a_page_has_nothing_to_refuse_in_it() {
    let drawn =
        svg(&uri("Doorward", "</title><script>alert(1)</script>\" onload=\"alert(2)"), Language::English)
            .unwrap();
    for foreign in ["style", "script", "onload", "href", "url(", "<image", "<use", "<!", "<?", "alert"] {
        assert!(!drawn.contains(foreign), "{foreign}");
    }
    assert_eq!(drawn.matches("http").count(), 1, "the namespace");
    assert!(!drawn.contains("secret") && !drawn.contains("GEZDGNBV"), "the secret is in the drawing only");
}

#[test]
fn an_ordinary_code_is_a_small_part_of_a_page() {
    let bytes = svg(&uri("auth.example.com", "alex.morgan@example.com"), Language::English).unwrap().len();
    assert!(bytes < 16_000, "{bytes}");
}
