//! The audit's statements read the rows of their page, however many other rows there are.

use docuvault::db::Database;
use docuvault::db::audit::{Listed, Place, compare_objects, read_balances};
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Backend, Extension, ObjectKey};
use tests::TestDatabase;
use tests::recorder::Recorder;

/// Creates two hundred accounts with a hundred confirmed documents each.
const CREATE: &str = "
    insert into users (id, email, password_hash)
    select gen_random_uuid(), n || '@example.com', '' from generate_series(1, 200) n;
    insert into quotas (user_id) select id from users;
    insert into documents (id, user_id, filename, content_type, size_bytes, object_key, status, confirmed_at,
        url_expires_at)
    select d.id, d.user_id, 'a.txt', 'text/plain', 1, d.user_id || '/' || d.id || '/' || gen_random_uuid(),
        'uploaded', now(), now()
    from (
        select gen_random_uuid() as id, u.id as user_id from users u, generate_series(1, 100) offset 0
    ) d";

/// Runs a statement and returns its plan.
async fn explain<T>(
    database: &TestDatabase,
    recorder: &Recorder,
    run: impl Future<Output = docuvault::Result<T>>,
) -> String {
    run.await.unwrap();
    let sent = recorder.recorded().pop().unwrap();
    let app = database.connect_as("docuvault_app").await;
    let rows = app.query_typed(&format!("explain (costs off) {}", sent.text), &sent.params()).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_step_of_the_audit_reads_no_whole_table() {
    let database = TestDatabase::migrated().await;
    let superuser = database.superuser().await;
    superuser.batch_execute(CREATE).await.unwrap();
    superuser.batch_execute("vacuum analyze").await.unwrap();
    let recorder = Recorder::start(database.address()).await;
    let url = database.url_at("docuvault_app", &recorder.address).parse().unwrap();
    let db = Database::new(docuvault::config::DatabaseConfig { url, iam: None });
    let key = || ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename("a.txt"));
    let listed: Vec<_> = (0..10).map(|_| Listed { key: key(), size_bytes: 1, etag: None }).collect();
    let half = Place { user: UserId(uuid::Uuid::from_u128(u128::MAX / 2)), ..Place::FIRST };
    let range = (half, Place::LAST);
    let compared = explain(&database, &recorder, compare_objects(&db, Backend::S3, &listed, range, 20)).await;
    let summed = explain(&database, &recorder, read_balances(&db, half.user, 20)).await;
    for (plan, parts) in [
        (
            &compared,
            &["using documents_confirmed_by_owner on", "using documents_object_key_unique on"] as &[_],
        ),
        (&summed, &["documents_confirmed_by_owner"]),
    ] {
        assert!(!plan.contains("Seq Scan on documents"), "{plan}");
        for part in parts {
            assert!(plan.contains(part), "{part}:\n{plan}");
        }
    }
}
