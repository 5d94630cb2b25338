//! What becomes of a message. The row decides; the message only nudges (SPEC section 4).

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use docuvault::classification::{Job, Outcome, Problem, WithoutText};
use docuvault::db::Database;
use docuvault::db::classification::Claim;
use docuvault::limits::{FIRST_RETRY_DELAY, MAX_RETRY_DELAY, READING};
use docuvault::storage::Storage;
use docuvault::{Error, Result, config, db};
use extract::Extractor;

use crate::event::{self, Event};
use crate::{provider, text};

// The child may be waited for twice: until the document has arrived, and until it answers.
const _: () = assert!(2 * extract::PATIENCE.as_secs() < READING.as_secs());

/// What classification works with.
#[derive(Clone)]
pub struct Classifier {
    /// The rows.
    pub db: Database,
    /// The bytes, and the removal of orphans.
    pub storage: Storage,
    /// What reads documents.
    pub extractor: Extractor,
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
        let text::Reading { text, without_text } =
            text::read(&self.storage, &self.extractor, self.config.max_bytes, job).await?;
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
        let ends = problem.code.is_lasting() || last || job.attempts >= self.config.max_attempts;
        let (code, why) = (problem.code.as_str(), problem.message());
        tracing::warn!(document = %job.id, code, why, ends, "the document was not classified");
        if ends {
            return db::classification::fail(&self.db, &job, &problem).await;
        }
        let delay = delay(job.attempts, problem.retry_after);
        db::classification::release(&self.db, &job, delay).await?;
        Err(Error::PutOff { why, delay })
    }
}

/// The longer, the more attempts there were; at least as long as was asked for.
fn delay(attempts: i32, asked: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or_default();
    let own = FIRST_RETRY_DELAY.saturating_mul(2_u32.saturating_pow(doublings)).min(MAX_RETRY_DELAY);
    own.max(asked.unwrap_or_default())
}
