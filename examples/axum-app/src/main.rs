//! An app with Doorward inside: its own pages beside Doorward's, in one process, with its data in `./data`.
use std::{error::Error, net::SocketAddr, path::Path, sync::Arc};

use askama::Template;
use axum::{Router, extract::State, response::Html, response::Redirect, routing::get};
use doorward::core::master::ServerKeys;
use doorward::{AuthenticatedPage, Config, CsrfToken, Doorward, SameOriginForm, master_secret_file};
use doorward_store::{SqliteOptions, SqliteStore};
use tokio::{net::TcpListener, sync::RwLock};

#[derive(Default, serde::Deserialize)]
struct Note {
    motto: String,
}

#[derive(Template)]
#[template(path = "private.html")]
struct PrivatePage<'a> {
    name: &'a str,
    motto: &'a str,
    csrf_token: &'a str,
}

/// Whoever is not signed in is sent to sign in, and comes back.
async fn private(caller: AuthenticatedPage, csrf: CsrfToken, note: State<Arc<RwLock<Note>>>) -> Html<String> {
    let (name, motto) = (&caller.principal().username, &note.read().await.motto);
    Html(PrivatePage { name, motto, csrf_token: &csrf.0 }.render().unwrap_or_default())
}

/// `SameOriginForm` is the proof that a page of this user's own session sent the form.
async fn change(note: State<Arc<RwLock<Note>>>, form: SameOriginForm<Note>) -> Redirect {
    *note.write().await = form.0;
    Redirect::to("/private")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:3000")).await?;
    let config = Config::new(&format!("http://localhost:{}", listener.local_addr()?.port()))?;
    std::fs::create_dir_all("data")?;
    let database = Path::new("data/doorward.db");
    let secret = master_secret_file::load_or_generate(Path::new("data/master.key"), Some(database))?;
    let audit_key = ServerKeys::derive(&secret, &[])?.audit_chain_key();
    let store = Arc::new(SqliteStore::open(database, SqliteOptions::default(), audit_key)?);
    let doorward = Doorward::open(config, store, &secret, &[]).await?;
    doorward.issue_setup_url().await?.inspect(|url| println!("Make the first administrator: {url}"));
    let admin = async |caller: AuthenticatedPage| caller.require_role("admin").map(|()| "Only for you.\n");
    let app = Router::new()
        .route("/", get(async || Html("<!doctype html><p>Anybody reads this. <a href=/private>Come in</a>")))
        .route("/private", get(private).post(change))
        .nest("/admin", Router::new().route("/", get(admin)))
        .with_state(Arc::new(RwLock::new(Note::default())))
        .layer(doorward.layer())
        .merge(doorward.routes());
    tokio::spawn(async move { doorward.run_background().await });
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}
