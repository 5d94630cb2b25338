//! SQL statements for the classification of documents.

use std::time::Duration;

use tokio_postgres::types::Json;

use super::param::Params;
use super::standing::admit_user;
use super::tombstone::BURY_ORPHAN;
use super::{Database, Retry, read_location, read_time_until};
use crate::auth::User;
use crate::classification::{
    ClassificationError, FailureCode, Job, MAX_SUGGESTIONS, Match, Outcome, Reading, WithoutText,
};
use crate::id::{DocumentId, LeaseId, TopicId};
use crate::limits::{LEASE, NUDGE_GRACE, RATE_WINDOW, SLOWEST_PUT, URL_LIFETIME};
use crate::storage::{Backend, EntityTag, Location};
use crate::{Error, Result, config, name};

/// The result of an attempt to claim a document.
pub enum Claim {
    /// The document has no row any more.
    Absent,
    /// There is nothing to do for this message. The document is pending, claimed by another worker, put off,
    /// classified or failed, or this release does not know its store. If the document is pending and the
    /// message is an event, the row now records that the event has arrived.
    NothingToDo,
    /// The document has no attempts left. This statement has marked it as failed.
    Exhausted {
        /// The number of attempts.
        attempts: i32,
    },
    /// This worker has claimed the document.
    Held(Box<Job>),
}

/// Claims a document for this worker. If the document is still pending, records that its event has arrived.
/// One update does both, and locks the row, so it is executed either before or after the confirmation. If it
/// is executed before, the confirmation sends a nudge. If it is executed after, it claims the document, and
/// no nudge is needed.
///
/// `stored` is the location of the object that the event names; a nudge names none. If the document has no
/// attempts left, this statement marks it as failed.
pub async fn claim(
    db: &Database,
    id: DocumentId,
    stored: Option<&Location>,
    config: &config::ClassificationConfig,
) -> Result<Claim> {
    let lease = LeaseId::new();
    let statement = "-- classification::claim
        with document as materialized (
            select d.id, d.status = 'pending' as pending, d.attempts < $4 as attempts_left,
                d.status = 'uploaded' and coalesce(d.lease_expires_at < now(), true)
                    and d.storage_backend = any($11) as free
            from documents d
            where d.id = $1 and ($2::text is null or d.object_key = $2 and d.storage_backend = $10)
            for update
        )
        update documents d set
            event_at = case when f.pending and $2 is not null then now() else d.event_at end,
            lease_id = case when not f.free then d.lease_id when f.attempts_left then $3 end,
            lease_expires_at = case when f.free and f.attempts_left then now() + make_interval(secs => $5)
                else d.lease_expires_at end,
            nudge_due_at = case when f.free and not f.attempts_left then null else d.nudge_due_at end,
            attempts = d.attempts + (f.free and f.attempts_left)::int,
            status = case when f.free and not f.attempts_left then 'classification_failed' else d.status end,
            failure_code = case when f.free and not f.attempts_left then $8 else d.failure_code end,
            failure_message = case when f.free and not f.attempts_left then $9 else d.failure_message end
        from document f, users u
        where d.id = f.id and u.id = d.user_id
        returning f.free, f.attempts_left, d.storage_backend, d.object_key, d.etag, d.filename,
            d.content_type, d.attempts,
            coalesce(u.ai_provider, $6) as provider, coalesce(u.ai_model, $7) as model, (
                select coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'description', t.description)
                    order by t.id), '[]')
                from topics t
                where f.free and f.attempts_left and (t.user_id is null or t.user_id = d.user_id)
            ) as topics";
    let known = Backend::ALL.map(Backend::as_str);
    let exhausted = FailureCode::AttemptsExhausted;
    let params: Params<'_> = &[
        /* $1 */ &id,
        /* $2 */ &stored.map(|stored| stored.key.to_string()),
        /* $3 */ &lease,
        /* $4 */ &config.max_attempts,
        /* $5 */ &LEASE.as_secs_f64(),
        /* $6 */ &config.provider,
        /* $7 */ &config.model,
        /* $8 */ &exhausted.as_str(),
        /* $9 */ &exhausted.sentence(),
        /* $10 */ &stored.map(|stored| stored.backend.as_str()),
        /* $11 */ &known.as_slice(),
    ];
    // The statement is not sent again if its answer is lost. The document may be claimed then, and the
    // message is delivered again after the lease has expired.
    let Some(row) = db.query_opt(Retry::Never, statement, params).await? else { return Ok(Claim::Absent) };
    match (row.try_get("free")?, row.try_get("attempts_left")?) {
        (true, true) => {}
        (true, false) => return Ok(Claim::Exhausted { attempts: row.try_get("attempts")? }),
        (false, _) => return Ok(Claim::NothingToDo),
    }
    Ok(Claim::Held(Box::new(Job {
        id,
        lease,
        location: read_location(&row)?,
        etag: row.try_get::<_, Option<&str>>("etag")?.and_then(EntityTag::parse),
        filename: row.try_get("filename")?,
        content_type: row.try_get("content_type")?,
        provider: row.try_get("provider")?,
        model: row.try_get("model")?,
        topics: row.try_get::<_, Json<_>>("topics")?.0,
        attempts: row.try_get("attempts")?,
    })))
}

