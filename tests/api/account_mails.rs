//! Mails about changes of an account: each tells its owner, so that a stranger cannot change anything
//! unnoticed.

use docuvault::id::UserId;
use serde_json::json;
use tests::TestVault;
use tests::member::{Member, PASSWORD, TwoFactorMember, read_codes};

use crate::admin::user_path;
use crate::mail::count_waiting;

const NEW: &str = "Another-Horse-8";

/// Sends the mails that are due, and asserts that there is one for the account, with this subject.
async fn assert_told(vault: &TestVault, member: &Member, subject: &str) {
    let before = vault.mails.read().len();
    let mail = vault.mail_to(&member.email).await;
    assert_eq!((mail.subject.as_str(), vault.mails.read().len()), (subject, before + 1));
    assert!(!mail.plain.contains("token"), "{}", mail.plain);
}

#[tokio::test]
async fn a_change_of_the_password_is_mailed() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    for (current, new, status) in [(NEW, NEW, 401), (PASSWORD, "short", 422), (PASSWORD, PASSWORD, 422)] {
        let refused = json!({"current_password": current, "new_password": new});
        member.client.post("/api/auth/change-password", refused).await.expect(status);
    }
    assert_eq!(count_waiting(&vault).await, 0, "nothing was changed");
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    member.client.post("/api/auth/change-password", change).await.expect(200);
    assert_told(&vault, &member, "Your password was changed").await;
}

#[tokio::test]
async fn a_second_factor_that_is_enabled_or_disabled_is_mailed() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    assert_told(&vault, &member, "A second factor was enabled").await;
    member.disable_totp("000-000").await.expect(401);
    assert_eq!(count_waiting(&vault).await, 0, "nothing was changed");
    member.renew_backup_codes("000-000").await.expect(401);
    assert_eq!(count_waiting(&vault).await, 0, "nothing was changed");
    let renewed = member.renew_backup_codes(&backup_codes[1]).await.expect(200);
    assert_told(&vault, &member, "Your backup codes were replaced").await;
    member.disable_totp(&read_codes(&renewed)[0]).await.expect(204);
    assert_told(&vault, &member, "A second factor was disabled").await;
}

#[tokio::test]
async fn a_passkey_that_is_registered_or_removed_is_mailed() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (_, id) = member.add_passkey("Phone").await;
    assert_told(&vault, &member, "A passkey was registered").await;
    member.remove_passkey(&id, "Wrong-Horse-8").await.expect(401);
    assert_eq!(count_waiting(&vault).await, 0, "nothing was changed");
    member.remove_passkey(&id, PASSWORD).await.expect(200);
    assert_told(&vault, &member, "A passkey was removed").await;
}

/// An administrator resets this of an account. Asserts that its owner is told.
async fn assert_reset_is_mailed(reset: &str, subject: &str) {
    let vault = TestVault::new().await;
    let (admin, member) = (vault.create_admin().await, vault.create_member().await);
    admin.send("POST", &user_path(UserId::new(), reset), None).await.expect(404);
    assert_eq!(count_waiting(&vault).await, 0, "nothing was changed");
    let answer = admin.send("POST", &user_path(member.id(), reset), None).await;
    assert!([200, 204].contains(&answer.status), "{}", answer.body);
    assert_told(&vault, &member, subject).await;
}

#[tokio::test]
async fn a_password_that_an_administrator_resets_is_mailed() {
    assert_reset_is_mailed("/reset-password", "Your password was changed").await;
}

#[tokio::test]
async fn factors_that_an_administrator_resets_are_mailed() {
    assert_reset_is_mailed("/reset-factors", "A second factor was disabled").await;
}
