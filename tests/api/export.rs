//! The export of everything that is kept about an account: `GET /api/auth/me/export`.

use std::collections::{BTreeMap, BTreeSet};

use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::{Client, TestVault};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::assert_problem;

/// Where the export has the rows of a table.
enum Place {
    /// In the object at this JSON pointer of each page.
    One(&'static str),
    /// In the list at this JSON pointer.
    List(&'static str),
    /// Nowhere, for this reason.
    LeftOut(&'static str),
}

use Place::{LeftOut, List, One};

/// All tables, and the condition for the rows that are about the account `$1`.
const TABLES: &[(&str, &str, Place)] = &[
    ("allowances", "", LeftOut("counts attempts under hashes, for an hour at most")),
    ("audit_cursors", "", LeftOut("is about the vault, not about an account")),
    ("audit_log", "target_id = $1", List("/audit_log")),
    ("backup_codes", "", LeftOut("has nothing but hashes of codes")),
    ("devices", "user_id = $1", List("/devices")),
    ("document_topics", "user_id = $1", List("/documents/0/topics")),
    ("documents", "user_id = $1", List("/documents")),
    ("email_verifications", "", LeftOut("has nothing but hashes of links")),
    ("groups", "", LeftOut("is not in use")),
    ("login_challenges", "", LeftOut("has nothing but hashes of logins that are under way")),
    ("mails", "user_id = $1", List("/mails")),
    ("passkey_challenges", "", LeftOut("has random bytes, for some minutes")),
    ("passkeys", "user_id = $1", List("/passkeys")),
    ("password_resets", "", LeftOut("has nothing but hashes of links")),
    ("quotas", "user_id = $1", One("/account/quota")),
    ("rate_limits", "", LeftOut("counts the requests of an hour")),
    ("refresh_tokens", "", LeftOut("has nothing but hashes of tokens")),
    ("sessions", "user_id = $1", List("/sessions")),
    (
        "tombstones",
        "",
        LeftOut("has keys of objects whose documents the owner has deleted, until they are gone"),
    ),
    ("topics", "user_id = $1", List("/topics")),
    ("users", "id = $1", One("/account")),
];

/// The columns that are not exported, with the reasons.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("devices", "token_hash", "a secret: by its cookie the vault knows a browser"),
    ("devices", "user_id", OWNER),
    ("document_topics", "created_at", "a copy of the document's"),
    ("document_topics", "document_id", "the document in which the topic is listed"),
    ("document_topics", "user_id", OWNER),
    ("documents", "etag", "a number of the store, by which the vault knows the stored bytes"),
    ("documents", "filename_grams", "computed from the name"),
    ("documents", "filename_key", "computed from the name"),
    ("documents", "lease_expires_at", WORK),
    ("documents", "lease_id", WORK),
    ("documents", "nudge_due_at", WORK),
    ("documents", "object_key", "a place in the store, to which the URL of the file leads"),
    ("documents", "user_id", OWNER),
    ("mails", "user_id", OWNER),
    ("passkeys", "credential", KEY),
    ("passkeys", "key_ref", KEY),
    ("passkeys", "user_id", OWNER),
    ("quotas", "user_id", OWNER),
    ("sessions", "last_generation", ROTATION),
    ("sessions", "live_from", ROTATION),
    ("sessions", "parent", ROTATION),
    ("sessions", "rotated_at", ROTATION),
    ("sessions", "user_id", OWNER),
    ("topics", "name_key", "computed from the name"),
    ("topics", "user_id", OWNER),
    ("users", "address_mail_id", "the id of a mail, by which its link is known"),
    ("users", "password_hash", "a secret: the password can be guessed with it"),
    ("users", "removed_at", "null for every account that can log in"),
    ("users", "standing", "computed from other columns"),
    ("users", "totp_key", "the name of a key of the vault"),
    ("users", "totp_secret", "a secret: it makes codes"),
];

const KEY: &str = "a part of the public key, by which the vault knows the passkey";
const OWNER: &str = "the account of the export";
const WORK: &str = "the state of a classification that is under way";
const ROTATION: &str = "numbers by which the vault knows a refresh token that was used before";

/// Fills every column of one row in each exported table.
const FILL: &str = "
    update users set totp_secret = 'a secret', last_totp_step = 59000000, ai_provider = 'builtin',
        ai_model = 'a model', last_login_at = now(), removed_at = now(), password_expires_at = now(),
        totp_key = 'a key', new_email = 'new@example.com', address_mail_id = gen_random_uuid() where id = $1;
    update sessions set address = '203.0.113.9', user_agent = 'a browser', ended_at = now(),
        passkey_id = gen_random_uuid() where user_id = $1;
    insert into mails (id, kind, user_id, address, details, expires_at)
        select gen_random_uuid(), 'new_device', id, email, '{\"address\": \"203.0.113.9\"}', now() from users
        where id = $1;
    insert into passkeys (id, user_id, key_ref, credential, sign_count, name, last_used_at)
        values (gen_random_uuid(), $1, 'a key', '{}', 7, 'Phone', now());
    insert into devices (token_hash, user_id) values ('a hash', $1);
    insert into topics (id, user_id, name, name_key, description, suggested_by)
        values (gen_random_uuid(), $1, 'Invoices', 'invoices', 'Bills', gen_random_uuid());
    insert into document_topics (document_id, topic_id, manual, dismissed, confidence)
        select d.id, t.id, true, true, 0.5 from documents d, topics t where d.user_id = $1 and t.user_id = $1;
    update documents set status = 'classification_failed', sha256 = repeat('ab', 32), event_at = now(),
        nudge_due_at = now(), lease_id = gen_random_uuid(), lease_expires_at = now(), attempts = 3,
        failure_code = 'provider_timeout', failure_message = 'slow', failure_provider = 'ollama',
        failure_model = 'one', failure_images_sent = 1, ai_provider = 'builtin', ai_model = 'two', prompt_version = '7',
        truncated = true, without_text = 'image', unread_format = 'Access', pages = 10, pages_without_text = 3,
        images_sent = 2, classified_at = now() where user_id = $1;
    insert into audit_log (id, actor_id, action, target_id, address, request_id, details)
        values (gen_random_uuid(), $1, 'session.started', $1, '203.0.113.9', 'a request', '{\"new_device\": true}')";

/// Runs statements about an account as superuser.
async fn tamper(vault: &TestVault, user: UserId, statements: &str) {
    vault.tamper(&statements.replace("$1", &format!("'{user}'::uuid"))).await;
}

/// Reads the columns of all tables, with their tables.
async fn read_columns(vault: &TestVault) -> BTreeMap<String, BTreeSet<String>> {
    let statement = "select c.table_name::text, c.column_name::text from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where table_schema = 'public' and t.table_type = 'BASE TABLE' and table_name <> '_sqlx_migrations'";
    let mut tables: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in vault.database.superuser().await.query(statement, &[]).await.unwrap() {
        tables.entry(row.get(0)).or_default().insert(row.get(1));
    }
    tables
}

/// Reads the only row of a table about an account.
async fn read_row(vault: &TestVault, table: &str, condition: &str, user: UserId) -> Value {
    let statement = format!("select to_jsonb(t) from {table} t where {condition}");
    let mut rows = vault.database.superuser().await.query(&statement, &[&user]).await.unwrap();
    assert_eq!(rows.len(), 1, "{table}");
    rows.remove(0).get(0)
}

/// Returns a value in one form, whether Postgres or the vault has written it.
fn normal(value: &Value) -> Value {
    let time = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    time.map_or_else(|| value.clone(), |time| time.unix_timestamp_nanos().to_string().into())
}

/// Requests all pages, and puts their lists together.
async fn read_export(client: &Client, limit: usize) -> (Value, usize) {
    let path = format!("/api/auth/me/export?limit={limit}");
    let (mut whole, mut pages) = (client.get(&path).await.expect(200), 1);
    while let Some(cursor) = whole["next_cursor"].take().as_str() {
        let mut page = client.get(&format!("{path}&cursor={cursor}")).await.expect(200);
        assert_eq!(page["account"], whole["account"]);
        for (name, list) in whole.as_object_mut().unwrap() {
            if let Value::Array(list) = list {
                list.append(page[name].as_array_mut().unwrap());
            }
        }
        whole["next_cursor"] = page["next_cursor"].take();
        pages += 1;
    }
    (whole, pages)
}

#[tokio::test]
async fn every_table_and_column_is_exported_or_left_out_for_a_reason() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    tamper(&vault, alice.id(), FILL).await;
    // The row says that the session has ended. The view lets it act nevertheless.
    tamper(
        &vault,
        alice.id(),
        "create or replace view callers as
        select u.id, s.id as session_id, u.standing from users u join sessions s on s.user_id = u.id",
    )
    .await;
    let (export, _) = read_export(&alice, 100).await;
    let columns = read_columns(&vault).await;
    let known: BTreeSet<_> = TABLES.iter().map(|(table, ..)| (*table).to_owned()).collect();
    assert_eq!(known, columns.keys().cloned().collect(), "a table is new: is it in the export?");
    for (table, condition, place) in TABLES {
        let record = match place {
            LeftOut(reason) => {
                assert!(!reason.is_empty());
                continue;
            }
            One(pointer) => export.pointer(pointer).unwrap(),
            List(pointer) => {
                let records = export.pointer(pointer).unwrap().as_array().unwrap();
                assert_eq!(records.len(), 1, "{table}");
                &records[0]
            }
        };
        let row = read_row(&vault, table, condition, alice.id()).await;
        for column in &columns[*table] {
            assert!(!row[column].is_null(), "the test does not fill {table}.{column}");
            if LEFT_OUT.iter().any(|(of, name, _)| of == table && name == column) {
                assert!(record.get(column).is_none(), "{table}.{column} is left out and exported");
            } else {
                let exported = record.get(column).unwrap_or(&Value::Null);
                assert_eq!(normal(exported), normal(&row[column]), "{table}.{column} is not in the export");
            }
        }
    }
    for (table, column, _) in LEFT_OUT {
        assert!(columns[*table].contains(*column), "{table}.{column} does not exist");
    }
}

#[tokio::test]
async fn no_secret_is_exported() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    tamper(&vault, alice.id(), FILL).await;
    tamper(&vault, alice.id(), "update sessions set ended_at = null").await;
    let export = alice.get("/api/auth/me/export").await.expect(200).to_string();
    let statement = "select password_hash from users union select encode(totp_secret, 'hex') from users
        union select encode(token_hash, 'hex') from devices union select encode(token_hash, 'base64') from devices";
    for row in vault.database.superuser().await.query(statement, &[]).await.unwrap() {
        let secret: &str = row.get(0);
        assert!(!export.contains(secret.trim_start_matches("\\x")), "{secret}");
    }
}

