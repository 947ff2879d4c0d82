//! Loading as a whole, by table. Single values and single rules are tested beside them.

use super::*;
use crate::config::{DatabaseInUse, secret_files};
use doorward::config::{CsrfPolicy, Policy, ProxyKind};
use doorward_core::session::OnLimit;
use doorward_core::user::Role;
use doorward_store::postgres::Address;
use std::path::Path;

fn layers(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &'static str, &str)]) -> Layers {
    Layers {
        file: Some(ConfigFile { path: "doorward.toml".into(), text: file.to_owned() }),
        secret_files: Vec::new(),
        environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        flags: flags.iter().map(|(flag, key, value)| (*flag, *key, (*value).to_owned())).collect(),
    }
}

pub(in crate::config) fn settings(file: &str) -> Settings {
    load(&layers(file, &[], &[])).unwrap_or_else(|complaint| panic!("{file}: {complaint}")).settings
}

pub(in crate::config) fn complaint(file: &str) -> String {
    load(&layers(file, &[], &[])).expect_err(file).to_string()
}

pub(in crate::config) fn settings_by(variable: &str, value: &str) -> Settings {
    load(&layers("", &[(variable, value)], &[])).unwrap_or_else(|complaint| panic!("{complaint}")).settings
}

pub(in crate::config) fn complaint_about(variable: &str, value: &str) -> String {
    load(&layers("", &[(variable, value)], &[])).expect_err(variable).to_string()
}

#[test]
fn nothing_at_all_is_the_contracts_defaults() {
    let loaded = load(&Layers::default()).unwrap();
    assert_eq!(loaded.settings, Settings::default());
    assert!(loaded.sources.is_empty() && loaded.warnings.is_empty());
}

#[test]
fn a_later_layer_wins_and_is_named() {
    let file = "[http]\nlisten = \"127.0.0.1:1\"\nbase_path = \"/file\"\n[session]\nmax_per_user = 1";
    let environment = [("DOORWARD_HTTP__LISTEN", "127.0.0.1:2"), ("DOORWARD_SESSION__MAX_PER_USER", "2")];
    let loaded = load(&layers(file, &environment, &[("listen", "http.listen", "127.0.0.1:3")])).unwrap();
    assert_eq!(loaded.settings.http.listen.port(), 3);
    assert_eq!(loaded.settings.session_limit.max_per_user, 2);
    assert_eq!(loaded.settings.http.base_path, "/file");
    let source = |key: &str| loaded.sources.get(key).map(ToString::to_string);
    assert_eq!(source("http.listen").as_deref(), Some("flag --listen"));
    assert_eq!(source("session.max_per_user").as_deref(), Some("environment DOORWARD_SESSION__MAX_PER_USER"));
    assert_eq!(source("http.base_path").as_deref(), Some("file doorward.toml"));
    assert_eq!(source("data_dir"), None);
}

#[test]
fn a_value_that_a_later_layer_overrides_is_checked_all_the_same() {
    let layers = layers("http.listen = \"nowhere\"", &[("DOORWARD_HTTP__LISTEN", "127.0.0.1:2")], &[]);
    assert!(load(&layers).is_err());
}

#[test]
fn every_setting_can_come_from_the_environment() {
    let defaults = Settings::default();
    for spec in specs::settings() {
        let text = match (spec.get)(&defaults) {
            serde_json::Value::String(text) => text,
            serde_json::Value::Array(items) => {
                items.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(",")
            }
            serde_json::Value::Null => "0123456789abcdef0123456789abcdef".to_owned(),
            other => other.to_string(),
        };
        let variable = environment::variable(spec.key);
        let loaded = load(&layers("", &[(&variable, &text)], &[])).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(loaded.sources.get(spec.key), Some(&Source::Environment(variable)));
    }
}

#[test]
fn policies_come_from_file_and_environment_alike() {
    let file = "[policies.admin]\nroles_any = [\"admin\", \"ops\"]\nmax_age = \"5m\"\nproxy = \"nginx\"";
    let environment =
        [("DOORWARD_POLICIES__ADMIN__CSRF", "token"), ("DOORWARD_POLICIES__Staff_Area__ROLES_ANY", "staff")];
    let policies = load(&layers(file, &environment, &[])).unwrap().settings.policies;
    assert_eq!(policies.keys().collect::<Vec<_>>(), ["admin", "default", "staff_area"]);
    let admin = &policies["admin"];
    assert_eq!((admin.csrf, admin.proxy), (CsrfPolicy::Token, ProxyKind::Nginx));
    assert_eq!(admin.roles_any.iter().map(Role::as_str).collect::<Vec<_>>(), ["admin", "ops"]);
    assert_eq!(admin.max_age, Some(std::time::Duration::from_secs(300)));
    assert_eq!(policies["default"], Policy::default());
}

