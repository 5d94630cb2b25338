//! Checks after every step: the promises hold (P1 to P8 in `README.md`), and the step changed only what its
//! operation may change.

use std::collections::BTreeSet;

use cleanup::Audit;
use tests::promises::{Row, Snapshot};

use crate::fixture::Fixture;
use crate::model::Model;
use crate::operation::Operation;
use crate::perform::Outcome;

/// Checks P1, P3 and P5 in the form that holds at any moment.
pub fn check_promises(after: &Snapshot) -> Result<(), String> {
    after.check_ledger_balance()?;
    after.check_confirmed_objects()?;
    after.check_no_object_is_forgotten()
}

/// Checks that the row is in the state that the response promised to the client.
pub fn check_answer(
    after: &Snapshot,
    model: &Model,
    operation: Operation,
    outcome: &Outcome,
) -> Result<(), String> {
    let Outcome::Answered(answer) = outcome else { return Ok(()) };
    let (document, promised) = match (operation, answer.status) {
        (Operation::Begin { .. }, 201) => (model.documents.len() - 1, "pending"),
        (Operation::Confirm { document }, 200) => (document, "confirmed"),
        (Operation::Confirm { document }, 422) => (document, "pending"),
        (Operation::Confirm { document }, 404 | 413) => (document, "gone"),
        (Operation::Delete { document }, 204 | 404) => (document, "gone"),
        _ => return Ok(()),
    };
    let is = match after.rows.get(&model.documents[document].key) {
        None => "gone",
        Some(row) if row.is_confirmed() => "confirmed",
        Some(_) => "pending",
    };
    if is == promised { Ok(()) } else { Err(format!("the client was told {promised}, the row is {is}")) }
}

/// Checks that the operation changed only what it may change (P2, P3 and P8).
pub fn check_changes(
    before: &Snapshot,
    after: &Snapshot,
    model: &Model,
    operation: Operation,
) -> Result<(), String> {
    let own = |number: usize| model.documents[number].key.as_str();
    let key = match operation {
        Operation::Put { document, .. }
        | Operation::Confirm { document }
        | Operation::Delete { document } => Some(own(document)),
        _ => None,
    };
    for row in before.rows.keys().chain(after.rows.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (before.rows.get(row), after.rows.get(row));
        if was != is && !is_allowed_change(operation, key == Some(row.as_str()), was, is) {
            return Err(format!("{row} was {was:?} and is {is:?}"));
        }
    }
    check_limit_changes(before, after, operation)?;
    check_object_changes(before, after, operation, key)
}

fn is_allowed_change(operation: Operation, own: bool, was: Option<&Row>, is: Option<&Row>) -> bool {
    let pending = |row: &Row| !row.is_confirmed();
    match (operation, was, is) {
        (Operation::Begin { .. }, None, Some(is)) => pending(is),
        (Operation::Delete { .. }, Some(_), None) => own,
        (Operation::Confirm { .. }, Some(was), None) => own && pending(was),
        (Operation::Confirm { .. }, Some(was), Some(is)) => {
            own && pending(was) && is.status == "uploaded" && was.user == is.user
        }
        (Operation::Sweep | Operation::Rest, Some(was), None) => pending(was),
        (Operation::Deliver { .. } | Operation::Rest, Some(was), Some(is)) => {
            let ended = Row { status: is.status.clone(), failure: is.failure.clone(), ..was.clone() };
            was.status == "uploaded" && *is == ended && is.is_confirmed()
        }
        _ => false,
    }
}

/// Checks P2 and the limits: no operation but a confirmation adds used bytes, and none adds bytes over the
/// limit. A limit may be lowered below the used bytes.
fn check_limit_changes(before: &Snapshot, after: &Snapshot, operation: Operation) -> Result<(), String> {
    for (user, is) in &after.quotas {
        let was = before.quotas[user];
        if is.used > was.used && (is.used > is.limit || !matches!(operation, Operation::Confirm { .. })) {
            return Err(format!("P2: {user} had {was:?} and has {is:?}"));
        }
        if is.limit != was.limit && !matches!(operation, Operation::Limit { .. }) {
            return Err(format!("the limit of {user} has changed without an operation"));
        }
    }
    Ok(())
}

/// Checks P3: only a PUT stores an object, and only if the key is free. An object is never replaced, and is
/// removed only after its row.
fn check_object_changes(
    before: &Snapshot,
    after: &Snapshot,
    operation: Operation,
    own: Option<&str>,
) -> Result<(), String> {
    let put = matches!(operation, Operation::Put { .. });
    for (key, object) in &after.objects {
        let fresh = || put && own == Some(key.as_str());
        match before.objects.get(key) {
            Some(was) if was != object => return Err(format!("P3: {key} was replaced")),
            None if !fresh() => return Err(format!("{key} was stored without a PUT")),
            _ => {}
        }
    }
    match before.objects.keys().find(|key| !after.objects.contains_key(*key) && after.rows.contains_key(*key))
    {
        Some(key) => Err(format!("P5: the object of {key} is gone, but its row is there")),
        None => Ok(()),
    }
}

/// Checks P3 and P4 when no message is left: confirmed objects have the bytes that were PUT, each confirmed
/// document is classified or has failed, and the audit finds nothing.
pub async fn check_at_rest(fixture: &Fixture, after: &Snapshot, model: &Model) -> Result<(), String> {
    after.check_ended_classifications()?;
    for (key, _) in after.rows.iter().filter(|(_, row)| row.is_confirmed()) {
        if fixture.vault.bucket.read(key).await != model.stored[key] {
            return Err(format!("P3: {key} has other bytes than were PUT"));
        }
    }
    let Audit { drifts, without_row, without_object, changed, unchecked, .. } = fixture.vault.audit().await;
    if [drifts, without_row, without_object, changed, unchecked] == [0; 5] {
        Ok(())
    } else {
        Err(format!(
            "the audit finds {drifts} drifts, {without_row} objects without a row, {without_object} rows without \
             an object, {changed} changed objects, and {unchecked} that cannot be checked"
        ))
    }
}

/// Checks P5 after all URLs and tombstones have expired: only confirmed documents and their objects are left.
pub fn check_only_confirmed_documents_are_left(after: &Snapshot) -> Result<(), String> {
    after.check_every_object_has_a_row()?;
    if !after.tombstones.is_empty() {
        return Err(format!("P5: tombstones that never expire: {:?}", after.tombstones));
    }
    match after.rows.iter().find(|(_, row)| !row.is_confirmed()) {
        Some((key, _)) => Err(format!("{key} stays pending")),
        None => Ok(()),
    }
}
