//! Mails to a mail server, by SMTP (RFC 5321).

use std::error::Error as _;

use docuvault::config::{Encryption, Secret, SmtpConfig};
use docuvault::error::chain;
use docuvault::limits::MAIL_TIMEOUT;
use docuvault::secret::CachedSecret;
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use crate::message::Message;
use crate::outlet::Failure;

/// A mail server. Clones share the login.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    encryption: Encryption,
    tls: Option<TlsParameters>,
    login: Option<(String, CachedSecret<String>)>,
}

/// The connection of one run to a mail server. It opens with the first mail, and again if it breaks.
pub struct Session<'a> {
    server: &'a Server,
    connection: Option<AsyncSmtpConnection>,
}

impl Server {
    /// Reads the system's root certificates, unless the connection has no TLS.
    ///
    /// # Errors
    /// The name of the server cannot be that of a certificate.
    pub fn new(config: SmtpConfig) -> Result<Self, Error> {
        let SmtpConfig { host, port, encryption, login } = config;
        let tls = match encryption {
            Encryption::Off => None,
            _ => Some(TlsParameters::builder(host.clone()).build_rustls()?),
        };
        let login = login.map(|(user, password)| match password {
            Secret::Value(password) => (user, CachedSecret::fixed(password)),
            Secret::Stored(password) => (user, CachedSecret::stored(password)),
        });
        Ok(Self { host, port, encryption, tls, login })
    }

    /// Reads the password now. A failure is logged.
    pub async fn warm(self) -> Self {
        let login = match self.login {
            Some((user, password)) => Some((user, password.warm().await)),
            None => None,
        };
        Self { login, ..self }
    }

    /// Opens a connection, changes to TLS and logs in. `sender` is the address of the sender: its domain is
    /// the name with which the vault introduces itself.
    async fn connect(&self, sender: &Address) -> Result<AsyncSmtpConnection, Failure> {
        let hello = ClientId::Domain(sender.domain().to_owned());
        let address = (self.host.as_str(), self.port);
        let implicit = self.tls.clone().filter(|_| self.encryption == Encryption::Implicit);
        let mut connection = AsyncSmtpConnection::connect_tokio1(address, None, &hello, implicit, None)
            .await
            .map_err(|error| of_server(&error))?;
        if let (Encryption::StartTls, Some(tls)) = (self.encryption, self.tls.clone()) {
            connection.starttls(tls, &hello).await.map_err(|error| of_server(&error))?;
        }
        if let Some((user, password)) = &self.login {
            let password = password.get(|_| true).await.map_err(|error| Failure::Server(chain(&error)))?;
            let credentials = Credentials::new(user.clone(), password.to_string());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(|error| of_server(&error))?;
        }
        Ok(connection)
    }
}

impl<'a> Session<'a> {
    /// Creates a session. It opens no connection yet.
    pub fn new(server: &'a Server) -> Self {
        Self { server, connection: None }
    }

    /// Sends a message, in [`MAIL_TIMEOUT`] at most.
    pub async fn send(&mut self, message: &Message) -> Result<(), Failure> {
        // The connection is put back only if it can be used again: not if the time is over.
        let open = self.connection.take();
        let sent = tokio::time::timeout(MAIL_TIMEOUT, async {
            let mut connection = self.open(open, message).await?;
            let sent = transmit(&mut connection, message).await;
            if matches!(sent, Err(Failure::Mail(_) | Failure::Refused(_))) {
                connection.command(Rset).await.map_err(|error| of_server(&error))?;
            }
            Ok((sent, connection))
        });
        let no_answer = || Failure::Server(format!("no answer in {} s", MAIL_TIMEOUT.as_secs()));
        let (sent, connection) = sent.await.map_err(|_| no_answer())??;
        self.connection = Some(connection).filter(|_| !matches!(sent, Err(Failure::Server(_))));
        sent
    }

    /// Returns the open connection, if the server still answers, or opens another one.
    async fn open(
        &self,
        open: Option<AsyncSmtpConnection>,
        message: &Message,
    ) -> Result<AsyncSmtpConnection, Failure> {
        if let Some(mut connection) = open
            && connection.test_connected().await
        {
            return Ok(connection);
        }
        self.server.connect(&message.sender).await
    }

    /// Takes leave of the server.
    pub async fn close(self) {
        if let Some(mut connection) = self.connection {
            // Nothing depends on the answer.
            let _answer = tokio::time::timeout(MAIL_TIMEOUT, connection.quit()).await;
        }
    }
}

/// Sends one message. Only an answer about the recipient or the message itself is about this mail: what the
/// server answers to the sender concerns all mails.
async fn transmit(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Failure> {
    let international = !message.recipient.to_string().is_ascii();
    if international && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Err(Failure::Refused("the server takes no addresses with such letters (SMTPUTF8)".into()));
    }
    let parameters = if international { vec![MailParameter::SmtpUtfEight] } else { vec![] };
    let sender = Mail::new(Some(message.sender.clone()), parameters);
    connection.command(sender).await.map_err(|error| of_server(&error))?;
    let recipient = Rcpt::new(message.recipient.clone(), vec![]);
    connection.command(recipient).await.map_err(|error| of_mail(&error))?;
    connection.command(Data).await.map_err(|error| of_mail(&error))?;
    connection.message(&message.bytes).await.map_err(|error| of_mail(&error))?;
    Ok(())
}

/// The failure after which the server is not used again in this run.
fn of_server(error: &Error) -> Failure {
    Failure::Server(describe(error))
}

/// The failure after an answer about one mail. If there was no answer, the server is not used again: nobody
/// knows whether it took the mail. 421 announces that it closes the connection.
fn of_mail(error: &Error) -> Failure {
    match error.status().map(u16::from) {
        Some(421) | None => of_server(error),
        Some(_) if error.is_permanent() => Failure::Refused(describe(error)),
        Some(_) => Failure::Mail(describe(error)),
    }
}

/// Describes an error without the words of the server, because they quote addresses.
fn describe(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the server answered {code}"),
        None if error.is_response() => "the server's answer cannot be read".into(),
        None if error.source().is_some() => chain(error),
        None => error.to_string(),
    }
}
