//! Small files that become large when they are unpacked or expanded.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A part of an archive: its name, its beginning, a repeated text, the number of repetitions, and its end.
pub type Part<'a> = (&'a str, &'a str, &'a str, usize, &'a str);

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>
</Types>"#;

const WORD_LINKS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

const BOOK_LINKS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

const SHEET_LINKS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="b" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>"#;

/// The beginning of a docx's content.
pub const DOCX_BEGIN: &str =
    r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#;

/// The beginning of an odt's content.
pub const ODT_BEGIN: &str = r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>"#;

const CELLS: &str =
    r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;

/// The beginning of an XML file with entities that each repeat the one before ten times: the attack "billion
/// laughs".
pub const LAUGHS: &str = r#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">
<!ENTITY h "&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;"><!ENTITY i "&h;&h;&h;&h;&h;&h;&h;&h;&h;&h;"> ]>"#;

/// Builds a zip archive of these parts.
pub fn build_archive(parts: &[Part<'_>]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1));
    for (name, begin, unit, times, end) in parts {
        archive.start_file(*name, options).unwrap();
        archive.write_all(begin.as_bytes()).unwrap();
        let block = unit.repeat((65_536 / unit.len().max(1)).clamp(1, (*times).max(1)));
        let each = block.len() / unit.len().max(1);
        for _ in 0..times / each.max(1) {
            archive.write_all(block.as_bytes()).unwrap();
        }
        archive.write_all(end.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Builds a docx whose `word/document.xml` is `begin`, then `unit` repeated `times` times, then `end`.
pub fn docx(begin: &str, unit: &str, times: usize, end: &str) -> Vec<u8> {
    build_archive(&[
        ("[Content_Types].xml", TYPES, "", 0, ""),
        ("_rels/.rels", WORD_LINKS, "", 0, ""),
        ("word/document.xml", begin, unit, times, end),
    ])
}

/// Builds a spreadsheet with these rows, and with one shared string that repeats a text.
pub fn xlsx(unit: &str, times: usize, strings: (&str, usize)) -> Vec<u8> {
    let table = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>"#;
    build_archive(&[
        ("[Content_Types].xml", TYPES, "", 0, ""),
        ("_rels/.rels", BOOK_LINKS, "", 0, ""),
        ("xl/_rels/workbook.xml.rels", SHEET_LINKS, "", 0, ""),
        ("xl/workbook.xml", BOOK, "", 0, ""),
        ("xl/worksheets/sheet1.xml", CELLS, unit, times, "</sheetData></worksheet>"),
        ("xl/sharedStrings.xml", table, strings.0, strings.1, "</t></si></sst>"),
    ])
}

/// Builds an OpenDocument text with this content.
pub fn odt(begin: &str, unit: &str, times: usize, end: &str) -> Vec<u8> {
    build_archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.text", "", 0, ""),
        ("content.xml", begin, unit, times, end),
    ])
}

/// Returns a docx with 300 MB of text in a third of a megabyte.
pub fn inflating_docx() -> Vec<u8> {
    docx(
        &format!("{DOCX_BEGIN}<w:p><w:r><w:t>"),
        "inflated ",
        35_000_000,
        "</w:t></w:r></w:p></w:body></w:document>",
    )
}

/// Returns every inflating file with its name.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let paragraph = "<w:p><w:r><w:t>again</w:t></w:r></w:p>";
    let far = r#"<row r="1048576"><c r="XFD1048576" t="s"><v>0</v></c></row>"#;
    vec![
        ("inflating docx", inflating_docx()),
        ("docx of zeros", docx("", "\0", 200_000_000, "")),
        ("docx of paragraphs", docx(DOCX_BEGIN, paragraph, 2_000_000, "</w:body></w:document>")),
        (
            "docx of entities",
            docx(&format!("{LAUGHS}{DOCX_BEGIN}<w:p><w:r><w:t>&i;"), "&i;", 1_000, "</w:t></w:r></w:p>"),
        ),
        ("odt of entities", odt(&format!("{LAUGHS}{ODT_BEGIN}<text:p>&i;"), "&i;", 1_000, "</text:p>")),
        ("inflating odt", odt(&format!("{ODT_BEGIN}<text:p>"), "inflated ", 20_000_000, "</text:p>")),
        ("odt of paragraphs", odt(ODT_BEGIN, "<text:p>again</text:p>", 3_000_000, "</office:text>")),
        ("xlsx with a far cell", xlsx(far, 1, ("x", 1))),
        ("xlsx of rows", xlsx(r#"<row><c t="s"><v>0</v></c><c><v>7</v></c></row>"#, 1_000_000, ("x", 1))),
        (
            "xlsx with a string in every cell",
            xlsx(r#"<row><c t="s"><v>0</v></c></row>"#, 100_000, ("shared ", 150_000)),
        ),
        ("xlsx of far cells", xlsx(&far.replace("1048576", "7"), 10_000, ("x", 1_000))),
        ("archive of many", many_entries()),
        ("xml of entities", format!("{LAUGHS}<a>{}</a>", "&i;".repeat(1_000)).into_bytes()),
        (
            "html of entities",
            format!("<!doctype html>{LAUGHS}<html><p>{}</p>", "&i;".repeat(1_000)).into_bytes(),
        ),
    ]
}

/// Returns an archive with 60,000 entries, more than any document has.
fn many_entries() -> Vec<u8> {
    let names: Vec<String> = (0..60_000).map(|number| format!("word/{number}.xml")).collect();
    let mut parts: Vec<Part<'_>> = names.iter().map(|name| (&**name, "", "", 0, "")).collect();
    parts.push(("word/document.xml", DOCX_BEGIN, "", 0, ""));
    build_archive(&parts)
}
