//! What every [`Store`] has to hold, one public function a rule. [`store_contract!`](crate::store_contract) makes
//! a test of each; there is no way to leave one out.
//!
//! Each rule is tried where it holds, where it does not, at the boundary (a millisecond before, at, and after), and
//! in a race: on real threads, through two handles on the same data, many rounds.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "these are tests, and fail by panicking"
)]

pub mod account_state;
pub mod attempt_races;
pub mod attempts;
pub mod attempts_forgotten;
pub mod audit;
pub mod audit_chain;
mod bench;
pub mod cleanup;
pub mod durability;
mod factor_bench;
pub mod factor_proof;
pub mod factor_upkeep;
pub mod link;
pub mod locks;
pub mod node;
pub mod passkey;
pub mod passkey_races;
pub mod password;
pub mod pending_login;
pub mod refresh;
pub mod revocation;
pub mod second_factor;
pub mod second_factor_races;
pub mod session;
pub mod setup;
pub mod short_password;
pub mod signing_key;
pub mod statistics;
pub mod totp_enrolment;
pub mod trusted_device;
pub mod user;
pub mod user_search;

use std::{future::Future, sync::Arc};

use doorward_core::store::Store;

pub use bench::Bench;

/// Where a store keeps its data.
pub trait Backend: Send + Sync + 'static {
    /// Opens the data, or makes them. Called again while the first store is open, as another process would, and
    /// after it was dropped, as after a restart.
    fn open(&self) -> Arc<dyn Store>;
}

/// Makes backends, each with data of its own.
pub type MakeBackend = fn() -> Box<dyn Backend>;

/// Tries one rule on a new store, on several threads.
///
/// # Panics
/// When the rule does not hold.
pub fn run<F: Future<Output = ()>>(make: MakeBackend, rule: impl FnOnce(Bench) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    // Within the runtime from the beginning: a store may open connections when it is made.
    runtime.block_on(async { rule(Bench::new(make)).await });
}

/// Asserts that an operation was refused, and how.
macro_rules! refused {
    ($result:expr, $expected:pat) => {{
        let result = $result;
        assert!(matches!(&result, Err($expected)), "{result:?}");
    }};
}
pub(crate) use refused;

