//! Every way to tamper with a log of a few rows, at every row: each is found, and nothing beside it.

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    audit_chain::{AuditChainKey, ChainHead, ChainKeyId, ChainMac, ChainPosition, ChainedEntry, Seal},
    audit_report::{AuditReport, FindingKind},
    audit_verification::{AuditVerification, AuditVerifier, StoredChain, StoredPositions},
    client::Client,
    master::{MasterSecret, ServerKeys},
    time::Timestamp,
};

const ROWS: u64 = 8;

fn key(letter: &str, previous: &[&str]) -> AuditChainKey {
    let master = |letter: &str| MasterSecret::parse(&format!("{}A", letter.repeat(42))).unwrap();
    let previous: Vec<_> = previous.iter().map(|letter| master(letter)).collect();
    ServerKeys::derive(&master(letter), &previous).unwrap().audit_chain_key()
}

#[derive(Clone)]
struct Log {
    rows: Vec<ChainedEntry>,
    positions: Option<StoredPositions>,
    key: AuditChainKey,
}

impl Log {
    fn new() -> Self {
        let key = key("A", &[]);
        let anchor = key.seal(Seal::Anchor, "c", ChainPosition::START);
        let positions = StoredPositions { head: key.seal(Seal::Head, "c", ChainPosition::START), anchor };
        let mut log = Self { rows: Vec::new(), positions: Some(positions), key };
        for _ in 0..ROWS {
            log.append();
        }
        log
    }

    /// Writes one more row, as a store does.
    fn append(&mut self) {
        let seq = self.rows.last().map_or(1, |row| row.entry.seq + 1);
        let end = self.positions.unwrap().head.position;
        let at = Timestamp::from_millis(i64::try_from(seq).unwrap());
        let entry = AuditEvent::new(EventName::LoginRefused, at, Actor::Anonymous, &Client::default())
            .into_entry(seq);
        let link = self.key.link(&entry, "c", end);
        self.positions.as_mut().unwrap().head = self.key.seal(Seal::Head, "c", link.position());
        self.rows.push(ChainedEntry { entry, link });
    }

    fn row(&mut self, seq: u64) -> &mut ChainedEntry {
        self.rows.iter_mut().find(|row| row.entry.seq == seq).unwrap()
    }

    fn remove(&mut self, first: u64, last: u64) {
        self.rows.retain(|row| !(first..=last).contains(&row.entry.seq));
    }

    fn verify(&self, how: AuditVerification) -> AuditReport {
        let stored = StoredChain { chain: "c".to_owned(), positions: self.positions };
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| row.entry.seq);
        let mut verifier = AuditVerifier::new(&self.key, vec![stored], how);
        rows.iter().for_each(|row| verifier.row(row));
        verifier.finish()
    }

    fn findings(&self) -> Vec<(Option<u64>, FindingKind)> {
        let report = self.verify(AuditVerification::default());
        report.findings.into_iter().map(|finding| (finding.seq, finding.kind)).collect()
    }
}

#[test]
fn a_log_as_it_was_written_is_intact() {
    assert_eq!(Log::new().findings(), []);
}

#[test]
fn a_row_that_was_changed_is_the_only_one_found() {
    for seq in 1..=ROWS {
        let changes: [fn(&mut ChainedEntry); 5] = [
            |row| row.entry.actor = "system".to_owned(),
            |row| row.link.mac = ChainMac::from_bytes([1; 32]),
            |row| row.link.previous = ChainMac::NONE,
            |row| row.link.seq = 1000,
            |row| (row.entry.reason, row.link.mac) = (Some("x".to_owned()), ChainMac::NONE),
        ];
        for change in changes {
            let mut log = Log::new();
            change(log.row(seq));
            let found = log.findings();
            // The first row has no row before it, so nothing was changed there.
            let unchanged = log.rows == Log::new().rows;
            let expected = vec![(Some(seq), FindingKind::Changed)];
            assert_eq!(found, if unchanged { Vec::new() } else { expected }, "{seq}");
        }
    }
}

#[test]
fn rows_that_were_removed_are_named_and_no_other_row() {
    for first in 1..=ROWS {
        for last in first..=ROWS {
            let mut log = Log::new();
            log.remove(first, last);
            let kind = if last == ROWS {
                FindingKind::CutOff { first, last }
            } else {
                FindingKind::Missing { first, last }
            };
            assert_eq!(log.findings(), [(Some(first), kind)]);
        }
    }
}

#[test]
fn two_rows_that_were_swapped_are_both_named() {
    for one in 1..=ROWS {
        for other in one + 1..=ROWS {
            let mut log = Log::new();
            log.row(one).entry.seq = 1000;
            log.row(other).entry.seq = one;
            log.row(1000).entry.seq = other;
            let expected = [
                (Some(one), FindingKind::Moved { from: other }),
                (Some(other), FindingKind::Moved { from: one }),
            ];
            assert_eq!(log.findings(), expected);
        }
    }
}

