//! Extracts the text of OpenDocument and of its predecessor, in an archive or in one file of XML.

use super::flow::Flow;
use super::markup::{self, Element, Markup, Next};
use super::package::Package;
use super::text::RawText;
use crate::protocol::{Format, NoText};

/// Elements whose text is not shown: what was deleted, the settings of an index, readings of characters,
/// numbers of notes, and data.
const HIDDEN: [&str; 15] = [
    "automatic-styles",
    "binary-data",
    "endnote-citation",
    "event-listeners",
    "font-face-decls",
    "footnote-citation",
    "meta",
    "note-citation",
    "ruby-text",
    "script",
    "scripts",
    "settings",
    "sheet-name",
    "styles",
    "tracked-changes",
];

/// The most objects in a document that are read, such as charts and formulas.
const MAX_OBJECTS: usize = 50;

/// What is read of a document.
struct Reader {
    flow: Flow,
    /// Whether tables are sheets, whose names are shown.
    is_book: bool,
    /// Whether only headers and footers are read, and how many of them are open.
    only_margins: bool,
    margins: usize,
    in_alternative: bool,
}

/// Extracts the text of a document in an archive: its content, the objects in it, its headers and footers.
pub fn text(format: Format, package: &mut Package<'_>) -> Result<RawText, NoText> {
    let manifest = package.read("META-INF/manifest.xml").unwrap_or_default();
    if manifest.windows(15).any(|bytes| bytes == b"encryption-data") {
        return Err(NoText::Encrypted);
    }
    let content = package.read_text("content.xml").ok_or(NoText::Damaged)?;
    let RawText { mut content, mut incomplete, .. } = read(format == Format::Ods, &content, false);
    let mut parts = package.names(|name| name.ends_with("/content.xml"));
    parts.truncate(MAX_OBJECTS);
    parts.push("styles.xml".to_owned());
    for part in parts {
        if let Some(xml) = package.read_text(&part) {
            let text = read(false, &xml, part == "styles.xml");
            content.push_str(&text.content);
            incomplete |= text.incomplete;
        }
    }
    package.judge(RawText::new(content, incomplete))
}

/// Extracts the text of a document in one file of XML.
pub fn text_of_flat(xml: &str) -> RawText {
    read(xml.contains("opendocument.spreadsheet"), xml, false)
}

fn read(is_book: bool, xml: &str, only_margins: bool) -> RawText {
    let mut reader =
        Reader { flow: Flow::default(), is_book, only_margins, margins: 0, in_alternative: false };
    let complete = markup::walk(xml, |markup| reader.visit(markup));
    RawText::new(reader.flow.finish(), !complete)
}

impl Reader {
    fn visit(&mut self, markup: Markup<'_>) -> Next {
        match markup {
            Markup::Open(name, element) => return self.open(name, element),
            Markup::Close(name) => self.close(name),
            Markup::Text(text) if !self.only_margins || self.margins > 0 => self.flow.push(text),
            Markup::Text(_) => {}
        }
        if self.flow.is_full() { Next::Stop } else { Next::Continue }
    }

    fn open(&mut self, name: &str, element: &Element<'_>) -> Next {
        match name {
            _ if is_hidden(name, element) => return Next::Skip,
            "p" | "h" => self.flow.open_paragraph(),
            // The alternative text of a picture. A field of the text has the same name and another prefix.
            "title" | "desc" if element.full_name().starts_with("svg:") => {
                self.in_alternative = true;
                self.flow.open_paragraph();
            }
            "s" => self.flow.push(" "),
            "tab" | "tab-stop" => self.flow.push("\t"),
            "line-break" => self.flow.push("\n"),
            "table" if self.is_book => {
                self.flow.push(&element.attribute("name").unwrap_or_default());
                self.flow.end_line();
            }
            _ => self.margins += usize::from(is_margin(name)),
        }
        Next::Continue
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => self.flow.close_paragraph(),
            "title" | "desc" if self.in_alternative => {
                self.in_alternative = false;
                self.flow.close_paragraph();
            }
            "table-cell" | "covered-table-cell" => self.flow.close_cell(),
            "table-row" | "header-decl" | "footer-decl" | "math" => self.flow.end_line(),
            _ => self.margins = self.margins.saturating_sub(is_margin(name).into()),
        }
    }
}

/// Whether the text of an element is not shown.
fn is_hidden(name: &str, element: &Element<'_>) -> bool {
    let is_source = name.ends_with("-source") && name != "page-continuation-source";
    let is_undisplayed = name == "section" && element.has("display", "none");
    // The author and the time of a comment. Fields of the text have the same names and another prefix.
    let is_origin = matches!(
        element.full_name(),
        "dc:creator" | "dc:date" | "meta:creator-initials" | "meta:date-string"
    );
    // A formula's second form.
    let is_formula_source = name == "annotation" && element.attribute("encoding").is_some();
    HIDDEN.contains(&name)
        || is_source
        || is_undisplayed
        || is_origin
        || is_formula_source
        || element.has("is-hidden", "true")
}

fn is_margin(name: &str) -> bool {
    matches!(name, "header" | "header-left" | "header-first" | "footer" | "footer-left" | "footer-first")
}

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
