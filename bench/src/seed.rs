//! Rows and objects by the thousand.

use anyhow::Result;
use docuvault::id::DocumentId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::world::World;

/// PUTs at once.
const PARALLEL: usize = 16;

/// The bytes of every object.
const BYTES: &[u8] = b"a document of the benchmark";

/// A row, and where its object belongs.
pub type Seeded = (DocumentId, String);

/// Makes rows of the one user: pending ones, or confirmed ones. The newest have the greatest ids, as though each had been
/// made `age` ago, one a millisecond.
pub async fn documents(world: &World, count: i64, status: &str, age: &str) -> Result<Vec<Seeded>> {
    let statement = format!(
        "insert into documents (id, user_id, filename, content_type, size_bytes, object_key, status, created_at,
            url_expires_at, confirmed_at)
        select id, $1::uuid, 'report ' || n || '.txt', 'text/plain', {size},
            $1::uuid || '/' || id || '/' || gen_random_uuid() || '.txt', $2::text, made, made + interval '15 minutes',
            case when confirmed then made end
        from (
            select n, $2::text <> 'pending' as confirmed, made,
                (lpad(to_hex((extract(epoch from made) * 1000)::bigint), 12, '0') || '7' || substr(noise, 1, 3) || '8'
                    || substr(noise, 4, 15))::uuid as id
            from generate_series(1, $3::bigint) n,
                lateral (select now() - $4::text::interval - ($3::bigint - n) * interval '1 millisecond' as made) time,
                lateral (select md5(random()::text || n) as noise) noise
        ) new
        returning id, object_key",
        size = BYTES.len(),
    );
    let rows = world.superuser.query(&statement, &[&world.user, &status, &count, &age]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Stores an object for each, as their owners would have.
pub async fn objects(world: &World, documents: &[Seeded]) -> Result<()> {
    let bucket = &world.vault.bucket;
    let puts = documents.iter().map(|(_, key)| async move {
        let put = bucket.client.put_object().bucket(&bucket.name).key(key);
        put.body(BYTES.to_vec().into()).send().await.map(drop)
    });
    Ok(stream::iter(puts).buffer_unordered(PARALLEL).try_collect().await?)
}

/// Gives the user room for everything, and the ledger enough to take from. It is not the sum of the documents: what is
/// measured here does not read it.
pub async fn room(world: &World) -> Result<()> {
    let statement = "update quotas set limit_bytes = 1000000000000000, used_bytes = 1000000000000";
    Ok(world.superuser.batch_execute(statement).await?)
}

/// Lets the planner know what is there, as autovacuum would in time.
pub async fn settle(world: &World) -> Result<()> {
    Ok(world.superuser.batch_execute("vacuum analyze").await?)
}
