use docuvault::file::grams;
use docuvault::id::DocumentId;
use serde_json::Value;
use tests::{Client, TestVault};

use crate::assert_problem;

/// Inserts documents without objects: lists read only rows.
async fn insert_documents(vault: &TestVault, owner: &Client, count: i64) {
    let owner = owner.id();
    let statement = "insert into documents (id, user_id, filename, filename_key, filename_grams, content_type, size_bytes,
            object_key, status, url_expires_at, confirmed_at)
        values ($1, $2, $3, $3, $4, 'text/plain', 0, $5, 'uploaded', now(), now())";
    for n in 1..=count {
        let (id, name) = (DocumentId::new(), format!("{n}.txt"));
        let (grams, key) = (grams::from_name_key(owner, &name), format!("{owner}/{n}"));
        let superuser = vault.database.superuser().await;
        superuser.execute(statement, &[&id, &owner, &name, &grams, &key]).await.unwrap();
    }
}

/// Follows the cursors to the end. Returns the filenames of each page.
async fn read_pages(client: &Client, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/api/documents?{query}{cursor}")).await.expect(200);
        let names = page["items"].as_array().unwrap().iter().map(|item| item["filename"].as_str().unwrap());
        pages.push(names.map(str::to_owned).collect());
        match &page["next_cursor"] {
            Value::Null => return pages,
            next => cursor = format!("&cursor={}", next.as_str().unwrap()),
        }
    }
}

#[tokio::test]
async fn pages_have_no_gaps_and_no_repetitions() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    insert_documents(&vault, &alice, 7).await;
    let expected: Vec<String> = (1..=7).rev().map(|n| format!("{n}.txt")).collect();
    for limit in [1, 2, 3, 6, 7, 8, 100] {
        let pages = read_pages(&alice, &format!("limit={limit}")).await;
        assert_eq!(pages.concat(), expected, "limit {limit}");
        assert!(pages.iter().rev().skip(1).all(|page| page.len() == limit), "{pages:?}");
        assert_eq!(pages.len(), 7_usize.div_ceil(limit), "the last page is not empty");
    }
}

#[tokio::test]
async fn a_page_has_fifty_documents_by_default_and_a_hundred_at_most() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    insert_documents(&vault, &alice, 101).await;
    assert_eq!(read_pages(&alice, "").await.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 1]);
    assert_eq!(read_pages(&alice, "limit=100").await.iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
    for limit in ["0", "101", "-1", "1.5", "x", "", "99999999999999999999"] {
        assert_problem(alice.get(&format!("/api/documents?limit={limit}")).await, 422, "invalid");
    }
}

#[tokio::test]
async fn a_filter_applies_to_every_page() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    insert_documents(&vault, &alice, 20).await;
    let pages = read_pages(&alice, "limit=4&q=1").await;
    let expected: Vec<String> =
        (1..=20).rev().filter(|n| n.to_string().contains('1')).map(|n| format!("{n}.txt")).collect();
    assert_eq!(pages.concat(), expected);
    assert_eq!(pages.len(), 3);
}

#[tokio::test]
async fn documents_added_or_removed_between_pages_do_not_affect_the_others() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    insert_documents(&vault, &alice, 4).await;
    let first = alice.get("/api/documents?limit=2").await.expect(200);
    alice.store_confirmed("new.txt", b"").await;
    vault.tamper("delete from documents where filename in ('3.txt', '2.txt')").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = alice.get(&format!("/api/documents?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(second["items"][0]["filename"], "1.txt");
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next_cursor"]), (1, &Value::Null));
}

#[tokio::test]
async fn another_users_cursor_is_refused() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    insert_documents(&vault, &alice, 2).await;
    let page = alice.get("/api/documents?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    alice.get(&format!("/api/documents?cursor={cursor}")).await.expect(200);
    assert_problem(bob.get(&format!("/api/documents?cursor={cursor}")).await, 422, "invalid");
}
