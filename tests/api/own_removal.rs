//! Users delete their own account: `DELETE /api/auth/me`. Then nothing is left of it in the bucket and in the
//! database, except entries of the audit log until they are too old.

use docuvault::auth::User;
use docuvault::id::{SessionId, UserId};
use serde_json::{Value, json};
use tests::member::{PASSWORD, TwoFactorMember};
use tests::{Client, TestVault};

use crate::assert_problem;

/// Registers an account, and logs in.
async fn sign_up(vault: &TestVault, name: &str) -> Client {
    let account = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    let anonymous = vault.anonymous();
    let registered = anonymous.post("/api/auth/register", account.clone()).await.expect(201);
    let login = anonymous.post("/api/auth/login", account).await.expect(200);
    let id: UserId = serde_json::from_value(registered["id"].clone()).unwrap();
    let sessions = "select id from sessions where user_id = $1";
    let session: SessionId =
        vault.database.superuser().await.query_one(sessions, &[&id]).await.unwrap().get(0);
    anonymous.signed_in(User { id, session }, login["access_token"].as_str().unwrap().to_owned())
}

/// Gives an account a topic and documents in every state.
async fn fill(client: &Client, name: &str) {
    client.post("/api/topics", json!({"name": format!("{name} topic")})).await.expect(201);
    for number in 0..3 {
        client.store_confirmed(&format!("{name}-{number}.txt"), name.as_bytes()).await;
    }
    client.store_pending(&format!("{name}-pending.txt"), name.as_bytes()).await;
    let deleted = client.store_confirmed(&format!("{name}-deleted.txt"), name.as_bytes()).await;
    client.delete_document(deleted.document_id).await.expect(204);
    let documents = client.get("/api/documents").await.expect(200);
    let topics = client.get("/api/topics").await.expect(200);
    let path = format!("/api/documents/{}/topics", documents["items"][0]["id"].as_str().unwrap());
    client.put(&path, json!({"topic_ids": [topics["items"][0]["id"]]})).await.expect(200);
}

/// Deletes the account of the caller, with this password.
async fn delete(client: &Client, password: &str) -> tests::Response {
    client.send("DELETE", "/api/auth/me", Some(json!({"password": password}))).await
}

/// Returns every row of every table that has one of these texts, with the name of its table.
async fn rows_with(vault: &TestVault, texts: &[String]) -> Vec<(String, Value)> {
    let client = vault.database.superuser().await;
    let tables = "select tablename::text from pg_tables where schemaname = 'public' and tablename <> '_sqlx_migrations'";
    let mut found = Vec::new();
    for table in client.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        let rows = client.query(&format!("select to_jsonb(t) from {table} t"), &[]).await.unwrap();
        let rows = rows.iter().map(|row| row.get::<_, Value>(0));
        let rows = rows.filter(|row| texts.iter().any(|text| row.to_string().contains(text)));
        found.extend(rows.map(|row| (table.clone(), row)));
    }
    found
}

/// Returns everything by which an account can be recognized: ids, address, names, and hashes.
async fn traces_of(vault: &TestVault, user: UserId, name: &str) -> Vec<String> {
    let statement = "select id::text from users where id = $1
        union select id::text from documents where user_id = $1
        union select id::text from topics where user_id = $1
        union select id::text from sessions where user_id = $1
        union select object_key from documents where user_id = $1
        union select object_key from tombstones where user_id = $1
        union select password_hash from users where id = $1
        union select encode(token_hash, 'hex') from devices where user_id = $1
        union select encode(t.token_hash, 'hex') from refresh_tokens t join sessions s on s.id = t.session_id
            where s.user_id = $1";
    let rows = vault.database.superuser().await.query(statement, &[&user]).await.unwrap();
    let mut texts: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    texts.extend([format!("{name}@example.com"), format!("{name}-"), format!("{name} topic")]);
    texts
}

#[tokio::test]
async fn nothing_is_left_of_a_deleted_account_in_the_bucket_and_in_the_database() {
    let vault = TestVault::new().await;
    let (alice, bob) = (sign_up(&vault, "alice").await, sign_up(&vault, "bob").await);
    fill(&alice, "alice").await;
    fill(&bob, "bob").await;
    let (traces, others) =
        (traces_of(&vault, alice.id(), "alice").await, traces_of(&vault, bob.id(), "bob").await);
    let tables = |rows: &[(String, Value)]| rows.iter().map(|(table, _)| table.clone()).collect::<Vec<_>>();
    let before = rows_with(&vault, &traces).await;
    for table in [
        "users",
        "quotas",
        "documents",
        "document_topics",
        "topics",
        "sessions",
        "refresh_tokens",
        "devices",
        "tombstones",
        "audit_log",
    ] {
        assert!(tables(&before).contains(&table.to_owned()), "the test does not fill {table}");
    }
    assert_eq!(delete(&alice, PASSWORD).await.status, 204);
    vault.sweep().await;
    let waiting = "select count(*) from users where removed_at is not null";
    let waiting: i64 = vault.database.superuser().await.query_one(waiting, &[]).await.unwrap().get(0);
    assert_eq!(waiting, 1, "the row stays until its owner was told");
    assert_eq!(vault.mail_to("alice@example.com").await.subject, "Your account was removed");
    vault.sweep().await;
    let prefix = alice.id().to_string();
    let keys: Vec<_> = vault.bucket.object_sizes().await.into_keys().collect();
    assert!(keys.len() == 4 && keys.iter().all(|key| !key.starts_with(&prefix)), "{keys:?}");
    let left = rows_with(&vault, &traces).await;
    assert!(left.iter().all(|(table, _)| ["tombstones", "audit_log"].contains(&&**table)), "{left:?}");

    // The upload URLs have expired, and no PUT that was begun in time can still end.
    vault.age_hours(25).await;
    vault.sweep().await;
    let left = rows_with(&vault, &traces).await;
    assert!(left.iter().all(|(table, _)| table == "audit_log"), "{left:?}");
    let allowed = [alice.id().to_string(), alice.user().session.to_string()];
    for (_, entry) in &left {
        let private = traces.iter().filter(|text| !allowed.contains(text));
        assert!(private.clone().all(|text| !entry.to_string().contains(text)), "{entry}");
    }
    assert_eq!(bob.used_bytes().await, 9);
    let tables = tables(&rows_with(&vault, &others).await);
    for table in ["users", "quotas", "documents", "document_topics", "topics", "sessions"] {
        assert!(tables.contains(&table.to_owned()), "{table}");
    }
}

