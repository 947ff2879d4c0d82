//! The audit log keeps every event, once, in one order.

use std::{
    net::IpAddr,
    ops::ControlFlow,
    sync::{Arc, Mutex},
};

use doorward_core::{
    audit::{Actor, AuditEvent, AuditFilter, EventName},
    audit_chain::ChainedEntry,
    client::{Client, UserAgent},
    link::LinkPurpose,
    page::PageRequest,
    signing_key::Succession,
    store::{ChangePassword, RevokeWhich, UserChanges},
};

use super::{
    Bench,
    bench::{ALL, after, race},
};
use crate::builders::{FIVE, START, advance, opening, write};

/// Every member, present or absent.
pub async fn an_event_reads_back_whole(bench: Bench) {
    let (user, session) = (bench.scene.user().user.id, bench.scene.session(&bench.scene.user().user).id);
    let client = Client {
        address: Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1])),
        user_agent: UserAgent::new("curl/8"),
        request_id: Some("r-1".to_owned()),
    };
    let full = AuditEvent::new(EventName::RefreshRefused, after(3), Actor::User(user), &client)
        .about_user(user)
        .about_session(session)
        .because("refresh_token_invalid")
        .with("generation", 7)
        .with("note", "a \"quoted\" é\n");
    let bare = AuditEvent::new(EventName::LoggedOut, after(4), Actor::CommandLine, &Client::default());
    for event in [&full, &bare] {
        bench.store.record(event.clone()).await.unwrap();
    }
    let events = bench.events().await;
    assert_eq!(events.len(), 2);
    for (entry, event) in events.iter().zip([full, bare]) {
        assert_eq!(entry.name, event.name.as_str());
        assert_eq!(entry.outcome, event.name.outcome().as_str());
        assert_eq!(entry.at, event.at);
        assert_eq!(entry.actor, event.actor.to_string());
        assert_eq!((entry.user_id, entry.session_id), (event.user_id, event.session_id));
        assert_eq!((entry.address, entry.user_agent.as_str()), (event.address, event.user_agent.as_str()));
        assert_eq!((&entry.request_id, &entry.reason), (&event.request_id, &event.reason));
        assert_eq!(entry.details, event.details);
    }
    assert!(events[0].seq < events[1].seq);
}

