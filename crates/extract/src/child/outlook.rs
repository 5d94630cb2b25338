//! Extracts the text of messages in the format of Outlook (msg): the subject, the sender, the receivers, the
//! body in one of its forms, the names of the attachments, and messages that are attached.

mod compressed;
mod named;

use super::compound::Streams;
use super::little_endian::long;
use super::text::{RawText, count_words};
use super::{codepage, eml, html, plain, rtf};
use crate::protocol::{MAX_TEXT, NoText};

/// Properties of messages and attachments, by their numbers.
const SUBJECT: u16 = 0x0037;
const SENDERS: [u16; 2] = [0x0c1a, 0x0042];
const RECEIVERS: [u16; 2] = [0x0e04, 0x0e03];
const BODY: u16 = 0x1000;
const RICH_BODY: u16 = 0x1009;
const HTML_BODY: u16 = 0x1013;
const NAMES: [u16; 3] = [0x3707, 0x3704, 0x3001];
const DATA: u16 = 0x3701;
const CODE_PAGE: u16 = 0x3ffd;
const HTML_CODE_PAGE: u16 = 0x3fde;
const LANGUAGE: u16 = 0x3ff1;

/// What is known of a person: the company, the position, the department, the address, and numbers of
/// telephones.
const PERSON: [u16; 8] = [0x3a16, 0x3a17, 0x3a18, 0x3a15, 0x3a08, 0x3a09, 0x3a1c, 0x3a24];

/// Properties that are known by names: the place of an appointment, and addresses of a person.
const NAMED: [u32; 6] = [0x8208, 0x8083, 0x8093, 0x80a3, 0x801b, 0x801a];

/// Types of properties.
const NUMBER: u16 = 0x0003;
const STRING: u16 = 0x001e;
const UNICODE: u16 = 0x001f;
const BINARY: u16 = 0x0102;

/// The most messages of a file that are read.
const MAX_MESSAGES: usize = 50;

/// A code page.
#[derive(Clone, Copy)]
enum Page {
    /// That of the message.
    Own(u16),
    /// That of its language or of its HTML, which may differ.
    Likely(u16),
    Unknown,
}

/// A message, or an attachment, in a storage of a file.
struct Storage<'a, 'b> {
    file: &'a mut Streams<'b>,
    path: String,
    /// The code page of strings that are not in Unicode.
    page: Page,
    html_page: Option<u16>,
}

/// Extracts the text of a file.
pub fn text(file: &mut Streams<'_>) -> Result<RawText, NoText> {
    let mut text = RawText::from(String::new());
    let mut paths = vec![String::new()];
    let named = named::find(file, &NAMED);
    for _ in 0..MAX_MESSAGES {
        let Some(path) = paths.pop() else { return Ok(text) };
        if text.content.len() > MAX_TEXT {
            break;
        }
        let mut message = Storage::open(file, path);
        message.append_to(&mut text, &named);
        message.append_attachments(&mut text, &mut paths);
    }
    text.incomplete |= !paths.is_empty();
    Ok(text)
}

impl<'a, 'b> Storage<'a, 'b> {
    fn open(file: &'a mut Streams<'b>, path: String) -> Self {
        let properties = file.read(&format!("{path}/__properties_version1.0")).unwrap_or_default();
        let number = |property| number(&properties, property);
        let own = number(CODE_PAGE).and_then(|page| u16::try_from(page).ok()).filter(|page| *page != 1200);
        let html_page = number(HTML_CODE_PAGE).and_then(|page| u16::try_from(page).ok());
        let language = number(LANGUAGE).filter(|language| *language != 0).map(codepage::of_language);
        let likely = language.or(html_page).map_or(Page::Unknown, Page::Likely);
        let page = own.map_or(likely, Page::Own);
        Self { file, path, page, html_page }
    }

    /// Appends the text of the message. `named` are the numbers of properties that are known by names.
    fn append_to(&mut self, text: &mut RawText, named: &[u16]) {
        let sender = SENDERS.iter().find_map(|property| self.string(*property));
        let subject = self.string(SUBJECT);
        let receivers = RECEIVERS.map(|property| self.string(property));
        let others = PERSON.iter().chain(named).filter_map(|property| self.string(*property));
        let others = others.collect::<Vec<_>>();
        let lines = [subject, sender].into_iter().chain(receivers).flatten().chain(others);
        for line in lines.filter(|line| !line.trim().is_empty()) {
            text.content.push_str(&line);
            text.content.push('\n');
        }
        if let Some(body) = self.body() {
            text.append(body);
        }
    }

