//! Pictures of the console's front page, each with its numbers as text.

use super::overview::{OverviewPage, Range};
use crate::pages::{
    Language,
    moment::Moment,
    phrases::Phrase,
    plot::{Bar, Bars, Caption, Columns, Line, Picture, Sample, Tick, TimeAxis},
};

/// As many reasons are shown by themselves.
const REASONS_SHOWN: usize = 8;

/// A picture and its numbers.
pub(super) struct Figure {
    /// Tells it from the others in the page.
    pub(super) id: &'static str,
    pub(super) heading: Phrase,
    /// A sentence above it.
    pub(super) lead: Option<Phrase>,
    /// The number that counts most.
    pub(super) now: Option<String>,
    /// What its series are, where there are two.
    pub(super) legend: Option<[Phrase; 2]>,
    /// None where there is nothing to draw, and what is said instead.
    pub(super) picture: Result<Picture, Phrase>,
    pub(super) columns: Vec<Phrase>,
    pub(super) rows: Vec<Row>,
}

/// A row of the table below a picture.
pub(super) struct Row {
    pub(super) head: Head,
    /// As programs call it.
    pub(super) code: Option<String>,
    pub(super) cells: Vec<String>,
}

/// What a row is about.
pub(super) enum Head {
    /// An hour, which differs from zone to zone.
    Hour(Moment),
    /// Anything else.
    Words(String),
}

impl Figure {
    pub(super) fn sign_ins(page: &OverviewPage) -> Self {
        let t = page.frame.t;
        let succeeded: Vec<u64> = page.sign_ins.iter().map(|slot| slot.succeeded).collect();
        let refused: Vec<u64> = page.sign_ins.iter().map(|slot| slot.refused).collect();
        let told = [t.signins_succeeded_count(sum(&succeeded)), t.signins_refused_count(sum(&refused))];
        let caption = Caption {
            id: "sign-ins",
            title: t.signins_heading().to_string(),
            description: told.map(|sentence| sentence.to_string()).join(" "),
        };
        let columns = Columns { caption: &caption, axis: &axis(page), series: [&succeeded, &refused] };
        let cells = page.sign_ins.iter().map(|slot| vec![t.number(slot.succeeded), t.number(slot.refused)]);
        Self {
            id: "sign-ins",
            heading: t.signins_heading(),
            lead: None,
            now: None,
            legend: Some([t.signins_succeeded(), t.signins_refused()]),
            picture: Ok(columns.draw(|number| t.number(number))),
            columns: vec![slot_head(t, page.range), t.signins_succeeded(), t.signins_refused()],
            rows: slots(page).zip(cells).map(|(head, cells)| Row { head, code: None, cells }).collect(),
        }
    }

    pub(super) fn live_sessions(page: &OverviewPage) -> Self {
        let t = page.frame.t;
        let now = page.totals.live_sessions;
        Self::measured(
            page,
            "live-sessions",
            t.sessions_heading(),
            now,
            t.sessions_now(now),
            &page.live_sessions,
        )
    }

    pub(super) fn locked_accounts(page: &OverviewPage) -> Self {
        let t = page.frame.t;
        let now = page.totals.locked_accounts;
        Self::measured(
            page,
            "locked-accounts",
            t.locked_heading(),
            now,
            t.locked_now(now),
            &page.locked_accounts,
        )
    }

    pub(super) fn users(page: &OverviewPage) -> Self {
        let t = page.frame.t;
        let now = page.totals.users;
        Self::measured(page, "users", t.users_heading(), now, t.users_now(now), &page.users)
    }

    /// Something that is measured now and then: a line, and the greatest number of each slot as text.
    fn measured(
        page: &OverviewPage,
        id: &'static str,
        heading: Phrase,
        now: u64,
        told: Phrase,
        samples: &[Sample],
    ) -> Self {
        let t = page.frame.t;
        let caption = Caption { id, title: heading.to_string(), description: told.to_string() };
        let (caption, gap_ms) = (&caption, page.range.gap_ms());
        let line = Line { caption, axis: &axis(page), samples, gap_ms };
        let mut highest: Vec<Option<u64>> = vec![None; page.range.slots()];
        for sample in samples {
            let slot = page.range.slot_of(sample.at_ms, page.now_ms).and_then(|slot| highest.get_mut(slot));
            if let Some(slot) = slot {
                *slot = Some(slot.unwrap_or_default().max(sample.value));
            }
        }
        // Where nothing was measured there is no row.
        let row = |(head, highest): (Head, Option<u64>)| {
            highest.map(|highest| Row { head, code: None, cells: vec![t.number(highest)] })
        };
        Self {
            id,
            heading,
            lead: None,
            now: Some(t.number(now)),
            legend: None,
            picture: if samples.is_empty() {
                Err(t.overview_nothing_yet())
            } else {
                Ok(line.draw(|number| t.number(number)))
            },
            columns: vec![slot_head(t, page.range), t.overview_highest()],
            rows: slots(page).zip(highest).filter_map(row).collect(),
        }
    }

