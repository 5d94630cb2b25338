//! The code that runs in the child process: reads one document from standard input, and writes its text to
//! standard output. If a document crashes the child, nothing else is harmed.

mod archive;
pub mod budget;
mod codepage;
mod compound;
pub mod confinement;
mod dbf;
mod drawing;
mod eml;
mod epub;
mod flat;
mod flow;
mod format;
mod hangul;
mod html;
mod images;
mod iwork;
mod limits;
mod little_endian;
mod markup;
mod office97;
mod onenote;
mod ooxml;
mod opendocument;
mod outlook;
mod package;
mod pdf;
mod percent;
mod plain;
mod publisher;
mod rtf;
mod signed;
mod slides;
mod styles;
mod text;
mod tidy;
mod unread;
mod visio;
mod word;
mod wordperfect;
mod workbook;
mod xml;
mod xps;

use std::io::{self, Read as _, Write as _};

use serde::Serialize;

use self::budget::Budget;
use self::package::Package;
use self::text::RawText;
use crate::protocol::{Extracted, Format, MAX_TEXT, NoText};

/// The number of bytes after which the child decides whether to read the rest of a document.
const HEAD_BYTES: u64 = 64 * 1024;

/// The most bytes of a text format that are read: many times as much as the longest text that is returned.
const MAX_MARKUP_BYTES: usize = 8 * 1024 * 1024;

/// Prepares this process, then reads one document and answers. If it has no text and `draws` is set, images
/// of it follow.
///
/// # Errors
/// The limits cannot be set, or standard input or output is closed.
pub fn run(draws: bool) -> io::Result<()> {
    prepare()?;
    let bytes = read_bytes(io::stdin().lock(), draws)?;
    let format = format::detect(&bytes);
    answer_panics(format);
    match format {
        Format::Image if draws => images::answer_picture(bytes),
        Format::Pdf if draws => images::answer_pdf(bytes),
        _ => write_answer(&extract_as(format, bytes)),
    }
}

/// Limits the resources of this process and its system calls permanently, and has it answer if it panics.
///
/// # Errors
/// The limits cannot be set.
pub fn prepare() -> io::Result<()> {
    answer_panics(Format::Unknown);
    limits::set()?;
    // Where the kernel refuses the filter, the limits alone remain. The parent has said so at its start.
    let _refused = confinement::enter();
    Ok(())
}

/// Answers that the document is damaged if a library panics on it, on whatever thread.
fn answer_panics(format: Format) {
    std::panic::set_hook(Box::new(move |_| {
        let damaged = build_answer(format, Err(NoText::Damaged), false);
        std::process::exit(i32::from(write_answer(&damaged).is_err()));
    }));
}

/// Writes a part of the answer at once, so that it is not lost if this process is killed after that.
fn write_answer(part: &impl Serialize) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(&serde_json::to_vec(part)?)?;
    output.flush()
}

/// Reads the bytes of a document. The rest of an unknown format is not read, nor that of a picture that is
/// not drawn.
fn read_bytes(mut input: impl io::Read, draws: bool) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes)?;
    if !format::is_without_text(&bytes) || (draws && format::detect(&bytes) == Format::Image) {
        input.read_to_end(&mut bytes)?;
        // A growing vector reserves up to twice its length, and the memory of this process is limited.
        bytes.shrink_to_fit();
    }
    Ok(bytes)
}

/// Extracts the text of a document in this process, without limits. Only fuzzing does that outside a child.
pub fn extract(bytes: Vec<u8>) -> Extracted {
    extract_as(format::detect(&bytes), bytes)
}

fn extract_as(format: Format, mut bytes: Vec<u8>) -> Extracted {
    let shortened = shorten(format, &mut bytes);
    let unread_format = (format == Format::Unknown).then(|| unread::name(&bytes)).flatten();
    let answer = build_answer(format, extract_text(format, bytes, Budget::begin()), shortened);
    Extracted { unread_format, ..answer }
}

/// Cuts a long document of a text format. Returns whether it did.
fn shorten(format: Format, bytes: &mut Vec<u8>) -> bool {
    let is_markup = matches!(format, Format::Rtf | Format::Html | Format::Email | Format::Xml | Format::Text);
    // A part of an Outlook message is not a compound file, and could not be parsed.
    let is_long = bytes.len() > MAX_MARKUP_BYTES && is_markup && !compound::is_compound(bytes);
    if is_long {
        bytes.truncate(MAX_MARKUP_BYTES);
    }
    is_long
}

