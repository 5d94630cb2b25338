//! A run of the worker: one mail after the other, until none is due or the deadline is near.

use docuvault::deadline::Deadline;
use docuvault::mail::Mail;
use docuvault::token::OpaqueToken;
use docuvault::{Result, db};
use serde::Serialize;

use crate::Capabilities;
use crate::outlet::{Connection, Failure};

/// The number of failures of the server in a row after which a run ends. With the first one alone, nobody
/// knows whether the server breaks off because of that mail.
const MOST_FAILURES: usize = 2;

/// Counts of what a run did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Mails that were sent.
    pub sent: usize,
    /// Mails that were not sent. They are tried again.
    pub postponed: usize,
    /// Mails that were refused for good.
    pub refused: usize,
    /// Mails that were dropped, because their time was over.
    pub dropped: i64,
    /// Whether the run ended early: at its deadline, or because the mail server is unusable.
    pub cut_short: bool,
}

/// Sends the mails that are due, and logs what it did. It ends early if the mail server cannot be used: the
/// mails that are left stay due, and the next run begins with them.
///
/// # Errors
/// The database failed. A mail that was sent, and whose row could not be removed, is sent once more, with the
/// same id.
pub async fn send_due(with: &Capabilities, deadline: Deadline) -> Result<Report> {
    let outbox = db::mail::drop_expired(&with.db).await?;
    let mut report = Report { dropped: outbox.dropped, ..Report::default() };
    let result = send_all(with, deadline, &mut report).await;
    report.log(outbox.oldest_s);
    result.map(|()| report)
}

impl Report {
    /// Logs the end of a run. `oldest_s` is the age of the oldest mail that waited at its beginning, in
    /// seconds.
    fn log(&self, oldest_s: i64) {
        let Self { sent, postponed, refused, dropped, cut_short } = self;
        tracing::info!(
            metric.mail_runs = 1,
            metric.sent_mails = sent,
            metric.postponed_mails = postponed,
            metric.refused_mails = refused,
            metric.dropped_mails = dropped,
            metric.oldest_mail_s = oldest_s,
            cut_short,
            "the mails that were due have been tried"
        );
    }
}

async fn send_all(with: &Capabilities, deadline: Deadline, report: &mut Report) -> Result<()> {
    let (mut connection, mut failures) = (with.outlet.connection(), 0);
    loop {
        if deadline.has_passed() || failures == MOST_FAILURES {
            report.cut_short = true;
            break;
        }
        let token = OpaqueToken::random()?;
        let Some(mail) = db::mail::claim(&with.db, &token.hash()).await? else { break };
        let outcome = send(with, &mut connection, &mail, &token).await;
        record(with, &mail, &outcome, report).await?;
        failures = if matches!(outcome, Err(Failure::Server(_))) { failures + 1 } else { 0 };
    }
    connection.close().await;
    Ok(())
}

async fn send(
    with: &Capabilities,
    connection: &mut Connection<'_>,
    mail: &Mail,
    token: &OpaqueToken,
) -> std::result::Result<(), Failure> {
    let message = with.writer.write(mail, token)?;
    connection.send(mail, &message).await
}

/// Records the outcome of an attempt in the outbox and in the log. The log has no addresses, and nothing that
/// a server has answered but its code: answers quote addresses.
async fn record(
    with: &Capabilities,
    mail: &Mail,
    outcome: &std::result::Result<(), Failure>,
    report: &mut Report,
) -> Result<()> {
    let (id, kind) = (mail.id, mail.kind.as_str());
    match outcome {
        Ok(()) => report.sent += 1,
        Err(Failure::Refused(error)) => {
            tracing::warn!(mail = %id, kind, error, "a mail was refused for good");
            report.refused += 1;
        }
        Err(Failure::Mail(error) | Failure::Server(error)) => {
            tracing::warn!(mail = %id, kind, error, attempts = mail.attempts, "a mail was not sent: it is put off");
            report.postponed += 1;
            return db::mail::postpone(&with.db, mail).await;
        }
    }
    db::mail::remove(&with.db, id).await
}
