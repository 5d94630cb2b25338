//! Classifies the documents that messages name. A message only says which document to look at. What happens
//! next depends on the document's row (SPEC section 4).

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use docuvault::classification::{ClassificationError, FailureCode, Job, Outcome, Reading};
use docuvault::db::Database;
use docuvault::db::classification::Claim;
use docuvault::id::DocumentId;
use docuvault::limits::sdk::STORE;
use docuvault::limits::{DOCUMENT_WORK_TIME, FIRST_RETRY_DELAY, MAX_RETRY_DELAY};
use docuvault::storage::{Location, Stores};
use docuvault::{Error, Result, config, db};
use extract::Extractor;

use crate::event::{self, Event};
use crate::provider::{self, Keys};
use crate::text;

// `TIMEOUT` counts twice: while the document is sent to the child, and while the child reads it.
const _: () =
    assert!(STORE.operation.as_secs() + 2 * extract::TIMEOUT.as_secs() < DOCUMENT_WORK_TIME.as_secs());

/// The clients and settings that classification needs.
#[derive(Clone)]
pub struct Classifier {
    /// Holds the documents, the topics and the claims.
    pub db: Database,
    /// The object stores. Documents are read from them, and orphans are removed from them.
    pub stores: Stores,
    /// Extracts the text of documents.
    pub extractor: Extractor,
    /// The providers, the limits, and the ARN of the queue of dead letters, which delivers each message for
    /// the last time.
    pub config: config::ClassificationConfig,
    /// The API keys of the providers.
    pub keys: Keys,
}

impl Classifier {
    /// The longest time that one message takes: reading the document, and waiting for the provider.
    pub fn max_message_time(&self) -> Duration {
        DOCUMENT_WORK_TIME + self.config.providers.timeout
    }

    /// Handles all events of one message.
    ///
    /// # Errors
    /// The message must be delivered again. A problem that another delivery would not solve is not an error:
    /// it is logged, or stored with the document.
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
            (Claim::Held(job), _) => self.classify_claimed(*job, last_delivery).await,
            (Claim::Exhausted { attempts }, _) => {
                log_failure(id, &FailureCode::AttemptsExhausted.into(), attempts);
                Ok(())
            }
            (Claim::Absent, Some(location)) => self.remove_orphan(&location).await,
            (Claim::Absent, None) | (Claim::NothingToDo, _) => Ok(()),
        }
    }

    /// Removes an object that no document has: it was uploaded after its document was deleted or refused, or
    /// after the sweep had buried it. If the object is gone, nothing is changed, because every deletion is
    /// followed by late and repeated events.
    async fn remove_orphan(&self, location: &Location) -> Result<()> {
        let Location { backend, key } = location;
        let storage = self.stores.get(*backend);
        if storage.measure(key).await?.is_some()
            && db::classification::bury_orphan(&self.db, location).await?
        {
            storage.delete(key).await?;
            tracing::info!(document = %key.document(), "an object without a document was removed");
        }
        Ok(())
    }

    /// Classifies a claimed document. On the last delivery, a failed attempt is not put off: it ends the
    /// classification as failed.
    async fn classify_claimed(&self, job: Job, last_delivery: bool) -> Result<()> {
        match self.classify(&job).await {
            Ok((outcome, reading)) => self.finish(&job, &outcome, reading).await,
            Err(problem) => self.fail_or_put_off(&job, problem, last_delivery).await,
        }
    }

    async fn classify(&self, job: &Job) -> std::result::Result<(Outcome, Reading), ClassificationError> {
        let storage = self.stores.get(job.location.backend);
        let mut extractor = self.extractor.clone();
        extractor.draws = self.config.images == config::Images::WhenNoText && provider::reads_images(job);
        let (text, reading) = text::read(storage, &extractor, self.config.max_bytes, job).await?;
        let outcome = provider::classify(&self.config.providers, &self.keys, job, &text).await?;
        if outcome.images == 0 && !text.images.is_empty() {
            log_images_without_room(job);
        }
        Ok((outcome, reading))
    }

    async fn finish(&self, job: &Job, outcome: &Outcome, reading: Reading) -> Result<()> {
        if !outcome.suggestions.is_empty() {
            let max_own = self.config.topics.max_own;
            db::classification::suggest(&self.db, job, &outcome.suggestions, max_own).await?;
        }
        if db::classification::finish(&self.db, job, outcome, reading).await? {
            tracing::info!(
                document = %job.id,
                attempts = job.attempts,
                metric.classified_documents = 1,
                "a document was classified"
            );
        }
        Ok(())
    }

    async fn fail_or_put_off(
        &self,
        job: &Job,
        problem: ClassificationError,
        last_delivery: bool,
    ) -> Result<()> {
        if problem.code.is_permanent() || last_delivery || job.attempts >= self.config.max_attempts {
            let failed = db::classification::fail(&self.db, job, &problem).await;
            if failed.inspect_err(|_| log_unstored(job.id, &problem))? {
                log_failure(job.id, &problem, job.attempts);
            }
            return Ok(());
        }
        let delay = retry_delay(job.attempts, problem.retry_after);
        let released = db::classification::release(&self.db, job, delay).await;
        if released.inspect_err(|_| log_unstored(job.id, &problem))? {
            let (code, why, attempts) = (problem.code.as_str(), problem.message(), job.attempts);
            tracing::warn!(
                document = %job.id,
                code,
                why,
                attempts,
                metric.postponed_documents = 1,
                "an attempt to classify a document failed"
            );
        }
        Err(Error::PutOff { source: problem.into(), delay })
    }
}

/// Logs why an attempt failed, if the database did not take the reason.
fn log_unstored(id: DocumentId, problem: &ClassificationError) {
    let (code, why) = (problem.code.as_str(), problem.message());
    tracing::warn!(document = %id, code, why, "the failure of an attempt could not be stored");
}

/// Logs that a model that reads images got none of a document, although there were some.
fn log_images_without_room(job: &Job) {
    tracing::warn!(
        document = %job.id,
        provider = job.provider,
        model = job.model,
        "no image of a document fits the window of its model"
    );
}

/// Logs that the classification of a document ended without a result.
fn log_failure(id: DocumentId, problem: &ClassificationError, attempts: i32) {
    let (code, why) = (problem.code.as_str(), problem.message());
    tracing::warn!(
        document = %id,
        dimension.code = code,
        why,
        attempts,
        metric.failed_documents = 1,
        "a document was not classified"
    );
}

/// The pause after this many attempts, or the pause that the provider asks for, if that is longer.
fn retry_delay(attempts: i32, requested: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or_default();
    let own = FIRST_RETRY_DELAY.saturating_mul(2_u32.saturating_pow(doublings)).min(MAX_RETRY_DELAY);
    own.max(requested.unwrap_or_default())
}