/// Creates documents, topics, sessions, browsers and entries of the audit log: this many of each. All of one
/// kind have the same time.
async fn fill_many(vault: &TestVault, user: UserId, count: usize) {
    let statements = format!("
        insert into documents (id, user_id, filename, filename_key, content_type, size_bytes, object_key, status,
            confirmed_at, url_expires_at)
        select d.id, $1, n || '.txt', n || '.txt', 'text/plain', 1, $1 || '/' || d.id || '/' || gen_random_uuid(),
            'uploaded', now(), now()
        from (select n, gen_random_uuid() as id from generate_series(1, {count}) n offset 0) d;
        insert into topics (id, user_id, name, name_key)
        select gen_random_uuid(), $1, 'topic ' || n, 'topic ' || n from generate_series(1, {count}) n;
        insert into sessions (id, user_id, expires_at, ends_at)
        select gen_random_uuid(), $1, now() + interval '1 day', now() + interval '1 day'
        from generate_series(1, {count}) n;
        insert into devices (token_hash, user_id)
        select sha256(n::text::bytea), $1 from generate_series(1, {count}) n;
        insert into audit_log (id, actor_id, action, target_id)
        select gen_random_uuid(), case when n % 3 > 0 then $1 end, 'session.started',
            case when n % 3 < 2 then $1 end
        from generate_series(1, {count}) n;
        insert into mails (id, kind, user_id, address, expires_at)
        select gen_random_uuid(), 'new_device', id, email, now() from users, generate_series(1, {count}) n
        where id = $1;
        insert into passkeys (id, user_id, key_ref, credential, sign_count, name)
        select gen_random_uuid(), $1, sha256(($1 || ' ' || n)::bytea), '{{}}', 0, 'Phone'
        from generate_series(1, {count}) n");
    tamper(vault, user, &statements).await;
}

#[tokio::test]
async fn the_pages_of_an_export_have_every_record_once() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    for user in [&alice, &bob] {
        fill_many(&vault, user.id(), 11).await;
    }
    let (whole, pages) = read_export(&alice, 100).await;
    assert_eq!(pages, 1);
    for (kind, count) in [
        ("documents", 11),
        ("topics", 11),
        ("sessions", 12),
        ("devices", 11),
        ("audit_log", 11),
        ("mails", 11),
        ("passkeys", 11),
    ] {
        let records = whole[kind].as_array().unwrap();
        let ids: BTreeSet<_> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
        assert_eq!((ids.len(), records.len()), (count, count), "{kind}");
    }
    for limit in [1, 3, 11, 77, 78] {
        let (paged, pages) = read_export(&alice, limit).await;
        assert_eq!(pages, 78_usize.div_ceil(limit), "{limit}");
        assert_eq!(without_files(paged), without_files(whole.clone()), "{limit}");
    }
}

