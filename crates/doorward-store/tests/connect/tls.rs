//! What each `sslmode` takes for the database, and what it does not.

use doorward_store::postgres::ConnectError;
use doorward_testkit::postgres::Settings;

use crate::certificates::{Authority, Files, cluster, self_signed};
use crate::{connect, refused};

fn reason(error: ConnectError) -> String {
    match error {
        ConnectError::Tls { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn each_mode_takes_the_certificates_it_says() {
    let (authority, stranger) = (Authority::new("ours"), Authority::new("another"));
    let cluster = cluster(&authority.issue(&["localhost"], "db"), Settings::new());
    let files = Files::new();
    let ours = files.write("ours.pem", &authority.pem());
    let theirs = files.write("theirs.pem", &stranger.pem());
    let (ours, theirs) = (ours.display(), theirs.display());
    let port = cluster.address().port();
    let url =
        |host: &str, parameters: &str| format!("postgres://doorward@{host}:{port}/postgres?{parameters}");

    assert!(!connect(&url("localhost", "sslmode=disable")).await.unwrap());
    for parameters in ["", "sslmode=allow", "sslmode=prefer", "sslmode=require"] {
        assert!(connect(&url("127.0.0.1", parameters)).await.unwrap(), "{parameters}");
    }
    for mode in ["prefer", "require", "verify-ca"] {
        // By an address that the certificate does not name: it is the authority that counts.
        assert!(
            connect(&url("127.0.0.1", &format!("sslmode={mode}&sslrootcert={ours}"))).await.unwrap(),
            "{mode}"
        );
        let error = reason(refused(&url("localhost", &format!("sslmode={mode}&sslrootcert={theirs}"))).await);
        assert!(error.contains("another authority signed it"), "{mode}: {error}");
    }
    assert!(connect(&url("localhost", &format!("sslmode=verify-full&sslrootcert={ours}"))).await.unwrap());
    let error = reason(refused(&url("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={ours}"))).await);
    assert!(error.contains("it names another host"), "{error}");
    // Whether this machine has a list of authorities or none, ours is not among them.
    let error = refused(&url("localhost", "sslrootcert=system")).await;
    assert!(matches!(error, ConnectError::Tls { .. } | ConnectError::File(_)), "{error}");
}

#[tokio::test]
async fn a_server_that_signed_its_own_certificate_is_known_by_it() {
    let issued = self_signed("localhost");
    let cluster = cluster(&issued, Settings::new());
    let files = Files::new();
    let own = files.write("own.pem", &issued.certificate);
    let other = files.write("other.pem", &self_signed("localhost").certificate);
    let port = cluster.address().port();
    let url = |host: &str, root: &std::path::Path| {
        format!(
            "postgres://doorward@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={}",
            root.display()
        )
    };
    assert!(connect(&url("localhost", &own)).await.unwrap());
    assert!(reason(refused(&url("127.0.0.1", &own)).await).contains("it names another host"));
    assert!(matches!(refused(&url("localhost", &other)).await, ConnectError::Tls { .. }));
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let cluster = Settings::new().start();
    let database = cluster.fresh_database();
    let url = format!("{}?sslmode=require", database.url());
    let error = refused(&url).await;
    assert!(error.to_string().contains("it offers no TLS, and sslmode=require asks for it"), "{error}");
    assert!(!connect(&format!("{}?sslmode=prefer", database.url())).await.unwrap());
}

#[tokio::test]
async fn a_certificate_and_channel_binding_stand_for_the_client() {
    let authority = Authority::new("ours");
    let settings = Settings::new().password("s3cret").with("ssl_ca_file", "ca.crt");
    let settings = settings.file("ca.crt", authority.pem().as_bytes()).file(
        "pg_hba.conf",
        b"local all all trust\nhostssl all doorward 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n",
    );
    let cluster = cluster(&authority.issue(&["localhost"], "db"), settings);
    let files = Files::new();
    let issued = authority.issue(&[], "doorward");
    let root = files.write("ca.pem", &authority.pem());
    let certificate = files.write("client.crt", &issued.certificate);
    let key = files.write("client.key", &issued.key);
    let port = cluster.address().port();
    let url = |parameters: &str| {
        format!(
            "postgres://doorward:s3cret@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={}&channel_binding=require{parameters}",
            root.display()
        )
    };
    let ours = format!("&sslcert={}&sslkey={}", certificate.display(), key.display());
    assert!(connect(&url(&ours)).await.unwrap());
    assert!(matches!(
        refused(&url("")).await,
        ConnectError::Refused { .. } | ConnectError::Unreachable { .. }
    ));

    let open = files.write("open.key", &issued.key);
    std::fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let error = refused(&url(&format!("&sslcert={}&sslkey={}", certificate.display(), open.display()))).await;
    assert!(
        matches!(&error, ConnectError::File(said) if said.contains("open.key") && said.contains("chmod 600")),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_is_missing_is_named() {
    let cluster = Settings::new().start();
    let url = format!("{}?sslmode=verify-ca&sslrootcert=/nowhere/ca.pem", cluster.fresh_database().url());
    let error = refused(&url).await;
    assert!(matches!(&error, ConnectError::File(said) if said.contains("/nowhere/ca.pem")), "{error}");
}
