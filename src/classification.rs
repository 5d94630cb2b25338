//! Classification: what becomes of a message of the queue. The row decides; the message only nudges (SPEC section 4).

mod answer;
mod budget;
mod builtin;
mod prompt;
mod provider;
#[cfg(test)]
mod sample;
mod text;
mod vocabulary;

use std::borrow::Cow;
use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use serde::Deserialize;

use crate::config;
use crate::db::Database;
use crate::db::classification::Claim;
use crate::event::{self, Event};
use crate::extraction::WithoutText;
use crate::id::{DocumentId, LeaseId, TopicId};
use crate::limits::{FIRST_RETRY_DELAY, MAX_RETRY_DELAY, READING};
use crate::storage::{EntityTag, ObjectKey, Storage};
use crate::{Error, Result, db};

/// How many new topics one document may suggest, however often it is classified (SPEC section 4).
pub const SUGGESTIONS: u8 = 3;

/// A topic as classification sees it.
#[derive(Clone, Debug, Deserialize)]
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
    /// Where the bytes are.
    pub key: ObjectKey,
    /// Which object was charged; none: it was not kept then, and any will do.
    pub etag: Option<EntityTag>,
    /// A hint.
    pub filename: String,
    /// A hint, of the client's.
    pub content_type: String,
    /// Who classifies.
    pub provider: String,
    /// With which model.
    pub model: String,
    /// What the owner's documents can be about: system topics and the owner's (D-11).
    pub topics: Vec<Topic>,
    /// This one included.
    pub attempts: i32,
}

/// A topic that fits, and how well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Which.
    pub topic: TopicId,
    /// 0 to 1, where the provider told.
    pub confidence: Option<f32>,
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
    pub prompt_version: Cow<'static, str>,
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
    /// How long to leave whom it failed at alone, if that is known; already held to what is reasonable.
    pub retry_after: Option<Duration>,
    /// Whether the provider had been asked by then: it may have read the document.
    pub asked: bool,
}

impl Problem {
    fn lasting(code: &'static str, message: String) -> Self {
        Self { code, message, passing: false, retry_after: None, asked: false }
    }

    fn passing(code: &'static str, message: String) -> Self {
        Self { passing: true, ..Self::lasting(code, message) }
    }

    /// The owner is told what failed; the log, how.
    fn interrupted(code: &'static str, message: &str, error: &Error) -> Self {
        tracing::warn!(code, %error, "classification interrupted");
        Self::passing(code, message.into())
    }
}

/// What classification works with.
#[derive(Clone)]
pub struct Classifier {
    /// The rows.
    pub db: Database,
    /// The bytes, and the removal of orphans.
    pub storage: Storage,
    /// How to classify.
    pub config: config::Classification,
}

impl Classifier {
    /// How long one message may take.
    pub fn longest(&self) -> Duration {
        READING + self.config.providers.timeout
    }

    /// Does what one message asks for.
    ///
    /// # Errors
    /// The message must be delivered again. Everything that another delivery would not change is done, or logged, and no error.
    pub async fn handle(&self, message: &SqsMessage) -> Result<()> {
        let last = message.event_source_arn.as_deref() == Some(&self.config.dead_letters);
        let mut answer = Ok(());
        for event in event::parse(message.body.as_deref().unwrap_or_default(), self.storage.bucket()) {
            answer = answer.and(self.handle_event(event, last).await);
        }
        answer
    }

    async fn handle_event(&self, event: Event, last: bool) -> Result<()> {
        let (id, key) = match event {
            Event::Stored(key) => (key.document(), Some(key)),
            Event::Nudged(document) => (document, None),
            Event::Foreign(why) => {
                tracing::info!(why, "not for us: acknowledged");
                return Ok(());
            }
        };
        match (db::classification::claim(&self.db, id, key.as_ref(), &self.config).await?, key) {
            (Claim::Held(job), _) => self.run(*job, last).await,
            // No row has this key: the object was uploaded after its document was deleted, swept or refused.
            (Claim::Absent, Some(key)) => {
                tracing::info!(document = %id, "orphan removed");
                self.storage.delete(&key).await
            }
            (Claim::Absent, None) | (Claim::NotOurs, _) => Ok(()),
        }
    }

    async fn classify(&self, job: &Job) -> std::result::Result<(Outcome, Option<WithoutText>), Problem> {
        let text::Reading { text, without_text } = text::of(&self.storage, &self.config, job).await?;
        Ok((provider::classify(&self.config.providers, job, &text).await?, without_text))
    }

    /// `last`: no other delivery follows, so that what would be put off ends.
    async fn run(&self, job: Job, last: bool) -> Result<()> {
        let problem = match self.classify(&job).await {
            Ok((outcome, without_text)) => {
                if !outcome.suggestions.is_empty() {
                    let most_own = self.config.topics.max_own;
                    db::classification::suggest(&self.db, &job, &outcome.suggestions, most_own).await?;
                }
                return db::classification::finish(&self.db, &job, &outcome, without_text).await;
            }
            Err(problem) => problem,
        };
        let ends = !problem.passing || last || job.attempts >= self.config.max_attempts;
        tracing::warn!(document = %job.id, code = problem.code, why = problem.message, ends, "not classified");
        if ends {
            return db::classification::fail(&self.db, &job, &problem).await;
        }
        let delay = delay(job.attempts, problem.retry_after);
        db::classification::release(&self.db, &job, delay).await?;
        Err(Error::PutOff { why: problem.message, delay })
    }
}

/// The longer, the more attempts there were; at least as long as was asked for.
fn delay(attempts: i32, asked: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or_default();
    let own = FIRST_RETRY_DELAY.saturating_mul(2_u32.saturating_pow(doublings)).min(MAX_RETRY_DELAY);
    own.max(asked.unwrap_or_default())
}
