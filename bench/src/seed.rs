//! Creates thousands of rows and objects for measurements.

use anyhow::Result;
use docuvault::file::grams;
use docuvault::id::{DocumentId, TopicId};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::vault::MeasuredVault;

/// The number of PUTs that run at the same time.
const PARALLEL_PUTS: usize = 16;

/// The content of every object.
const CONTENT: &[u8] = b"a document of the benchmark";

/// A document's id and object key.
pub type Seeded = (DocumentId, String);

/// Rows per statement.
const ROWS_PER_STATEMENT: i64 = 50_000;

/// Creates rows of the one user, pending or confirmed. They look as if one had been created each millisecond
/// until `age` ago, so that later rows have greater ids. One filename in a hundred contains "contract", the
/// others "report".
pub async fn create_documents(
    vault: &MeasuredVault,
    count: i64,
    status: &str,
    age: &str,
) -> Result<Vec<Seeded>> {
    let statement = format!(
        "insert into documents (id, user_id, filename, filename_key, filename_grams, content_type, size_bytes, object_key, status,
            created_at, url_expires_at, confirmed_at)
        select id, $1::uuid, name, name, grams::integer[], 'text/plain', {size},
            $1::uuid || '/' || id || '/' || gen_random_uuid() || '.txt', $2::text, made, made + interval '15 minutes',
            case when confirmed then made end
        from (
            select name, grams, $2::text <> 'pending' as confirmed, made,
                (lpad(to_hex((extract(epoch from made) * 1000)::bigint), 12, '0') || '7' || substr(noise, 1, 3) || '8'
                    || substr(noise, 4, 15))::uuid as id
            from unnest($5::text[], $6::text[]) with ordinality named (name, grams, n),
                lateral (select now() - $4::text::interval - ($3::bigint - n) * interval '1 millisecond' as made) time,
                lateral (select md5(random()::text || n) as noise) noise
        ) new
        returning id, object_key",
        size = CONTENT.len(),
    );
    let mut seeded = Vec::new();
    for first in (0..count).step_by(ROWS_PER_STATEMENT as usize) {
        let (names, grams) = names_and_grams(vault, first..count.min(first + ROWS_PER_STATEMENT));
        let left = count - first;
        let rows =
            vault.superuser.query(&statement, &[&vault.user, &status, &left, &age, &names, &grams]).await?;
        for row in rows {
            seeded.push((row.try_get(0)?, row.try_get(1)?));
        }
    }
    Ok(seeded)
}

/// Filenames and their grams in Postgres' array syntax.
fn names_and_grams(vault: &MeasuredVault, numbers: std::ops::Range<i64>) -> (Vec<String>, Vec<String>) {
    // With the extension twice, a name has every gram of the extension repeated three times.
    let name = |n| if n % 100 == 7 { format!("contract {n}.txt.txt") } else { format!("report {n}.txt.txt") };
    let to_array = |name: &String| {
        format!("{:?}", grams::from_name_key(vault.user, name)).replace('[', "{").replace(']', "}")
    };
    let names: Vec<_> = numbers.map(name).collect();
    let grams = names.iter().map(to_array).collect();
    (names, grams)
}

/// Creates a topic and puts it on every `nth` document of the user; on none if `nth` is 0.
pub async fn create_topic(vault: &MeasuredVault, name: &str, nth: i64) -> Result<TopicId> {
    let topic = TopicId::new();
    let made = "insert into topics (id, name, name_key) values ($1, $2, $2)";
    vault.superuser.execute(made, &[&topic, &name]).await?;
    let put = "insert into document_topics (document_id, topic_id)
        select id, $1 from (select id, row_number() over (order by id) as n from documents) d where $2::bigint > 0 and n % $2 = 0";
    vault.superuser.execute(put, &[&topic, &nth]).await?;
    Ok(topic)
}

/// Stores an object for each document.
pub async fn store_objects(vault: &MeasuredVault, documents: &[Seeded]) -> Result<()> {
    let bucket = &vault.test.bucket;
    let puts = documents.iter().map(|(_, key)| async move {
        let put = bucket.client.put_object().bucket(&bucket.name).key(key);
        put.body(CONTENT.to_vec().into()).send().await.map(drop)
    });
    Ok(stream::iter(puts).buffer_unordered(PARALLEL_PUTS).try_collect().await?)
}

/// Raises the user's limit, and sets used bytes high enough for all deletions. Used bytes are then not the
/// sum of the documents' sizes, but no measurement needs that.
pub async fn raise_limit(vault: &MeasuredVault) -> Result<()> {
    let statement = "update quotas set limit_bytes = 1000000000000000, used_bytes = 1000000000000";
    Ok(vault.superuser.batch_execute(statement).await?)
}

/// Updates the planner's statistics, as autovacuum would do later.
pub async fn vacuum_analyze(vault: &MeasuredVault) -> Result<()> {
    Ok(vault.superuser.batch_execute("vacuum analyze").await?)
}