#[test]
fn a_copy_of_a_row_is_found_wherever_it_was_put() {
    for seq in 1..=ROWS {
        let mut log = Log::new();
        let mut copy = log.row(seq).clone();
        copy.entry.seq = ROWS + 1;
        log.rows.push(copy);
        assert_eq!(log.findings(), [(Some(ROWS + 1), FindingKind::Copied { of: seq })]);
    }
}

#[test]
fn a_row_that_was_made_up_is_found_also_after_more_was_written() {
    let mut log = Log::new();
    let mut made_up = log.row(ROWS).clone();
    (made_up.entry.seq, made_up.link.seq) = (ROWS + 1, ROWS + 1);
    log.rows.push(made_up);
    assert_eq!(log.findings(), [(Some(ROWS + 1), FindingKind::Added)]);
    log.append();
    log.append();
    assert_eq!(log.findings(), [(Some(ROWS + 1), FindingKind::Added)]);
    log.row(ROWS + 2).entry.actor = "system".to_owned();
    assert_eq!(log.findings().len(), 2);
}

#[test]
fn a_row_of_another_chain_that_nobody_keeps_was_added() {
    let mut log = Log::new();
    let mut foreign = log.row(3).clone();
    (foreign.entry.seq, foreign.link.chain) = (50, "other".to_owned());
    log.rows.push(foreign);
    assert_eq!(log.findings(), [(Some(50), FindingKind::Added)]);
}

#[test]
fn rows_of_another_copy_of_the_log_do_not_follow() {
    // Both were written by the same server, after a backup was put back.
    let (mut log, mut other) = (Log::new(), Log::new());
    for event in [&mut log, &mut other] {
        event.append();
    }
    other.rows.pop();
    other.positions = Log::new().positions;
    other.row(ROWS).entry.actor = "never mind".to_owned();
    let mut branch = Log::new();
    branch.remove(ROWS, ROWS);
    branch.positions.as_mut().unwrap().head =
        branch.key.seal(Seal::Head, "c", branch.rows.last().unwrap().link.position());
    branch.append();
    branch.row(ROWS).entry.at = Timestamp::from_millis(99);
    let entry = branch.row(ROWS).entry.clone();
    let before = branch.row(ROWS - 1).link.position();
    branch.row(ROWS).link = branch.key.link(&entry, "c", before);
    *log.row(ROWS) = branch.row(ROWS).clone();
    assert_eq!(log.findings(), [(Some(ROWS + 1), FindingKind::Unlinked)]);
    // At the end only the head tells.
    log.rows.pop();
    log.positions = Log::new().positions;
    assert_eq!(log.findings(), [(None, FindingKind::HeadElsewhere)]);
}

#[test]
fn a_record_of_the_end_that_was_changed_put_back_or_removed_is_found() {
    let mut log = Log::new();
    let old = log.positions;
    log.append();
    let now = log.positions.unwrap();
    log.positions = old;
    assert_eq!(log.findings(), [(None, FindingKind::HeadSetBack { to: ROWS })]);
    log.positions = Some(now);
    log.positions.as_mut().unwrap().head.position.seq = 3;
    assert_eq!(log.findings(), [(None, FindingKind::HeadForged)]);
    log.positions = None;
    assert_eq!(log.findings(), [(None, FindingKind::PositionsMissing)]);
    // An anchor in place of a head, both genuine.
    log.positions = Some(StoredPositions { head: now.anchor, ..now });
    assert_eq!(log.findings(), [(None, FindingKind::HeadForged)]);
}

#[test]
fn what_retention_removed_is_not_missed_and_what_somebody_else_did_is() {
    let mut log = Log::new();
    let third = log.row(3).link.position();
    log.positions.as_mut().unwrap().anchor = log.key.seal(Seal::Anchor, "c", third);
    assert_eq!(log.findings(), [], "clean-up has not come to it yet");
    log.remove(1, 3);
    assert_eq!(log.findings(), []);
    log.remove(4, 4);
    assert_eq!(log.findings(), [(Some(4), FindingKind::Missing { first: 4, last: 4 })]);
    let fourth = ChainPosition { seq: 4, ..third };
    log.positions.as_mut().unwrap().anchor.position = fourth;
    assert_eq!(log.findings(), [(None, FindingKind::AnchorForged)]);
}

