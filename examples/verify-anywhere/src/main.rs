//! A program that lets in whoever Doorward has signed in, without asking Doorward at each request.
use std::{env::args, error::Error, sync::Arc};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::get};
use doorward::core::session::Transport;
use doorward::remote::{Options, Verifier};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [issuer, audience, token_file] = std::array::from_fn(|at| args().nth(at + 1).unwrap_or_default());
    let token = std::fs::read_to_string(token_file)?;
    let options = Options::new(&issuer, &audience, token.trim())?;
    let listener = TcpListener::bind("127.0.0.1:3001").await?;
    Ok(axum::serve(listener, app(Arc::new(Verifier::follow(options)?))).await?)
}

pub(crate) fn app(verifier: Arc<Verifier>) -> Router {
    Router::new().route("/", get(hello)).with_state(verifier)
}

async fn hello(
    verifier: State<Arc<Verifier>>,
    headers: HeaderMap,
) -> Result<String, (StatusCode, &'static str)> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    match verifier.verify(token, Transport::Bearer).await {
        Ok(principal) => Ok(format!("Hello {}", principal.username)),
        Err(refusal) => Err((StatusCode::UNAUTHORIZED, refusal.code())),
    }
}
