//! HTML: the text that a browser would show. Tags are processed as they come. A tree of them would take
//! hundreds of megabytes for a page of one megabyte.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::plain;
use super::text::RawText;
use super::tidy::Tidy;
use crate::protocol::MAX_TEXT;

/// Elements that may begin and end within a word. All others end a line, unknown ones too.
const INLINE: [&[u8]; 36] = [
    b"a", b"abbr", b"acronym", b"b", b"bdi", b"bdo", b"big", b"cite", b"code", b"data", b"del", b"dfn",
    b"em", b"font", b"i", b"ins", b"kbd", b"mark", b"nobr", b"o:p", b"q", b"rb", b"ruby", b"s", b"samp",
    b"small", b"span", b"strike", b"strong", b"sub", b"sup", b"time", b"tt", b"u", b"var", b"wbr",
];

/// Elements whose content is not shown.
const HIDDEN: [&[u8]; 7] =
    [b"iframe", b"noembed", b"noframes", b"noscript", b"script", b"style", b"template"];

/// A hyphen that is shown only where a line breaks at it.
const SOFT_HYPHEN: char = '\u{ad}';

/// The state of the reader.
#[derive(Default)]
struct Page {
    text: Tidy,
    /// How many elements are open whose content is not shown.
    hidden: usize,
    /// Whether the reader is within the tag of a picture.
    picture: bool,
    /// Whether the next value is the alternative text of a picture.
    alternative: bool,
}

/// The text of a page in any encoding.
pub fn text(bytes: &[u8]) -> RawText {
    page(&plain::decode(bytes))
}

/// The text of a decoded page.
pub fn page(html: &str) -> RawText {
    let mut page = Page::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| page.see(event));
    // The content of a script is not parsed as tags.
    emitter.naively_switch_states(true);
    let more = Tokenizer::new_with_emitter(html, emitter).next().is_some();
    RawText { content: page.text.into(), more }
}

impl Page {
    /// Processes one event. Returns something, which stops the parser, once there is enough text.
    fn see(&mut self, event: CallbackEvent<'_>) -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.separate(name);
                self.picture = name == b"img";
                self.hidden += usize::from(HIDDEN.contains(&name));
            }
            CallbackEvent::AttributeName { name } => self.alternative = self.picture && name == b"alt",
            CallbackEvent::AttributeValue { value } if self.alternative => self.show(value),
            CallbackEvent::CloseStartTag { .. } if self.picture => {
                self.text.space();
                self.picture = false;
            }
            CallbackEvent::EndTag { name } => {
                self.separate(name);
                self.hidden = self.hidden.saturating_sub(usize::from(HIDDEN.contains(&name)));
            }
            CallbackEvent::String { value } => self.show(value),
            _ => {}
        }
        (self.text.text().len() > MAX_TEXT).then_some(())
    }

    /// Separates the text before a tag from the text behind it.
    fn separate(&mut self, tag: &[u8]) {
        match tag {
            b"td" | b"th" | b"img" => self.text.space(),
            _ if INLINE.contains(&tag) => {}
            _ => self.text.line(),
        }
    }

    fn show(&mut self, words: &[u8]) {
        if self.hidden == 0 {
            self.text.words(&String::from_utf8_lossy(words).replace(SOFT_HYPHEN, ""));
        }
    }
}
