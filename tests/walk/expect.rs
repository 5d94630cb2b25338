//! What the specification says an operation answers, from the state before it.

use serde_json::{Value, json};
use tests::Answer;
use tests::promises::{Quota, Snapshot};

use crate::act::Outcome;
use crate::model::Model;
use crate::operation::{Bytes, Operation};
use crate::stage::{Fault, MAX_BYTES, MAX_PENDING};

/// Statuses, and the body where it is known.
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

/// Whether the outcome is the one that the state before calls for, or one that the fault excuses.
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
        Outcome::Delivered { .. } if model.waits_for_a_provider(operation) => Ok(()),
        Outcome::Delivered { .. } => Err("a message comes back although nothing is wrong".into()),
        Outcome::Stored(status) => {
            let expected = put(before, model, operation);
            if expected.contains(status) { Ok(()) } else { Err(format!("PUT: expected {expected:?}")) }
        }
        Outcome::Answered(answer) => {
            let mut expected = request(before, model, operation);
            excuse(before, model, operation, fault, &mut expected);
            compare(&expected, answer)
        }
    }
}

fn compare(expected: &Expected, answer: &Answer) -> Result<(), String> {
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

/// A store that is down is told so, by those who need it; a lost connection may be told, and a lost answer may leave the
/// repetition nothing to do.
fn excuse(before: &Snapshot, model: &Model, operation: Operation, fault: Fault, expected: &mut Expected) {
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

fn request(before: &Snapshot, model: &Model, operation: Operation) -> Expected {
    match operation {
        Operation::Begin { user, length, declares_size, .. } => {
            begin(before, &model.users[user].id().to_string(), declares_size.then_some(length as i64))
        }
        Operation::Confirm { document } => confirm(before, model, document),
        Operation::Delete { document } => {
            let there = before.rows.contains_key(&model.documents[document].key);
            Expected::status(if there { 204 } else { 404 })
        }
        other => panic!("{other:?} has no answer"),
    }
}

fn begin(before: &Snapshot, user: &str, declared: Option<i64>) -> Expected {
    let quota = before.quotas[user];
    let live = before.live_urls.get(user).copied().unwrap_or_default();
    if let Some(size) = declared.filter(|size| *size > most(quota)) {
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
        (Some(_), Some((size, _))) if *size > most(quota) => Expected::over_quota(quota, *size),
        (Some(_), Some((size, _))) => ok(*size, quota.used + size),
    }
}

/// What fits, and is no larger than the stage admits. Nothing always fits.
fn most(quota: Quota) -> i64 {
    (quota.limit - quota.used).clamp(0, MAX_BYTES)
}

fn put(before: &Snapshot, model: &Model, operation: Operation) -> Vec<u16> {
    let Operation::Put { document, bytes } = operation else { panic!("{operation:?} is no PUT") };
    let document = &model.documents[document];
    let there = before.objects.contains_key(&document.key);
    let wrong = document.bytes(bytes) != document.meant;
    match bytes {
        Bytes::More if document.declares_size => vec![403],
        _ if document.declares_sum && wrong && there => vec![400, 412],
        _ if document.declares_sum && wrong => vec![400],
        _ if there => vec![412],
        _ => vec![200],
    }
}