#[test]
fn an_unknown_key_is_named_with_its_value_its_layer_and_the_likely_one() {
    for (file, parts) in [
        ("[http]\nlistn = \"127.0.0.1:1\"", ["http.listn", "\"127.0.0.1:1\"", "did you mean http.listen?"]),
        ("listen = \"127.0.0.1:1\"", ["listen", "file doorward.toml", "did you mean http.listen?"]),
        ("[lockout]\ntreshold = 10", ["lockout.treshold", "10", "did you mean lockout.threshold?"]),
        ("[session]\nbinding = \"browser\"", ["session.binding", "\"browser\"", "unknown key"]),
        ("mod = \"accounts\"", ["mod", "\"accounts\"", "did you mean mode?"]),
        ("[mfa]\nrequire = \"never\"", ["mfa.require", "\"never\"", "did you mean mfa.required?"]),
        ("[mfas]\nrequired = \"never\"", ["mfas", "a table", "unknown key"]),
        (
            "[policies.a]\nrole_any = [\"x\"]",
            ["policies.a.role_any", "[\"x\"]", "did you mean policies.a.roles_any?"],
        ),
        ("[http.listen]\nport = 1", ["http.listen", "a table", "write text"]),
        ("http = 1", ["http", "1", "this is a section"]),
        (
            "[password.argon2]\nmemory = 1",
            ["password.argon2.memory", "1", "did you mean password.argon2.memory_kib?"],
        ),
        ("\"http.listen\" = \"127.0.0.1:1\"", ["http.listen", "doorward.toml", "without them"]),
        ("policies = 1", ["policies", "1", "this is a section"]),
        ("policies.a = true", ["policies.a", "true", "this is a section"]),
    ] {
        let complaint = complaint(file);
        assert!(!complaint.contains('\n'), "{complaint}");
        for part in parts {
            assert!(complaint.contains(part), "{file}: {complaint:?} lacks {part:?}");
        }
    }
}

#[test]
fn an_unknown_variable_is_named_in_its_own_spelling() {
    for (variable, meant) in [
        ("DOORWARD_HTTP_LISTEN", "did you mean DOORWARD_HTTP__LISTEN?"),
        ("DOORWARD_LISTEN", "did you mean DOORWARD_HTTP__LISTEN?"),
        ("DOORWARD_DATADIR", "did you mean DOORWARD_DATA_DIR?"),
        ("DOORWARD_MASTERKEY", "did you mean DOORWARD_MASTER_KEY?"),
        ("DOORWARD_LOCKOUT_THRESHOLD", "did you mean DOORWARD_LOCKOUT__THRESHOLD?"),
        ("DOORWARD_MFA_REQUIRED", "did you mean DOORWARD_MFA__REQUIRED?"),
        ("DOORWARD_POLICIES__A__ROLE_ANY", "did you mean DOORWARD_POLICIES__A__ROLES_ANY?"),
        ("DOORWARD_", "unknown variable"),
        ("DOORWARD_POLICIES__A", "unknown variable"),
    ] {
        let complaint = complaint_about(variable, "x");
        assert!(complaint.starts_with(variable) && complaint.contains(meant), "{variable}: {complaint}");
    }
}

#[test]
fn variables_of_others_and_of_the_master_secret_are_passed_over() {
    let environment = [
        "PATH",
        "DOORWARDEN",
        "doorward_http__listen",
        FILE,
        "DOORWARD_MASTER_KEY",
        "DOORWARD_MASTER_KEY_PREVIOUS_FILE",
    ];
    const FILE: &str = environment::FILE_VARIABLE;
    let environment: Vec<(&str, &str)> = environment.into_iter().map(|name| (name, "x")).collect();
    assert!(load(&layers("", &environment, &[])).is_ok());
}

