//! The messages: headers and both forms of the text.

use docuvault::config::MailConfig;
use docuvault::mail::Mail;
use docuvault::token::OpaqueToken;
use docuvault::{Error, Result};
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use crate::outlet::Failure;
use crate::template::{self, Values};

/// The name of the sender.
const SENDER: &str = "DocuVault";

/// Writes messages. A clone is cheap.
#[derive(Clone)]
pub struct Writer {
    sender: Address,
    web_url: String,
}

/// A message as a mail server takes it.
pub struct Message {
    /// The address of the sender.
    pub sender: Address,
    /// The address of the recipient.
    pub recipient: Address,
    /// Headers and body (RFC 5322), in ASCII unless an address has other letters.
    pub bytes: Vec<u8>,
}

impl Writer {
    /// Creates a writer.
    ///
    /// # Errors
    /// `MAIL_FROM` is not an address.
    pub fn new(config: &MailConfig) -> Result<Self> {
        let sender = config.sender.parse().map_err(Error::internal)?;
        Ok(Self { sender, web_url: config.web_url.clone() })
    }

    /// Writes the message of a mail. `token` is that of the link, if the kind has one.
    ///
    /// The id of the message depends on the mail only. `Auto-Submitted` keeps other programs from answering
    /// (RFC 3834).
    ///
    /// # Errors
    /// The address of the recipient is not valid.
    pub fn write(&self, mail: &Mail, token: &OpaqueToken) -> std::result::Result<Message, Failure> {
        let recipient: Address =
            mail.address.parse().map_err(|_| Failure::Refused("the address is not valid".into()))?;
        let text = template::render(&self.values(mail, token));
        let written = lettre::Message::builder()
            .from(Mailbox::new(Some(SENDER.into()), self.sender.clone()))
            .to(Mailbox::new(None, recipient.clone()))
            .subject(text.subject)
            .date(mail.created_at.into())
            .message_id(Some(format!("<{}@{}>", mail.id, self.sender.domain())))
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .multipart(MultiPart::alternative_plain_html(text.plain, text.html))
            .map_err(|error| Failure::Refused(error.to_string()))?;
        Ok(Message { sender: self.sender.clone(), recipient, bytes: written.formatted() })
    }

    fn values<'a>(&'a self, mail: &'a Mail, token: &OpaqueToken) -> Values<'a> {
        Values {
            mail,
            link: mail.kind.page().map(|page| page.link(&self.web_url, token)),
            page: &self.web_url,
        }
    }
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
