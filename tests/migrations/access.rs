//! The view `document_access`, by which accounts find documents.

use std::collections::BTreeSet;

use docuvault::db::{self, Database};
use docuvault::document::{DocumentQuery, Filter};
use docuvault::id::{DocumentId, TopicId, UserId};
use docuvault::page::{PageQuery, Paging};
use docuvault::storage::StoredObject;
use tests::TestDatabase;
use tests::recorder::{Recorded, Recorder};
use tokio_postgres::Client;

/// Two hundred accounts with fifty documents each, known to the planner.
const ROWS: &str = "
    insert into users (id, email, password_hash)
    select gen_random_uuid(), n || '@example.com', '' from generate_series(1, 200) n;
    insert into quotas (user_id) select id from users;
    insert into documents (id, user_id, filename, filename_key, content_type, size_bytes, object_key, status,
        confirmed_at, url_expires_at)
    select gen_random_uuid(), u.id, 'a.txt', 'a.txt', 'text/plain', 1, gen_random_uuid(), 'uploaded',
        now(), now()
    from users u, generate_series(1, 50);
    analyze";

/// Sends every statement by which an account finds documents. Only what is sent matters, not what it finds.
async fn send_all(database: &Database) {
    let (user, id) = (UserId::new(), DocumentId::new());
    let (db, page) = (database, Paging::parse("documents", user, &PageQuery::default()).unwrap());
    let filter = |topic, part: Option<&str>| {
        let query = DocumentQuery { topic, q: part.map(str::to_owned), ..DocumentQuery::default() };
        Filter::parse(query).unwrap().0
    };
    let stored = StoredObject { size_bytes: 1, sha256: None, etag: None };
    let limits = docuvault::config::DocumentLimits { classifications_per_hour: 1 };
    let _sent = (
        db::document::get(db, user, id).await.err(),
        db::document::find_stored(db, user, id).await.err(),
        db::document::set_topics(db, user, id, &[]).await.err(),
        db::document::list(db, user, &filter(None, None), &page).await.err(),
        db::document::list(db, user, &filter(None, Some("report")), &page).await.err(),
        db::document::list(db, user, &filter(Some(TopicId::new()), None), &page).await.err(),
        db::document::delete(db, user, id).await.err(),
        db::upload::find(db, user, id).await.err(),
        db::upload::charge(db, user, id, &stored, 1).await.err(),
        db::upload::refuse(db, user, id).await.err(),
        db::classification::request(db, limits, user, id).await.err(),
    );
}

async fn recorded(database: &TestDatabase) -> Vec<Recorded> {
    let recorder = Recorder::before(database.address()).await;
    let url = database.url_at("docuvault_app", &recorder.address).parse().unwrap();
    send_all(&Database::new(docuvault::config::DatabaseConfig { url })).await;
    recorder.recorded()
}

/// The plan of a statement. Names that the planner numbers (`d_1`) lose their numbers.
async fn plan(client: &Client, statement: &Recorded, text: &str) -> Vec<String> {
    let explain = format!("explain (costs off) {text}");
    let rows = client.query_typed(&explain, &statement.params()).await.unwrap();
    rows.iter()
        .map(|row| row.get::<_, String>(0))
        .map(|line| (1..9).fold(line, |line, n| line.replace(&format!("_{n}"), "")))
        .collect()
}

#[tokio::test]
async fn a_statement_on_the_view_has_the_plan_that_it_has_on_the_table() {
    let database = TestDatabase::migrated().await;
    database.superuser().await.batch_execute(ROWS).await.unwrap();
    let app = database.connect_as("docuvault_app").await;
    let statements = recorded(&database).await;
    let mut found = Vec::new();
    for statement in statements.iter().filter(|statement| statement.text.contains("document_access")) {
        let on_table = statement
            .text
            .replace("document_access d", "documents d")
            .replace("d.account_id", "d.user_id")
            .replace("d.access = 'owner'", "true");
        assert!(!on_table.contains("access"), "{on_table}");
        let (by_view, by_table) =
            (plan(&app, statement, &statement.text).await, plan(&app, statement, &on_table).await);
        assert_eq!(by_view, by_table, "{}", statement.text);
        found.push(statement.text.lines().next().unwrap().trim_start_matches("-- ").to_owned());
    }
    let expected = [
        "document::get",
        "document::find_stored",
        "document::set_topics",
        "document::list",
        "document::list",
        "document::delete",
        "upload::find",
        "upload::charge",
        "upload::refuse",
        "classification::request",
    ];
    assert_eq!(found, expected, "a list by topic finds its documents by the labels' owner");
    assert_eq!(statements.len(), expected.len() + 1);
}

#[tokio::test]
async fn the_view_shows_every_column_of_documents() {
    let database = TestDatabase::migrated().await;
    let columns = "select attname::text from pg_attribute
        where attrelid = $1::text::regclass and attnum > 0 and not attisdropped";
    let of = async |name: &str| -> BTreeSet<String> {
        let rows = database.superuser().await.query(columns, &[&name]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let mut expected = of("documents").await;
    expected.extend(["access".to_owned(), "account_id".to_owned()]);
    assert_eq!(of("document_access").await, expected);
}

#[tokio::test]
async fn a_new_column_needs_the_view_written_again_and_nothing_else() {
    let database = TestDatabase::migrated().await;
    let view =
        include_str!("../../migrations/0009_access.up.sql").replace("create view", "create or replace view");
    let owner = database.connect_as("docuvault_migrate").await;
    owner.batch_execute("alter table documents add column folder_id uuid").await.unwrap();
    owner.batch_execute(view.split_inclusive(';').next().unwrap()).await.unwrap();
    let app = database.connect_as("docuvault_app").await;
    app.query("select folder_id from document_access for update", &[]).await.unwrap();
}

#[tokio::test]
async fn functions_lock_rows_of_the_view_and_write_none() {
    let database = TestDatabase::migrated().await;
    database.superuser().await.batch_execute(ROWS).await.unwrap();
    let (app, other) =
        (database.connect_as("docuvault_app").await, database.connect_as("docuvault_app").await);
    app.batch_execute("begin; select from document_access where status = 'uploaded' for update")
        .await
        .unwrap();
    let free = other.query("select from documents for update skip locked", &[]).await.unwrap();
    assert_eq!(free.len(), 0, "each row is locked in the table");
    app.batch_execute("rollback").await.unwrap();
    for statement in [
        "update document_access set status = 'classified'",
        "update document_access set access = 'owner'",
        "delete from document_access",
        "insert into document_access (id) values (gen_random_uuid())",
    ] {
        app.batch_execute(statement).await.unwrap_err();
    }
}
