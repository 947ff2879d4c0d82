//! An app with axum-login and tower-sessions, put together as their documentation does: `axum_login memory`, or
//! `axum_login sqlite FILE` with sessions and users in a database.
//!
//! `POST /login` signs in the only user, whose password nobody asks for: what is measured comes afterwards. `GET /me` is
//! behind `login_required!` and answers with the user's id.

use std::collections::HashMap;
use std::error::Error;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, UserId, login_required};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use time::Duration;
use tower_sessions::{Expiry, MemoryStore, SessionManagerLayer, SessionStore};
use tower_sessions_sqlx_store::SqliteStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["memory"] => doorward_peers::serve(app(Users::in_memory(), MemoryStore::default())).await,
        ["sqlite", file] => {
            let database = SqliteConnectOptions::new().filename(file).create_if_missing(true);
            let database = SqlitePool::connect_with(database).await?;
            let sessions = SqliteStore::new(database.clone());
            sessions.migrate().await?;
            doorward_peers::serve(app(Users::in_database(database).await?, sessions)).await
        }
        _ => Err("axum_login memory, or axum_login sqlite FILE".into()),
    }
}

fn app(users: Users, sessions: impl SessionStore + Clone) -> Router {
    let sessions = SessionManagerLayer::new(sessions)
        .with_secure(false)
        .with_expiry(Expiry::OnInactivity(Duration::days(1)));
    Router::new()
        .route("/me", get(me))
        .route_layer(login_required!(Users))
        .route("/login", post(log_in))
        .layer(AuthManagerLayerBuilder::new(users, sessions).build())
}

async fn me(session: AuthSession<Users>) -> Result<String, StatusCode> {
    session.user.map(|user| user.id.to_string()).ok_or(StatusCode::UNAUTHORIZED)
}

async fn log_in(mut session: AuthSession<Users>) -> StatusCode {
    let Ok(Some(user)) = session.authenticate(()).await else { return StatusCode::UNAUTHORIZED };
    match session.login(&user).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
struct User {
    id: i64,
    password: String,
}

impl AuthUser for User {
    type Id = i64;

    fn id(&self) -> i64 {
        self.id
    }

    /// A changed password ends sessions, as the documentation has it.
    fn session_auth_hash(&self) -> &[u8] {
        self.password.as_bytes()
    }
}

/// The only user.
const ID: i64 = 1;
const PASSWORD: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyAu$bm90IGEgaGFzaCwgYnV0IGFzIGxvbmcgYXMgb25lIGlz";

/// Where users are looked up, at every request.
#[derive(Clone)]
enum Users {
    Memory(HashMap<i64, User>),
    Database(SqlitePool),
}

impl Users {
    fn in_memory() -> Self {
        Self::Memory(HashMap::from([(ID, User { id: ID, password: PASSWORD.to_owned() })]))
    }

    async fn in_database(database: SqlitePool) -> sqlx::Result<Self> {
        sqlx::query("CREATE TABLE users (id INTEGER PRIMARY KEY, password TEXT NOT NULL)")
            .execute(&database)
            .await?;
        let insert = sqlx::query("INSERT INTO users (id, password) VALUES (?, ?)").bind(ID).bind(PASSWORD);
        insert.execute(&database).await?;
        Ok(Self::Database(database))
    }
}

impl AuthnBackend for Users {
    type User = User;
    type Credentials = ();
    type Error = sqlx::Error;

    async fn authenticate(&self, (): ()) -> sqlx::Result<Option<User>> {
        self.get_user(&ID).await
    }

    async fn get_user(&self, id: &UserId<Self>) -> sqlx::Result<Option<User>> {
        match self {
            Self::Memory(users) => Ok(users.get(id).cloned()),
            Self::Database(database) => {
                let found = sqlx::query_as("SELECT id, password FROM users WHERE id = ?").bind(id);
                found.fetch_optional(database).await
            }
        }
    }
}