/// By user, by name, from a time on, before a time, and all of it at once.
pub async fn events_are_filtered_with_exact_bounds(bench: Bench) {
    let users = [bench.scene.user().user.id, bench.scene.user().user.id];
    let names = [EventName::LoginRefused, EventName::LoginSucceeded];
    for number in 0..8 {
        let actor = Actor::Anonymous;
        let name = names[usize::try_from(number % 2).unwrap()];
        let event = AuditEvent::new(name, after(number), actor, &Client::default())
            .about_user(users[usize::try_from(number / 4).unwrap()]);
        bench.store.record(event).await.unwrap();
    }
    bench
        .store
        .record(AuditEvent::new(EventName::LoginRefused, after(8), Actor::System, &Client::default()))
        .await
        .unwrap();
    let any = AuditFilter::default();
    let refused = Some("login.refused".to_owned());
    let cases: [(AuditFilter, &[u64]); 9] = [
        (any.clone(), &[8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (AuditFilter { user_id: Some(users[0]), ..any.clone() }, &[3, 2, 1, 0]),
        (AuditFilter { user_id: Some(bench.scene.user().user.id), ..any.clone() }, &[]),
        (AuditFilter { name: refused.clone(), ..any.clone() }, &[8, 6, 4, 2, 0]),
        (AuditFilter { name: Some("login".to_owned()), ..any.clone() }, &[]),
        (AuditFilter { after: Some(after(6)), ..any.clone() }, &[8, 7, 6]),
        (AuditFilter { before: Some(after(2)), ..any.clone() }, &[1, 0]),
        (
            AuditFilter {
                user_id: Some(users[1]),
                name: refused.clone(),
                after: Some(after(5)),
                ..any.clone()
            },
            &[6],
        ),
        (AuditFilter { name: refused, after: Some(after(2)), before: Some(after(6)), ..any }, &[4, 2]),
    ];
    for (filter, expected) in cases {
        let found = bench.store.audit(&filter, ALL).await.unwrap();
        let times: Vec<_> = found.items.iter().map(|entry| entry.at).collect();
        let expected: Vec<_> = expected.iter().map(|at| after(*at)).collect();
        assert_eq!(times, expected, "{filter:?}");
    }
}

/// By the very address, alone and with all else.
pub async fn events_are_filtered_by_address(bench: Bench) {
    let ann = bench.scene.user().user.id;
    let [here, there, v6] = ["192.0.2.1", "192.0.2.11", "2001:db8::1"].map(|text| text.parse().unwrap());
    let record = |at, name, address: Option<IpAddr>, user| {
        let client = Client { address, ..Client::default() };
        let mut event = AuditEvent::new(name, after(at), Actor::Anonymous, &client);
        event.user_id = user;
        bench.store.record(event)
    };
    record(0, EventName::LoginRefused, Some(here), None).await.unwrap();
    record(1, EventName::LoginRefused, Some(there), Some(ann)).await.unwrap();
    record(2, EventName::LoginSucceeded, Some(here), Some(ann)).await.unwrap();
    record(3, EventName::LoginRefused, Some(v6), Some(ann)).await.unwrap();
    record(4, EventName::LoginRefused, None, Some(ann)).await.unwrap();
    record(5, EventName::LoginRefused, Some(here), Some(ann)).await.unwrap();
    let from = |address| AuditFilter { address: Some(address), ..AuditFilter::default() };
    let refused = Some("login.refused".to_owned());
    let nowhere = "192.0.2.2".parse().unwrap();
    let cases: [(AuditFilter, &[u64]); 8] = [
        (from(here), &[5, 2, 0]),
        (from(there), &[1]),
        (from(v6), &[3]),
        (from(nowhere), &[]),
        (AuditFilter { name: refused.clone(), ..from(here) }, &[5, 0]),
        (AuditFilter { user_id: Some(ann), ..from(here) }, &[5, 2]),
        (AuditFilter { user_id: Some(ann), name: refused, ..from(here) }, &[5]),
        (AuditFilter { after: Some(after(1)), before: Some(after(5)), ..from(here) }, &[2]),
    ];
    for (filter, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|at| after(*at)).collect();
        let found = bench.store.audit(&filter, ALL).await.unwrap();
        let times: Vec<_> = found.items.iter().map(|entry| entry.at).collect();
        assert_eq!(times, expected, "{filter:?}");
        let exported = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&exported);
        let take = Box::new(move |row: ChainedEntry| {
            sink.lock().unwrap().insert(0, row.entry.at);
            ControlFlow::Continue(())
        });
        bench.store.export_audit(&filter, take).await.unwrap();
        assert_eq!(*exported.lock().unwrap(), expected, "{filter:?}");
    }
}

/// Events are written nearly, and not quite, in the order of their times; a list of some times misses none, however far
/// off in the log it was written.
pub async fn events_are_found_by_time_wherever_in_the_log_they_are(bench: Bench) {
    let hour = 3_600_000;
    let times = [0, 5 * hour, 1, hour, 2 * hour, 0, 7 * hour, 3 * hour, 2 * hour - 1, 5 * hour, hour];
    for at in times {
        bench.store.record(write(EventName::LoginRefused, after(at)).audit).await.unwrap();
    }
    let bounds = [0, 1, 2, hour, hour + 1, 2 * hour - 1, 2 * hour, 4 * hour, 5 * hour, 7 * hour, 8 * hour];
    for name in [None, Some("login.refused".to_owned())] {
        for (first, last) in bounds.iter().flat_map(|first| bounds.iter().map(move |last| (*first, *last))) {
            let filter = AuditFilter {
                name: name.clone(),
                after: Some(after(first)),
                before: Some(after(last)),
                ..AuditFilter::default()
            };
            let mut expected: Vec<_> =
                times.iter().filter(|at| (first..last).contains(*at)).map(|at| after(*at)).collect();
            let part = bench.store.audit_after(&filter, 0, 100).await.unwrap();
            assert_eq!(part.entries.iter().map(|entry| entry.at).collect::<Vec<_>>(), expected, "{filter:?}");
            expected.reverse();
            let found = bench.store.audit(&filter, ALL).await.unwrap().items;
            assert_eq!(found.iter().map(|entry| entry.at).collect::<Vec<_>>(), expected, "{filter:?}");
        }
    }
}

