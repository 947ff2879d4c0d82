//! What a verified request costs over HTTP, beside servers that do less and servers that do the same another way.
//!
//! Every server is kept to the same core, and asked by turns from another. All of them are asked for as much as they can
//! do, so that what their core can do is what is compared.

use crate::chart::{Bar, Chart, Panel};
use crate::cores::Cores;
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::http::{Connection, Request};
use crate::peers::Peer;
use crate::report::{Report, Wanted};
use crate::saturate::Asked;
use crate::server::{Server, let_in};
use crate::statistics::median;
use crate::turns::{CONNECTIONS, TURN, Turns, report_shares, times};

use super::Surroundings;

/// What is wanted: CPU of a verified request against that of axum with the same headers, answers a second against axum
/// with 150 bytes of JSON.
const TIMES_DEARER: f64 = 1.25;
const TIMES_AS_MANY: f64 = 0.85;

/// One of those who are asked by turns.
struct Subject {
    name: &'static str,
    asked: Asked,
    watched: Watched,
    turns: Turns,
}

impl Subject {
    fn new(name: &'static str, peer: &Peer, request: Request) -> Self {
        let asked = Asked::always(peer.address(), request);
        Self { name, asked, watched: peer.watched(), turns: Turns::default() }
    }
}

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let cores = Cores::look()?;
    let start = |program: &str, arguments: &[&str]| {
        let program = surroundings.peers.join(program);
        cores.as_server(0, || Peer::start(surroundings, &program, arguments))
    };
    let doorward = cores.as_server(0, || Server::start(surroundings, &[]))?;
    let verify = doorward.verify_request();
    let (bare, memory) = (start("bare", &[])?, start("axum_login", &["memory"])?);
    let database = start("axum_login", &["sqlite", "database"])?;
    let canned = cores.as_server(0, || Peer::start(surroundings, &surroundings.own, &["canned"]))?;

    let ours = Asked::always(doorward.address(), verify.clone());
    let mut subjects = [
        Subject {
            name: "Doorward: verify",
            asked: ours,
            watched: doorward.watched(),
            turns: Turns::default(),
        },
        Subject::new("axum: the same headers, in and out", &bare, verify.clone()),
        Subject::new("axum: 150 bytes of JSON", &bare, Request::new("GET", "/json", "", "")),
        Subject::new("axum-login in memory", &memory, signed_in(&memory)?),
        Subject::new("axum-login on SQLite", &database, signed_in(&database)?),
        Subject::new("(an answer without a look at the request)", &canned, verify.clone()),
    ];
    check_same_headers(&subjects, &verify)?;
    for _ in 0..surroundings.rounds {
        for Subject { asked, watched, turns, .. } in &mut subjects {
            turns.add(std::slice::from_ref(asked), std::slice::from_ref(watched), let_in, &cores)?;
        }
    }
    let mut report = report(&subjects);
    report.note(format!(
        "{CONNECTIONS} connections that are kept alive, {} s a turn, medians of the rounds; CPU is that of the whole server \
         process, system calls included; {}",
        TURN.as_secs(),
        cores.note()
    ));
    report.note(
        "axum-login looks up session and user at each request, as its documentation has it, for one user; nothing is written",
    );
    Ok(report)
}

/// `GET /me` with the cookie of a new session.
fn signed_in(peer: &Peer) -> Result<Request, Failure> {
    let answer = Connection::to(peer.address()).send(&Request::new("POST", "/login", "", ""))?;
    let cookies = answer.expect(204, "")?.cookies();
    Ok(Request::new("GET", "/me", &format!("Cookie: {cookies}\r\n"), ""))
}

/// What is compared with Doorward for its headers has to send them.
fn check_same_headers([ours, same, ..]: &[Subject; 6], verify: &Request) -> Result<(), Failure> {
    let answer = |subject: &Subject| Connection::to(subject.asked.address).send(verify);
    let (ours, same) = (answer(ours)?, answer(same)?);
    if ours.names() == same.names() && ours.head().len() == same.head().len() {
        return Ok(());
    }
    let (ours, same) = (ours.head(), same.head());
    Err(Failure::new(format!(
        "bench/peers/src/bin/bare.rs is to answer as Doorward does:\n{ours}and not:\n{same}"
    )))
}

fn report(subjects: &[Subject; 6]) -> Report {
    let mut report = Report::default();
    for Subject { name, turns, .. } in subjects {
        turns.report(name, &mut report);
    }
    let [ours, same, json, memory, database, _] = subjects.each_ref().map(|subject| &subject.turns);
    report.wanted(
        "CPU, Doorward against axum with the same headers",
        times(&ours.micros, &same.micros),
        "×",
        Wanted::AtMost(TIMES_DEARER),
    );
    report.wanted(
        "answers, Doorward against axum with JSON",
        times(&ours.rates, &json.rates),
        "×",
        Wanted::AtLeast(TIMES_AS_MANY),
    );
    for (name, other) in [("axum-login in memory", memory), ("axum-login on SQLite", database)] {
        report.figure(format!("answers, Doorward against {name}"), times(&ours.rates, &other.rates), "×");
    }
    let [compared @ .., _] = subjects;
    report_shares(compared.iter().map(|subject| &subject.turns), &mut report);
    report.chart(Chart {
        title: "Verifying a request over HTTP, on one core",
        panels: vec![
            panel("answers a second: more is better", compared, |turns| &turns.rates),
            panel("CPU time of the server for each, in µs: less is better", compared, |turns| &turns.micros),
        ],
    });
    report
}

fn panel(heading: &'static str, subjects: &[Subject], values: fn(&Turns) -> &[f64]) -> Panel {
    let bar =
        |subject: &Subject| Bar { label: subject.name.to_owned(), value: median(values(&subject.turns)) };
    Panel { heading, bars: subjects.iter().map(bar).collect() }
}
