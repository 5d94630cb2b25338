//! Calendars and address cards, whose long lines are folded (RFC 5545, RFC 6350). Old address cards encode
//! values as messages do (vCard 2.1).

use super::transfer;
use crate::child::{html, plain};

/// The encoding of values that are text.
const QUOTED: &str = "QUOTED-PRINTABLE";

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
    // Whether the line is encoded. A line in many pieces is asked once.
    let mut is_quoted = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let last: &[u8] = unfolded.get(begin..).unwrap_or_default();
        let content = last.strip_suffix(b"\n").map_or(last, |last| last.strip_suffix(b"\r").unwrap_or(last));
        let end = begin + content.len();
        let is_soft = content.ends_with(b"=")
            && *is_quoted.get_or_insert_with(|| is_encoded(&String::from_utf8_lossy(content), QUOTED));
        if is_soft {
            unfolded.truncate(end - 1);
            unfolded.extend_from_slice(line);
        } else if let [b' ' | b'\t', folded @ ..] = line {
            unfolded.truncate(end);
            unfolded.extend_from_slice(folded);
        } else {
            (begin, is_quoted) = (unfolded.len(), None);
            unfolded.extend_from_slice(line);
        }
    }
    unfolded
}

/// Whether a line is in this encoding. Old cards give the encoding alone.
fn is_encoded(line: &str, encoding: &str) -> bool {
    has_parameter(line, "", encoding) || has_parameter(line, "ENCODING", encoding)
}

/// Whether a line has a parameter with this name and value.
fn has_parameter(line: &str, name: &str, value: &str) -> bool {
    let parameters = line.split(':').next().unwrap_or_default().split(';').skip(1);
    parameters.into_iter().any(|parameter| {
        let (found, content) = parameter.split_once('=').unwrap_or(("", parameter));
        found.eq_ignore_ascii_case(name) && content.eq_ignore_ascii_case(value)
    })
}

/// The text of a line. A file that is written in base64 is none.
fn read_line(line: &str) -> Option<String> {
    let (start, value) = line.split_once(':').unwrap_or(("", line));
    if is_encoded(line, "BASE64") || is_encoded(line, "B") || is_file(value) {
        return None;
    }
    let value = match () {
        () if is_encoded(line, QUOTED) => decode(start, value),
        () if has_parameter(line, "FMTTYPE", "text/html") => html::text_of_page(&unescape(value)).content,
        () => unescape(value),
    };
    Some(if start.is_empty() { value } else { format!("{start}:{value}") })
}

/// Whether a value is a file in the form of a link. Some programs escape its signs.
fn is_file(value: &str) -> bool {
    let kind = value.strip_prefix("data:").and_then(|data| data.split_once(',')).map(|(kind, _)| kind);
    kind.is_some_and(|kind| kind.trim_end_matches('\\').ends_with(";base64"))
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
