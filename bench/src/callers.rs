//! Callers in this process, for what is measured without HTTP.

use std::future::Future;
use std::thread;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::failure::Failure;

/// A runtime with as many threads as the server's.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let threads = thread::available_parallelism().map_err(|error| Failure::io("cores", error))?.get();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| Failure::io("the runtime", error))
}

/// Has each of `items` dealt with, by so many callers at once that each go on to the next when one is done; in the order
/// of the items.
pub(crate) async fn crowd<I, T, F>(
    callers: usize,
    items: Vec<I>,
    act: impl Fn(usize, I) -> F + Clone + Send + 'static,
) -> Result<Vec<T>, Failure>
where
    I: Send + 'static,
    T: Send + 'static,
    F: Future<Output = Result<T, Failure>> + Send,
{
    let mut hands: Vec<Vec<(usize, I)>> = (0..callers).map(|_| Vec::new()).collect();
    let turns = (0..callers).cycle();
    for (turn, numbered) in turns.zip(items.into_iter().enumerate()) {
        if let Some(hand) = hands.get_mut(turn) {
            hand.push(numbered);
        }
    }
    let mut running = JoinSet::new();
    for hand in hands {
        let act = act.clone();
        running.spawn(async move {
            let mut done = Vec::with_capacity(hand.len());
            for (number, item) in hand {
                done.push((number, act(number, item).await?));
            }
            Ok::<_, Failure>(done)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = running.join_next().await {
        all.append(&mut done.map_err(|_| Failure::new("a caller ended abruptly"))??);
    }
    all.sort_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, done)| done).collect())
}
