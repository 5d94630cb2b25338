//! Statements of classification.

use tokio_postgres::types::{Json, Type};

use super::{Database, Param, Repeat, foreign_key};
use crate::classification::{Job, LEASE, Outcome, Problem, Topic};
use crate::id::{DocumentId, LeaseId, UserId};
use crate::storage::ObjectKey;
use crate::{Result, config};

/// What a message finds.
pub enum Claim {
    /// No row: the document is gone.
    Absent,
    /// A row that needs nothing of this message: pending (its coming is noted), held by another worker, or ended.
    NotOurs,
    /// This worker's to classify.
    Held(Box<Job>),
}

/// Takes a document for this worker, or notes that its event has come before its confirmation, in one update of the row: the
/// row's lock puts it before or after the confirmation, which then sends the nudge, or has left it to this event.
///
/// `key` is the event's; a nudge has none. A document whose attempts are used up ends here.
pub async fn claim(
    db: &Database,
    id: DocumentId,
    key: Option<&ObjectKey>,
    config: &config::Classification,
) -> Result<Claim> {
    let lease = LeaseId::new();
    let statement = "-- classification::claim
        with document as materialized (
            select d.id, d.status = 'pending' as pending, d.attempts < $4 as hopeful,
                d.status = 'uploaded' and coalesce(d.lease_expires_at < now(), true) as free
            from documents d
            where d.id = $1 and ($2::text is null or d.object_key = $2)
            for update
        )
        update documents d set
            event_at = case when f.pending and $2 is not null then now() else d.event_at end,
            lease_id = case when not f.free then d.lease_id when f.hopeful then $3 end,
            lease_expires_at = case when f.free and f.hopeful then now() + make_interval(secs => $5)
                else d.lease_expires_at end,
            nudge_due_at = case when f.free and not f.hopeful then null else d.nudge_due_at end,
            attempts = d.attempts + (f.free and f.hopeful)::int,
            status = case when f.free and not f.hopeful then 'classification_failed' else d.status end,
            failure_code = case when f.free and not f.hopeful then 'attempts_exhausted' else d.failure_code end,
            failure_message = case when f.free and not f.hopeful then 'gave up after repeated interruptions'
                else d.failure_message end
        from document f, users u
        where d.id = f.id and u.id = d.user_id
        returning f.free and f.hopeful as held, d.user_id, d.object_key, d.filename, d.content_type, d.attempts,
            coalesce(u.ai_provider, $6) as provider, coalesce(u.ai_model, $7) as model";
    let key = key.map(ToString::to_string);
    let params: [Param<'_>; 7] = [
        (&id, Type::UUID),
        (&key, Type::TEXT),
        (&lease, Type::UUID),
        (&config.max_attempts, Type::INT4),
        (&LEASE.as_secs_f64(), Type::FLOAT8),
        (&config.provider, Type::TEXT),
        (&config.model, Type::TEXT),
    ];
    // Never repeated by itself: a claim whose answer is lost holds the lease, and the message comes back after it.
    let Some(row) = db.query_opt(Repeat::Never, statement, &params).await? else { return Ok(Claim::Absent) };
    if !row.try_get::<_, bool>("held")? {
        return Ok(Claim::NotOurs);
    }
    Ok(Claim::Held(Box::new(Job {
        id,
        lease,
        owner: row.try_get("user_id")?,
        key: row.try_get::<_, &str>("object_key")?.parse().map_err(foreign_key)?,
        filename: row.try_get("filename")?,
        content_type: row.try_get("content_type")?,
        provider: row.try_get("provider")?,
        model: row.try_get("model")?,
        attempts: row.try_get("attempts")?,
    })))
}

/// The topics that the owner's documents can have: system topics and the owner's (D-11).
pub async fn vocabulary(db: &Database, owner: UserId) -> Result<Vec<Topic>> {
    let statement = "-- classification::vocabulary
        select id, name, description from topics where user_id is null or user_id = $1 order by id";
    let rows = db.query(Repeat::Safe, statement, &[(&owner, Type::UUID)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Topic {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                description: row.try_get("description")?,
            })
        })
        .collect()
}

/// Stores the outcome, if the worker still holds the document; topics set by hand stay as they are.
pub async fn finish(db: &Database, job: &Job, outcome: &Outcome) -> Result<()> {
    let statement = "-- classification::finish
        with document as (
            update documents set status = 'classified', lease_id = null, lease_expires_at = null, nudge_due_at = null,
                failure_code = null, failure_message = null, ai_provider = $3, ai_model = $4, prompt_version = $5,
                truncated = $6, classified_at = now()
            where id = $1 and lease_id = $2
            returning id, user_id
        )
        insert into document_topics (document_id, topic_id, confidence)
        select d.id, t.id, m.confidence
        from document d, json_to_recordset($7) as m (topic uuid, confidence real)
        join topics t on t.id = m.topic
        where t.user_id is null or t.user_id = d.user_id
        on conflict (document_id, topic_id) do update set confidence = excluded.confidence where not document_topics.manual";
    let matches: Vec<_> = outcome
        .matches
        .iter()
        .map(|found| serde_json::json!({"topic": found.topic, "confidence": found.confidence}))
        .collect();
    let params: [Param<'_>; 7] = [
        (&job.id, Type::UUID),
        (&job.lease, Type::UUID),
        (&job.provider, Type::TEXT),
        (&outcome.model, Type::TEXT),
        (&outcome.prompt_version, Type::TEXT),
        (&outcome.truncated, Type::BOOL),
        (&Json(matches), Type::JSON),
    ];
    db.query(Repeat::Safe, statement, &params).await.map(drop)
}

/// Ends the document without topics, with a reason, if the worker still holds it.
pub async fn fail(db: &Database, job: &Job, problem: &Problem) -> Result<()> {
    let statement = "-- classification::fail
        update documents set status = 'classification_failed', lease_id = null, lease_expires_at = null,
            nudge_due_at = null, failure_code = $3, failure_message = $4
        where id = $1 and lease_id = $2";
    let params: [Param<'_>; 4] = [
        (&job.id, Type::UUID),
        (&job.lease, Type::UUID),
        (&problem.code, Type::TEXT),
        (&problem.message, Type::TEXT),
    ];
    db.query(Repeat::Safe, statement, &params).await.map(drop)
}

/// Gives the document back for another attempt.
pub async fn release(db: &Database, job: &Job) -> Result<()> {
    let statement = "-- classification::release
        update documents set lease_id = null, lease_expires_at = null where id = $1 and lease_id = $2";
    db.query(Repeat::Safe, statement, &[(&job.id, Type::UUID), (&job.lease, Type::UUID)]).await.map(drop)
}
