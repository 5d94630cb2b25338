//! The child's side: reads one document from standard input, and writes what text it has to standard output.
//! A document that kills the child harms nothing but itself.

mod format;
mod html;
mod limits;
mod mail;
mod package;
mod pdf;
mod plain;
mod rtf;
mod text;
mod tidy;
mod xml;

use std::io::{self, Read as _, Write as _};

use self::text::RawText;
use crate::protocol::{Extracted, Format, MAX_TEXT, NoText};

/// How much of a document is read before it is decided whether to read on, in bytes.
const HEAD: u64 = 64 * 1024;

/// How much of a text format is read, in bytes: many times as much as the text that a document gives.
const MAX_MARKUP: usize = 8 * 1024 * 1024;

/// Reads one document and answers, within limits that it first sets on this process for good.
///
/// # Errors
/// The limits cannot be set, or standard input or output is closed.
pub fn run() -> io::Result<()> {
    limits::set()?;
    let answer = serde_json::to_vec(&document(io::stdin().lock())?)?;
    io::stdout().lock().write_all(&answer)
}

fn document(mut input: impl io::Read) -> io::Result<Extracted> {
    let mut bytes = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut bytes)?;
    if !format::is_without_text(&bytes) {
        input.read_to_end(&mut bytes)?;
        // A growing vector reserves up to twice its length.
        bytes.shrink_to_fit();
    }
    let format = format::detect(&bytes);
    let shortened = shorten(format, &mut bytes);
    Ok(answer(format, text(format, bytes), shortened))
}

/// Cuts a text format to its beginning, if it is long. Returns whether it did.
fn shorten(format: Format, bytes: &mut Vec<u8>) -> bool {
    let is_markup = matches!(format, Format::Rtf | Format::Html | Format::Email | Format::Xml | Format::Text);
    // Half of an Outlook message is no compound file, and cannot be parsed.
    let more = bytes.len() > MAX_MARKUP && is_markup && !package::is_compound(bytes);
    if more {
        bytes.truncate(MAX_MARKUP);
    }
    more
}

fn text(format: Format, bytes: Vec<u8>) -> Result<RawText, NoText> {
    match format {
        Format::Pdf => pdf::text(bytes),
        Format::Docx | Format::Xlsx | Format::Pptx | Format::Office97 => package::office(format, bytes),
        Format::Odt | Format::Ods | Format::Odp => package::open_document(&bytes),
        Format::Rtf => Ok(rtf::text(&bytes)),
        Format::Html => Ok(html::text(&bytes)),
        Format::Email => mail::text(&bytes),
        Format::Xml => Ok(xml::text(&bytes)),
        Format::Text => Ok(plain::decode(&bytes).into()),
        Format::Image => Err(NoText::Image),
        Format::Unknown => Err(NoText::UnknownFormat),
    }
}

/// `shortened` is told even if no text was found: the part that was not read may have some.
fn answer(format: Format, text: Result<RawText, NoText>, shortened: bool) -> Extracted {
    match text {
        Ok(RawText { content, more }) => {
            let tidy = tidy::tidy(&content);
            let (text, cut) = cut(&tidy);
            let no_text = text.is_empty().then_some(NoText::NotFound);
            Extracted { format, text, truncated: shortened || more || cut, no_text }
        }
        Err(reason) => Extracted { format, text: String::new(), truncated: shortened, no_text: Some(reason) },
    }
}

/// The text, or the beginning and the end of one that is too long, and whether it was.
fn cut(text: &str) -> (String, bool) {
    if text.len() <= MAX_TEXT {
        return (text.to_owned(), false);
    }
    let half = MAX_TEXT / 2 - 1;
    let (head, _) = text.split_at(text.floor_char_boundary(half));
    let (_, tail) = text.split_at(text.ceil_char_boundary(text.len() - half));
    (format!("{head}\n{tail}"), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CPU_TIME;

    #[test]
    fn the_documented_limits_of_the_child_are_the_actual_ones() {
        let table = include_str!("../../../docs/EXTRACTION.md");
        let [(_, memory, _), (_, signal, kill), .., (_, files, _)] = limits::LIMITS;
        let mebibytes = |bytes: u64| bytes / 1024 / 1024;
        assert_eq!(signal, CPU_TIME.as_secs());
        for row in [
            format!("\n| address space, and with it resident memory | {} MiB |", mebibytes(memory)),
            format!("\n| CPU time until a signal that the parent recognizes | {signal} s |"),
            format!("\n| CPU time until the child is killed | {kill} s |"),
            format!("\n| open files | {files} |"),
            format!(
                "\n| text: the beginning and the end, `truncated` | {} MiB |",
                mebibytes(MAX_TEXT as u64)
            ),
            format!("\n| bytes that are read of a text format | {} MiB |", mebibytes(MAX_MARKUP as u64)),
            format!(
                "\n| bytes that are read of an OpenDocument's content | {} MiB |",
                mebibytes(package::MAX_CONTENT)
            ),
        ] {
            assert!(table.contains(&row), "{row}");
        }
    }
}
