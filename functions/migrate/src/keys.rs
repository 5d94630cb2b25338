//! The keys of names that have none yet, or one that SQL made up: Rust alone computes keys. What is done stays done, so that a run
//! that was interrupted is simply begun again.

use docuvault::document::grams;
use docuvault::id::UserId;
use docuvault::name;
use sqlx::{Connection as _, PgConnection};

/// Rows that are read at once, and files whose keys are written in one transaction.
const BATCH: i64 = 1_000;

/// Writes what is missing.
pub async fn fill(connection: &mut PgConnection) -> sqlx::Result<()> {
    while fill_filenames(connection).await? {}
    // Of two topics of one name the first stays: the system's before users' own, the older before the younger.
    for system in [true, false] {
        let mut after = "00000000-0000-0000-0000-000000000000".to_owned();
        while let Some(last) = fill_topics(connection, system, &after).await? {
            after = last;
        }
    }
    Ok(())
}

/// Whether there were any without a key.
async fn fill_filenames(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let mut transaction = connection.begin().await?;
    let statement = "select id::text, user_id::text, filename from documents where filename_key is null
        order by id limit $1 for no key update";
    let rows: Vec<(String, String, String)> =
        sqlx::query_as(statement).bind(BATCH).fetch_all(&mut *transaction).await?;
    let (mut ids, mut keys, mut all_grams) = (Vec::new(), Vec::new(), Vec::new());
    for (id, owner, filename) in rows {
        let key = name::key(&filename);
        let owner = UserId(owner.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?);
        let grams = grams::of_name(owner, &key);
        // As Postgres writes a list: an array of arrays would have to be a rectangle.
        all_grams.push(format!("{{{}}}", grams.iter().map(i32::to_string).collect::<Vec<_>>().join(",")));
        ids.push(id);
        keys.push(key);
    }
    let statement = "update documents d set filename_key = k.key, filename_grams = k.grams::integer[]
        from unnest($1, $2, $3) k (id, key, grams) where d.id = k.id::uuid";
    sqlx::query(statement).bind(&ids).bind(&keys).bind(&all_grams).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(!ids.is_empty())
}

/// The last id of those that were looked at; none: there are no more.
async fn fill_topics(
    connection: &mut PgConnection,
    system: bool,
    after: &str,
) -> sqlx::Result<Option<String>> {
    let statement =
        "select id::text, name, name_key from topics where (user_id is null) = $1 and id > $2::uuid
        order by id limit $3";
    let topics: Vec<(String, String, Option<String>)> =
        sqlx::query_as(statement).bind(system).bind(after).bind(BATCH).fetch_all(&mut *connection).await?;
    for (id, name, known) in &topics {
        let key = name::key(name);
        if known.as_ref() != Some(&key) {
            let rekey = sqlx::query("select topics_rekey($1::uuid, $2, $3)").bind(id).bind(name).bind(key);
            rekey.execute(&mut *connection).await?;
        }
    }
    Ok(topics.into_iter().next_back().map(|(id, ..)| id))
}
