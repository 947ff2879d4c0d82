//! The time that a client may take for a request's head, kept cheaply.
//!
//! hyper begins such a wait for each request and gives it up when the head is there, nearly always at once. A timer of the
//! runtime would be entered and taken out again each time, under a lock that all connections share. Here a wait is a moment
//! to compare with, and the connection's task looks at it whenever it is woken: by its client, or every few seconds.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use hyper_util::rt::TokioTimer;

/// How often is enough for waits of more than a minute.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A timer whose waits end only when somebody looks, which [`polled_now_and_then`] sees to.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckedWhenPolled;

struct Until(Instant);

impl Timer for CheckedWhenPolled {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until(deadline))
    }

    fn now(&self) -> Instant {
        TokioTimer::new().now()
    }
}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if CheckedWhenPolled.now() >= self.0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Sleep for Until {}

/// Polls a connection when it asks for it, and once `every` so long besides: so much later than asked for a wait may end.
pub(super) async fn polled_now_and_then<F: Future>(connection: F, every: Duration) -> F::Output {
    let mut connection = pin!(connection);
    let mut look = tokio::time::interval(every);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            done = &mut connection => return done,
            _ = look.tick() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use axum::body::Body;
    use axum::http::{Request, Response};
    use hyper::body::Incoming;
    use hyper::rt::Timer;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::{TokioIo, TokioTimer};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::interval;

    use super::{CheckedWhenPolled, polled_now_and_then};

    const HEAD_TIMEOUT: Duration = Duration::from_millis(200);
    const EVERY: Duration = Duration::from_millis(10);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    async fn answer(_: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        Ok(Response::new(Body::empty()))
    }

    /// A client whose first request was answered, if it sent one.
    async fn client_after(request: &[u8]) -> DuplexStream {
        let (mut client, server) = duplex(4096);
        let connection = http1::Builder::new()
            .timer(CheckedWhenPolled)
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(server), service_fn(answer));
        tokio::spawn(async move { drop(polled_now_and_then(connection, EVERY).await) });
        client.write_all(request).await.unwrap();
        if !request.is_empty() {
            assert_ne!(client.read(&mut [0; 1024]).await.unwrap(), 0);
        }
        client
    }

    #[tokio::test]
    async fn whoever_sends_no_head_is_cut_off_and_not_before_their_time() {
        for before in [b"".as_slice(), REQUEST] {
            let began = TokioTimer::new().now();
            let mut client = client_after(before).await;
            client.read_to_end(&mut Vec::new()).await.unwrap();
            assert!(TokioTimer::new().now() - began >= HEAD_TIMEOUT);
        }
    }

    #[tokio::test]
    async fn whoever_dribbles_a_head_is_cut_off() {
        for before in [b"".as_slice(), REQUEST] {
            let mut client = client_after(before).await;
            let mut pauses = interval(EVERY / 2);
            client.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
            while client.write_all(b"a").await.is_ok() {
                pauses.tick().await;
            }
        }
    }
}
