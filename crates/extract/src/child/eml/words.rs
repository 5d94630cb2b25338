//! Encoded words, by which headers carry characters that are not ASCII (RFC 2047).

use super::transfer;
use crate::child::plain;

/// One encoded word: the name of its encoding, its bytes, and the text behind it.
type Word<'a> = (&'a str, Vec<u8>, &'a str);

/// Decodes a header. Neighbouring words in the same encoding are decoded together, because many programs
/// split characters between them. `charset` is that of bytes that are not encoded.
pub fn decode(value: &[u8], charset: Option<&str>) -> String {
    let value = plain::decode(value, charset);
    let (mut text, mut rest) = (String::with_capacity(value.len()), value.as_str());
    while let Some((before, from)) = rest.split_once("=?").map(|(before, _)| rest.split_at(before.len())) {
        text.push_str(before);
        rest = if let Some((label, mut bytes, mut behind)) = word(from) {
            while let Some((same, more, next)) = word(behind.trim_start())
                && same.eq_ignore_ascii_case(label)
            {
                bytes.extend(more);
                behind = next;
            }
            text.push_str(&plain::decode(&bytes, Some(label)));
            // White space between two words is not text.
            if word(behind.trim_start()).is_some() { behind.trim_start() } else { behind }
        } else {
            text.push_str("=?");
            from.get(2..).unwrap_or_default()
        };
    }
    text + rest
}

/// The encoded word with which a text begins. A language may follow the name of the encoding.
fn word(text: &str) -> Option<Word<'_>> {
    let (label, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (kind, rest) = rest.split_once('?')?;
    let (content, behind) = rest.split_once("?=")?;
    let bytes = match kind {
        "B" | "b" => transfer::from_base64(content.as_bytes()),
        "Q" | "q" => transfer::from_quoted_printable(content.replace('_', " ").as_bytes()),
        _ => return None,
    };
    Some((label.split('*').next().unwrap_or(label), bytes, behind))
}
