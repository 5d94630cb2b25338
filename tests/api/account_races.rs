//! Requests that wait for a change of the account see what that change has done.

use docuvault::config::RequireFactor;
use serde_json::json;
use tests::member::{PASSWORD, TwoFactorMember};
use tests::{Browser, Client, TestVault};

use crate::assert_problem;

/// Makes a change that is not committed yet. It locks all accounts.
async fn begin(vault: &TestVault, change: &str) -> tokio_postgres::Client {
    let holder = vault.database.connect_as("postgres").await;
    holder.batch_execute(&format!("begin; select from users for no key update; {change}")).await.unwrap();
    holder
}

/// Sends a request in a sandbox of its own. Returns it once its statement with this name waits.
async fn send_until_blocked(
    vault: &TestVault,
    client: &Client,
    path: &'static str,
    body: serde_json::Value,
    statement: &str,
) -> tokio::task::JoinHandle<tests::Response> {
    let sandbox = vault.in_own_sandbox(client);
    let sent = tokio::spawn(async move { sandbox.post(path, body).await });
    vault.wait_until_blocked(statement).await;
    sent
}

async fn count(vault: &TestVault, rows: &str) -> i64 {
    let statement = format!("select count(*) from {rows}");
    vault.database.superuser().await.query_one(&statement, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_renewals_at_once_only_the_codes_of_the_later_one_are_valid() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, app, backup_codes, .. } = vault.create_two_factor_member().await;
    let holder = begin(&vault, "").await;
    let mut renewals = Vec::new();
    for code in [backup_codes[0].clone(), app.next_code()] {
        let (path, body) = ("/api/auth/backup-codes", json!({"password": PASSWORD, "code": code}));
        renewals.push(send_until_blocked(&vault, &member.client, path, body, "factor::renew").await);
    }
    vault
        .wait_until(
            "select count(*) = 2 from pg_stat_activity where datname = current_database()
                and query like '-- factor::renew%' and wait_event_type = 'Lock'",
        )
        .await;
    holder.batch_execute("commit").await.unwrap();
    for renewal in renewals {
        renewal.await.unwrap().expect(200);
    }
    assert_eq!(count(&vault, "backup_codes").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_enables_totp_in_a_session_that_ends_gets_no_new_session() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let app = member.set_up_totp().await;
    let holder = begin(&vault, "update sessions set ended_at = now()").await;
    let body = json!({"code": app.code()});
    let enabling =
        send_until_blocked(&vault, &member.client, "/api/auth/totp/enable", body, "factor::enable").await;
    holder.batch_execute("commit").await.unwrap();
    assert_problem(enabling.await.unwrap(), 401, "unauthenticated");
    assert_eq!(count(&vault, "sessions where ended_at is null").await, 0);
    assert_eq!(count(&vault, "users where totp_enabled").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_begins_while_totp_is_disabled_owes_a_factor() {
    let mut vault = TestVault::new().await;
    vault.accounts.required = RequireFactor::All;
    let TwoFactorMember { member, app, .. } = vault.create_two_factor_member().await;
    let session = "insert into sessions (id, user_id, expires_at, ends_at)
        select gen_random_uuid(), id, now() + interval '1 day', now() + interval '1 day' from users";
    let holder = begin(&vault, session).await;
    let body = json!({"password": PASSWORD, "code": app.next_code()});
    let disabling =
        send_until_blocked(&vault, &member.client, "/api/auth/totp/disable", body, "factor::disable").await;
    holder.batch_execute("commit").await.unwrap();
    disabling.await.unwrap().expect(204);
    assert_eq!(count(&vault, "sessions where ended_at is null and not owes_factor").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_while_totp_is_disabled_leaves_the_factor_owed() {
    let mut vault = TestVault::new().await;
    vault.accounts.required = RequireFactor::All;
    let TwoFactorMember { member, .. } = vault.create_two_factor_member().await;
    let browser = Browser::signed_in(&vault, &member.client).await;
    let disabled = "update users set totp_enabled = false; update sessions set owes_factor = true";
    let holder = begin(&vault, disabled).await;
    let mut own = browser.in_own_sandbox(&vault);
    let refresh = tokio::spawn(async move { own.refresh().await });
    vault.wait_until_blocked("session::refresh").await;
    holder.batch_execute("commit").await.unwrap();
    refresh.await.unwrap().expect(200);
    assert_eq!(count(&vault, "sessions where ended_at is null and not owes_factor").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_while_the_password_is_changed_begins_no_session() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let before = count(&vault, "sessions").await;
    let other = docuvault::password::hash("Another-Horse-8").await.unwrap();
    let holder = begin(&vault, &format!("update users set password_hash = '{other}'")).await;
    let body = json!({"email": member.email, "password": PASSWORD});
    let anonymous = member.client.anonymous();
    let login = send_until_blocked(&vault, &anonymous, "/api/auth/login", body, "session::start").await;
    holder.batch_execute("commit").await.unwrap();
    assert_problem(login.await.unwrap(), 401, "invalid_credentials");
    assert_eq!(count(&vault, "sessions").await, before);
}

/// Otherwise an intruder's passkey would outlive the reset.
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_and_a_browser_that_come_while_factors_or_passwords_are_reset_go_too() {
    let vault = TestVault::new().await;
    let (member, admin) = (vault.create_member().await, vault.create_admin().await);
    let passkey = "insert into passkeys (id, user_id, key_ref, credential, sign_count, name)
        select gen_random_uuid(), id, 'key', '{}', 0, 'Phone' from users where role = 'user'";
    let device = "insert into devices (token_hash, user_id)
        select sha256('device'), id from users where role = 'user'";
    for (act, statement, row, table) in [
        ("reset-factors", "administration::reset_factors", passkey, "passkeys"),
        ("reset-password", "administration::reset_password", device, "devices"),
    ] {
        let holder = begin(&vault, row).await;
        let path = format!("/api/admin/users/{}/{act}", member.id());
        let sandbox = vault.in_own_sandbox(&admin);
        let sent = tokio::spawn(async move { sandbox.send("POST", &path, None).await });
        vault.wait_until_blocked(statement).await;
        holder.batch_execute("commit").await.unwrap();
        assert!(sent.await.unwrap().status < 300);
        assert_eq!(count(&vault, table).await, 0, "{act}");
    }
}
