//! Mail servers that are down, slow, strict or lose answers: no mail is lost, and none holds up another.

use docuvault::config::Encryption;
use docuvault::deadline::Deadline;
use docuvault::mail::Kind;
use mail::Report;
use tests::functions::recorded_event;
use tests::metrics::{NAMESPACE, sum_metrics};
use tests::sandbox::{Sandbox, Variables};
use tests::smtp::{Behaviour, LOGIN, SmtpServer};
use tests::{SecretsManager, TestVault};

use crate::mail::{add_mails, count_waiting};

async fn send(vault: &TestVault, server: &SmtpServer) -> Report {
    mail::send_due(&vault.mail_worker_to(server.outlet()), Deadline::none()).await.unwrap()
}

/// Runs the program of `mail` once. Returns its log.
async fn run_program(variables: &Variables) -> String {
    let mut sandbox = Sandbox::start("mail", variables).await;
    sandbox.invoke(&recorded_event("mail")).await.unwrap();
    sandbox.wait_for_log("the mails that were due have been tried").await
}

#[tokio::test]
async fn all_mails_of_a_run_go_through_one_connection() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordChanged, 20).await;
    assert_eq!(send(&vault, &server).await.sent, 20);
    assert_eq!(server.connections(), 1);
    for (to, mail) in server.taken() {
        assert_eq!(to, mail.to);
    }
}

#[tokio::test]
async fn a_server_that_is_down_loses_no_mail() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordChanged, 4).await;
    let server = SmtpServer::start().await;
    let outlet = server.outlet();
    drop(server);
    let worker = vault.mail_worker_to(outlet);
    let report = mail::send_due(&worker, Deadline::none()).await.unwrap();
    assert_eq!((report.sent, report.postponed, report.cut_short), (0, 2, true));
    let server = SmtpServer::start().await;
    assert_eq!(send(&vault, &server).await.sent, 2);
    vault.age_mails(1).await;
    assert_eq!(send(&vault, &server).await.sent, 2);
    assert_eq!(server.taken().len(), 4);
    assert_eq!(count_waiting(&vault).await, 0);
}

#[tokio::test]
async fn one_refused_address_of_a_hundred_holds_up_no_other() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordChanged, 100).await;
    let refused = Some(("reader-50@", "550 5.1.1 no such mailbox"));
    server.behave(Behaviour { refused, ..Behaviour::default() });
    let report = send(&vault, &server).await;
    assert_eq!((report.sent, report.refused, report.cut_short), (99, 1, false));
    assert_eq!(count_waiting(&vault).await, 0, "a refusal for good ends the mail");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_mailbox_that_is_full_now_is_tried_again_and_holds_up_no_other() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordChanged, 10).await;
    let refused = Some(("reader-5@", "452 4.2.2 mailbox full"));
    server.behave(Behaviour { refused, ..Behaviour::default() });
    let report = send(&vault, &server).await;
    assert_eq!((report.sent, report.postponed, report.cut_short), (9, 1, false));
    server.behave(Behaviour::default());
    assert_eq!(send(&vault, &server).await.sent, 0, "its pause is not over");
    vault.age_mails(1).await;
    assert_eq!(send(&vault, &server).await.sent, 1);
}

#[tokio::test]
async fn a_server_that_refuses_the_sender_or_the_login_loses_no_mail() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordChanged, 5).await;
    server.behave(Behaviour { to_senders: Some("550 unknown sender"), ..Behaviour::default() });
    let report = send(&vault, &server).await;
    assert_eq!((report.postponed, report.refused, report.cut_short), (2, 0, true));
    server.behave(Behaviour { needs_login: true, ..Behaviour::default() });
    let report = send(&vault, &server).await;
    assert_eq!((report.postponed, report.refused, report.cut_short), (2, 0, true));
    assert_eq!(count_waiting(&vault).await, 5);
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_sent_again_with_the_same_id() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordReset, 1).await;
    server.behave(Behaviour { lost_answers: 1, ..Behaviour::default() });
    assert_eq!(send(&vault, &server).await.postponed, 1);
    vault.age_mails(1).await;
    assert_eq!(send(&vault, &server).await.sent, 1);
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].1.id, taken[1].1.id);
    for (_, mail) in taken {
        assert!(vault.is_reset_token(&mail.token("password-reset")).await);
    }
}

#[tokio::test]
async fn a_message_at_which_the_server_breaks_off_holds_up_no_other() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordChanged, 10).await;
    server.behave(Behaviour { lost_answers: 1, ..Behaviour::default() });
    let report = send(&vault, &server).await;
    assert_eq!((report.sent, report.postponed, report.cut_short), (9, 1, false));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn the_link_of_a_mail_that_was_refused_in_the_end_was_never_told() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordReset, 1).await;
    server.behave(Behaviour { to_messages: Some("554 5.7.1 looks like spam"), ..Behaviour::default() });
    assert_eq!(send(&vault, &server).await.refused, 1);
    assert_eq!(count_waiting(&vault).await, 0);
}

