//! The text of a part, by its kind.

use super::headers::Headers;
use super::{calendar, parameters, uuencode};
use crate::child::text::RawText;
use crate::child::{html, plain, rtf, xml};

/// Reads a part that is text. Programs call pages and rich text plain, too.
pub fn text(headers: &Headers<'_>, content: &[u8], kind: &str) -> RawText {
    let parameter = |name: &str| parameters::find(&headers.raw("content-type")?, name);
    let charset = parameter("charset");
    match kind {
        "text/html" | "application/xhtml+xml" => html::text(content, charset.as_deref()),
        "text/xml" => xml::text(content),
        "text/enriched" => html::text_of_page(&from_enriched(&plain::decode(content, charset.as_deref()))),
        _ if rtf::is_rich_text(content) => rtf::text(content),
        _ if is_page(content) => html::text(content, charset.as_deref()),
        _ => {
            let text = plain::decode(&uuencode::without_files(content), charset.as_deref());
            let is_joined = || parameter("delsp").is_some_and(|value| value.eq_ignore_ascii_case("yes"));
            match () {
                () if calendar::is_calendar(&text) => calendar::text(content, charset.as_deref()).into(),
                () if is_joined() => join_lines(&text).into(),
                () => text.into(),
            }
        }
    }
}

/// Whether a text is a whole page.
fn is_page(content: &[u8]) -> bool {
    let start = content.trim_ascii_start();
    [b"<!doctype html".as_slice(), b"<html>", b"<html "]
        .iter()
        .any(|begin| start.get(..begin.len()).is_some_and(|found| found.eq_ignore_ascii_case(begin)))
}

/// Elements of enriched text that may begin or end within a word.
const ENRICHED: [&str; 8] =
    ["bold", "italic", "underline", "fixed", "bigger", "smaller", "color", "fontfamily"];

/// Enriched text as a page (RFC 1896). Its parameters are not shown.
fn from_enriched(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace("<<", "&lt;");
    let pieces = text.split("<param>");
    let mut page: String =
        pieces.map(|piece| piece.split_once("</param>").map_or(piece, |(_, shown)| shown)).collect();
    for name in ENRICHED {
        page = page.replace(&format!("<{name}>"), "<span>").replace(&format!("</{name}>"), "</span>");
    }
    page
}

/// Joins lines that end with a space (RFC 3676), but for that before a signature.
fn join_lines(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        joined.push_str(content.strip_suffix(' ').filter(|_| content != "-- ").unwrap_or(line));
    }
    joined
}
