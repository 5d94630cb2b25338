//! A day in the life of a vault. The audit log has an entry for each event of it, and neither the audit log
//! nor the log of any function has a secret.
//!
//! `script` is the day. A new feature adds its requests there, and the entries that they make. The secrets of
//! requests and answers are found by the names of their fields (`day::SECRET_FIELDS`).

mod day;

use day::{Accounts, Caller, Day};
use serde_json::{Value, json};

const PASSWORD: &str = "Correct-Horse-7";

/// Sends the requests of the day, and says which entries they make.
async fn script(day: &mut Day) {
    let nobody = Caller::default();
    let ada = json!({"email": "ada-lovelace@example.com", "password": PASSWORD});
    let registered = day.post(&nobody, "/api/auth/register", ada.clone()).await.expect(201);
    let id: uuid::Uuid = serde_json::from_value(registered["id"].clone()).unwrap();
    let (own, about) = ((Some(id), Some(id)), (None, Some(id)));

    // Logins that fail, for a known and for an unknown address.
    let wrong = json!({"email": "ada-lovelace@example.com", "password": "Wrong-Horse-7"});
    day.post(&nobody, "/api/auth/login", wrong).await.expect(401);
    day.expect_entry("login.failed", about);
    let unknown = json!({"email": "mallory@example.com", "password": "Another-Horse-7"});
    day.post(&nobody, "/api/auth/login", unknown).await.expect(401);
    day.expect_entry("login.failed", (None, None));

    // A session with its refresh tokens, of which one is used again by somebody else.
    let first = log_in(day, &ada, own).await;
    let second = day.post(&first, "/api/auth/refresh", json!({})).await.caller();
    let third = day.post(&second, "/api/auth/refresh", json!({})).await.caller();
    use_the_vault(day, &third).await;
    day.post(&first, "/api/auth/refresh", json!({})).await.expect(401);
    day.expect_entry("session.reused", about);
    day.get(&third, "/api/auth/me").await.expect(401);

    // Sessions that end: another one by its id, the own one, and all of them.
    let [one, other] = [log_in(day, &ada, own).await, log_in(day, &ada, own).await];
    let sessions = day.get(&one, "/api/auth/sessions").await.expect(200);
    let others: Vec<_> =
        sessions["items"].as_array().unwrap().iter().filter(|s| s["current"] == false).collect();
    let path = format!("/api/auth/sessions/{}", others[0]["id"].as_str().unwrap());
    day.delete(&one, &path, None).await.expect(204);
    day.expect_entry("session.ended", own);
    day.get(&other, "/api/auth/me").await.expect(401);
    day.post(&one, "/api/auth/logout", json!({})).await.expect(204);
    day.expect_entry("session.ended", own);
    let [one, _] = [log_in(day, &ada, own).await, log_in(day, &ada, own).await];
    day.post(&one, "/api/auth/logout-all", json!({})).await.expect(204);
    day.expect_entries("session.ended", own, 2);

    // The account goes.
    let last = log_in(day, &ada, own).await;
    day.delete(&last, "/api/auth/me", Some(json!({"password": PASSWORD}))).await.expect(204);
    day.expect_entry("account.removed", own);
    day.expect_entry("session.ended", own);
    day.sweep().await;
}

/// Logs in. `own` is the account as actor and target.
async fn log_in(day: &mut Day, account: &Value, own: Accounts) -> Caller {
    let answer = day.post(&Caller::default(), "/api/auth/login", account.clone()).await;
    day.expect_entry("session.started", own);
    answer.caller()
}

/// Uses everything that is no event for the audit log: documents, topics and lists.
async fn use_the_vault(day: &mut Day, caller: &Caller) {
    let topic = day.post(caller, "/api/topics", json!({"name": "Moorings", "description": "Berths"})).await;
    let topic = topic.expect(201)["id"].as_str().unwrap().to_owned();
    let new = json!({"filename": "harbour-plan.txt", "content_type": "text/plain"});
    let upload = day.post(caller, "/api/documents/upload-url", new).await.expect(201);
    day.put_object(&upload, b"the contents of the harbour plan").await;
    let document = format!("/api/documents/{}", upload["document_id"].as_str().unwrap());
    day.post(caller, &format!("{document}/confirm"), json!(null)).await.expect(200);
    let download = day.get(caller, &format!("{document}/download")).await.expect(200);
    reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap();
    day.put(caller, &format!("{document}/topics"), json!({"topic_ids": [topic]})).await.expect(200);
    day.post(caller, &format!("{document}/classify"), json!(null)).await.expect(202);
    for path in [
        "/api/documents?q=harbour-plan",
        "/api/topics",
        "/api/auth/me",
        "/api/auth/me/quota",
        "/api/auth/me/export",
        "/api/auth/me/audit-log",
    ] {
        day.get(caller, path).await.expect(200);
    }
    day.delete(caller, &document, None).await.expect(204);
    day.delete(caller, &format!("/api/topics/{topic}"), None).await.expect(204);
}

#[tokio::test]
async fn every_event_of_a_day_is_in_the_audit_log_and_no_secret_is_in_any_log() {
    let mut day = Day::begin().await;
    script(&mut day).await;
    assert_eq!(day.entries().await, day.expected_entries());
    let (secrets, logs) = (day.secrets(), day.written().await);
    for kind in ["password", "access_token", "refresh", "device", "upload_url", "download_url", "filename"] {
        assert!(secrets.iter().any(|secret| secret.kind == kind), "the day has no {kind}");
    }
    for (place, text) in &logs {
        assert!(!text.is_empty(), "{place} is empty");
        for secret in secrets {
            assert!(!secret.is_in(text), "{place} has a {}", secret.kind);
        }
    }
}
