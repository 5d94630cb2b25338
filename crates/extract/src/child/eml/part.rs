//! The parts of a message: what a reader sees of each.

use super::headers::Headers;
use super::{boundary, content, parameters, transfer};
use crate::child::signed;
use crate::child::text::{RawText, count_words};

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
        "message/rfc822" | "message/global" | "message/news" | "text/rfc822-headers" => {
            read_message(&content(), depth + 1)
        }
        _ if is_signed(kind, headers) => match signed::content(&content()) {
            Ok(signed) => read_message(&signed, depth + 1),
            Err(_) => name(headers).into(),
        },
        _ if UNSEEN.contains(&kind) || is_attached && depth > 0 => name(headers).into(),
        _ if kind.starts_with("text/") || kind.starts_with("message/") || kind == default => {
            let mut text = content::text(headers, &content(), kind);
            add(&mut text, name(headers).into());
            text
        }
        _ => name(headers).into(),
    }
}

/// Reads all parts of a body, or of several versions the best one. A body without parts is text.
fn read_parts(headers: &Headers<'_>, body: &[u8], kind: &str, depth: usize) -> RawText {
    let boundary = headers.raw("content-type").and_then(|value| parameters::find(&value, "boundary"));
    let boundary = boundary.map(|boundary| boundary.trim_end().as_bytes().to_vec());
    let mut parts = boundary.map(|boundary| boundary::split(body, &boundary)).unwrap_or_default();
    if parts.is_empty() {
        parts = boundary::guess(body).map(|boundary| boundary::split(body, boundary)).unwrap_or_default();
    }
    if parts.is_empty() {
        return content::text(headers, body, "text/plain");
    }
    let default = if kind == "multipart/digest" { "message/rfc822" } else { "text/plain" };
    let read = parts.iter().map(|part| {
        let (headers, body) = Headers::split(part);
        (is_version(&headers), name(&headers), read_body(&headers, body, default, depth + 1))
    });
    if kind == "multipart/alternative" { choose(read.collect()) } else { join(read.map(|(.., text)| text)) }
}

/// Whether a part is a version of the text. A calendar or a file beside it is none.
fn is_version(headers: &Headers<'_>) -> bool {
    let kind = headers.keyword("content-type").unwrap_or_default();
    kind != "text/calendar" && (kind.starts_with("text") || kind.starts_with("multipart/") || kind.is_empty())
}

/// Whether a part is a signed message. Some programs say so only by its name.
fn is_signed(kind: &str, headers: &Headers<'_>) -> bool {
    let is_named =
        || kind == "application/octet-stream" && name(headers).to_ascii_lowercase().ends_with(".p7m");
    matches!(kind, "application/pkcs7-mime" | "application/x-pkcs7-mime") || is_named()
}

/// Chooses among versions of the same content. The last is the best, unless it has less than half of the
/// words of another. What is no version is chosen only if there is no other text; else it is named.
fn choose(mut parts: Vec<(bool, String, RawText)>) -> RawText {
    let words = |text: &RawText| count_words(&text.content);
    let mut others = Vec::new();
    if parts.iter().any(|(is_version, _, text)| *is_version && words(text) > 0) {
        others = parts.extract_if(.., |(is_version, ..)| !*is_version).collect();
    }
    let most = parts.iter().map(|(.., text)| words(text)).max().unwrap_or_default();
    let best = parts.into_iter().rev().find(|(.., text)| words(text) * 2 >= most);
    join(best.map(|(.., text)| text).into_iter().chain(others.into_iter().map(|(_, name, _)| name.into())))
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
