//! A device may stand in for the second factor: for a while, for one user, and not beyond what casts doubt on it.

use doorward_core::{
    audit::EventName,
    ids::DeviceId,
    second_factor::{FactorChange, MAX_TRUSTED_DEVICES, SecondProof},
    session::Session,
    store::{ChangePassword, NewUser, Opened, SessionProof, StoreError},
    time::Timestamp,
};

use super::{
    Bench,
    bench::{after, around},
    factor_bench::CONFIRMED_AT,
    refused,
};
use crate::builders::{START, write};

const UNTIL: u64 = 1_000_000;

impl Bench {
    /// Opens a session by the password, on a device that is said to be trusted.
    async fn open_on(&self, user: &NewUser, device: DeviceId, now: Timestamp) -> Result<Opened, StoreError> {
        let verified = SessionProof::password(user.password.clone().unwrap());
        let proof = SessionProof { second: SecondProof::TrustedDevice(device), ..verified };
        self.open_as(self.scene.session_at(&user.user, now), now, proof).await
    }

    async fn trusts(&self, user: &NewUser, device: DeviceId) -> bool {
        self.store.is_trusted(user.user.id, device, START).await.unwrap()
    }
}

/// On that very device, for that very user, until its end.
pub async fn a_trusted_device_stands_in_for_the_factor_until_its_end(bench: Bench) {
    let ((user, _), (other, _)) = (bench.with_app().await, bench.with_app().await);
    let device = bench.trusted_device(&user, CONFIRMED_AT + 1, after(UNTIL)).await;
    let unknown = DeviceId::from_bytes(bench.scene.bytes());
    for (now, alive) in around(after(UNTIL)).into_iter().zip([true, false, false]) {
        for (who, device, trusted) in
            [(&user, device, alive), (&user, unknown, false), (&other, device, false)]
        {
            assert_eq!(bench.store.is_trusted(who.user.id, device, now).await.unwrap(), trusted);
            let opened = bench.open_on(who, device, now).await;
            if trusted {
                assert_eq!(opened.unwrap().opened.session.authentication.aal, 1);
            } else {
                refused!(opened, StoreError::Stale);
            }
        }
    }
    // Who has no factor needs no device.
    let plain = bench.user().await;
    bench.open_on(&plain, unknown, START).await.unwrap();
}

/// The device of the session that opens, and only if that was wished; the last wish counts.
pub async fn a_device_is_trusted_by_the_session_that_opens_on_it(bench: Bench) {
    let (user, _) = bench.with_app().await;
    let device = DeviceId::from_bytes(bench.scene.bytes());
    let on_device = || Session { device: Some(device), ..bench.scene.strong_session(&user.user) };
    let by = async |step, trust_until| SessionProof {
        trust_until,
        ..bench.by_code(&user, CONFIRMED_AT + step).await
    };
    bench.open_as(on_device(), START, by(1, None).await).await.unwrap();
    assert!(!bench.trusts(&user, device).await);
    bench.open_as(bench.scene.strong_session(&user.user), START, by(2, Some(after(9))).await).await.unwrap();
    assert!(!bench.trusts(&user, device).await);
    for (step, until) in [(3, 9), (4, 20), (5, 4)] {
        bench.open_as(on_device(), START, by(step, Some(after(until))).await).await.unwrap();
        for (now, trusted) in around(after(until)).into_iter().zip([true, false, false]) {
            assert_eq!(bench.store.is_trusted(user.user.id, device, now).await.unwrap(), trusted);
        }
    }
}

/// Whoever logs in again and again, each time on a new device, is asked again on another one. The new one stays, though
/// it may end before all others; nobody else's gives way.
pub async fn of_too_many_trusted_devices_the_one_that_ends_first_gives_way(bench: Bench) {
    let ((user, _), (stranger, _)) = (bench.with_app().await, bench.with_app().await);
    let strangers = bench.trusted_device(&stranger, CONFIRMED_AT + 1, after(1)).await;
    let most = u64::from(MAX_TRUSTED_DEVICES);
    // In another order than they come.
    let ending = |number: u64| (number * 7 + 10) % most;
    let mut devices = Vec::new();
    for number in 1..=most {
        devices.push(bench.trusted_device(&user, CONFIRMED_AT + number, after(1000 + ending(number))).await);
    }
    let ends_first = usize::try_from((1..=most).min_by_key(|number| ending(*number)).unwrap() - 1).unwrap();
    for device in &devices {
        assert!(bench.trusts(&user, *device).await);
    }
    let new = bench.trusted_device(&user, CONFIRMED_AT + most + 1, after(2)).await;
    for (number, device) in devices.iter().enumerate() {
        assert_eq!(bench.trusts(&user, *device).await, number != ends_first);
    }
    assert!(bench.trusts(&user, new).await && bench.trusts(&stranger, strangers).await);
    // Once more for one of them: that is none more.
    let session = Session { device: Some(new), ..bench.scene.strong_session(&user.user) };
    let again =
        SessionProof { trust_until: Some(after(3)), ..bench.by_code(&user, CONFIRMED_AT + most + 2).await };
    bench.open_as(session, START, again).await.unwrap();
    for (number, device) in devices.iter().enumerate() {
        assert_eq!(bench.trusts(&user, *device).await, number != ends_first);
    }
}

/// A change of the factors, the password, the devices: whoever sat there may have been somebody else. A device keeps its
/// id when it becomes known again, and would be trusted without having asked.
pub async fn what_casts_doubt_on_a_device_ends_the_trust_in_it(bench: Bench) {
    let (stranger, _) = bench.with_app().await;
    let strangers = bench.trusted_device(&stranger, CONFIRMED_AT + 1, after(UNTIL)).await;
    let store = &bench.store;
    for how in 0..4 {
        let (user, _) = bench.with_app().await;
        let id = user.user.id;
        let mut devices = Vec::new();
        for step in 1..3 {
            devices.push(bench.trusted_device(&user, CONFIRMED_AT + step, after(UNTIL)).await);
        }
        match how {
            0 => {
                let codes = FactorChange::ReplaceRecoveryCodes(bench.scene.recovery_codes());
                bench.change_factors(&user, codes).await.unwrap();
            }
            1 => {
                let change = ChangePassword {
                    user: id,
                    expected: None,
                    new: user.password.clone().unwrap(),
                    must_change_password: false,
                    needs_second_factor: false,
                    open: None,
                };
                store.change_password(write(EventName::PasswordSet, START), change).await.unwrap();
            }
            2 => store.forget_devices(write(EventName::DevicesForgotten, START), id).await.unwrap(),
            _ => {
                store.delete_user(write(EventName::UserDeleted, START), id).await.unwrap();
            }
        }
        for device in devices {
            assert!(!bench.trusts(&user, device).await, "{how}");
            refused!(bench.open_on(&user, device, START).await, StoreError::Stale);
        }
        assert!(bench.trusts(&stranger, strangers).await, "{how}");
    }
    // The trust that a restored backup tells of may have been withdrawn since.
    store.drop_keys_and_links(write(EventName::AllSessionsEnded, START)).await.unwrap();
    assert!(!bench.trusts(&stranger, strangers).await);
}
