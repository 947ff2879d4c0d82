//! One listener: bounded connections, bounded waiting, and an end in order.

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use doorward::Doorward;
use futures_util::future::Either;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt;
use tracing::{debug, warn};

use super::connections::Limits;
use super::head_timer::{CheckedWhenPolled, LOOK_EVERY, polled_now_and_then};

/// A client that dribbles its request head (Slowloris) or keeps a connection idle is cut off after so long. Longer than
/// the 60 seconds for which nginx keeps an idle connection to us, so that it is nginx who closes them.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// The whole of a request, a dribbled body included. A password waits its turn in far less.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Room for a request's head: proxies let 32 kB of headers pass, and what is longer is 431.
const HEAD_BYTES: usize = 64 * 1024;

/// How long to wait when the system has no file or memory for another connection.
const OUT_OF_FILES_PAUSE: Duration = Duration::from_millis(100);

/// What answers on a listener.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) router: Router,
    /// Who answers forward authentication ahead of the router, where it is offered.
    pub(super) forward_auth: Option<Doorward>,
}

/// Accepts connections until `stopping` says so, then waits for those that are open.
pub(super) async fn run(
    listener: TcpListener,
    served: Served,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let Some((stream, peer, permit)) = accepted else { break };
        tokio::spawn(serve(stream, peer, served.clone(), graceful.watcher(), permit));
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection, once there is room for it; those beyond wait in the system's queue.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    let mut pause = tokio::time::interval(OUT_OF_FILES_PAUSE);
    pause.tick().await;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer, permit)),
            // The client was gone before we came to it.
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                warn!(event = "server.accept_failed", %error, "cannot accept a connection; trying again");
                pause.tick().await;
            }
        }
    }
}

fn is_the_clients(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    served: Served,
    watcher: Watcher,
    permit: OwnedSemaphorePermit,
) {
    let open = metrics::gauge!("doorward_connections");
    open.increment(1.0);
    // Without it small answers wait for the client's acknowledgement of earlier ones (Nagle).
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "cannot set TCP_NODELAY");
    }
    let service = service_fn(move |request| answer(&served, peer, request));
    let connection = http1::Builder::new()
        .timer(CheckedWhenPolled)
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = polled_now_and_then(watcher.watch(connection), LOOK_EVERY).await {
        // Malformed requests and clients that went away: nothing to act on.
        debug!(%peer, %error, "connection ended");
    }
    open.decrement(1.0);
    drop(permit);
}

/// What waits for nothing is answered without a task's worth of state, a timer or a router.
fn answer(
    served: &Served,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + use<> {
    let at_once =
        served.forward_auth.as_ref().and_then(|doorward| doorward.forward_auth(peer.ip(), &request));
    match at_once {
        Some(response) => Either::Left(ready(Ok(response))),
        None => Either::Right(Box::pin(route(served.router.clone(), peer, request))),
    }
}

async fn route(
    router: Router,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    match tokio::time::timeout(REQUEST_TIMEOUT, router.oneshot(request)).await {
        Ok(answer) => answer,
        Err(_) => Ok(too_slow()),
    }
}

/// 408, and the connection is closed: the rest of the request may still be on its way.
fn too_slow() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
