//! Logins wait for their second factor: once, not for long, and for five codes.

use std::time::Duration;

use doorward_core::{
    audit::EventName,
    link::LinkPurpose,
    revocation::Subject,
    second_factor::{
        BeginPending, ClaimCode, FactorChange, FactorUse, LastFactor, PendingId, PendingLogin, totp::Step,
    },
    store::{ChangePassword, NewUser, SessionProof, StoreError, UserChanges},
};

use super::{
    Bench,
    attempts::{account, locks_after},
    bench::around,
    factor_bench::{CONFIRMED_AT, waiting},
    refused,
};
use crate::{
    builders::{START, write},
    factors::both,
};

/// Every member, and until its last millisecond.
pub async fn a_pending_login_is_found_by_any_of_its_hashes_while_it_lives(bench: Bench) {
    let (user, _) = bench.with_app().await;
    let known = bench.store.credentials(user.user.id).await.unwrap().unwrap();
    let unknown = bench.scene.token_hash();
    for trust_device in [false, true] {
        let login = PendingLogin { trust_device, ..bench.scene.pending_login(&user.user) };
        bench.begin_pending(&user, waiting(&user, login.clone())).await.unwrap();
        for (now, alive) in around(login.expires_at).into_iter().zip([true, false, false]) {
            for (hashes, names_it) in
                [(vec![unknown, login.hash], true), (vec![login.hash, unknown], true), (vec![unknown], false)]
            {
                let found = bench.store.pending(&hashes, now).await.unwrap();
                let found = found.map(|(login, owner)| (login, owner.user, owner.password));
                let expected = (login.clone(), known.user.clone(), known.password.clone());
                assert_eq!(found, (alive && names_it).then_some(expected), "{now:?}");
            }
        }
    }
}

/// What was true when the password was verified may be true no longer.
pub async fn a_login_waits_only_for_the_verified_password_and_a_factor(bench: Bench) {
    let (alright, _) = bench.with_app().await;
    let without_factor = bench.user().await;
    let (disabled, _) = bench.with_app().await;
    let changes = UserChanges { disabled: Some(true), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), disabled.user.id, changes).await.unwrap();
    let (mut changed, _) = bench.with_app().await;
    changed.password = Some(bench.scene.password());
    let nobody = bench.scene.user();
    let session = bench.sign_in(&without_factor).await;
    let presented = bench.pending_login(&alright).await;
    let before = bench.everything(&[&session]).await;
    for user in [without_factor, disabled, changed, nobody] {
        let login = bench.scene.pending_login(&user.user);
        let begin = BeginPending {
            replaces: vec![session.id],
            supersedes: Some(presented.id),
            ..waiting(&user, login.clone())
        };
        refused!(bench.begin_pending(&user, begin).await, StoreError::Stale);
        assert!(!bench.waits(&login).await);
    }
    assert_eq!(bench.everything(&[&session]).await, before);
    assert!(bench.waits(&presented).await);
}

/// The sessions and the pending login that came with the password end, whoever owns them.
pub async fn a_pending_login_ends_what_was_presented_with_it(bench: Bench) {
    let (user, _) = bench.with_app().await;
    let (other, others) = bench.signed_in().await;
    let mine =
        bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 1).await).await.unwrap().opened.session;
    let superseded = bench.pending_login(&user).await;
    let bystander = bench.pending_login(&user).await;
    let (events, entries) = (bench.events().await.len(), bench.feed().await.entries.len());
    let login = bench.scene.pending_login(&user.user);
    let begin = BeginPending {
        replaces: vec![mine.id, others.id],
        supersedes: Some(superseded.id),
        ..waiting(&user, login.clone())
    };
    let ended = bench.begin_pending(&user, begin).await.unwrap();
    let mut sessions = ended.sessions;
    sessions.sort();
    let mut expected = vec![mine.id, others.id];
    expected.sort();
    assert_eq!(sessions, expected);
    assert_eq!(bench.told().await[entries..], ended.revocations);
    assert!(ended.revocations.iter().all(|told| matches!(told.subject, Subject::Session(_))));
    for session in [&mine, &others] {
        assert_eq!(bench.session(session.id).await.revoked_at, Some(START));
    }
    let told = bench.events().await.split_off(events);
    let names: Vec<_> = told.iter().map(|event| (event.name.as_str(), event.reason.as_deref())).collect();
    let replaced = ("session.revoked", Some("replaced"));
    assert_eq!(names, [("mfa.pending", None), replaced, replaced]);
    assert!(told.iter().any(|event| event.user_id == Some(other.user.id)));
    let alive = [bench.waits(&superseded).await, bench.waits(&bystander).await, bench.waits(&login).await];
    assert_eq!(alive, [false, true, true]);
}

