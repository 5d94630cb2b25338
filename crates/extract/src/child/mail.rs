//! E-mail messages, in the format in which they are sent (`eml`), and in the format of Outlook (`msg`).

use super::text::RawText;
use super::{eml, html, package};
use crate::protocol::NoText;

/// Extracts the subject, the sender, the text, and the names of the attachments.
pub fn text(bytes: &[u8]) -> Result<RawText, NoText> {
    if package::is_compound(bytes) { text_of_msg(bytes) } else { Ok(eml::text(bytes)) }
}

fn text_of_msg(bytes: &[u8]) -> Result<RawText, NoText> {
    let message = msg_parser::Outlook::from_slice(bytes).map_err(|_| NoText::Damaged)?;
    let body = if message.body.is_empty() { html::text_of_page(&message.html) } else { message.body.into() };
    let mut parts = vec![message.subject, message.sender.name, body.content];
    parts.extend(message.attachments.into_iter().map(|attachment| attachment.display_name));
    Ok(RawText { content: parts.join("\n"), incomplete: body.incomplete })
}
