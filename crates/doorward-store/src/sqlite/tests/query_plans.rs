//! Nothing that happens often reads a whole table, or sorts.

use super::Scratch;
use crate::{
    attempts, audit, cleanup, event_counts, gauges, link, locks, refresh, revocation,
    second_factor::{change, passkey, pending, recovery_code, totp, trust},
    session, user, user_search,
};

#[tokio::test]
async fn hot_queries_search_and_never_scan_or_sort() {
    let scratch = Scratch::new();
    let queries = [
        user::USER,
        user::CREDENTIALS,
        user::CREDENTIALS_BY_NAME,
        user::USERS,
        user::USERNAME,
        user::ACCOUNT_STATE,
        user_search::BY_NAME,
        user_search::BY_EMAIL,
        session::SESSION,
        session::SESSION_ALONE,
        session::SESSIONS_OF_USER,
        session::SESSIONS_OF_ALL,
        session::LIVE_OF_TRANSPORT,
        refresh::ADVANCE,
        refresh::REPEAT,
        revocation::END_FOUND,
        attempts::RECORD_BY_NAME,
        revocation::END_ONE,
        revocation::END_ALL_OF,
        revocation::FEED,
        link::LINK,
        link::REMOVE_OF_USER,
        audit::NEWEST_FIRST.of_all,
        audit::OLDEST_FIRST.of_all,
        audit::NEWEST_FIRST.of_user,
        audit::OLDEST_FIRST.of_user,
        audit::ACTIVITY,
        audit::NEWEST_FIRST.of_address,
        audit::OLDEST_FIRST.of_address,
        audit::NEWEST_FIRST.of_name,
        audit::OLDEST_FIRST.of_name,
        event_counts::COUNTS.sqlite,
        event_counts::FIRST_PLACE,
        event_counts::LAST_PLACE,
        event_counts::OLD_COUNTS.sqlite,
        gauges::SAMPLES,
        gauges::OLD_SAMPLES,
        cleanup::SESSIONS,
        cleanup::LINKS,
        cleanup::REVOCATIONS,
        attempts::RECORD,
        attempts::CHANGE,
        attempts::COUNT,
        attempts::FIRST_TO_EXPIRE,
        attempts::FORGIVE,
        attempts::UNLOCK,
        attempts::EXPIRED,
        locks::APPS,
        locks::SUBJECTS,
        pending::PENDING,
        pending::END,
        pending::END_OF_USER,
        pending::COMPLETE,
        pending::TAKE_TRY,
        pending::COUNT_CODE,
        trust::TRUSTED,
        trust::TRUST_NONE_OF,
        totp::TOTP,
        totp::ADVANCE,
        totp::ENROLMENT,
        recovery_code::SPEND,
        recovery_code::ONE_LESS,
        recovery_code::REMOVE_OF_USER,
        passkey::OF_USER,
        passkey::PASSKEY,
        passkey::ADVANCE,
        passkey::SPENT,
        passkey::REMOVE_OF_USER,
        change::AUTHENTICATED_LONG_AGO,
    ];
    for query in queries.into_iter().chain(cleanup::FACTOR_RESTS) {
        let plan = scratch.plan(query).await;
        assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{query}: {plan:?}");
        let slow = |step: &String| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
        assert!(!plan.iter().any(slow), "{query}: {plan:?}");
    }
}

/// They are most of the log: without an index of its own, a page of what else there is would read them all.
#[tokio::test]
async fn the_activity_of_an_account_is_found_without_reading_refreshes() {
    let plan = Scratch::new().plan(audit::ACTIVITY).await;
    assert!(plan.iter().any(|step| step.contains("USING INDEX audit_of_user_but_refreshes")), "{plan:?}");
}
