//! An account that an administrator deletes is gone at once, and the sweep removes everything that belonged
//! to it. Only entries of the audit log and tombstones are left.

use cleanup::{Report, sweep};
use docuvault::db::removal;
use docuvault::deadline::Deadline;
use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::{Client, TestVault, promises};

use crate::admin::{entries, user_path};
use crate::assert_problem;

/// Returns the names of the tables with a row that contains this text.
async fn tables_with(vault: &TestVault, text: &str) -> Vec<String> {
    let rows = vault.rows().await;
    let limits = "select coalesce(jsonb_agg(to_jsonb(r)), '[]') from rate_limits r";
    let limits: Value = vault.database.superuser().await.query_one(limits, &[]).await.unwrap().get(0);
    let tables = rows.as_object().unwrap().iter().map(|(name, rows)| (name.as_str(), rows));
    let tables = tables.chain([("rate_limits", &limits)]).filter(|(_, rows)| rows.to_string().contains(text));
    tables.map(|(name, _)| name.to_owned()).collect()
}

/// Creates an account with a row in every table that can have one.
async fn create_full_account(vault: &TestVault) -> Client {
    let ada = vault.create_user().await;
    let topic = ada.post("/api/topics", json!({"name": "Invoices"})).await.expect(201)["id"].take();
    let document = ada.store_confirmed("a.txt", b"hello").await.document_id;
    vault.classify(&[vault.put_notification(document).await]).await;
    ada.put(&format!("/api/documents/{document}/topics"), json!({"topic_ids": [topic]})).await.expect(200);
    ada.send("POST", &format!("/api/documents/{document}/classify"), None).await.expect(202);
    ada.store_confirmed("b.txt", b"world").await;
    ada.store_pending("c.txt", b"pending").await;
    let deleted = ada.store_confirmed("d.txt", b"deleted").await.document_id;
    ada.delete_document(deleted).await.expect(204);
    let id = ada.id();
    vault
        .tamper(&format!(
            "insert into refresh_tokens (token_hash, session_id, generation)
                select sha256(s.id::text::bytea), s.id, 1 from sessions s where s.user_id = '{id}';
             insert into devices (token_hash, user_id) values ('x', '{id}');
             insert into password_resets (token_hash, user_id, expires_at) values (sha256('{id}'), '{id}', now());
             insert into quotas (user_id) values ('{id}') on conflict do nothing"
        ))
        .await;
    ada
}

#[tokio::test]
async fn nothing_is_left_of_a_removed_account_but_audit_entries_and_tombstones() {
    let vault = TestVault::new().await;
    let (admin, bob) = (vault.create_admin().await, vault.create_user().await);
    bob.store_confirmed("kept.txt", b"kept").await;
    let ada = create_full_account(&vault).await;
    let id = ada.id().to_string();
    let email = ada.get("/api/auth/me").await.expect(200)["email"].as_str().unwrap().to_owned();
    let keys = vault.bucket.object_sizes().await.into_keys().filter(|key| key.starts_with(&id)).count();
    assert_eq!(keys, 3);
    admin.delete(&user_path(ada.id(), "")).await.expect(204);
    vault.send_mails().await;

    assert_problem(ada.get("/api/auth/me").await, 401, "unauthenticated");
    assert_problem(ada.get("/api/documents").await, 401, "unauthenticated");
    assert_problem(admin.get(&user_path(ada.id(), "")).await, 404, "not_found");
    assert_problem(admin.delete(&user_path(ada.id(), "")).await, 404, "not_found");
    assert_eq!(admin.get("/api/admin/users").await.expect(200)["items"].as_array().unwrap().len(), 2);
    assert!(!tables_with(&vault, &email).await.contains(&"users".to_owned()), "the address is gone at once");
    promises::check(&vault).await.unwrap();

    let swept = vault.sweep().await;
    assert_eq!((swept.accounts, swept.removed >= 3), (1, true), "{swept:?}");
    assert_eq!(tables_with(&vault, &id).await, ["audit_log", "tombstones"]);
    assert!(tables_with(&vault, &email).await.is_empty());
    assert!(vault.bucket.object_sizes().await.into_keys().all(|key| key.starts_with(&bob.id().to_string())));
    assert_eq!(bob.used_bytes().await, 4);
    let entry = &entries(&vault, ada.id(), "account.removed").await[0];
    assert_eq!((&entry["actor_id"], &entry["details"]), (&json!(admin.id()), &json!({})));
    promises::check(&vault).await.unwrap();
    vault.age_hours(26).await;
    vault.send_mails().await;
    vault.sweep().await;
    assert_eq!(tables_with(&vault, &id).await, ["audit_log"]);
}