/// Buries the key of an object that has arrived without a row in its store, unless it is buried already.
/// Returns whether the object may be removed then. It must stay if a repair has made a document of it since
/// the claim.
///
/// The tombstone keeps a repair from doing so before the object is removed. If the key got its tombstone
/// while this statement waited for the lock of the key, the object stays, and the sweep removes it.
pub async fn bury_orphan(db: &Database, stored: &Location) -> Result<bool> {
    let statement = format!(
        "-- classification::bury_orphan
        with {BURY_ORPHAN}
        select free or exists (select from tombstones t where t.object_key = $1)
            or exists (select from documents d where d.object_key = $1 and d.storage_backend <> $2)
        from free"
    );
    let params: Params<'_> = &[
        /* $1 */ &stored.key.to_string(),
        /* $2 */ &stored.backend.as_str(),
        /* $3 */ &URL_LIFETIME.as_secs_f64(),
        /* $4 */ &SLOWEST_PUT.as_secs_f64(),
    ];
    Ok(db.query_one(Retry::Safe, &statement, params).await?.try_get(0)?)
}

/// Requests another classification of a document that is classified or failed. Returns true if it did. A
/// document that still waits for its classification is not changed, and the request does not count towards
/// the limit. The row is locked first, so that of two concurrent requests only one counts.
///
/// # Errors
/// [`Error::NotFound`] if the user has no such confirmed document. [`Error::TooManyClassifications`] if the
/// user has requested as many classifications in an hour as allowed.
pub async fn request(
    db: &Database,
    limits: config::DocumentLimits,
    user: User,
    id: DocumentId,
) -> Result<bool> {
    let statement = "-- classification::request
        with account as (
            select id, standing from callers where id = $1 and session_id = $6
        ), document as materialized (
            select d.id, d.status in ('classified', 'classification_failed') as ended
            from document_access d join account a on a.id = d.account_id
            where d.id = $2 and d.access = 'owner' and d.status <> 'pending' and a.standing = 'user'
            for no key update of d
        ), asked as materialized (
            select rate_limit_hit('classifications:' || $1, $4, make_interval(secs => $5)) as until
            from document where ended
        ), requested as (
            update documents d set status = 'uploaded', attempts = 0, failure_code = null, failure_message = null,
                failure_provider = null, failure_model = null, failure_images_sent = null,
                nudge_due_at = now() + make_interval(secs => $3)
            from document l, asked
            where d.id = l.id and asked.until is null
            returning d.id
        )
        select a.standing, d.id, r.id is not null as requested, now() as now, asked.until as asked_until
        from account a left join document d on true left join asked on true left join requested r on true";
    let most = limits.classifications_per_hour;
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &id,
        /* $3 */ &NUDGE_GRACE.as_secs_f64(),
        /* $4 */ &i64::from(most),
        /* $5 */ &RATE_WINDOW.as_secs_f64(),
        /* $6 */ &user.session,
    ];
    let row = admit_user(db.query_opt(Retry::Never, statement, params).await?)?;
    row.try_get::<_, Option<DocumentId>>("id")?.ok_or(Error::NotFound)?;
    match read_time_until(&row, "asked_until")? {
        Some(retry_after) => Err(Error::TooManyClassifications { most, retry_after }),
        None => Ok(row.try_get("requested")?),
    }
}

/// Creates own topics of the document's owner for the suggested names, as far as the owner's limits allow.
/// Creates nothing for a name that the owner already sees, or if this worker no longer holds the document.
pub async fn suggest(db: &Database, job: &Job, names: &[String], most_own: u32) -> Result<()> {
    let statement = "-- classification::suggest
        with owner as materialized (
            select u.id from users u join documents d on d.user_id = u.id where d.id = $1 and d.lease_id = $2
            for no key update of u
        ), room as materialized (
            select o.id as owner, least($5 - own_topics(o.id), $6 - count(t.id)) as topics
            from owner o left join topics t on t.user_id = o.id and t.suggested_by = $1
            group by o.id
        )
        insert into topics (id, user_id, name, name_key, suggested_by)
        select s.id, r.owner, s.name, s.key, $1
        from unnest($3, $4, $7) with ordinality s (id, name, key, n) join room r on s.n <= r.topics
        order by s.key
        on conflict do nothing";
    let ids: Vec<_> = names.iter().map(|_| TopicId::new()).collect();
    let keys: Vec<_> = names.iter().map(|name| name::key(name)).collect();
    let params: Params<'_> = &[
        /* $1 */ &job.id,
        /* $2 */ &job.lease,
        /* $3 */ &ids,
        /* $4 */ &names,
        /* $5 */ &i64::from(most_own),
        /* $6 */ &i64::from(MAX_SUGGESTIONS),
        /* $7 */ &keys,
    ];
    db.query(Retry::Safe, statement, params).await.map(drop)
}

