//! Performs the random operations of one leg, with the checks after each.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tests::promises::Snapshot;

use crate::fixture::{Fault, Fixture};
use crate::model::Model;
use crate::operation::Operation;
use crate::perform::perform;
use crate::settings::Settings;
use crate::{expected_answers, invariants};

/// The number of last steps that are printed when the walk fails.
const TAIL: usize = 40;

struct Walk {
    fixture: Fixture,
    model: Model,
    rng: StdRng,
    now: Snapshot,
    log: Vec<String>,
}

/// Performs one leg. Returns a line for each step: the operation, its outcome and the state afterwards.
pub fn walk(leg: Settings) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let fixture = Fixture::new().await;
        let model = Model::new(&fixture).await;
        let now = Snapshot::take(&fixture.vault).await;
        let rng = StdRng::seed_from_u64(leg.seed);
        let mut walk = Walk { fixture, model, rng, now, log: Vec::new() };
        let walked = walk.walk_steps(leg.steps).await;
        if let Err(problem) = walked {
            let tail = walk.log.len().saturating_sub(TAIL);
            panic!("seed {} step {}: {problem}\n{}", leg.seed, walk.log.len(), walk.log[tail..].join("\n"));
        }
        walk.log
    })
}

impl Walk {
    async fn walk_steps(&mut self, steps: usize) -> Result<(), String> {
        for _ in 0..steps {
            let operation = Operation::choose(&mut self.rng, &self.model, &self.now);
            let fault = operation.choose_fault(&mut self.rng);
            self.step(operation, fault).await?;
            if fault == Fault::None && self.rng.random_bool(0.2) {
                self.repeat(operation).await?;
            }
        }
        self.end_walk().await
    }

    async fn step(&mut self, operation: Operation, fault: Fault) -> Result<(), String> {
        let outcome = perform(&self.fixture, &mut self.model, operation, fault).await;
        let after = Snapshot::take(&self.fixture.vault).await;
        self.log.push(format!("{operation:?} {fault:?}: {outcome}; {}", self.describe(&after)));
        expected_answers::check(&self.now, &self.model, operation, fault, &outcome)?;
        invariants::check_changes(&self.now, &after, &self.model, operation)?;
        invariants::check_answer(&after, &self.model, operation, &outcome)?;
        invariants::check_promises(&after)?;
        if operation == Operation::Rest {
            invariants::check_at_rest(&self.fixture, &after, &self.model).await?;
        }
        self.now = after;
        Ok(())
    }

    /// Checks P8: the same operation, repeated at once, changes nothing.
    async fn repeat(&mut self, operation: Operation) -> Result<(), String> {
        let repeatable = matches!(
            operation,
            Operation::Put { .. }
                | Operation::Confirm { .. }
                | Operation::Delete { .. }
                | Operation::Deliver { again: true, .. }
        );
        if !repeatable {
            return Ok(());
        }
        let before = self.now.clone();
        self.step(operation, Fault::None).await?;
        if self.now == before {
            Ok(())
        } else {
            Err(format!("P8: the repetition changed {before:?} to {:?}", self.now))
        }
    }

    /// Ends the walk: holds back undelivered messages, lets all URLs and tombstones expire, and then delivers
    /// the messages and repeats a request for every document. Checks that this changes nothing.
    async fn end_walk(&mut self) -> Result<(), String> {
        let late = std::mem::take(&mut self.model.messages);
        self.step(Operation::Rest, Fault::None).await?;
        self.step(Operation::Age { minutes: 48 * 60 }, Fault::None).await?;
        self.step(Operation::Sweep, Fault::None).await?;
        invariants::check_only_confirmed_documents_are_left(&self.now)?;
        let rested = self.now.clone();
        self.model.messages = late;
        while !self.model.messages.is_empty() {
            self.step(Operation::Deliver { message: 0, again: false }, Fault::None).await?;
        }
        for document in 0..self.model.documents.len() {
            let kept = self.now.rows.contains_key(&self.model.documents[document].key);
            let again = if kept { Operation::Confirm { document } } else { Operation::Delete { document } };
            self.step(again, Fault::None).await?;
        }
        self.step(Operation::Rest, Fault::None).await?;
        if self.now == rested { Ok(()) } else { Err("P8: repetitions changed the state".into()) }
    }

    /// Describes a state by numbers only, because ids differ between walks.
    fn describe(&self, after: &Snapshot) -> String {
        let rows = |status: &str| after.rows.values().filter(|row| row.status == status).count();
        let used: Vec<i64> =
            self.model.users.iter().map(|user| after.quotas[&user.id().to_string()].used).collect();
        format!(
            "{} pending, {} uploaded, {} classified, {} failed, used {used:?}, {} objects, {} tombstones, {} messages",
            rows("pending"),
            rows("uploaded"),
            rows("classified"),
            rows("classification_failed"),
            after.objects.len(),
            after.tombstones.len(),
            self.model.messages.len(),
        )
    }
}