#[tokio::test]
async fn the_address_of_a_removed_account_is_free_at_once() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let who = json!({"email": "ada@example.com", "password": "Correct-Horse-7"});
    let old = vault.anonymous().post("/api/auth/register", who.clone()).await.expect(201);
    let id: UserId = serde_json::from_value(old["id"].clone()).unwrap();
    admin.delete(&user_path(id, "")).await.expect(204);
    vault.send_mails().await;
    assert_problem(vault.anonymous().post("/api/auth/login", who.clone()).await, 401, "invalid_credentials");
    let new = vault.anonymous().post("/api/auth/register", who.clone()).await.expect(201);
    assert_ne!(new["id"], old["id"]);
    vault.anonymous().post("/api/auth/login", who).await.expect(200);
    vault.send_mails().await;
    vault.sweep().await;
    assert_eq!(vault.rows().await["users"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_upload_url_of_a_removed_account_leaves_no_object() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let upload = ada.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    admin.delete(&user_path(ada.id(), "")).await.expect(204);
    vault.send_mails().await;
    vault.sweep().await;
    assert_eq!(upload.put(b"late").await, 200, "the URL still stores");
    assert_problem(ada.confirm(upload.document_id).await, 401, "unauthenticated");
    vault.age_minutes(16).await;
    vault.send_mails().await;
    vault.sweep().await;
    assert!(vault.bucket.object_sizes().await.is_empty());
}

#[tokio::test]
async fn a_removal_that_was_interrupted_anywhere_is_finished_by_a_later_sweep() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    for steps in 0..5 {
        let ada = create_full_account(&vault).await;
        admin.delete(&user_path(ada.id(), "")).await.expect(204);
        vault.send_mails().await;
        let db = vault.services().db;
        // The sandbox ends after so many statements.
        for _ in 0..steps {
            removal::bury_documents(&db, ada.id(), 1).await.unwrap();
        }
        if steps > 3 {
            removal::remove_sessions(&db, ada.id(), 1).await.unwrap();
        }
        assert_eq!(
            removal::finish(&db, ada.id()).await.unwrap(),
            steps > 2,
            "documents keep the account's row"
        );
        vault.send_mails().await;
        vault.sweep().await;
        assert_eq!(tables_with(&vault, &ada.id().to_string()).await, ["audit_log", "tombstones"], "{steps}");
        promises::check(&vault).await.unwrap();
    }
    assert!(vault.bucket.object_sizes().await.is_empty());
}

#[tokio::test]
async fn no_statement_of_the_sweep_touches_an_account_that_is_not_being_removed() {
    let vault = TestVault::new().await;
    let ada = create_full_account(&vault).await;
    vault.send_mails().await;
    vault.sweep().await;
    let (db, rows) = (vault.services().db, vault.rows().await);
    assert_eq!(removal::bury_documents(&db, ada.id(), 10).await.unwrap(), 0);
    assert_eq!(removal::remove_sessions(&db, ada.id(), 10).await.unwrap(), 0);
    assert!(!removal::finish(&db, ada.id()).await.unwrap());
    assert!(removal::find_begun(&db, 10).await.unwrap().is_empty());
    assert_eq!(vault.sweep().await, Report::default());
    assert_eq!(vault.rows().await, rows);
}

#[tokio::test]
async fn a_sweep_at_its_deadline_leaves_accounts_to_the_next_one() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, create_full_account(&vault).await);
    admin.delete(&user_path(ada.id(), "")).await.expect(204);
    vault.send_mails().await;
    let services = vault.services();
    let late = Deadline::at(std::time::SystemTime::now());
    let refused = sweep(&services.db, &services.storage.stores_of("cleanup"), &services.queue, late).await;
    assert!(refused.is_err());
    assert!(tables_with(&vault, &ada.id().to_string()).await.contains(&"documents".to_owned()));
    assert_eq!(vault.sweep().await.accounts, 1);
}

