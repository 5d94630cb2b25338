//! The parts of a message: what a reader sees of each.

use super::headers::Headers;
use super::{calendar, parameters, transfer};
use crate::child::text::RawText;
use crate::child::{html, plain, signed};

/// How deep parts and messages may be nested. Deeper ones are not read.
const MAX_DEPTH: usize = 16;

/// Kinds of text that no reader sees.
const UNSEEN: [&str; 5] = ["text/css", "text/javascript", "text/x-amp-html", "text/x-watch-html", "text/xsl"];

/// Reads a message: its subject, its addresses and its date, and its body.
pub fn read_message(message: &[u8], depth: usize) -> RawText {
    let (headers, body) = Headers::split(message.trim_ascii_start());
    let charset = headers.raw("content-type").and_then(|value| parameters::find(&value, "charset"));
    let shown = ["subject", "from", "to", "cc", "date"];
    let lines: Vec<_> = shown.iter().map(|name| headers.text(name, charset.as_deref())).collect();
    let body = read_body(&headers, body, "text/plain", depth);
    // Addresses and a date alone are no text.
    if lines.first().is_none_or(Option::is_none) && body.content.trim().is_empty() {
        return body;
    }
    let mut text = RawText::from(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    add(&mut text, body);
    text
}

/// Reads the body of a message or of a part. `default` is its kind if the headers do not say it.
fn read_body(headers: &Headers<'_>, body: &[u8], default: &str, depth: usize) -> RawText {
    let kind = headers.keyword("content-type").filter(|kind| kind.contains('/'));
    let kind = kind.as_deref().unwrap_or(default);
    let encoding = headers.keyword("content-transfer-encoding");
    let content = || transfer::decode(body, encoding.as_deref());
    let is_attached = headers.keyword("content-disposition").is_some_and(|value| value == "attachment");
    match kind {
        _ if depth >= MAX_DEPTH => RawText::new(String::new(), true),
        _ if kind.starts_with("multipart/") => read_parts(headers, body, kind, depth),
        "message/rfc822" | "message/global" | "message/news" => read_message(&content(), depth + 1),
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => match signed::content(&content()) {
            Ok(signed) => read_message(&signed, depth + 1),
            Err(_) => name(headers).into(),
        },
        _ if UNSEEN.contains(&kind) || is_attached && depth > 0 => name(headers).into(),
        _ if kind.starts_with("text/") || kind.starts_with("message/") || kind == default => {
            let mut text = read_text(headers, &content(), kind);
            add(&mut text, name(headers).into());
            text
        }
        _ => name(headers).into(),
    }
}

/// Reads all parts of a body, or of several versions the best one. A body without parts is text.
fn read_parts(headers: &Headers<'_>, body: &[u8], kind: &str, depth: usize) -> RawText {
    let boundary = headers.raw("content-type").and_then(|value| parameters::find(&value, "boundary"));
    let parts = boundary.map(|boundary| split_parts(body, boundary.trim_end())).unwrap_or_default();
    if parts.is_empty() {
        return read_text(headers, body, "text/plain");
    }
    let default = if kind == "multipart/digest" { "message/rfc822" } else { "text/plain" };
    let read = parts.iter().map(|part| {
        let (headers, body) = Headers::split(part);
        let is_calendar = headers.keyword("content-type").is_some_and(|kind| kind == "text/calendar");
        (is_calendar, read_body(&headers, body, default, depth + 1))
    });
    if kind == "multipart/alternative" { choose(read.collect()) } else { join(read.map(|(_, text)| text)) }
}

/// Splits a body at the lines that consist of its boundary. Text before the first is for old programs. The
/// last line may be missing.
fn split_parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let (mut parts, mut begin, mut position) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let next = position + line.len();
        let delimiter =
            line.trim_ascii_end().strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary.as_bytes()));
        if matches!(delimiter, Some(b"" | b"--")) {
            parts.extend(begin.and_then(|begin| body.get(begin..position)));
            begin = (delimiter == Some(b"")).then_some(next);
        }
        position = next;
    }
    parts.extend(begin.and_then(|begin| body.get(begin..)));
    parts
}

/// Chooses among versions of the same content. The last is the best, unless it has less than half of the
/// words of another. A calendar is chosen only if there is no other text.
fn choose(mut versions: Vec<(bool, RawText)>) -> RawText {
    let words = |text: &RawText| text.content.split_whitespace().count();
    if versions.iter().any(|(is_calendar, text)| !is_calendar && words(text) > 0) {
        versions.retain(|(is_calendar, _)| !is_calendar);
    }
    let most = versions.iter().map(|(_, text)| words(text)).max().unwrap_or_default();
    let best = versions.into_iter().rev().find(|(_, text)| words(text) * 2 >= most);
    best.map_or_else(|| String::new().into(), |(_, text)| text)
}

fn read_text(headers: &Headers<'_>, content: &[u8], kind: &str) -> RawText {
    let charset = headers.raw("content-type").and_then(|value| parameters::find(&value, "charset"));
    match kind {
        "text/html" | "application/xhtml+xml" => html::text(content, charset.as_deref()),
        _ => {
            let text = plain::decode(content, charset.as_deref());
            if calendar::is_calendar(&text) { calendar::unfold(&text).into() } else { text.into() }
        }
    }
}

/// The name of an attached file, or nothing.
fn name(headers: &Headers<'_>) -> String {
    let find = |header: &str, parameter: &str| {
        headers.raw(header).and_then(|value| parameters::find(&value, parameter))
    };
    find("content-disposition", "filename").or_else(|| find("content-type", "name")).unwrap_or_default()
}

fn join(texts: impl Iterator<Item = RawText>) -> RawText {
    let mut all = RawText::from(String::new());
    texts.for_each(|text| add(&mut all, text));
    all
}

/// Appends a text on a line of its own.
fn add(all: &mut RawText, text: RawText) {
    if !all.content.is_empty() && !text.content.is_empty() {
        all.content.push('\n');
    }
    all.content.push_str(&text.content);
    all.incomplete |= text.incomplete;
}
