//! A backup of the database is restored, although the bucket has gone on (`docs/OPERATIONS.md`, Backup and
//! restore). The commands of that page are run as they stand there, by a role like the master user of RDS.

mod commands;

use std::collections::BTreeMap;

use commands::Commands;
use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::postgres_server::PostgresServer;
use tests::promises::{self, Snapshot};
use tests::sandbox::Sandbox;
use tests::{Client, TestDatabase, TestVault, Upload};

/// What the master user of RDS may do besides owning the vault's database.
const MASTER_USER: &str = "alter role docuvault_migrate createdb createrole;
    grant docuvault_app, pg_signal_backend to docuvault_migrate";

/// Two users, and uploads that were begun before the backup.
struct Story {
    alice: Client,
    bob: Client,
    kept: Vec<Upload>,
    deleted: Upload,
    confirmed_later: Upload,
    abandoned: Upload,
    replaced: Upload,
}

async fn before_the_backup(vault: &TestVault) -> Story {
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    vault.set_limit(bob.id(), 100).await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        kept.push(alice.store_confirmed("kept.txt", b"kept").await);
    }
    let story = Story {
        kept,
        deleted: alice.store_confirmed("deleted.txt", b"deleted later").await,
        confirmed_later: alice.store_pending("pending.txt", b"confirmed later").await,
        abandoned: alice.store_pending("abandoned.txt", b"never confirmed").await,
        replaced: bob.store_confirmed("old.txt", &[b'o'; 80]).await,
        alice,
        bob,
    };
    let gone = story.alice.store_confirmed("gone.txt", b"deleted before").await;
    story.alice.delete_document(gone.document_id).await.expect(204);
    story
}

/// Objects that were stored after the backup and confirmed.
struct Later {
    new: Upload,
    nearly_full: Upload,
    of_new_account: Upload,
}

async fn after_the_backup(vault: &TestVault, story: &Story) -> Later {
    let Story { alice, bob, .. } = story;
    alice.delete_document(story.deleted.document_id).await.expect(204);
    alice.confirm(story.confirmed_later.document_id).await.expect(200);
    classify(vault, story.kept[0].document_id).await;
    bob.delete_document(story.replaced.document_id).await.expect(204);
    Later {
        new: alice.store_confirmed("new.txt", b"new").await,
        // With the document that was replaced, it would be more than the quota.
        nearly_full: bob.store_confirmed("full.txt", &[b'f'; 95]).await,
        of_new_account: vault.create_user().await.store_confirmed("lost.txt", b"lost").await,
    }
}

async fn classify(vault: &TestVault, document: DocumentId) {
    let message = vault.put_notification(document).await;
    assert_eq!(vault.classify(&[message]).await, [0_usize; 0]);
}

/// Has `cleanup` repair what does not match, or tell what it would do. Returns the numbers of accounts,
/// documents and objects that it has found and changed.
async fn repair(vault: &TestVault, apply: bool, orphans: &str) -> [[i64; 2]; 3] {
    let mut cleanup = Sandbox::start("cleanup", &vault.variables()).await;
    let event = json!({"repair": {"apply": apply, "orphans": orphans}});
    let answer = cleanup.invoke(&event.to_string()).await.unwrap();
    assert_eq!((&answer["cursor"], &answer["refused"]), (&Value::Null, &Value::Null), "{answer}");
    ["ledger_drifts", "rows_without_object", "objects_without_row"]
        .map(|kind| ["found", "changed"].map(|what| answer[kind][what].as_i64().unwrap()))
}

/// Lists the caller's documents: their names by their ids.
async fn list(vault: &TestVault, caller: &Client) -> BTreeMap<String, String> {
    let documents = vault.in_own_sandbox(caller).get("/api/documents").await.expect(200);
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let items = documents["items"].as_array().unwrap().iter();
    items.map(|item| (text(item, "id"), text(item, "filename"))).collect()
}

/// Waits until the superuser's query returns true.
async fn wait_until(server: &PostgresServer, query: &str) {
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    while !client.query_one(query, &[]).await.unwrap().get::<_, bool>(0) {
        tokio::task::yield_now().await;
    }
}

