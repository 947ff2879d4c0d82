//! `totp`: the standards' codes, every bound of the window, and that nothing counts twice.

use std::time::Duration;

use doorward_core::{
    second_factor::totp::{MAX_DRIFT, PERIOD_SECONDS, Step, TotpSecret, TotpState, TotpVerdict, examine},
    time::Timestamp,
};
use doorward_testkit::SeededEntropy;
use proptest::prelude::*;
use serde_json::Value as Json;
use url::Url;

/// The step of most tests, far from the first one.
const NOW: Step = Step(60_000_000);

fn secret() -> TotpSecret {
    // That of the standards' test vectors.
    TotpSecret::from_bytes(*b"12345678901234567890")
}

/// The first instant of a step.
fn start_of(step: Step) -> Timestamp {
    Timestamp::from_seconds(i64::try_from(step.0 * PERIOD_SECONDS).unwrap())
}

fn later(step: Step, steps: i64) -> Step {
    Step(step.0.checked_add_signed(steps).unwrap())
}

fn with_drift(drift: i8) -> TotpState {
    TotpState { last_step: None, drift }
}

/// Examines the code of the step that is so many ahead of [`NOW`].
fn examine_ahead(ahead: i64, state: TotpState) -> TotpVerdict {
    examine(&secret(), secret().code(later(NOW, ahead)).reveal(), start_of(NOW), state)
}

fn right(ahead: i64, drift: i8) -> TotpVerdict {
    TotpVerdict::Right { step: later(NOW, ahead), drift }
}

fn vectors() -> Json {
    serde_json::from_str(include_str!("../vectors/otp/rfc4226_rfc6238.json")).unwrap()
}

