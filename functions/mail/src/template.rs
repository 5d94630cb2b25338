//! The texts of mails. There is a file for each language and kind, from which both forms are made: the plain
//! text, and HTML. Its first line is the subject, and empty lines separate its paragraphs. A name in braces
//! is replaced. A paragraph is left out if it has a name without a value.

use docuvault::language::Language;
use docuvault::mail::{Kind, Mail};
use quick_xml::escape::escape;
use time::OffsetDateTime;
use time::macros::format_description;

/// The frame of the HTML form. It has no pictures and loads nothing, so that nobody learns who reads it.
const LAYOUT: &str = include_str!("../templates/layout.html");

/// What a text names.
pub struct Values<'a> {
    /// The mail.
    pub mail: &'a Mail,
    /// `{link}`: the link with the token.
    pub link: Option<String>,
    /// `{page}`: the address of the web application.
    pub page: &'a str,
}

/// The text of a mail.
pub struct Text {
    /// The subject.
    pub subject: String,
    /// The plain form.
    pub plain: String,
    /// The HTML form.
    pub html: String,
}

/// Renders the text of a mail in the language of its recipient.
pub fn render(values: &Values<'_>) -> Text {
    let language = values.mail.language;
    let template = find(language, values.mail.kind);
    let (subject, body) = template.split_once('\n').unwrap_or((template, ""));
    let paragraphs: Vec<_> =
        body.trim().split("\n\n").filter_map(|paragraph| Paragraph::new(paragraph, values)).collect();
    let plain: Vec<_> = paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let html: String = paragraphs.iter().map(Paragraph::to_html).collect();
    Text {
        subject: subject.to_owned(),
        plain: plain.join("\n\n") + "\n",
        html: LAYOUT
            .replace("{language}", language.as_str())
            .replace("{subject}", &escape(subject))
            .replace("{body}", &html),
    }
}

struct Paragraph {
    text: String,
    is_link: bool,
}

impl Paragraph {
    /// Fills in the values. Returns `None` if one of them is missing.
    fn new(template: &str, values: &Values<'_>) -> Option<Self> {
        let Values { mail, link, page } = values;
        let mut text = template.split_whitespace().collect::<Vec<_>>().join(" ");
        for (name, value) in [
            ("{link}", link.clone()),
            ("{page}", Some((*page).to_owned())),
            ("{address}", mail.details.address.map(|address| address.to_string())),
            ("{time}", Some(write_time(mail.created_at))),
            ("{expires}", Some(write_time(mail.expires_at))),
        ] {
            if text.contains(name) {
                text = text.replace(name, &value?);
            }
        }
        Some(Self { text, is_link: ["{link}", "{page}"].contains(&template.trim()) })
    }

    fn to_html(&self) -> String {
        let text = escape(self.text.as_str());
        if self.is_link {
            format!("<p><a href=\"{text}\">{text}</a></p>\n")
        } else {
            format!("<p>{text}</p>\n")
        }
    }
}

/// Writes a time, such as `2026-01-31 09:30 UTC`.
fn write_time(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    time.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

macro_rules! templates {
    ($language:literal, $kind:expr) => {
        match $kind {
            Kind::NewDevice => include_str!(concat!("../templates/", $language, "/new_device.txt")),
            Kind::SessionReused => include_str!(concat!("../templates/", $language, "/session_reused.txt")),
            Kind::PasswordChanged => {
                include_str!(concat!("../templates/", $language, "/password_changed.txt"))
            }
            Kind::PasswordReset => include_str!(concat!("../templates/", $language, "/password_reset.txt")),
            Kind::FactorEnabled => include_str!(concat!("../templates/", $language, "/factor_enabled.txt")),
            Kind::FactorDisabled => include_str!(concat!("../templates/", $language, "/factor_disabled.txt")),
            Kind::BackupCodesRenewed => {
                include_str!(concat!("../templates/", $language, "/backup_codes_renewed.txt"))
            }
            Kind::PasskeyRegistered => {
                include_str!(concat!("../templates/", $language, "/passkey_registered.txt"))
            }
            Kind::PasskeyRemoved => include_str!(concat!("../templates/", $language, "/passkey_removed.txt")),
            Kind::AddressTaken => include_str!(concat!("../templates/", $language, "/address_taken.txt")),
            Kind::VerifyAddress => include_str!(concat!("../templates/", $language, "/verify_address.txt")),
            Kind::AddressChangeRequested => {
                include_str!(concat!("../templates/", $language, "/address_change_requested.txt"))
            }
            Kind::AccountRemoved => include_str!(concat!("../templates/", $language, "/account_removed.txt")),
            Kind::AddressChanged => include_str!(concat!("../templates/", $language, "/address_changed.txt")),
        }
    };
}

fn find(language: Language, kind: Kind) -> &'static str {
    match language {
        Language::En => templates!("en", kind),
        Language::De => templates!("de", kind),
    }
}
