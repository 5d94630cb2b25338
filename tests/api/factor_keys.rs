//! The encryption of TOTP secrets in the database, and the rotation of its keys.

use docuvault::config::Secret;
use serde_json::Value;
use tests::TestVault;
use tests::member::{Member, TwoFactorMember};

use crate::assert_problem;

const OLD: &str = "an old key of the tests: 32 bytes";
const NEW: &str = "a new key of the tests: 32 bytes!";

/// Sets `FACTOR_KEYS`. Returns the member, served by functions with this setting.
fn with_keys(vault: &mut TestVault, keys: &str, member: &Member) -> Member {
    vault.factors.keys = Secret::Value(keys.into());
    Member { email: member.email.clone(), client: vault.in_own_sandbox(&member.client) }
}

/// Returns the secret and the id of its key, as an account's row has them.
async fn sealed(vault: &TestVault, member: &Member) -> (Value, Value) {
    let rows = vault.rows().await;
    let id = member.id().to_string();
    let user = rows["users"].as_array().unwrap().iter().find(|user| user["id"] == *id).unwrap();
    (user["totp_secret"].clone(), user["totp_key"].clone())
}

#[tokio::test]
async fn the_database_does_not_have_the_secret() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let body = serde_json::json!({"password": tests::member::PASSWORD});
    let shown = member.client.post("/api/auth/totp/setup", body).await.expect(200);
    let secret = totp_rs::Secret::try_from_base32(shown["secret"].as_str().unwrap()).unwrap();
    let hex: String = secret.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let rows = vault.rows().await.to_string();
    assert!(!rows.contains(&hex) && !rows.contains(shown["secret"].as_str().unwrap()));
    let (stored, _) = sealed(&vault, &member).await;
    assert_eq!(stored.as_str().unwrap().len(), 2 + 2 * (24 + 20 + 16), "nonce, ciphertext and tag");
}

#[tokio::test]
async fn a_secret_that_is_moved_to_another_account_is_refused() {
    let vault = TestVault::new().await;
    let (ada, bob) = (vault.create_two_factor_member().await, vault.create_two_factor_member().await);
    vault
        .tamper(&format!(
            "update users u set totp_secret = o.totp_secret, totp_key = o.totp_key
            from users o where u.id = '{}' and o.id = '{}'",
            bob.member.id(),
            ada.member.id()
        ))
        .await;
    assert_problem(bob.member.log_in_with(&ada.app.next_code()).await, 500, "internal");
    ada.member.log_in_with(&ada.app.next_code()).await.expect(200);
}

#[tokio::test]
async fn a_new_key_encrypts_and_a_secret_with_an_old_key_is_encrypted_again_when_it_is_used() {
    let mut vault = TestVault::new().await;
    vault.factors.keys = Secret::Value(OLD.into());
    let TwoFactorMember { member, app, .. } = vault.create_two_factor_member().await;
    let old = sealed(&vault, &member).await;

    let member = with_keys(&mut vault, &format!("{NEW},{OLD}"), &member);
    assert_eq!(sealed(&vault, &member).await, old);
    member.log_in_with(&app.next_code()).await.expect(200);
    let new = sealed(&vault, &member).await;
    assert!(new.0 != old.0 && new.1 != old.1);

    let member = with_keys(&mut vault, NEW, &member);
    vault.forget_steps().await;
    member.renew_backup_codes(&app.code()).await.expect(200);
    assert_eq!(sealed(&vault, &member).await, new);
}

#[tokio::test]
async fn a_renewal_of_backup_codes_encrypts_the_secret_again() {
    let mut vault = TestVault::new().await;
    vault.factors.keys = Secret::Value(OLD.into());
    let TwoFactorMember { member, app, .. } = vault.create_two_factor_member().await;
    let old = sealed(&vault, &member).await;
    let member = with_keys(&mut vault, &format!("{NEW},{OLD}"), &member);
    member.renew_backup_codes(&app.next_code()).await.expect(200);
    assert_ne!(sealed(&vault, &member).await.1, old.1);
}

#[tokio::test]
async fn without_its_key_a_secret_is_503_and_backup_codes_still_work() {
    let mut vault = TestVault::new().await;
    vault.factors.keys = Secret::Value(OLD.into());
    let TwoFactorMember { member, app, backup_codes, .. } = vault.create_two_factor_member().await;
    let member = with_keys(&mut vault, NEW, &member);
    for answer in [member.log_in_with(&app.next_code()).await, member.disable_totp(&app.next_code()).await] {
        assert_eq!(answer.headers["retry-after"], "5");
        assert_problem(answer, 503, "secret_unavailable");
    }
    member.log_in_with(&backup_codes[0]).await.expect(200);
    member.renew_backup_codes(&backup_codes[1]).await.expect(200);
    let renewed = member.renew_backup_codes(&backup_codes[1]).await;
    assert_problem(renewed, 401, "invalid_code");

    // The key is back, and nothing was lost.
    let member = with_keys(&mut vault, &format!("{NEW},{OLD}"), &member);
    member.log_in_with(&app.next_code()).await.expect(200);
}

#[tokio::test]
async fn an_owner_whose_key_is_lost_sets_totp_up_again() {
    let mut vault = TestVault::new().await;
    vault.factors.keys = Secret::Value(OLD.into());
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    let member = with_keys(&mut vault, NEW, &member);
    member.disable_totp(&backup_codes[0]).await.expect(204);
    let app = member.set_up_totp().await;
    member.enable_totp(&app.code()).await.expect(200);
    member.log_in_with(&app.next_code()).await.expect(200);
}