/// Extracts the text of a document. `budget` is what is left for the documents within it.
fn extract_text(format: Format, bytes: Vec<u8>, budget: Budget) -> Result<RawText, NoText> {
    match format {
        Format::Pdf => pdf::text(&mut pdf::share(bytes)),
        Format::Email | Format::Office97 | Format::Publisher | Format::Hangul | Format::WordPerfect
            if compound::is_compound(&bytes) =>
        {
            compound::text(format, bytes)
        }
        Format::Docx => word::text(&mut Package::open(&bytes)),
        Format::Xlsx => workbook::text(&mut Package::open(&bytes)),
        Format::Pptx => slides::text(&mut Package::open(&bytes)),
        Format::Xlsb => office97::text_of_binary_workbook(bytes),
        Format::Odt | Format::Ods | Format::Odp | Format::Odg => {
            opendocument::text(format, &mut Package::open(&bytes))
        }
        Format::Visio => visio::text(&mut Package::open(&bytes)),
        Format::Xps => xps::text(&mut Package::open(&bytes)),
        Format::Hangul => hangul::text_of_package(&mut Package::open(&bytes)),
        Format::Iwork => iwork::text(&mut Package::open(&bytes)),
        Format::OneNote => onenote::text(&bytes),
        Format::WordPerfect => wordperfect::text(&bytes),
        Format::Rtf => Ok(rtf::text(&bytes)),
        Format::Html => Ok(html::text(&bytes, None)),
        Format::Email => Ok(eml::text(&bytes)),
        Format::Xml => Ok(flat::text(&bytes).unwrap_or_else(|| xml::text(&bytes))),
        Format::Text => Ok(plain::text(&bytes)),
        Format::Dbf => Ok(dbf::text(&bytes)),
        Format::Epub => epub::text(&mut Package::open(&bytes)),
        Format::Archive | Format::Signed if budget.is_deepest() => Err(NoText::NotFound),
        Format::Archive => archive::text(&bytes, budget),
        Format::Signed => signed::content(&bytes).and_then(|bytes| extract_inner(bytes, budget)),
        Format::Image => Err(NoText::Image),
        Format::Office97 | Format::Publisher => Err(NoText::Damaged),
        Format::Unknown => Err(NoText::UnknownFormat),
    }
}

/// Extracts the text of a document within another.
fn extract_inner(bytes: Vec<u8>, budget: Budget) -> Result<RawText, NoText> {
    extract_text(format::detect(&bytes), bytes, budget.deeper())
}

/// Builds the answer. It says `truncated` for a shortened document even if no text was found, because the
/// rest may have some.
fn build_answer(format: Format, text: Result<RawText, NoText>, shortened: bool) -> Extracted {
    match text {
        Ok(RawText { content, incomplete, pages }) => {
            let tidy = tidy::tidy(&content);
            let (text, cut) = cut_middle(&tidy);
            let no_text = text.is_empty().then_some(NoText::NotFound);
            Extracted {
                format,
                text,
                truncated: shortened || incomplete || cut,
                no_text,
                pages,
                ..Extracted::default()
            }
        }
        Err(reason) => {
            Extracted { format, truncated: shortened, no_text: Some(reason), ..Extracted::default() }
        }
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
        let [(_, memory, _), (_, signal, kill), (_, size, _), (_, core, _), (_, files, _)] = limits::LIMITS;
        let mebibytes = |bytes: u64| bytes / 1024 / 1024;
        assert_eq!((signal, size), (CPU_TIME.as_secs(), core));
        for row in [
            format!("\n| address space, and with it resident memory | {} MiB |", mebibytes(memory)),
            format!("\n| CPU time until a signal that the parent recognizes | {signal} s |"),
            format!("\n| CPU time until the child is killed | {kill} s |"),
            format!("\n| size of files and core dumps | {size} |"),
            format!("\n| open files | {files} |"),
            format!(
                "\n| bytes that are read of a file in an archive; larger files are only named | {} MiB |",
                mebibytes(archive::MAX_FILE_BYTES)
            ),
            format!("\n| CPU time after which no further file of an archive is read | {} s |", signal / 2),
            format!("\n| archives and signed documents within each other | {} |", budget::MAX_DEPTH),
            format!(
                "\n| text; of a longer one only the beginning and the end are kept, and `truncated` is set | {} MiB |",
                mebibytes(MAX_TEXT as u64)
            ),
            format!(
                "\n| bytes that are read of a text format | {} MiB |",
                mebibytes(MAX_MARKUP_BYTES as u64)
            ),
            format!(
                "\n| bytes that are unpacked of a part of a document | {} MiB |",
                mebibytes(package::MAX_PART_BYTES)
            ),
        ] {
            assert!(table.contains(&row), "{row}");
        }
    }
}