/// Stores the outcome, if this worker still holds the document, and returns whether it did: true at most
/// once. If the first answer is lost, the repetition finds the work done and returns false. The matching
/// topics, and the topics with the suggested names, replace the topics of an earlier classification. Manual
/// and dismissed topics stay as they are.
///
/// If a topic is being deleted at the same time, the statement waits for the deletion and then leaves the
/// topic out. If another topic with the same name replaces it, the document gets that topic.
pub async fn finish(db: &Database, job: &Job, outcome: &Outcome, reading: Reading) -> Result<bool> {
    let statement = "-- classification::finish
        with document as materialized (
            update documents set status = 'classified', lease_id = null, lease_expires_at = null, nudge_due_at = null,
                ai_provider = $3, ai_model = $4, prompt_version = $5, truncated = $6, without_text = $9,
                pages = $11, pages_without_text = $12, images_sent = $13, unread_format = $14, classified_at = now()
            where id = $1 and lease_id = $2
            returning id
        )
        select classify_document(id, $7, $8, $10) from document";
    let found = TopicColumns::new(job, outcome);
    let params: Params<'_> = &[
        /* $1 */ &job.id,
        /* $2 */ &job.lease,
        /* $3 */ &job.provider,
        /* $4 */ &outcome.model,
        /* $5 */ &outcome.prompt_version,
        /* $6 */ &outcome.truncated,
        /* $7 */ &found.ids,
        /* $8 */ &found.keys,
        /* $9 */ &reading.without_text.map(WithoutText::as_str),
        /* $10 */ &found.confidences,
        /* $11 */ &reading.pages.map(|pages| pages.total),
        /* $12 */ &reading.pages.map(|pages| pages.without_text),
        /* $13 */ &images_column(outcome.images),
        /* $14 */ &reading.unread_format,
    ];
    db.query_opt(Retry::Safe, statement, params).await.map(|row| row.is_some())
}

/// A number of images, as the database keeps it.
fn images_column(images: usize) -> i32 {
    i32::try_from(images).unwrap_or(i32::MAX)
}

/// The topics of an outcome, as parallel lists. A match has an id and a name key. A suggestion has only a
/// name key: this worker does not know whether `suggest` created the topic or it existed before.
#[derive(Default)]
struct TopicColumns {
    ids: Vec<Option<TopicId>>,
    keys: Vec<Option<String>>,
    confidences: Vec<Option<f32>>,
}

impl TopicColumns {
    fn new(job: &Job, outcome: &Outcome) -> Self {
        let mut found = Self::default();
        for Match { topic, confidence } in &outcome.matches {
            let known = job.topics.iter().find(|known| known.id == *topic);
            found.push(Some(*topic), known.map(|known| name::key(&known.name)), *confidence);
        }
        for suggestion in &outcome.suggestions {
            found.push(None, Some(name::key(suggestion)), None);
        }
        found
    }

    fn push(&mut self, id: Option<TopicId>, key: Option<String>, confidence: Option<f32>) {
        self.ids.push(id);
        self.keys.push(key);
        self.confidences.push(confidence);
    }
}

/// Marks the document as failed, with the code and the message, if this worker still holds it. Returns
/// whether it did: true at most once, as [`finish`].
pub async fn fail(db: &Database, job: &Job, problem: &ClassificationError) -> Result<bool> {
    let statement = "-- classification::fail
        update documents set status = 'classification_failed', lease_id = null, lease_expires_at = null,
            nudge_due_at = null, failure_code = $3, failure_message = $4, failure_provider = $5, failure_model = $6,
            failure_images_sent = $7
        where id = $1 and lease_id = $2
        returning id";
    let asked = problem.provider_asked.then_some((&job.provider, &job.model, images_column(problem.images)));
    let params: Params<'_> = &[
        /* $1 */ &job.id,
        /* $2 */ &job.lease,
        /* $3 */ &problem.code.as_str(),
        /* $4 */ &problem.message(),
        /* $5 */ &asked.map(|(provider, ..)| provider),
        /* $6 */ &asked.map(|(_, model, _)| model),
        /* $7 */ &asked.map(|(.., images)| images),
    ];
    db.query_opt(Retry::Safe, statement, params).await.map(|row| row.is_some())
}

/// Releases the document for another attempt, which may begin after `delay`, if this worker still holds it.
/// Returns whether it did: true at most once, as [`finish`].
pub async fn release(db: &Database, job: &Job, delay: Duration) -> Result<bool> {
    let statement = "-- classification::release
        update documents set lease_id = null, lease_expires_at = now() + make_interval(secs => $3),
            nudge_due_at = greatest(nudge_due_at, now() + make_interval(secs => $3 + $4))
        where id = $1 and lease_id = $2
        returning id";
    let params: Params<'_> = &[
        /* $1 */ &job.id,
        /* $2 */ &job.lease,
        /* $3 */ &delay.as_secs_f64(),
        /* $4 */ &NUDGE_GRACE.as_secs_f64(),
    ];
    db.query_opt(Retry::Safe, statement, params).await.map(|row| row.is_some())
}
