//! What servers do in each turn that they are asked in: as much as they can.

use std::time::Duration;

use crate::cores::Cores;
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::http::Answer;
use crate::report::{Report, Wanted};
use crate::saturate::{Asked, Saturation};
use crate::statistics::median;

/// Connections, spread over the servers that are asked.
pub(crate) const CONNECTIONS: usize = 64;

/// For how long they ask.
pub(crate) const TURN: Duration = Duration::from_secs(1);

/// And before that, so that what is measured has begun.
const BEFORE: Duration = Duration::from_millis(100);

/// A value for each turn.
#[derive(Default)]
pub(crate) struct Turns {
    /// Answers a second.
    pub(crate) rates: Vec<f64>,
    /// CPU time of all the servers for a request, system calls included.
    pub(crate) micros: Vec<f64>,
    /// How much of its core the client used, in per cent.
    client_shares: Vec<f64>,
}

impl Turns {
    /// One turn: `asked` are asked, of which `watched` are the processes.
    ///
    /// # Errors
    /// Where one of them answers otherwise than `check` wants.
    pub(crate) fn add(
        &mut self,
        asked: &[Asked],
        watched: &[Watched],
        check: fn(Answer) -> Result<Answer, Failure>,
        cores: &Cores,
    ) -> Result<(), Failure> {
        let cpu = || watched.iter().map(Watched::cpu_time).sum::<Result<Duration, _>>();
        let (done, used) = cores.as_client(|| {
            let mut load = Saturation::open(asked, CONNECTIONS, check)?;
            load.run(BEFORE)?;
            let before = cpu()?;
            let done = load.run(TURN)?;
            Ok((done, cpu()?.saturating_sub(before)))
        })?;
        self.rates.push(done.rate());
        self.micros.push(used.as_secs_f64() * 1e6 / done.answers as f64);
        self.client_shares.push(done.client_share() * 100.0);
        Ok(())
    }

    /// Adds the medians to a report.
    pub(crate) fn report(&self, name: &str, report: &mut Report) {
        report.figure(format!("{name}: answers"), median(&self.rates), "a second");
        report.figure(format!("{name}: CPU of the server a request"), median(&self.micros), "µs");
    }

    /// Of its core, in per cent: near 100 where nobody else was in the way, and the client was not the limit.
    fn server_share(&self) -> f64 {
        let shares = self.rates.iter().zip(&self.micros).map(|(rate, micros)| rate * micros / 1e4);
        median(&shares.collect::<Vec<_>>())
    }
}

/// Of its core, in per cent: with more than that the client would be what was measured.
const CLIENT: f64 = 90.0;

/// The same of the servers: with less than that somebody else had their core, and answers a second say little.
const SERVERS: f64 = 80.0;

/// Adds who was the limit: the client, a server's core, or somebody else who had it.
pub(crate) fn report_shares<'t>(turns: impl IntoIterator<Item = &'t Turns>, report: &mut Report) {
    let (mut most, mut least) = (0.0_f64, 100.0_f64);
    for turns in turns {
        most = most.max(median(&turns.client_shares));
        least = least.min(turns.server_share());
    }
    report.wanted("the client's share of its core: largest", most, "%", Wanted::AtMost(CLIENT));
    report.wanted("the servers' share of theirs: smallest", least, "%", Wanted::AtLeast(SERVERS));
}

/// The median of how many times as much the one is as the other, turn by turn: what the machine did besides in one round
/// falls on both.
pub(crate) fn times(one: &[f64], other: &[f64]) -> f64 {
    let quotients: Vec<_> = one.iter().zip(other).map(|(one, other)| one / other).collect();
    median(&quotients)
}

#[cfg(test)]
mod tests {
    use super::times;

    #[test]
    fn what_is_compared_is_compared_within_each_round() {
        assert_eq!(times(&[1.0, 20.0, 300.0], &[1.0, 10.0, 100.0]), 2.0);
    }
}
