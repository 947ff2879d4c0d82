//! Refusals without end: what of them stands in the log.

use doorward_core::{
    audit::{Actor, AuditEntry, AuditEvent, EventName},
    refusal::Refusal,
};
use futures_executor::block_on;

use crate::home::{Home, browser, on_each_store};
use crate::watched_store::Failing;

fn refuse(home: &Home, times: usize) {
    for _ in 0..times {
        let now = home.authority.now().unwrap();
        let event = AuditEvent::new(EventName::CsrfRefused, now, Actor::Anonymous, &browser());
        block_on(home.authority.record_refused(event.because("csrf_failed"))).unwrap();
    }
}

fn counts(events: &[AuditEntry]) -> Vec<&str> {
    let details = events.iter().flat_map(|event| &event.details);
    details.filter(|(name, _)| name == "count").map(|(_, count)| count.as_str()).collect()
}

#[test]
fn a_flood_of_refusals_is_ten_events_and_one_that_counts_the_others() {
    on_each_store(|home| {
        refuse(&home, 500);
        assert_eq!(home.events("request.csrf_refused").len(), 10);
        block_on(home.authority.record_counted_refusals()).unwrap();
        block_on(home.authority.record_counted_refusals()).unwrap();
        let events = home.events("request.csrf_refused");
        assert_eq!((events.len(), counts(&events)), (11, vec!["490"]));
        assert_eq!(
            (events[0].reason.as_deref(), events[0].address),
            (Some("csrf_failed"), browser().address)
        );
    });
}

#[test]
fn a_count_that_the_store_did_not_take_is_told_the_next_time() {
    on_each_store(|home| {
        refuse(&home, 30);
        home.store.fail_after(0, Failing::Undone);
        assert_eq!(block_on(home.authority.record_counted_refusals()), Err(Refusal::StoreUnavailable));
        refuse(&home, 5);
        block_on(home.authority.record_counted_refusals()).unwrap();
        assert_eq!(counts(&home.events("request.csrf_refused")), ["25"]);
    });
}
