//! Accounts that somebody else may have got into: resets and new passwords take passkeys and known browsers
//! from them.

use docuvault::id::UserId;
use docuvault::token::OpaqueToken;
use serde_json::{Value, json};
use tests::member::{Member, PASSWORD};
use tests::passkey::{SoftwarePasskey, sign_in};
use tests::{Browser, Response, TestVault};

use crate::admin::user_path;
use crate::assert_problem;

const NEW: &str = "Another-Horse-8";

/// Creates two accounts, each with a passkey and a browser that it knows.
async fn create_two(vault: &TestVault) -> [(Member, SoftwarePasskey, Browser); 2] {
    let create = async || {
        let mut member = vault.create_member().await;
        let (passkey, _) = member.add_passkey("Phone").await;
        let mut browser = Browser::open(vault);
        browser.log_in(&member.email, PASSWORD).await.expect(200);
        (member, passkey, browser)
    };
    [create().await, create().await]
}

/// Returns whether the account knows the browser.
async fn knows(vault: &TestVault, account: UserId, browser: &Browser) -> bool {
    let token = OpaqueToken::parse(&browser.cookies["__Host-device"]).unwrap();
    let statement = "select exists (select from devices where user_id = $1 and token_hash = $2)";
    let superuser = vault.database.superuser().await;
    superuser.query_one(statement, &[&account, &token.hash()]).await.unwrap().get(0)
}

/// Counts the browsers that the account knows.
async fn count_known(vault: &TestVault, account: UserId) -> i64 {
    let statement = "select count(*) from devices where user_id = $1";
    vault.database.superuser().await.query_one(statement, &[&account]).await.unwrap().get(0)
}

/// Resets something of an account as an administrator.
async fn reset(vault: &TestVault, account: UserId, what: &str) -> Response {
    vault.create_admin().await.send("POST", &user_path(account, what), None).await
}

async fn revive(vault: &TestVault, email: &str) {
    let command = migrate::Command::CreateAdmin(email.to_owned());
    migrate::handle(&vault.database.migrate_capabilities(), command).await.unwrap();
}

/// Asserts that the passkey of the first account is gone, and that the other account has its own.
async fn assert_first_has_no_passkey(
    vault: &TestVault,
    [(ann, mut of_ann, _), (bob, mut of_bob, _)]: [(Member, SoftwarePasskey, Browser); 2],
) {
    let owners: Vec<Value> =
        vault.rows().await["passkeys"].as_array().unwrap().iter().map(|row| row["user_id"].clone()).collect();
    assert_eq!(owners, [json!(bob.id())]);
    assert_problem(sign_in(&ann.client, &mut of_ann).await, 401, "passkey_refused");
    sign_in(&bob.client, &mut of_bob).await.expect(200);
}

#[tokio::test]
async fn a_reset_of_the_factors_removes_the_passkeys() {
    let vault = TestVault::new().await;
    let accounts = create_two(&vault).await;
    reset(&vault, accounts[0].0.id(), "/reset-factors").await.expect(204);
    assert_first_has_no_passkey(&vault, accounts).await;
}

#[tokio::test]
async fn a_revival_removes_the_passkeys() {
    let vault = TestVault::new().await;
    let accounts = create_two(&vault).await;
    revive(&vault, &accounts[0].0.email).await;
    assert_first_has_no_passkey(&vault, accounts).await;
}

#[tokio::test]
async fn a_revived_account_knows_no_browser() {
    let vault = TestVault::new().await;
    let [(ann, ..), (bob, _, of_bob)] = create_two(&vault).await;
    assert_ne!(count_known(&vault, ann.id()).await, 0);
    revive(&vault, &ann.email).await;
    assert_eq!(count_known(&vault, ann.id()).await, 0);
    assert!(knows(&vault, bob.id(), &of_bob).await);
}

#[tokio::test]
async fn an_account_whose_password_an_administrator_resets_knows_no_browser() {
    let vault = TestVault::new().await;
    let [(ann, ..), (bob, _, of_bob)] = create_two(&vault).await;
    assert_ne!(count_known(&vault, ann.id()).await, 0);
    reset(&vault, ann.id(), "/reset-password").await.expect(200);
    assert_eq!(count_known(&vault, ann.id()).await, 0);
    assert!(knows(&vault, bob.id(), &of_bob).await);
}

#[tokio::test]
async fn an_account_with_a_changed_password_knows_only_the_browser_that_has_changed_it() {
    let vault = TestVault::new().await;
    let [(ann, _, mut own), (bob, _, of_bob)] = create_two(&vault).await;
    let mut other = Browser::open(&vault);
    other.log_in(&ann.email, PASSWORD).await.expect(200);
    assert!(knows(&vault, ann.id(), &own).await && knows(&vault, ann.id(), &other).await);
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    own.send("POST", "/api/auth/change-password", Some(change)).await.expect(200);
    assert!(knows(&vault, ann.id(), &own).await && knows(&vault, bob.id(), &of_bob).await);
    assert_eq!(count_known(&vault, ann.id()).await, 1);
}
