//! PDF files with so many like parts that a reader which compares each with all others takes too long.

use std::fmt::Write as _;

use super::pdf::{WORDS, build_page, build_pdf, build_stream};

/// Returns every file of this module with its name. All have the text `again`.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let long_code = |zeros: usize, chars: usize| {
        with_map(&format!(
            "2 beginbfchar <01> <0061> <02> <> endbfchar \
             1 beginbfrange <{}> <04> [{}] endbfrange",
            "0".repeat(zeros),
            "<0043>".repeat(chars)
        ))
    };
    vec![
        ("a map with a code of 70,000 digits", long_code(70_000, 2)),
        ("a map with 20,000 characters for codes of 60,000 digits", long_code(60_000, 20_000)),
        ("a field of 3,000 values and 3,000 options", with_choices(3_000)),
        ("a line of 90,000 letters apart", with_uneven_line(90_000)),
        ("a line of 60,000 numbers apart", with_map_and_text(HEBREW, &between_hebrew("++", 60_000))),
        ("a line of 60,000 brackets", with_map_and_text(HEBREW, &between_hebrew(")", 60_000))),
    ]
}

/// Reads the codes 1 to 3 as Hebrew letters, and the others as Latin-1.
const HEBREW: &str = "begincmap 1 begincodespacerange <00> <FF> endcodespacerange \
                      2 beginbfrange <01> <03> <05D0> <20> <7E> <0020> endbfrange endcmap";

/// Builds a page that says `again`, in which digits stand between letters of Hebrew. Each has this before it.
fn between_hebrew(parting: &str, count: usize) -> String {
    let digits = format!("{parting}1").repeat(count).replace(')', "\\)");
    format!("BT /F 9 Tf 1 0 0 1 9 9 Tm (again) Tj 1 0 0 1 9 99 Tm (\\001{digits}\\001\\001\\002) Tj ET")
}

/// Builds a page that says `again`, whose font has a map with a fault and these entries.
fn with_map(entries: &str) -> Vec<u8> {
    let map = format!("begincmap 1 begincodespacerange <00> <FF> endcodespacerange {entries} endcmap");
    with_map_and_text(&map, "BT /F 9 Tf 9 9 Td (\\001g\\001in \\002) Tj ET")
}

fn with_map_and_text(map: &str, content: &str) -> Vec<u8> {
    build_pdf(
        &[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>".to_vec(),
            build_stream("", content.as_bytes()),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 6 0 R >>".to_vec(),
            build_stream("", map.as_bytes()),
        ],
        "",
    )
}

fn with_choices(count: usize) -> Vec<u8> {
    let (values, options) = ("(zz)".repeat(count), "[(a)(b)]".repeat(count));
    build_pdf(
        &[
            b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>".to_vec(),
            build_stream("", WORDS.as_bytes()),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
            format!("<< /T (a) /FT /Ch /V [{values}] /Opt [{options}] >>").into(),
        ],
        "",
    )
}

/// Builds a page with this many letters in one line, each of them alone, and not quite on one baseline.
fn with_uneven_line(count: usize) -> Vec<u8> {
    let mut content = format!("{WORDS}BT /F 1 Tf ");
    for index in 0..count {
        let (x, above) = (3 * (index * 7919 % count), index % 7 * 6);
        _ = write!(content, "1 0 0 1 {x} 100.{above:02} Tm (a) Tj ");
    }
    build_page(build_stream("", (content + "ET").as_bytes()), "")
}
