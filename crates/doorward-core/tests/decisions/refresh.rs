//! `refresh::decide`: each rule at its bounds, then every combination of all inputs.

use std::{net::IpAddr, time::Duration};

use doorward_core::{
    client::UserAgent,
    ids::DeviceId,
    refresh::{Decision, LOCKSTEP_GENERATIONS, MAX_REPEATS, Presenter, Replay, decide},
    session::{Generation, Session, SessionOfUser},
    time::Timestamp,
};
use doorward_testkit::builders::{ABSOLUTE_TTL, START, Scene};
use proptest::prelude::*;

const GRACE: Duration = Duration::from_secs(60);
const MILLISECOND: Duration = Duration::from_millis(1);
const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);
const AT: Timestamp = START;

/// A presentation of a refresh token: of the predecessor, a second after it was spent, by whoever spent it.
#[derive(Clone, Debug)]
struct Case {
    of: SessionOfUser,
    presented: u64,
    user_agent: UserAgent,
    device: Option<DeviceId>,
    address: Option<IpAddr>,
    now: Timestamp,
}

const REPEAT: Decision = Decision::RepeatSuccessor { elsewhere: false };
const REPEAT_ELSEWHERE: Decision = Decision::RepeatSuccessor { elsewhere: true };

const fn replay(replay: Replay) -> Decision {
    Decision::RevokeFamily(replay)
}

