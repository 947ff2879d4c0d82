use super::*;
use crate::{
    ids::{SessionId, UserId},
    master::{MasterSecret, ServerKeys},
    time::Timestamp,
};

fn key(letter: &str, previous: &[&str]) -> AuditChainKey {
    let master = |letter: &str| MasterSecret::parse(&format!("{}A", letter.repeat(42))).unwrap();
    let previous: Vec<_> = previous.iter().map(|letter| master(letter)).collect();
    ServerKeys::derive(&master(letter), &previous).unwrap().audit_chain_key()
}

fn full() -> AuditEntry {
    AuditEntry {
        seq: 9,
        name: "login.refused".to_owned(),
        outcome: "refused".to_owned(),
        at: Timestamp::from_millis(1_800_000_000_000),
        actor: "anonymous".to_owned(),
        user_id: Some(UserId::from_bytes([1; 16])),
        session_id: None,
        address: Some([192, 0, 2, 1].into()),
        user_agent: "curl".to_owned(),
        request_id: None,
        reason: Some("r".to_owned()),
        details: vec![("a".to_owned(), "bc".to_owned())],
    }
}

fn after() -> ChainPosition {
    ChainPosition { seq: 6, mac: ChainMac::from_bytes([7; 32]) }
}

/// Databases hold MACs over these bytes: they may never change, only get a successor with another version.
#[test]
fn a_row_is_encoded_in_these_very_bytes() {
    let key_id = ChainKeyId(0x0a0b_0c0d);
    let previous = ChainMac::from_bytes([7; 32]);
    let link = ChainLink { chain: "sqlite".to_owned(), seq: 7, key_id, previous, mac: ChainMac::NONE };
    let parts: [&[u8]; 31] = [
        b"\0\0\0\0\0\0\0\x12",
        b"doorward audit row",
        b"\x01",
        b"\0\0\0\0\0\0\0\x06",
        b"sqlite",
        b"\0\0\0\0\0\0\0\x07",
        b"\0\0\0\0\0\0\0\x09",
        b"\x0a\x0b\x0c\x0d",
        &[7; 32],
        b"\0\0\0\0\0\0\0\x0d",
        b"login.refused",
        b"\0\0\0\0\0\0\0\x07",
        b"refused",
        b"\0\0\x01\xa3\x18\x5c\x50\0",
        b"\0\0\0\0\0\0\0\x09",
        b"anonymous",
        b"\x01\0\0\0\0\0\0\0\x10",
        &[1; 16],
        b"\0",
        b"\x01\0\0\0\0\0\0\0\x04",
        b"\xc0\0\x02\x01",
        b"\0\0\0\0\0\0\0\x04",
        b"curl",
        b"\0",
        b"\x01\0\0\0\0\0\0\0\x01",
        b"r",
        b"\0\0\0\0\0\0\0\x01",
        b"\0\0\0\0\0\0\0\x01",
        b"a",
        b"\0\0\0\0\0\0\0\x02",
        b"bc",
    ];
    assert_eq!(encode_row(&full(), 9, &link), parts.concat());
}

#[test]
fn a_position_is_encoded_in_these_very_bytes() {
    let encoded = encode_position(Seal::Head, "sqlite", after(), ChainKeyId(0x0a0b_0c0d));
    let parts: [&[u8]; 8] = [
        b"\0\0\0\0\0\0\0\x13",
        b"doorward audit head",
        b"\x01",
        b"\0\0\0\0\0\0\0\x06",
        b"sqlite",
        b"\0\0\0\0\0\0\0\x06",
        &[7; 32],
        b"\x0a\x0b\x0c\x0d",
    ];
    assert_eq!(encoded, parts.concat());
    let anchor = encode_position(Seal::Anchor, "sqlite", after(), ChainKeyId(1));
    assert!(anchor.starts_with(b"\0\0\0\0\0\0\0\x15doorward audit anchor\x01"));
}

/// What is in the database of an installation verifies with every later version. Computed by another program (HKDF and
/// HMAC of a standard library) from the bytes above.
#[test]
fn a_mac_of_a_known_key_is_this_one() {
    let link = key("A", &[]).link(&full(), "sqlite", after());
    let known = (link.key_id.to_string(), link.mac.to_string());
    assert_eq!((known.0.as_str(), known.1.as_str()), (KNOWN_KEY, KNOWN_MAC));
}

const KNOWN_KEY: &str = "dc03d84c";
const KNOWN_MAC: &str = "a59fd4612f6b61a63412d337f81236dc104443af0a608c789fe0161333ec6fdd";

