//! What a session is earned with where its user has a second factor, and that it is good once.

use doorward_core::{
    audit::EventName,
    ids::DeviceId,
    link::LinkPurpose,
    revocation::Subject,
    second_factor::{
        FactorUse, PendingLogin, SecondProof,
        totp::{Step, TotpState},
    },
    session::{OnLimit, Session, SessionLimit},
    store::{ChangePassword, OpenSession, RevokeWhich, SessionFilter, SessionProof, StoreError},
};

use super::{
    Bench,
    bench::{ALL, after, around},
    factor_bench::{CONFIRMED_AT, waiting, with_password},
    refused,
};
use crate::{
    builders::{START, opening, write},
    factors::both,
};

/// Whatever operation it is part of: a password is not enough, nor is one that was shown beside nothing.
pub async fn nothing_opens_a_weak_session_for_somebody_with_a_factor(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let link = bench.scene.link(LinkPurpose::Reset, &user.user);
    bench.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    let weak = || bench.scene.session(&user.user);
    let password = SessionProof::password(user.password.clone().unwrap());
    let untrusted = SecondProof::TrustedDevice(DeviceId::from_bytes(bench.scene.bytes()));
    let change = ChangePassword {
        user: user.user.id,
        expected: user.password.clone(),
        new: bench.scene.password(),
        must_change_password: false,
        needs_second_factor: false,
        open: Some(opening(weak())),
    };
    let before = bench.everything(&[]).await;
    for (session, proof) in [
        (weak(), password.clone()),
        (bench.scene.strong_session(&user.user), password.clone()),
        (weak(), SessionProof { second: untrusted.clone(), ..password.clone() }),
        (bench.scene.strong_session(&user.user), SessionProof { second: untrusted, ..password.clone() }),
        (weak(), bench.by_code(&user, CONFIRMED_AT + 1).await),
        (weak(), both(&user, FactorUse::RecoveryCode(vec![codes[0]]))),
    ] {
        refused!(bench.open_as(session, START, proof).await, StoreError::Stale);
    }
    let changed = write(EventName::PasswordChanged, START);
    refused!(bench.store.change_password(changed, change.clone()).await, StoreError::Stale);
    let used = write(EventName::LinkUsed, START);
    refused!(
        bench.store.redeem_link(used.clone(), link.hash, link.purpose, change.clone()).await,
        StoreError::Stale
    );
    assert_eq!(bench.everything(&[]).await, before);
    // What was refused is good still.
    let strong = bench.scene.strong_session(&user.user);
    let change = ChangePassword { open: Some(opening(strong)), ..change };
    bench.store.redeem_link(used, link.hash, link.purpose, change.clone()).await.unwrap();
    let renamed = with_password(&user, change.new);
    bench.open_by(&renamed, bench.by_code(&renamed, CONFIRMED_AT + 1).await).await.unwrap();
    bench.open_by(&renamed, both(&renamed, FactorUse::RecoveryCode(vec![codes[0]]))).await.unwrap();
}

/// Only a defect could ask for a session without a password, where no passkey was shown and none is stepped up.
pub async fn a_session_that_was_not_earned_is_refused(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let (plain, session) = bench.signed_in().await;
    let before = bench.everything(&[&session]).await;
    let given = |second| SessionProof { second: SecondProof::Given(second), ..SessionProof::default() };
    for proof in [
        SessionProof::default(),
        given(bench.code(&user, CONFIRMED_AT + 1).await),
        given(FactorUse::RecoveryCode(vec![codes[0]])),
    ] {
        refused!(bench.open_by(&user, proof).await, StoreError::Unavailable(_));
    }
    let of_session = SessionProof { steps_up: Some(session.id), ..SessionProof::default() };
    refused!(bench.open_by(&plain, of_session).await, StoreError::Unavailable(_));
    assert_eq!(bench.everything(&[&session]).await, before);
}

/// Neither the step that was used last nor an earlier one; and the drift is remembered.
pub async fn a_code_of_an_app_is_good_once_and_in_order(bench: Bench) {
    let (user, _) = bench.with_app().await;
    for (step, good) in [
        (CONFIRMED_AT - 1, false),
        (CONFIRMED_AT, false),
        (CONFIRMED_AT + 1, true),
        (CONFIRMED_AT + 1, false),
        (CONFIRMED_AT, false),
        (CONFIRMED_AT + 9, true),
        (CONFIRMED_AT + 8, false),
    ] {
        let drift = i8::try_from(step % 7).unwrap() - 3;
        let state = TotpState { last_step: Some(Step(step)), drift };
        let before = bench.claim(&user, None).await.unwrap().totp.unwrap();
        let shown = FactorUse::Totp { sealed: before.sealed.clone(), state };
        let opened = bench.open_by(&user, both(&user, shown)).await;
        let afterwards = bench.claim(&user, None).await.unwrap().totp.unwrap();
        if good {
            opened.unwrap();
            assert_eq!((afterwards.state, afterwards.sealed), (state, before.sealed));
        } else {
            refused!(opened, StoreError::AlreadySpent);
            assert_eq!(afterwards, before);
        }
    }
    let no_step = TotpState { last_step: None, drift: 0 };
    let FactorUse::Totp { sealed, state } = bench.code(&user, CONFIRMED_AT + 20).await else {
        unreachable!()
    };
    let no_code = FactorUse::Totp { sealed: sealed.clone(), state: no_step };
    refused!(bench.open_by(&user, both(&user, no_code)).await, StoreError::AlreadySpent);
    // Nobody's app is another's.
    let code = FactorUse::Totp { sealed, state };
    for other in [bench.user().await, bench.with_app().await.0] {
        refused!(bench.open_by(&other, both(&other, code.clone())).await, StoreError::AlreadySpent);
    }
    bench.open_by(&user, both(&user, code)).await.unwrap();
}

