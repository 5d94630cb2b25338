//! The migration `up` fills in name keys, merges topics whose names have the same key, and repairs rows that
//! an older release wrote.

use migrate::Schema;
use serde_json::{Value, json};
use tests::{TestVault, promises};

use crate::run;

async fn query(vault: &TestVault, statement: &str) -> Value {
    let statement = format!("select coalesce(jsonb_agg(to_jsonb(r)), '[]') from ({statement}) r");
    vault.database.superuser().await.query_one(&statement, &[]).await.unwrap().get(0)
}

/// Names and keys of all topics: system topics first, then by name.
async fn topic_names(vault: &TestVault) -> Value {
    query(vault, "select name, name_key as key, user_id is null as system from topics order by user_id nulls first, name collate \"C\"").await
}

/// Returns an id that ends in this number, so that ids have a known order.
fn id(n: u8) -> String {
    format!("00000000-0000-7000-8000-0000000000{n:02}")
}

#[tokio::test]
async fn up_fills_in_the_keys_of_existing_names() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    run(&vault.database, Schema::Down(4)).await.unwrap();
    // More rows than one batch of the migration has.
    vault
        .tamper(&format!(
            "insert into documents (id, user_id, filename, content_type, object_key, url_expires_at)
             select gen_random_uuid(), '{0}', 'U\u{308}bersicht ' || n, 'text/plain', 'k' || n, now() from generate_series(1, 2500) n;
             insert into topics (id, user_id, name) select gen_random_uuid(), '{0}', 'STRASSE ' || n from generate_series(1, 1200) n;
             insert into topics (id, user_id, name) values (gen_random_uuid(), null, 'Ｔａｘ')",
            alice.id()
        ))
        .await;
    run(&vault.database, Schema::Up).await.unwrap();
    for wrong in [
        "select filename_key from documents where filename_key is distinct from 'übersicht ' || substr(object_key, 2)",
        "select name_key from topics where user_id is not null and name_key is distinct from lower(name)",
        "select name_key from topics where user_id is null and name_key is distinct from 'tax'",
    ] {
        assert_eq!(query(&vault, wrong).await, json!([]));
    }
    // The way down has removed the sessions.
    let alice = vault.sign_in(&alice).await;
    let found = alice.get("/api/documents?status=pending&q=%C3%BCbersicht%201").await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 50);
    let before = vault.rows().await;
    run(&vault.database, Schema::Up).await.unwrap();
    assert_eq!(vault.rows().await, before, "a second up changes nothing");
}

/// Returns a vault at migration 4, which has no name keys yet. Its topics have names that get equal keys: two
/// system topics and one of Alice's are called "Tax", two of Alice's and one of Bob's "Café". Two documents
/// have Alice's topics.
async fn vault_with_equal_names() -> TestVault {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    for name in ["a.txt", "b.txt"] {
        alice.store_confirmed(name, b"hello").await;
    }
    run(&vault.database, Schema::Down(4)).await.unwrap();
    let topic_names = [
        (1, "null".to_owned(), "Tax"),
        (2, "null".to_owned(), "Ｔａｘ"),
        (3, format!("'{}'", alice.id()), "Café"),
        (4, format!("'{}'", alice.id()), "Cafe\u{301}"),
        (5, format!("'{}'", alice.id()), "ＴaX"),
        (6, format!("'{}'", bob.id()), "Cafe\u{301}"),
    ];
    for (n, user, name) in topic_names {
        vault
            .tamper(&format!("insert into topics (id, user_id, name) values ('{}', {user}, '{name}')", id(n)))
            .await;
    }
    vault
        .tamper(&format!(
            "insert into document_topics (document_id, topic_id, manual, dismissed, confidence)
             select d.id, t.topic::uuid, t.manual, t.dismissed, t.confidence
             from (values ('a.txt', '{}', false, false, 0.5::real), ('a.txt', '{}', true, true, null),
                          ('b.txt', '{}', false, false, 0.25), ('b.txt', '{}', true, false, null)) t (name, topic, manual, dismissed, confidence)
             join documents d on d.filename = t.name",
            id(3), id(4), id(4), id(5)
        ))
        .await;
    vault
}

