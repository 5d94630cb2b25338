//! The mails of a test vault: the folder to which they are written, and what they say.

use std::path::PathBuf;

use docuvault::config::{MailConfig, Outlet};
use docuvault::deadline::Deadline;
use docuvault::token::OpaqueToken;
use mail::{Capabilities, Report, Writer};
use mail_parser::{MessageParser, MimeHeaders as _};
use uuid::Uuid;

use crate::TestVault;

/// The address of the sender of all mails.
pub const SENDER: &str = "vault@vault.example.com";

/// The address of the web application, to which links lead.
pub const WEB_URL: &str = "https://vault.example.com";

/// A folder for mails. Dropping it deletes it.
pub struct MailFolder {
    /// The folder. The first mail creates it.
    pub path: PathBuf,
}

/// A mail, as its recipient's program reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadMail {
    /// The id of the message, without angle brackets.
    pub id: String,
    /// The address of the recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain form of the text.
    pub plain: String,
    /// The HTML form.
    pub html: String,
    /// The bytes of the mail.
    pub bytes: Vec<u8>,
}

impl MailFolder {
    /// Chooses a new folder.
    pub fn new() -> Self {
        Self { path: std::env::temp_dir().join(format!("docuvault-mails-{}", Uuid::new_v4())) }
    }

    /// Reads all mails in the folder, in the order in which they were written.
    pub fn read(&self) -> Vec<ReadMail> {
        let Ok(files) = std::fs::read_dir(&self.path) else { return Vec::new() };
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort_by_key(|file| file.metadata().unwrap().modified().unwrap());
        files.iter().map(|file| ReadMail::parse(&std::fs::read(file).unwrap())).collect()
    }
}

impl Default for MailFolder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for MailFolder {
    fn drop(&mut self) {
        let _deleted = std::fs::remove_dir_all(&self.path);
    }
}

impl ReadMail {
    /// Parses a mail. Panics unless it has two forms, the plain one first.
    pub fn parse(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        assert!(message.is_content_type("multipart", "alternative"), "{message:?}");
        assert_eq!(message.parts.len(), 3, "a frame and two forms");
        assert!(message.parts[1].is_content_type("text", "plain"));
        assert!(message.parts[2].is_content_type("text", "html"));
        let recipients: Vec<_> = message.to().unwrap().iter().collect();
        assert_eq!(recipients.len(), 1);
        Self {
            id: message.message_id().unwrap().to_owned(),
            to: recipients[0].address().unwrap().to_owned(),
            subject: message.subject().unwrap().to_owned(),
            plain: message.body_text(0).unwrap().replace("\r\n", "\n"),
            html: message.body_html(0).unwrap().replace("\r\n", "\n"),
            bytes: bytes.to_vec(),
        }
    }

    /// Returns the link to a page of the web application. Both forms have it, and no other link with a token.
    pub fn link(&self, page: &str) -> String {
        let start = format!("{WEB_URL}/{page}#token=");
        let line = self.plain.lines().find(|line| line.starts_with(&start));
        let link = line.unwrap_or_else(|| panic!("no link to {page}: {}", self.plain)).to_owned();
        assert!(self.html.contains(&format!("<a href=\"{link}\">{link}</a>")), "{}", self.html);
        assert_eq!(self.plain.matches("token").count(), 1, "{}", self.plain);
        link
    }

    /// Returns the token of the link to a page.
    pub fn token(&self, page: &str) -> OpaqueToken {
        OpaqueToken::parse(self.link(page).split_once("#token=").unwrap().1).unwrap()
    }
}

impl TestVault {
    /// Returns the capabilities of a worker that writes mails to the folder of the vault.
    pub fn mail_worker(&self) -> Capabilities {
        self.mail_worker_to(Outlet::Folder(self.mails.path.clone()))
    }

    /// Returns the capabilities of a worker with this outlet.
    pub fn mail_worker_to(&self, outlet: Outlet) -> Capabilities {
        let config = MailConfig { outlet, sender: SENDER.into(), web_url: WEB_URL.into() };
        let writer = Writer::new(&config).unwrap();
        Capabilities { db: self.services().db, writer, outlet: mail::Outlet::new(config.outlet).unwrap() }
    }

    /// Runs a worker until no mail is due.
    pub async fn send_mails(&self) -> Report {
        mail::send_due(&self.mail_worker(), Deadline::none()).await.unwrap()
    }

    /// Sends the mails that are due, and returns the newest one to this address.
    pub async fn mail_to(&self, address: &str) -> ReadMail {
        self.send_mails().await;
        let newest = self.mails.read().into_iter().rfind(|mail| mail.to == address);
        newest.unwrap_or_else(|| panic!("no mail to {address}"))
    }

    /// Returns whether the database knows the token of a link that sets a new password.
    pub async fn is_reset_token(&self, token: &OpaqueToken) -> bool {
        let statement =
            "select exists (select from password_resets where token_hash = $1 and expires_at > now())";
        let client = self.database.superuser().await;
        client.query_one(statement, &[&token.hash()]).await.unwrap().get(0)
    }

    /// Lets this many minutes pass for mails and for links.
    pub async fn age_mails(&self, minutes: i32) {
        let statement = "with due as (
                update mails set due_at = due_at - make_interval(mins => $1),
                    expires_at = expires_at - make_interval(mins => $1)
            ), resets as (
                update password_resets set expires_at = expires_at - make_interval(mins => $1)
            )
            update email_verifications set expires_at = expires_at - make_interval(mins => $1)";
        self.database.superuser().await.execute(statement, &[&minutes]).await.unwrap();
    }
}
