//! E-mail addresses with an international domain, in both forms: with its letters (U-labels), and in ASCII
//! (A-labels).

use docuvault::config::RequireVerifiedEmail;
use docuvault::deadline::Deadline;
use serde_json::json;
use tests::TestVault;
use tests::smtp::SmtpServer;

use crate::password_resets::{CONFIRM, RESET, log_in, register};

const PASSWORD: &str = "Correct-Horse-7";
const NEW: &str = "Another-Horse-8";

/// The two forms of one domain.
const ADDRESSES: [&str; 2] = ["ann@bücher.example", "ann@xn--bcher-kva.example"];

#[tokio::test]
async fn an_international_address_registers_gets_mails_and_logs_in() {
    let mut vault = TestVault::new().await;
    vault.accounts.verified_email = RequireVerifiedEmail(true);
    let anonymous = vault.anonymous();
    for address in ADDRESSES {
        let new = json!({"email": address, "password": PASSWORD});
        anonymous.post("/api/auth/register", new).await.expect(202);
        let token = vault.mail_to(address).await.token("verify").to_text();
        anonymous.post("/api/auth/verify", json!({"token": token})).await.expect(204);
        let known = json!({"email": address, "password": PASSWORD});
        let session = anonymous.post("/api/auth/login", known).await.expect(200);
        let account = vault.caller_with(&anonymous, &session).await;
        assert_eq!(account.get("/api/auth/me").await.expect(200)["email"], address);

        anonymous.post(RESET, json!({"email": address})).await.expect(202);
        vault.send_mails().await;
        let mails = vault.mails.read();
        let reset = mails.iter().find(|mail| mail.to == address && mail.plain.contains("/password-reset#"));
        let token = reset.unwrap().token("password-reset").to_text();
        anonymous.post(CONFIRM, json!({"token": token, "new_password": NEW})).await.expect(204);
        assert_eq!(log_in(&vault, address, PASSWORD).await, 401);
        assert_eq!(log_in(&vault, address, NEW).await, 200);
    }
}

#[tokio::test]
async fn an_international_address_is_taken_whatever_its_case() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    for address in ADDRESSES {
        for (email, status) in [(address.to_owned(), 201), (address.to_uppercase(), 409)] {
            let answer =
                anonymous.post("/api/auth/register", json!({"email": email, "password": PASSWORD})).await;
            assert_eq!(answer.status, status, "{email}: {}", answer.body);
            assert_eq!(log_in(&vault, &email, PASSWORD).await, 200, "{email}");
        }
    }
}

#[tokio::test]
async fn a_mail_server_gets_an_international_address_as_it_was_registered() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    for address in ADDRESSES {
        register(&vault, address).await;
        vault.anonymous().post(RESET, json!({"email": address})).await.expect(202);
    }
    let report = mail::send_due(&vault.mail_worker_to(server.outlet()), Deadline::none()).await.unwrap();
    assert_eq!((report.sent, report.refused, report.postponed), (2, 0, 0));
    let taken = server.taken();
    let recipients: Vec<_> = taken.iter().map(|(to, mail)| (to.as_str(), mail.to.as_str())).collect();
    assert_eq!(recipients, ADDRESSES.map(|address| (address, address)));
}
