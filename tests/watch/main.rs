//! The vault from outside, over gateway and `cargo lambda watch`: one stack, started by `./dev up`, that these tests share in
//! order, and beside it one that idles.

mod caller;
mod crowd;
mod identities;
mod idle;
mod lifecycle;
mod races;
mod routes;
mod stack;
mod story;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use stack::Stack;

type Check = fn(&Stack) -> Result<(), String>;

/// Its stack is its own, so that it may idle while the others run.
const IDLE: (&str, Check) = ("after_idling_every_route_answers_within_two_seconds", idle::soak);

/// The last ones stop the stack and start it again.
const CHECKS: &[(&str, Check)] = &[
    ("the_story_in_the_readme_is_true", story::readme),
    ("every_route_is_served_by_its_function", routes::routed),
    ("a_wrong_path_is_404_and_cors_is_not_ours", routes::wrong_path),
    ("every_recorded_event_is_answered", routes::recorded_events),
    ("an_administrator_is_made_and_owes_a_password", routes::admin),
    ("each_function_is_itself_at_the_store", identities::own),
    ("many_confirmations_of_one_document_charge_once", races::one_document),
    ("fifty_of_1_mib_into_10_mib_admit_exactly_ten", races::fifty_into_ten),
    ("two_of_55_mb_into_100_mb_admit_one_in_either_order", races::two_into_one),
    ("every_confirmed_document_ends_classified", races::all_end),
    ("of_130_uploads_at_once_100_get_a_url_and_30_are_told_to_wait", crowd::uploads),
    ("500_requests_to_one_function_at_once_are_all_answered", crowd::five_hundred),
    ("killed_processes_of_any_function_are_replaced", crowd::killed),
    (
        "who_waits_for_a_process_that_is_killed_gets_an_error_and_the_next_one_an_answer",
        crowd::killed_at_work,
    ),
    ("killed_sandboxes_are_replaced", crowd::sandboxes_killed),
    ("the_story_is_true_after_all_that_too", story::readme),
    ("cargo_lambda_watch_by_itself_serves_the_api", idle::by_itself),
    ("a_part_that_dies_ends_the_stack_and_is_named", lifecycle::a_dead_part_is_named),
    ("ctrl_c_leaves_no_process", lifecycle::no_process_is_left),
    ("the_next_up_keeps_the_data", lifecycle::data_is_kept),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One for the stack that idles, which comes first, and one for all others.
    arguments.test_threads = Some(2);
    let stack = Arc::new(Mutex::new(Stack::new()));
    let trial = |(name, check): &(&str, Check)| {
        let (stack, check) = (Arc::clone(&stack), *check);
        Trial::test(*name, move || {
            let stack = stack.lock().unwrap_or_else(PoisonError::into_inner);
            check(&stack).map_err(Failed::from)
        })
    };
    let idle = Trial::test(IDLE.0, || IDLE.1(&Stack::new()).map_err(Failed::from));
    let trials = std::iter::once(idle).chain(CHECKS.iter().map(trial)).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
