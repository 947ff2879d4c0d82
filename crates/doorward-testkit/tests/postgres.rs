//! The private PostgreSQL does as tests are told it does.

#![expect(clippy::unwrap_used, reason = "a test, outside of its functions")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use doorward_testkit::postgres::{Bouncer, Cluster, Settings};

/// How long a machine may take, however busy.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn databases_of_a_shared_cluster_know_nothing_of_each_other() {
    let (ours, theirs) =
        (Cluster::of_this_process().fresh_database(), Cluster::of_this_process().fresh_database());
    ours.sql("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)");
    theirs.sql("CREATE TABLE t (n int)");
    assert_eq!(ours.sql("SELECT n, n * 2 FROM t ORDER BY n"), "1|2\n2|4");
    assert_eq!(theirs.sql("SELECT count(*) FROM t"), "0");
    let copy = ours.copy();
    ours.sql("DELETE FROM t");
    assert_eq!(copy.sql("SELECT count(*) FROM t"), "2");
    let (name, url) = (copy.name().to_owned(), copy.url());
    assert!(url.starts_with("postgres://doorward@127.0.0.1:") && url.ends_with(&name), "{url}");
    drop(copy);
    assert_eq!(ours.sql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")), "0");
}

#[test]
fn what_was_answered_survives_being_killed_and_restarted_with_other_parameters() {
    let cluster = Settings::new().with("max_connections", "17").password("a%b").start();
    let database = cluster.fresh_database();
    assert_eq!(database.sql("SHOW max_connections"), "17");
    database.sql("CREATE TABLE t (n int); INSERT INTO t VALUES (7)");
    let address = cluster.address();
    cluster.kill();
    assert!(TcpStream::connect(address).is_err(), "somebody still listens");
    cluster.set("max_connections", "23");
    cluster.start_again();
    assert_eq!(cluster.address(), address);
    assert!(cluster.log().contains("not properly shut down"), "{}", cluster.log());
    cluster.restart();
    assert!(cluster.log().contains("database system was shut down"), "{}", cluster.log());
    assert_eq!(database.sql("SHOW max_connections"), "23");
    assert_eq!(database.sql("SELECT n FROM t"), "7");
    assert!(database.url().contains("doorward:a%25b@"));
}

#[test]
fn a_session_keeps_its_transaction_until_it_ends_it_or_is_dropped() {
    let database = Cluster::of_this_process().fresh_database();
    database.sql("CREATE TABLE t (n int)");
    let mut session = database.session();
    assert_eq!(session.run("BEGIN; INSERT INTO t VALUES (1), (2) RETURNING n"), "1\n2");
    assert_eq!(database.sql("SELECT count(*) FROM t"), "0");
    session.run("COMMIT; BEGIN; DELETE FROM t");
    assert_eq!(database.sql("SELECT count(*) FROM t"), "2");
    drop(session);
    // Waits for whoever still holds the rows.
    assert_eq!(database.sql("DELETE FROM t RETURNING n"), "1\n2");
}

#[test]
fn a_session_is_refused_when_others_have_all_connections() {
    let cluster = Settings::new().with("max_connections", "5").start();
    let database = cluster.fresh_database();
    let held: Vec<_> = (0..5).map(|_| database.session()).collect();
    let refused = database.try_session().unwrap_err();
    assert!(refused.contains("too many clients"), "{refused}");
    drop(held);
}

#[test]
fn a_disk_that_is_full_takes_nothing_until_there_is_room_again() {
    let cluster = Cluster::start();
    let disk = match cluster.on_a_small_disk(64) {
        Ok(disk) => disk,
        Err(reason) => return eprintln!("skipped: there is no small disk to be had: {reason}"),
    };
    let database = cluster.fresh_database();
    database.sql("CREATE TABLE t (n int)");
    disk.fill();
    let mut session = database.session();
    let full = session.try_run("INSERT INTO t SELECT generate_series(1, 100000)").unwrap_err();
    assert!(full.contains("No space left on device"), "{full}");
    disk.clear();
    database.sql("INSERT INTO t SELECT generate_series(1, 100000)");
    let mounted = || fs::read_to_string("/proc/mounts").unwrap();
    let directory = cluster.socket_directory().to_str().unwrap().to_owned();
    assert!(mounted().contains(&directory));
    drop(database);
    drop(cluster);
    assert!(!mounted().contains(&directory));
}

/// Asks the server whether it does TLS; gives the connection on which it says so.
fn asked(cluster: &Cluster) -> TcpStream {
    let mut stream = TcpStream::connect(cluster.address()).unwrap();
    // An SSLRequest (PostgreSQL's protocol, "Message Formats").
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    stream
}

#[test]
fn nothing_is_answered_while_it_is_paused_and_everything_afterwards() {
    let cluster = Cluster::start();
    cluster.pause();
    let mut stream = asked(&cluster);
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut answer = [0];
    assert!(stream.read_exact(&mut answer).is_err(), "{answer:?}");
    cluster.resume();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"N");
    assert_eq!(cluster.fresh_database().sql("SELECT 1"), "1");
    // And it can be dropped while it stands still.
    cluster.pause();
}

#[test]
fn a_pooler_gives_each_transaction_whichever_connection_is_free() {
    let cluster = Cluster::of_this_process();
    let database = cluster.fresh_database();
    let bouncer = Bouncer::before(cluster, 1);
    let session = |text: &str| database.sql_by(bouncer.address(), text);
    // A session's own would be another on each connection.
    let server = session("SELECT pg_backend_pid()");
    assert_eq!(session("SELECT pg_backend_pid()"), server, "{}", bouncer.log());
    assert_ne!(database.sql("SELECT pg_backend_pid()"), server);
    assert_ne!(bouncer.address(), cluster.address());
}

/// What runs in this directory.
fn processes(directory: &Path) -> Vec<PathBuf> {
    let runs_there =
        |process: &PathBuf| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(directory));
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    all.filter(runs_there).collect()
}

const KILLED: &str = "a_cluster_to_be_killed_with_its_process";

/// Not for itself: [`nothing_is_left_of_it_when_its_process_is_killed`] runs this in a process of its own, and kills it.
#[test]
#[ignore = "waits to be killed"]
fn a_cluster_to_be_killed_with_its_process() {
    let cluster = Cluster::start();
    let _bouncer = Bouncer::before(&cluster, 1);
    println!("\ndirectory={}", cluster.socket_directory().display());
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn nothing_is_left_of_it_when_its_process_is_killed() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", KILLED])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let directory =
        lines.map_while(Result::ok).find_map(|line| Some(line.strip_prefix("directory=")?.to_owned()));
    let directory = PathBuf::from(directory.unwrap());
    let running = processes(&directory);
    assert!(running.len() > 3, "{running:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    // Its guardian removes the directory last of all.
    let (gone, waited) = std::sync::mpsc::channel();
    let watched = directory.clone();
    std::thread::spawn(move || {
        while watched.exists() {
            std::thread::yield_now();
        }
        gone.send(()).unwrap();
    });
    waited.recv_timeout(PATIENCE).unwrap();
    assert_eq!(processes(&directory), [] as [PathBuf; 0]);
}