/// Whoever goes on after each part misses none and gets none twice, whatever is written meanwhile.
pub async fn the_log_is_followed_part_by_part(bench: Bench) {
    let record = |name, at| bench.store.record(write(name, after(at)).audit);
    let part = async |filter: &AuditFilter, from, limit| {
        let part = bench.store.audit_after(filter, from, limit).await.unwrap();
        (part.entries.iter().map(|entry| entry.at).collect::<Vec<_>>(), part.upto)
    };
    let any = AuditFilter::default();
    assert_eq!(part(&any, 0, 10).await, (Vec::new(), 0));
    for number in 0..6 {
        let name = if number % 2 == 0 { EventName::LoginRefused } else { EventName::CsrfRefused };
        record(name, number).await.unwrap();
    }
    let events = bench.events().await;
    let seq = |number: usize| events[number].seq;
    assert_eq!(part(&any, 0, 2).await, (vec![after(0), after(1)], seq(1)));
    assert_eq!(part(&any, seq(1), 3).await, (vec![after(2), after(3), after(4)], seq(4)));
    assert_eq!(part(&any, seq(4), 3).await, (vec![after(5)], seq(5)));
    assert_eq!(part(&any, seq(5), 3).await, (Vec::new(), seq(5)));
    let refused = AuditFilter { name: Some("login.refused".to_owned()), ..any.clone() };
    assert_eq!(part(&refused, 0, 2).await, (vec![after(0), after(2)], seq(2)));
    // What was not asked for has been looked at as well.
    assert_eq!(part(&refused, seq(2), 2).await, (vec![after(4)], seq(5)));
    assert_eq!(part(&refused, seq(5), 2).await, (Vec::new(), seq(5)));
    record(EventName::LoginRefused, 6).await.unwrap();
    assert_eq!(part(&refused, seq(5), 2).await.0, [after(6)]);
    // A place behind the end is of another log, or of this one before a restore: what comes next is new.
    assert_eq!(part(&any, seq(5) + 1000, 2).await, (Vec::new(), seq(5) + 1));
}

/// A page is not disturbed by what is written meanwhile.
pub async fn events_are_listed_newest_first_page_by_page(bench: Bench) {
    let record = |number| bench.store.record(write(EventName::LoginRefused, after(number)).audit);
    for number in 0..7 {
        record(number).await.unwrap();
    }
    for limit in [1, 2, 3] {
        let before = bench.events().await;
        let mut found = Vec::new();
        let mut page = PageRequest { after: None, limit };
        loop {
            let part = bench.store.audit(&AuditFilter::default(), page.clone()).await.unwrap();
            record(100).await.unwrap();
            found.extend(part.items);
            let Some(next) = part.next else { break };
            page.after = Some(next);
        }
        found.reverse();
        assert_eq!(found, before);
    }
}

