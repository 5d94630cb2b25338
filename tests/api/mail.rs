//! Workers that run at once, or that are killed, send each mail once. Nothing that the vault keeps has a
//! token.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docuvault::db;
use docuvault::deadline::Deadline;
use docuvault::limits::{MAIL_LEASE, MAX_MAIL_PAUSE, NOTICE_LIFETIME, RESET_LIFETIME};
use docuvault::link::Page;
use docuvault::mail::Kind;
use docuvault::token::OpaqueToken;
use serde_json::json;
use tests::functions::recorded_event;
use tests::sandbox::Sandbox;
use tests::{TestVault, WEB_URL};

use crate::password_resets::{RESET, register};

/// Adds this many mails of a kind, each to an address of its own, about one new account.
pub async fn add_mails(vault: &TestVault, kind: Kind, count: i32) {
    let user = vault.create_user().await.id();
    let statement = "insert into mails (id, kind, user_id, address, expires_at)
        select gen_random_uuid(), $1, $2, 'reader-' || n || '@example.com', now() + make_interval(secs => $4)
        from generate_series(1, $3) n";
    let lifetime = kind.lifetime_s() as f64;
    let superuser = vault.database.superuser().await;
    superuser.execute(statement, &[&kind.as_str(), &user, &count, &lifetime]).await.unwrap();
}

/// Counts the mails that wait.
pub async fn count_waiting(vault: &TestVault) -> i64 {
    let counted = vault.database.superuser().await.query_one("select count(*) from mails", &[]).await;
    counted.unwrap().get(0)
}

/// Returns the whole contents of the tables that have to do with mails, as text.
async fn contents_of_tables(vault: &TestVault) -> String {
    let statement = "select (select coalesce(json_agg(m), '[]')::text from mails m)
        || (select coalesce(json_agg(r), '[]')::text from password_resets r)
        || (select coalesce(json_agg(v), '[]')::text from email_verifications v)
        || (select coalesce(json_agg(a), '[]')::text from audit_log a)
        || (select coalesce(json_agg(u), '[]')::text from users u)";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn twenty_workers_at_once_send_each_mail_once() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordChanged, 100).await;
    let workers = (0..20).map(|_| vault.send_mails());
    let reports = futures_util::future::join_all(workers).await;
    assert_eq!(reports.iter().map(|report| report.sent).sum::<usize>(), 100);
    let recipients: BTreeSet<_> = vault.mails.read().into_iter().map(|mail| mail.to).collect();
    assert_eq!(recipients.len(), 100);
    assert_eq!(count_waiting(&vault).await, 0);
}

#[tokio::test]
async fn a_mail_of_a_worker_that_was_killed_is_sent_after_its_lease_with_the_same_id() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordReset, 1).await;
    let db = vault.services().db;
    let lost = OpaqueToken::random().unwrap();
    let claimed = db::mail::claim(&db, &lost.hash()).await.unwrap().unwrap();
    assert_eq!(vault.send_mails().await.sent, 0, "the worker may still send it");
    vault.age_mails((MAIL_LEASE.as_secs() / 60) as i32).await;
    assert_eq!(vault.send_mails().await.sent, 1);
    let mail = vault.mail_to("reader-1@example.com").await;
    assert_eq!(mail.id, format!("{}@vault.example.com", claimed.id));
    assert_eq!(mail.link("password-reset"), Page::PasswordReset.link(WEB_URL, &mail.token("password-reset")));
    for token in [lost, mail.token("password-reset")] {
        assert!(vault.is_reset_token(&token).await, "the first mail may have arrived, too");
    }
}

#[tokio::test]
async fn a_worker_whose_lease_is_over_does_not_put_off_the_mail_of_another() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    let db = vault.services().db;
    let claim = async || db::mail::claim(&db, &OpaqueToken::random().unwrap().hash()).await.unwrap();
    let first = claim().await.unwrap();
    vault.age_mails(2).await;
    let second = claim().await.unwrap();
    assert_eq!((first.id, first.attempts, second.attempts), (second.id, 1, 2));
    let due = async || {
        let row = vault.database.superuser().await.query_one("select due_at::text from mails", &[]).await;
        row.unwrap().get::<_, String>(0)
    };
    let before = due().await;
    db::mail::postpone(&db, &first).await.unwrap();
    assert_eq!(due().await, before);
    db::mail::postpone(&db, &second).await.unwrap();
    assert_ne!(due().await, before);
}

