//! Mails as files in a folder, for one's own machine.

use std::path::Path;

use docuvault::mail::Mail;
use time::macros::format_description;

use crate::message::Message;
use crate::outlet::Failure;

/// Writes a mail to a file. Its name begins with the time of the event and the kind, so that people find it.
/// A mail that is sent again replaces its file. The file gets its name when it is complete.
pub fn write(folder: &Path, mail: &Mail, message: &Message) -> Result<(), Failure> {
    let time = mail.created_at.format(format_description!("[year][month][day]T[hour][minute][second]Z"));
    let name = format!("{}-{}-{}", time.unwrap_or_default(), mail.kind.as_str(), mail.id);
    let (partial, complete) = (folder.join(format!(".{name}")), folder.join(format!("{name}.eml")));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&partial, &message.bytes))
        .and_then(|()| std::fs::rename(&partial, &complete))
        .map_err(|error| Failure::Server(format!("cannot write to MAIL_FOLDER: {error}")))
}
