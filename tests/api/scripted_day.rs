//! A day in the life of a vault. The audit log has an entry for each event of it, and neither the audit log
//! nor the log of any function has a secret.
//!
//! `script` is the day. A new feature adds its requests there, and the entries that they make. The secrets of
//! requests and answers are found by the names of their fields (`day::SECRET_FIELDS`).

mod day;

use std::collections::BTreeSet;

use day::{Accounts, Caller, Day, SECRET_FIELDS};
use docuvault::audit_log::Action;
use serde_json::{Value, json};
use tests::member::Authenticator;
use tests::passkey::SoftwarePasskey;
use uuid::Uuid;

const PASSWORD: &str = "Correct-Horse-7";

/// Sends the requests of the day, and says which entries they make.
async fn script(day: &mut Day) {
    let nobody = Caller::default();
    let (ada, id) = register(day, "ada-lovelace@example.com").await;
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

    // The password and the address are changed, and a second factor and a passkey come and go.
    let ada = change_password(day, &ada, own).await;
    use_factors(day, &ada, own).await;
    use_passkeys(day, &ada, own).await;
    let ada = change_address(day, &ada, own).await;
    let ada = reset_password(day, &ada, id).await;

    // An administrator.
    administrate(day, id).await;

    // The account goes.
    let last = log_in(day, &ada, own).await;
    day.delete(&last, "/api/auth/me", Some(json!({"password": "Wrong-Horse-7"}))).await.expect(401);
    day.expect_entry("login.failed", about);
    day.delete(&last, "/api/auth/me", Some(json!({"password": ada["password"]}))).await.expect(204);
    day.expect_entry("account.removed", own);
    day.expect_entry("session.ended", own);
    day.sweep().await;
}

/// Registers an account, and confirms its address by the link in a mail. Returns what it logs in with, and
/// its id.
async fn register(day: &mut Day, email: &str) -> (Value, Uuid) {
    let (nobody, account) = (Caller::default(), json!({"email": email, "password": PASSWORD}));
    day.post(&nobody, "/api/auth/register", account.clone()).await.expect(202);
    let id = day.id_of(email).await;
    day.expect_entry("account.registered", (None, Some(id)));
    let link = json!({"token": day.token_in_mail(email, "verify").await});
    day.post(&nobody, "/api/auth/verify", link).await.expect(204);
    day.expect_entry("email.verified", (None, Some(id)));
    (account, id)
}

/// Gives an account without sessions another address. Returns what it logs in with.
async fn change_address(day: &mut Day, account: &Value, own: Accounts) -> Value {
    let (caller, new) = (log_in(day, account, own).await, "ada-king@example.com");
    let change = json!({"password": account["password"], "email": new});
    day.put(&caller, "/api/auth/me/email", change).await.expect(202);
    day.expect_entry("email.change_requested", own);
    assert_eq!(day.get(&caller, "/api/auth/me/export").await.expect(200)["account"]["new_email"], new);
    let link = json!({"token": day.token_in_mail(new, "verify").await});
    day.post(&Caller::default(), "/api/auth/verify", link).await.expect(204);
    day.expect_entry("email.changed", (None, own.1));
    day.post(&caller, "/api/auth/logout", json!({})).await.expect(204);
    day.expect_entry("session.ended", own);
    json!({"email": new, "password": account["password"]})
}

/// Sets a new password of an account without sessions, by mail. Returns what it logs in with.
async fn reset_password(day: &mut Day, account: &Value, id: Uuid) -> Value {
    let (nobody, email) = (Caller::default(), account["email"].as_str().unwrap());
    day.post(&nobody, "/api/auth/password-reset", json!({"email": email})).await.expect(202);
    day.expect_entry("password.reset_requested", (None, Some(id)));
    let token = day.token_in_mail(email, "password-reset").await;
    let new = json!({"token": token, "new_password": "Newest-Horse-7"});
    day.post(&nobody, "/api/auth/password-reset/confirm", new).await.expect(204);
    day.expect_entry("password.reset", (None, Some(id)));
    json!({"email": email, "password": "Newest-Horse-7"})
}

