use std::time::Duration;

use docuvault::classification::{
    ClassificationError, FailureCode, Job, Match, Outcome, Pages, Reading, WithoutText,
};
use docuvault::config::{ClassificationConfig, DocumentLimits};
use docuvault::db::classification::{self, Claim};
use docuvault::db::upload::Charge;
use docuvault::db::{Database, upload};
use docuvault::id::DocumentId;
use docuvault::storage::StoredObject;
use docuvault::{Error, Result};

use super::topics::Topics;
use super::uploads::{Begun, Uploads};
use super::{ADA, BOB};

/// Sends the statements for classifications. Returns a document that is classified.
pub async fn send(db: &Database, uploads: &Uploads, topics: Topics) -> DocumentId {
    let [early, late] = uploads.pending.as_slice() else { panic!("two pending uploads") };
    let [failing, exhausted, _] = uploads.confirmed.as_slice() else { panic!("three confirmed uploads") };
    let config = tests::classification_config();
    early_event(db, early, &config).await;
    let job = claim(db, early, &config).await;
    classification::release(db, &job, Duration::from_secs(30)).await.unwrap();
    let put_off = classification::claim(db, early.id, None, &config).await.unwrap();
    assert!(matches!(put_off, Claim::NothingToDo));

    let absent = classification::claim(db, DocumentId::new(), Some(&late.location), &config).await.unwrap();
    assert!(matches!(absent, Claim::Absent));
    assert!(!classification::bury_orphan(db, &late.location).await.unwrap(), "the key has a row");
    let job = claim(db, failing, &config).await;
    let unreachable = ClassificationError { provider_asked: true, ..FailureCode::AnswerRefused.into() };
    classification::fail(db, &job, &unreachable).await.unwrap();
    let no_attempt = ClassificationConfig { max_attempts: 0, ..config.clone() };
    let spent = classification::claim(db, exhausted.id, None, &no_attempt).await.unwrap();
    assert!(matches!(spent, Claim::Exhausted { .. }));

    assert!(request(db, failing.id, 1).await.unwrap());
    assert!(!request(db, failing.id, 1).await.unwrap());
    assert!(matches!(request(db, exhausted.id, 1).await, Err(Error::TooManyClassifications { .. })));
    let limits = DocumentLimits { classifications_per_hour: 1 };
    let foreign = classification::request(db, limits, BOB, failing.id).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let job = claim(db, failing, &config).await;
    finish(db, &job, topics).await;
    failing.id
}

/// The event arrives before the confirmation.
async fn early_event(db: &Database, early: &Begun, config: &ClassificationConfig) {
    let pending = classification::claim(db, early.id, Some(&early.location), config).await.unwrap();
    assert!(matches!(pending, Claim::NothingToDo));
    let stored = StoredObject { size_bytes: 0, sha256: None, etag: None, content_type: None };
    let charged = upload::charge(db, ADA.id, early.id, &stored, 1_000).await;
    assert!(matches!(charged, Ok(Charge::Charged { nudge_owed: true, .. })));
}

async fn claim(db: &Database, begun: &Begun, config: &ClassificationConfig) -> Job {
    match classification::claim(db, begun.id, Some(&begun.location), config).await.unwrap() {
        Claim::Held(job) => *job,
        _ => panic!("the document is free"),
    }
}

async fn request(db: &Database, id: DocumentId, most: u32) -> Result<bool> {
    classification::request(db, DocumentLimits { classifications_per_hour: most }, ADA, id).await
}

async fn finish(db: &Database, job: &Job, topics: Topics) {
    let outcome = Outcome {
        matches: vec![
            Match { topic: topics.own, confidence: Some(0.5) },
            Match { topic: topics.system, confidence: None },
        ],
        suggestions: vec!["Boats".into()],
        truncated: false,
        images: 0,
        model: "builtin".into(),
        prompt_version: "1".into(),
    };
    classification::suggest(db, job, &outcome.suggestions, 10).await.unwrap();
    let pages = Pages { total: 10, without_text: 3 };
    let reading =
        Reading { without_text: Some(WithoutText::Image), pages: Some(pages), ..Reading::default() };
    classification::finish(db, job, &outcome, reading).await.unwrap();
}
