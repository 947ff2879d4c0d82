use super::*;

fn address(url: &str) -> Address {
    Address::parse(url, None).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn error(url: &str) -> AddressError {
    Address::parse(url, None).expect_err(url)
}

#[test]
fn the_short_form_has_libpqs_defaults() {
    let address = address("postgres://doorward@db.example");
    assert_eq!(address.hosts, [Host { name: "db.example".to_owned(), port: 5432 }]);
    assert_eq!((address.database.as_str(), address.ssl_mode), ("doorward", SslMode::Prefer));
    assert_eq!(address.application_name, "doorward");
}

#[test]
fn the_long_form_says_everything() {
    let address = address(
        "postgres://u:p@a:1,b:2/d?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&connect_timeout=3\
         &channel_binding=require&application_name=node-1&options=-c%20search_path%3Dauth&keepalives_idle=7&tcp_user_timeout=1500",
    );
    let hosts: Vec<String> = address.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["a:1", "b:2"]);
    assert_eq!(address.password.as_ref().map(|password| password.as_str()), Some("p"));
    assert_eq!(address.ssl_mode, SslMode::VerifyFull);
    assert_eq!(address.root, Some(Root::File("/ca.pem".into())));
    assert_eq!(address.client_certificate, Some(("/c.pem".into(), "/k.pem".into())));
    assert_eq!(address.channel_binding, ChannelBinding::Require);
    assert_eq!(address.connect_timeout, Duration::from_secs(3));
    assert_eq!(address.keepalive.idle, Duration::from_secs(7));
    assert_eq!(address.keepalive.user_timeout, Duration::from_millis(1500));
    assert_eq!(address.application_name, "node-1");
    assert_eq!(address.options.as_deref(), Some("-c search_path=auth"));
}

#[test]
fn parameters_stand_in_for_the_parts_of_the_url() {
    let address = address("postgres:///d?host=/run/postgresql,h&port=5433&user=u&password=p");
    let hosts: Vec<String> = address.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["/run/postgresql/.s.PGSQL.5433", "h:5433"]);
    assert_eq!((address.user.as_str(), address.database.as_str()), ("u", "d"));
}

#[test]
fn sslmode_is_libpqs() {
    for (parameters, mode) in [
        ("sslmode=disable", SslMode::Disable),
        ("sslmode=allow", SslMode::Prefer),
        ("sslmode=prefer", SslMode::Prefer),
        ("sslmode=require", SslMode::Require),
        ("sslmode=verify-ca&sslrootcert=/ca.pem", SslMode::VerifyCa),
        ("sslmode=verify-full&sslrootcert=/ca.pem", SslMode::VerifyFull),
        ("sslrootcert=system", SslMode::VerifyFull),
        ("sslmode=verify-full&sslrootcert=system", SslMode::VerifyFull),
    ] {
        assert_eq!(address(&format!("postgres://u@h/d?{parameters}")).ssl_mode(), mode, "{parameters}");
    }
    assert_eq!(error("postgres://u@h/d?sslmode=verify-ca"), AddressError::NoRoot(SslMode::VerifyCa));
    assert_eq!(
        error("postgres://u@h/d?sslmode=require&sslrootcert=system"),
        AddressError::WeakWithSystem(SslMode::Require)
    );
}

#[test]
fn an_unverified_host_elsewhere_is_named() {
    for (url, host) in [
        ("postgres://u@db.example/d", Some("db.example")),
        ("postgres://u@127.0.0.1,10.0.0.9/d?sslmode=require", Some("10.0.0.9")),
        ("postgres://u@db.example/d?sslmode=prefer&sslrootcert=/ca.pem", Some("db.example")),
        ("postgres://u@db.example/d?sslmode=require&sslrootcert=/ca.pem", None),
        ("postgres://u@db.example/d?sslrootcert=system", None),
        ("postgres://u@localhost,[::1],127.0.0.1/d?sslmode=disable", None),
        ("postgres://u@/d?host=/run/postgresql", None),
    ] {
        assert_eq!(address(url).unverified_host(), host, "{url}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let value = |name, expected| AddressError::Value { name, expected };
    for (url, expected) in [
        ("postgres://h/d", AddressError::User),
        ("postgres://u@/d", AddressError::Host),
        ("postgres://u@a,,b/d", AddressError::Host),
        ("postgres://u@a,b,c/d?port=1,2", AddressError::Ports),
        ("postgres://u@h/d?sslmod=require", AddressError::UnknownParameter),
        ("postgres://u@h/d?target_session_attrs=standby", AddressError::Replica),
        ("postgres://u@h/d?target_session_attrs=prefer-standby", AddressError::Replica),
        ("postgres://u@h/d?sslcert=/c.pem", AddressError::HalfCertificate),
        ("postgres://u@h/d?connect_timeout=0", value("connect_timeout", "a whole number above 0")),
        ("postgres://u@h/d?channel_binding=yes", value("channel_binding", "disable, prefer or require")),
        ("postgres://u@h/d?client_encoding=latin1", value("client_encoding", "UTF8, or leave it out")),
    ] {
        assert_eq!(error(url), expected, "{url}");
    }
    for fits in ["read-write", "primary", "any"] {
        let _ = address(&format!("postgres://u@h/d?target_session_attrs={fits}"));
    }
}

/// However it is escaped or misspelt: addresses are shown and complained about in logs.
#[test]
fn no_password_is_ever_shown() {
    let shown = address("postgres://u:hunter2@h,[::1]:1/d?sslmode=verify-ca&sslrootcert=/ca.pem");
    assert_eq!(
        shown.to_string(),
        "postgres://u:(hidden)@h:5432,[::1]:1/d?sslmode=verify-ca&sslrootcert=/ca.pem"
    );
    assert!(!format!("{shown:?}").contains("hunter2"));
    assert!(!format!("{:?}", address("postgres://u@h/d?password=hunter2")).contains("hunter2"));
    for url in [
        "postgres://u:hunter2/x@h/d",
        "postgres://u:x/hunter2@h/d",
        "postgres://u:x?hunter2@h/d",
        "postgres://u:5?hunter2=1@h/d&user=u",
        "postgres://u:5432/hunter2@h/d",
        "postgres://u:hunter2%@h/d",
        "postgres://u:hunter2@h/d?sslmode=hunter2",
        "postgress://u:hunter2@h/d",
    ] {
        let shown = error(url);
        assert!(!format!("{shown} {shown:?}").contains("hunter2"), "{url}: {shown}");
    }
}

#[test]
fn the_password_file_of_the_address_goes_before_the_environments() {
    let environment = Some(Path::new("/env"));
    let of = |url| Address::parse(url, environment).unwrap().passfile;
    assert_eq!(of("postgres://u@h/d"), Some("/env".into()));
    assert_eq!(of("postgres://u@h/d?passfile=/own"), Some("/own".into()));
}
