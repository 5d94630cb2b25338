//! The floor of a confirmation: a bare program that sends the vault's two statements and one HEAD with the
//! same drivers and the same client of the store. It checks no token, and has no pool, no log, no router and
//! no error handling.

use docuvault::config;
use docuvault::limits::{NUDGE_GRACE, SLOWEST_PUT};
use docuvault::storage::{EntityTag, Storage};
use lambda_http::{Body, Error, Request, Response, run, service_fn};
use serde_json::json;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Row};
use uuid::Uuid;

/// The source file with the vault's statements, so that the floor uses their current text.
const SOURCE: &str = include_str!("../../../src/db/upload.rs");

/// The text that replaces `{buried}` in the statement. This part never runs here, but Postgres plans it.
const BURIED: &str = "insert into tombstones (object_key, storage_backend, user_id, url_expires_at, final_at)
    select object_key, storage_backend, user_id, url_expires_at, url_expires_at + make_interval(secs => $6) from refused";

struct Floor {
    find: String,
    charge: String,
    db: Client,
    store: Storage,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (db, connection) = config::DatabaseConfig::from_env()?.url.connect(NoTls).await?;
    tokio::spawn(connection);
    let floor = Floor {
        find: find_statement("upload::find")?,
        charge: find_statement("upload::charge")?,
        db,
        store: Storage::from_env()?,
    };
    run(service_fn(async |request: Request| confirm(&floor, &request).await)).await
}

async fn confirm(floor: &Floor, request: &Request) -> Result<Response<Body>, Error> {
    let (user, session) = (read_id(request, "x-user")?, read_id(request, "x-session")?);
    let id: Uuid = request.uri().path().split('/').nth(3).ok_or("no document")?.parse()?;
    let row =
        query_one(floor, &floor.find, &[(&user, Type::UUID), (&id, Type::UUID), (&session, Type::UUID)])
            .await?;
    let stored =
        floor.store.head(&row.try_get::<_, &str>("object_key")?.parse()?).await?.ok_or("no object")?;
    let params: [(&(dyn ToSql + Sync), Type); 7] = [
        (&id, Type::UUID),
        (&user, Type::UUID),
        (&stored.size_bytes, Type::INT8),
        (&i64::MAX, Type::INT8),
        (&NUDGE_GRACE.as_secs_f64(), Type::FLOAT8),
        (&SLOWEST_PUT.as_secs_f64(), Type::FLOAT8),
        (&stored.etag.as_ref().map(EntityTag::as_str), Type::TEXT),
    ];
    let row = query_one(floor, &floor.charge, &params).await?;
    let used: i64 = row.try_get("charged_to")?;
    let body = json!({"id": id, "size_bytes": stored.size_bytes, "used_bytes": used, "status": "uploaded"})
        .to_string();
    Ok(Response::builder().header("content-type", "application/json").body(body.into())?)
}

fn read_id(request: &Request, header: &str) -> Result<Uuid, Error> {
    Ok(request.headers().get(header).ok_or("no id")?.to_str()?.parse()?)
}

async fn query_one(
    floor: &Floor,
    statement: &str,
    params: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Row, Error> {
    Ok(floor.db.query_typed(statement, params).await?.pop().ok_or("no row")?)
}

/// Finds the statement with this name in the source.
fn find_statement(name: &str) -> Result<String, Error> {
    let begin = SOURCE.find(&format!("\"-- {name}\n")).ok_or("no such statement")? + 1;
    let text = SOURCE.get(begin..).ok_or("no text")?;
    let (text, _) = text.split_once('"').ok_or("no end")?;
    Ok(text.replace("{buried}", BURIED))
}