#[tokio::test]
async fn the_pause_of_a_mail_grows_up_to_a_limit() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    let db = vault.services().db;
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let mail = db::mail::claim(&db, &OpaqueToken::random().unwrap().hash()).await.unwrap().unwrap();
        db::mail::postpone(&db, &mail).await.unwrap();
        let statement = "select round(extract(epoch from due_at - now()) / 60)::int8 from mails";
        pauses
            .push(vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get::<_, i64>(0));
        vault.age_mails(15).await;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
    assert_eq!(MAX_MAIL_PAUSE, Duration::from_mins(15));
}

#[tokio::test]
async fn a_mail_is_dropped_when_its_link_has_expired_and_others_later() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordReset, 1).await;
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    vault.age_mails(RESET_LIFETIME.as_secs() as i32 / 60).await;
    let report = vault.send_mails().await;
    assert_eq!((report.sent, report.dropped), (1, 1));
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    vault.age_mails(NOTICE_LIFETIME.as_secs() as i32 / 60).await;
    let report = vault.send_mails().await;
    assert_eq!((report.sent, report.dropped), (0, 1));
}

#[tokio::test]
async fn a_worker_begins_no_mail_after_its_deadline() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    let deadline = Deadline::at(SystemTime::now());
    let report = mail::send_due(&vault.mail_worker(), deadline).await.unwrap();
    assert_eq!((report.sent, report.cut_short), (0, true));
    assert_eq!(count_waiting(&vault).await, 1);
}

#[tokio::test]
async fn a_kind_that_a_release_does_not_know_waits_for_a_later_release() {
    let vault = TestVault::new().await;
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    vault.tamper("update mails set kind = 'of_the_future'").await;
    assert_eq!(vault.send_mails().await.sent, 0);
    assert_eq!(count_waiting(&vault).await, 1);
}

#[tokio::test]
async fn no_token_is_in_the_database_or_in_the_log() {
    let vault = TestVault::new().await;
    register(&vault, "ann@example.com").await;
    vault.anonymous().post(RESET, json!({"email": "ann@example.com"})).await.expect(202);
    let waiting = contents_of_tables(&vault).await;
    assert!(!waiting.contains("token="), "{waiting}");
    let mut sandbox = Sandbox::start("mail", &vault.variables()).await;
    let report = sandbox.invoke(&recorded_event("mail")).await.unwrap();
    assert_eq!(report["sent"], 1, "{report}");
    let token = vault.mails.read().pop().unwrap().token("password-reset").to_text();
    // The database writes bytes in hexadecimal digits.
    let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let log = sandbox.wait_for_log("the mails that were due have been tried").await;
    for text in [log, contents_of_tables(&vault).await] {
        assert!(!text.contains(&token) && !text.contains(&digits), "{text}");
    }
}

#[tokio::test]
async fn a_mail_about_an_account_that_is_gone_holds_up_no_other() {
    let vault = TestVault::new().await;
    let superuser = vault.database.superuser().await;
    let statement = "insert into mails (id, kind, user_id, address, due_at, expires_at)
        select gen_random_uuid(), 'password_changed', gen_random_uuid(), 'gone@example.com',
            now() - interval '1 hour', now() + interval '1 hour'";
    superuser.execute(statement, &[]).await.unwrap();
    add_mails(&vault, Kind::PasswordChanged, 1).await;
    assert_eq!(vault.send_mails().await.sent, 1);
    superuser.execute("update mails set expires_at = now()", &[]).await.unwrap();
    vault.send_mails().await;
    assert_eq!(count_waiting(&vault).await, 0, "it is dropped once its time is over");
}
