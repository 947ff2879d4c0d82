//! A line between two programs that can be made to fail: a TCP proxy in the test's process.

#![expect(clippy::expect_used, reason = "tests stand on it, and fail by panicking")]

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU64,
    pin::Pin,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::{mpsc, watch},
    time::Sleep,
};

/// What is read at a time.
const CHUNK_BYTES: usize = 16 * 1024;
/// How many chunks are underway at most, each way.
const CHUNKS: usize = 64;

/// A way through a [`Link`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From whoever connected: requests.
    There,
    /// Back to them: answers.
    Back,
    /// Both.
    Both,
}

/// A line to a server: whoever connects to [`Link::address`] reaches the server as well, and as badly, as the test says.
/// What is said holds at once, for the connections there are and for those to come. Dropping it cuts the line.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    condition: watch::Sender<Condition>,
    thread: Option<JoinHandle<()>>,
}

/// How the line is.
#[derive(Clone, Copy, Debug, Default)]
struct Condition {
    there: Lane,
    back: Lane,
    /// How often every connection was cut: a connection that began under another number ends.
    cuts: u64,
    /// Whether new connections are cut as well.
    refuses: bool,
    over: bool,
}

/// How one way through the line is.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    delay: Duration,
    bytes_per_second: Option<NonZeroU64>,
    silent: bool,
}

impl Link {
    /// A line without fault, on a port of 127.0.0.1 that was free.
    ///
    /// # Panics
    /// When there is no port or no thread to be had.
    #[must_use]
    pub fn to(server: SocketAddr) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        listener.set_nonblocking(true).expect("a listener need not block");
        let (condition, watched) = watch::channel(Condition::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let thread = thread::spawn(move || runtime.block_on(serve(listener, server, watched)));
        Self { address, condition, thread: Some(thread) }
    }

    /// Where to connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything takes so much longer. What is underway already arrives as it would have.
    pub fn delay(&self, way: Way, delay: Duration) {
        self.change(way, |lane| lane.delay = delay);
    }

    /// No more than so many bytes a second pass on each connection; none: as many as there are.
    pub fn throttle(&self, way: Way, bytes_per_second: Option<NonZeroU64>) {
        self.change(way, |lane| lane.bytes_per_second = bytes_per_second);
    }

    /// Nothing arrives any more and nobody is told: what a network does that drops every packet. What is sent meanwhile
    /// arrives once that is over, as TCP sends it again.
    pub fn silence(&self, way: Way, silent: bool) {
        self.change(way, |lane| lane.silent = silent);
    }

    /// Resets every connection (RST). New ones are as good as ever.
    pub fn reset(&self) {
        self.condition.send_modify(|condition| condition.cuts += 1);
    }

    /// Resets every connection, and each that is tried until [`Link::mend`].
    pub fn cut(&self) {
        self.condition.send_modify(|condition| {
            condition.cuts += 1;
            condition.refuses = true;
        });
    }

    /// Makes it a line without fault again.
    pub fn mend(&self) {
        let mended = |condition: &mut Condition| {
            *condition = Condition { cuts: condition.cuts, ..Condition::default() }
        };
        self.condition.send_modify(mended);
    }

    fn change(&self, way: Way, change: impl Fn(&mut Lane)) {
        self.condition.send_modify(|condition| {
            if way != Way::Back {
                change(&mut condition.there);
            }
            if way != Way::There {
                change(&mut condition.back);
            }
        });
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.condition.send_modify(|condition| condition.over = true);
        if let Some(thread) = self.thread.take() {
            // A panic in there was printed.
            let _ = thread.join();
        }
    }
}

type Watch = watch::Receiver<Condition>;

/// Leads connections to the server until the line is given up. The connections end with the runtime.
async fn serve(listener: std::net::TcpListener, server: SocketAddr, mut condition: Watch) {
    let listener = TcpListener::from_std(listener).expect("a listener is a listener");
    let mut over = condition.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = over.wait_for(|condition| condition.over) => return,
        };
        let Ok((client, _)) = accepted else { continue };
        let cuts = condition.borrow_and_update().cuts;
        tokio::spawn(connection(client, server, cuts, condition.clone()));
    }
}

/// One connection, until one of its ends closes it or it is cut.
async fn connection(mut client: TcpStream, server: SocketAddr, cuts: u64, mut condition: Watch) {
    let (there, back) = (condition.clone(), condition.clone());
    let mut cut = std::pin::pin!(condition.wait_for(|condition| condition.cuts != cuts || condition.refuses));
    let connected = tokio::select! {
        // Of a connection that is cut from the beginning the server does not get to know.
        biased;
        _ = &mut cut => None,
        connected = TcpStream::connect(server) => connected.ok(),
    };
    let Some(mut server) = connected else { return reset(&client) };
    let whole = {
        let (client_reads, client_writes) = client.split();
        let (server_reads, server_writes) = server.split();
        let both = async {
            tokio::try_join!(
                lane(client_reads, server_writes, there, |condition| condition.there),
                lane(server_reads, client_writes, back, |condition| condition.back),
            )
        };
        tokio::select! {
            both = both => both.is_ok(),
            _ = &mut cut => false,
        }
    };
    if !whole {
        reset(&client);
        reset(&server);
    }
}

/// The other end learns of a reset as soon as the stream is dropped.
fn reset(stream: &TcpStream) {
    // A connection that is gone already is as good as reset.
    let _ = stream.set_zero_linger();
}

/// What is underway: when it is to arrive, and what.
type Chunk = (Pin<Box<Sleep>>, Vec<u8>);

/// One way of a connection, until its sender has no more to send.
async fn lane(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut condition: Watch,
    of: impl Fn(&Condition) -> Lane,
) -> io::Result<()> {
    let (underway, arriving) = mpsc::channel::<Chunk>(CHUNKS);
    let now = condition.clone();
    let send = async {
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let length = from.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
            let delay = of(&now.borrow()).delay;
            if underway.send((Box::pin(pass(delay)), bytes.to_owned())).await.is_err() {
                break;
            }
        }
        drop(underway);
        Ok(())
    };
    let receive = deliver(arriving, &mut to, &mut condition, &of);
    tokio::try_join!(send, receive).map(|_| ())
}

async fn deliver(
    mut arriving: mpsc::Receiver<Chunk>,
    to: &mut WriteHalf<'_>,
    condition: &mut Watch,
    of: &impl Fn(&Condition) -> Lane,
) -> io::Result<()> {
    loop {
        let chunk = arriving.recv().await;
        let bytes = match chunk {
            Some((due, bytes)) => {
                due.await;
                bytes
            }
            None => Vec::new(),
        };
        // Whoever has gone away is not heard of either while it is silent.
        let lane =
            condition.wait_for(|condition| !of(condition).silent).await.map(|condition| of(&condition));
        let Ok(lane) = lane else { return Ok(()) };
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(&bytes).await?;
        if let Some(rate) = lane.bytes_per_second {
            let micros = bytes.len() as u64 * 1_000_000 / rate;
            pass(Duration::from_micros(micros)).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a line that is slow is slow in the time of those who use it")]
fn pass(time: Duration) -> Sleep {
    tokio::time::sleep(time)
}
