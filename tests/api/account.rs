use axum::body::Body;
use axum::http::{Request, header};
use docuvault::id::SessionId;
use serde_json::{Value, json};
use tests::{Browser, Client, TestVault};

use crate::assert_problem;

const SESSIONS: &str = "/api/auth/sessions";
const PASSWORD: &str = "Correct-Horse-7";

/// Registers an account and logs it in, with this name of the browser.
async fn registered(vault: &TestVault, user_agent: &str) -> Browser {
    let mut browser = Browser::open(vault);
    let credentials = json!({"email": "ann@example.com", "password": PASSWORD});
    browser.send("POST", "/api/auth/register", Some(credentials.clone())).await.expect(201);
    let login = Request::post("/api/auth/login")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, user_agent);
    browser.request(login.body(Body::from(credentials.to_string())).unwrap()).await.expect(200);
    browser
}

async fn count_sessions(client: &Client) -> usize {
    client.get(SESSIONS).await.expect(200)["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_session_says_when_and_from_where_it_was_used() {
    let vault = TestVault::new().await;
    let mut browser = registered(&vault, &format!("Mozilla/5.0 {}", "x".repeat(300))).await;
    let list = browser.send("GET", SESSIONS, None).await.expect(200);
    let session = &list["items"][0];
    let (id, at) = (&session["id"], &session["created_at"]);
    let cut = format!("Mozilla/5.0 {}", "x".repeat(244));
    let expected = json!({
        "id": id, "created_at": at, "last_used_at": at, "address": null, "user_agent": cut, "current": true,
    });
    assert_eq!(list, json!({"items": [expected], "next_cursor": null}));
    browser.refresh().await.expect(200);
    let renewed = browser.send("GET", SESSIONS, None).await.expect(200)["items"][0].take();
    assert_eq!((&renewed["id"], &renewed["created_at"], &renewed["user_agent"]), (id, at, &json!(null)));
    assert!(renewed["last_used_at"].as_str() > at.as_str());
}

#[tokio::test]
async fn a_list_has_the_own_sessions_that_are_alive_newest_first() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let (second, third) = (vault.sign_in(&alice).await, vault.sign_in(&alice).await);
    let ids = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|session| session["id"].clone()).collect()
    };
    let list = second.get(SESSIONS).await.expect(200);
    assert_eq!(ids(&list), [&third, &second, &alice].map(|client| json!(client.user().session)));
    let current: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| &item["current"]).collect();
    assert_eq!(current, [false, true, false]);
    let first = alice.get(&format!("{SESSIONS}?limit=2")).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = alice.get(&format!("{SESSIONS}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(ids(&rest), [json!(alice.user().session)]);
    assert_problem(bob.get(&format!("{SESSIONS}?cursor={cursor}")).await, 422, "invalid");
    assert_eq!(count_sessions(&bob).await, 1);
    let expired = third.user().session;
    vault.tamper(&format!("update sessions set expires_at = now() where id = '{expired}'")).await;
    assert_eq!(count_sessions(&alice).await, 2);
}

#[tokio::test]
async fn an_owner_ends_one_session() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut other = Browser::signed_in(&vault, &alice).await;
    let list = other.send("GET", SESSIONS, None).await.expect(200);
    let id = list["items"][0]["id"].as_str().unwrap();
    alice.delete(&format!("{SESSIONS}/{id}")).await.expect(204);
    assert_problem(other.send("GET", "/api/auth/me", None).await, 401, "unauthenticated");
    assert_problem(other.refresh().await, 401, "session_ended");
    assert_eq!(count_sessions(&alice).await, 1);
    let log = vault.rows().await["audit_log"].take();
    let entry = json!({
        "id": log[0]["id"], "at": log[0]["at"], "request_id": log[0]["request_id"], "address": null,
        "action": "session.ended", "actor_id": alice.id(), "target_id": alice.id(), "details": {"session_id": id},
    });
    assert_eq!(log, json!([entry]));
    assert_problem(alice.delete(&format!("{SESSIONS}/{id}")).await, 404, "not_found");
    alice.delete(&format!("{SESSIONS}/{}", alice.user().session)).await.expect(204);
    assert_problem(alice.get(SESSIONS).await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_foreign_session_looks_like_one_that_does_not_exist() {
    let vault = TestVault::new().await;
    let (alice, bob, admin) =
        (vault.create_user().await, vault.create_user().await, vault.create_admin().await);
    let before = vault.rows().await;
    let absent = bob.delete(&format!("{SESSIONS}/{}", SessionId::new())).await.expect(404);
    for other in [&bob, &admin] {
        let foreign = other.delete(&format!("{SESSIONS}/{}", alice.user().session)).await.expect(404);
        assert_eq!(foreign, absent);
    }
    for wrong in ["me", "1", "%00"] {
        assert_problem(bob.delete(&format!("{SESSIONS}/{wrong}")).await, 422, "invalid");
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn logging_out_everywhere_ends_all_sessions_of_the_account() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let mut browsers = [Browser::signed_in(&vault, &alice).await, Browser::signed_in(&vault, &alice).await];
    let answer = browsers[0].send("POST", "/api/auth/logout-all", None).await;
    assert!(
        answer.headers["set-cookie"].to_str().unwrap().starts_with("__Host-refresh=; Path=/; Max-Age=0; ")
    );
    answer.expect(204);
    assert!(browsers[0].cookies.is_empty());
    for browser in &mut browsers {
        assert_problem(browser.refresh().await, 401, "session_ended");
        assert_problem(browser.send("GET", "/api/auth/me", None).await, 401, "unauthenticated");
    }
    assert_problem(alice.get("/api/auth/me").await, 401, "unauthenticated");
    bob.get("/api/auth/me").await.expect(200);
    let log = vault.rows().await["audit_log"].take();
    let entries = log.as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert!(
        entries
            .iter()
            .all(|entry| entry["action"] == "session.ended" && entry["actor_id"] == json!(alice.id()))
    );
}

/// The password is changed, and all sessions are ended, after a login has checked the password and before it
/// begins its session.
#[tokio::test]
async fn a_login_with_a_password_that_is_changed_meanwhile_begins_no_session() {
    let vault = TestVault::new().await;
    let browser = registered(&vault, "x").await;
    let changing = vault.database.connect_as("docuvault_app").await;
    changing
        .batch_execute(&format!(
            "begin; update users set password_hash = '{}'; select end_sessions(id, null) from users",
            docuvault::password::DUMMY_HASH
        ))
        .await
        .unwrap();
    let mut other = browser.in_own_sandbox(&vault);
    let login = async { other.log_in("ann@example.com", PASSWORD).await };
    let change = async {
        vault.wait_until_blocked("session::start").await;
        changing.batch_execute("commit").await.unwrap();
    };
    let (answer, ()) = tokio::join!(login, change);
    assert_problem(answer, 401, "invalid_credentials");
    let rows = vault.rows().await;
    let sessions = rows["sessions"].as_array().unwrap();
    assert!(sessions.len() == 1 && !sessions[0]["ended_at"].is_null(), "{sessions:?}");
}

/// A login that waits for the row of the account begins its session after all others have ended. One that
/// does not wait begins it before, so that it ends as well.
#[tokio::test]
async fn sessions_that_end_while_another_begins_are_logged() {
    let vault = TestVault::new().await;
    let browser = registered(&vault, "x").await;
    for _ in 0..20 {
        let (mut first, mut second) = (browser.in_own_sandbox(&vault), browser.in_own_sandbox(&vault));
        first.log_in("ann@example.com", PASSWORD).await.expect(200);
        let mut ending = first.clone();
        let (ended, begun) = tokio::join!(
            ending.send("POST", "/api/auth/logout-all", None),
            second.log_in("ann@example.com", PASSWORD)
        );
        ended.expect(204);
        begun.expect(200);
        let statement = "select count(*) from sessions s join audit_log a
            on a.action = 'session.ended' and a.details->>'session_id' = s.id::text
            where s.ended_at is not null";
        let superuser = vault.database.superuser().await;
        let logged: i64 = superuser.query_one(statement, &[]).await.unwrap().get(0);
        let alive = "select count(*) filter (where ended_at is null), count(*) from sessions";
        let row = superuser.query_one(alive, &[]).await.unwrap();
        let (alive, all): (i64, i64) = (row.get(0), row.get(1));
        assert!(
            alive <= 1 && logged == all - alive,
            "{alive} of {all} sessions are alive, {logged} are logged"
        );
    }
}

#[tokio::test]
async fn while_a_password_change_is_owed_sessions_cannot_be_seen() {
    let vault = TestVault::new().await;
    let owing = vault.create_account(docuvault::role::Role::User, true).await;
    let before = vault.rows().await;
    assert_problem(owing.get(SESSIONS).await, 403, "password_change_owed");
    let own = format!("{SESSIONS}/{}", owing.user().session);
    assert_problem(owing.delete(&own).await, 403, "password_change_owed");
    assert_problem(owing.send("POST", "/api/auth/logout-all", None).await, 403, "password_change_owed");
    assert_eq!(vault.rows().await, before);
}
