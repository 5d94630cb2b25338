//! Not at random: every operation, cut off at every one of its steps, on both sides of it.

use tests::fuse::Side;
use tests::promises::Snapshot;

use crate::act::{Outcome, act};
use crate::check;
use crate::model::Model;
use crate::operation::{Bytes, Operation};
use crate::stage::{Fault, Stage};

/// What is played: the way to the operation under test, which is the last.
struct Play {
    name: &'static str,
    /// How many requests it makes: no more than are needed.
    steps: usize,
    way: &'static [Operation],
}

const BEGIN: Operation = Operation::Begin { user: 0, length: 9, declares_size: false, declares_sum: false };
const PUT: Operation = Operation::Put { document: 0, bytes: Bytes::Meant };
const CONFIRM: Operation = Operation::Confirm { document: 0 };
const DELETE: Operation = Operation::Delete { document: 0 };
const EVENT: Operation = Operation::Deliver { message: 0, again: true };
const FULL: Operation = Operation::Limit { user: 0, bytes: 8 };
const AGE: Operation = Operation::Age { minutes: 70 };

const PLAYS: [Play; 10] = [
    Play { name: "a URL", steps: 1, way: &[BEGIN] },
    Play { name: "a confirmation before its event", steps: 3, way: &[BEGIN, PUT, CONFIRM] },
    Play { name: "a confirmation after its event", steps: 4, way: &[BEGIN, PUT, EVENT, CONFIRM] },
    Play { name: "a confirmation again", steps: 1, way: &[BEGIN, PUT, CONFIRM, CONFIRM] },
    Play { name: "a refusal", steps: 4, way: &[BEGIN, PUT, FULL, CONFIRM] },
    Play { name: "a deletion", steps: 2, way: &[BEGIN, PUT, CONFIRM, DELETE] },
    Play { name: "an event after confirmation", steps: 3, way: &[BEGIN, PUT, CONFIRM, EVENT] },
    Play { name: "an event before confirmation", steps: 1, way: &[BEGIN, PUT, EVENT] },
    Play { name: "an event after deletion", steps: 2, way: &[BEGIN, PUT, DELETE, EVENT] },
    Play { name: "a sweep", steps: 9, way: &[BEGIN, PUT, CONFIRM, BEGIN, AGE, Operation::Sweep] },
];

#[tokio::test]
async fn whichever_request_of_an_operation_is_its_last_the_promises_hold() {
    let stage = Stage::new().await;
    for play in PLAYS {
        for side in [Side::Before, Side::After] {
            for step in 1..=play.steps + 1 {
                let died = perform(&stage, &play, Fault::Crash(step, side)).await;
                assert_eq!(died, step <= play.steps, "{} has other than {} steps", play.name, play.steps);
            }
        }
    }
}

#[tokio::test]
async fn whichever_answer_is_lost_the_promises_hold() {
    let stage = Stage::new().await;
    for play in PLAYS {
        for side in [Side::Before, Side::After] {
            for step in 1..=play.steps {
                perform(&stage, &play, Fault::Cut(step, side)).await;
            }
        }
    }
}

/// Plays it with this fault in the last operation, repeats that until it is done, and lets everything come to rest. Answers
/// whether the sandbox died.
async fn perform(stage: &Stage, play: &Play, fault: Fault) -> bool {
    let mut model = Model::new(stage).await;
    let (last, way) = play.way.split_last().unwrap();
    for &operation in way {
        act(stage, &mut model, operation, Fault::None).await;
    }
    let outcome = act(stage, &mut model, *last, fault).await;
    let what = format!("{} at {fault:?}: {outcome}", play.name);
    check::promises(&Snapshot::take(&stage.vault).await)
        .map_err(|problem| format!("{what}: {problem}"))
        .unwrap();
    act(stage, &mut model, *last, Fault::None).await;
    // Whatever else is under way is lost.
    model.messages.clear();
    for operation in [Operation::Rest, Operation::Age { minutes: 48 * 60 }, Operation::Sweep] {
        act(stage, &mut model, operation, Fault::None).await;
    }
    let after = Snapshot::take(&stage.vault).await;
    check::promises(&after)
        .and(check::end(&after))
        .and(after.classification_has_ended())
        .map_err(|problem| format!("{what}, then: {problem}"))
        .unwrap();
    matches!(outcome, Outcome::Died)
}
