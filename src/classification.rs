//! Classification: what becomes of a message of the queue. The row decides; the message only nudges (SPEC section 4).

mod builtin;
mod text;

use std::time::Duration;

use crate::config;
use crate::db::Database;
use crate::db::classification::Claim;
use crate::event::{self, Event};
use crate::id::{DocumentId, LeaseId, TopicId, UserId};
use crate::storage::{ObjectKey, Storage};
use crate::{Error, Result, db};

/// How long a worker may keep a document to itself: longer than the function's timeout (30 s), shorter than the queue's
/// visibility timeout (180 s), so that what a killed worker held is free when its message comes back.
pub const LEASE: Duration = Duration::from_secs(90);

/// How many new topics one document may suggest (SPEC section 4).
pub const SUGGESTIONS: usize = 3;

/// A topic as classification sees it.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its id.
    pub id: TopicId,
    /// Its name.
    pub name: String,
    /// What it is about, in words.
    pub description: String,
}

/// A document that this worker holds.
#[derive(Debug)]
pub struct Job {
    /// The document.
    pub id: DocumentId,
    /// The hold.
    pub lease: LeaseId,
    /// Whose topics count.
    pub owner: UserId,
    /// Where the bytes are.
    pub key: ObjectKey,
    /// A hint.
    pub filename: String,
    /// A hint, of the client's.
    pub content_type: String,
    /// Who classifies.
    pub provider: String,
    /// With which model.
    pub model: String,
    /// This one included.
    pub attempts: i32,
}

/// A topic that fits, and how well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Which.
    pub topic: TopicId,
    /// 0 to 1.
    pub confidence: f32,
}

/// What a provider found.
#[derive(Debug)]
pub struct Outcome {
    /// Which topics fit.
    pub matches: Vec<Match>,
    /// Names of topics that the owner might want, [`SUGGESTIONS`] at most.
    pub suggestions: Vec<String>,
    /// Whether the model saw only a part of the text.
    pub truncated: bool,
    /// Which model answered.
    pub model: String,
    /// Which of our prompts it was given.
    pub prompt_version: &'static str,
}

/// Why a job ended without an outcome.
#[derive(Debug)]
pub struct Problem {
    /// Stable name, shown to the owner.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// Whether another attempt may go better.
    pub passing: bool,
    /// How long to leave whom it failed at alone, if that is known.
    pub retry_after: Option<Duration>,
}

impl Problem {
    fn lasting(code: &'static str, message: String) -> Self {
        Self { code, message, passing: false, retry_after: None }
    }

    /// The owner is told what failed; the log, how.
    fn passing(code: &'static str, message: &str, error: &Error) -> Self {
        tracing::warn!(code, %error, "classification interrupted");
        Self { code, message: message.into(), passing: true, retry_after: None }
    }
}

/// Does what one message asks for.
///
/// # Errors
/// The message must be delivered again. Everything that another delivery would not change is done, or logged, and no error.
pub async fn handle(
    db: &Database,
    storage: &Storage,
    config: &config::Classification,
    body: &str,
) -> Result<()> {
    let mut answer = Ok(());
    for event in event::parse(body, storage.bucket()) {
        let done = match event {
            Event::Stored(key) => stored(db, storage, config, &key).await,
            Event::Nudged(document) => nudged(db, storage, config, document).await,
            Event::Foreign(why) => {
                tracing::info!(why, "not for us: acknowledged");
                Ok(())
            }
        };
        answer = answer.and(done);
    }
    answer
}

async fn stored(
    db: &Database,
    storage: &Storage,
    config: &config::Classification,
    key: &ObjectKey,
) -> Result<()> {
    match db::classification::claim(db, key.document(), Some(key), config).await? {
        // No row has this key: the object was uploaded after its document was deleted, swept or refused.
        Claim::Absent => {
            tracing::info!(document = %key.document(), "orphan removed");
            storage.delete(key).await
        }
        Claim::Held(job) => run(db, storage, config, *job).await,
        Claim::NotOurs => Ok(()),
    }
}

async fn nudged(
    db: &Database,
    storage: &Storage,
    config: &config::Classification,
    id: DocumentId,
) -> Result<()> {
    match db::classification::claim(db, id, None, config).await? {
        Claim::Held(job) => run(db, storage, config, *job).await,
        Claim::Absent | Claim::NotOurs => Ok(()),
    }
}

async fn run(db: &Database, storage: &Storage, config: &config::Classification, job: Job) -> Result<()> {
    match classify(db, storage, &job).await {
        Ok(outcome) => db::classification::finish(db, &job, &outcome).await,
        Err(problem) if problem.passing && job.attempts < config.max_attempts => {
            db::classification::release(db, &job).await?;
            Err(Error::Classification(problem.message))
        }
        Err(problem) => {
            tracing::warn!(document = %job.id, code = problem.code, "classification failed");
            db::classification::fail(db, &job, &problem).await
        }
    }
}

async fn classify(db: &Database, storage: &Storage, job: &Job) -> std::result::Result<Outcome, Problem> {
    let topics = db::classification::vocabulary(db, job.owner)
        .await
        .map_err(|error| Problem::passing("database_unavailable", "the topics could not be read", &error))?;
    let text = text::of(storage, job).await?;
    match job.provider.as_str() {
        builtin::NAME => Ok(builtin::classify(job, &text, &topics)),
        other => Err(Problem::lasting("provider_unknown", format!("no provider is called {other}"))),
    }
}
