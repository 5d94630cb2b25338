use cleanup::{self, Report};
use docuvault::deadline::Deadline;
use docuvault::id::UserId;
use migrate::Schema;
use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::{Environment, Services, TestVault, promises};

use crate::run;

/// Keys of objects without an owner.
const OWNERLESS: [&str; 2] = ["nobody/confirmed", "nobody/pending"];

/// Returns a vault at migration 0002, with a wrong ledger, topics, and documents with and without an owner.
/// All documents have objects.
async fn vault_at_0002() -> (TestVault, UserId, UserId) {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    alice.store_confirmed("a.txt", b"hello").await;
    alice.store_confirmed("b.txt", b"goodbye").await;
    alice.store_pending("c.txt", b"not confirmed").await;
    run(&vault.database, Schema::Down(2)).await.unwrap();
    for key in OWNERLESS {
        let object = vault.bucket.client.put_object().bucket(&vault.bucket.name).key(key);
        object.body(b"left behind".to_vec().into()).send().await.unwrap();
    }
    let (alice, bob) = (alice.id(), bob.id());
    vault
        .tamper(&format!(
            "insert into documents (id, filename, content_type, size_bytes, object_key, status, confirmed_at, url_expires_at)
             values (gen_random_uuid(), 'x.txt', 'text/plain', 11, 'nobody/confirmed', 'uploaded', now(), now()),
                    (gen_random_uuid(), 'y.txt', 'text/plain', null, 'nobody/pending', 'pending', null, now() + interval '1 hour');
             insert into topics (id, user_id, name)
             values (gen_random_uuid(), null, 'letters'), (gen_random_uuid(), '{alice}', 'recipes');
             insert into document_topics (document_id, topic_id) select d.id, t.id from documents d, topics t;
             update quotas set used_bytes = 99"
        ))
        .await;
    (vault, alice, bob)
}

async fn query(vault: &TestVault, statement: &str) -> Value {
    let statement = format!("select to_jsonb(array(select to_jsonb(r) from ({statement}) r))");
    vault.database.superuser().await.query_one(&statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn up_removes_documents_without_an_owner_and_buries_their_objects() {
    let (vault, ..) = vault_at_0002().await;
    run(&vault.database, Schema::Up).await.unwrap();
    let kept = query(&vault, "select filename from documents order by filename").await;
    assert_eq!(kept, json!([{"filename": "a.txt"}, {"filename": "b.txt"}, {"filename": "c.txt"}]));
    let queued = "select object_key, due_at <= now() as due, attempts,
        final_at > now() + interval '23 hours' as waits_for_its_url from tombstones order by object_key";
    let tombstone = |key| json!({"object_key": key, "due": true, "attempts": 0, "waits_for_its_url": true});
    assert_eq!(query(&vault, queued).await, json!(OWNERLESS.map(tombstone)));
}

#[tokio::test]
async fn after_up_every_document_must_have_an_owner() {
    let (vault, ..) = vault_at_0002().await;
    run(&vault.database, Schema::Up).await.unwrap();
    let ownerless = "insert into documents (id, filename, content_type, object_key, url_expires_at)
        values (gen_random_uuid(), 'z.txt', 'text/plain', 'z', now())";
    let refusal = vault.database.superuser().await.batch_execute(ownerless).await.unwrap_err();
    assert_eq!(refusal.as_db_error().unwrap().column(), Some("user_id"));
    let index = "select indexdef from pg_indexes where indexname = 'ix_topics_user_id'";
    let definition = "CREATE INDEX ix_topics_user_id ON public.topics USING btree (user_id)";
    assert_eq!(query(&vault, index).await, json!([{"indexdef": definition}]));
}

#[tokio::test]
async fn up_removes_all_topics_and_corrects_the_ledger() {
    let (vault, alice, bob) = vault_at_0002().await;
    run(&vault.database, Schema::Up).await.unwrap();
    assert_eq!(query(&vault, "select from topics union all select from document_topics").await, json!([]));
    let mut used = [json!({"user_id": alice, "used_bytes": 12}), json!({"user_id": bob, "used_bytes": 0})];
    used.sort_by_key(|row| row["user_id"].to_string());
    assert_eq!(query(&vault, "select user_id, used_bytes from quotas order by user_id").await, json!(used));
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn an_unreachable_store_does_not_lose_the_removals() {
    let (vault, ..) = vault_at_0002().await;
    let proxy = Proxy::start(&Environment::read().s3_endpoint).await;
    let by_proxy = vault.bucket.config_at(&proxy.endpoint());
    let Services { db, storage, queue } =
        vault.services_at(&vault.database.address(), by_proxy, vault.queue.clone());
    let stores = storage.stores_of("cleanup");
    proxy.set_mode(Mode::Down);
    run(&vault.database, Schema::Up).await.unwrap();
    let report = cleanup::sweep(&db, &stores, &queue, Deadline::none()).await.unwrap();
    assert_eq!(report, Report { postponed: 2, ..Report::default() });
    assert_eq!(vault.bucket.object_sizes().await.len(), 5);
    proxy.set_mode(Mode::Pass);
    vault.age_minutes(30).await;
    let report = cleanup::sweep(&db, &stores, &queue, Deadline::none()).await.unwrap();
    assert_eq!(report, Report { removed: 2, nudged: 2, ..Report::default() });
    let left = vault.bucket.object_sizes().await;
    assert!(left.len() == 3 && OWNERLESS.iter().all(|key| !left.contains_key(*key)), "{left:?}");
    promises::check(&vault).await.unwrap();
    promises::check_every_object_has_a_row(&vault).await.unwrap();
}

#[tokio::test]
async fn down_restores_the_schema_but_not_the_rows() {
    let (vault, alice, _) = vault_at_0002().await;
    run(&vault.database, Schema::Up).await.unwrap();
    run(&vault.database, Schema::Down(2)).await.unwrap();
    assert_eq!(query(&vault, "select from topics").await, json!([]));
    assert_eq!(query(&vault, "select count(*) from documents").await, json!([{"count": 3}]));
    assert_eq!(query(&vault, "select count(*) from tombstones").await, json!([{"count": 2}]));
    let used = format!("select used_bytes from quotas where user_id = '{alice}'");
    assert_eq!(query(&vault, &used).await, json!([{"used_bytes": 12}]));
    vault
        .tamper(
            "insert into documents (id, filename, content_type, object_key, url_expires_at)
             values (gen_random_uuid(), 'z.txt', 'text/plain', 'z', now())",
        )
        .await;
}

#[tokio::test]
async fn tombstones_of_older_releases_get_their_owner_and_url_expiry() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let url = format!("select url_expires_at from documents where id = '{}'", upload.document_id);
    let expected = query(&vault, &url).await[0]["url_expires_at"].take();
    alice.delete_document(upload.document_id).await.expect(204);
    run(&vault.database, Schema::Down(6)).await.unwrap();
    vault.tamper("insert into tombstones (object_key, final_at) values ('nobody/x', now())").await;
    run(&vault.database, Schema::Up).await.unwrap();
    let buried = "select object_key, user_id, url_expires_at from tombstones where object_key <> 'nobody/x'";
    let row = json!({"object_key": upload.key(), "user_id": alice.id(), "url_expires_at": expected});
    assert_eq!(query(&vault, buried).await, json!([row]));
    let ownerless = "select user_id from tombstones where object_key = 'nobody/x'";
    assert_eq!(query(&vault, ownerless).await, json!([{"user_id": null}]));
}
