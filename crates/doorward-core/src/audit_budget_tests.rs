use super::*;
use crate::{audit::Actor, client::Client};

const SECOND: Duration = Duration::from_secs(1);

fn refusal(address: u32, user: Option<u8>) -> AuditEvent {
    let client = Client {
        address: Some(IpAddr::from(address.to_be_bytes())),
        user_agent: UserAgent::new("curl"),
        request_id: Some("r".to_owned()),
    };
    let at = Timestamp::from_millis(i64::from(address));
    let event = AuditEvent::new(EventName::LoginRefused, at, Actor::Anonymous, &client).because("wrong");
    user.map(|user| UserId::from_bytes([user; 16])).into_iter().fold(event, AuditEvent::about_user)
}

/// How many of these are recorded one by one.
fn recorded(budget: &AuditBudget, events: impl Iterator<Item = AuditEvent>, monotonic: Duration) -> usize {
    events.filter_map(|event| budget.admit(event, monotonic)).count()
}

fn detail(event: &AuditEvent, name: &str) -> Option<u64> {
    event.details.iter().find(|(found, _)| found == name).map(|(_, value)| value.parse().unwrap())
}

fn told(budget: &AuditBudget) -> u64 {
    budget.take().iter().map(|summary| detail(&summary.event(), "count").unwrap()).sum()
}

#[test]
fn the_first_ten_of_a_kind_are_recorded_and_the_others_counted_in_one_event() {
    let budget = AuditBudget::default();
    let first = budget.admit(refusal(1, None), Duration::ZERO).unwrap();
    assert_eq!(first, refusal(1, None), "as it was");
    assert_eq!(recorded(&budget, (0..99).map(|_| refusal(1, None)), SECOND), 9);
    let [summary] = budget.take().try_into().unwrap();
    let event = summary.event();
    assert_eq!((event.name, event.reason.as_deref()), (EventName::LoginRefused, Some("wrong")));
    assert_eq!((event.address, detail(&event, "count")), (first.address, Some(90)));
    assert_eq!((&event.request_id, detail(&event, "addresses")), (&None, None));
    assert!(budget.take().is_empty(), "told once");
}

#[test]
fn another_reason_account_or_network_is_another_kind() {
    let budget = AuditBudget::default();
    let mut others =
        vec![refusal(2, None), refusal(1, Some(1)), refusal(1, Some(2)), refusal(1, None).because("x")];
    let mut setup = refusal(1, None);
    setup.name = EventName::SetupRefused;
    others.push(setup);
    assert_eq!(recorded(&budget, (0..20).map(|_| refusal(1, None)), SECOND), 10);
    for other in others {
        assert_eq!(recorded(&budget, std::iter::repeat_n(other, 20), SECOND), 10);
    }
    // Whoever has one address of a /64 has them all.
    let of_host = |host: u16| {
        let address = Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, host]));
        AuditEvent { address, ..refusal(1, None) }
    };
    assert_eq!(recorded(&budget, (0..50).map(of_host), SECOND), 10);
}

#[test]
fn each_minute_begins_anew() {
    let budget = AuditBudget::default();
    for minute in 0..5 {
        let began = BUDGET_WINDOW * minute;
        assert_eq!(recorded(&budget, (0..50).map(|_| refusal(1, None)), began), 10);
        let late = began + BUDGET_WINDOW - Duration::from_millis(1);
        assert_eq!(recorded(&budget, (0..50).map(|_| refusal(1, None)), late), 0);
        assert_eq!(told(&budget), 90);
    }
}

#[test]
fn beyond_the_burst_one_a_second_is_recorded_and_none_is_lost() {
    let budget = AuditBudget::default();
    assert_eq!(recorded(&budget, (0..15_000).map(|n| refusal(n, None)), Duration::ZERO), 10_000);
    assert_eq!(recorded(&budget, (20_000..21_000).map(|n| refusal(n, None)), 7 * SECOND), 7);
    assert_eq!(told(&budget), 5_000 + 993);
    // What nobody used is not saved up beyond the burst.
    let later = Duration::from_secs(1_000_000);
    assert_eq!(recorded(&budget, (0..15_000).map(|n| refusal(n, None)), later), 10_000);
}

/// Noise from everywhere must not hide what happens to an account.
#[test]
fn an_accounts_first_refusals_are_recorded_whatever_the_noise() {
    let budget = AuditBudget::default();
    assert!(recorded(&budget, (0..200_000).map(|n| refusal(n, None)), SECOND) > 0);
    for user in 0..=255 {
        assert_eq!(recorded(&budget, (0..50).map(|n| refusal(900_000 + n, Some(user))), SECOND), 10);
    }
    // Each reason has its own: ten guesses do not hide another kind of refusal.
    assert!(budget.admit(refusal(5, Some(1)).because("other"), SECOND).is_some());
    let summaries = budget.take();
    for user in 0..=255 {
        let of_user =
            |summary: &&RefusalSummary| summary.sample.user_id == Some(UserId::from_bytes([user; 16]));
        let counted: u64 = summaries.iter().filter(of_user).map(|summary| summary.count).sum();
        assert_eq!(counted, 40, "{user}");
    }
}

#[test]
fn memory_and_rows_are_bounded_whoever_asks_and_the_count_is_right() {
    let budget = AuditBudget::default();
    let asked = 300_000;
    let recorded = recorded(&budget, (0..asked).map(|n| refusal(n, None)), SECOND);
    {
        let state = budget.state();
        assert!(state.recorded.len() <= MAX_KINDS && state.counted.len() <= MAX_KINDS + 1);
    }
    let summaries = budget.take();
    assert!(summaries.len() <= MAX_SUMMARIES + 1, "{}", summaries.len());
    let counted: u64 = summaries.iter().map(|summary| summary.count).sum();
    assert_eq!(counted + u64::try_from(recorded).unwrap(), u64::from(asked));
    let everywhere = summaries.iter().map(RefusalSummary::event).find(|event| event.address.is_none());
    assert!(detail(&everywhere.unwrap(), "addresses").unwrap() > 1000);
}

#[test]
fn what_could_not_be_recorded_is_told_later() {
    let budget = AuditBudget::default();
    assert!(recorded(&budget, (0..30).map(|_| refusal(1, None)), SECOND) > 0);
    budget.give_back(budget.take());
    assert_eq!(recorded(&budget, (0..5).map(|_| refusal(1, None)), SECOND), 0);
    assert_eq!(told(&budget), 25);
}

/// Rows cost durable writes: turning somebody away must not, from however many addresses they come.
#[test]
fn of_who_was_turned_away_a_hundred_are_recorded_for_each_reason_wherever_they_come_from() {
    let budget = AuditBudget::default();
    let turned_away = |reason: &str, monotonic| {
        let events = (0..1_000).map(|address| refusal(address, None).because(reason));
        events.filter_map(|event| budget.admit_whoever(event, monotonic)).count()
    };
    assert_eq!(turned_away("account_locked", Duration::ZERO), 100);
    assert_eq!(turned_away("rate_limited", Duration::ZERO), 100);
    assert_eq!(told(&budget), 1_800);
    assert_eq!(turned_away("account_locked", BUDGET_WINDOW), 100);
}