/// Hands every rule to a macro, as `module: rule, rule; module: …`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_store_rule {
    ($then:ident!($($context:tt)*)) => {
        $then! { $($context)* =>
            setup:
                setup_makes_the_administrator_and_opens_their_session,
                setup_without_proof_changes_nothing,
                every_setup_link_works_until_setup_is_done,
                after_setup_there_is_no_setup,
                setup_refuses_a_name_that_was_given_before,
                setup_raced_by_eight_has_one_winner;
            link:
                a_link_lives_until_its_last_millisecond,
                a_link_is_found_by_any_of_its_hashes_and_for_its_purpose_only,
                a_new_link_replaces_the_older_ones_of_that_user,
                a_link_for_nobody_is_refused,
                a_link_is_good_once,
                a_link_raced_by_eight_is_used_once,
                a_link_sets_nobody_elses_password,
                a_link_that_was_refused_stays_good,
                a_password_change_ends_every_link_of_the_user;
            user:
                a_user_is_found_by_id_and_by_every_form_of_the_name,
                a_name_in_use_is_refused_in_every_form,
                a_name_once_used_stays_taken,
                a_name_raced_by_eight_has_one_owner,
                a_change_shows_and_outdates_older_tokens,
                disabling_ends_every_session_and_enabling_revives_none,
                deleting_ends_sessions_and_links_and_leaves_the_sessions_known,
                nobody_can_be_neither_changed_nor_deleted,
                the_last_administrator_stays,
                the_last_administrator_stays_when_demotions_race,
                users_are_listed_oldest_first_page_by_page;
            user_search:
                a_search_finds_by_how_names_and_addresses_begin,
                an_id_finds_its_user_first_and_once,
                a_search_follows_changes_and_removals,
                a_search_goes_on_after_whom_it_stood_at_is_gone,
                names_are_told_of_the_users_that_there_are;
            account_state:
                states_are_told_of_the_accounts_that_there_are;
            password:
                a_password_change_ends_everything_older_and_opens_one_session,
                a_password_change_on_old_facts_changes_nothing,
                a_password_set_by_others_asks_for_no_old_one,
                a_disabled_user_gets_a_password_but_no_session,
                password_changes_from_one_old_password_have_one_winner,
                no_login_with_the_old_password_outlives_the_change,
                a_hash_is_upgraded_only_if_it_is_still_the_one,
                nobodys_password_cannot_be_changed;
            session:
                an_opened_session_reads_back_whole,
                a_session_opens_only_for_the_verified_password_and_an_enabled_user,
                past_the_limit_the_oldest_gives_way,
                past_the_limit_the_login_is_refused_if_so_configured,
                what_is_dead_or_travels_otherwise_does_not_count,
                without_a_limit_nobody_gives_way,
                the_session_presented_with_a_login_ends_first,
                an_id_in_use_is_refused,
                no_operation_opens_somebody_elses_session,
                twelve_racing_logins_leave_five_sessions,
                twelve_racing_logins_are_five_where_the_sixth_is_refused,
                live_sessions_are_listed_newest_first_page_by_page;
            refresh:
                a_refresh_moves_the_family_and_remembers_the_spender,
                a_refresh_from_another_generation_changes_nothing,
                a_refresh_works_until_the_last_millisecond_of_either_end,
                a_refresh_never_reaches_past_the_absolute_end,
                a_refresh_needs_a_user_in_good_standing,
                a_refresh_raced_by_sixteen_has_one_winner,
                a_refresh_never_succeeds_after_a_revocation_was_acknowledged,
                a_repeat_counts_and_changes_nothing_else,
                a_repeat_is_refused_once_the_family_has_moved_or_died,
                repeats_are_bounded_exactly_in_a_race,
                repeats_from_elsewhere_lengthen_the_streak_and_others_end_it,
                a_refused_operation_does_its_neighbours_no_harm;
            revocation:
                one_session_is_revoked_for_its_owner_only,
                revoking_what_is_dead_or_absent_changes_nothing,
                all_but_one_are_revoked,
                revoking_all_of_a_user_raises_their_epoch,
                everyone_can_be_revoked,
                a_revocation_raced_by_eight_happens_once,
                the_feed_is_read_in_parts,
                the_feed_has_no_gaps_under_parallel_writers,
                the_highest_time_is_what_writes_recorded;
            attempts:
                failures_are_remembered_of_their_subject_alone,
                a_failure_counts_for_its_address_as_well,
                a_login_is_told_of_the_account_or_of_the_name,
                the_failure_that_crosses_the_threshold_locks,
                what_does_not_count_changes_nothing_and_hears_of_the_lock,
                failures_and_locks_are_audited;
            attempts_forgotten:
                a_success_forgives_its_subject_and_nobody_else,
                a_login_that_was_refused_forgives_nothing,
                a_success_while_locked_changes_nothing,
                a_success_that_is_an_attempt_is_recorded_while_locked,
                a_password_change_while_locked_changes_nothing,
                unlocking_forgets_everything_of_one_user,
                devices_are_forgotten_with_the_password_or_by_hand,
                failures_and_locks_survive_a_restart,
                records_are_cleaned_up_when_nothing_depends_on_them,
                records_are_cleaned_up_a_part_at_a_time;
            attempt_races:
                racing_failures_count_each,
                racing_failures_of_many_accounts_count_for_their_address,
                a_success_never_gets_past_the_lock_of_a_racer,
                unlocking_races_failures,
                a_password_change_never_gets_past_the_lock_of_a_racer,
                clean_up_races_failures;
            locks:
                every_kind_of_lock_is_listed_until_its_last_millisecond,
                locks_are_listed_part_by_part,
                what_is_locked_no_more_is_not_listed,
                a_locked_authenticator_app_is_listed_first;
            pending_login:
                a_pending_login_is_found_by_any_of_its_hashes_while_it_lives,
                a_login_waits_only_for_the_verified_password_and_a_factor,
                a_pending_login_ends_what_was_presented_with_it,
                a_login_that_waits_forgives_nothing_and_heeds_the_lock,
                a_pending_login_takes_no_id_or_token_in_use,
                a_pending_login_ends_when_it_is_told_to,
                passwords_factors_and_the_end_of_an_account_end_its_pending_logins,
                codes_are_claimed_one_by_one,
                a_claim_without_a_live_pending_login_of_the_user_counts_nothing;
            factor_proof:
                nothing_opens_a_weak_session_for_somebody_with_a_factor,
                a_session_that_was_not_earned_is_refused,
                a_code_of_an_app_is_good_once_and_in_order,
                a_recovery_code_is_good_once,
                a_right_code_begins_the_count_of_codes_anew,
                a_pending_login_is_completed_once_and_by_its_owner,
                a_session_that_is_refused_uses_nothing_up,
                a_step_up_ends_the_session_that_it_came_from,
                only_a_live_session_of_the_user_is_stepped_up;
            trusted_device:
                a_trusted_device_stands_in_for_the_factor_until_its_end,
                a_device_is_trusted_by_the_session_that_opens_on_it,
                of_too_many_trusted_devices_the_one_that_ends_first_gives_way,
                what_casts_doubt_on_a_device_ends_the_trust_in_it;
            second_factor:
                an_app_that_is_being_set_up_counts_for_nothing_yet,
                the_app_that_was_examined_takes_effect,
                a_code_of_an_app_that_was_replaced_spends_nothing,
                a_change_of_factors_makes_every_authentication_stale,
                the_last_factor_goes_only_where_it_may,
                new_recovery_codes_take_the_place_of_the_old_ones,
                a_reset_removes_every_factor;
            totp_enrolment:
                an_app_is_set_up_in_the_session_that_began_it,
                an_app_that_is_being_set_up_goes_on_in_the_session_that_was_stepped_up_to,
                a_change_of_factors_or_password_ends_what_is_being_set_up;
            short_password:
                a_password_that_needs_a_factor_is_due_when_the_last_one_goes,
                what_a_password_needs_is_remembered_with_it,
                a_password_that_needs_a_factor_which_is_gone_is_due_at_once;
            second_factor_races:
                one_code_raced_by_thirty_two_opens_one_session,
                one_recovery_code_raced_by_thirty_two_opens_one_session,
                one_pending_login_raced_is_completed_once,
                of_thirty_two_racing_claims_on_five_tries_five_are_granted,
                claims_race_a_change_of_factors,
                no_password_alone_opens_a_session_after_a_factor_took_effect,
                of_the_last_two_factors_removed_at_once_one_stays,
                a_step_up_raced_by_eight_has_one_winner,
                no_login_with_the_old_password_waits_after_the_change;
            passkey:
                a_passkey_reads_back_whole,
                passkeys_are_added_up_to_so_many,
                a_passkey_opens_by_a_counter_that_goes_on,
                a_challenge_is_good_once,
                a_passkey_alone_opens_a_session,
                a_passkey_is_removed_by_its_owner;
            passkey_races:
                a_challenge_raced_by_sixteen_is_good_once,
                one_counter_raced_by_sixteen_opens_one_session,
                passkeys_that_race_stay_few_and_apart;
            factor_upkeep:
                sealed_secrets_are_listed_and_sealed_anew,
                what_is_left_of_factors_is_cleaned_up_at_its_end,
                factors_are_there_after_a_restart;
            signing_key:
                a_new_key_retires_the_one_before,
                a_distrusting_key_takes_the_trust_from_every_other,
                a_rotation_on_old_facts_changes_nothing,
                rotations_that_race_have_one_winner,
                resealing_changes_the_sealed_parts_only,
                dropped_keys_are_gone, links_are_dropped_with_the_keys;
            audit:
                an_event_reads_back_whole,
                events_are_filtered_with_exact_bounds,
                events_are_filtered_by_address,
                events_are_found_by_time_wherever_in_the_log_they_are,
                the_log_is_followed_part_by_part,
                events_are_listed_newest_first_page_by_page,
                every_operation_is_audited_once,
                parallel_events_are_all_kept_in_one_order,
                the_activity_of_an_account_leaves_out_refreshes_and_everybody_else;
            audit_chain:
                an_empty_log_is_intact_and_has_a_head,
                every_write_joins_the_chain,
                an_export_is_filtered_and_stops_when_told,
                parallel_writers_leave_one_unbroken_chain,
                an_operation_that_is_undone_leaves_no_gap,
                the_chain_goes_on_after_a_restart,
                retention_removes_the_oldest_and_says_so_once,
                retention_stops_at_the_first_event_that_is_too_young;
            statistics:
                every_event_is_counted_in_its_hour,
                events_are_counted_as_often_as_they_are_in_the_log,
                gauges_tell_what_there_is_now,
                one_sample_of_each_quarter_of_an_hour_is_kept,
                old_statistics_are_cleaned_up;
            node:
                each_node_is_told_of_as_it_last_told,
                a_node_that_left_is_gone,
                a_node_that_is_silent_for_long_is_forgotten;
            cleanup:
                clean_up_removes_at_the_bound_and_not_before,
                clean_up_removes_so_many_and_the_oldest_first,
                clean_up_leaves_what_decisions_need;
            durability:
                everything_is_there_after_a_restart,
                two_processes_see_each_other,
                a_store_is_ready_for_reads_and_writes;
        }
    };
}

