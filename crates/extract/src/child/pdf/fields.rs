//! The text of a document that its pages do not show: values of form fields without an appearance, notes, and
//! forms in XML.

use std::collections::HashMap;

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};

use super::layers::Layers;
use super::xml_form;

/// How deep form fields are read within fields.
const MAX_DEPTH: usize = 16;

/// The most texts that are appended: each is searched for in the text of the pages.
const MAX_TEXTS: usize = 1000;

/// The flag of a note, or of a field on the page, that is not shown.
const HIDDEN: u32 = 1 << 1;

/// The flag of a field that shows other characters than were typed.
const PASSWORD: u32 = 1 << 13;

/// Appends the texts that are not there yet.
pub fn append(document: &Pdf, layers: &Layers, content: &mut String) {
    let mut texts = Vec::new();
    let notes = document.pages().iter().filter_map(|page| page.raw().get::<Array<'_>>("Annots"));
    let notes = notes.flat_map(|notes| notes.iter::<Dict<'_>>());
    for note in notes.filter(|note| !layers.hide(note)) {
        if texts.len() >= MAX_TEXTS {
            break;
        }
        texts.extend(note_text(&note));
        // A field may be on a page, and not in the form.
        texts.extend(displayed_values(&note));
    }
    let catalog = document.xref().get::<Dict<'_>>(document.xref().root_id());
    if let Some(form) = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("AcroForm")) {
        if let Some(fields) = form.get::<Array<'_>>("Fields") {
            collect_values(&fields, layers, MAX_DEPTH, &mut texts);
        }
        texts.extend(read_xml_form(&form).map(|form| xml_form::text(&String::from_utf8_lossy(&form))));
    }
    for text in texts.into_iter().take(MAX_TEXTS) {
        if !content.contains(text.trim()) {
            content.push_str(&text);
            content.push('\n');
        }
    }
}

/// The text of a note. Links, fields and the window of another note are none.
fn note_text(note: &Dict<'_>) -> Option<String> {
    let kind = note.get::<Name<'_>>("Subtype")?;
    let is_hidden = note.get::<u32>("F").unwrap_or(0) & HIDDEN != 0;
    if is_hidden || matches!(&*kind, b"Link" | b"Widget" | b"Popup") {
        return None;
    }
    Some(decode_text(note.get::<PdfString<'_>>("Contents")?.as_bytes()))
}

fn collect_values(fields: &Array<'_>, layers: &Layers, depth: usize, texts: &mut Vec<String>) {
    for field in fields.iter::<Dict<'_>>().filter(|field| !layers.hide(field)) {
        if texts.len() >= MAX_TEXTS {
            return;
        }
        texts.extend(displayed_values(&field));
        if depth > 0
            && let Some(kids) = field.get::<Array<'_>>("Kids")
        {
            collect_values(&kids, layers, depth - 1, texts);
        }
    }
}

/// The values of a field: strings, or one long text. Those of hidden fields and of passwords are not shown.
fn values(field: &Dict<'_>) -> Vec<String> {
    let has_flag = |key: &str, flag: u32| field.get::<u32>(key).unwrap_or(0) & flag != 0;
    if has_flag("F", HIDDEN) || has_flag("Ff", PASSWORD) {
        return Vec::new();
    }
    match field.get::<Object<'_>>("V") {
        Some(Object::String(value)) => vec![decode_text(value.as_bytes())],
        Some(Object::Stream(value)) => value.decoded_data().iter().map(|text| decode_text(text)).collect(),
        Some(Object::Array(values)) => {
            let values = values.iter::<PdfString<'_>>().take(MAX_TEXTS);
            values.map(|value| decode_text(value.as_bytes())).collect()
        }
        _ => Vec::new(),
    }
}

/// What a field displays for its values. The options of a field of choices are pairs of a value and a text,
/// or texts.
fn displayed_values(field: &Dict<'_>) -> Vec<String> {
    let mut values = values(field);
    let options = field.get::<Array<'_>>("Opt").filter(|_| !values.is_empty());
    let mut displayed = HashMap::new();
    for pair in options.iter().flat_map(|options| options.iter::<Array<'_>>()) {
        let mut pair = pair.iter::<PdfString<'_>>().map(|text| decode_text(text.as_bytes()));
        if let (Some(value), Some(text)) = (pair.next(), pair.next()) {
            displayed.entry(value).or_insert(text);
        }
    }
    for value in &mut values {
        if let Some(text) = displayed.get(value) {
            value.clone_from(text);
        }
    }
    values
}

/// A form in XML, which is one stream, or an array of names and streams.
fn read_xml_form(form: &Dict<'_>) -> Option<Vec<u8>> {
    match form.get::<Object<'_>>("XFA")? {
        Object::Stream(stream) => Some(stream.decoded_data().ok()?.into_owned()),
        Object::Array(parts) => {
            let streams = parts.iter::<Object<'_>>().filter_map(Object::into_stream);
            Some(
                streams
                    .filter_map(|part: Stream<'_>| Some(part.decoded_data().ok()?.into_owned()))
                    .flatten()
                    .collect(),
            )
        }
        _ => None,
    }
}

/// Decodes a text string: UTF-16 or UTF-8 with a mark, else the encoding of PDF.
pub fn decode_text(bytes: &[u8]) -> String {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            let text = bytes.get(mark..).unwrap_or_default();
            encoding.decode_without_bom_handling(text).0.into_owned()
        }
        None => bytes.iter().copied().map(decode_char).collect(),
    }
}

/// A character of the encoding of PDF, which is Latin-1 but for two ranges.
fn decode_char(byte: u8) -> char {
    const ACCENTS: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const SIGNS: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ',
        'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', ' ', '€',
    ];
    let in_table = |table: &[char], first: u8| table.get(usize::from(byte.wrapping_sub(first))).copied();
    in_table(&ACCENTS, 0x18).or_else(|| in_table(&SIGNS, 0x80)).unwrap_or(char::from(byte))
}
