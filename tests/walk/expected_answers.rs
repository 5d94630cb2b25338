//! The answer that an operation must get, given the state before it.

use serde_json::{Value, json};
use tests::Response;
use tests::promises::{Quota, Snapshot};

use crate::fixture::{Fault, MAX_BYTES, MAX_PENDING};
use crate::model::Model;
use crate::operation::{Bytes, Operation};
use crate::perform::Outcome;

/// The allowed statuses. The body, if known, belongs to the first status.
struct Expected {
    statuses: Vec<u16>,
    body: Option<Value>,
}

impl Expected {
    fn status(status: u16) -> Self {
        Self { statuses: vec![status], body: None }
    }

    fn over_quota(Quota { used, limit }: Quota, rejected: i64) -> Self {
        let detail = json!({"used_bytes": used, "limit_bytes": limit, "rejected_bytes": rejected});
        Self { statuses: vec![413], body: Some(json!({"detail": detail, "code": "quota_exceeded"})) }
    }
}

/// Checks that the outcome is the one that the state requires, or one that the fault allows.
pub fn check(
    before: &Snapshot,
    model: &Model,
    operation: Operation,
    fault: Fault,
    outcome: &Outcome,
) -> Result<(), String> {
    match outcome {
        Outcome::Died | Outcome::Silent => Ok(()),
        Outcome::Delivered { taken } if *taken || fault != Fault::None => Ok(()),
        Outcome::Delivered { .. } if model.has_unknown_provider(operation) => Ok(()),
        Outcome::Delivered { .. } => Err("a message comes back without a fault".into()),
        Outcome::Stored(status) => {
            let expected = put(before, model, operation);
            if expected.contains(status) { Ok(()) } else { Err(format!("PUT: expected {expected:?}")) }
        }
        Outcome::Answered(answer) => {
            let mut expected = expected_response(before, model, operation);
            allow_for_fault(before, model, operation, fault, &mut expected);
            compare(&expected, answer)
        }
    }
}

fn compare(expected: &Expected, answer: &Response) -> Result<(), String> {
    if !expected.statuses.contains(&answer.status) {
        return Err(format!("expected {:?}: {}", expected.statuses, answer.body));
    }
    match &expected.body {
        Some(body) if answer.status == expected.statuses[0] && *body != answer.body => {
            Err(format!("expected {body}: {}", answer.body))
        }
        _ => Ok(()),
    }
}

/// Adds the answers that a fault allows. If the store is down, a confirmation answers 503. If a connection is
/// lost, a request may answer 503; if an answer is lost, the repeated statement may find that the row is
/// gone.
fn allow_for_fault(
    before: &Snapshot,
    model: &Model,
    operation: Operation,
    fault: Fault,
    expected: &mut Expected,
) {
    match (fault, operation) {
        (Fault::StoreDown | Fault::StoreFails, Operation::Confirm { document }) => {
            let row = before.rows.get(&model.documents[document].key);
            if row.is_some_and(|row| !row.is_confirmed()) {
                *expected = Expected::status(503);
            }
        }
        (Fault::Cut(..), _) => {
            if expected.statuses == [413] {
                expected.statuses.push(404);
            }
            expected.statuses.push(503);
        }
        _ => {}
    }
}

fn expected_response(before: &Snapshot, model: &Model, operation: Operation) -> Expected {
    match operation {
        Operation::Begin { user, length, declares_size, .. } => {
            begin(before, &model.users[user].id().to_string(), declares_size.then_some(length as i64))
        }
        Operation::Confirm { document } => confirm(before, model, document),
        Operation::Delete { document } => {
            let exists = before.rows.contains_key(&model.documents[document].key);
            Expected::status(if exists { 204 } else { 404 })
        }
        other => panic!("{other:?} has no answer"),
    }
}

fn begin(before: &Snapshot, user: &str, declared: Option<i64>) -> Expected {
    let quota = before.quotas[user];
    let live = before.live_urls.get(user).copied().unwrap_or_default();
    if let Some(size) = declared.filter(|size| *size > largest_size(quota)) {
        Expected::over_quota(quota, size)
    } else if live >= MAX_PENDING.into() {
        Expected::status(429)
    } else {
        Expected::status(201)
    }
}

fn confirm(before: &Snapshot, model: &Model, document: usize) -> Expected {
    let document = &model.documents[document];
    let quota = before.quotas[&model.users[document.user].id().to_string()];
    let ok = |size: i64, used: i64| Expected {
        statuses: vec![200],
        body: Some(json!({
            "id": document.upload.document_id, "size_bytes": size, "used_bytes": used, "status": "uploaded"
        })),
    };
    match (before.rows.get(&document.key), before.objects.get(&document.key)) {
        (None, _) => Expected::status(404),
        (Some(row), _) if row.is_confirmed() => ok(row.size.unwrap(), quota.used),
        (Some(_), None) => Expected::status(422),
        (Some(_), Some((size, _))) if *size > largest_size(quota) => Expected::over_quota(quota, *size),
        (Some(_), Some((size, _))) => ok(*size, quota.used + size),
    }
}

/// Returns the largest size that fits into the quota and below the size limit. An empty object always fits.
fn largest_size(quota: Quota) -> i64 {
    (quota.limit - quota.used).clamp(0, MAX_BYTES)
}

fn put(before: &Snapshot, model: &Model, operation: Operation) -> Vec<u16> {
    let Operation::Put { document, bytes } = operation else { panic!("{operation:?} is no PUT") };
    let document = &model.documents[document];
    let exists = before.objects.contains_key(&document.key);
    let wrong = document.bytes(bytes) != document.declared_bytes;
    match bytes {
        Bytes::More if document.declares_size => vec![403],
        _ if document.declares_sha256 && wrong && exists => vec![400, 412],
        _ if document.declares_sha256 && wrong => vec![400],
        _ if exists => vec![412],
        _ => vec![200],
    }
}