/// Changes the password of an account without sessions. Returns the address and the new password.
async fn change_password(day: &mut Day, account: &Value, own: Accounts) -> Value {
    let caller = log_in(day, account, own).await;
    let wrong = json!({"current_password": "Wrong-Horse-8", "new_password": "Newer-Horse-7"});
    day.post(&caller, "/api/auth/change-password", wrong).await.expect(401);
    day.expect_entry("login.failed", (None, own.1));
    let change = json!({"current_password": PASSWORD, "new_password": "Newer-Horse-7"});
    let caller = day.post(&caller, "/api/auth/change-password", change).await.caller();
    for action in ["password.changed", "session.ended", "session.started"] {
        day.expect_entry(action, own);
    }
    day.post(&caller, "/api/auth/logout", json!({})).await.expect(204);
    day.expect_entry("session.ended", own);
    json!({"email": account["email"], "password": "Newer-Horse-7"})
}

/// Enables TOTP, logs in with a code, renews the backup codes, and disables TOTP.
async fn use_factors(day: &mut Day, account: &Value, own: Accounts) {
    let password = &account["password"];
    let caller = log_in(day, account, own).await;
    let setup = day.post(&caller, "/api/auth/totp/setup", json!({"password": password})).await.expect(200);
    let app = Authenticator::new(setup["secret"].as_str().unwrap());
    let enabled = day.post(&caller, "/api/auth/totp/enable", json!({"code": app.code()})).await;
    for action in ["factor.enabled", "session.ended", "session.started"] {
        day.expect_entry(action, own);
    }
    let codes = enabled.expect(200)["codes"].clone();
    let challenge = day.post(&Caller::default(), "/api/auth/login", account.clone()).await.expect(200);
    let mut answer = json!({"challenge": challenge["challenge"], "code": app.code_after(3_600)});
    day.post(&Caller::default(), "/api/auth/login/factor", answer.clone()).await.expect(401);
    day.expect_entry("login.failed", (None, own.1));
    answer["code"] = app.next_code().into();
    let caller = day.post(&Caller::default(), "/api/auth/login/factor", answer).await.caller();
    day.expect_entry("session.started", own);
    let confirm = json!({"password": password, "code": codes[0]});
    let renewed = day.post(&caller, "/api/auth/backup-codes", confirm).await.expect(200);
    day.expect_entry("backup_codes.renewed", own);
    let confirm = json!({"password": password, "code": renewed["codes"][0]});
    day.post(&caller, "/api/auth/totp/disable", confirm).await.expect(204);
    day.expect_entry("factor.disabled", own);
    day.post(&caller, "/api/auth/logout-all", json!({})).await.expect(204);
    day.expect_entries("session.ended", own, 2);
}

/// Registers a passkey, signs in with it and with a copy of it, and removes it.
async fn use_passkeys(day: &mut Day, account: &Value, own: Accounts) {
    let (caller, path) = (log_in(day, account, own).await, "/api/auth/me/passkeys");
    let password = json!({"password": account["password"]});
    let mut challenge = day.post(&caller, &format!("{path}/challenge"), password.clone()).await.expect(200);
    let mut passkey = SoftwarePasskey::new(&challenge["options"]);
    let credential = passkey.create(&challenge["options"], |_| {});
    let new = json!({"challenge_id": challenge["challenge_id"], "name": "Phone", "credential": credential});
    let caller = day.post(&caller, path, new).await.caller();
    for action in ["passkey.registered", "session.ended", "session.started"] {
        day.expect_entry(action, own);
    }
    let listed = day.get(&caller, path).await.expect(200);
    let path = format!("{path}/{}", listed["items"][0]["id"].as_str().unwrap());
    day.patch(&caller, &path, json!({"name": "Old phone"})).await.expect(200);

    let (nobody, sign_in) = (Caller::default(), "/api/auth/passkeys");
    let mut answers = Vec::new();
    for count in [1, 1] {
        challenge = day.post(&nobody, &format!("{sign_in}/challenge"), json!(null)).await.expect(200);
        let credential = passkey.get(&challenge["options"], |answer| answer.count = count);
        let given = json!({"challenge_id": challenge["challenge_id"], "credential": credential});
        answers.push(day.post(&nobody, sign_in, given).await);
        let first = answers.len() == 1;
        day.expect_entry(
            if first { "session.started" } else { "passkey.refused" },
            (own.0.filter(|_| first), own.1),
        );
    }
    answers.pop().unwrap().expect(401);
    let caller = answers.pop().unwrap().caller();
    let caller = day.delete(&caller, &path, Some(password)).await.caller();
    day.expect_entry("passkey.removed", own);
    day.expect_entries("session.ended", own, 2);
    day.expect_entry("session.started", own);
    day.post(&caller, "/api/auth/logout", json!({})).await.expect(204);
    day.expect_entry("session.ended", own);
}

