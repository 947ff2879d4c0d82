//! Hosts, passwords and notifications.

use std::time::Duration;

use doorward_store::postgres::{Address, ConnectError};
use doorward_testkit::postgres::{Cluster, Settings};
use doorward_testkit::proxy::{Link, Way};

use crate::certificates::Files;
use crate::{connect, refused};

#[tokio::test]
async fn a_password_comes_from_the_address_or_its_file() {
    let cluster = Settings::new().password("a:b/c@d%").start();
    let database = cluster.fresh_database();
    assert!(connect(&database.url()).await.is_ok());
    let (at, name) = (cluster.address(), database.name());
    let bare = format!("postgres://doorward@{at}/{name}");
    let error = refused(&bare).await;
    assert!(
        matches!(error, ConnectError::NoPassword { .. }) && error.to_string().contains("PGPASSFILE"),
        "{error}"
    );
    let wrong = refused(&format!("postgres://doorward:hunter2@{at}/{name}")).await;
    assert!(matches!(&wrong, ConnectError::Refused { user, .. } if user == "doorward"), "{wrong}");
    assert!(!wrong.may_pass() && !format!("{wrong} {wrong:?}").contains("hunter2"), "{wrong}");

    let files = Files::new();
    let file = files.write("pgpass", &format!("127.0.0.1:{}:*:doorward:a\\:b/c@d%", at.port()));
    let by_file = Address::parse(&bare, Some(&file)).unwrap();
    assert!(by_file.connect().await.is_ok());
    // The file is read each time: a password that was changed needs no restart.
    files.write("pgpass", "*:*:*:*:other");
    assert!(matches!(by_file.connect().await.err(), Some(ConnectError::Refused { .. })));
    std::fs::remove_file(&file).unwrap();
    let error = by_file.connect().await.err().unwrap();
    assert!(matches!(&error, ConnectError::File(said) if said.contains("pgpass")), "{error}");
}

#[tokio::test]
async fn a_socket_is_reached_without_tls() {
    let cluster = Cluster::of_this_process();
    let database = cluster.fresh_database();
    let (directory, port) = (cluster.socket_directory().display(), cluster.address().port());
    let url =
        format!("postgres://doorward@/{}?host={directory}&port={port}&sslmode=require", database.name());
    assert!(!connect(&url).await.unwrap());
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let cluster = Cluster::of_this_process();
    let at = cluster.address();
    let error = refused(&format!("postgres://doorward@{at}/nowhere")).await;
    assert!(matches!(&error, ConnectError::NoDatabase { database, .. } if database == "nowhere"), "{error}");
    let error = refused(&format!("postgres://nobody@{at}/postgres")).await;
    assert!(matches!(error, ConnectError::Refused { .. }), "{error}");
    let error = refused("postgres://doorward@127.0.0.1:1/d").await;
    assert!(matches!(&error, ConnectError::Unreachable { host, .. } if host == "127.0.0.1:1"), "{error}");
    assert!(error.may_pass());
}

#[tokio::test]
async fn of_several_hosts_the_first_that_takes_writes_is_taken() {
    let cluster = Cluster::of_this_process();
    let at = cluster.address();
    let replica = Settings::new().with("default_transaction_read_only", "on").start();
    let (port, read_only) = (at.port(), replica.address());
    assert!(
        connect(&format!("postgres://doorward@127.0.0.1:1,{read_only},127.0.0.1:{port}/postgres"))
            .await
            .is_ok()
    );
    let error = refused(&format!("postgres://doorward@{read_only}/postgres?target_session_attrs=any")).await;
    assert!(matches!(error, ConnectError::ReadOnly { .. }) && error.may_pass(), "{error}");
}

#[tokio::test]
async fn a_host_that_says_nothing_holds_nobody_up() {
    let cluster = Cluster::of_this_process();
    let link = Link::to(cluster.address());
    link.silence(Way::Back, true);
    let (silent, at) = (link.address(), cluster.address());
    let url = |hosts: &str| format!("postgres://doorward@{hosts}/postgres?connect_timeout=1");
    let error = refused(&url(&silent.to_string())).await;
    assert!(
        matches!(error, ConnectError::TimedOut { after, .. } if after == Duration::from_secs(1)),
        "{error}"
    );
    assert!(error.may_pass());
    let both = format!("{silent},{at}");
    assert!(connect(&url(&both).replace("connect_timeout=1", "connect_timeout=10")).await.is_ok());
}

#[tokio::test]
async fn a_server_without_room_is_told_from_one_that_refuses() {
    let cluster =
        Settings::new().with("max_connections", "5").with("superuser_reserved_connections", "0").start();
    let database = cluster.fresh_database();
    let address = Address::parse(&database.url(), None).unwrap();
    let mut open = Vec::new();
    let error = loop {
        match address.connect().await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                open.push(client);
            }
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ConnectError::Busy { .. }) && error.may_pass(), "{error}");
}

#[tokio::test]
async fn notifications_arrive_and_their_end_is_noticed() {
    let cluster = Settings::new().start();
    let database = cluster.fresh_database();
    let address = Address::parse(&database.url(), None).unwrap();
    let mut notifications = address.listen("doorward_feed").await.unwrap();
    database.sql("NOTIFY doorward_feed");
    database.sql("NOTIFY another");
    database.sql("NOTIFY doorward_feed");
    let patience = Duration::from_secs(60);
    for _ in 0..2 {
        assert!(tokio::time::timeout(patience, notifications.next()).await.unwrap());
    }
    cluster.kill();
    assert!(!tokio::time::timeout(patience, notifications.next()).await.unwrap());
}
