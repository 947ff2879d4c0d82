//! Argon2id in a bounded pool of its own: as many hashes at once as there are threads, their memory reused, a
//! bounded queue, then a refusal. A flood of logins costs neither memory without end nor the latency of requests
//! that need no hashing; and a flood of strangers does not keep known devices waiting, which have a lane of their own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;
use futures_channel::oneshot;

use argon2::password_hash::phc;

use super::{
    PasswordHash, PlainPassword,
    lanes::{Lane, Lanes},
};
use crate::{
    entropy::{Entropy, EntropyFailed},
    refusal::Refusal,
};

const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// Above this no stored hash is believed: whoever could write one into the store could otherwise stop every login.
const MAX_MEMORY_KIB: u32 = 4 * 1024 * 1024;

/// The cost of a hash (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl HashingCost {
    fn params(self) -> Result<Params, InvalidCost> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(OUTPUT_BYTES))
            .map_err(|error| InvalidCost(error.to_string()))
    }
}

/// The cost is out of the algorithm's range.
#[derive(Clone, Debug, thiserror::Error)]
#[error("Argon2id does not take these parameters: {0}")]
pub struct InvalidCost(String);

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It is the password.
    Right,
    /// It is the password; its hash was made at another cost and should be made anew.
    RightButOutdated,
    /// It is not the password.
    Wrong,
}

/// The pool. Dropping it lets running hashes finish and joins its threads.
pub struct HashingPool {
    waiting: Arc<Lanes<Job>>,
    threads: Vec<JoinHandle<()>>,
    entropy: Arc<dyn Entropy>,
    /// Of the hash that is computed where there is no password to compare with, so that unknown names cost what
    /// known ones do.
    dummy_salt: [u8; SALT_BYTES],
    done: Arc<Done>,
}

/// What a pool has done since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashingWork {
    /// How many hashes it computed.
    pub hashes: u64,
    /// How much memory they filled, each pass counted, in KiB: what Argon2id's time is proportional to.
    pub filled_kib: u64,
}

#[derive(Default)]
struct Done {
    hashes: AtomicU64,
    filled_kib: AtomicU64,
}

impl Done {
    fn count(&self, params: &Params) {
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let filled = u64::from(params.m_cost()) * u64::from(params.t_cost());
        self.filled_kib.fetch_add(filled, Ordering::Relaxed);
    }
}

struct Job {
    password: PlainPassword,
    work: Work,
    answer: oneshot::Sender<Result<Worked, ()>>,
}

enum Work {
    Hash { cost: HashingCost, salt: [u8; SALT_BYTES] },
    Verify { stored: PasswordHash, cost: HashingCost },
    Screen(Screen),
}

/// Judges a password that is to be set. It may take as long as a hash does.
pub(super) type Screen = Box<dyn FnOnce(&PlainPassword) -> Result<(), Refusal> + Send>;

enum Worked {
    Hashed(PasswordHash),
    Verified(PasswordVerdict),
    Screened(Result<(), Refusal>),
}