    /// The first form of the body that has text: plain, HTML, or rich text. A plain body that has less than
    /// half of the words of the HTML only stands in for it.
    fn body(&mut self) -> Option<RawText> {
        let words = |text: &RawText| count_words(&text.content);
        let plain = self.string(BODY).map(RawText::from).filter(|text| has_text(&text.content));
        let html = self.html_body().filter(|text| has_text(&text.content));
        match (plain, html) {
            (Some(plain), Some(html)) if words(&plain) * 2 < words(&html) => Some(html),
            (plain, html) => {
                plain.or(html).or_else(|| self.rich_body()).or_else(|| self.string(BODY).map(RawText::from))
            }
        }
    }

    fn html_body(&mut self) -> Option<RawText> {
        if let Some(bytes) = self.read(HTML_BODY, BINARY) {
            return Some(match self.html_page {
                Some(page) => html::text_of_page(&decode(Page::Own(page), &bytes)),
                None => html::text(&bytes, None),
            });
        }
        self.string(HTML_BODY).map(|page| html::text_of_page(&page))
    }

    fn rich_body(&mut self) -> Option<RawText> {
        let body = compressed::decompress(&self.read(RICH_BODY, BINARY)?)?;
        Some(rtf::text(&body))
    }

    /// Appends the names of the attachments. A signed message is an attachment itself. Messages that are
    /// attached are read later.
    fn append_attachments(&mut self, text: &mut RawText, paths: &mut Vec<String>) {
        let first = paths.len();
        for name in self.file.storages(&format!("{}/", self.path)) {
            if !name.starts_with("__attach_version1.0_") {
                continue;
            }
            let path = format!("{}/{name}", self.path);
            let mut attachment =
                Storage { path: path.clone(), page: self.page, html_page: None, file: &mut *self.file };
            let name = NAMES.iter().find_map(|property| attachment.string(*property));
            text.content.push_str(&name.unwrap_or_default());
            text.content.push('\n');
            let data = attachment.read(DATA, BINARY).filter(|data| eml::is_message(data));
            if let Some(signed) = data {
                text.content.push_str(&eml::text(&signed).content);
                text.content.push('\n');
            }
            let nested = format!("{path}/__substg1.0_{DATA:04X}000D");
            if self.file.has(&format!("{nested}/__properties_version1.0")) {
                // The last path is read next.
                paths.insert(first, nested);
            }
        }
    }

    /// A property that is a text.
    fn string(&mut self, property: u16) -> Option<String> {
        let unicode = self.read(property, UNICODE).map(|bytes| codepage::decode(1200, &bytes));
        unicode.or_else(|| self.read(property, STRING).map(|bytes| decode(self.page, &bytes)))
    }

    fn read(&mut self, property: u16, kind: u16) -> Option<Vec<u8>> {
        self.file.read(&format!("{}/__substg1.0_{property:04X}{kind:04X}", self.path))
    }
}

/// Whether a text has words. Signs without width are none.
fn has_text(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Decodes a string. Some programs write UTF-8 and name another code page of single bytes.
fn decode(page: Page, bytes: &[u8]) -> String {
    match page {
        Page::Own(page) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() && codepage::length(page, 0x81) == 1 => text.to_owned(),
            _ => codepage::decode(page, bytes),
        },
        Page::Likely(page) => plain::decode(bytes, Some(&format!("cp{page}"))),
        Page::Unknown => plain::decode(bytes, None),
    }
}

/// A property that is a number. Properties have 16 bytes each, behind a header whose length depends on what
/// they belong to.
fn number(properties: &[u8], property: u16) -> Option<u32> {
    let tag = [NUMBER.to_le_bytes(), property.to_le_bytes()].concat();
    let entry = properties.chunks_exact(8).position(|half| half.starts_with(&tag))?;
    long(properties, entry * 8 + 8)
}
