//! `mode`, `data_dir`, `store.*`, `node.*`, `setup.*` and `audit.*`.

use std::path::PathBuf;
use std::time::Duration;

use doorward_store::postgres::Address;

use super::Change::{Reload, Restart};
use super::{Spec, duration, word};
use crate::config::settings::{Database, Secret, Settings};
use crate::config::value::Expected;

/// Short enough to type, long enough that guessing it within the time of a setup is hopeless.
const LEAST_SETUP_TOKEN_CHARACTERS: usize = 32;

/// Below it, an ordinary pause of a database would look like its absence.
const LEAST_STORE_TIMEOUT: Duration = Duration::from_millis(100);
/// Longer than browsers and proxies wait.
const LONGEST_STORE_TIMEOUT: Duration = Duration::from_secs(60);

const LONGEST_NODE_NAME: usize = 64;

const LONGEST_RETENTION: Duration = Duration::from_secs(100 * 366 * 86_400);

pub(super) const SPECS: &[Spec<Settings>] = &[
    Spec::new(
        "mode",
        Restart,
        "Whom there is to log in: \"accounts\" are people with names, \"single_operator\" is one master password and no \
         name.",
        |settings, value| value.choice().map(|mode| settings.mode = mode),
        |settings| word(settings.mode),
    ),
    Spec::new(
        "data_dir",
        Restart,
        "The directory that holds the database, unless store.url names another, and the master secret, unless the \
         environment gives it. It is made on first start, for its owner only.",
        |settings, value| {
            let text = value.text()?;
            if text.is_empty() || text.contains('\0') {
                return Err("write the path of a directory".to_owned());
            }
            settings.data_dir = PathBuf::from(text);
            Ok(())
        },
        |settings| settings.data_dir.to_string_lossy().into(),
    ),
    Spec::with_secret_within(Spec::new(
        "store.url",
        Restart,
        "Where everything is remembered: sqlite:PATH, by default doorward.db in data_dir, or \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full&sslrootcert=FILE, which several nodes share. Every \
         node then has to be given the same master secret (DOORWARD_MASTER_KEY_FILE). Where it holds a password, \
         DOORWARD_STORE__URL_FILE names a file that holds it; PGPASSFILE is heeded too.",
        |settings, value| database(value.text()?).map(|database| settings.database = database),
        |settings| settings.database().to_string().into(),
    )),
    Spec::new(
        "store.pool_size",
        Restart,
        "How many connections a node opens to PostgreSQL, beside one that listens and two that read revocations. All nodes \
         together have to stay below its max_connections. SQLite needs none.",
        |settings, value| value.count(1, 1000).map(|size| settings.store_pool.size = size),
        |settings| settings.store_pool.size.into(),
    ),
    Spec::new(
        "store.timeout",
        Restart,
        "How long PostgreSQL may take for one operation, waiting for a connection included; then the request is answered \
         503 store_unavailable.",
        |settings, value| {
            let timeout = value.duration(LEAST_STORE_TIMEOUT, LONGEST_STORE_TIMEOUT);
            timeout.map(|timeout| settings.store_pool.timeout = timeout)
        },
        |settings| duration(settings.store_pool.timeout),
    ),
    Spec::new(
        "store.prepared_statements",
        Restart,
        "Whether statements are prepared once for each connection to PostgreSQL. Write false behind PgBouncer's transaction \
         pooling, or another pooler that gives each transaction another connection.",
        |settings, value| value.boolean().map(|on| settings.store_pool.prepared_statements = on),
        |settings| settings.store_pool.prepared_statements.into(),
    ),
    Spec::new(
        "node.name",
        Restart,
        "What this node is called among those that share a PostgreSQL, in the console and in doorward node list. Its default \
         is the name of the machine and the port of http.listen.",
        |settings, value| {
            let name = value.unless("")?;
            if name.is_some_and(|name| {
                name.len() > LONGEST_NODE_NAME || !name.bytes().all(|byte| byte.is_ascii_graphic())
            }) {
                return Err(format!(
                    "write at most {LONGEST_NODE_NAME} letters, digits and signs, without spaces"
                ));
            }
            settings.node_name = name.map(str::to_owned);
            Ok(())
        },
        |settings| settings.node_name.clone().into(),
    ),
    Spec::secret(Spec::new(
        "setup.token",
        Restart,
        "A token that setup accepts beside the ones printed at each start, for deployments that no person watches. \
         At least 32 characters.",
        |settings, value| {
            let text = value.text()?;
            if text.chars().count() < LEAST_SETUP_TOKEN_CHARACTERS || text.chars().any(char::is_whitespace) {
                return Err(format!(
                    "write at least {LEAST_SETUP_TOKEN_CHARACTERS} characters without spaces, for instance the output of `openssl rand -hex 32`"
                ));
            }
            settings.setup_token = Some(Secret::new(text));
            Ok(())
        },
        |settings| {
            settings.setup_token.as_ref().map_or(serde_json::Value::Null, |token| token.reveal().into())
        },
    )),
    Spec::new(
        "audit.retention",
        Reload,
        "How long events of the audit log are kept; 0 keeps them for ever. They go about once a day, and the log says \
         so (audit.trimmed); what is left stays verifiable.",
        |settings, value| {
            let for_ever = value.text() == Ok("0") || value.count(0, 0).is_ok();
            let kept =
                if for_ever { Ok(Duration::ZERO) } else { value.duration(Duration::ZERO, LONGEST_RETENTION) };
            kept.map(|kept| settings.audit_retention = kept)
        },
        |settings| duration(settings.audit_retention),
    ),
];

/// A database by its name.
pub(in crate::config) fn database(text: &str) -> Result<Database, Expected> {
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        let address = Address::parse(text, None).map_err(|error| error.to_string())?;
        return Ok(Database::Postgres(Box::new(address)));
    }
    text.strip_prefix("sqlite:")
        .filter(|path| !path.is_empty() && !path.contains('\0') && !path.starts_with(":memory:"))
        // `sqlite://host/path` and `?mode=` are other programs' forms; taking them for file names would surprise.
        .filter(|path| (!path.starts_with("//") || path.starts_with("///")) && !path.contains('?'))
        .map(|path| Database::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
        .ok_or_else(|| {
            "write sqlite:PATH, for instance \"sqlite:/var/lib/doorward/doorward.db\", or \
             postgres://USER:PASSWORD@HOST:PORT/DATABASE"
                .to_owned()
        })
}
