//! What may happen, and under which rules.

use std::{num::NonZeroU32, time::Duration};

use doorward_core::guard::{GuardPolicy, Lockout, Throttle};
use proptest::prelude::*;

/// Something that happens. Numbers choose among what there is, modulo how many there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    LogIn {
        who: usize,
        right: bool,
        device: Option<usize>,
        address: usize,
    },
    ChangePassword {
        who: usize,
        right: bool,
        address: usize,
    },
    SetPassword {
        who: usize,
    },
    Unlock {
        who: usize,
    },
    ForgetDevices {
        who: usize,
    },
    /// By the use case, or so many rows straight from the store.
    CleanUp {
        limit: Option<u32>,
    },
    Restart,
    Wait {
        millis: u64,
    },
    /// As long as the last refusal said, and a little less or more.
    WaitAsTold {
        shift: i64,
    },
    /// The wall clock is set to so long before the highest time recorded: not more than is borne.
    SetBack {
        millis: u64,
    },
    /// It is set back further than that for a while, and everything is tried.
    FarBehind {
        millis: u64,
    },
}

pub(super) fn policy(
    (threshold, window, duration): (u32, u64, u64),
    account: &[u64],
    (free_failures, address): (u32, &[u64]),
) -> GuardPolicy {
    let millis = |delays: &[u64]| delays.iter().copied().map(Duration::from_millis).collect();
    GuardPolicy {
        lockout: Lockout {
            threshold: NonZeroU32::new(threshold).unwrap(),
            window: Duration::from_millis(window),
            duration: Duration::from_millis(duration),
        },
        account: Throttle { free_failures: 0, delays: millis(account) },
        address: Throttle { free_failures, delays: millis(address) },
    }
}

pub(super) fn policies() -> impl Strategy<Value = GuardPolicy> {
    let quarters = |most: u64| (1..most).prop_map(|quarters| quarters * 250);
    // Delays up to longer than the window; none at all, and zeros among them.
    let delays = |most: u64| prop::collection::vec((0..most).prop_map(|quarters| quarters * 250), 0..4);
    let random = (1..6u32, quarters(60), quarters(120), delays(8), 0..6u32, delays(20)).prop_map(
        |(threshold, window, duration, account, free_failures, address)| {
            policy((threshold, window, duration), &account, (free_failures, &address))
        },
    );
    // Free of delays, locks are reached; with an address that lets nearly everything through, accounts are.
    let locks = (1..5u32, quarters(40), quarters(400))
        .prop_map(|(threshold, window, duration)| policy((threshold, window, duration), &[], (50, &[250])));
    prop_oneof![3 => random, 2 => locks, 1 => Just(GuardPolicy::default())]
}

pub(super) fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    let who = || prop_oneof![4 => Just(0usize), 2 => Just(1), 1 => Just(2), 1 => Just(3)];
    let shift = prop_oneof![2 => Just(-1i64), 3 => Just(0), 1 => Just(1)];
    let wait = prop_oneof![
        4 => (0..12u64).prop_map(|quarters| quarters * 250),
        2 => (0..200u64).prop_map(|quarters| quarters * 250),
        1 => 0..1_000_000u64,
    ];
    let step = prop_oneof![
        16 => (who(), prop::bool::weighted(0.2), prop::option::weighted(0.3, 0..4usize), 0..5usize)
            .prop_map(|(who, right, device, address)| Step::LogIn { who, right, device, address }),
        3 => (who(), prop::bool::weighted(0.2), 0..5usize)
            .prop_map(|(who, right, address)| Step::ChangePassword { who, right, address }),
        1 => who().prop_map(|who| Step::SetPassword { who }),
        1 => who().prop_map(|who| Step::Unlock { who }),
        1 => who().prop_map(|who| Step::ForgetDevices { who }),
        3 => prop::option::of(0..4u32).prop_map(|limit| Step::CleanUp { limit }),
        1 => Just(Step::Restart),
        5 => wait.prop_map(|millis| Step::Wait { millis }),
        6 => shift.prop_map(|shift| Step::WaitAsTold { shift }),
        2 => (0..=20u64).prop_map(|quarters| Step::SetBack { millis: quarters * 250 }),
        1 => (0..100_000u64).prop_map(|millis| Step::FarBehind { millis }),
    ];
    prop::collection::vec(step, length)
}