/// Leaves out the URLs, which are signed anew for each page.
fn without_files(mut export: Value) -> Value {
    for document in export["documents"].as_array_mut().unwrap() {
        assert!(document["file"].take().is_object());
    }
    export
}

#[tokio::test]
async fn a_page_stays_far_below_the_limit_of_an_answer() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    fill_many(&vault, alice.id(), 150).await;
    // The longest name, in characters that need the most bytes in a URL, and all topics on each document.
    tamper(
        &vault,
        alice.id(),
        "
        update documents set filename = repeat('\u{1d11e}', 251) || '.txt';
        insert into document_topics (document_id, topic_id) select d.id, t.id from documents d, topics t",
    )
    .await;
    let (mut cursor, mut documents) = (String::new(), 0);
    loop {
        let answer = alice.get(&format!("/api/auth/me/export?limit=100{cursor}")).await;
        assert!(answer.bytes.len() < 1_000_000, "{} bytes", answer.bytes.len());
        let page = answer.expect(200);
        documents += page["documents"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(documents, 150);
}

#[tokio::test]
async fn each_confirmed_document_has_a_url_from_which_its_bytes_are_fetched() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    alice.store_pending("b.txt", b"not confirmed").await;
    let export = alice.get("/api/auth/me/export").await.expect(200);
    let file = &export["documents"][0]["file"];
    let answer = reqwest::get(file["download_url"].as_str().unwrap()).await.unwrap();
    assert_eq!(
        answer.headers()["content-disposition"].to_str().unwrap().split(';').next(),
        Some("attachment")
    );
    assert_eq!(answer.bytes().await.unwrap(), "hello");
    let expires = OffsetDateTime::parse(file["expires_at"].as_str().unwrap(), &Rfc3339).unwrap();
    let left = expires - OffsetDateTime::now_utc();
    assert!(left <= time::Duration::minutes(5) && left > time::Duration::minutes(4), "{left}");
    assert_eq!(
        (&export["documents"][1]["status"], &export["documents"][1]["file"]),
        (&json!("pending"), &Value::Null)
    );
}

