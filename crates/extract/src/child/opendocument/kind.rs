//! Tells the formats of OpenDocument apart.

use super::super::package::Package;
use crate::protocol::Format;

/// The format of an archive, told by its type, its manifest or its content. Returns `None` if it is no
/// document of this kind.
pub fn format(package: &mut Package<'_>) -> Option<Format> {
    let kind = |text: &str| {
        let (_, kind) = text
            .split_once("application/vnd.oasis.opendocument.")
            .or_else(|| text.split_once("application/vnd.sun.xml."))?;
        format_of_kind(kind)
    };
    let part = |package: &mut Package<'_>, name: &str| package.read_text(name).unwrap_or_default();
    kind(&part(package, "mimetype")).or_else(|| kind(&part(package, "META-INF/manifest.xml"))).or_else(|| {
        let content = part(package, "content.xml");
        content.contains("document-content").then(|| format_of_content(&content))
    })
}

/// The format for a name of a type, such as `text-template` or `writer`.
fn format_of_kind(kind: &str) -> Option<Format> {
    [
        ("text", Format::Odt),
        ("writer", Format::Odt),
        ("spreadsheet", Format::Ods),
        ("calc", Format::Ods),
        ("presentation", Format::Odp),
        ("impress", Format::Odp),
        ("graphics", Format::Odg),
        ("draw", Format::Odg),
        ("formula", Format::Odt),
        ("math", Format::Odt),
        ("chart", Format::Ods),
    ]
    .into_iter()
    .find(|(name, _)| kind.starts_with(name))
    .map(|(_, format)| format)
}

fn format_of_content(content: &str) -> Format {
    [
        ("<office:spreadsheet", Format::Ods),
        ("<office:presentation", Format::Odp),
        ("<office:drawing", Format::Odg),
    ]
    .into_iter()
    .find(|(tag, _)| content.contains(tag))
    .map_or(Format::Odt, |(_, format)| format)
}
