//! The answer to an operator who asked for a repair.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Position;

/// The number of ids that the answer shows of each kind.
const SHOWN: usize = 20;

/// What a repair found and changed.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Whether changes were made. If not, the answer shows what would be changed.
    pub applied: bool,
    /// Accounts with wrong used bytes, by their ids.
    pub ledger_drifts: Repaired,
    /// Confirmed documents without an object, by their ids.
    pub rows_without_object: Repaired,
    /// Objects without a row, by the document's id in their keys.
    pub objects_without_row: Repaired,
    /// Documents whose object has changed, by their ids. They are never repaired.
    pub changed_objects: Repaired,
    /// Objects that nobody can check, by the ids of their documents. They are never repaired, and the log has
    /// the reasons.
    pub unchecked_objects: Repaired,
    /// Why the repair has stopped although it was not done, or would stop if it made changes.
    pub refused: Option<String>,
    /// Where the next invocation must begin. `None` if everything was compared.
    pub cursor: Option<Position>,
}

/// What was found and changed of one kind.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// The number of findings.
    pub found: usize,
    /// The number of findings that were repaired.
    pub changed: usize,
    /// The number of findings that could not be repaired, by reason.
    pub left: BTreeMap<&'static str, usize>,
    /// The ids of the first findings.
    pub ids: Vec<String>,
}

impl Repaired {
    /// Counts a finding.
    pub(super) fn count_finding(&mut self, id: impl ToString) {
        self.found += 1;
        if self.ids.len() < SHOWN {
            self.ids.push(id.to_string());
        }
    }

    /// Counts a finding that was not repaired.
    pub(super) fn count_left(&mut self, reason: &'static str) {
        *self.left.entry(reason).or_default() += 1;
    }
}

impl Outcome {
    pub(super) fn new(applied: bool) -> Self {
        Self {
            applied,
            ledger_drifts: Repaired::default(),
            rows_without_object: Repaired::default(),
            objects_without_row: Repaired::default(),
            changed_objects: Repaired::default(),
            unchecked_objects: Repaired::default(),
            refused: None,
            cursor: None,
        }
    }

    /// The number of changes.
    pub(super) const fn changes(&self) -> usize {
        self.ledger_drifts.changed + self.rows_without_object.changed + self.objects_without_row.changed
    }

    pub(super) fn log(&self) {
        tracing::info!(
            applied = self.applied,
            ledger_drifts = self.ledger_drifts.found,
            rows_without_object = self.rows_without_object.found,
            objects_without_row = self.objects_without_row.found,
            changed_objects = self.changed_objects.found,
            unchecked_objects = self.unchecked_objects.found,
            changes = self.changes(),
            refused = self.refused.is_some(),
            is_done = self.cursor.is_none(),
            "a repair has ended"
        );
    }
}
