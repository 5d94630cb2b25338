//! HTML. Extracts the text that a browser would show. Tags are processed as they come, because a tree of them
//! would take hundreds of megabytes for a page of one megabyte.

mod concealment;
mod declaration;
mod references;
mod xhtml;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use self::concealment::Concealment;
pub use self::references::resolve as resolve_references;
use super::plain;
use super::text::RawText;
use super::tidy::TidyText;
use crate::protocol::MAX_TEXT;

/// Elements that can begin or end within a word. All others end a line, including unknown ones.
const INLINE: [&[u8]; 39] = [
    b"a", b"abbr", b"acronym", b"b", b"bdi", b"bdo", b"big", b"cite", b"code", b"data", b"del", b"dfn",
    b"em", b"font", b"i", b"ins", b"kbd", b"mark", b"nobr", b"o:p", b"q", b"rb", b"rp", b"rt", b"rtc",
    b"ruby", b"s", b"samp", b"small", b"span", b"strike", b"strong", b"sub", b"sup", b"time", b"tt", b"u",
    b"var", b"wbr",
];

/// Elements whose content a browser does not show.
const HIDDEN: [&[u8]; 8] =
    [b"datalist", b"iframe", b"noembed", b"noframes", b"noscript", b"script", b"style", b"template"];

/// Elements of readings of characters, which stand beside them. Their end is often left out. A block ends
/// them, too.
const READINGS: [&[u8]; 3] = [b"rp", b"rt", b"rtc"];

/// A hyphen that is shown only if a line is broken there.
const SOFT_HYPHEN: char = '\u{ad}';

/// The text so far, and what is needed to process the next tag.
#[derive(Default)]
struct Page {
    text: TidyText,
    /// The number of open elements whose content is not shown.
    hidden_depth: usize,
    /// Whether the current tag is that of a picture.
    in_picture: bool,
    /// Whether the next attribute value is the alternative text of a picture.
    in_alternative_text: bool,
    /// Whether the text is the reading of a character.
    in_reading: bool,
    concealment: Concealment,
}

/// Extracts the text of a page. An encoding that is declared outside the page counts more than its own.
pub fn text(bytes: &[u8], label: Option<&str>) -> RawText {
    let declared = label.map(str::to_owned).or_else(|| declaration::find(bytes));
    text_of_page(&plain::decode(bytes, declared.as_deref()))
}

/// The text of a decoded page.
pub fn text_of_page(html: &str) -> RawText {
    let html = xhtml::to_html(html);
    let mut page = Page::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| page.process(event));
    // Without this, the content of a script would be parsed as tags.
    emitter.naively_switch_states(true);
    let incomplete = Tokenizer::new_with_emitter(&*html, emitter).next().is_some();
    let concealed = page.concealment.finish(page.text.as_str());
    for line in concealed.lines() {
        page.text.end_line();
        page.text.push_words(line);
    }
    RawText::new(page.text.into(), incomplete)
}

impl Page {
    /// Processes one event of the parser. Returns `Some`, which stops the parser, once there is enough text.
    fn process(&mut self, event: CallbackEvent<'_>) -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.separate(name);
                self.concealment.open(name);
                self.in_reading =
                    READINGS.contains(&name) || self.in_reading && name != b"rb" && is_inline(name);
                self.in_picture = name == b"img";
                self.hidden_depth += usize::from(HIDDEN.contains(&name));
            }
            CallbackEvent::AttributeName { name } => {
                self.in_alternative_text = self.in_picture && name == b"alt";
                self.concealment.name(name);
            }
            CallbackEvent::AttributeValue { value } if self.in_alternative_text => self.append(value),
            CallbackEvent::AttributeValue { value } => self.concealment.value(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                // In XML, such an element is empty.
                self.in_reading &= !self_closing;
                if std::mem::take(&mut self.in_picture) {
                    self.text().end_word();
                }
            }
            CallbackEvent::EndTag { name } => {
                self.separate(name);
                self.concealment.close(name);
                self.in_reading &= !READINGS.contains(&name) && name != b"ruby" && is_inline(name);
                self.hidden_depth = self.hidden_depth.saturating_sub(usize::from(HIDDEN.contains(&name)));
            }
            CallbackEvent::String { value } => self.append(value),
            _ => {}
        }
        (self.text.as_str().len() > MAX_TEXT).then_some(())
    }

    /// Separates the text before a tag from the text after it: by a space between cells and at pictures,
    /// otherwise by a line break.
    fn separate(&mut self, tag: &[u8]) {
        match tag {
            b"td" | b"th" | b"img" => self.text().end_word(),
            _ if is_inline(tag) => {}
            _ => self.text().end_line(),
        }
    }

    /// Appends text, unless it is within a hidden element.
    fn append(&mut self, words: &[u8]) {
        if self.hidden_depth == 0 && !self.in_reading {
            self.text().push_words(&String::from_utf8_lossy(words).replace(SOFT_HYPHEN, ""));
        }
    }

    /// The text to which words are appended: that of the page, or of what it conceals.
    fn text(&mut self) -> &mut TidyText {
        self.concealment.text().unwrap_or(&mut self.text)
    }
}

/// Whether a tag can stand within a word. Word marks names of places and persons within sentences.
fn is_inline(tag: &[u8]) -> bool {
    INLINE.contains(&tag) || tag.starts_with(b"st1:")
}
