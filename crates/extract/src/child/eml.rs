//! Messages in the format in which they are sent (`eml`), alone or several in one file (`mbox`), and saved
//! web pages (`mht`), which have the same format.

mod boundary;
pub mod calendar;
mod content;
mod headers;
mod parameters;
mod part;
mod transfer;
mod uuencode;
mod words;

pub use self::transfer::{from_base64, is_base64_digit};

use std::borrow::Cow;

use self::headers::Headers;
use super::text::RawText;
use crate::protocol::MAX_TEXT;

/// Headers of messages. A text that begins with at least two of them is a message. Others begin with `x-`,
/// `arc-`, `list-`, `resent-` and `content-`.
const KNOWN: [&str; 26] = [
    "authentication-results",
    "autocrypt",
    "bcc",
    "cc",
    "content-transfer-encoding",
    "content-type",
    "date",
    "delivered-to",
    "dkim-signature",
    "domainkey-signature",
    "envelope-to",
    "from",
    "in-reply-to",
    "message-id",
    "mime-version",
    "received",
    "received-spf",
    "references",
    "reply-to",
    "return-path",
    "sender",
    "subject",
    "thread-index",
    "thread-topic",
    "to",
    "user-agent",
];

/// Headers whose names begin like this are those of messages, too.
const KNOWN_PREFIXES: [&str; 4] = ["arc-", "list-", "resent-", "x-"];

/// Whether the bytes begin like a message: only headers precede the first empty line, and at least two of
/// them are headers of messages.
pub fn is_message(bytes: &[u8]) -> bool {
    let bytes = with_line_feeds(bytes);
    let (headers, _) = Headers::split(message(&bytes));
    let is_known =
        |name: &str| KNOWN.contains(&name) || KNOWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    headers.is_closed && headers.count(is_known) >= 2
}

/// Extracts the text of one or several messages.
pub fn text(bytes: &[u8]) -> RawText {
    let mut all = RawText::from(String::new());
    let bytes = with_line_feeds(bytes);
    for message in split_messages(message(&bytes)) {
        if all.content.len() > MAX_TEXT {
            return RawText { incomplete: true, ..all };
        }
        all.append(part::read_message(message, 0));
    }
    all
}

/// A file in which lines end as on old Macs, with the ends of lines of others.
fn with_line_feeds(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&b'\n') || !bytes.contains(&b'\r') {
        return bytes.into();
    }
    bytes.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect()
}

/// A file without what precedes its message: a byte order mark, empty lines, and the length that Apple Mail
/// writes on a line of its own.
fn message(bytes: &[u8]) -> &[u8] {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let digits = start.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let Some((length, rest)) = start.split_at_checked(digits) else { return start };
    let length = std::str::from_utf8(length).ok().and_then(|length| length.parse::<usize>().ok());
    match (length, rest.trim_ascii_start()) {
        (Some(length), message) if rest.starts_with(b" ") || rest.starts_with(b"\n") => {
            message.get(..length).unwrap_or(message)
        }
        _ => start,
    }
}

/// Splits a mailbox into its messages. Each begins with a line of its sender and its time, and a header
/// behind. A file whose first line is none has one message.
fn split_messages(bytes: &[u8]) -> Vec<&[u8]> {
    if !bytes.starts_with(b"From ") {
        return vec![bytes];
    }
    let mut starts = Vec::new();
    let mut position = 0;
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let has_time = line.windows(3).any(|three| matches!(three, [b'0'..=b'9', b':', b'0'..=b'9']));
        let has_header = lines.peek().is_some_and(|next| headers::is_header(next));
        if line.starts_with(b"From ") && has_time && has_header && position > 0 {
            starts.push(position);
        }
        position += line.len();
    }
    let ends = starts.iter().copied().chain([bytes.len()]);
    [0].iter().chain(&starts).zip(ends).filter_map(|(start, end)| bytes.get(*start..end)).collect()
}
