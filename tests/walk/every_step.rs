//! Interrupts every operation at each of its requests, before and after the request is carried out. Nothing
//! here is random.

use tests::fuse::Side;
use tests::promises::Snapshot;

use crate::fixture::{Fault, Fixture};
use crate::invariants;
use crate::model::Model;
use crate::operation::{Bytes, Operation};
use crate::perform::{Outcome, perform};

/// A sequence of operations. The last one is under test.
struct Sequence {
    name: &'static str,
    /// The number of requests that the last operation makes. The test fails if it makes more.
    steps: usize,
    operations: &'static [Operation],
}

const BEGIN: Operation =
    Operation::Begin { user: 0, length: 9, declares_size: false, declares_sha256: false };
const PUT: Operation = Operation::Put { document: 0, bytes: Bytes::Declared };
const CONFIRM: Operation = Operation::Confirm { document: 0 };
const DELETE: Operation = Operation::Delete { document: 0 };
const EVENT: Operation = Operation::Deliver { message: 0, again: true };
const FULL: Operation = Operation::Limit { user: 0, bytes: 8 };
const AGE: Operation = Operation::Age { minutes: 70 };

const SEQUENCES: [Sequence; 11] = [
    Sequence { name: "a URL", steps: 1, operations: &[BEGIN] },
    Sequence { name: "a confirmation before its event", steps: 3, operations: &[BEGIN, PUT, CONFIRM] },
    Sequence { name: "a confirmation after its event", steps: 4, operations: &[BEGIN, PUT, EVENT, CONFIRM] },
    Sequence { name: "a confirmation again", steps: 1, operations: &[BEGIN, PUT, CONFIRM, CONFIRM] },
    Sequence { name: "a refusal", steps: 4, operations: &[BEGIN, PUT, FULL, CONFIRM] },
    Sequence { name: "a deletion", steps: 2, operations: &[BEGIN, PUT, CONFIRM, DELETE] },
    Sequence { name: "an event after confirmation", steps: 3, operations: &[BEGIN, PUT, CONFIRM, EVENT] },
    Sequence { name: "an event before confirmation", steps: 1, operations: &[BEGIN, PUT, EVENT] },
    Sequence { name: "an event after deletion", steps: 2, operations: &[BEGIN, PUT, DELETE, EVENT] },
    Sequence { name: "an event of an orphan", steps: 4, operations: &[BEGIN, DELETE, PUT, EVENT] },
    Sequence { name: "a sweep", steps: 14, operations: &[BEGIN, PUT, CONFIRM, BEGIN, AGE, Operation::Sweep] },
];

#[tokio::test]
async fn the_promises_hold_if_the_sandbox_dies_at_any_request() {
    let fixture = Fixture::new().await;
    for sequence in SEQUENCES {
        for side in [Side::Before, Side::After] {
            for step in 1..=sequence.steps + 1 {
                let died = run_sequence(&fixture, &sequence, Fault::Crash(step, side)).await;
                assert_eq!(
                    died,
                    step <= sequence.steps,
                    "{} does not have {} steps",
                    sequence.name,
                    sequence.steps
                );
            }
        }
    }
}

#[tokio::test]
async fn the_promises_hold_if_any_request_or_answer_is_lost() {
    let fixture = Fixture::new().await;
    for sequence in SEQUENCES {
        for side in [Side::Before, Side::After] {
            for step in 1..=sequence.steps {
                run_sequence(&fixture, &sequence, Fault::Cut(step, side)).await;
            }
        }
    }
}

/// Performs the sequence with this fault in the last operation, repeats that operation without a fault, and
/// lets all messages arrive. Returns whether the sandbox died.
async fn run_sequence(fixture: &Fixture, sequence: &Sequence, fault: Fault) -> bool {
    let mut model = Model::new(fixture).await;
    let (last, operations) = sequence.operations.split_last().unwrap();
    for &operation in operations {
        perform(fixture, &mut model, operation, Fault::None).await;
    }
    let outcome = perform(fixture, &mut model, *last, fault).await;
    let what = format!("{} at {fault:?}: {outcome}", sequence.name);
    invariants::check_promises(&Snapshot::take(&fixture.vault).await)
        .map_err(|problem| format!("{what}: {problem}"))
        .unwrap();
    perform(fixture, &mut model, *last, Fault::None).await;
    // All other messages are lost.
    model.messages.clear();
    for operation in [Operation::Rest, Operation::Age { minutes: 48 * 60 }, Operation::Sweep] {
        perform(fixture, &mut model, operation, Fault::None).await;
    }
    let after = Snapshot::take(&fixture.vault).await;
    invariants::check_promises(&after)
        .and(invariants::check_only_confirmed_documents_are_left(&after))
        .and(after.check_ended_classifications())
        .map_err(|problem| format!("{what}, then: {problem}"))
        .unwrap();
    matches!(outcome, Outcome::Died)
}
