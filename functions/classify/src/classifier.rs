//! Classifies the documents that messages name. A message only asks for a look at the row, and the row
//! decides (SPEC section 4).

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use docuvault::classification::{ClassificationError, Job, Outcome, WithoutText};
use docuvault::db::Database;
use docuvault::db::classification::Claim;
use docuvault::limits::sdk::STORE;
use docuvault::limits::{FIRST_RETRY_DELAY, MAX_RETRY_DELAY, READING};
use docuvault::storage::{Location, Stores};
use docuvault::{Error, Result, config, db};
use extract::Extractor;

use crate::event::{self, Event};
use crate::{provider, text};

// The child may be waited for twice: until the document has arrived, and until the child answers.
const _: () = assert!(STORE.operation.as_secs() + 2 * extract::PATIENCE.as_secs() < READING.as_secs());

/// The clients and settings of classification.
#[derive(Clone)]
pub struct Classifier {
    /// Postgres.
    pub db: Database,
    /// The object stores: documents are read, and objects without a document removed.
    pub stores: Stores,
    /// Reads documents.
    pub extractor: Extractor,
    /// The settings.
    pub config: config::ClassificationConfig,
}

impl Classifier {
    /// The longest time that one message takes.
    pub fn longest(&self) -> Duration {
        READING + self.config.providers.timeout
    }

    /// Does what one message asks for.
    ///
    /// # Errors
    /// The message must be delivered again. What another delivery would not change is no error: it is done or
    /// logged.
    pub async fn handle(&self, message: &SqsMessage) -> Result<()> {
        let last_delivery = message.event_source_arn.as_deref() == Some(&self.config.dead_letters);
        let mut result = Ok(());
        let body = message.body.as_deref().unwrap_or_default();
        for event in event::parse(body, |bucket| self.stores.find_backend(bucket)) {
            result = result.and(self.handle_event(event, last_delivery).await);
        }
        result
    }

    async fn handle_event(&self, event: Event, last_delivery: bool) -> Result<()> {
        let (id, stored) = match event {
            Event::Stored(location) => (location.key.document(), Some(location)),
            Event::Nudged(document) => (document, None),
            Event::Ignored(why) => {
                tracing::info!(why, "a message was ignored");
                return Ok(());
            }
        };
        match (db::classification::claim(&self.db, id, stored.as_ref(), &self.config).await?, stored) {
            (Claim::Held(job), _) => self.run(*job, last_delivery).await,
            // No row has this object: the object was uploaded after its document was deleted, swept or
            // refused.
            (Claim::Absent, Some(Location { backend, key })) => {
                self.stores.get(backend).delete(&key).await?;
                tracing::info!(document = %id, "an object without a document was removed");
                Ok(())
            }
            (Claim::Absent, None) | (Claim::NothingToDo, _) => Ok(()),
        }
    }

    /// On the last delivery a document fails that would be put off otherwise.
    async fn run(&self, job: Job, last_delivery: bool) -> Result<()> {
        match self.classify(&job).await {
            Ok((outcome, without_text)) => self.finish(&job, &outcome, without_text).await,
            Err(problem) => self.end_or_put_off(&job, problem, last_delivery).await,
        }
    }

    async fn classify(
        &self,
        job: &Job,
    ) -> std::result::Result<(Outcome, Option<WithoutText>), ClassificationError> {
        let storage = self.stores.get(job.location.backend);
        let reading = text::read(storage, &self.extractor, self.config.max_bytes, job).await?;
        let outcome = provider::classify(&self.config.providers, job, &reading.text).await?;
        Ok((outcome, reading.without_text))
    }

    async fn finish(&self, job: &Job, outcome: &Outcome, without_text: Option<WithoutText>) -> Result<()> {
        if !outcome.suggestions.is_empty() {
            let max_own = self.config.topics.max_own;
            db::classification::suggest(&self.db, job, &outcome.suggestions, max_own).await?;
        }
        db::classification::finish(&self.db, job, outcome, without_text).await
    }

    async fn end_or_put_off(
        &self,
        job: &Job,
        problem: ClassificationError,
        last_delivery: bool,
    ) -> Result<()> {
        let ends = problem.code.is_permanent() || last_delivery || job.attempts >= self.config.max_attempts;
        let (code, why, attempts) = (problem.code.as_str(), problem.message(), job.attempts);
        tracing::warn!(document = %job.id, code, why, attempts, ends, "a document was not classified");
        if ends {
            return db::classification::fail(&self.db, job, &problem).await;
        }
        let delay = delay(job.attempts, problem.retry_after);
        db::classification::release(&self.db, job, delay).await?;
        Err(Error::PutOff { source: problem.into(), delay })
    }
}

/// The pause after this many attempts, or the one that the provider asks for, if that is longer.
fn delay(attempts: i32, asked: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or_default();
    let own = FIRST_RETRY_DELAY.saturating_mul(2_u32.saturating_pow(doublings)).min(MAX_RETRY_DELAY);
    own.max(asked.unwrap_or_default())
}
