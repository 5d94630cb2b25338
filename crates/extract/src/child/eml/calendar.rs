//! Calendars and address cards, whose long lines are folded (RFC 5545, RFC 6350). Old address cards encode
//! values as messages do (vCard 2.1).

use super::transfer;
use crate::child::{html, plain};

/// Whether a text is a calendar or an address card.
pub fn is_calendar(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    ["BEGIN:VCALENDAR", "BEGIN:VCARD"]
        .iter()
        .any(|begin| start.get(..begin.len()).is_some_and(|found| found.eq_ignore_ascii_case(begin)))
}

/// The text of a calendar or an address card, without the files in it.
pub fn text(bytes: &[u8], label: Option<&str>) -> String {
    let lines = plain::decode(&unfold(bytes), label);
    lines.lines().filter_map(read_line).collect::<Vec<_>>().join("\n")
}

/// Joins folded lines before they are decoded, because a character may be folded, too.
fn unfold(bytes: &[u8]) -> Vec<u8> {
    let (mut unfolded, mut begin) = (Vec::with_capacity(bytes.len()), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let last: &[u8] = unfolded.get(begin..).unwrap_or_default();
        let content = last.trim_ascii_end();
        let is_soft = content.ends_with(b"=") && is_encoded(content, b"QUOTED-PRINTABLE");
        if is_soft {
            unfolded.truncate(begin + content.len() - 1);
            unfolded.extend_from_slice(line);
        } else if let [b' ' | b'\t', folded @ ..] = line {
            let end = last.strip_suffix(b"\n").map_or(last, |last| last.strip_suffix(b"\r").unwrap_or(last));
            unfolded.truncate(begin + end.len());
            unfolded.extend_from_slice(folded);
        } else {
            begin = unfolded.len();
            unfolded.extend_from_slice(line);
        }
    }
    unfolded
}

/// Whether the parameters of a line name this encoding.
fn is_encoded(line: &[u8], encoding: &[u8]) -> bool {
    let parameters = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let values = parameters.split(|byte| b";=".contains(byte)).skip(1);
    values.into_iter().any(|value| value.eq_ignore_ascii_case(encoding))
}

/// The text of a line. A file that is written in base64 is none.
fn read_line(line: &str) -> Option<String> {
    let is = |encoding: &str| is_encoded(line.as_bytes(), encoding.as_bytes());
    let (start, value) = line.split_once(':').unwrap_or(("", line));
    if is("BASE64") || is("B") || value.starts_with("data:") {
        return None;
    }
    let value = match () {
        () if is("QUOTED-PRINTABLE") => decode(start, value),
        () if is("text/html") => html::text_of_page(&unescape(value)).content,
        () => unescape(value),
    };
    Some(if start.is_empty() { value } else { format!("{start}:{value}") })
}

/// Decodes a value in the encoding that its parameters name.
fn decode(parameters: &str, value: &str) -> String {
    let mut fields = parameters.split(';').filter_map(|field| field.split_once('='));
    let label = fields.find(|(name, _)| name.eq_ignore_ascii_case("charset")).map(|(_, label)| label);
    plain::decode(&transfer::from_quoted_printable(value.as_bytes()), label)
}

/// Replaces escaped signs by what they stand for.
fn unescape(value: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(value.len()), value.chars());
    while let Some(sign) = rest.next() {
        let escaped = rest.clone().next().filter(|next| sign == '\\' && "nN,;\\".contains(*next));
        text.push(match escaped {
            Some('n' | 'N') => '\n',
            Some(escaped) => escaped,
            None => sign,
        });
        rest.by_ref().take(usize::from(escaped.is_some())).for_each(drop);
    }
    text
}