#[tokio::test]
async fn administrators_export_their_account_without_files() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    tamper(&vault, alice.id(), "update users set role = 'admin' where id = $1").await;
    let export = alice.get("/api/auth/me/export").await.expect(200);
    assert_eq!(export["account"]["role"], "admin");
    assert_eq!(
        (&export["documents"][0]["filename"], &export["documents"][0]["file"]),
        (&json!("a.txt"), &Value::Null)
    );
}

#[tokio::test]
async fn cursors_of_other_accounts_and_lists_and_wrong_limits_are_refused() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    for user in [&alice, &bob] {
        fill_many(&vault, user.id(), 2).await;
    }
    let cursor = async |client: &Client, path: &str| {
        let page = client.get(&format!("{path}?limit=1")).await.expect(200);
        page["next_cursor"].as_str().unwrap().to_owned()
    };
    let (own, other) =
        (cursor(&alice, "/api/auth/me/export").await, cursor(&bob, "/api/auth/me/export").await);
    let list = cursor(&alice, "/api/documents").await;
    alice.get(&format!("/api/auth/me/export?cursor={own}")).await.expect(200);
    for query in
        [&*format!("cursor={other}"), &format!("cursor={list}"), "cursor=x", "limit=0", "limit=101", "all=1"]
    {
        assert_problem(alice.get(&format!("/api/auth/me/export?{query}")).await, 422, "invalid");
    }
    assert_problem(alice.get(&format!("/api/documents?cursor={own}")).await, 422, "invalid");
}
