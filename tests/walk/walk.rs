//! One leg of a walk.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tests::promises::Snapshot;

use crate::act::act;
use crate::model::Model;
use crate::operation::Operation;
use crate::settings::Settings;
use crate::stage::{Fault, Stage};
use crate::{check, expect};

/// How much of the way is told when it ends badly.
const TAIL: usize = 40;

struct Walk {
    stage: Stage,
    model: Model,
    rng: StdRng,
    now: Snapshot,
    log: Vec<String>,
}

/// Walks, and answers the way: what happened and what the state was after each step.
pub fn walk(leg: Settings) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = Stage::new().await;
        let model = Model::new(&stage).await;
        let now = Snapshot::take(&stage.vault).await;
        let rng = StdRng::seed_from_u64(leg.seed);
        let mut walk = Walk { stage, model, rng, now, log: Vec::new() };
        let walked = walk.go(leg.steps).await;
        if let Err(problem) = walked {
            let tail = walk.log.len().saturating_sub(TAIL);
            panic!("seed {} step {}: {problem}\n{}", leg.seed, walk.log.len(), walk.log[tail..].join("\n"));
        }
        walk.log
    })
}

impl Walk {
    async fn go(&mut self, steps: usize) -> Result<(), String> {
        for _ in 0..steps {
            let operation = Operation::choose(&mut self.rng, &self.model, &self.now);
            let fault = operation.fault(&mut self.rng);
            self.step(operation, fault).await?;
            if fault == Fault::None && self.rng.random_bool(0.2) {
                self.repeat(operation).await?;
            }
        }
        self.end().await
    }

    async fn step(&mut self, operation: Operation, fault: Fault) -> Result<(), String> {
        let outcome = act(&self.stage, &mut self.model, operation, fault).await;
        let after = Snapshot::take(&self.stage.vault).await;
        self.log.push(format!("{operation:?} {fault:?}: {outcome}; {}", self.describe(&after)));
        expect::check(&self.now, &self.model, operation, fault, &outcome)?;
        check::frame(&self.now, &after, &self.model, operation)?;
        check::told(&after, &self.model, operation, &outcome)?;
        check::promises(&after)?;
        if operation == Operation::Rest {
            check::rest(&self.stage, &after, &self.model).await?;
        }
        self.now = after;
        Ok(())
    }

    /// P8: at once again, the same operation changes nothing.
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
            Err(format!("P8: repeating it made {before:?} {:?}", self.now))
        }
    }

    /// What is still under way is lost; then time passes beyond all expiries, and everything is asked for once more.
    async fn end(&mut self) -> Result<(), String> {
        let late = std::mem::take(&mut self.model.messages);
        self.step(Operation::Rest, Fault::None).await?;
        self.step(Operation::Age { minutes: 48 * 60 }, Fault::None).await?;
        self.step(Operation::Sweep, Fault::None).await?;
        check::end(&self.now)?;
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
        if self.now == rested { Ok(()) } else { Err("P8: repetitions have changed the state".into()) }
    }

    /// Numbers only: ids differ from walk to walk.
    fn describe(&self, after: &Snapshot) -> String {
        let rows = |status: &str| after.rows.values().filter(|row| row.status == status).count();
        let used: Vec<i64> =
            self.model.users.iter().map(|user| after.quotas[&user.id().to_string()].used).collect();
        format!(
            "{} pending, {} uploaded, {} classified, {} failed, used {used:?}, {} objects, {} buried, {} under way",
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
