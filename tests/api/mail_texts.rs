//! What mails say, and how: each kind in each language, umlauts, long lines and unusual addresses.

use docuvault::id::{MailId, UserId};
use docuvault::language::Language;
use docuvault::link::Page;
use docuvault::mail::{Details, Kind, Mail};
use docuvault::token::OpaqueToken;
use tests::{ReadMail, TestVault, WEB_URL};
use time::macros::datetime;

fn mail(kind: Kind, language: Language, address: &str) -> Mail {
    Mail {
        id: MailId::new(),
        kind,
        user: UserId::new(),
        address: address.into(),
        language,
        details: Details { address: Some("203.0.113.7".parse().unwrap()) },
        created_at: datetime!(2026-01-31 09:30:15 UTC),
        expires_at: datetime!(2026-01-31 10:30:15 UTC),
        attempts: 1,
    }
}

async fn write(mail: &Mail) -> ReadMail {
    let worker = TestVault::new().await.mail_worker();
    let message = worker.writer.write(mail, &OpaqueToken::random().unwrap()).unwrap();
    ReadMail::parse(&message.bytes)
}

#[tokio::test]
async fn the_mail_about_a_reset_reads_as_follows() {
    let worker = TestVault::new().await.mail_worker();
    let (mail, token) =
        (mail(Kind::PasswordReset, Language::De, "ann@example.com"), OpaqueToken::random().unwrap());
    let read = ReadMail::parse(&worker.writer.write(&mail, &token).unwrap().bytes);
    let link = Page::PasswordReset.link(WEB_URL, &token);
    assert_eq!(read.subject, "Wählen Sie ein neues Passwort");
    assert_eq!(read.id, format!("{}@vault.example.com", mail.id));
    let expected = format!(
        "Jemand hat ein neues Passwort für Ihr DocuVault-Konto angefordert. Wählen Sie es hier, bis 2026-01-31 \
         10:30 UTC:\n\n{link}\n\nNetzadresse: 203.0.113.7\n\nWenn Sie es nicht waren, beachten Sie diese Mail \
         nicht. Ihr Passwort bleibt, wie es ist.\n"
    );
    assert_eq!(read.plain, expected);
    let html = read.html;
    assert!(
        html.contains("<html lang=\"de\">") && html.contains("<p>Netzadresse: 203.0.113.7</p>"),
        "{html}"
    );
}

#[tokio::test]
async fn every_kind_has_a_text_in_every_language() {
    let mut subjects = std::collections::BTreeSet::new();
    for language in Language::ALL {
        for kind in Kind::ALL {
            let mail = mail(*kind, language, "ann@example.com");
            let read = write(&mail).await;
            for text in [&read.subject, &read.plain, &read.html] {
                assert!(!text.contains(['{', '}']) && !text.trim().is_empty(), "{kind:?}: {text}");
            }
            assert!(read.plain.contains("203.0.113.7"), "{kind:?}: {}", read.plain);
            assert!(!read.html.contains("src=") && !read.html.contains("url("), "{kind:?} loads something");
            assert_eq!(read.plain.contains("#token="), kind.page().is_some(), "{kind:?}");
            subjects.insert(read.subject);
        }
    }
    assert_eq!(subjects.len(), Language::ALL.len() * Kind::ALL.len());
}

#[tokio::test]
async fn a_paragraph_without_its_value_is_left_out() {
    let mut mail = mail(Kind::PasswordChanged, Language::En, "ann@example.com");
    mail.details = Details::default();
    let read = write(&mail).await;
    assert!(!read.plain.contains("Network address") && !read.html.contains("Network address"));
}

#[tokio::test]
async fn the_bytes_of_a_mail_are_short_lines_of_ascii() {
    for language in Language::ALL {
        for kind in Kind::ALL {
            let read = write(&mail(*kind, language, "ann@example.com")).await;
            assert!(read.bytes.is_ascii(), "{kind:?}");
            let text = String::from_utf8(read.bytes).unwrap();
            for line in text.split("\r\n") {
                assert!(line.len() <= 78 && !line.contains(['\r', '\n']), "{kind:?}: {line}");
            }
            assert!(text.contains("Auto-Submitted: auto-generated\r\n"), "{text}");
            assert!(text.contains("Date: Sat, 31 Jan 2026 09:30:15 +0000\r\n"), "{text}");
        }
    }
}

#[tokio::test]
async fn no_address_can_add_a_header_or_a_recipient() {
    let worker = TestVault::new().await.mail_worker();
    for address in [
        "ann@example.com\r\nBcc: eve@example.com",
        "ann@example.com\nBcc: eve@example.com",
        "ann@example.com, eve@example.com",
        "ann@example.com>\r\nRCPT TO:<eve@example.com",
        "\"ann\r\nBcc: eve@example.com\"@example.com",
        "ann@example.com\u{0}",
        "",
    ] {
        let mail = mail(Kind::PasswordChanged, Language::En, address);
        let written = worker.writer.write(&mail, &OpaqueToken::random().unwrap());
        assert!(written.is_err(), "{address:?}");
    }
}

#[tokio::test]
async fn unusual_addresses_reach_the_envelope_and_the_header() {
    let long = format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60));
    for (address, header) in [
        ("ann+vault@example.com", "ann+vault@example.com"),
        (long.as_str(), long.as_str()),
        ("o'hara@example.com", "o'hara@example.com"),
    ] {
        let read = write(&mail(Kind::PasswordChanged, Language::En, address)).await;
        assert_eq!(read.to, header);
    }
}