/// Puts the backup in the place of the database. Returns the database as it was before.
async fn restore(server: &PostgresServer, vault: &mut TestVault, commands: &mut Commands) -> TestDatabase {
    let before = vault.database.other(format!("{}_before", vault.database.name()));
    vault.database.reconnect();
    // The master user may not end the superuser's session, which only this test has.
    let sessions =
        "select count(*) = 0 from pg_stat_activity where usename = 'postgres' and datname like '%test%'";
    wait_until(server, sessions).await;
    commands.paste_next("pg_restore").await;
    commands.paste_next("delete from documents").await;
    migrate::handle(&vault.database.migrate_capabilities(), migrate::Command::Migrate(migrate::Schema::Up))
        .await
        .unwrap();
    before
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_repair_of_a_restored_backup_every_promise_holds() {
    let server = PostgresServer::start().await;
    let mut vault = TestVault::new().await;
    vault.database = TestDatabase::migrated_on(&server.url()).await;
    vault.tamper(MASTER_USER).await;
    let (rights, mut commands) =
        (read_rights(&vault.database).await, Commands::new(&server, &vault.database));
    let story = before_the_backup(&vault).await;
    commands.paste_next("pg_dump").await;
    let later = after_the_backup(&vault, &story).await;
    promises::check(&vault).await.unwrap();

    let _before = restore(&server, &mut vault, &mut commands).await;
    assert_eq!(read_rights(&vault.database).await, rights);
    promises::check_confirmed_objects(&vault).await.unwrap_err();
    promises::check_no_object_is_forgotten(&vault).await.unwrap_err();

    let (rows, objects) = (vault.rows().await, vault.bucket.list().await);
    assert_eq!(repair(&vault, false, "recover").await, [[0, 0], [2, 0], [5, 0]]);
    assert_eq!((vault.rows().await, vault.bucket.list().await), (rows, objects), "a dry run changes nothing");
    assert_eq!(repair(&vault, true, "recover").await, [[0, 0], [2, 2], [5, 4]]);
    assert_eq!(repair(&vault, true, "remove").await, [[0, 0], [0, 0], [1, 1]]);
    vault.sweep().await;
    check_documents(&vault, &story, &later).await;
    check_promises(&vault).await;
}

/// Checks that each owner has the expected documents, with their bytes.
async fn check_documents(vault: &TestVault, story: &Story, later: &Later) {
    let recovered = [&story.confirmed_later, &story.abandoned, &later.new];
    let expected = story.kept.iter().map(|kept| (kept, "kept.txt"));
    let expected = expected.chain(recovered.map(|upload| (upload, "recovered.txt")));
    assert_eq!(list(vault, &story.alice).await, names(expected));
    assert_eq!(list(vault, &story.bob).await, names([(&later.nearly_full, "recovered.txt")]));
    assert_eq!(vault.bucket.read(&later.new.key()).await, b"new");
    assert_eq!(vault.in_own_sandbox(&story.bob).used_bytes().await, 95);
    let objects = vault.bucket.object_sizes().await;
    assert!(!objects.contains_key(&later.of_new_account.key()), "its account is gone");
}

/// Returns the names of documents by their ids.
fn names<'a>(uploads: impl IntoIterator<Item = (&'a Upload, &'a str)>) -> BTreeMap<String, String> {
    uploads.into_iter().map(|(upload, name)| (upload.document_id.to_string(), name.to_owned())).collect()
}

/// Checks the promises P1 to P6, after all documents were classified.
async fn check_promises(vault: &TestVault) {
    promises::check(vault).await.unwrap();
    promises::check_every_object_has_a_row(vault).await.unwrap();
    vault.age_hours(1).await;
    vault.sweep().await;
    let messages: Vec<String> = vault.take_messages().await.iter().map(ToString::to_string).collect();
    assert_eq!(vault.classify(&messages).await, [0_usize; 0]);
    let snapshot = Snapshot::take(vault).await;
    snapshot.check_ended_classifications().unwrap();
    for (key, row) in &snapshot.rows {
        assert!(key.starts_with(&format!("{}/", row.user)), "{key} belongs to {}", row.user);
    }
    promises::check(vault).await.unwrap();
}

/// Returns the owners and rights of all tables, and the rights in the database.
async fn read_rights(database: &TestDatabase) -> String {
    let statement =
        "select concat_ws(' ', datacl, (select nspacl from pg_namespace where nspname = 'public'),
            (select string_agg(defaclacl::text, ' ') from pg_default_acl),
            (select string_agg(concat_ws(' ', relname, relowner::regrole, coalesce(relacl, acldefault('r', relowner))),
                ' ' order by relname)
            from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')))
        from pg_database where datname = current_database()";
    database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}