/// The right password came too late; and it is not all that there is to show, so it forgives nothing.
pub async fn a_login_that_waits_forgives_nothing_and_heeds_the_lock(bench: Bench) {
    let policy = locks_after(2);
    let (user, _) = bench.with_app().await;
    let verified = user.password.clone().unwrap();
    bench.fail(account(&user), START, &policy).await;
    let record = bench.remembers(account(&user)).await;
    bench.pending_login(&user).await;
    assert_eq!(bench.remembers(account(&user)).await, record);
    let until = bench.fail(account(&user), START, &policy).await.unwrap();
    for (now, locked) in around(until).into_iter().zip([true, false, false]) {
        let login = PendingLogin {
            expires_at: until.plus(Duration::from_secs(1)),
            ..bench.scene.pending_login(&user.user)
        };
        let pending = write(EventName::LoginPending, now);
        let begun = bench.store.begin_pending(pending, &verified, waiting(&user, login.clone())).await;
        match begun {
            Err(StoreError::Locked { until: told }) => assert!(locked && told == until, "{now:?}"),
            other => assert!(!locked && other.is_ok(), "{other:?}"),
        }
        assert_eq!(bench.waits(&login).await, !locked);
    }
}

/// Whoever gives one twice has no randomness to trust.
pub async fn a_pending_login_takes_no_id_or_token_in_use(bench: Bench) {
    let (user, _) = bench.with_app().await;
    let first = bench.pending_login(&user).await;
    let (same_id, same_hash) = (bench.scene.pending_login(&user.user), bench.scene.pending_login(&user.user));
    for login in [PendingLogin { id: first.id, ..same_id }, PendingLogin { hash: first.hash, ..same_hash }] {
        refused!(bench.begin_pending(&user, waiting(&user, login)).await, StoreError::Unavailable(_));
    }
    let found = bench.store.pending(&[first.hash], START).await.unwrap();
    assert_eq!(found.map(|(login, _)| login), Some(first));
}

/// A logout; a second one finds nothing, and says nothing.
pub async fn a_pending_login_ends_when_it_is_told_to(bench: Bench) {
    let (user, _) = bench.with_app().await;
    let [ended, other] = [bench.pending_login(&user).await, bench.pending_login(&user).await];
    let before = bench.everything(&[]).await;
    for _ in 0..2 {
        bench.store.end_pending(ended.id).await.unwrap();
        assert_eq!([bench.waits(&ended).await, bench.waits(&other).await], [false, true]);
    }
    assert_eq!(bench.everything(&[]).await, before);
}

/// What a user does that ends their logins that wait, and nobody else's.
pub async fn passwords_factors_and_the_end_of_an_account_end_its_pending_logins(bench: Bench) {
    let (stranger, _) = bench.with_app().await;
    let strangers = bench.pending_login(&stranger).await;
    for how in 0..6 {
        let (user, _) = bench.with_app().await;
        let logins = [bench.pending_login(&user).await, bench.pending_login(&user).await];
        end_in_one_way(&bench, &user, how).await;
        for login in logins {
            assert!(!bench.waits(&login).await, "{how}");
            let proof =
                SessionProof { pending: Some(login.id), ..bench.by_code(&user, CONFIRMED_AT + 1).await };
            assert!(bench.open_by(&user, proof).await.is_err(), "{how}");
        }
        assert!(bench.waits(&strangers).await, "{how}");
    }
    // Other changes of the user do not.
    let changes = UserChanges { disabled: Some(false), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), stranger.user.id, changes).await.unwrap();
    assert!(bench.waits(&strangers).await);
    // A backup that is restored knows of none: one may have been completed since.
    bench.store.drop_keys_and_links(write(EventName::AllSessionsEnded, START)).await.unwrap();
    assert!(!bench.waits(&strangers).await);
}

