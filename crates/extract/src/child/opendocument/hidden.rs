//! What is in OpenDocument and is not shown.

use super::super::markup::Element;

/// Elements whose text is not shown: what was deleted, the settings of an index, readings of characters,
/// numbers of notes, and data.
const HIDDEN: [&str; 12] = [
    "binary-data",
    "endnote-citation",
    "event-listeners",
    "font-face-decls",
    "footnote-citation",
    "note-citation",
    "ruby-text",
    "script",
    "scripts",
    "settings",
    "sheet-name",
    "tracked-changes",
];

/// Places on a master page whose text is shown on all slides.
const FOOTERS: [&str; 3] = ["footer", "header", "date-time"];

/// Fields in such places.
const FIELDS: [&str; 6] = [
    "presentation:date-time",
    "presentation:footer",
    "presentation:header",
    "text:date",
    "text:page-number",
    "text:time",
];

/// Whether the text of an element is not shown.
pub fn is_hidden(name: &str, element: &Element<'_>) -> bool {
    let is_source = name.ends_with("-source") && name != "page-continuation-source";
    let is_undisplayed = matches!(name, "section" | "variable-set") && element.has("display", "none");
    // What is said of the document, and the author and the time of a comment. Elements of the text have the
    // same names and another prefix.
    let is_origin = matches!(
        element.full_name(),
        "office:meta"
            | "dc:creator"
            | "dc:date"
            | "meta:creator-initials"
            | "loext:sender-initials"
            | "meta:date-string"
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

/// Whether an element is the alternative text of a picture or of a table. Fields of the text have the same
/// names and another prefix.
pub fn is_alternative(element: &Element<'_>) -> bool {
    ["svg:", "table:"].iter().any(|prefix| element.full_name().starts_with(prefix))
}

/// Whether a frame is the place of a footer of slides, or of their header or their date.
pub fn is_footer(element: &Element<'_>) -> bool {
    class(element).is_some_and(|class| FOOTERS.contains(&class.as_str()))
}

/// Whether an element only has the place of what slides show, or their number.
pub fn is_place(element: &Element<'_>, in_master: bool) -> bool {
    class(element).is_some_and(|class| match class.as_str() {
        "page-number" => true,
        class => in_master && !FOOTERS.contains(&class),
    })
}

/// Whether an element in a footer is what each slide replaces. Other text there is shown on all slides.
pub fn is_replaced(element: &Element<'_>) -> bool {
    FIELDS.contains(&element.full_name())
}

/// What a frame or another shape of a slide is for.
fn class(element: &Element<'_>) -> Option<String> {
    element.full_name().starts_with("draw:").then(|| element.attribute("class")).flatten()
}
