//! One chain, walked from its beginning to its end: what stands in line, what is missing, and what does not belong there.

use std::{collections::BTreeSet, ops::RangeInclusive};

use crate::{
    audit_chain::{
        AuditChainKey, Authenticity, ChainHead, ChainKeyId, ChainLink, ChainMac, ChainPosition, Seal,
    },
    audit_report::{ChainState, Finding, FindingKind},
    audit_verification::{StoredChain, StoredPositions},
};

/// What is wrong so far.
pub(crate) struct Findings {
    pub(crate) list: Vec<Finding>,
    pub(crate) max: usize,
    pub(crate) more: u64,
}

impl Findings {
    pub(crate) fn add(&mut self, chain: &str, seq: Option<u64>, kind: FindingKind) {
        if self.list.len() < self.max {
            self.list.push(Finding { chain: chain.to_owned(), seq, kind });
        } else {
            self.more += 1;
        }
    }
}

/// The most gaps, and the most failing rows, that are remembered until it is known what became of them.
const MAX_OPEN: usize = 10_000;

/// A head that was kept elsewhere.
pub(crate) struct Known {
    pub(crate) position: ChainPosition,
    /// Whether the row has that MAC; none until it is seen.
    pub(crate) found: Option<bool>,
}

/// One chain, as far as it was walked.
pub(crate) struct Walk {
    chain: String,
    stored: Option<StoredPositions>,
    /// Where it ends, if the record of that is genuine.
    head: Option<ChainPosition>,
    /// The number up to which retention has removed it.
    anchor: u64,
    /// The number that comes next; none while nothing says with which one it begins.
    expected: Option<u64>,
    /// The MAC that the next row has to follow; none after a row that cannot be trusted to tell.
    before: Option<ChainMac>,
    /// The farthest row that is not forged.
    last: Option<ChainPosition>,
    /// What a row's number in the log is above its number in the chain.
    offset: u64,
    /// Numbers whose rows are not where they belong.
    gaps: Vec<RangeInclusive<u64>>,
    /// Numbers whose rows stand elsewhere, with where.
    displaced: BTreeSet<(u64, u64)>,
    /// Rows that fail, with the number in the chain whose place they take.
    failing: Vec<(u64, u64)>,
    pub(crate) known: Vec<Known>,
}

impl Walk {
    pub(crate) fn begin(key: &AuditChainKey, stored: StoredChain, findings: &mut Findings) -> Self {
        let StoredChain { chain, positions } = stored;
        let mut walk = Self {
            chain,
            stored: positions,
            head: None,
            anchor: 0,
            expected: None,
            before: None,
            last: None,
            offset: 0,
            gaps: Vec::new(),
            displaced: BTreeSet::new(),
            failing: Vec::new(),
            known: Vec::new(),
        };
        let Some(StoredPositions { head, anchor }) = positions else {
            findings.add(&walk.chain, None, FindingKind::PositionsMissing);
            return walk;
        };
        match key.check_seal(Seal::Anchor, &walk.chain, &anchor) {
            Authenticity::Genuine => {
                walk.anchor = anchor.position.seq;
                walk.expected = Some(anchor.position.seq.saturating_add(1));
                walk.before = Some(anchor.position.mac);
            }
            Authenticity::Forged => findings.add(&walk.chain, None, FindingKind::AnchorForged),
            Authenticity::UnknownKey => {
                findings.add(&walk.chain, None, FindingKind::AnchorUnknownKey { key: anchor.key_id });
            }
        }
        match key.check_seal(Seal::Head, &walk.chain, &head) {
            Authenticity::Genuine => walk.head = Some(head.position),
            Authenticity::Forged => findings.add(&walk.chain, None, FindingKind::HeadForged),
            Authenticity::UnknownKey => {
                findings.add(&walk.chain, None, FindingKind::HeadUnknownKey { key: head.key_id });
            }
        }
        walk
    }

    pub(crate) fn state(&self) -> ChainState {
        ChainState {
            chain: self.chain.clone(),
            head: self.stored.map(|stored| stored.head.position),
            trimmed_to: self.anchor,
        }
    }

    /// The number in the log of this number in the chain, by the last row that told.
    pub(crate) fn seq_of(&self, chain_seq: u64) -> Option<u64> {
        chain_seq.checked_add(self.offset)
    }