#[tokio::test]
async fn a_deleted_account_is_of_no_use_and_its_address_is_free_at_once() {
    let vault = TestVault::new().await;
    let alice = sign_up(&vault, "alice").await;
    let answer = delete(&alice, PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(answer.status == 204 && cookie.starts_with("__Host-refresh=;"), "{cookie}");
    for path in ["/api/auth/me", "/api/documents", "/api/auth/me/export"] {
        assert_problem(alice.get(path).await, 401, "unauthenticated");
    }
    assert_problem(delete(&alice, PASSWORD).await, 401, "unauthenticated");
    let account = json!({"email": "alice@example.com", "password": PASSWORD});
    assert_problem(vault.anonymous().post("/api/auth/login", account).await, 401, "invalid_credentials");
    let again = sign_up(&vault, "alice").await;
    assert_ne!(again.id(), alice.id());
    let entries = again.get("/api/auth/me/audit-log").await.expect(200)["items"].take();
    let actions: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["session.started", "account.registered"]);
}

#[tokio::test]
async fn a_wrong_password_deletes_nothing() {
    let vault = TestVault::new().await;
    let alice = sign_up(&vault, "alice").await;
    alice.store_confirmed("a.txt", b"hello").await;
    let before = vault.rows().await;
    for password in ["Correct-Horse-8", "", &"x".repeat(2_000)] {
        assert_problem(delete(&alice, password).await, 401, "invalid_credentials");
    }
    for body in [json!({}), json!({"password": 7}), json!({"password": PASSWORD, "id": alice.id()})] {
        assert_problem(alice.send("DELETE", "/api/auth/me", Some(body)).await, 422, "invalid");
    }
    assert_problem(alice.send("DELETE", "/api/auth/me", None).await, 415, "unsupported_media_type");
    assert_eq!(without_log(vault.rows().await), without_log(before));
    alice.get("/api/documents").await.expect(200);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let vault = TestVault::new().await;
    let (alice, root) = (sign_up(&vault, "alice").await, vault.create_admin().await);
    vault.tamper(&format!("update users set role = 'admin' where id = '{}'", alice.id())).await;
    vault.tamper(&format!("update users set active = false where id = '{}'", root.id())).await;
    assert_problem(delete(&alice, PASSWORD).await, 409, "last_administrator");
    vault.tamper("update users set active = true").await;
    assert_eq!(delete(&alice, PASSWORD).await.status, 204);
}

#[tokio::test]
async fn an_account_with_totp_is_deleted_with_a_code_only() {
    let vault = TestVault::new().await;
    for use_backup_code in [false, true] {
        let TwoFactorMember { member, used_code, app, backup_codes } = vault.create_two_factor_member().await;
        let delete = async |body: Value| member.client.send("DELETE", "/api/auth/me", Some(body)).await;
        let with_code = |code: &str| json!({"password": PASSWORD, "code": code});
        let used_backup_code = &backup_codes[1];
        member.log_in_with(used_backup_code).await.expect(200);
        let before = vault.rows().await;
        for code in [used_code.as_str(), used_backup_code, "000000x", "ABCDEFGHIJKLMNOPQRSTUVWX"] {
            assert_problem(delete(with_code(code)).await, 401, "invalid_code");
        }
        assert_problem(delete(json!({"password": PASSWORD})).await, 401, "invalid_code");
        assert_eq!(without_log(vault.rows().await), without_log(before));
        vault.forget_attempts().await;
        let code = if use_backup_code { backup_codes[0].clone() } else { app.next_code() };
        assert_eq!(delete(with_code(&code)).await.status, 204);
        assert_problem(member.client.get("/api/auth/me").await, 401, "unauthenticated");
    }
}

/// Leaves out the audit log, which has an entry for each wrong code.
fn without_log(mut rows: Value) -> Value {
    rows["audit_log"].take();
    rows
}

#[tokio::test]
async fn passwords_cannot_be_guessed_by_deleting_an_account() {
    let vault = TestVault::new().await;
    let alice = sign_up(&vault, "alice").await;
    for _ in 0..10 {
        assert_problem(delete(&alice, "Wrong-Horse-7").await, 401, "invalid_credentials");
    }
    let refused = delete(&alice, PASSWORD).await;
    assert!(refused.headers.contains_key("retry-after"), "{refused:?}");
    assert_problem(refused, 429, "too_many_attempts");
    alice.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn of_two_last_administrators_who_delete_their_accounts_at_once_one_stays() {
    let vault = TestVault::new().await;
    let pair = [sign_up(&vault, "alice").await, sign_up(&vault, "bob").await];
    vault.tamper("update users set role = 'admin'").await;
    let [one, two] = pair.map(|client| {
        let client = vault.in_own_sandbox(&client);
        tokio::spawn(async move { delete(&client, PASSWORD).await.status })
    });
    let mut statuses = [one.await.unwrap(), two.await.unwrap()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
}
