//! `make bench`: measures the real release binary from outside, prints a table for each scenario and writes it as JSON.
//!
//! A benchmark reports, it does not judge: no figure makes it fail, since a figure depends on the machine and on who else
//! uses it. It fails when the server answers otherwise than a scenario expects, because then something else was measured.
//!
//! Load comes from plain blocking threads: of all clients they add the least delay of their own to what they measure.
//! Where the server is to be the limit, it comes from one thread that serves all connections.

mod busy;
mod callers;
mod chart;
mod child;
mod cores;
mod cpu;
mod data;
mod failure;
mod http;
mod load;
mod machine;
mod node;
mod peers;
mod populate;
mod random;
mod report;
mod saturate;
mod scenarios;
mod server;
mod statistics;
mod stopwatch;
mod turns;
mod visitor;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use failure::Failure;
use machine::Machine;
use populate::Sizes;
use scenarios::{ALL, Scenario, Surroundings};

/// Measures Doorward. See docs/PERFORMANCE.md for what the figures mean.
#[derive(Parser)]
#[command(name = "doorward-bench", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs scenarios, prints their tables and writes them as JSON.
    Run(RunArguments),
    /// Lists the scenarios.
    List,
    /// Makes a large database, or finds the one that was made before, and says where it is.
    Populate(PlaceArguments),
    /// The busy process that is not ours, beside which a scenario measures: hashes until it is killed.
    #[command(hide = true)]
    Busy(busy::BusyArguments),
    /// The server that does nothing, beside which a scenario measures: answers until it is killed.
    #[command(hide = true)]
    Canned,
}

#[derive(Args)]
struct RunArguments {
    /// Scenarios to run; all of them when none is named.
    scenarios: Vec<String>,
    /// How many rounds each measurement takes part in; what is reported is the median over the rounds.
    #[arg(long, default_value_t = 7)]
    rounds: u32,
    /// Also writes the pictures to this directory: those that docs/PERFORMANCE.md shows are in docs/images.
    #[arg(long)]
    publish: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArguments,
}

#[derive(Args)]
struct PlaceArguments {
    /// The server's binary. [default: `doorward` beside this one]
    #[arg(long)]
    server: Option<PathBuf>,
    /// Where the JSON goes, one file a scenario, and where large databases stay.
    #[arg(long, default_value = "target/bench")]
    output: PathBuf,
    /// Where the binaries of `bench/peers` are. [default: `peers/release` beside the directory of this one]
    #[arg(long)]
    peers: Option<PathBuf>,
    #[command(flatten)]
    large: Sizes,
}

impl PlaceArguments {
    fn surroundings(self, rounds: u32, publish: Option<PathBuf>) -> Result<Surroundings, Failure> {
        let own = std::env::current_exe().map_err(|error| Failure::io("the bench's own path", error))?;
        Ok(Surroundings {
            // It is started in a directory of its own, where a relative path would lead elsewhere.
            server: absolute(&self.server.unwrap_or_else(|| own.with_file_name("doorward")))?,
            peers: absolute(&self.peers.unwrap_or_else(|| beside(&own)))?,
            own,
            publish,
            output: absolute(&self.output)?,
            rounds: rounds.max(1),
            machine: Machine::look()?,
            large: self.large,
        })
    }
}

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::Run(arguments) => run(arguments),
        Command::List => {
            for scenario in ALL {
                println!("{:20} {}", scenario.name, scenario.about);
            }
            Ok(())
        }
        Command::Populate(place) => populate(place),
        Command::Busy(arguments) => busy::run(&arguments),
        Command::Canned => peers::run_canned(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("doorward-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: RunArguments) -> Result<(), Failure> {
    let chosen = choose(&arguments.scenarios)?;
    let surroundings = arguments.place.surroundings(arguments.rounds, arguments.publish)?;
    println!("{}", surroundings.machine);
    for scenario in chosen {
        println!("\n{}: {}", scenario.name, scenario.about);
        let started = stopwatch::now();
        let report = (scenario.run)(&surroundings)?;
        println!("{}", report.table());
        let path = report.write(scenario.name, &surroundings)?;
        println!("{} s; written to {}", started.elapsed().as_secs(), path.display());
    }
    Ok(())
}

/// Where `make bench` has the peers built.
fn beside(own: &Path) -> PathBuf {
    own.with_file_name("..").join("peers/release")
}

fn populate(place: PlaceArguments) -> Result<(), Failure> {
    let surroundings = place.surroundings(1, None)?;
    let data = populate::find_or_make(&surroundings, surroundings.large)?;
    println!("{}", data.path().display());
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::io(path.display(), error))
}

fn choose(names: &[String]) -> Result<Vec<&'static Scenario>, Failure> {
    if names.is_empty() {
        return Ok(ALL.iter().collect());
    }
    let find = |name: &String| {
        let found = ALL.iter().find(|scenario| scenario.name == name);
        found.ok_or_else(|| Failure::new(format!("there is no scenario {name:?}: see `doorward-bench list`")))
    };
    names.iter().map(find).collect()
}
