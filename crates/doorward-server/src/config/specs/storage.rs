//! `mode`, `data_dir`, `store.*`, `setup.*` and `audit.*`.

use std::path::PathBuf;
use std::time::Duration;

use super::Change::{Reload, Restart};
use super::{Spec, duration, word};
use crate::config::settings::{Secret, Settings};
use crate::config::value::Expected;

/// Short enough to type, long enough that guessing it within the time of a setup is hopeless.
const LEAST_SETUP_TOKEN_CHARACTERS: usize = 32;

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
        "The directory that holds the database and the master secret. It is made on first start, for its owner only.",
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
    Spec::new(
        "store.url",
        Restart,
        "Where the database lies, as sqlite:PATH. Its default is doorward.db in data_dir.",
        |settings, value| database(value.text()?).map(|path| settings.database = Some(path)),
        |settings| format!("sqlite:{}", settings.database_path().to_string_lossy()).into(),
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

fn database(text: &str) -> Result<PathBuf, Expected> {
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err("this build has no PostgreSQL yet: write sqlite:PATH, or leave it out".to_owned());
    }
    text.strip_prefix("sqlite:")
        .filter(|path| !path.is_empty() && !path.contains('\0') && !path.starts_with(":memory:"))
        // `sqlite://host/path` and `?mode=` are other programs' forms; taking them for file names would surprise.
        .filter(|path| (!path.starts_with("//") || path.starts_with("///")) && !path.contains('?'))
        .map(|path| PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
        .ok_or_else(|| "write sqlite:PATH, for instance \"sqlite:/var/lib/doorward/doorward.db\"".to_owned())
}