impl HashingPool {
    /// Starts `threads` threads; in each lane `queue` hashes may wait.
    ///
    /// # Errors
    /// [`InvalidCost`] for a cost that the algorithm does not take, or when the platform gives no thread or no
    /// randomness.
    pub fn start(
        threads: usize,
        queue: usize,
        cost: HashingCost,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, InvalidCost> {
        let dummy_salt: [u8; SALT_BYTES] =
            entropy.bytes().map_err(|error: EntropyFailed| InvalidCost(error.to_string()))?;
        cost.params()?;
        let done = Arc::new(Done::default());
        let waiting = Arc::new(Lanes::new(queue));
        let threads = (0..threads.max(1))
            .map(|number| {
                let (waiting, done) = (Arc::clone(&waiting), Arc::clone(&done));
                std::thread::Builder::new()
                    .name(format!("hashing-{number}"))
                    .spawn(move || work(&waiting, &done))
                    .map_err(|error| InvalidCost(error.to_string()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { waiting, threads, entropy, dummy_salt, done })
    }

    /// What it has done so far.
    #[must_use]
    pub fn work_done(&self) -> HashingWork {
        HashingWork {
            hashes: self.done.hashes.load(Ordering::Relaxed),
            filled_kib: self.done.filled_kib.load(Ordering::Relaxed),
        }
    }

    /// Hashes a new password. Nobody gets that far without having proved something, so it never waits for strangers.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] at once when the queue is full, or when there is no randomness.
    pub async fn hash(&self, password: PlainPassword, cost: HashingCost) -> Result<PasswordHash, Refusal> {
        let salt = self.entropy.bytes()?;
        match self.submit(password, Work::Hash { cost, salt }, Lane::Known).await? {
            Worked::Hashed(hash) => Ok(hash),
            Worked::Verified(_) | Worked::Screened(_) => Err(overloaded()),
        }
    }

    /// Compares a password with a stored hash. With none stored it does the same work for nothing, at `cost`.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] at once when the queue is full.
    pub async fn verify(
        &self,
        password: PlainPassword,
        stored: Option<&PasswordHash>,
        cost: HashingCost,
        lane: Lane,
    ) -> Result<PasswordVerdict, Refusal> {
        let known = stored.is_some();
        let stored = match stored {
            Some(stored) => stored.clone(),
            // At the cost in force, not at that of the start: new accounts are hashed at it, and a reload may have
            // changed it since.
            None => phc_string(cost, &self.dummy_salt, &[0; OUTPUT_BYTES]).map_err(|_| overloaded())?,
        };
        match self.submit(password, Work::Verify { stored, cost }, lane).await? {
            // The dummy's output is no hash of anything, and even a match would open nothing.
            Worked::Verified(verdict) => Ok(if known { verdict } else { PasswordVerdict::Wrong }),
            Worked::Hashed(_) | Worked::Screened(_) => Err(overloaded()),
        }
    }

    /// Has a password that is to be set judged by one of the threads. As with hashing it, nobody gets that far who has
    /// proved nothing.
    ///
    /// # Errors
    /// What `screen` says; [`Refusal::Overloaded`] at once when the queue is full.
    pub(super) async fn screen(&self, password: PlainPassword, screen: Screen) -> Result<(), Refusal> {
        match self.submit(password, Work::Screen(screen), Lane::Known).await? {
            Worked::Screened(judged) => judged,
            Worked::Hashed(_) | Worked::Verified(_) => Err(overloaded()),
        }
    }

    async fn submit(&self, password: PlainPassword, work: Work, lane: Lane) -> Result<Worked, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.waiting.push(lane, Job { password, work, answer }).map_err(|_| overloaded())?;
        match answered.await {
            Ok(Ok(worked)) => Ok(worked),
            Ok(Err(())) | Err(oneshot::Canceled) => Err(overloaded()),
        }
    }
}

impl Drop for HashingPool {
    fn drop(&mut self) {
        self.waiting.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to say; the others are still to be joined.
            drop(thread.join());
        }
    }
}

const fn overloaded() -> Refusal {
    Refusal::Overloaded { retry_after: Duration::from_secs(1) }
}

fn work(waiting: &Lanes<Job>, done: &Done) {
    // Kept from hash to hash: allocating and zeroing 19 MiB anew for every login is what lets memory grow.
    let mut memory = Vec::new();
    while let Some(job) = waiting.pop() {
        // Whoever asked may have gone away while waiting in the queue: their hash is not worth the work.
        if job.answer.is_canceled() {
            continue;
        }
        let worked = match job.work {
            Work::Hash { cost, salt } => {
                hash(&job.password, cost, &salt, &mut memory, done).map(Worked::Hashed)
            }
            Work::Verify { stored, cost } => {
                verify(&job.password, &stored, cost, &mut memory, done).map(Worked::Verified)
            }
            // An estimator of strength follows what was typed into many corners: should one of them panic, the thread
            // must live, or a few such passwords would end all logins.
            Work::Screen(screen) => {
                catch_unwind(AssertUnwindSafe(|| screen(&job.password))).map(Worked::Screened).map_err(drop)
            }
        };
        drop(job.answer.send(worked));
    }
}

fn hash(
    password: &PlainPassword,
    cost: HashingCost,
    salt: &[u8; SALT_BYTES],
    memory: &mut Vec<Block>,
    done: &Done,
) -> Result<PasswordHash, ()> {
    let mut output = [0; OUTPUT_BYTES];
    let params = cost.params().map_err(drop)?;
    done.count(&params);
    fill(password, params, Version::V0x13, salt, &mut output, memory)?;
    phc_string(cost, salt, &output).map_err(drop)
}

fn verify(
    password: &PlainPassword,
    stored: &PasswordHash,
    wanted: HashingCost,
    memory: &mut Vec<Block>,
    done: &Done,
) -> Result<PasswordVerdict, ()> {
    let parsed = phc::PasswordHash::new(stored.as_phc()).map_err(drop)?;
    let params = Params::try_from(&parsed).map_err(drop)?;
    let version = parsed.version.map_or(Ok(Version::V0x10), Version::try_from).map_err(drop)?;
    let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else { return Err(()) };
    if parsed.algorithm.as_str() != "argon2id" || params.m_cost() > MAX_MEMORY_KIB {
        return Err(());
    }
    let mut output = vec![0; expected.len()];
    let cost = HashingCost {
        memory_kib: params.m_cost(),
        iterations: params.t_cost(),
        parallelism: params.p_cost(),
    };
    done.count(&params);
    fill(password, params, version, salt.as_ref(), &mut output, memory)?;
    if constant_time::verify_slices_are_equal(&output, expected.as_bytes()).is_err() {
        return Ok(PasswordVerdict::Wrong);
    }
    let current = cost == wanted && version == Version::V0x13 && expected.len() == OUTPUT_BYTES;
    Ok(if current { PasswordVerdict::Right } else { PasswordVerdict::RightButOutdated })
}

fn fill(
    password: &PlainPassword,
    params: Params,
    version: Version,
    salt: &[u8],
    output: &mut [u8],
    memory: &mut Vec<Block>,
) -> Result<(), ()> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let memory = memory.get_mut(..blocks).ok_or(())?;
    Argon2::new(Algorithm::Argon2id, version, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, output, memory)
        .map_err(drop)
}

fn phc_string(cost: HashingCost, salt: &[u8], output: &[u8]) -> Result<PasswordHash, String> {
    let params = cost.params().map_err(|error| error.to_string())?;
    let parsed = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&params).try_into().map_err(|error: argon2::password_hash::Error| error.to_string())?,
        salt: Some(phc::Salt::new(salt).map_err(|error| error.to_string())?),
        hash: Some(phc::Output::new(output).map_err(|error| error.to_string())?),
    };
    Ok(PasswordHash::from_phc(parsed.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed> {
            destination.fill(3);
            Ok(())
        }
    }

    const CHEAP: HashingCost = HashingCost { memory_kib: 8, iterations: 1, parallelism: 1 };

    fn password(text: &str) -> PlainPassword {
        PlainPassword::presented(text).unwrap()
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        futures_executor::block_on(future)
    }

    #[test]
    fn the_right_password_opens_and_another_does_not() {
        let pool = HashingPool::start(1, 4, CHEAP, Arc::new(Fixed)).unwrap();
        let hash = block_on(pool.hash(password("correct horse"), CHEAP)).unwrap();
        let verify =
            |text, cost| block_on(pool.verify(password(text), Some(&hash), cost, Lane::Stranger)).unwrap();
        assert_eq!(verify("correct horse", CHEAP), PasswordVerdict::Right);
        assert_eq!(verify("Correct horse", CHEAP), PasswordVerdict::Wrong);
        let dearer = HashingCost { iterations: 2, ..CHEAP };
        assert_eq!(verify("correct horse", dearer), PasswordVerdict::RightButOutdated);
    }

    #[test]
    fn nobodys_password_is_never_right() {
        let pool = HashingPool::start(1, 4, CHEAP, Arc::new(Fixed)).unwrap();
        assert_eq!(
            block_on(pool.verify(password("anything"), None, CHEAP, Lane::Stranger)),
            Ok(PasswordVerdict::Wrong)
        );
    }

    /// Else the time would tell whether a name exists, from the first reload of the cost on (M-D04).
    #[test]
    fn nobodys_password_costs_what_a_new_one_does_whatever_the_cost_was_at_the_start() {
        let pool = HashingPool::start(1, 4, CHEAP, Arc::new(Fixed)).unwrap();
        let dearer = HashingCost { memory_kib: 64, iterations: 3, parallelism: 1 };
        let known = block_on(pool.hash(password("known"), dearer)).unwrap();
        let work_of = |stored| {
            let before = pool.work_done();
            block_on(pool.verify(password("anything"), stored, dearer, Lane::Stranger)).unwrap();
            let after = pool.work_done();
            (after.hashes - before.hashes, after.filled_kib - before.filled_kib)
        };
        assert_eq!(work_of(Some(&known)), (1, 64 * 3));
        assert_eq!(work_of(None), (1, 64 * 3));
    }

    #[test]
    fn a_stored_hash_that_cannot_be_read_denies() {
        let pool = HashingPool::start(1, 4, CHEAP, Arc::new(Fixed)).unwrap();
        for broken in ["", "plain text", "$argon2id$v=19$m=4294967295,t=1,p=1$AwMDAwMDAwMDAwMDAwMDAw$AAAA"] {
            let stored = PasswordHash::from_phc(broken.to_owned());
            assert!(
                block_on(pool.verify(password("anything"), Some(&stored), CHEAP, Lane::Stranger)).is_err(),
                "{broken}"
            );
        }
    }

    #[test]
    fn hashes_of_other_implementations_are_verified() {
        // The reference implementation's vectors (phc-winner-argon2, src/test.c), argon2id only.
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/argon2/encoded_vectors.json")).unwrap();
        let pool = HashingPool::start(1, 4, CHEAP, Arc::new(Fixed)).unwrap();
        let mut seen = 0;
        for vector in vectors["valid"].as_array().into_iter().flatten() {
            let (Some(encoded), Some(text)) = (vector["encoded"].as_str(), vector["password"].as_str())
            else {
                continue;
            };
            let memory_kib: u32 =
                encoded.split("m=").nth(1).and_then(|rest| rest.split(',').next()?.parse().ok()).unwrap();
            if !encoded.starts_with("$argon2id$v=19$") || memory_kib > 70_000 {
                continue;
            }
            let stored = PasswordHash::from_phc(encoded.to_owned());
            let verdict =
                block_on(pool.verify(password(text), Some(&stored), CHEAP, Lane::Stranger)).unwrap();
            assert_eq!(verdict, PasswordVerdict::RightButOutdated, "{encoded}");
            seen += 1;
        }
        assert!(seen >= 3, "only {seen} vectors were tried");
    }

    #[test]
    fn a_judge_that_panics_takes_no_thread_with_it() {
        let pool = HashingPool::start(1, 4, CHEAP, Arc::new(Fixed)).unwrap();
        let judged = block_on(pool.screen(password("x"), Box::new(|_| panic!("as a test wants it"))));
        assert!(matches!(judged, Err(Refusal::Overloaded { .. })), "{judged:?}");
        assert_eq!(block_on(pool.screen(password("x"), Box::new(|_| Ok(())))), Ok(()));
        assert_eq!(
            block_on(pool.screen(password("x"), Box::new(|_| Err(Refusal::Forbidden)))),
            Err(Refusal::Forbidden)
        );
    }

    #[test]
    fn past_the_queue_the_answer_comes_at_once() {
        let slow = HashingCost { memory_kib: 64 * 1024, iterations: 3, parallelism: 1 };
        let pool = HashingPool::start(1, 1, slow, Arc::new(Fixed)).unwrap();
        let mut futures: Vec<_> = (0..8).map(|_| Box::pin(pool.hash(password("x"), slow))).collect();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let polled = futures.iter_mut().map(|future| future.as_mut().poll(&mut context));
        let refused = polled.filter(std::task::Poll::is_ready).count();
        assert!(refused >= 5, "{refused} of 8 were refused at once");
    }
}