async fn end_in_one_way(bench: &Bench, user: &NewUser, how: u32) {
    let (store, id) = (&bench.store, user.user.id);
    let change = ChangePassword {
        user: id,
        expected: None,
        new: user.password.clone().unwrap(),
        must_change_password: false,
        needs_second_factor: false,
        open: None,
    };
    match how {
        0 => {
            store.change_password(write(EventName::PasswordSet, START), change).await.unwrap();
        }
        1 => {
            let link = bench.scene.link(LinkPurpose::Reset, &user.user);
            store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
            let used = write(EventName::LinkUsed, START);
            store.redeem_link(used, link.hash, link.purpose, change).await.unwrap();
        }
        2 => {
            let changes = UserChanges { disabled: Some(true), ..UserChanges::default() };
            store.change_user(write(EventName::UserChanged, START), id, changes).await.unwrap();
        }
        3 => {
            store.delete_user(write(EventName::UserDeleted, START), id).await.unwrap();
        }
        4 => {
            let codes = bench.scene.recovery_codes();
            bench.change_factors(user, FactorChange::ReplaceRecoveryCodes(codes)).await.unwrap();
        }
        _ => {
            bench.change_factors(user, FactorChange::RemoveTotp(LastFactor::MayGo)).await.unwrap();
        }
    }
}

/// Each is counted before it is examined: of the login, and of the account across logins.
pub async fn codes_are_claimed_one_by_one(bench: Bench) {
    let (user, codes) = bench.with_app().await;
    let [first, second] = [bench.pending_login(&user).await, bench.pending_login(&user).await];
    for tries_left in (0..5).rev() {
        let facts = bench.claim(&user, Some(&first)).await.unwrap();
        assert_eq!((facts.tries_left, facts.running), (tries_left, 5 - tries_left));
        assert_eq!(facts.totp.unwrap().state.last_step, Some(Step(CONFIRMED_AT)));
        let found = bench.store.pending(&[first.hash], START).await.unwrap();
        assert_eq!(found.map(|(login, _)| login.tries_left), (tries_left > 0).then_some(tries_left));
    }
    refused!(bench.claim(&user, Some(&first)).await, StoreError::NotFound);
    // The refused one counted for nobody.
    assert_eq!(bench.claim(&user, Some(&second)).await.unwrap().running, 6);
    assert_eq!(bench.claim(&user, None).await.unwrap().running, 7);
    // The last try may be the one that is right.
    let mut proof = both(&user, FactorUse::RecoveryCode(vec![codes[0]]));
    proof.pending = Some(first.id);
    bench.open_by(&user, proof).await.unwrap();
}

/// Somebody else's, one that is over, one that never was.
pub async fn a_claim_without_a_live_pending_login_of_the_user_counts_nothing(bench: Bench) {
    let (user, _) = bench.with_app().await;
    let mut other = bench.user().await;
    bench.add_passkey(&mut other).await;
    let login = bench.pending_login(&user).await;
    let unknown = PendingId::from_bytes(bench.scene.bytes());
    refused!(bench.claim(&other, Some(&login)).await, StoreError::NotFound);
    let claim = ClaimCode { user: user.user.id, pending: Some(unknown) };
    refused!(bench.store.claim_code(START, claim).await, StoreError::NotFound);
    refused!(bench.claim(&bench.scene.user(), None).await, StoreError::NotFound);
    let claim = ClaimCode { user: user.user.id, pending: Some(login.id) };
    let [last, end, later] = around(login.expires_at);
    for late in [end, later] {
        refused!(bench.store.claim_code(late, claim).await, StoreError::NotFound);
    }
    let facts = bench.store.claim_code(last, claim).await.unwrap();
    assert_eq!((facts.running, facts.tries_left), (1, 4));
    assert_eq!(bench.feed().await.highest_time, last);
    // Who has no app has no secret to compare with.
    let facts = bench.claim(&other, None).await.unwrap();
    assert_eq!((facts.running, facts.totp), (1, None));
}