/// By any of its hashes, for its owner, once; its use is told, and how many are left.
pub async fn a_recovery_code_is_good_once(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let (other, _) = bench.with_app().await;
    let unknown = bench.scene.token_hash();
    let code = |hashes: &[_]| FactorUse::RecoveryCode(hashes.to_vec());
    refused!(bench.open_by(&other, both(&other, code(&codes[..1]))).await, StoreError::AlreadySpent);
    refused!(bench.open_by(&user, both(&user, code(&[unknown]))).await, StoreError::AlreadySpent);
    refused!(bench.open_by(&user, both(&user, code(&[]))).await, StoreError::AlreadySpent);
    for (used, hashes) in [[unknown, codes[0]], [codes[1], unknown]].iter().enumerate() {
        let events = bench.events().await.len();
        let opened = bench.open_by(&user, both(&user, code(hashes))).await.unwrap();
        let left = 9 - u32::try_from(used).unwrap();
        assert_eq!(opened.opened.user.factors.recovery_codes_left, left);
        assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(opened.opened.user));
        let told = bench.events().await.split_off(events);
        let names: Vec<_> = told.iter().map(|event| event.name.as_str()).collect();
        assert_eq!(names, ["login.succeeded", "mfa.recovery_code_used"]);
        assert_eq!(told[1].details, [("left".to_owned(), left.to_string())]);
        refused!(bench.open_by(&user, both(&user, code(hashes))).await, StoreError::AlreadySpent);
    }
    assert_eq!(bench.store.user(other.user.id).await.unwrap(), Some(other.user));
}

/// The count of wrong codes begins anew with one that was right, and with an administrator.
pub async fn a_right_code_begins_the_count_of_codes_anew(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    for how in 0..4 {
        for running in 1..=3 {
            assert_eq!(bench.claim(&user, None).await.unwrap().running, running, "{how}");
        }
        let step = CONFIRMED_AT + 1 + how;
        match how {
            0 | 1 => {
                bench.open_by(&user, bench.by_code(&user, step).await).await.unwrap();
                refused!(
                    bench.open_by(&user, bench.by_code(&user, step).await).await,
                    StoreError::AlreadySpent
                );
            }
            2 => {
                let code = FactorUse::RecoveryCode(codes.clone());
                bench.open_by(&user, both(&user, code)).await.unwrap();
            }
            _ => {
                let unlocked = write(EventName::AccountUnlocked, START);
                bench.store.unlock(unlocked, user.user.id).await.unwrap();
            }
        }
    }
    bench.claim(&user, None).await.unwrap();
    // Neither one that was used before, nor a session that needs none.
    refused!(bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT).await).await, StoreError::AlreadySpent);
    assert_eq!(bench.claim(&user, None).await.unwrap().running, 2);
}

/// The pending login that it completes is gone, and must have been there.
pub async fn a_pending_login_is_completed_once_and_by_its_owner(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let (other, others_codes) = bench.with_app().await;
    let login = bench.pending_login(&user).await;
    let by = |hash| FactorUse::RecoveryCode(vec![hash]);
    let completing = |proof| SessionProof { pending: Some(login.id), ..proof };
    let foreign = completing(both(&other, by(others_codes[0])));
    refused!(bench.open_by(&other, foreign).await, StoreError::NotFound);
    let [last, end, later] = around(login.expires_at);
    for late in [end, later] {
        let session = bench.scene.strong_session_at(&user.user, late);
        let proof = completing(both(&user, by(codes[0])));
        refused!(bench.open_as(session, late, proof).await, StoreError::NotFound);
    }
    let session = bench.scene.strong_session_at(&user.user, last);
    bench.open_as(session, last, completing(both(&user, by(codes[0])))).await.unwrap();
    assert!(!bench.waits(&login).await);
    refused!(bench.open_by(&user, completing(both(&user, by(codes[1])))).await, StoreError::NotFound);
    // Each of the refused codes is good still.
    bench.open_by(&user, both(&user, by(codes[1]))).await.unwrap();
    bench.open_by(&other, both(&other, by(others_codes[0]))).await.unwrap();
}

