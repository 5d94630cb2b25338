//! The lists of an account's entries of the audit log, and the deletion of old ones, read the entries that
//! they return, however many others there are.

use docuvault::auth::User;
use docuvault::config::DatabaseConfig;
use docuvault::db::{Database, audit_log, export};
use docuvault::export::Start;
use docuvault::id::{SessionId, UserId};
use docuvault::page::{PageQuery, PageRequest};
use tests::TestDatabase;
use tests::recorder::Recorder;
use tokio_postgres::Client;

/// Creates two hundred accounts with a session each, and fifty thousand entries about them: most of what they
/// do themselves, and some of what others do.
const CREATE: &str = "
    insert into users (id, email, password_hash)
    select gen_random_uuid(), n || '@example.com', '' from generate_series(1, 200) n;
    insert into sessions (id, user_id, expires_at, ends_at)
    select id, id, now() + interval '1 day', now() + interval '1 day' from users;
    insert into audit_log (id, at, actor_id, action, target_id)
    select gen_random_uuid(), now() - n * interval '10 minutes', case when n % 10 > 0 then u.id end, 'session.started',
        u.id
    from users u, generate_series(1, 250) n";

/// Explains the statement that was sent last, as this role.
async fn explain(database: &TestDatabase, recorder: &Recorder, role: &str) -> String {
    let sent = recorder.recorded().pop().unwrap();
    let client: Client = database.connect_as(role).await;
    let rows =
        client.query_typed(&format!("explain (costs off) {}", sent.text), &sent.params()).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

fn connect(database: &TestDatabase, recorder: &Recorder, role: &str) -> Database {
    let url = database.url_at(role, &recorder.address).parse().unwrap();
    Database::new(DatabaseConfig { url, iam: None })
}

#[tokio::test]
async fn an_account_reads_its_entries_by_the_indexes_in_the_order_of_time() {
    let database = TestDatabase::migrated().await;
    let superuser = database.superuser().await;
    superuser.batch_execute(CREATE).await.unwrap();
    superuser.batch_execute("vacuum analyze").await.unwrap();
    let id: UserId = superuser.query_one("select id from users limit 1", &[]).await.unwrap().get(0);
    let user = User { id, session: SessionId(id.0) };
    let recorder = Recorder::start(database.server_address()).await;
    let db = connect(&database, &recorder, "docuvault_app");
    let first = PageRequest::parse("own audit log", id, &PageQuery::default()).unwrap();
    let entries = audit_log::list_own(&db, user, &first).await.unwrap();
    assert_eq!(entries.len(), 51);
    let (_, rows) = export::read(&db, user, &Start { kind: 4, after: None, limit: 50 }).await.unwrap();
    for after in [None, Some(rows[10].position)] {
        let start = Start { kind: 4, after, limit: 50 };
        assert_eq!(export::read(&db, user, &start).await.unwrap().1.len(), 51);
        let plan = explain(&database, &recorder, "docuvault_app").await;
        for index in ["audit_log_by_actor", "audit_log_by_target"] {
            assert!(plan.contains(&format!("Index Scan using {index}")), "{index}:\n{plan}");
        }
        assert!(!plan.contains("Seq Scan on audit_log"), "{plan}");
        assert!(!plan.contains("document_access") && !plan.contains("on documents"), "{plan}");
    }
    audit_log::list_own(&db, user, &first).await.unwrap();
    let plan = explain(&database, &recorder, "docuvault_app").await;
    for index in ["audit_log_by_actor", "audit_log_by_target"] {
        assert!(plan.contains(&format!("Index Scan Backward using {index}")), "{index}:\n{plan}");
    }
}

#[tokio::test]
async fn old_entries_are_found_by_their_time() {
    let database = TestDatabase::migrated().await;
    let superuser = database.superuser().await;
    superuser.batch_execute(CREATE).await.unwrap();
    superuser.batch_execute("vacuum analyze").await.unwrap();
    let recorder = Recorder::start(database.server_address()).await;
    let db = connect(&database, &recorder, "docuvault_migrate");
    assert_eq!(audit_log::delete_older(&db, 90, 100).await.unwrap(), 0);
    let plan = explain(&database, &recorder, "docuvault_migrate").await;
    assert!(plan.contains("using audit_log_by_time"), "{plan}");
    assert!(!plan.contains("Seq Scan on audit_log"), "{plan}");
}