#[tokio::test]
async fn no_document_is_added_or_charged_once_a_removal_has_begun() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let pending = ada.store_pending("a.txt", b"hello").await.document_id;
    let path = user_path(ada.id(), "");
    // A request for an upload URL and a confirmation have read the standing, and wait for the quota, which
    // another request holds. The removal waits, too, or comes before them.
    let held = vault.database.connect_as("docuvault_app").await;
    held.batch_execute("begin; select from quotas for update").await.unwrap();
    let begin = vault.in_own_sandbox(&ada);
    let begin = tokio::spawn(async move {
        begin
            .post("/api/documents/upload-url", json!({"filename": "b.txt", "content_type": "text/plain"}))
            .await
    });
    vault.wait_until_blocked("upload::begin").await;
    let confirm = vault.in_own_sandbox(&ada);
    let confirm = tokio::spawn(async move { confirm.confirm(pending).await });
    vault.wait_until_blocked("upload::charge").await;
    let remover = vault.in_own_sandbox(&admin);
    let removal = tokio::spawn(async move { remover.delete(&path).await });
    vault.wait_until_blocked("removal::begin").await;
    held.batch_execute("commit").await.unwrap();
    removal.await.unwrap().expect(204);
    let (begun, confirmed) = (begin.await.unwrap().status, confirm.await.unwrap().status);
    assert!([201, 404].contains(&begun) && [200, 404].contains(&confirmed), "{begun} {confirmed}");
    vault.send_mails().await;
    vault.sweep().await;
    assert_eq!(tables_with(&vault, &ada.id().to_string()).await, ["audit_log", "tombstones"]);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_document_that_is_charged_while_the_sweep_buries_it_is_buried() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let id = ada.store_pending("a.txt", b"hello").await.document_id;
    let held = vault.database.connect_as("docuvault_app").await;
    held.batch_execute(&format!("begin; select from documents where id = '{id}' for update")).await.unwrap();
    admin.delete(&user_path(ada.id(), "")).await.expect(204);
    vault.send_mails().await;
    let services = vault.services();
    let sweeping = tokio::spawn(async move {
        sweep(&services.db, &services.storage.stores_of("cleanup"), &services.queue, Deadline::none()).await
    });
    vault.wait_until_blocked("removal::bury_documents").await;
    let charged = "update documents set status = 'uploaded', size_bytes = 5, confirmed_at = now()";
    held.batch_execute(&format!("{charged}; commit")).await.unwrap();
    assert_eq!(sweeping.await.unwrap().unwrap().accounts, 1);
    assert!(vault.bucket.object_sizes().await.is_empty());
    assert_eq!(tables_with(&vault, &ada.id().to_string()).await, ["audit_log", "tombstones"]);
}

#[tokio::test]
async fn two_sweeps_at_once_remove_an_account_once() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let mut left = Vec::new();
    for _ in 0..3 {
        let ada = create_full_account(&vault).await;
        admin.delete(&user_path(ada.id(), "")).await.expect(204);
        vault.send_mails().await;
        left.push(ada.id());
    }
    let sweeps = [vault.services(), vault.services()].map(|services| {
        tokio::spawn(async move {
            sweep(&services.db, &services.storage.stores_of("cleanup"), &services.queue, Deadline::none())
                .await
        })
    });
    let mut removed = 0;
    for sweep in sweeps {
        removed += sweep.await.unwrap().unwrap().accounts;
    }
    assert_eq!(removed, 3);
    for id in left {
        assert_eq!(tables_with(&vault, &id.to_string()).await, ["audit_log", "tombstones"]);
    }
}

#[tokio::test]
async fn a_session_that_a_login_starts_during_the_removal_is_useless() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let who = json!({"email": "ada@example.com", "password": "Correct-Horse-7"});
    let account = vault.anonymous().post("/api/auth/register", who.clone()).await.expect(201);
    let id: UserId = serde_json::from_value(account["id"].clone()).unwrap();
    let held = vault.database.connect_as("docuvault_app").await;
    held.batch_execute(&format!("begin; select from users where id = '{id}' for update")).await.unwrap();
    let visitor = vault.anonymous();
    let login = tokio::spawn(async move { visitor.post("/api/auth/login", who).await });
    vault.wait_until_blocked("session::start").await;
    let (remover, path) = (vault.in_own_sandbox(&admin), user_path(id, ""));
    let removal = tokio::spawn(async move { remover.delete(&path).await });
    vault.wait_until_blocked("removal::begin").await;
    held.batch_execute("commit").await.unwrap();
    removal.await.unwrap().expect(204);
    let answer = login.await.unwrap();
    assert!([200, 401].contains(&answer.status), "{}", answer.body);
    let alive = "select count(*) from sessions where ended_at is null and user_id = $1";
    let alive: i64 = vault.database.superuser().await.query_one(alive, &[&id]).await.unwrap().get(0);
    assert_eq!(alive, 0);
    vault.send_mails().await;
    vault.sweep().await;
    assert_eq!(tables_with(&vault, &id.to_string()).await, ["audit_log"]);
}
