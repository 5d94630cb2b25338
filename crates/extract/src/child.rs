//! The child's side: reads one document from standard input, and writes what text it has to standard output. A document that kills
//! the child harms nothing but itself.

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

use self::text::Text;
use crate::protocol::{Extracted, Format, MAX_TEXT, NoText};

/// What tells a picture from a document, in bytes.
const HEAD: u64 = 64 * 1024;

/// How much is read of what is text from its first byte on, in bytes: many times as much as a document gives.
const MOST_MARKUP: usize = 8 * 1024 * 1024;

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
    if !format::is_of_no_use(&bytes) {
        input.read_to_end(&mut bytes)?;
        // Up to half of it may be reserved in vain.
        bytes.shrink_to_fit();
    }
    let kind = format::of(&bytes);
    let more = shorten(kind, &mut bytes);
    Ok(answer(kind, text(kind, bytes), more))
}

/// Leaves of a long text its beginning; whether there is more.
fn shorten(kind: Format, bytes: &mut Vec<u8>) -> bool {
    let is_markup = matches!(kind, Format::Rtf | Format::Html | Format::Email | Format::Xml | Format::Text);
    // Half of Outlook's compound file is none.
    let more = bytes.len() > MOST_MARKUP && is_markup && !package::is_compound(bytes);
    if more {
        bytes.truncate(MOST_MARKUP);
    }
    more
}

fn text(kind: Format, bytes: Vec<u8>) -> Result<Text, NoText> {
    match kind {
        Format::Pdf => pdf::text(bytes),
        Format::Docx | Format::Xlsx | Format::Pptx | Format::Office97 => package::office(kind, bytes),
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

/// `shortened`: not all of the document was looked at. That is told whether or not a text was found in the rest.
fn answer(format: Format, text: Result<Text, NoText>, shortened: bool) -> Extracted {
    match text {
        Ok(Text { content, more }) => {
            let tidy = tidy::tidy(&content);
            let (text, cut) = cut(&tidy);
            let no_text = text.is_empty().then_some(NoText::NotFound);
            Extracted { format, text, truncated: shortened || more || cut, no_text }
        }
        Err(reason) => Extracted { format, text: String::new(), truncated: shortened, no_text: Some(reason) },
    }
}

/// The beginning and the end of a text that is too long.
fn cut(text: &str) -> (String, bool) {
    if text.len() <= MAX_TEXT {
        return (text.to_owned(), false);
    }
    let half = MAX_TEXT / 2 - 1;
    let (head, _) = text.split_at(text.floor_char_boundary(half));
    let (_, tail) = text.split_at(text.ceil_char_boundary(text.len() - half));
    (format!("{head}\n{tail}"), true)
}
