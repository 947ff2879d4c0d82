//! The console's front page.

use doorward::pages::{
    moment::Moment,
    plot::Sample,
    views::admin::{NodeStaleness, OverviewPage, Range, Section, SignIns, Totals},
};

use super::{Gallery, HOUR_MS, NOW_MS};

impl Gallery<'_> {
    pub(super) fn overview(&mut self) {
        for range in Range::ALL {
            self.show(&format!("admin-overview-{}", range.name()), true, &self.busy(range));
        }
        let nothing =
            Totals { users: 1, live_sessions: 1, locked_accounts: 0, as_of: Moment::new(NOW_MS, NOW_MS) };
        let fresh = OverviewPage {
            totals: nothing,
            sign_ins: vec![SignIns::default(); 24],
            live_sessions: Vec::new(),
            locked_accounts: Vec::new(),
            users: Vec::new(),
            refusals: Vec::new(),
            ..self.busy(Range::Day)
        };
        self.show("admin-overview-fresh", true, &fresh);
        let most = u64::MAX;
        let hostile = OverviewPage {
            refusals: vec![(self.words.token.to_owned(), 7), (String::new(), most)],
            nodes: vec![NodeStaleness { name: Some(self.words.host.to_owned()), age_ms: 64 }],
            totals: Totals { users: most, live_sessions: most, locked_accounts: most, ..nothing },
            sign_ins: vec![SignIns { succeeded: most, refused: most }; 24],
            ..self.busy(Range::Day)
        };
        self.show("admin-overview-hostile", true, &hostile);
    }

    /// A company's day: quiet at night, and somebody guesses in the afternoon.
    fn busy(&self, range: Range) -> OverviewPage {
        let slots = (range.until_ms(NOW_MS) - range.from_ms(NOW_MS)) / range.slot_ms();
        let wave = |slot: i64| ((slot % 12) * (12 - slot % 12)).unsigned_abs();
        let sign_ins = (0..slots).map(|slot| SignIns {
            succeeded: wave(slot) * 4,
            refused: if slot % 13 == 9 { 420 } else { wave(slot) / 5 },
        });
        let from = range.from_ms(NOW_MS);
        let samples = |base: u64, times: u64| -> Vec<Sample> {
            let step = range.slot_ms() / 4;
            let ats =
                (0..slots * 4).map(|quarter| from + quarter * step).take_while(|at_ms| *at_ms <= NOW_MS);
            let measured = ats.filter(|at_ms| (at_ms - from) / (3 * HOUR_MS) != 1);
            measured
                .map(|at_ms| Sample { at_ms, value: base + times * wave(at_ms / range.slot_ms()) })
                .collect()
        };
        let refusals = [
            ("invalid_credentials", 2_318),
            ("rate_limited", 1_204),
            ("account_locked", 612),
            ("session_expired", 511),
            ("mfa_code_invalid", 87),
            ("csrf_failed", 14),
            ("cross_site_refused", 9),
            ("forbidden", 4),
            ("refresh_token_reused", 2),
            ("", 1),
        ];
        OverviewPage {
            frame: self.administrator(),
            section: Section::Overview,
            range,
            now_ms: NOW_MS,
            totals: Totals {
                users: 1_284,
                live_sessions: 3_517,
                locked_accounts: 2,
                as_of: Moment::new(NOW_MS - 20_000, NOW_MS),
            },
            sign_ins: sign_ins.collect(),
            live_sessions: samples(2_900, 20),
            locked_accounts: samples(0, 0),
            users: samples(1_281, 0),
            refusals: refusals.map(|(code, count)| (code.to_owned(), count)).to_vec(),
            nodes: vec![NodeStaleness { name: None, age_ms: 64 }],
            staleness_bound_ms: 1_000,
        }
    }
}
