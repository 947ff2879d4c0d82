//! The login page is what everybody waits for first: what it weighs with all it loads, and what rendering it takes.

use super::Surroundings;
use crate::failure::Failure;
use crate::http::{Answer, Connection, Request};
use crate::report::{Report, Wanted};
use crate::server::{Server, let_in};
use crate::statistics::median;

/// What the page and all it loads may weigh.
const MOST_BYTES: f64 = 20_000.0;

/// The server's time to render it.
const MOST_MICROS: f64 = 1000.0;

/// Requests of each kind in a round, and over how many connections.
const REQUESTS: u64 = 2000;
const CONNECTIONS: u64 = 8;

const PAGE: &str = "/auth/login";

/// What browsers say they understand.
const HEADERS: &str =
    "Accept: text/html,*/*;q=0.8\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en\r\n";

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let server = Server::start(surroundings, &[])?;
    let mut connection = Connection::to(server.address());
    let page = let_in(connection.send(&get(PAGE))?)?;
    let html = String::from_utf8(page.body().to_vec()).map_err(|error| Failure::io("the page", error))?;
    let linked = linked(&html);
    let Some(last) = linked.last().cloned() else {
        return Err(Failure::new(
            "the page loads nothing: its links are written otherwise than is looked for",
        ));
    };
    let mut report = Report::default();
    let (mut bodies, mut heads) = (0, 0);
    let mut weigh = |path: &str, answer: &Answer, report: &mut Report| {
        bodies += answer.body().len();
        heads += answer.head().len();
        let encoding = answer.header("content-encoding").unwrap_or("as it is");
        report.figure(format!("{path}, {encoding}"), answer.body().len() as f64, "bytes");
    };
    weigh(PAGE, &page, &mut report);
    for path in &linked {
        weigh(path, &let_in(connection.send(&get(path))?)?, &mut report);
    }
    report.wanted("all of it", bodies as f64, "bytes", Wanted::AtMost(MOST_BYTES));
    report.figure("heads of the answers, in addition", heads as f64, "bytes");

    let (mut rendered, mut sent) = (Vec::new(), Vec::new());
    for _ in 0..surroundings.rounds {
        rendered.push(server.cpu_micros(CONNECTIONS, 0..REQUESTS, |_| get(PAGE), let_in)?);
        let path = last.clone();
        sent.push(server.cpu_micros(CONNECTIONS, 0..REQUESTS, move |_| get(&path), let_in)?);
    }
    report.wanted("the page: CPU of the server", median(&rendered), "µs", Wanted::AtMost(MOST_MICROS));
    report.figure("a file of it, for comparison: CPU of the server", median(&sent), "µs");
    report.note(
        "weights are of the bodies as they are sent to a browser; links are read out of the page itself",
    );
    report.note("CPU is that of the whole process, system calls included, over kept-alive connections");
    Ok(report)
}

fn get(path: &str) -> Request {
    Request::new("GET", path, HEADERS, "")
}

/// The addresses of what a page loads by itself: stylesheets, scripts, icons, images; once each.
fn linked(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in html.split('<').filter_map(|rest| rest.split('>').next()) {
        let attribute = match tag.split_whitespace().next() {
            Some("link") => "href=\"",
            Some("script" | "img") => "src=\"",
            _ => continue,
        };
        let address = tag.split_once(attribute).and_then(|(_, rest)| rest.split('"').next());
        if let Some(address) = address.filter(|address| !found.iter().any(|known| known == address)) {
            found.push(address.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn what_a_page_loads_is_found_once_each_and_what_it_only_names_is_not() {
        let html = r#"<link rel="icon" href="/icon.svg" type="image/svg+xml"><link href="/a.css" rel="stylesheet">
            <script src="/a.js" defer></script><script src="/a.js"></script><a href="/elsewhere">x</a><img alt="" src="/i.png">
            <script>inline()</script>"#;
        assert_eq!(linked(html), ["/icon.svg", "/a.css", "/a.js", "/i.png"]);
    }
}
