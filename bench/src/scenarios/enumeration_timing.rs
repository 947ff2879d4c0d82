//! Whether the clock tells which names exist. The test that holds it counts the work and needs no clock; this shows what
//! somebody with a stopwatch on the same machine would see, which is more than anybody sees over a network.

use super::Surroundings;
use crate::failure::Failure;
use crate::http::Connection;
use crate::random::Random;
use crate::report::Report;
use crate::server::{Server, hashed, wrong_login};
use crate::statistics::Sorted;
use crate::stopwatch;

/// Names of each kind.
const NAMES: usize = 100;

/// Attempts at each name; fewer than lock it.
const ATTEMPTS: u64 = 9;

const SEED: u64 = 3;

struct Kind {
    name: &'static str,
    wall: Vec<f64>,
    /// Without the hash, whose own variation is a hundred times what all the rest takes.
    cpu: Vec<f64>,
}

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let settings = [("THROTTLE__ACCOUNT_DELAYS", "0s"), ("THROTTLE__ADDRESS_DELAYS", "0s")];
    let server = Server::start(surroundings, &settings)?;
    let mut kinds =
        ["unknown", "known", "disabled"].map(|name| Kind { name, wall: Vec::new(), cpu: Vec::new() });
    for number in 0..NAMES {
        server.add_user(&format!("known-{number}"), false)?;
        server.add_user(&format!("disabled-{number}"), true)?;
    }
    let mut order: Vec<(usize, usize)> = (0..kinds.len())
        .flat_map(|kind| (0..NAMES).map(move |number| (kind, number)))
        .flat_map(|attempt| (0..ATTEMPTS).map(move |_| attempt))
        .collect();
    Random::seeded(SEED).shuffle(&mut order);

    let (watched, mut connection) = (server.watched(), Connection::to(server.address()));
    // An address each, so that none of them is delayed.
    for (address, (kind, number)) in (0..).zip(order) {
        let Some(kind) = kinds.get_mut(kind) else { continue };
        let request = wrong_login(&format!("{}-{number}", kind.name), address);
        let (before, started) = (watched.cpu_time_beside_hashing()?, stopwatch::now());
        let answer = connection.send(&request)?;
        kind.wall.push(started.elapsed().as_secs_f64() * 1e6);
        kind.cpu.push(watched.cpu_time_beside_hashing()?.saturating_sub(before).as_secs_f64() * 1e6);
        hashed(answer)?;
    }
    Ok(report(kinds))
}

fn report(kinds: [Kind; 3]) -> Report {
    let mut report = Report::default();
    for (measured, values) in [
        ("latency", kinds.each_ref().map(|kind| (kind.name, Sorted::of(kind.wall.iter().copied())))),
        (
            "CPU beside the hash",
            kinds.each_ref().map(|kind| (kind.name, Sorted::of(kind.cpu.iter().copied()))),
        ),
    ] {
        for (name, sorted) in &values {
            report.figure(format!("{name}: {measured}, lower quartile"), sorted.quantile(250), "µs");
            report.figure(format!("{name}: {measured}, median"), sorted.median(), "µs");
            report.figure(format!("{name}: {measured}, upper quartile"), sorted.quantile(750), "µs");
        }
        let [(_, unknown), others @ ..] = &values;
        for (name, sorted) in others {
            let difference = sorted.median() - unknown.median();
            report.figure(
                format!("{name} against unknown: {measured}, difference of medians"),
                difference,
                "µs",
            );
            report.figure(
                format!("{name} against unknown: {measured}, difference in spreads"),
                difference.abs() / unknown.spread(),
                "×",
            );
            report.figure(
                format!("{name} against unknown: {measured}, right guesses by one attempt"),
                sorted.exceeds(unknown) * 100.0,
                "%",
            );
        }
    }
    report.note(format!(
        "{} attempts of each kind in a random order (seed {SEED}); the spread is the distance of the quartiles for unknown \
         names; who guesses by the toss of a coin is right in 50 % ± 2.7 % of so many",
        NAMES as u64 * ATTEMPTS
    ));
    report
}