#[tokio::test]
async fn a_slow_server_gets_all_mails_and_no_mail_twice() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordChanged, 6).await;
    let pause = std::time::Duration::from_millis(200);
    server.behave(Behaviour { pause, ..Behaviour::default() });
    let reports = futures_util::future::join(send(&vault, &server), send(&vault, &server)).await;
    assert_eq!(reports.0.sent + reports.1.sent, 6);
    assert!(reports.0.sent > 0 && reports.1.sent > 0, "the workers share the work: {reports:?}");
    assert_eq!(server.taken().len(), 6);
}

#[tokio::test]
async fn mails_go_over_tls_with_a_login() {
    for encryption in [Encryption::StartTls, Encryption::Implicit] {
        let (vault, server) = (TestVault::new().await, SmtpServer::start_with(encryption).await);
        server.behave(Behaviour { needs_login: true, ..Behaviour::default() });
        add_mails(&vault, Kind::PasswordChanged, 2).await;
        let mut variables = vault.variables();
        server.provide(&mut variables);
        variables.insert("SMTP_USER", LOGIN.0.into());
        variables.insert("SMTP_PASSWORD", LOGIN.1.into());
        let log = run_program(&variables).await;
        assert_eq!(server.taken().len(), 2, "{encryption:?}: {log}");
        assert!(server.was_encrypted(), "{encryption:?}");
        assert!(!log.contains(LOGIN.1) && !log.contains("@example.com"), "{log}");
    }
}

#[tokio::test]
async fn the_password_of_the_server_is_read_from_secrets_manager() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    server.behave(Behaviour { needs_login: true, ..Behaviour::default() });
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    let secrets = SecretsManager::start("an old password").await;
    let mut variables = vault.variables();
    server.provide(&mut variables);
    secrets.provide(&mut variables, "SMTP_PASSWORD_ARN");
    variables.insert("SMTP_USER", LOGIN.0.into());
    let log = run_program(&variables).await;
    assert!(log.contains("the server answered 535") && !log.contains("an old password"), "{log}");
    secrets.refuse(Some("AccessDeniedException"));
    vault.age_mails(1).await;
    let log = run_program(&variables).await;
    assert!(log.contains("a secret is unavailable"), "{log}");
    secrets.refuse(None);
    secrets.rotate(LOGIN.1);
    vault.age_mails(2).await;
    run_program(&variables).await;
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_server_without_starttls_or_with_a_foreign_certificate_gets_no_mail() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start_with(Encryption::StartTls).await);
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    let mut variables = vault.variables();
    server.provide(&mut variables);
    server.behave(Behaviour { hides_starttls: true, ..Behaviour::default() });
    let log = run_program(&variables).await;
    assert!(log.contains("STARTTLS is not supported"), "{log}");
    server.behave(Behaviour::default());
    vault.age_mails(5).await;
    let other = SmtpServer::start_with(Encryption::StartTls).await;
    let trusted = variables["SSL_CERT_FILE"].clone();
    other.provide(&mut variables);
    variables.insert("SSL_CERT_FILE", trusted);
    let log = run_program(&variables).await;
    assert!(log.contains("certificate"), "{log}");
    assert!(server.taken().is_empty() && other.taken().is_empty());
    assert_eq!(count_waiting(&vault).await, 1);
}

#[tokio::test]
async fn without_tls_only_a_server_on_the_same_machine_is_accepted() {
    let mut variables = TestVault::new().await.variables();
    variables.remove("MAIL_FOLDER");
    variables.insert("SMTP_TLS", "off".into());
    for host in ["mail.example.com", "192.0.2.1", "127.0.0.1.example.com"] {
        variables.insert("SMTP_HOST", host.into());
        let output = tests::sandbox::failed_start_output("mail", &variables).await;
        assert!(output.contains("SMTP_TLS is off"), "{output}");
    }
}

#[tokio::test]
async fn the_log_counts_mails_and_names_no_recipient() {
    let (vault, server) = (TestVault::new().await, SmtpServer::start().await);
    add_mails(&vault, Kind::PasswordChanged, 3).await;
    let refused = Some(("reader-2@", "550 5.1.1 unknown:"));
    server.behave(Behaviour { refused, ..Behaviour::default() });
    let mut variables = vault.variables();
    server.provide(&mut variables);
    variables.insert("METRICS_NAMESPACE", NAMESPACE.into());
    let log = run_program(&variables).await;
    let counted = sum_metrics(&log);
    for (metric, count) in [
        ("mail_runs", 1),
        ("sent_mails", 2),
        ("refused_mails", 1),
        ("postponed_mails", 0),
        ("dropped_mails", 0),
    ] {
        assert_eq!(counted.get(metric), Some(&count), "{metric}: {log}");
    }
    assert!(log.contains("a mail was refused for good") && log.contains("the server answered 550"), "{log}");
    assert!(!log.contains("reader") && !log.contains("example.com"), "{log}");
}
