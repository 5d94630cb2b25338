//! The code that runs in the child process: reads one document from standard input, and writes its text to
//! standard output. If a document crashes the child, nothing else is harmed.

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

/// The number of bytes after which the child decides whether to read the rest of a document.
const HEAD_BYTES: u64 = 64 * 1024;

/// The most bytes of a text format that are read: many times as much as the longest text that is returned.
const MAX_MARKUP_BYTES: usize = 8 * 1024 * 1024;

/// Limits the resources of this process permanently, then reads one document and answers.
///
/// # Errors
/// The limits cannot be set, or standard input or output is closed.
pub fn run() -> io::Result<()> {
    limits::set()?;
    let answer = serde_json::to_vec(&read_document(io::stdin().lock())?)?;
    io::stdout().lock().write_all(&answer)
}

/// Reads one document and extracts its text. The rest of an image or of an unknown format is not read.
fn read_document(mut input: impl io::Read) -> io::Result<Extracted> {
    let mut bytes = Vec::new();
    input.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes)?;
    if !format::is_without_text(&bytes) {
        input.read_to_end(&mut bytes)?;
        // A growing vector reserves up to twice its length, and the memory of this process is limited.
        bytes.shrink_to_fit();
    }
    let format = format::detect(&bytes);
    answer_panics(format);
    let shortened = shorten(format, &mut bytes);
    Ok(build_answer(format, extract_text(format, bytes), shortened))
}

/// Answers that a document is damaged if a library panics on it.
fn answer_panics(format: Format) {
    std::panic::set_hook(Box::new(move |_| {
        let answer = build_answer(format, Err(NoText::Damaged), false);
        let written = serde_json::to_writer(io::stdout().lock(), &answer);
        std::process::exit(i32::from(written.is_err()));
    }));
}

/// Cuts a long document of a text format. Returns whether it did.
fn shorten(format: Format, bytes: &mut Vec<u8>) -> bool {
    let is_markup = matches!(format, Format::Rtf | Format::Html | Format::Email | Format::Xml | Format::Text);
    // A part of an Outlook message is not a compound file, and could not be parsed.
    let is_long = bytes.len() > MAX_MARKUP_BYTES && is_markup && !package::is_compound(bytes);
    if is_long {
        bytes.truncate(MAX_MARKUP_BYTES);
    }
    is_long
}

fn extract_text(format: Format, bytes: Vec<u8>) -> Result<RawText, NoText> {
    match format {
        Format::Pdf => pdf::text(bytes),
        Format::Docx | Format::Xlsx | Format::Pptx | Format::Office97 => {
            package::text_of_office(format, bytes)
        }
        Format::Odt | Format::Ods | Format::Odp => package::text_of_open_document(&bytes),
        Format::Rtf => Ok(rtf::text(&bytes)),
        Format::Html => Ok(html::text(&bytes)),
        Format::Email => mail::text(&bytes),
        Format::Xml => Ok(xml::text(&bytes)),
        Format::Text => Ok(plain::decode(&bytes).into()),
        Format::Image => Err(NoText::Image),
        Format::Unknown => Err(NoText::UnknownFormat),
    }
}

/// Builds the answer. It says `truncated` for a shortened document even if no text was found, because the
/// rest may have some.
fn build_answer(format: Format, text: Result<RawText, NoText>, shortened: bool) -> Extracted {
    match text {
        Ok(RawText { content, incomplete }) => {
            let tidy = tidy::tidy(&content);
            let (text, cut) = cut_middle(&tidy);
            let no_text = text.is_empty().then_some(NoText::NotFound);
            Extracted { format, text, truncated: shortened || incomplete || cut, no_text }
        }
        Err(reason) => Extracted { format, text: String::new(), truncated: shortened, no_text: Some(reason) },
    }
}

/// Cuts out the middle of a text that is too long. Returns the text, and whether it was cut.
fn cut_middle(text: &str) -> (String, bool) {
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
                "\n| text; of a longer one only the beginning and the end are kept, and `truncated` is set | {} MiB |",
                mebibytes(MAX_TEXT as u64)
            ),
            format!(
                "\n| bytes that are read of a text format | {} MiB |",
                mebibytes(MAX_MARKUP_BYTES as u64)
            ),
            format!(
                "\n| bytes that are read of an OpenDocument's content | {} MiB |",
                mebibytes(package::MAX_PART_BYTES)
            ),
        ] {
            assert!(table.contains(&row), "{row}");
        }
    }
}