    pub(crate) fn genuine(&mut self, seq: u64, link: &ChainLink, restarts: bool, findings: &mut Findings) {
        self.compare_with_known(link);
        // What retention let go, and clean-up has not come to yet.
        if link.seq <= self.anchor {
            return;
        }
        match self.expected {
            Some(expected) if link.seq < expected => {
                if !self.makes_room(link.seq, findings) {
                    findings.add(&self.chain, Some(seq), FindingKind::Unlinked);
                }
            }
            Some(expected) if link.seq > expected => self.open_gap(expected..=link.seq - 1),
            Some(_) | None => {
                if link.previous != ChainMac::NONE
                    && self.before.is_some_and(|before| before != link.previous)
                {
                    findings.add(&self.chain, Some(seq), FindingKind::Unlinked);
                }
            }
        }
        if restarts || (link.previous == ChainMac::NONE && link.seq > 1) {
            findings.add(&self.chain, Some(seq), FindingKind::Restarted);
        }
        self.step(link);
        self.offset = seq.saturating_sub(link.seq);
    }

    /// Goes on after a row that stands for its number.
    fn step(&mut self, link: &ChainLink) {
        self.expected = Some(link.seq.saturating_add(1));
        self.before = Some(link.mac);
        self.last = Some(link.position());
    }

    /// Whether rows that do not belong there only seemed to take this number's place: they were put in before it.
    fn makes_room(&mut self, number: u64, findings: &mut Findings) -> bool {
        let mut taken = false;
        for (_, row) in self.failing.extract_if(.., |(place, _)| *place >= number) {
            taken = true;
            recall(findings, &self.chain, row, &FindingKind::Changed, FindingKind::Added);
        }
        for gap in std::mem::take(&mut self.gaps) {
            taken |= gap.contains(&number);
            self.gaps.extend(without(gap, [number]));
        }
        taken
    }

    /// A row that is as it was written, at another place: whatever belongs here is elsewhere or gone.
    pub(crate) fn moved(&mut self, seq: u64, from: u64, link: &ChainLink, findings: &mut Findings) {
        self.compare_with_known(link);
        let place = seq.saturating_sub(self.offset);
        if let Some(expected) = self.expected.filter(|expected| *expected <= place) {
            self.open_gap(expected..=place);
        }
        self.expected = self.expected.max(Some(place.saturating_add(1)));
        self.before = None;
        if self.last.is_none_or(|last| last.seq < link.seq) {
            self.last = Some(link.position());
        }
        if self.displaced.len() < MAX_OPEN {
            self.displaced.insert((link.seq, seq));
        }
        findings.add(&self.chain, Some(seq), FindingKind::Moved { from });
    }

    pub(crate) fn forged(&mut self, seq: u64, findings: &mut Findings) {
        let place = seq.saturating_sub(self.offset);
        match self.expected {
            Some(expected) if place < expected => {
                findings.add(&self.chain, Some(seq), FindingKind::Added);
                return;
            }
            Some(expected) if place > expected => self.open_gap(expected..=place - 1),
            Some(_) | None => {}
        }
        self.expected = Some(place.saturating_add(1));
        self.before = None;
        findings.add(&self.chain, Some(seq), FindingKind::Changed);
        if self.failing.len() < MAX_OPEN {
            self.failing.push((place, seq));
        }
    }

    /// Nothing can be said of the row itself; whether it stands in line can.
    pub(crate) fn under_unknown_key(&mut self, seq: u64, link: &ChainLink, findings: &mut Findings) {
        self.compare_with_known(link);
        // Anybody can name a key that nobody has, and a number that retention let go: to be silent would let rows in.
        let let_go = link.seq <= self.anchor && self.last.is_none();
        match self.expected {
            Some(expected) if link.seq < expected && !let_go => return self.forged(seq, findings),
            Some(expected) if link.seq > expected => self.open_gap(expected..=link.seq - 1),
            Some(_) | None => {}
        }
        if !let_go {
            self.step(link);
            self.offset = seq.saturating_sub(link.seq);
        }
        if !extend(findings, &self.chain, seq, link.key_id) {
            let kind = FindingKind::UnknownKey { first: seq, last: seq, key: link.key_id };
            findings.add(&self.chain, Some(seq), kind);
        }
    }

    fn compare_with_known(&mut self, link: &ChainLink) {
        for known in self.known.iter_mut().filter(|known| known.position.seq == link.seq) {
            known.found = Some(known.found == Some(true) || known.position.mac == link.mac);
        }
    }

    fn open_gap(&mut self, gap: RangeInclusive<u64>) {
        let full = self.gaps.len() >= MAX_OPEN;
        match self.gaps.last_mut() {
            // Beyond measure: one gap that is too long tells more than none.
            Some(last) if full => *last = *last.start()..=*gap.end(),
            _ => self.gaps.push(gap),
        }
    }