/// Every member counts, and nothing moves from one to the next.
#[test]
fn two_rows_that_differ_are_never_encoded_alike() {
    let mut rows = vec![full()];
    let mut vary = |change: &dyn Fn(&mut AuditEntry)| {
        let mut row = full();
        change(&mut row);
        rows.push(row);
    };
    vary(&|row| row.name = "login.refusedrefused".to_owned());
    vary(&|row| row.outcome = String::new());
    vary(&|row| row.at = Timestamp::from_millis(1));
    vary(&|row| row.actor = "system".to_owned());
    vary(&|row| row.user_id = None);
    vary(&|row| row.user_id = Some(UserId::from_bytes([2; 16])));
    vary(&|row| (row.user_id, row.session_id) = (None, Some(SessionId::from_bytes([1; 16]))));
    vary(&|row| row.session_id = Some(SessionId::from_bytes([1; 16])));
    vary(&|row| row.address = None);
    vary(&|row| row.address = Some("::ffff:192.0.2.1".parse().unwrap()));
    vary(&|row| row.user_agent = "curlr".to_owned());
    vary(&|row| row.request_id = Some(String::new()));
    vary(&|row| (row.request_id, row.reason) = (row.reason.clone(), None));
    vary(&|row| row.reason = Some(String::new()));
    vary(&|row| row.details = Vec::new());
    vary(&|row| row.details = vec![("ab".to_owned(), "c".to_owned())]);
    vary(&|row| row.details = vec![("a".to_owned(), "b".to_owned()), ("c".to_owned(), String::new())]);
    vary(&|row| row.seq = 10);
    let link = key("A", &[]).link(&full(), "sqlite", after());
    let mut encoded: Vec<_> = rows.iter().map(|row| encode_row(row, row.seq, &link)).collect();
    for change in [
        ChainLink { chain: "sqlit".to_owned(), ..link.clone() },
        ChainLink { seq: 8, ..link.clone() },
        ChainLink { key_id: ChainKeyId(1), ..link.clone() },
        ChainLink { previous: ChainMac::NONE, ..link.clone() },
    ] {
        encoded.push(encode_row(&full(), 9, &change));
    }
    let count = encoded.len();
    encoded.sort();
    encoded.dedup();
    assert_eq!(encoded.len(), count);
}

#[test]
fn a_row_is_genuine_only_as_it_was_written_and_where() {
    let key = key("A", &[]);
    let link = key.link(&full(), "sqlite", after());
    assert_eq!((link.seq, link.previous), (7, after().mac));
    assert_eq!(key.check(&full(), &link), Authenticity::Genuine);
    assert_eq!(key.check_as_if_at(&full(), &link, 8), Authenticity::Forged);
    let changed = AuditEntry { reason: None, ..full() };
    assert_eq!(key.check(&changed, &link), Authenticity::Forged);
    let relinked = ChainLink { previous: ChainMac::NONE, ..link };
    assert_eq!(key.check(&full(), &relinked), Authenticity::Forged);
}

#[test]
fn an_earlier_secret_verifies_when_it_is_given_and_is_named_when_not() {
    let old = key("A", &[]);
    let link = old.link(&full(), "sqlite", after());
    assert_eq!(key("B", &["A"]).check(&full(), &link), Authenticity::Genuine);
    assert_ne!(key("B", &["A"]).link(&full(), "sqlite", after()).mac, link.mac, "it never writes");
    assert_eq!(key("B", &[]).check(&full(), &link), Authenticity::UnknownKey);
    let claimed = ChainLink { key_id: key("B", &[]).id(), ..link };
    assert_eq!(key("B", &[]).check(&full(), &claimed), Authenticity::Forged);
}

#[test]
fn a_sealed_position_stands_for_itself_only() {
    let key = key("A", &[]);
    let head = key.seal(Seal::Head, "sqlite", after());
    assert_eq!(key.check_seal(Seal::Head, "sqlite", &head), Authenticity::Genuine);
    assert_eq!(key.check_seal(Seal::Anchor, "sqlite", &head), Authenticity::Forged);
    assert_eq!(key.check_seal(Seal::Head, "other", &head), Authenticity::Forged);
    let moved = SealedPosition { position: ChainPosition { seq: 5, ..after() }, ..head };
    assert_eq!(key.check_seal(Seal::Head, "sqlite", &moved), Authenticity::Forged);
}

#[test]
fn a_head_reads_back_and_nothing_else_is_one() {
    for chain in ["sqlite", "node:1"] {
        let head = ChainHead { chain: chain.to_owned(), position: after() };
        assert_eq!(head.to_string().parse(), Ok(head));
    }
    let mac = after().mac.to_string();
    for bad in [
        "",
        "sqlite",
        "sqlite:1",
        &format!(":1:{mac}"),
        &format!("a:-1:{mac}"),
        "a:1:00",
        &format!("a:1:é{mac}"),
    ] {
        assert_eq!(bad.parse::<ChainHead>(), Err(NotAHead), "{bad}");
    }
}

#[test]
fn the_key_is_not_shown() {
    let shown = format!("{:?}", key("A", &["B"]));
    assert_eq!(shown, format!("AuditChainKey({}, …)", key("A", &[]).id()));
}
