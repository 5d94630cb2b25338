//! The view `document_access`, in which statements on behalf of an account find documents.

use std::collections::BTreeSet;

use tests::TestDatabase;

/// Creates an account with ten documents.
const ROWS: &str = "
    insert into users (id, email, password_hash) values (gen_random_uuid(), 'alice@example.com', '');
    insert into documents (id, user_id, filename, filename_key, content_type, size_bytes, object_key, status,
        confirmed_at, url_expires_at)
    select gen_random_uuid(), u.id, 'a.txt', 'a.txt', 'text/plain', 1, gen_random_uuid(), 'uploaded',
        now(), now()
    from users u, generate_series(1, 10)";

#[tokio::test]
async fn the_view_shows_every_column_of_documents() {
    let database = TestDatabase::migrated().await;
    let columns = "select attname::text from pg_attribute
        where attrelid = $1::text::regclass and attnum > 0 and not attisdropped";
    let read_columns = async |name: &str| -> BTreeSet<String> {
        let rows = database.superuser().await.query(columns, &[&name]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let mut expected = read_columns("documents").await;
    expected.extend(["access".to_owned(), "account_id".to_owned()]);
    assert_eq!(read_columns("document_access").await, expected);
}

#[tokio::test]
async fn the_view_can_be_replaced_to_show_a_new_column() {
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
async fn functions_may_lock_rows_through_the_view_and_not_write_to_it() {
    let database = TestDatabase::migrated().await;
    database.superuser().await.batch_execute(ROWS).await.unwrap();
    let (app, other) =
        (database.connect_as("docuvault_app").await, database.connect_as("docuvault_app").await);
    app.batch_execute("begin; select from document_access where status = 'uploaded' for update")
        .await
        .unwrap();
    let unlocked = other.query("select from documents for update skip locked", &[]).await.unwrap();
    assert_eq!(unlocked.len(), 0, "the rows are locked in the table");
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
