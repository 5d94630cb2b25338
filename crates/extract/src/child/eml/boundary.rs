//! The lines that separate the parts of a message.

use super::headers;

/// Splits a body at the lines that consist of its boundary. Text before the first is for old programs. The
/// last line may be missing.
pub fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut begin, mut position) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let next = position + line.len();
        let delimiter =
            line.trim_ascii_end().strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary));
        if matches!(delimiter, Some(b"" | b"--")) {
            parts.extend(begin.and_then(|begin| body.get(begin..position)));
            begin = (delimiter == Some(b"")).then_some(next);
        }
        position = next;
    }
    parts.extend(begin.and_then(|begin| body.get(begin..)));
    parts
}

/// The boundary of a body whose headers name none, or another one: the first line that begins like one, and
/// has a header of a part behind.
pub fn guess(body: &[u8]) -> Option<&[u8]> {
    let mut lines = body.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let boundary = line.trim_ascii_end().strip_prefix(b"--").filter(|boundary| !boundary.is_empty());
        let is_part = lines.peek().is_some_and(|next| {
            headers::is_header(next)
                && next.get(..8).is_some_and(|name| name.eq_ignore_ascii_case(b"content-"))
        });
        if boundary.is_some() && is_part {
            return boundary;
        }
    }
    None
}
