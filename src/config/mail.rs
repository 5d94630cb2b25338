//! The settings about mails.

use std::net::IpAddr;
use std::path::PathBuf;

use email_address::EmailAddress;

use super::{ConfigError, Result, Secret, read_base_url, read_optional, read_or_default, read_required};

/// The settings of the function `mail`.
#[derive(Clone)]
pub struct MailConfig {
    /// Where mails go.
    pub outlet: Outlet,
    /// `MAIL_FROM`: the address of the sender.
    pub sender: String,
    /// `WEB_URL`: the address of the web application, to which links in mails lead.
    pub web_url: String,
}

/// Where mails go.
#[derive(Clone)]
pub enum Outlet {
    /// `MAIL_FOLDER`: a folder, in which each mail becomes a file. It is for one's own machine.
    Folder(PathBuf),
    /// A mail server.
    Smtp(SmtpConfig),
}

/// The settings of a mail server.
#[derive(Clone)]
pub struct SmtpConfig {
    /// `SMTP_HOST`: the name of the server, which its certificate must have.
    pub host: String,
    /// `SMTP_PORT`: the port. Default: 465 with implicit TLS, else 587.
    pub port: u16,
    /// `SMTP_TLS`: how the connection is encrypted. Default: `starttls`.
    pub encryption: Encryption,
    /// `SMTP_USER`, and `SMTP_PASSWORD` or `SMTP_PASSWORD_ARN`: the login. `None`: the server asks for none.
    pub login: Option<(String, Secret)>,
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// `starttls`: the connection begins without TLS. The server must offer the change to TLS (RFC 3207).
    StartTls,
    /// `implicit`: the connection begins with TLS (RFC 8314).
    Implicit,
    /// `off`: no TLS. Only for servers on the same machine.
    Off,
}

impl MailConfig {
    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        let outlet = match (read_optional("MAIL_FOLDER")?, read_optional("SMTP_HOST")?) {
            (Some(folder), None) => Outlet::Folder(folder.into()),
            (None, Some(host)) => Outlet::Smtp(SmtpConfig::from_env(host)?),
            (Some(_), Some(_)) => {
                let problem = "and SMTP_HOST are both set: unset one of them".into();
                return Err(ConfigError { variable: "MAIL_FOLDER", problem });
            }
            (None, None) => {
                let problem =
                    "is not set: set it to the name of the mail server, or set MAIL_FOLDER to a folder";
                return Err(ConfigError { variable: "SMTP_HOST", problem: problem.into() });
            }
        };
        let web_url = read_base_url("WEB_URL")?.ok_or_else(|| ConfigError {
            variable: "WEB_URL",
            problem: "is not set: set it to the address of the web application".into(),
        })?;
        Ok(Self { outlet, sender: read_sender()?, web_url })
    }
}

impl SmtpConfig {
    fn from_env(host: String) -> Result<Self> {
        let encryption = Encryption::from_env(&host)?;
        let default_port = if encryption == Encryption::Implicit { 465 } else { 587 };
        let password = Secret::read("SMTP_PASSWORD", "SMTP_PASSWORD_ARN")?;
        let login = match (read_optional("SMTP_USER")?, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => {
                let problem = "is not set, but SMTP_USER is: set both, or none".into();
                return Err(ConfigError { variable: "SMTP_PASSWORD", problem });
            }
            (None, Some(_)) => {
                let problem =
                    "is not set, but SMTP_PASSWORD or SMTP_PASSWORD_ARN is: set both, or none".into();
                return Err(ConfigError { variable: "SMTP_USER", problem });
            }
        };
        Ok(Self { port: read_or_default("SMTP_PORT", default_port)?, host, encryption, login })
    }
}

impl Encryption {
    /// Reads `SMTP_TLS`. Refuses `off` unless the server is on the same machine.
    fn from_env(host: &str) -> Result<Self> {
        let refuse = |problem: &str| Err(ConfigError { variable: "SMTP_TLS", problem: problem.into() });
        match read_or_default("SMTP_TLS", "starttls".to_owned())?.as_str() {
            "starttls" => Ok(Self::StartTls),
            "implicit" => Ok(Self::Implicit),
            "off" if is_loopback(host) => Ok(Self::Off),
            "off" => refuse("is off: set it to starttls or implicit, because SMTP_HOST is another machine"),
            _ => refuse("is none of starttls, implicit and off: set it to one of them"),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_sender() -> Result<String> {
    let sender = read_required("MAIL_FROM", "the address of the sender")?;
    let plain = email_address::Options::default().without_display_text().without_domain_literal();
    if EmailAddress::parse_with_options(&sender, plain).is_err() {
        let problem = "is not an e-mail address: set it to one, without a name".into();
        return Err(ConfigError { variable: "MAIL_FROM", problem });
    }
    Ok(sender)
}

/// Whether new accounts must confirm their address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequireVerifiedEmail(pub bool);

impl RequireVerifiedEmail {
    /// Reads `REQUIRE_VERIFIED_EMAIL`: `true` or `false`. Default: `false`.
    pub fn from_env() -> Result<Self> {
        read_or_default("REQUIRE_VERIFIED_EMAIL", false).map(Self)
    }
}
