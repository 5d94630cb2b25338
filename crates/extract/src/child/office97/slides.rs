//! Extracts the text of presentations of PowerPoint 97 to 2003: the slides with their comments, the notes,
//! and the text that masters add.
//!
//! A presentation is a sequence of records, some of which contain others. Whenever it is saved, changed
//! records are appended, and a directory says where the valid ones are.

mod records;

use std::collections::HashMap;

use self::records::{Record, inside, records};
use super::super::little_endian::long;
use super::super::text::RawText;
use crate::protocol::{MAX_TEXT, NoText};

/// Kinds of records.
const DOCUMENT: u16 = 1000;
const SLIDE_ATOM: u16 = 1011;
const PLACEHOLDER: u16 = 3011;
const CHARACTERS: u16 = 4000;
const BYTES: u16 = 4008;
const STRING: u16 = 4026;
const MARGINS: u16 = 4057;
const LIST: u16 = 4080;
const EDIT: u16 = 4085;
const TAG_DATA: u16 = 5003;
const DIRECTORY: u16 = 6002;
const COMMENT: u16 = 12000;
const SHAPE: u16 = 0xf004;

/// The lists of a presentation, by the instance of their records.
const SLIDES: u16 = 0;
const MASTERS: u16 = 1;
const NOTES: u16 = 2;

/// What the second stream says of a presentation that is encrypted.
const ENCRYPTED: u32 = 0xf3d1_c4df;

/// The length of an edit's record in an encrypted presentation.
const ENCRYPTED_EDIT_LENGTH: usize = 32;

/// The most edits that are followed back.
const MAX_EDITS: usize = 10_000;

/// Extracts the text of a presentation from its two streams.
pub fn text(stream: &[u8], user: &[u8]) -> Result<RawText, NoText> {
    if long(user, 12) == Some(ENCRYPTED) {
        return Err(NoText::Encrypted);
    }
    let last = long(user, 16).and_then(|place| edit_at(stream, place));
    let last = last.or_else(|| records(stream).filter(|record| record.kind == EDIT).last());
    let Some(edit) = last else { return Ok(text_of_all(stream)) };
    if edit.data.len() >= ENCRYPTED_EDIT_LENGTH {
        return Err(NoText::Encrypted);
    }
    let places = places(stream, edit);
    let place = |number: Option<u32>| places.get(&number?).and_then(|place| stream.get(*place..));
    let document = place(long(edit.data, 16)).and_then(|data| records(data).next());
    let document = document.filter(|record| record.kind == DOCUMENT);
    let Some(document) = document else { return Ok(text_of_all(stream)) };
    let mut content = String::new();
    for list in [SLIDES, NOTES, MASTERS] {
        let lists = records(document.data).filter(|record| record.kind == LIST && record.instance == list);
        for record in lists.flat_map(|list| records(list.data)) {
            append_text(&record, &mut content);
            let page = (record.kind == SLIDE_ATOM).then(|| place(long(record.data, 0))).flatten();
            if let Some(page) = page.and_then(|data| records(data).next()) {
                append_page(&page, list == MASTERS, &mut content);
            }
            if content.len() > MAX_TEXT {
                return Ok(RawText::new(content, true));
            }
        }
    }
    records(document.data)
        .filter(|record| record.kind == MARGINS)
        .for_each(|record| append_page(&record, false, &mut content));
    Ok(RawText::new(content, false))
}

/// The places of all valid records, by their numbers. The latest edit decides.
fn places(stream: &[u8], last: Record<'_>) -> HashMap<u32, usize> {
    let mut places = HashMap::new();
    let mut edit = Some(last);
    for _ in 0..MAX_EDITS {
        let Some(current) = edit else { break };
        let directory = long(current.data, 12).and_then(|place| record_at(stream, place));
        let mut entries =
            directory.filter(|record| record.kind == DIRECTORY).map_or(&[][..], |record| record.data);
        while let Some(head) = long(entries, 0) {
            let (first, count) = (head & 0xf_ffff, head >> 20);
            for number in 0..count {
                let place =
                    long(entries, 4 + number as usize * 4).and_then(|place| usize::try_from(place).ok());
                places.entry(first + number).or_insert_with(|| place.unwrap_or(usize::MAX));
            }
            entries = entries.get(4 + count as usize * 4..).unwrap_or_default();
        }
        edit = long(current.data, 8).filter(|place| *place != 0).and_then(|place| edit_at(stream, place));
    }
    places
}

fn record_at(stream: &[u8], place: u32) -> Option<Record<'_>> {
    records(stream.get(usize::try_from(place).ok()?..)?).next()
}

fn edit_at(stream: &[u8], place: u32) -> Option<Record<'_>> {
    record_at(stream, place).filter(|record| record.kind == EDIT)
}

/// Appends the text of a slide, of notes or of a master, whose placeholders only say what to write.
fn append_page(page: &Record<'_>, is_master: bool, content: &mut String) {
    let is_placeholder = |record: &Record<'_>| {
        is_master && record.kind == SHAPE && inside(record.data).any(|inner| inner.kind == PLACEHOLDER)
    };
    let mut walk = inside(page.data);
    while let Some(record) = walk.next() {
        match record.kind {
            SHAPE if is_placeholder(&record) => walk.leave_out(&record),
            TAG_DATA => append_comments(record.data, content),
            // The name of a slide or of a tag is a string, too.
            STRING if page.kind == MARGINS => append_string(&record, &[1, 2], content),
            _ => append_text(&record, content),
        }
    }
}

/// Appends the comments in the data of a tag. A comment has its author, its text and initials.
fn append_comments(data: &[u8], content: &mut String) {
    for comment in records(data).filter(|record| record.kind == COMMENT) {
        records(comment.data)
            .filter(|record| record.kind == STRING)
            .for_each(|record| append_string(&record, &[1], content));
    }
}

fn append_string(record: &Record<'_>, instances: &[u16], content: &mut String) {
    if instances.contains(&record.instance) {
        append_units(units(record.data), content);
    }
}

fn append_text(record: &Record<'_>, content: &mut String) {
    match record.kind {
        CHARACTERS => append_units(units(record.data), content),
        // The lower halves of UTF-16, whose upper halves are zero.
        BYTES => append_units(record.data.iter().map(|byte| u16::from(*byte)), content),
        _ => {}
    }
}

fn units(data: &[u8]) -> impl Iterator<Item = u16> {
    data.chunks_exact(2).map(|pair| pair.try_into().map(u16::from_le_bytes).unwrap_or_default())
}

/// Appends a text. An asterisk alone stands for the number of the page or for a date.
fn append_units(units: impl Iterator<Item = u16>, content: &mut String) {
    let text = String::from_utf16_lossy(&units.collect::<Vec<_>>()).replace(['\r', '\u{b}'], "\n");
    if text.trim() != "*" {
        content.push_str(&text);
        content.push('\n');
    }
}

/// The text of all records. It is read if there is no directory.
fn text_of_all(stream: &[u8]) -> RawText {
    let mut content = String::new();
    for record in inside(stream) {
        append_text(&record, &mut content);
    }
    RawText::new(content, true)
}