/// Each writes its own event, and one for each session that dies with it; M-A16.
pub async fn every_operation_is_audited_once(bench: Bench) {
    let store = &bench.store;
    bench.set_up().await;
    let (user, session) = bench.signed_in().await;
    let id = user.user.id;
    store.advance_refresh(write(EventName::SessionRefreshed, START), advance(&session, START)).await.unwrap();
    let link = bench.scene.link(LinkPurpose::Reset, &user.user);
    store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    let change = ChangePassword {
        user: id,
        expected: None,
        new: user.password.clone().unwrap(),
        must_change_password: false,
        needs_second_factor: false,
        open: Some(opening(bench.scene.session(&user.user))),
    };
    store
        .redeem_link(write(EventName::LinkUsed, START), link.hash, link.purpose, change.clone())
        .await
        .unwrap();
    let change = ChangePassword { open: Some(opening(bench.scene.session(&user.user))), ..change };
    store.change_password(write(EventName::PasswordChanged, START), change).await.unwrap();
    let replaced = bench.sign_in(&user).await;
    let mut open = opening(bench.scene.session(&user.user));
    (open.replaces, open.limit) = (vec![replaced.id], FIVE);
    bench.open(&user, START, open).await.unwrap();
    let all = RevokeWhich::AllOf { user: id, except: None };
    store.revoke_sessions(write(EventName::AllSessionsEnded, START), all, "x").await.unwrap();
    bench.sign_in(&user).await;
    let disabled = UserChanges { disabled: Some(true), ..UserChanges::default() };
    store.change_user(write(EventName::UserChanged, START), id, disabled).await.unwrap();
    store.delete_user(write(EventName::UserDeleted, START), id).await.unwrap();
    let key = bench.scene.signing_key(START);
    store
        .add_signing_key(write(EventName::SigningKeyCreated, START), key, None, Succession::InTurn)
        .await
        .unwrap();
    store.record(write(EventName::CsrfRefused, START).audit).await.unwrap();
    let expected = [
        "setup.completed",
        "user.created",
        "login.succeeded",
        "session.refreshed",
        "link.reset_issued",
        "link.used",
        "session.revoked",
        "password.changed",
        "session.revoked",
        "login.succeeded",
        "login.succeeded",
        "session.revoked",
        "session.all_ended",
        "session.revoked",
        "session.revoked",
        "login.succeeded",
        "user.changed",
        "session.revoked",
        "user.deleted",
        "key.created",
        "request.csrf_refused",
    ];
    assert_eq!(bench.event_names(0).await, expected);
    let reasons: Vec<_> = bench.events().await.into_iter().filter_map(|event| event.reason).collect();
    assert_eq!(reasons, ["password_changed", "password_changed", "replaced", "x", "x", "user_disabled"]);
}

/// A flood of refusals loses none.
pub async fn parallel_events_are_all_kept_in_one_order(bench: Bench) {
    let handle = bench.handles();
    let results = race((0..200).map(|racer| {
        let store = handle(racer);
        let event = write(EventName::LoginRefused, after(1)).audit.with("racer", racer);
        async move { store.record(event).await }
    }))
    .await;
    assert!(results.iter().all(Result::is_ok));
    let events = bench.events().await;
    assert!(events.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let mut racers: Vec<usize> = events.iter().map(|event| event.details[0].1.parse().unwrap()).collect();
    racers.sort_unstable();
    assert_eq!(racers, (0..200).collect::<Vec<_>>());
}

/// Whoever did it; page by page.
pub async fn the_activity_of_an_account_leaves_out_refreshes_and_everybody_else(bench: Bench) {
    let [ann, ben] = [bench.scene.user().user.id, bench.scene.user().user.id];
    let record = |at, name, actor, user| {
        let mut event = AuditEvent::new(name, after(at), actor, &Client::default());
        event.user_id = user;
        bench.store.record(event)
    };
    record(0, EventName::LoginSucceeded, Actor::User(ann), Some(ann)).await.unwrap();
    for at in 1..=30 {
        record(at, EventName::SessionRefreshed, Actor::User(ann), Some(ann)).await.unwrap();
    }
    record(31, EventName::UserChanged, Actor::User(ann), Some(ben)).await.unwrap();
    record(32, EventName::LoginRefused, Actor::Anonymous, Some(ann)).await.unwrap();
    record(33, EventName::LoginRefused, Actor::Anonymous, None).await.unwrap();
    record(34, EventName::UserChanged, Actor::User(ben), Some(ann)).await.unwrap();
    for limit in 1..=4 {
        let mut found = Vec::new();
        let mut page = PageRequest { after: None, limit };
        loop {
            let part = bench.store.activity(ann, page).await.unwrap();
            found.extend(part.items.iter().map(|entry| entry.at));
            let Some(next) = part.next else { break };
            page = PageRequest { after: Some(next), limit };
        }
        assert_eq!(found, [34, 32, 0].map(after), "{limit}");
    }
}
