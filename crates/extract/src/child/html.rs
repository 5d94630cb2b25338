//! HTML, as a browser would show it. Its tags are taken as they come, and no tree is made of them: that of a page of a megabyte
//! would be hundreds of megabytes.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::plain;
use super::text::Text;
use super::tidy::Tidy;
use crate::protocol::MAX_TEXT;

/// Elements that may begin and end within a word. All others, those that nobody knows among them, end a line.
const INLINE: [&[u8]; 36] = [
    b"a", b"abbr", b"acronym", b"b", b"bdi", b"bdo", b"big", b"cite", b"code", b"data", b"del", b"dfn",
    b"em", b"font", b"i", b"ins", b"kbd", b"mark", b"nobr", b"o:p", b"q", b"rb", b"ruby", b"s", b"samp",
    b"small", b"span", b"strike", b"strong", b"sub", b"sup", b"time", b"tt", b"u", b"var", b"wbr",
];

/// Elements whose content is not shown.
const HIDDEN: [&[u8]; 7] =
    [b"iframe", b"noembed", b"noframes", b"noscript", b"script", b"style", b"template"];

/// Shown where a line breaks at it, and nowhere else.
const SOFT_HYPHEN: char = '\u{ad}';

/// What was seen of a page.
#[derive(Default)]
struct Page {
    text: Tidy,
    /// In how many elements that are not shown this is.
    hidden: usize,
    /// Within the tag of a picture.
    picture: bool,
    /// What stands for a picture comes next.
    alternative: bool,
}

/// A page in any encoding.
pub fn text(bytes: &[u8]) -> Text {
    page(&plain::decode(bytes))
}

/// The same, decoded.
pub fn page(html: &str) -> Text {
    let mut page = Page::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| page.see(event));
    // What stands in a script is no tag.
    emitter.naively_switch_states(true);
    let more = Tokenizer::new_with_emitter(html, emitter).next().is_some();
    Text { content: page.text.into(), more }
}

impl Page {
    /// Goes on; something once there is enough.
    fn see(&mut self, event: CallbackEvent<'_>) -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.part(name);
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
                self.part(name);
                self.hidden = self.hidden.saturating_sub(usize::from(HIDDEN.contains(&name)));
            }
            CallbackEvent::String { value } => self.show(value),
            _ => {}
        }
        (self.text.text().len() > MAX_TEXT).then_some(())
    }

    /// Parts what stands before a tag from what stands behind it.
    fn part(&mut self, tag: &[u8]) {
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