#[test]
fn a_wrong_type_names_the_key_the_value_and_the_mend() {
    for (file, key, value, mend) in [
        ("session.max_per_user = \"five\"", "session.max_per_user", "\"five\"", "whole number"),
        ("session.max_per_user = -1", "session.max_per_user", "-1", "from 0"),
        ("session.access_ttl = 900", "session.access_ttl", "900", "\"15m\""),
        ("session.access_ttl = \"0s\"", "session.access_ttl", "\"0s\"", "from 1s to 1d"),
        ("revocation.max_staleness = \"99ms\"", "revocation.max_staleness", "\"99ms\"", "from 100ms to 1m"),
        ("revocation.max_staleness = \"61s\"", "revocation.max_staleness", "\"61s\"", "from 100ms to 1m"),
        ("verify.cache_mib = 65537", "verify.cache_mib", "65537", "from 0 to 65536"),
        ("mode = \"single\"", "mode", "\"single\"", "\"accounts\", \"single_operator\""),
        ("session.on_limit = \"revoke\"", "session.on_limit", "\"revoke\"", "\"revoke_oldest\", \"refuse\""),
        ("token_endpoint.enabled = \"yes\"", "token_endpoint.enabled", "\"yes\"", "true or false"),
        ("http.listen = \"localhost:8080\"", "http.listen", "\"localhost:8080\"", "IP address and a port"),
        (
            "http.public_url = \"https://a.example/path\"",
            "http.public_url",
            "\"https://a.example/path\"",
            "no path",
        ),
        (
            "http.allowed_origins = [\"https://a.example\", \"*\"]",
            "http.allowed_origins",
            "\"*\"",
            "scheme://host",
        ),
        (
            "http.allowed_origins = \"https://a.example\"",
            "http.allowed_origins",
            "\"https://a.example\"",
            "write a list",
        ),
        ("http.trusted_proxies = [\"10.0.0.0/33\"]", "http.trusted_proxies", "10.0.0.0/33", "network"),
        ("store.url = \"postgres://db/x\"", "store.url", "(hidden)", "names no user"),
        (
            "store.url = \"postgres://u@db/x?sslmode=verify-full\"",
            "store.url",
            "(hidden)",
            "needs sslrootcert",
        ),
        ("store.url = \"mysql:x\"", "store.url", "(hidden)", "sqlite:PATH"),
        ("node.name = \"a b\"", "node.name", "\"a b\"", "without spaces"),
        ("store.pool_size = 0", "store.pool_size", "0", "from 1 to 1000"),
        ("store.timeout = \"99ms\"", "store.timeout", "\"99ms\"", "from 100ms to 1m"),
        ("rate_limit.login = \"60\"", "rate_limit.login", "\"60\"", "60/minute"),
        (
            "logout.clear_site_data = [\"executionContexts\"]",
            "logout.clear_site_data",
            "executionContexts",
            "storage",
        ),
        ("policies.a.roles_any = [\"Admin\"]", "policies.a.roles_any", "\"Admin\"", "a-z 0-9"),
        ("policies.Admin.aal = 1", "policies.Admin.aal", "1", "a-z 0-9"),
        ("policies.a.aal = 3", "policies.a.aal", "3", "from 1 to 2"),
    ] {
        let complaint = complaint(file);
        assert!(complaint.starts_with(&format!("{key} = ")), "{file}: {complaint}");
        assert!(complaint.contains(value) && complaint.contains(mend), "{file}: {complaint}");
        assert!(complaint.contains("(file doorward.toml)") && !complaint.contains('\n'), "{complaint}");
    }
}

#[test]
fn no_message_shows_a_secret() {
    const SECRET: &str = "hunter2hunter2hunter2";
    for complaint in [
        complaint(&format!("setup.token = \"{SECRET}\"")),
        complaint(&format!("setup.tokn = \"{SECRET}\"")),
        complaint(&format!("setup = \"{SECRET}\"")),
        complaint(&format!("setup.token = \"{SECRET}")),
        complaint(&format!("master_key = \"{SECRET}\"")),
        complaint(&format!("store.url = \"postgres://u:{SECRET}@h:port/d\"")),
        complaint(&format!("store.url = \"postgress://u:{SECRET}@h/d\"")),
        complaint(&format!("store.uri = \"postgres://u:{SECRET}@h/d\"")),
        complaint_about("DOORWARD_STORE_URL", &format!("postgres://u:{SECRET}@h/d")),
        complaint_about("DOORWARD_SETUP__TOKEN", SECRET),
        complaint_about("DOORWARD_SETUP_TOKEN", SECRET),
        complaint_about("DOORWARD_MASTERKEY", SECRET),
    ] {
        assert!(!complaint.contains(SECRET), "{complaint}");
    }
    let given = format!("setup.token = \"{SECRET}{SECRET}\"\nstore.url = \"postgres://u:{SECRET}@h/d\"");
    let loaded = load(&layers(&given, &[], &[])).unwrap();
    assert!(!format!("{:?} {loaded:?}", crate::config::effective(&loaded)).contains(SECRET));
}

