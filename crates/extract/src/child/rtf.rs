//! Extracts the text of rich text files (RTF). Groups can be nested without limit, so they are kept on a
//! stack of their own and not handled by recursion.

mod control;
mod fonts;
mod groups;
mod output;
mod tokens;
mod words;

use self::fonts::Fonts;
use super::text::RawText;

/// The number of open groups whose settings are remembered. Groups within more share their settings, so that
/// a file of nothing but braces takes no memory.
const MAX_DEPTH: usize = 10_000;

/// The settings of a group. Groups inside it inherit them.
#[derive(Clone, Copy, Default)]
struct Group {
    /// Whether the group, or one around it, is a destination that is not shown.
    hidden: bool,
    /// Whether the group is within the table of fonts.
    in_fonts: bool,
    /// Whether the group is the source of a tag of HTML.
    in_tag: bool,
    /// Whether the group began an aside: the text before it continues after it.
    is_aside: bool,
    /// Formatting that hides text: `\v`, `\deleted`, `\mvf`, and `\htmlrtf`.
    invisible: bool,
    deleted: bool,
    moved: bool,
    not_html: bool,
    /// The number of the font, and that of the font for complex scripts, which text from right to left has.
    font: i32,
    complex_font: Option<i32>,
    is_rightward: bool,
    /// The number of characters after each `\u` that replace it, for readers that do not know `\u`.
    replacements: usize,
}

/// The position in the document, the open groups, and the text so far.
#[derive(Default)]
struct Reader<'a> {
    rest: &'a [u8],
    groups: Vec<Group>,
    group: Group,
    /// The number of open groups above [`MAX_DEPTH`].
    deeper: usize,
    /// Whether the group has just begun, and whether `\*` came just before.
    begun: bool,
    optional: bool,
    fonts: Fonts,
    /// The font of text that names none, and the code page of fonts that name none.
    default_font: i32,
    page: u16,
    /// The language of text that names none, by its number in Windows.
    language: u32,
    /// Whether the document was made from HTML, whose source it contains.
    is_html: bool,
    /// UTF-16 code units that are not decoded yet: a character may need the next one, too.
    units: Vec<u16>,
    /// Bytes in the current code page that are not decoded yet, and whether the last one is the first half of
    /// a character.
    bytes: Vec<u8>,
    is_half: bool,
    /// The number of characters that are skipped next, because they are replacements.
    skip: usize,
    content: String,
    /// The texts that are interrupted by an aside, and the asides that are complete.
    interrupted: Vec<String>,
    asides: String,
}

/// Whether the bytes begin like rich text. Some programs write white space, zeros or a byte order mark before
/// it.
pub fn is_rich_text(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.iter().position(|byte| !(byte.is_ascii_whitespace() || *byte == 0)).unwrap_or(0);
    bytes.get(start..).is_some_and(|rest| rest.starts_with(b"{\\rtf"))
}

/// Extracts the text of a document. Footnotes, comments, headers and text boxes follow their paragraph.
pub fn text(bytes: &[u8]) -> RawText {
    let mut reader = Reader {
        rest: bytes,
        page: 1252,
        group: Group { replacements: 1, ..Group::default() },
        ..Reader::default()
    };
    while let Some((first, rest)) = reader.rest.split_first() {
        reader.rest = rest;
        reader.read_token(*first);
    }
    reader.finish()
}