const MERGED: &str = "select d.filename, t.name, dt.manual, dt.dismissed, dt.confidence
    from document_topics dt join documents d on d.id = dt.document_id join topics t on t.id = dt.topic_id order by 1, 2";

#[tokio::test]
async fn up_merges_topics_with_equal_keys_into_the_system_topic_or_the_oldest() {
    let vault = vault_with_equal_names().await;
    run(&vault.database, Schema::Up).await.unwrap();
    let mut kept = topic_names(&vault).await;
    let own = kept.as_array_mut().unwrap().split_off(1);
    assert_eq!(kept, json!([{"name": "Tax", "key": "tax", "system": true}]));
    let mut own: Vec<_> =
        own.iter().map(|topic| (topic["name"].as_str().unwrap(), topic["key"].as_str().unwrap())).collect();
    own.sort_unstable();
    assert_eq!(own, [("Cafe\u{301}", "café"), ("Café", "café")], "one belongs to Alice, one to Bob");
    let document = |name: &str, topic: &str, manual: bool, dismissed: bool, confidence: Option<f32>| json!({"filename": name, "name": topic, "manual": manual, "dismissed": dismissed, "confidence": confidence});
    assert_eq!(
        query(&vault, MERGED).await,
        json!([
            document("a.txt", "Café", true, true, Some(0.5)),
            document("b.txt", "Café", false, false, Some(0.25)),
            document("b.txt", "Tax", true, false, None),
        ])
    );
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn merged_topics_stay_merged_after_down_and_up() {
    let vault = vault_with_equal_names().await;
    run(&vault.database, Schema::Up).await.unwrap();
    let (rows, kept) = (vault.rows().await, topic_names(&vault).await);
    run(&vault.database, Schema::Down(4)).await.unwrap();
    for name in ["by lower()", "BY LOWER()"] {
        vault.tamper(&format!("insert into topics (id, name) values (gen_random_uuid(), '{name}')")).await;
    }
    let compared = "select name from topics where lower(name) = 'by lower()'";
    assert_eq!(query(&vault, compared).await, json!([{"name": "by lower()"}]));
    vault.tamper("delete from topics where name = 'by lower()'").await;
    run(&vault.database, Schema::Up).await.unwrap();
    assert_eq!(topic_names(&vault).await, kept);
    assert_eq!(vault.rows().await["document_topics"], rows["document_topics"]);
}

#[tokio::test]
async fn up_repairs_rows_that_an_older_release_wrote() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let document = alice.store_confirmed("Straße.txt", b"").await.document_id;
    let before = vault.database.connect_as("docuvault_app").await;
    before
        .batch_execute(&format!(
            "update documents set filename_key = null;
         insert into topics (id, user_id, name)
         values ('{1}', '{0}', 'Straße'), ('{2}', '{0}', 'Weg'), ('{3}', '{0}', 'Haus'), ('{4}', null, 'Hof');
         update topics set name = 'Ｔａｘ' where name = 'Weg'",
            alice.id(),
            id(1),
            id(2),
            id(3),
            id(4)
        ))
        .await
        .unwrap();
    let rename = async |from: &str, to: &str| {
        let rename = format!("update topics set name = '{to}' where name = '{from}'");
        before.execute(&rename, &[]).await.unwrap()
    };
    assert_eq!(rename("Haus", "Ｔａｘ").await, 0, "a taken name is not written");
    assert_eq!((rename("Haus", "tax").await, rename("Hof", "Straße").await), (1, 1));
    let found =
        async || alice.get("/api/documents?q=strasse").await.expect(200)["items"].as_array().unwrap().len();
    assert_eq!(found().await, 0);
    assert_eq!(
        alice.get("/api/documents").await.expect(200)["items"][0]["id"],
        json!(document),
        "a document without a key is still listed"
    );
    run(&vault.database, Schema::Up).await.unwrap();
    assert_eq!(found().await, 1);
    assert_eq!(
        topic_names(&vault).await,
        json!([{"name": "Straße", "key": "strasse", "system": true}, {"name": "Ｔａｘ", "key": "tax", "system": false}]),
        "equal names are merged, and the own topic became the system topic"
    );
}