#[test]
fn a_secret_may_come_from_a_file_that_a_variable_names() {
    let url = "postgres://u:hunter2@h/d";
    let environment = [
        ("DOORWARD_STORE__URL_FILE", "/run/secrets/url"),
        ("DOORWARD_SETUP__TOKEN_FILE", "/run/secrets/token"),
        ("PGPASSFILE", "/run/pgpass"),
    ];
    let mut layers = layers("", &environment, &[]);
    let named: Vec<_> = secret_files(&layers.environment).collect();
    assert_eq!(
        named,
        [
            ("DOORWARD_STORE__URL_FILE", Path::new("/run/secrets/url")),
            ("DOORWARD_SETUP__TOKEN_FILE", Path::new("/run/secrets/token"))
        ]
    );
    layers.secret_files = vec![("DOORWARD_STORE__URL_FILE".to_owned(), format!("{url}\n"))];
    let loaded = load(&layers).unwrap();
    let expected = Address::parse(url, Some(Path::new("/run/pgpass"))).unwrap();
    assert_eq!(loaded.settings.database(), DatabaseInUse::Postgres(&expected));
    assert_eq!(loaded.sources["store.url"].to_string(), "environment DOORWARD_STORE__URL_FILE");
    layers.environment.push(("DOORWARD_STORE__URL".into(), "sqlite:x".into()));
    let complaint = load(&layers).unwrap_err().to_string();
    assert!(complaint.contains("DOORWARD_STORE__URL_FILE is given as well"), "{complaint}");
    let complaint = complaint_about("DOORWARD_HTTP__LISTEN_FILE", "/x");
    assert!(complaint.contains("unknown variable"), "{complaint}");
    let complaint = complaint_about("DOORWARD_STORE_URL_FILE", "/x");
    assert!(complaint.contains("did you mean DOORWARD_STORE__URL_FILE?"), "{complaint}");
}

#[test]
fn a_file_that_is_not_toml_is_named_with_the_line() {
    let complaint = complaint("[http]\nlisten = \"127.0.0.1:1\"\nbase_path = \n");
    assert!(complaint.starts_with("doorward.toml: line 3: not TOML"), "{complaint}");
}

#[test]
fn an_empty_variable_is_nothing_where_nothing_is_possible() {
    let environment = [
        ("DOORWARD_HTTP__ADMIN_LISTEN", ""),
        ("DOORWARD_COOKIE__DOMAIN", ""),
        ("DOORWARD_HTTP__TRUSTED_PROXIES", ""),
    ];
    let loaded = load(&layers("", &environment, &[])).unwrap();
    assert_eq!(loaded.settings.http, Settings::default().http);
    assert!(load(&layers("", &[("DOORWARD_HTTP__LISTEN", "")], &[])).is_err());
}

#[test]
fn what_follows_from_another_setting_follows() {
    let given = settings("http.public_url = \"https://Auth.example.com:443/\"\ndata_dir = \"/srv\"");
    assert_eq!(given.token_audience(), "https://auth.example.com");
    assert_eq!(given.database(), DatabaseInUse::Sqlite("/srv/doorward.db".into()));
    assert!(given.cookie_plan().unwrap().cookie(doorward::cookies::CookieKind::Session).secure());
    let with_more =
        settings("http.allowed_origins = [\"https://app.example\"]\nsession.on_limit = \"refuse\"");
    let origins: Vec<String> =
        with_more.allowed_origins().iter().map(|origin| origin.as_str().to_owned()).collect();
    assert_eq!(origins, ["http://localhost:8080", "https://app.example"]);
    assert_eq!(with_more.redirect_origins().iter().count(), 1);
    assert_eq!(with_more.session_limit.on_limit, OnLimit::Refuse);
}
