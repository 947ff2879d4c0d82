//! Which core does what: whoever is measured and whoever asks it do not take each other's.

use std::num::NonZeroUsize;
use std::thread;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::failure::Failure;

/// The cores that this process may use: the last one is the client's, all others are for those that are asked.
pub(crate) struct Cores(Vec<usize>);

impl Cores {
    /// # Errors
    /// Where the kernel does not tell which.
    pub(crate) fn look() -> Result<Self, Failure> {
        let allowed = sched_getaffinity(None).map_err(|error| Failure::io("cores", error))?;
        Ok(Self((0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect()))
    }

    /// Whether there is more than one, so that the client has one to itself.
    pub(crate) const fn parted(&self) -> bool {
        self.0.len() > 1
    }

    /// Does `work` in a thread that is kept to the client's core.
    ///
    /// # Errors
    /// Those of `work`; and where the thread cannot be kept there.
    pub(crate) fn as_client<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send,
    ) -> Result<T, Failure> {
        on(self.0.last().copied().filter(|_| self.parted()), work)
    }

    /// Does `work` in a thread that is kept to one core, as is every process that is started there: `number` by number
    /// the cores that are not the client's take turns.
    ///
    /// # Errors
    /// As [`Cores::as_client`].
    pub(crate) fn as_server<T: Send>(
        &self,
        number: usize,
        work: impl FnOnce() -> Result<T, Failure> + Send,
    ) -> Result<T, Failure> {
        let servers = NonZeroUsize::new(self.0.len().saturating_sub(1));
        on(servers.and_then(|count| self.0.get(number % count).copied()), work)
    }

    /// What a reader has to know.
    pub(crate) fn note(&self) -> &'static str {
        if self.parted() {
            "each server is kept to one core and the client to another"
        } else {
            "this machine has one core: servers and client take it from each other, and rates say little"
        }
    }
}

fn on<T: Send>(core: Option<usize>, work: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    let kept = move || {
        if let Some(core) = core {
            let mut only = CpuSet::new();
            only.set(core);
            sched_setaffinity(None, &only).map_err(|error| Failure::io("a thread's core", error))?;
        }
        work()
    };
    let done = thread::scope(|scope| scope.spawn(kept).join());
    done.map_err(|_| Failure::new("a thread that was kept to a core ended abruptly"))?
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::Cores;
    use crate::failure::Failure;

    /// As a process is told that is started here.
    fn cores_of_a_child() -> Result<String, Failure> {
        let status = Command::new("cat").arg("/proc/self/status").output();
        let status = status.map_err(|error| Failure::io("cat", error))?;
        let status = String::from_utf8(status.stdout).map_err(|error| Failure::io("cat", error))?;
        let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        Ok(cores.unwrap_or_default().trim().to_owned())
    }

    #[test]
    fn what_is_started_in_a_kept_thread_is_kept_there_and_nobody_else_is() {
        let cores = Cores::look().unwrap();
        let before = cores_of_a_child().unwrap();
        let (client, server) = (cores.as_client(cores_of_a_child), cores.as_server(0, cores_of_a_child));
        if cores.parted() {
            let last = cores.0.last().unwrap().to_string();
            assert_eq!((client.unwrap(), server.unwrap()), (last, cores.0[0].to_string()));
        } else {
            assert_eq!((client.unwrap(), server.unwrap()), (before.clone(), before.clone()));
        }
        assert_eq!(cores_of_a_child().unwrap(), before);
    }

    #[test]
    fn servers_take_turns_and_leave_the_client_its_core() {
        let cores = Cores(vec![0]);
        assert_eq!(cores.as_server(1, || Ok(7)).unwrap(), 7);
        let cores = Cores::look().unwrap();
        let of = |number| cores.as_server(number, cores_of_a_child).unwrap();
        assert_eq!(of(0), of(cores.0.len().saturating_sub(1)));
    }
}