#[test]
fn rows_under_a_secret_that_is_not_at_hand_are_one_finding_and_stand_in_line() {
    let mut log = Log::new();
    log.key = key("B", &["A"]);
    log.append();
    assert_eq!(log.findings(), []);
    let a = key("A", &[]).id();
    log.key = key("B", &[]);
    let unknown = (Some(1), FindingKind::UnknownKey { first: 1, last: ROWS, key: a });
    let anchor = (None, FindingKind::AnchorUnknownKey { key: a });
    assert_eq!(log.findings(), [unknown.clone(), anchor.clone()]);
    log.remove(3, 4);
    let halves = [(1, 2), (5, ROWS)]
        .map(|(first, last)| (Some(first), FindingKind::UnknownKey { first, last, key: a }));
    let missing = (Some(3), FindingKind::Missing { first: 3, last: 4 });
    assert_eq!(log.findings(), [halves[0].clone(), missing, halves[1].clone(), anchor]);
}

#[test]
fn a_chain_that_was_begun_anew_shows_it_for_ever() {
    let mut log = Log::new();
    let mut row = log.rows.pop().unwrap();
    row.link = log.key.restart(&row.entry, "c", ROWS);
    log.positions.as_mut().unwrap().head = log.key.seal(Seal::Head, "c", row.link.position());
    log.rows.push(row);
    log.append();
    assert_eq!(log.findings(), [(Some(ROWS), FindingKind::Restarted)]);
}

#[test]
fn no_more_findings_than_asked_for_and_the_others_counted() {
    let mut log = Log::new();
    for seq in 1..=ROWS {
        log.row(seq).entry.actor = "system".to_owned();
    }
    let report = log.verify(AuditVerification { max_findings: 3, ..AuditVerification::default() });
    assert_eq!((report.findings.len(), report.more_findings, report.is_intact()), (3, ROWS - 3, false));
    let none = log.verify(AuditVerification { max_findings: 0, ..AuditVerification::default() });
    assert!(!none.is_intact());
}

#[test]
fn a_head_that_was_kept_is_compared_with_the_row_of_its_number() {
    let log = Log::new();
    let known = |seq: u64, mac| {
        let known_heads = vec![ChainHead { chain: "c".to_owned(), position: ChainPosition { seq, mac } }];
        let report = log.verify(AuditVerification { known_heads, ..AuditVerification::default() });
        report.findings.into_iter().map(|finding| finding.kind).collect::<Vec<_>>()
    };
    for row in &log.rows {
        assert_eq!(known(row.link.seq, row.link.mac), []);
    }
    assert_eq!(known(0, ChainMac::NONE), []);
    assert_eq!(known(3, ChainMac::NONE), [FindingKind::KnownHeadDiffers { seq: 3 }]);
    assert_eq!(known(ROWS + 1, ChainMac::NONE), [FindingKind::KnownHeadMissing { seq: ROWS + 1 }]);
    let elsewhere = vec![ChainHead { chain: "other".to_owned(), position: ChainPosition::START }];
    let report = log.verify(AuditVerification { known_heads: elsewhere, ..AuditVerification::default() });
    assert!(!report.is_intact());
}

#[test]
fn a_log_that_was_emptied_with_its_record_and_begun_anew_is_no_new_log() {
    let mut log = Log::new();
    log.rows.clear();
    let at = Timestamp::from_millis(1);
    let entry =
        AuditEvent::new(EventName::AuditChainRestarted, at, Actor::System, &Client::default()).into_entry(1);
    // What the store writes: row 1, after nothing, and a record that begins with it.
    let link = log.key.restart(&entry, "c", 1);
    log.positions = Some(StoredPositions {
        head: log.key.seal(Seal::Head, "c", link.position()),
        anchor: log.key.seal(Seal::Anchor, "c", ChainPosition::START),
    });
    log.rows.push(ChainedEntry { entry, link });
    log.append();
    assert_eq!(log.findings(), [(Some(1), FindingKind::Restarted)]);
}

#[test]
fn a_row_under_a_key_of_nobody_does_not_hide_behind_what_retention_let_go() {
    for (seq, number) in [(1, 1), (3, 1), (ROWS + 1, 1), (ROWS + 1, 3)] {
        let mut log = Log::new();
        let third = log.row(3).link.position();
        log.positions.as_mut().unwrap().anchor = log.key.seal(Seal::Anchor, "c", third);
        log.remove(1, 3);
        let mut made_up = log.row(5).clone();
        made_up.entry.seq = seq;
        (made_up.link.seq, made_up.link.key_id) = (number, ChainKeyId(1));
        log.rows.push(made_up);
        let kind = if seq > ROWS {
            FindingKind::Added
        } else {
            FindingKind::UnknownKey { first: seq, last: seq, key: ChainKeyId(1) }
        };
        assert_eq!(log.findings(), [(Some(seq), kind)], "{seq} as {number}");
    }
}