    pub(crate) fn finish(mut self, findings: &mut Findings, past_retention: &mut Vec<ChainHead>) {
        if let Some(head) = self.head {
            self.compare_with_head(head, findings);
        }
        self.report_gaps(findings);
        for known in &self.known {
            let ChainPosition { seq, mac } = known.position;
            let at_anchor = self.stored.filter(|stored| stored.anchor.position.seq == self.anchor);
            let found = match known.found {
                Some(found) => Some(found),
                None if seq == self.anchor => at_anchor.map(|stored| stored.anchor.position.mac == mac),
                None => None,
            };
            match found {
                Some(true) => {}
                Some(false) => {
                    findings.add(&self.chain, self.seq_of(seq), FindingKind::KnownHeadDiffers { seq });
                }
                None if seq < self.anchor => {
                    past_retention.push(ChainHead { chain: self.chain.clone(), position: known.position });
                }
                None => findings.add(&self.chain, self.seq_of(seq), FindingKind::KnownHeadMissing { seq }),
            }
        }
    }

    fn compare_with_head(&mut self, head: ChainPosition, findings: &mut Findings) {
        for (_, row) in self.failing.iter().filter(|(place, _)| *place > head.seq) {
            recall(findings, &self.chain, *row, &FindingKind::Changed, FindingKind::Added);
        }
        if let Some(expected) = self.expected.filter(|expected| *expected <= head.seq) {
            self.open_gap(expected..=head.seq);
        }
        match self.last {
            Some(last) if last.seq > head.seq => {
                findings.add(&self.chain, None, FindingKind::HeadSetBack { to: head.seq });
            }
            Some(last) if last.seq == head.seq && last.mac != head.mac => {
                findings.add(&self.chain, None, FindingKind::HeadElsewhere);
            }
            Some(_) | None => {}
        }
    }

    /// What is missing in the end: rows that are not in their place, and nowhere else.
    fn report_gaps(&mut self, findings: &mut Findings) {
        let end = self.head.or(self.last).map_or(self.anchor, |position| position.seq);
        let mut missing: Vec<RangeInclusive<u64>> = Vec::new();
        for gap in std::mem::take(&mut self.gaps) {
            let gap = *gap.start()..=(*gap.end()).min(end);
            let of_gap = (*gap.start(), 0)..=(*gap.end(), u64::MAX);
            let elsewhere: Vec<u64> = if gap.is_empty() {
                Vec::new()
            } else {
                self.displaced.range(of_gap).map(|(number, _)| *number).collect()
            };
            for &number in &elsewhere {
                // One of its copies is the row itself.
                let first = self.displaced.range((number, 0)..).next().copied();
                first.map(|found| self.displaced.remove(&found));
            }
            for left in without(gap, elsewhere) {
                match missing.last_mut() {
                    Some(last) if last.end().checked_add(1) == Some(*left.start()) => {
                        *last = *last.start()..=*left.end();
                    }
                    _ => missing.push(left),
                }
            }
        }
        for (of, row) in &self.displaced {
            let from = self.seq_of(*of).unwrap_or(*of);
            recall(
                findings,
                &self.chain,
                *row,
                &FindingKind::Moved { from },
                FindingKind::Copied { of: *of },
            );
        }
        for gap in missing {
            let (first, last) = (*gap.start(), *gap.end());
            let cut_off = self.head.is_some_and(|head| head.seq == last);
            let kind = if cut_off {
                FindingKind::CutOff { first, last }
            } else {
                FindingKind::Missing { first, last }
            };
            findings.add(&self.chain, self.seq_of(first), kind);
        }
    }
}

/// What is left of a range without these numbers, which ascend.
fn without(
    range: RangeInclusive<u64>,
    numbers: impl IntoIterator<Item = u64>,
) -> impl Iterator<Item = RangeInclusive<u64>> {
    let (mut first, last) = range.into_inner();
    let mut left = Vec::new();
    for number in numbers {
        if (first..=last).contains(&number) {
            left.extend(number.checked_sub(1).map(|before| first..=before).filter(|part| !part.is_empty()));
            first = number.saturating_add(1);
        }
    }
    left.push(first..=last);
    left.into_iter().filter(|part| !part.is_empty())
}

/// Says better what is wrong with a row that was reported before.
fn recall(findings: &mut Findings, chain: &str, row: u64, said: &FindingKind, better: FindingKind) {
    let reported = findings.list.iter_mut().rev();
    let mut of_row = reported.filter(|finding| finding.seq == Some(row) && finding.chain == chain);
    if let Some(finding) = of_row.find(|finding| finding.kind == *said) {
        finding.kind = better;
    }
}

/// Adds a row to the run of rows under the same unknown key, if it goes on with one.
fn extend(findings: &mut Findings, chain: &str, seq: u64, key_id: ChainKeyId) -> bool {
    match findings.list.last_mut() {
        Some(Finding { chain: of, kind: FindingKind::UnknownKey { last, key, .. }, .. })
            if of == chain && *key == key_id && last.checked_add(1) == Some(seq) =>
        {
            *last = seq;
            true
        }
        _ => false,
    }
}