/// Manages accounts as an administrator. `user` has no session.
async fn administrate(day: &mut Day, user: Uuid) {
    let (root, id) = register(day, "root-lovelace@example.com").await;
    day.promote(id).await;
    let caller = log_in(day, &root, (Some(id), Some(id))).await;
    let new = json!({"email": "charles-babbage@example.com"});
    let new = day.post(&caller, "/api/admin/users", new).await.expect(201);
    let charles: Uuid = serde_json::from_value(new["user"]["id"].clone()).unwrap();
    let about = (Some(id), Some(charles));
    day.expect_entry("account.created", about);
    let path = format!("/api/admin/users/{charles}");
    day.patch(&caller, &path, json!({"active": false})).await.expect(200);
    day.expect_entry("account.changed", about);
    day.put(&caller, &format!("{path}/quota"), json!({"limit_bytes": 7})).await.expect(200);
    day.expect_entry("quota.changed", about);
    end_session_of_revived(day, &caller, about).await;
    day.post(&caller, &format!("{path}/reset-password"), json!(null)).await.expect(200);
    day.expect_entry("password.assigned", about);
    day.post(&caller, &format!("{path}/reset-factors"), json!(null)).await.expect(204);
    day.expect_entry("factors.reset", about);
    day.delete(&caller, &path, None).await.expect(204);
    day.expect_entry("account.removed", about);
    change_system_topics(day, &caller, id).await;
    for path in ["users?q=lovelace", "audit-log", "ai-models", &format!("users/{user}/sessions")] {
        day.get(&caller, &format!("/api/admin/{path}")).await.expect(200);
    }
    day.get(&caller, "/api/documents").await.expect(403);
}

/// Creates a system topic, renames it, and deletes it.
async fn change_system_topics(day: &mut Day, admin: &Caller, id: Uuid) {
    let created = day.post(admin, "/api/admin/topics", json!({"name": "Engines"})).await.expect(201);
    let topic: Uuid = serde_json::from_value(created["id"].clone()).unwrap();
    day.expect_entry("topic.created", (Some(id), Some(topic)));
    let path = format!("/api/admin/topics/{topic}");
    day.patch(admin, &path, json!({"name": "Machines"})).await.expect(200);
    day.expect_entry("topic.changed", (Some(id), Some(topic)));
    day.delete(admin, &path, None).await.expect(204);
    day.expect_entry("topic.removed", (Some(id), Some(topic)));
}

/// The operator revives the account that an administrator has created. It logs in, and the administrator ends
/// its session.
async fn end_session_of_revived(day: &mut Day, admin: &Caller, about: Accounts) {
    let (email, id) = ("charles-babbage@example.com", about.1.unwrap());
    let account = json!({"email": email, "password": day.revive(email).await});
    day.expect_entry_of_operator("account.revived", id);
    let revived = log_in(day, &account, (Some(id), Some(id))).await;
    let path = format!("/api/admin/users/{id}/sessions");
    let listed = day.get(admin, &path).await.expect(200);
    let session = listed["items"][0]["id"].as_str().unwrap();
    day.delete(admin, &format!("{path}/{session}"), None).await.expect(204);
    day.expect_entry("session.ended", about);
    day.get(&revived, "/api/auth/me").await.expect(401);
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
    let entries = day.entries().await;
    assert_eq!(entries, day.expected_entries());
    let logged: BTreeSet<_> = entries.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(logged, Action::ALL.iter().map(|action| action.as_str()).collect(), "the day has every event");
    let (secrets, logs) = (day.secrets(), day.written().await);
    for kind in SECRET_FIELDS.into_iter().chain(["code", "contents", "device", "refresh"]) {
        assert!(secrets.iter().any(|secret| secret.kind == kind), "the day has no {kind}");
    }
    for (place, text) in &logs {
        assert!(!text.is_empty(), "{place} is empty");
        for secret in secrets {
            assert!(!secret.is_in(text), "{place} has a {}", secret.kind);
        }
    }
}
