//! The vault from outside, over `cargo lambda watch`: one stack, started by `./dev up`, that these tests share in order.

mod caller;
mod identities;
mod lifecycle;
mod races;
mod routes;
mod stack;
mod story;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use stack::Stack;

type Check = fn(&Stack) -> Result<(), String>;

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
    ("ctrl_c_leaves_no_process", lifecycle::no_process_is_left),
    ("the_next_up_keeps_the_data", lifecycle::data_is_kept),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let stack = Arc::new(Stack::new());
    let trial = |(name, check): &(&str, Check)| {
        let (stack, check) = (Arc::clone(&stack), *check);
        Trial::test(*name, move || check(&stack).map_err(Failed::from))
    };
    libtest_mimic::run(&arguments, CHECKS.iter().map(trial).collect()).exit_code()
}
