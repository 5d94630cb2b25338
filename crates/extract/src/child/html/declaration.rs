//! The encoding that a page declares.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use crate::child::xml;

/// A page declares its encoding within this many bytes. Pages with long scripts in front are common.
const DECLARATION_BYTES: usize = 64 * 1024;

/// The encoding that a `meta` tag of the page names, or its XML declaration.
pub fn find(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(bytes.get(..DECLARATION_BYTES).unwrap_or(bytes));
    let mut emitter = DefaultEmitter::<()>::default();
    // Without this, tags in scripts and comments would count.
    emitter.naively_switch_states(true);
    let mut tokens = Tokenizer::new_with_emitter(start.as_ref(), emitter).flatten();
    let declared = tokens.find_map(|token| match token {
        Token::StartTag(tag) if *tag.name == b"meta" => encoding_of(&tag),
        _ => None,
    });
    declared.or_else(|| xml::declared_encoding(bytes))
}

/// The encoding in a `meta` tag: by itself, or as a parameter of the content type.
fn encoding_of(tag: &StartTag<()>) -> Option<String> {
    let attribute = |name: &[u8]| {
        tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).trim().to_ascii_lowercase())
    };
    attribute(b"charset").or_else(|| {
        attribute(b"http-equiv").filter(|kind| kind == "content-type")?;
        let content = attribute(b"content")?;
        let (_, label) = content.split_once("charset")?;
        let label = label.trim_start().strip_prefix('=')?.trim_start_matches([' ', '"', '\'']);
        label.split(['"', '\'', ';', ' ', ',']).next().map(str::to_owned)
    })
}
