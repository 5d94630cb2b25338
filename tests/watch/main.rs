//! The local stack, tested from outside through the gateway and `cargo lambda watch`. The tests share one
//! stack, started by `./dev up`, and run in order. A second stack stays idle at the same time.
//!
//! `./dev check --deploy` runs some of the tests on a stack that it has deployed to an emulator of AWS.

mod caller;
mod idle_stack;
mod lifecycle;
mod overload;
mod page;
mod races;
mod reference;
mod routes;
mod stack;
mod store_users;
mod story;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use stack::Stack;

type Check = fn(&Stack) -> Result<(), String>;

/// The check that has its own stack, which stays idle while the other checks run.
const IDLE: (&str, Check) =
    ("after_idling_every_route_answers_within_two_seconds", idle_stack::check_after_idling);

/// The checks that share one stack, in this order. The last ones stop the stack and start it again.
const CHECKS: &[(&str, Check)] = &[
    ("the_story_in_the_readme_is_true", story::run_readme),
    ("the_first_day_of_an_administrator_is_as_documented", story::run_first_day),
    ("every_route_is_served_by_its_function", routes::check_routes),
    ("an_unknown_path_is_404_and_no_cors_header_is_sent", routes::check_unknown_origins_paths_and_methods),
    ("every_recorded_event_is_answered", routes::invoke_recorded_events),
    ("dev_admin_creates_an_administrator_who_must_change_the_password", routes::create_admin),
    ("the_reference_is_a_page_that_loads_nothing_from_elsewhere", reference::check_page),
    ("a_client_generated_from_the_reference_uploads", reference::check_generated_client),
    (
        "requests_that_are_made_up_from_the_reference_are_answered_as_it_says",
        reference::check_generated_requests,
    ),
    ("the_page_keeps_its_promises_in_a_browser", page::check_in_browser),
    ("each_function_uses_its_own_user_at_the_store", store_users::check_signers),
    ("concurrent_confirmations_of_one_document_charge_once", races::confirm_one_document),
    ("of_fifty_documents_of_1_mib_exactly_ten_fit_into_10_mib", races::confirm_fifty_of_which_ten_fit),
    (
        "of_two_documents_of_55_mb_exactly_one_fits_into_100_mib_in_any_order",
        races::confirm_two_of_which_one_fits,
    ),
    ("every_confirmed_document_is_classified", races::wait_for_classification),
    ("of_130_concurrent_upload_requests_100_get_a_url_and_30_get_429", overload::request_130_uploads),
    ("500_concurrent_requests_to_one_function_are_all_answered", overload::send_500_requests),
    ("killed_processes_of_any_function_are_replaced", overload::kill_every_function),
    (
        "a_request_to_a_process_that_is_killed_gets_an_error_and_the_next_one_an_answer",
        overload::kill_during_request,
    ),
    ("killed_sandboxes_are_replaced", overload::kill_sandboxes),
    ("the_story_in_the_readme_is_still_true_after_the_faults", story::run_readme),
    ("cargo_lambda_watch_without_gateway_and_sandboxes_serves_the_api", idle_stack::watch_directly),
    ("a_service_that_dies_ends_the_stack_and_is_named", lifecycle::check_dead_service_is_named),
    ("ctrl_c_leaves_no_process", lifecycle::check_no_process_is_left),
    ("a_restart_of_the_stack_keeps_the_data", lifecycle::check_data_is_kept),
];

/// The checks that use nothing but the API, the store and the database.
const OF_DEPLOYED: &[&str] = &[
    "the_story_in_the_readme_is_true",
    "a_client_generated_from_the_reference_uploads",
    "requests_that_are_made_up_from_the_reference_are_answered_as_it_says",
    "concurrent_confirmations_of_one_document_charge_once",
    "of_fifty_documents_of_1_mib_exactly_ten_fit_into_10_mib",
    "every_confirmed_document_is_classified",
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One thread for the check of the idle stack, which comes first, and one for all others.
    arguments.test_threads = Some(2);
    let deployed = Stack::find_deployed();
    let is_local = deployed.is_none();
    assert!(
        OF_DEPLOYED.iter().all(|name| CHECKS.iter().any(|(known, _)| name == known)),
        "a check was renamed"
    );
    let stack = Arc::new(Mutex::new(deployed.unwrap_or_else(Stack::new)));
    let trial = |(name, check): &(&str, Check)| {
        let (stack, check) = (Arc::clone(&stack), *check);
        Trial::test(*name, move || {
            let stack = stack.lock().unwrap_or_else(PoisonError::into_inner);
            check(&stack).map_err(Failed::from)
        })
    };
    let idle = is_local.then(|| Trial::test(IDLE.0, || IDLE.1(&Stack::new()).map_err(Failed::from)));
    let checks = CHECKS.iter().filter(|(name, _)| is_local || OF_DEPLOYED.contains(name));
    libtest_mimic::run(&arguments, idle.into_iter().chain(checks.map(trial)).collect()).exit_code()
}
