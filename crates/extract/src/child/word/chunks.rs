//! Documents that Word shows as parts of another one.

use super::super::ooxml::Relationship;
use super::super::package::Package;
use super::super::text::RawText;
use super::super::{eml, html, ooxml, plain, rtf};
use super::text_of_part;

/// The documents that a part of a package refers to as its own parts: their identifiers and texts.
pub fn all(package: &mut Package<'_>, relationships: &[Relationship]) -> Vec<(String, RawText)> {
    let chunks = relationships.iter().filter(|other| other.kind == "aFChunk");
    chunks.filter_map(|chunk| Some((chunk.id.clone(), text(&package.read(&chunk.target)?)))).collect()
}

/// The text of a document of another format that Word shows as a part of its own.
fn text(bytes: &[u8]) -> RawText {
    match bytes {
        _ if rtf::is_rich_text(bytes) => rtf::text(bytes),
        _ if eml::is_message(bytes) => eml::text(bytes),
        _ if bytes.starts_with(b"PK") => text_of_inner(&mut Package::open(bytes)),
        _ if bytes.trim_ascii_start().starts_with(b"<") => html::text(bytes, None),
        _ => plain::decode(bytes, None).into(),
    }
}

/// The text of the main part of a document of Word in another one, which has no chunks of its own here.
fn text_of_inner(package: &mut Package<'_>) -> RawText {
    let xml = ooxml::main_part(package).and_then(|main| package.read_text(&main));
    xml.map_or_else(|| RawText::new(String::new(), true), |xml| text_of_part(&xml))
}
