//! A line is as good and as bad as it is told to be.

#![expect(clippy::unwrap_used, reason = "a test, outside of its functions")]

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    num::NonZeroU64,
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use doorward_testkit::proxy::{Link, Way};

/// How long a machine may take, however busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// For as long nothing comes where nothing comes at all.
const WHILE: Duration = Duration::from_millis(200);

/// A server, by the connections it is given, and a line to it.
fn server() -> (Receiver<TcpStream>, Link) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let link = Link::to(listener.local_addr().unwrap());
    let (given, accepted) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if given.send(stream).is_err() {
                return;
            }
        }
    });
    (accepted, link)
}

fn connection(accepted: &Receiver<TcpStream>, link: &Link) -> (TcpStream, TcpStream) {
    let client = TcpStream::connect(link.address()).unwrap();
    (client, accepted.recv_timeout(PATIENCE).unwrap())
}

#[track_caller]
fn passes(from: &mut TcpStream, to: &mut TcpStream, text: &str) {
    from.write_all(text.as_bytes()).unwrap();
    arrives(to, text);
}

#[track_caller]
fn arrives(to: &mut TcpStream, text: &str) {
    to.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut read = vec![0; text.len()];
    to.read_exact(&mut read).unwrap();
    assert_eq!(read, text.as_bytes());
}

#[track_caller]
fn nothing_arrives(to: &mut TcpStream) {
    to.set_read_timeout(Some(WHILE)).unwrap();
    let error = to.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[track_caller]
fn is_reset(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[test]
fn everything_passes_both_ways_in_order_and_ends_as_it_ended() {
    let (accepted, link) = server();
    let (mut client, mut server) = connection(&accepted, &link);
    passes(&mut client, &mut server, &"question ".repeat(100_000));
    passes(&mut server, &mut client, &"answer ".repeat(100_000));
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(server.read(&mut [0]).unwrap(), 0);
    passes(&mut server, &mut client, "after the end");
}

#[test]
fn silence_is_one_way_and_what_was_said_meanwhile_arrives_afterwards() {
    let (accepted, link) = server();
    let (mut client, mut server) = connection(&accepted, &link);
    link.silence(Way::There, true);
    client.write_all(b"lost? ").unwrap();
    nothing_arrives(&mut server);
    passes(&mut server, &mut client, "the other way");
    link.silence(Way::Both, true);
    server.write_all(b"and back").unwrap();
    nothing_arrives(&mut client);
    link.mend();
    arrives(&mut server, "lost? ");
    arrives(&mut client, "and back");
    passes(&mut client, &mut server, "and on");
}

#[test]
fn nobody_hears_of_the_end_of_a_connection_in_silence() {
    let (accepted, link) = server();
    let (client, mut server) = connection(&accepted, &link);
    link.silence(Way::There, true);
    drop(client);
    nothing_arrives(&mut server);
    link.silence(Way::There, false);
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(server.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_cut_resets_what_is_connected_and_what_is_tried_until_it_is_mended() {
    let (accepted, link) = server();
    let (mut client, mut server) = connection(&accepted, &link);
    passes(&mut client, &mut server, "before");
    link.reset();
    is_reset(&mut client);
    is_reset(&mut server);
    let (mut client, mut server) = connection(&accepted, &link);
    passes(&mut client, &mut server, "anew");
    link.cut();
    is_reset(&mut client);
    is_reset(&mut server);
    is_reset(&mut TcpStream::connect(link.address()).unwrap());
    link.mend();
    let (mut client, mut server) = connection(&accepted, &link);
    passes(&mut client, &mut server, "mended");
    drop(link);
    assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn a_delay_holds_back_what_goes_its_way() {
    let (accepted, link) = server();
    let (mut client, mut server) = connection(&accepted, &link);
    link.delay(Way::Back, Duration::from_secs(3600));
    server.write_all(b"in an hour").unwrap();
    passes(&mut client, &mut server, "at once");
    nothing_arrives(&mut client);
}

#[test]
fn what_is_delayed_is_underway_at_the_same_time() {
    let (accepted, link) = server();
    let (mut client, mut server) = connection(&accepted, &link);
    link.delay(Way::Back, Duration::from_secs(2));
    for _ in 0..100 {
        passes(&mut client, &mut server, "at once");
        server.write_all(b"later").unwrap();
    }
    // One after the other they would take more than the patience there is.
    arrives(&mut client, &"later".repeat(100));
}

#[test]
fn a_throttled_way_carries_no_more_than_its_bytes_a_second() {
    let (accepted, link) = server();
    let (mut client, mut server) = connection(&accepted, &link);
    link.throttle(Way::There, NonZeroU64::new(1));
    passes(&mut client, &mut server, &"passes, and is to be made up for ".repeat(100));
    client.write_all(b"more").unwrap();
    nothing_arrives(&mut server);
    passes(&mut server, &mut client, "the other way");
}
