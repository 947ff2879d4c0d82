//! A list of breached passwords: from the public format to a refusal.

use std::fs;
use std::os::unix::net::UnixListener;

use rustix::process::Signal;

use crate::place::{Place, mode, request};

/// Passwords that nothing else speaks against, and their SHA-1 hashes.
const STOLEN: [(&str, &str); 2] = [
    ("saffron-harbour-pencil-64", "2DF32D44CB51D8CBDF2BC256136322287D6CA7FD"),
    ("walnut-compass-drizzle-55", "5E296F751A3537D801F8132068AE6B2727722CB3"),
];
const GOOD: &str = "correct horse battery";
const FILTER: &str = "DOORWARD_PASSWORD__BREACHED_FILTER";
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";

/// A list of so many hashes that are nobody's, with a stolen password's among them.
fn list(others: u32, stolen: usize) -> String {
    let line = |n: u32| format!("{n:08X}{:032X}:{}\r\n", u128::from(n) << 64 | 7, n % 9 + 1);
    let mut lines: Vec<String> = (0..others).map(|n| line(n.wrapping_mul(0x9e37_79b9))).collect();
    lines.insert(lines.len() / 2, format!("{}:12\r\n", STOLEN[stolen].1));
    lines.concat()
}

fn build(place: &Place, others: u32, stolen: usize) {
    place.write("list.txt", &list(others, stolen));
    let built = place.json(&["breached", "build", "list.txt", "--output", "breached.filter"]);
    assert_eq!(built["entries"], others + 1);
}