#[test]
fn codes_are_those_of_rfc_4226_appendix_d() {
    let vectors = &vectors()["rfc4226_appendix_d"];
    assert_eq!(secret().to_base32().reveal(), vectors["secret_base32"].as_str().unwrap());
    let codes = vectors["codes_by_counter"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    for (step, code) in (0..).map(Step).zip(codes) {
        assert_eq!(secret().code(step).reveal(), code.as_str().unwrap(), "{step:?}");
    }
}

#[test]
fn codes_are_those_of_rfc_6238_appendix_b_cut_to_six_digits() {
    let vectors = vectors();
    let sha1 = vectors["rfc6238_appendix_b"].as_array().unwrap().iter().filter(|v| v["algorithm"] == "SHA1");
    let mut checked = 0;
    for vector in sha1 {
        let step = Step::at(Timestamp::from_seconds(vector["time"].as_i64().unwrap()));
        let eight_digits = vector["code"].as_str().unwrap();
        assert_eq!(secret().code(step).reveal(), &eight_digits[2..], "{vector}");
        assert_eq!(vector["code6"].as_str().unwrap(), &eight_digits[2..]);
        checked += 1;
    }
    assert_eq!(checked, 6);
}

#[test]
fn a_step_lasts_thirty_seconds_and_none_is_negative() {
    for (millis, step) in [
        (i64::MIN, 0),
        (-1, 0),
        (0, 0),
        (29_999, 0),
        (30_000, 1),
        (59_999, 1),
        (60_000, 2),
        (i64::MAX, 307_445_734_561_825),
    ] {
        assert_eq!(Step::at(Timestamp::from_millis(millis)), Step(step), "{millis}");
    }
}

#[test]
fn a_code_counts_within_one_step_of_now() {
    for (ahead, verdict) in [
        (-2, TotpVerdict::Wrong),
        (-1, right(-1, -1)),
        (0, right(0, 0)),
        (1, right(1, 1)),
        (2, TotpVerdict::Wrong),
    ] {
        assert_eq!(examine_ahead(ahead, TotpState::default()), verdict, "{ahead}");
    }
}

#[test]
fn a_code_counts_until_the_last_millisecond_of_the_next_step() {
    let code = secret().code(NOW);
    let end = start_of(later(NOW, 2));
    let at = |now| examine(&secret(), code.reveal(), now, TotpState::default());
    assert_eq!(at(end.minus(Duration::from_millis(1))), right(0, -1));
    assert_eq!(at(end), TotpVerdict::Wrong);
    let start = start_of(later(NOW, -1));
    assert_eq!(at(start), right(0, 1));
    assert_eq!(at(start.minus(Duration::from_millis(1))), TotpVerdict::Wrong);
}

#[test]
fn a_code_also_counts_within_one_step_of_where_the_clock_was_last_seen() {
    for (drift, counting) in [
        (0, &[-1, 0, 1][..]),
        (1, &[-1, 0, 1, 2]),
        (-1, &[-2, -1, 0, 1]),
        (2, &[-1, 0, 1, 2, 3]),
        // From here on there is a gap.
        (4, &[-1, 0, 1, 3, 4, 5]),
        (-4, &[-5, -4, -3, -1, 0, 1]),
        (10, &[-1, 0, 1, 9, 10, 11]),
        (-10, &[-11, -10, -9, -1, 0, 1]),
        // Further than we follow: whatever the store says.
        (11, &[-1, 0, 1, 9, 10, 11]),
        (i8::MAX, &[-1, 0, 1, 9, 10, 11]),
        (i8::MIN, &[-11, -10, -9, -1, 0, 1]),
    ] {
        for ahead in -140..=140 {
            let expected = if counting.contains(&ahead) {
                right(ahead, i8::try_from(ahead.clamp(-10, 10)).unwrap())
            } else {
                TotpVerdict::Wrong
            };
            assert_eq!(examine_ahead(ahead, with_drift(drift)), expected, "drift {drift}, ahead {ahead}");
        }
    }
}

#[test]
fn neither_the_last_accepted_step_nor_an_earlier_one_counts_again() {
    for (last, ahead, verdict) in [
        (-2, -1, right(-1, -1)),
        (-1, -1, TotpVerdict::Used),
        (-1, 0, right(0, 0)),
        (0, -1, TotpVerdict::Used),
        (0, 0, TotpVerdict::Used),
        (0, 1, right(1, 1)),
        (1, -1, TotpVerdict::Used),
        (1, 0, TotpVerdict::Used),
        (1, 1, TotpVerdict::Used),
        // Our clock was set back since: nothing counts until it has caught up.
        (1_000, 1, TotpVerdict::Used),
        // Outside of the window it is not even looked at.
        (0, -2, TotpVerdict::Wrong),
        (2, 2, TotpVerdict::Wrong),
    ] {
        let state = TotpState { last_step: Some(later(NOW, last)), drift: 0 };
        assert_eq!(examine_ahead(ahead, state), verdict, "{ahead} after {last}");
    }
}

/// Else an observer of the digits could use them once more, right after their owner.
#[test]
fn of_two_steps_with_the_same_code_the_later_one_counts() {
    for (earlier, between, latest) in
        [(59_061_240, 59_061_240, 59_061_241), (58_261_606, 58_261_607, 58_261_608)]
    {
        let code = secret().code(Step(earlier));
        assert_eq!(code.reveal(), secret().code(Step(latest)).reveal(), "found by search");
        let at = |state| examine(&secret(), code.reveal(), start_of(Step(between)), state);
        let TotpVerdict::Right { step, drift } = at(TotpState::default()) else { panic!("{earlier}") };
        assert_eq!(step, Step(latest));
        assert_eq!(at(TotpState { last_step: Some(step), drift }), TotpVerdict::Used);
    }
}

#[test]
fn at_the_beginning_of_time_there_are_no_earlier_steps() {
    for drift in [-MAX_DRIFT, 0, MAX_DRIFT] {
        let at = |code: Step, now| {
            let now = Timestamp::from_seconds(now);
            examine(&secret(), secret().code(code).reveal(), now, with_drift(drift))
        };
        assert_eq!(at(Step(0), 0), TotpVerdict::Right { step: Step(0), drift: 0 });
        assert_eq!(at(Step(1), i64::MIN), TotpVerdict::Right { step: Step(1), drift: 1 });
        assert_eq!(at(Step(u64::MAX), 0), TotpVerdict::Wrong);
    }
}

#[test]
fn blanks_do_not_matter_and_anything_else_does() {
    let now = start_of(Step(1));
    let verdict = |typed: &str| examine(&secret(), typed, now, TotpState::default());
    let right = TotpVerdict::Right { step: Step(1), drift: 0 };
    for typed in
        ["287082", " 287082\n", "287 082", "28 70 82", "2 8 7 0 8 2", "287\u{a0}082", "287\u{202f}082\t"]
    {
        assert_eq!(verdict(typed), right, "{typed:?}");
    }
    for typed in [
        "",
        " ",
        "28708",
        "2870820",
        "0287082",
        "94287082",
        "287-082",
        "+287082",
        "287082.",
        "28708x",
        "287083",
        "\u{662}\u{668}\u{667}\u{660}\u{668}\u{662}",
        "２８７０８２",
        "287082\u{0}",
        "287082 287082",
    ] {
        assert_eq!(verdict(typed), TotpVerdict::Wrong, "{typed:?}");
    }
}

#[test]
fn a_code_of_another_secret_is_wrong() {
    let entropy = SeededEntropy::new(1);
    let (mine, other) = (TotpSecret::generate(&entropy).unwrap(), TotpSecret::generate(&entropy).unwrap());
    let verdict =
        |code: &TotpSecret| examine(&mine, code.code(NOW).reveal(), start_of(NOW), TotpState::default());
    assert_eq!(verdict(&mine), right(0, 0));
    assert_eq!(verdict(&other), TotpVerdict::Wrong);
}

#[test]
fn a_secret_is_random_throughout_and_reads_back() {
    let entropy = SeededEntropy::new(2);
    let (one, two) = (TotpSecret::generate(&entropy).unwrap(), TotpSecret::generate(&entropy).unwrap());
    // With this seed no byte is the same in both.
    assert!(one.as_bytes().iter().zip(two.as_bytes()).all(|(one, two)| one != two));
    assert_eq!(TotpSecret::from_bytes(*one.as_bytes()).to_base32().reveal(), one.to_base32().reveal());
    entropy.fail(true);
    assert!(TotpSecret::generate(&entropy).is_err());
}

#[test]
fn debug_shows_neither_secret_nor_code() {
    let secret = secret();
    assert_eq!(format!("{secret:?}"), "TotpSecret(…)");
    for shown in [secret.to_base32(), secret.otpauth_uri("Doorward", "alice"), secret.code(NOW)] {
        assert!(!format!("{shown:?}").contains(shown.reveal()));
    }
}

#[test]
fn the_otpauth_uri_says_everything_there_is_to_know() {
    assert_eq!(
        secret().otpauth_uri("Doorward", "alice").reveal(),
        "otpauth://totp/Doorward:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Doorward&algorithm=SHA1\
         &digits=6&period=30"
    );
}

#[test]
fn names_in_the_otpauth_uri_may_contain_anything() {
    for (issuer, account, label, parameter) in [
        // A blank is never `+`: some apps would show it as such.
        ("My Home", "a b+c", "My%20Home:a%20b%2Bc", "My%20Home"),
        ("a.b-c_d~e", "x@example.com", "a.b-c_d~e:x%40example.com", "a.b-c_d~e"),
        ("Doorward", "corp:alice", "Doorward:corp%3Aalice", "Doorward"),
        ("localhost:8080", "alice", "localhost%208080:alice", "localhost%208080"),
        ("A&B", "x?secret=AAAA&y=/#z", "A%26B:x%3Fsecret%3DAAAA%26y%3D%2F%23z", "A%26B"),
        ("Tür", "日本", "T%C3%BCr:%E6%97%A5%E6%9C%AC", "T%C3%BCr"),
        ("100%", "%41", "100%25:%2541", "100%25"),
    ] {
        let uri = secret().otpauth_uri(issuer, account);
        let expected = format!(
            "otpauth://totp/{label}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer={parameter}&algorithm=SHA1\
             &digits=6&period=30"
        );
        assert_eq!(uri.reveal(), expected);
    }
}

/// A clock that gains or loses a step between logins.
#[test]
fn a_clock_that_goes_wrong_slowly_is_followed_up_to_the_bound() {
    for direction in [-1, 1] {
        let mut state = TotpState::default();
        for wrong_by in 1..=14 {
            // Far enough apart that no step comes again, whichever way the clock goes.
            let now = later(NOW, wrong_by * 10);
            let code = secret().code(later(now, wrong_by * direction));
            let verdict = examine(&secret(), code.reveal(), start_of(now), state);
            if wrong_by > 11 {
                assert_eq!(verdict, TotpVerdict::Wrong, "{wrong_by}");
                continue;
            }
            let TotpVerdict::Right { step, drift } = verdict else { panic!("{wrong_by} steps wrong") };
            state = TotpState { last_step: Some(step), drift };
        }
    }
}

/// Any drift, also one that no honest store holds.
fn any_state() -> impl Strategy<Value = TotpState> {
    let last_step = prop::option::of((NOW.0 - 15..NOW.0 + 15).prop_map(Step));
    (last_step, any::<i8>()).prop_map(|(last_step, drift)| TotpState { last_step, drift })
}

proptest! {
    #[test]
    fn an_accepted_step_is_new_and_within_the_window_and_its_drift_is_bounded(
        state in any_state(), ahead in -15_i64..=15, late_millis in 0_u64..30_000,
    ) {
        let now = start_of(NOW).plus(Duration::from_millis(late_millis));
        let verdict = examine(&secret(), secret().code(later(NOW, ahead)).reveal(), now, state);
        let followed = i64::from(state.drift.clamp(-MAX_DRIFT, MAX_DRIFT));
        let in_window = ahead.abs() <= 1 || (ahead - followed).abs() <= 1;
        let is_new = state.last_step.is_none_or(|last| last < later(NOW, ahead));
        match verdict {
            TotpVerdict::Right { step, drift } => {
                prop_assert!(in_window && is_new);
                prop_assert_eq!(step, later(NOW, ahead));
                prop_assert!((-MAX_DRIFT..=MAX_DRIFT).contains(&drift));
                prop_assert!((i64::from(drift) - ahead).abs() <= 1);
            }
            TotpVerdict::Used => prop_assert!(in_window && !is_new),
            TotpVerdict::Wrong => prop_assert!(!in_window),
        }
    }

    /// An app whose clock wanders off, used in steps of our time, each code typed twice.
    #[test]
    fn over_any_course_of_logins_no_step_is_accepted_twice(
        course in prop::collection::vec((0_u64..4, -12_i64..=12), 1..60),
    ) {
        let (mut now, mut state, mut accepted) = (NOW, TotpState::default(), Vec::new());
        for (passed, ahead) in course {
            now = Step(now.0 + passed);
            let code = secret().code(later(now, ahead));
            for _ in 0..2 {
                let verdict = examine(&secret(), code.reveal(), start_of(now), state);
                if let TotpVerdict::Right { step, drift } = verdict {
                    prop_assert!(accepted.iter().all(|earlier| *earlier < step));
                    prop_assert!(drift.abs() <= MAX_DRIFT);
                    accepted.push(step);
                    state = TotpState { last_step: Some(step), drift };
                }
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic_and_only_six_digits_are_right(typed in any::<String>()) {
        let verdict = examine(&secret(), &typed, start_of(NOW), TotpState::default());
        let bare: String = typed.split_whitespace().collect();
        prop_assert!(verdict == TotpVerdict::Wrong || bare.len() == 6);
    }

    #[test]
    fn the_otpauth_uri_reads_back_whatever_the_names_are(issuer in "[^:]{1,20}", account in any::<String>()) {
        let uri = secret().otpauth_uri(&issuer, &account);
        let read = Url::parse(uri.reveal()).unwrap();
        prop_assert_eq!((read.scheme(), read.host_str()), ("otpauth", Some("totp")));
        let label = read.path().strip_prefix('/').unwrap();
        let label = percent_encoding::percent_decode_str(label).decode_utf8().unwrap();
        prop_assert_eq!(label.split_once(':'), Some((issuer.as_str(), account.as_str())));
        let parameters: Vec<_> = read.query_pairs().collect();
        let expected = [
            ("secret", secret().to_base32().reveal().to_owned()),
            ("issuer", issuer),
            ("algorithm", "SHA1".to_owned()),
            ("digits", "6".to_owned()),
            ("period", "30".to_owned()),
        ];
        prop_assert_eq!(parameters.len(), expected.len());
        for ((name, value), (expected_name, expected_value)) in parameters.iter().zip(&expected) {
            prop_assert_eq!((&**name, &**value), (*expected_name, expected_value.as_str()));
        }
    }
}