impl Case {
    fn new() -> Self {
        let scene = Scene::new(1);
        let user = scene.user().user;
        let mut session = Session { device: Some(DEVICE), ..scene.session(&user) };
        session.refresh.generation = Generation(5);
        session.refresh.spent_at = Some(AT);
        Self {
            presented: 4,
            user_agent: session.user_agent.clone(),
            device: session.device,
            address: session.address,
            now: AT.plus(Duration::from_secs(1)),
            of: SessionOfUser { session, user },
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut case = Self::new();
        change(&mut case);
        case
    }

    fn decision(&self) -> Decision {
        let presenter =
            Presenter { user_agent: &self.user_agent, device: self.device, address: self.address };
        decide(&self.of, Generation(self.presented), presenter, self.now, GRACE)
    }
}

#[test]
fn the_current_token_advances_whoever_presents_it() {
    let case = Case::with(|case| {
        case.presented = 5;
        case.user_agent = UserAgent::new("another");
        case.device = None;
        case.address = None;
        case.now = AT.plus(GRACE * 10);
    });
    assert_eq!(case.decision(), Decision::Advance);
}

#[test]
fn the_predecessor_gives_its_successor_until_the_grace_ends_and_not_at_its_end() {
    for (since_spent, expected) in [
        (Duration::ZERO, REPEAT),
        (GRACE - MILLISECOND, REPEAT),
        (GRACE, replay(Replay::AfterGrace)),
        (GRACE + MILLISECOND, replay(Replay::AfterGrace)),
    ] {
        let case = Case::with(|case| case.now = AT.plus(since_spent));
        assert_eq!(case.decision(), expected, "{since_spent:?}");
    }
}

#[test]
fn a_clock_set_back_counts_as_no_time_at_all() {
    let case = Case::with(|case| case.now = AT.minus(Duration::from_secs(3)));
    assert_eq!(case.decision(), REPEAT);
}

#[test]
fn a_session_that_spent_nothing_has_no_predecessor_to_repeat() {
    let case = Case::with(|case| case.of.session.refresh.spent_at = None);
    assert_eq!(case.decision(), replay(Replay::AfterGrace));
}

#[test]
fn the_grace_of_a_configuration_without_one_is_over_at_once() {
    let case = Case::with(|case| case.now = AT);
    let presenter = Presenter { user_agent: &case.user_agent, device: case.device, address: case.address };
    let decision = decide(&case.of, Generation(4), presenter, AT, Duration::ZERO);
    assert_eq!(decision, replay(Replay::AfterGrace));
}

#[test]
fn anything_older_than_the_predecessor_is_a_replay_and_anything_newer_was_never_issued() {
    for (presented, expected) in [
        (0, replay(Replay::Old)),
        (3, replay(Replay::Old)),
        (4, REPEAT),
        (5, Decision::Advance),
        (6, Decision::NeverIssued),
        (u64::MAX, Decision::NeverIssued),
    ] {
        assert_eq!(Case::with(|case| case.presented = presented).decision(), expected, "{presented}");
    }
}

#[test]
fn another_user_agent_or_device_repeats_nothing() {
    let other_agent = Case::with(|case| case.user_agent = UserAgent::new("another"));
    let other_device = Case::with(|case| case.device = Some(DeviceId::from_bytes([2; 16])));
    let no_device = Case::with(|case| case.device = None);
    let new_device = Case::with(|case| case.of.session.device = None);
    for case in [other_agent, other_device, no_device, new_device] {
        assert_eq!(case.decision(), replay(Replay::OtherClient));
    }
    let bearer = Case::with(|case| {
        case.of.session.device = None;
        case.device = None;
    });
    assert_eq!(bearer.decision(), REPEAT);
}

#[test]
fn a_generation_is_repeated_sixty_four_times_and_not_sixty_five() {
    assert_eq!(MAX_REPEATS, 64);
    for (repeats, expected) in
        [(0, REPEAT), (63, REPEAT), (64, replay(Replay::TooOften)), (u32::MAX, replay(Replay::TooOften))]
    {
        let case = Case::with(|case| case.of.session.refresh.repeats = repeats);
        assert_eq!(case.decision(), expected, "{repeats}");
    }
}

#[test]
fn the_third_generation_running_that_is_repeated_elsewhere_is_theft_in_lockstep() {
    assert_eq!(LOCKSTEP_GENERATIONS, 3);
    let elsewhere: IpAddr = [203, 0, 113, 9].into();
    for (streak, address, expected) in [
        (0, Some(elsewhere), REPEAT_ELSEWHERE),
        (1, Some(elsewhere), REPEAT_ELSEWHERE),
        (2, Some(elsewhere), replay(Replay::Lockstep)),
        (3, Some(elsewhere), replay(Replay::Lockstep)),
        (2, None, replay(Replay::Lockstep)),
        (1, None, REPEAT_ELSEWHERE),
        // From where it was spent it is a second tab, whatever happened before.
        (2, Case::new().address, REPEAT),
    ] {
        let case = Case::with(|case| {
            case.of.session.refresh.elsewhere_streak = streak;
            case.address = address;
        });
        assert_eq!(case.decision(), expected, "{streak} {address:?}");
    }
}

#[test]
fn a_session_ends_at_the_earlier_of_its_ends_exactly() {
    let idle_end = Case::new().of.session.idle_expires_at;
    let absolute_end = AT.plus(ABSOLUTE_TTL);
    for (idle, absolute, now, expected) in [
        (idle_end, absolute_end, idle_end.minus(MILLISECOND), Decision::Advance),
        (idle_end, absolute_end, idle_end, Decision::Expired),
        (idle_end, absolute_end, idle_end.plus(MILLISECOND), Decision::Expired),
        (absolute_end, absolute_end, absolute_end.minus(MILLISECOND), Decision::Advance),
        (absolute_end.plus(MILLISECOND), absolute_end, absolute_end, Decision::Expired),
    ] {
        let case = Case::with(|case| {
            case.presented = 5;
            case.of.session.idle_expires_at = idle;
            case.of.session.expires_at = absolute;
            case.now = now;
        });
        assert_eq!(case.decision(), expected, "{now:?}");
    }
}

#[test]
fn a_due_password_change_holds_everything_but_a_replay() {
    for (presented, expected) in [
        (5, Decision::PasswordChangeDue),
        (4, Decision::PasswordChangeDue),
        (3, replay(Replay::Old)),
        (6, Decision::NeverIssued),
    ] {
        let case = Case::with(|case| {
            case.of.user.must_change_password = true;
            case.presented = presented;
        });
        assert_eq!(case.decision(), expected, "{presented}");
    }
}

#[test]
fn a_dead_session_is_dead_for_every_token_and_revoked_before_expired() {
    for presented in [3, 4, 5, 6] {
        let expired = Case::with(|case| {
            case.presented = presented;
            case.of.user.must_change_password = true;
            case.now = AT.plus(ABSOLUTE_TTL);
        });
        assert_eq!(expired.decision(), Decision::Expired);
        let mut revoked = expired;
        revoked.of.session.revoked_at = Some(AT);
        assert_eq!(revoked.decision(), Decision::Revoked);
    }
}

/// Every combination of every input; each decision is given when, and only when, its own words say so.
#[test]
fn every_combination_is_decided_as_the_contract_says() {
    for number in 0..5 * 5 * 4 * 4 * 2 * 3 * 3 * 2 * 2 * 2 {
        check_against_the_contract(&combination(number));
    }
}

/// The inputs that the digits of `number` choose, each digit in its own base.
fn combination(number: usize) -> Case {
    let mut rest = number;
    let mut digit = |base| {
        let digit = rest % base;
        rest /= base;
        digit
    };
    let mut case = Case::new();
    case.now = AT.plus(Duration::from_secs(100));
    case.presented = [0, 3, 4, 5, 6][digit(5)];
    let refresh = &mut case.of.session.refresh;
    let since_spent = [None, Some(0), Some(59_999), Some(60_000), Some(60_001)][digit(5)];
    refresh.spent_at = since_spent.map(|age| case.now.minus(Duration::from_millis(age)));
    refresh.repeats = [0, 63, 64, 65][digit(4)];
    refresh.elsewhere_streak = [0, 1, 2, 3][digit(4)];
    if digit(2) == 1 {
        case.user_agent = UserAgent::new("another");
    }
    case.device = [Some(DEVICE), None, Some(DeviceId::from_bytes([2; 16]))][digit(3)];
    case.address = [case.address, None, Some([203, 0, 113, 9].into())][digit(3)];
    case.of.session.revoked_at = [None, Some(AT)][digit(2)];
    if digit(2) == 1 {
        case.of.session.idle_expires_at = case.now;
    }
    case.of.user.must_change_password = digit(2) == 1;
    case
}

fn check_against_the_contract(case: &Case) {
    let session = &case.of.session;
    let decision = case.decision();
    let says = |holds: bool, expected: bool, what: &str| assert_eq!(holds, expected, "{what}: {case:?}");
    let revoked = session.revoked_at.is_some();
    let live = !revoked && case.now < session.idle_expires_at;
    let due = case.of.user.must_change_password;
    let age = session.refresh.spent_at.map(|at| case.now.as_millis() - at.as_millis());
    let same_client = case.user_agent == session.user_agent && case.device == session.device;
    let elsewhere = case.address != session.address;
    let third = elsewhere && session.refresh.elsewhere_streak >= 2;
    let repeatable = case.presented == 4
        && age.is_some_and(|age| age < 60_000)
        && same_client
        && session.refresh.repeats < 64
        && !third;
    says(decision == Decision::Revoked, revoked, "revoked");
    says(decision == Decision::Expired, !revoked && !live, "expired");
    says(decision == Decision::NeverIssued, live && case.presented == 6, "never issued");
    says(decision == Decision::Advance, live && !due && case.presented == 5, "advance");
    says(
        decision == Decision::RepeatSuccessor { elsewhere },
        live && !due && repeatable,
        "repeat, and from where",
    );
    says(
        decision == Decision::RepeatSuccessor { elsewhere: !elsewhere },
        false,
        "repeat, from where it was not",
    );
    says(
        decision == Decision::PasswordChangeDue,
        live && due && (repeatable || case.presented == 5),
        "password change due",
    );
    says(matches!(decision, Decision::RevokeFamily(_)), live && case.presented < 5 && !repeatable, "replay");
}

prop_compose! {
    fn any_case()(
        (generation, presented) in (0u64..70, 0u64..72),
        (spent, now) in (prop::option::of(-70_000i64..70_000), -70_000i64..200_000),
        (repeats, streak) in (0u32..70, 0u32..5),
        (same_agent, same_device, same_address) in any::<(bool, bool, bool)>(),
        due in any::<bool>(),
    ) -> Case {
        Case::with(|case| {
            let refresh = &mut case.of.session.refresh;
            refresh.generation = Generation(generation);
            refresh.spent_at = spent.map(|spent| Timestamp::from_millis(AT.as_millis() + spent));
            refresh.repeats = repeats;
            refresh.elsewhere_streak = streak;
            case.presented = presented;
            case.now = Timestamp::from_millis(AT.as_millis() + now);
            case.of.user.must_change_password = due;
            if !same_agent { case.user_agent = UserAgent::default(); }
            if !same_device { case.device = None; }
            if !same_address { case.address = None; }
        })
    }
}

/// Whether a decision hands out tokens.
fn hands_out(decision: Decision) -> bool {
    matches!(decision, Decision::Advance | Decision::RepeatSuccessor { .. })
}

proptest! {
    #[test]
    fn waiting_makes_no_refused_token_good(case in any_case(), later in 0u64..5_000_000_000) {
        let mut waited = case.clone();
        waited.now = case.now.plus(Duration::from_millis(later));
        prop_assert!(hands_out(case.decision()) || !hands_out(waited.decision()));
    }

    #[test]
    fn what_happens_to_the_family_makes_no_refused_token_good(
        case in any_case(),
        (repeats, streak) in (0u32..70, 0u32..5),
    ) {
        let mut worse = case.clone();
        worse.of.session.refresh.repeats += repeats;
        worse.of.session.refresh.elsewhere_streak += streak;
        prop_assert!(hands_out(case.decision()) || !hands_out(worse.decision()));
    }

    #[test]
    fn nothing_but_the_current_token_and_its_predecessor_is_ever_good(case in any_case()) {
        let generation = case.of.session.refresh.generation.0;
        if hands_out(case.decision()) {
            prop_assert!(case.presented == generation || case.presented + 1 == generation);
        }
    }
}