/// Makes a module of tests, one for each rule of the store contract: `store_contract!(sqlite, || Box::new(…))`. The
/// second argument is a [`MakeBackend`].
#[macro_export]
macro_rules! store_contract {
    ($name:ident, $make:expr) => {
        mod $name {
            use super::*;

            const MAKE: $crate::contract::MakeBackend = $make;
            use $crate::__store_tests;
            $crate::for_each_store_rule!(__store_tests!());
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __store_tests {
    (=> $($module:ident: $($rule:ident),*;)*) => {
        $(mod $module {
            $(
                #[test]
                fn $rule() {
                    $crate::contract::run(super::MAKE, $crate::contract::$module::$rule);
                }
            )*
        })*
    };
}

#[cfg(test)]
mod tests {
    macro_rules! names {
        (=> $($module:ident: $($rule:ident),*;)*) => {
            &[$((include_str!(concat!(stringify!($module), ".rs")), &[$(stringify!($rule)),*])),*]
        };
    }

    #[test]
    fn no_rule_is_left_out() {
        let modules: &[(&str, &[&str])] = for_each_store_rule!(names!());
        for (source, listed) in modules {
            let written: Vec<&str> = source
                .lines()
                .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('(').map(|(name, _)| name))
                .collect();
            assert_eq!(&written, listed);
        }
    }
}