    pub(super) fn refusals(page: &OverviewPage) -> Self {
        let t = page.frame.t;
        let words = |code: &str| match t.reason(code) {
            Some(words) => words.to_string(),
            None if code.is_empty() => t.refusals_unexplained().to_string(),
            None => code.to_owned(),
        };
        let bar = |(code, count): &(String, u64)| Bar { name: words(code), value: *count };
        let mut bars: Vec<_> = page.refusals.iter().take(REASONS_SHOWN).map(bar).collect();
        let others = page.refusals.iter().skip(REASONS_SHOWN).map(|(_, count)| *count).collect::<Vec<_>>();
        if !others.is_empty() {
            bars.push(Bar { name: t.refusals_others().to_string(), value: sum(&others) });
        }
        let all: Vec<u64> = page.refusals.iter().map(|(_, count)| *count).collect();
        let caption = Caption {
            id: "refusals",
            title: t.refusals_heading().to_string(),
            description: t.refusals_told(sum(&all)).to_string(),
        };
        let row = |(code, count): &(String, u64)| Row {
            head: Head::Words(words(code)),
            code: Some(code.clone()),
            cells: vec![t.number(*count)],
        };
        Self {
            id: "refusals",
            heading: t.refusals_heading(),
            lead: None,
            now: None,
            legend: None,
            picture: if bars.is_empty() {
                Err(t.refusals_none())
            } else {
                Ok(Bars { caption: &caption, bars: &bars, bound: None }.draw(|number| t.number(number)))
            },
            columns: vec![t.refusals_reason(), t.refusals_code(), t.refusals_count()],
            rows: page.refusals.iter().map(row).collect(),
        }
    }

    pub(super) fn staleness(page: &OverviewPage) -> Self {
        let t = page.frame.t;
        let milliseconds = |number| t.milliseconds(t.number(number)).to_string();
        let name =
            |name: &Option<String>| name.clone().unwrap_or_else(|| t.staleness_this_node().to_string());
        let bars: Vec<_> =
            page.nodes.iter().map(|node| Bar { name: name(&node.name), value: node.age_ms }).collect();
        let oldest = page.nodes.iter().map(|node| node.age_ms).max().unwrap_or_default();
        let bound = milliseconds(page.staleness_bound_ms);
        let caption = Caption {
            id: "staleness",
            title: t.staleness_heading().to_string(),
            description: t.staleness_told(milliseconds(oldest), &bound).to_string(),
        };
        let picture = Bars { caption: &caption, bars: &bars, bound: Some(page.staleness_bound_ms) };
        let row = |bar: &Bar| Row {
            head: Head::Words(bar.name.clone()),
            code: None,
            cells: vec![milliseconds(bar.value)],
        };
        Self {
            id: "staleness",
            heading: t.staleness_heading(),
            lead: Some(t.staleness_lead(bound)),
            now: None,
            legend: None,
            picture: Ok(picture.draw(milliseconds)),
            columns: vec![t.staleness_node(), t.staleness_age()],
            rows: bars.iter().map(row).collect(),
        }
    }
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

/// What the rows of a table over time are headed by.
fn slot_head(t: Language, range: Range) -> Phrase {
    match range {
        Range::Day => t.overview_hour(),
        Range::Month => t.overview_date(),
    }
}

/// When the range's slots begin.
fn beginnings(page: &OverviewPage) -> impl Iterator<Item = i64> {
    let (range, from) = (page.range, page.range.from_ms(page.now_ms));
    (0_i64..).take(range.slots()).map(move |slot| from.saturating_add(slot.saturating_mul(range.slot_ms())))
}

/// What the rows of a table over time are about.
fn slots(page: &OverviewPage) -> impl Iterator<Item = Head> {
    let (t, range, now) = (page.frame.t, page.range, page.now_ms);
    beginnings(page).map(move |begin| match range {
        Range::Day => Head::Hour(Moment::new(begin, now)),
        Range::Month => Head::Words(t.day(&Moment::new(begin, now))),
    })
}

/// The range as the axis of a picture: each sixth hour, or each tenth day.
fn axis(page: &OverviewPage) -> TimeAxis {
    let (t, range) = (page.frame.t, page.range);
    let ticks = beginnings(page).filter(|begin| {
        let slot = begin.div_euclid(range.slot_ms());
        match range {
            Range::Day => slot % 6 == 0,
            Range::Month => slot % 10 == 0,
        }
    });
    let tick = |at_ms| {
        let moment = Moment::new(at_ms, page.now_ms);
        match range {
            Range::Day => Tick { at_ms, text: moment.clock(), datetime: Some(moment.datetime()) },
            Range::Month => Tick { at_ms, text: t.day(&moment), datetime: None },
        }
    };
    TimeAxis {
        from_ms: range.from_ms(page.now_ms),
        until_ms: range.until_ms(page.now_ms),
        ticks: ticks.map(tick).collect(),
    }
}
