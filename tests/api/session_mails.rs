//! Mails about sessions: a login from another browser, and a refresh token that was used twice.

use tests::member::TwoFactorMember;
use tests::{Browser, TestVault};

use crate::mail::count_waiting;
use crate::password_resets::register;

async fn log_in(browser: &mut Browser) {
    browser.log_in("ann@example.com", "Correct-Horse-7").await.expect(200);
}

#[tokio::test]
async fn a_login_from_another_browser_is_mailed_and_the_first_one_is_not() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let (mut known, mut other) = (Browser::open(&vault), Browser::open(&vault));
    for _ in 0..2 {
        log_in(&mut known).await;
        assert_eq!(count_waiting(&vault).await, 0);
    }
    log_in(&mut other).await;
    assert_eq!(vault.mail_to("ann@example.com").await.subject, "A new sign-in to your account");
    log_in(&mut other).await;
    assert_eq!(count_waiting(&vault).await, 0);
}

#[tokio::test]
async fn a_login_with_a_second_factor_from_another_browser_is_mailed() {
    let vault = TestVault::new().await;
    let TwoFactorMember { member, backup_codes, .. } = vault.create_two_factor_member().await;
    vault.send_mails().await;
    let challenge = member.get_challenge().await;
    assert_eq!(count_waiting(&vault).await, 0, "nobody has signed in yet");
    member.send_code(&challenge, &backup_codes[0]).await.expect(200);
    assert_eq!(vault.mail_to(&member.email).await.subject, "A new sign-in to your account");
}

#[tokio::test]
async fn a_refresh_token_that_was_used_twice_is_mailed_once() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    let mut owner = Browser::open(&vault);
    log_in(&mut owner).await;
    let mut thief = owner.clone();
    for _ in 0..2 {
        owner.refresh().await.expect(200);
    }
    for _ in 0..2 {
        thief.refresh().await.expect(401);
    }
    assert_eq!(vault.mail_to("ann@example.com").await.subject, "One of your sessions was ended");
    assert_eq!(vault.mails.read().len(), 1);
}
