//! Where mails go: to a folder, or to a mail server.

use std::path::PathBuf;

use docuvault::config;
use docuvault::mail::Mail;
use docuvault::{Error, Result};

use crate::folder;
use crate::message::Message;
use crate::smtp::{Server, Session};

/// Where mails go. Clones share the login at the server.
#[derive(Clone)]
pub enum Outlet {
    /// A folder, in which each mail becomes a file.
    Folder(PathBuf),
    /// A mail server.
    Smtp(Server),
}

/// The connection of one run, which opens with its first mail.
pub enum Connection<'a> {
    /// A folder needs no connection.
    Folder(&'a PathBuf),
    /// A session at a mail server.
    Smtp(Box<Session<'a>>),
}

/// The reason why a mail was not sent, without anything that names the recipient.
#[derive(Debug)]
pub enum Failure {
    /// The server will never take this mail.
    Refused(String),
    /// The server did not take this mail now. It may take others.
    Mail(String),
    /// The server cannot be used now.
    Server(String),
}

impl Outlet {
    /// Creates the outlet. A password in Secrets Manager is read when it is used first.
    ///
    /// # Errors
    /// The name of the server cannot be that of a certificate.
    pub fn new(config: config::Outlet) -> Result<Self> {
        Ok(match config {
            config::Outlet::Folder(folder) => Self::Folder(folder),
            config::Outlet::Smtp(server) => Self::Smtp(Server::new(server).map_err(Error::internal)?),
        })
    }

    /// Reads the password now, so that the first mail need not wait. A failure is logged.
    pub async fn warm(self) -> Self {
        match self {
            Self::Smtp(server) => Self::Smtp(server.warm().await),
            folder @ Self::Folder(_) => folder,
        }
    }

    /// Returns the connection for one run.
    pub(crate) fn connection(&self) -> Connection<'_> {
        match self {
            Self::Folder(folder) => Connection::Folder(folder),
            Self::Smtp(server) => Connection::Smtp(Box::new(Session::new(server))),
        }
    }
}

impl Connection<'_> {
    /// Sends a mail.
    ///
    /// # Errors
    /// The mail was not sent, or nobody knows whether it was.
    pub(crate) async fn send(&mut self, mail: &Mail, message: &Message) -> std::result::Result<(), Failure> {
        match self {
            Self::Folder(folder) => folder::write(folder, mail, message),
            Self::Smtp(session) => session.send(message).await,
        }
    }

    /// Takes leave of the server.
    pub(crate) async fn close(self) {
        if let Self::Smtp(session) = self {
            session.close().await;
        }
    }
}
