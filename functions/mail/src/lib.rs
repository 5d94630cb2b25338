//! Sends the mails that wait in the outbox, on a schedule. Any number of workers may run at once: each claims
//! one mail at a time. A mail stays in the outbox until the mail server has taken it, has refused it for
//! good, or its time is over.

mod folder;
mod message;
mod outlet;
mod run;
mod smtp;
mod template;

use docuvault::config::MailConfig;
use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::function::{self, FromEnv};
use docuvault::limits::MAIL_RESERVE;
use docuvault::{Error, Result};
use lambda_runtime::LambdaEvent;
use serde_json::Value;

pub use message::Writer;
pub use outlet::Outlet;
pub use run::{Report, send_due};

/// The clients of `mail`. It sends mails and knows accounts, and has no access to the store or the queue.
#[derive(Clone)]
pub struct Capabilities {
    /// Holds the mails.
    pub db: Database,
    /// Writes the messages.
    pub writer: Writer,
    /// Where the messages go.
    pub outlet: Outlet,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (config, db) = (MailConfig::from_env()?, Database::from_env()?);
        let writer = Writer::new(&config)?;
        let outlet = Outlet::new(config.outlet)?;
        let (outlet, db) = tokio::join!(outlet.warm(), db.warm());
        Ok(Self { db, writer, outlet })
    }
}

/// Sends the mails that are due. The schedule's events have many forms, and none of them matters.
///
/// # Errors
/// The database failed, or the invocation has no time for a mail. A mail that cannot be sent is no error.
pub async fn handle(with: &Capabilities, event: LambdaEvent<Value>) -> Result<Report> {
    let deadline = Deadline::new(&event.context, MAIL_RESERVE);
    if deadline.has_passed() {
        let least = MAIL_RESERVE.as_secs();
        let problem = format!("no time for a mail: give the function a timeout of more than {least} s");
        return Err(Error::internal(problem));
    }
    send_due(with, deadline).await
}