/// What setup says to a password: the status line, and the whole.
fn set_up(address: &str, password: &str) -> String {
    let body = format!(r#"{{"setup_token":"{SETUP_TOKEN}","username":"root","password":"{password}"}}"#);
    request(address, "POST", "/auth/v1/setup", "Content-Type: application/json\r\n", &body)
}

#[test]
fn a_list_becomes_a_filter_and_the_filter_refusals() {
    let place = Place::new().with(FILTER, "breached.filter").with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    build(&place, 2000, 0);
    let mut server = place.serve(&[]);
    let refused = set_up(&server.address, STOLEN[0].0);
    assert!(refused.starts_with("HTTP/1.1 422") && refused.contains(r#""code":"breached""#), "{refused}");

    // Another list in its place counts from the reload on.
    build(&place, 3000, 1);
    server.signal(Signal::HUP);
    server.wait_for("config.reloaded");
    let refused = set_up(&server.address, STOLEN[1].0);
    assert!(refused.starts_with("HTTP/1.1 422") && refused.contains(r#""code":"breached""#), "{refused}");
    // A damaged one is refused, and the one before stays.
    fs::rename(place.path("breached.filter"), place.path("kept.filter")).unwrap();
    place.write("breached.filter", "no filter");
    server.signal(Signal::HUP);
    server.wait_for("config.reload_refused");
    let refused = set_up(&server.address, STOLEN[1].0);
    assert!(refused.starts_with("HTTP/1.1 422"), "{refused}");

    let set_up = set_up(&server.address, STOLEN[0].0);
    assert!(set_up.starts_with("HTTP/1.1 201"), "it is in the list no more: {set_up}");
    server.stop();
    fs::rename(place.path("kept.filter"), place.path("breached.filter")).unwrap();
    place
        .run_with_input(&["user", "passwd", "root"], STOLEN[1].0)
        .failed(1, &["stolen from other sites", "choose another one"]);
    place.run_with_input(&["user", "passwd", "root"], GOOD).succeeded();
}

#[test]
fn no_password_is_set_while_the_filter_cannot_be_read() {
    let place = Place::new().with(FILTER, "breached.filter").with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    build(&place, 2000, 0);
    let mut server = place.serve(&[]);
    // Overwritten and shorter: with a memory map the server would be gone.
    place.write("breached.filter", "gone");
    let refused = set_up(&server.address, GOOD);
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    let logged = server.wait_for("password.breached_filter_failed");
    assert_eq!(logged["level"], "ERROR");
    build(&place, 2000, 0);
    server.signal(Signal::HUP);
    server.wait_for("config.reloaded");
    let done = set_up(&server.address, GOOD);
    assert!(done.starts_with("HTTP/1.1 201"), "{done}");
    server.stop();
}

#[test]
fn a_missing_or_damaged_filter_stops_the_start_and_the_check() {
    let place = Place::new().with(FILTER, "breached.filter");
    let stops = |why: &str| {
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["config", "check"]] {
            let parts = ["password.breached_filter", "breached.filter\"", why, "doorward breached build"];
            place.run(command).failed(2, &parts);
        }
    };
    stops("No such file");
    place.write("breached.filter", "something else entirely, and long enough");
    stops("no filter of breached passwords");
    build(&place, 2000, 0);
    let mut bytes = fs::read(place.path("breached.filter")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(place.path("breached.filter"), bytes).unwrap();
    stops("damaged or incomplete");
    build(&place, 2000, 0);
    place.run(&["config", "check"]).succeeded();
}

#[test]
fn a_list_comes_by_standard_input_too_and_is_named_after_its_file() {
    let place = Place::new();
    let text = list(1000, 0);
    place.run_with_input(&["breached", "build", "-"], &text).failed(2, &["--output"]);
    let built = place.run_with_input(&["breached", "build", "-", "--output", "a.filter", "--json"], &text);
    let built = built.succeeded().json();
    assert_eq!((built["entries"].as_u64(), built["path"].as_str()), (Some(1001), Some("a.filter")));
    let bytes = fs::read(place.path("a.filter")).unwrap();
    assert_eq!(built["bytes"], bytes.len());
    assert!(built["seconds"].is_number());

    // The same, whatever the case and the line ends.
    place.write("list.txt", &text.to_lowercase().replace("\r\n", "\n"));
    let told = place.run(&["breached", "build", "list.txt"]).succeeded();
    assert!(
        told.stdout.contains("1001 hashes") && told.stdout.contains("list.txt.filter"),
        "{}",
        told.stdout
    );
    assert!(told.stderr.is_empty(), "no bar in a pipe: {}", told.stderr);
    assert_eq!(fs::read(place.path("list.txt.filter")).unwrap(), bytes);
    // The most careless umask there is; others may read it, nobody else may write it.
    assert_eq!(mode(&place.path("list.txt.filter")), 0o644);
}

#[test]
fn what_is_no_list_is_named_with_its_line_and_leaves_nothing_behind() {
    let place = Place::new();
    place.write("list.txt", &format!("{}password:1\n", list(41, 0)));
    place
        .run(&["breached", "build", "list.txt"])
        .failed(2, &["list.txt", "line 43", "40 hexadecimal digits"]);
    place.write("list.txt", "");
    place.run(&["breached", "build", "list.txt"]).failed(2, &["list.txt", "no hashes"]);
    place.run(&["breached", "build", "nowhere.txt"]).failed(2, &["nowhere.txt", "cannot read it"]);
    place.run(&["breached", "build", "."]).failed(2, &["directory"]);
    place.write("list.txt", &list(3, 0));
    place.run(&["breached", "build", "list.txt", "-o", "./list.txt"]).failed(2, &["the list itself"]);
    place.run(&["breached", "build", "list.txt", "-o", "nowhere/a.filter"]).failed(1, &["nowhere/a.filter"]);
    // Put in a device's place it would be the end of the device.
    let socket = UnixListener::bind(place.path("no.filter")).unwrap();
    place
        .run(&["breached", "build", "list.txt", "-o", "no.filter"])
        .failed(1, &["no.filter", "no regular file"]);
    drop(socket);
    fs::remove_file(place.path("no.filter")).unwrap();
    let names: Vec<_> =
        fs::read_dir(place.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["list.txt"]);
    assert_eq!(fs::read_to_string(place.path("list.txt")).unwrap(), list(3, 0), "the list is as it was");
}
