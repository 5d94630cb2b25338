//! E-mail messages, in the format in which they are sent (`eml`).

use mail_parser::{MessageParser, MimeHeaders as _};

use super::html;
use super::text::RawText;
use crate::protocol::NoText;

/// Headers of e-mail messages. A text that begins with at least two of them is a message.
const HEADERS: [&str; 11] = [
    "from:",
    "to:",
    "cc:",
    "subject:",
    "date:",
    "received:",
    "return-path:",
    "delivered-to:",
    "message-id:",
    "mime-version:",
    "content-type:",
];

/// Whether the bytes begin like a message: the first line is a header, and at least two lines before the
/// first empty line begin with one of the `HEADERS`.
pub fn is_message(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes)).to_ascii_lowercase();
    let head = start.lines().take_while(|line| !line.trim().is_empty());
    let (mut first, mut known) = (None, 0);
    for line in head {
        let header =
            line.starts_with("from ") || line.split(':').next().is_some_and(|name| !name.contains(' '));
        first.get_or_insert(header && line.contains([':', ' ']));
        known += usize::from(HEADERS.iter().any(|name| line.starts_with(name)));
    }
    first == Some(true) && known >= 2
}

/// Extracts the subject, the sender, the text, and the names of the attachments.
pub fn text(bytes: &[u8]) -> Result<RawText, NoText> {
    let message = MessageParser::default().parse(bytes).ok_or(NoText::Damaged)?;
    let mut parts = vec![message.subject().unwrap_or_default().to_owned()];
    let sender = message.from().and_then(|from| from.first());
    parts.extend(sender.and_then(|from| from.name().or(from.address())).map(str::to_owned));
    let mut incomplete = false;
    parts.extend(message.text_bodies().filter_map(|body| {
        let contents = body.text_contents()?;
        // The parser can convert HTML, too, but it loses text that `html` finds.
        let text =
            if body.is_text_html() { html::text_of_page(contents) } else { contents.to_owned().into() };
        incomplete |= text.incomplete;
        Some(text.content)
    }));
    parts.extend(message.attachments().filter_map(|part| part.attachment_name().map(str::to_owned)));
    Ok(RawText { content: parts.join("\n"), incomplete })
}