/// Wholly or not at all: what a refused session would have used up is good still.
pub async fn a_session_that_is_refused_uses_nothing_up(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let stepped_up = bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 1).await).await.unwrap();
    let filling =
        bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 2).await).await.unwrap().opened.session;
    let stepped_up = stepped_up.opened.session;
    let login = PendingLogin { tries_left: 3, ..bench.scene.pending_login(&user.user) };
    bench.begin_pending(&user, waiting(&user, login.clone())).await.unwrap();
    bench.claim(&user, Some(&login)).await.unwrap();
    let device = DeviceId::from_bytes(bench.scene.bytes());
    let before = bench.everything(&[&stepped_up, &filling]).await;
    let limit = SessionLimit { max_per_user: 1, on_limit: OnLimit::Refuse };
    for shown in [bench.code(&user, CONFIRMED_AT + 3).await, FactorUse::RecoveryCode(codes)] {
        let session = Session { device: Some(device), ..bench.scene.strong_session(&user.user) };
        let proof = SessionProof {
            pending: Some(login.id),
            steps_up: Some(stepped_up.id),
            trust_until: Some(after(1)),
            ..both(&user, shown.clone())
        };
        let open = OpenSession { limit, ..opening(session) };
        let login = write(EventName::LoginSucceeded, START);
        refused!(bench.store.open_session(login, proof, open).await, StoreError::Conflict(_));
    }
    assert_eq!(bench.everything(&[&stepped_up, &filling]).await, before);
    assert!(bench.waits(&login).await);
    assert!(!bench.store.is_trusted(user.user.id, device, START).await.unwrap());
    let facts = bench.claim(&user, Some(&login)).await.unwrap();
    assert_eq!((facts.running, facts.tries_left), (2, 1));
    bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 3).await).await.unwrap();
}

/// The new session takes the place of the old one, which does not count for the limit.
pub async fn a_step_up_ends_the_session_that_it_came_from(bench: Bench) {
    let (user, _) = bench.with_app().await;
    let before =
        bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 1).await).await.unwrap().opened.session;
    let (events, entries) = (bench.events().await.len(), bench.feed().await.entries.len());
    let limit = SessionLimit { max_per_user: 1, on_limit: OnLimit::Refuse };
    let open = OpenSession { limit, ..opening(bench.scene.strong_session_at(&user.user, after(5))) };
    let proof = SessionProof {
        second: SecondProof::Given(bench.code(&user, CONFIRMED_AT + 2).await),
        steps_up: Some(before.id),
        ..SessionProof::default()
    };
    let stepped_up = write(EventName::SteppedUp, after(5));
    let opened = bench.store.open_session(stepped_up, proof, open.clone()).await.unwrap();
    assert_eq!(bench.session(before.id).await.revoked_at, Some(after(5)));
    assert_eq!(opened.revocations.len(), 1);
    assert_eq!(opened.revocations[0].subject, Subject::Session(before.id));
    assert_eq!(bench.told().await[entries..], opened.revocations);
    let told = bench.events().await.split_off(events);
    let told: Vec<_> =
        told.iter().map(|event| (event.name.as_str(), event.session_id, event.reason.as_deref())).collect();
    let ended = ("session.revoked", Some(before.id), Some("step_up"));
    assert_eq!(told, [("session.stepped_up", None, None), ended]);
    let filter = SessionFilter { user_id: Some(user.user.id) };
    assert_eq!(bench.store.sessions(filter, after(5), ALL).await.unwrap().items, [open.session]);
}

/// Not one that was revoked, not one that is over, not somebody else's, not one that never was.
pub async fn only_a_live_session_of_the_user_is_stepped_up(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let (_, others) = bench.signed_in().await;
    let revoked =
        bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 1).await).await.unwrap().opened.session;
    let which = RevokeWhich::One { id: revoked.id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
    let ending = Session { expires_at: after(9), ..bench.scene.strong_session(&user.user) };
    bench.open_as(ending.clone(), START, bench.by_code(&user, CONFIRMED_AT + 2).await).await.unwrap();
    let by_recovery_code = |id| SessionProof {
        second: SecondProof::Given(FactorUse::RecoveryCode(codes.clone())),
        steps_up: Some(id),
        ..SessionProof::default()
    };
    let unknown = bench.scene.session(&user.user).id;
    let strong = |now| bench.scene.strong_session_at(&user.user, now);
    let before = bench.everything(&[&revoked, &ending, &others]).await;
    for (id, now) in [
        (revoked.id, START),
        (others.id, START),
        (unknown, START),
        (ending.id, after(9)),
        (ending.id, after(10)),
    ] {
        refused!(bench.open_as(strong(now), now, by_recovery_code(id)).await, StoreError::NotFound);
    }
    assert_eq!(bench.everything(&[&revoked, &ending, &others]).await, before);
    bench.open_as(strong(after(8)), after(8), by_recovery_code(ending.id)).await.unwrap();
    // Who has no factor steps up by the password.
    let (plain, session) = bench.signed_in().await;
    let verified = SessionProof::password(plain.password.clone().unwrap());
    let proof = SessionProof { steps_up: Some(session.id), ..verified };
    bench.open_as(bench.scene.session(&plain.user), START, proof).await.unwrap();
    assert!(bench.session(session.id).await.revoked_at.is_some());
}
