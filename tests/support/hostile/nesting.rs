//! Files that are nested deeper than any stack, or that have one very long or very frequent part.

use super::inflating::{DOCX_BEGIN, ODT_BEGIN, docx, odt};

/// Returns every file of this module with its name.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |unit: &str, times| unit.repeat(times).into_bytes();
    let page = |unit: &str, times: usize| {
        format!("<!doctype html><html><body>{}deep", unit.repeat(times)).into_bytes()
    };
    vec![
        ("nested xml", [b"<?xml version=\"1.0\"?>".to_vec(), deep("<a>", 1_000_000)].concat()),
        ("nested json", deep("[", 5_000_000)),
        ("nested json objects", deep("{\"a\":", 1_000_000)),
        ("nested divisions", page("<div>", 300_000)),
        ("nested emphasis", page("<b><i>", 100_000)),
        ("nested tables", page("<table><tr><td>", 20_000)),
        ("nested lists", page("<ul><li>", 50_000)),
        ("nested quotations", page("<blockquote>", 50_000)),
        (
            "a table of many columns",
            page("<table><tr>", 1).into_iter().chain(deep("<td colspan=1000>x", 20_000)).collect(),
        ),
        ("attributes without end", page(&format!("<p {}>", "a=b ".repeat(500_000)), 1)),
        ("nested rtf", [b"{\\rtf1 ".to_vec(), deep("{", 3_000_000)].concat()),
        ("rtf of pictures", [b"{\\rtf1 {\\pict ".to_vec(), deep("ff", 3_000_000)].concat()),
        ("rtf with a long picture", b"{\\rtf1 \\bin2147483647 x}".to_vec()),
        ("nested rtf notes", [b"{\\rtf1 ".to_vec(), deep("{\\footnote a", 500_000)].concat()),
        ("nested docx paragraphs", docx(DOCX_BEGIN, "<w:p>", 3_000_000, "")),
        ("nested docx tables", docx(DOCX_BEGIN, "<w:tbl><w:tr><w:tc>", 100_000, "<w:p/>")),
        ("nested docx elements", docx(DOCX_BEGIN, "<w:sdt><w:sdtContent>", 300_000, "")),
        ("nested odt", odt(ODT_BEGIN, "<text:section>", 1_000_000, "")),
        ("nested messages", nested_messages(5_000)),
        (
            "a message of many headers",
            format!("From: a\nTo: b\n{}\ntext", "Received: from a\n".repeat(300_000)).into_bytes(),
        ),
        ("a message of many parts", message_with_parts(100_000)),
        ("a long line", deep("word ", 6_000_000)),
        ("a long word", deep("w", 20_000_000)),
        ("a page of tags", page("<p>x</p>", 900_000)),
        ("a page of unclosed comments", page("<!--", 1_000_000)),
        ("a page of unclosed scripts", page("<script><!--<script>", 400_000)),
        ("a page of unclosed templates", page("<template>", 800_000)),
        ("a page of unclosed tags", page("<", 8_000_000)),
        ("a page of unfinished entities", page("&CounterClockwiseContourIntegra", 250_000)),
        ("a page of one tag", page(&format!("<{}", "x".repeat(8_000_000)), 1)),
        ("a page of one value", page(&format!("<img alt='{}", "x".repeat(8_000_000)), 1)),
        ("nothing but zeros", vec![0; 3_000_000]),
        ("nothing but line breaks", vec![b'\n'; 10_000_000]),
        ("nothing but spaces", vec![b' '; 10_000_000]),
        ("nothing but escapes", vec![0x1b; 3_000_000]),
        ("nothing but byte order marks", deep("\u{feff}", 1_000_000)),
    ]
}

/// Returns files of many small parts with their names. Each is read as usual, and ends with the word `Quay`.
pub fn frequent() -> Vec<(&'static str, Vec<u8>)> {
    let card = |start, line: &str, times| {
        format!("BEGIN:VCARD\n{start}{}\nNOTE:Quay", line.repeat(times)).into_bytes()
    };
    let entity = "A".repeat(400_000);
    let references = "&a;".repeat(100_000);
    let document = format!("<!DOCTYPE r [<!ENTITY a \"{entity}\">]><r><a>{references}</a><b>Quay</b></r>");
    vec![
        ("a card of folded spaces", card("NOTE:", "          \n", 200_000)),
        ("a card of soft breaks", card("X;QUOTED-PRINTABLE;", "aaaa=\n", 180_000)),
        ("references to a file", document.into_bytes()),
    ]
}

/// Returns an e-mail message that contains a message, and so on.
fn nested_messages(depth: usize) -> Vec<u8> {
    let head = |number| {
        format!(
            "From: a\nSubject: b\nContent-Type: multipart/mixed; boundary=\"{number}\"\n\n--{number}\nContent-Type: message/rfc822\n\n"
        )
    };
    (0..depth).map(head).collect::<String>().into_bytes()
}

/// Returns an e-mail message with this many parts.
fn message_with_parts(count: usize) -> Vec<u8> {
    let part = "--x\nContent-Type: text/html\n\n<p>again\n";
    format!("From: a\nSubject: b\nContent-Type: multipart/mixed; boundary=x\n\n{}", part.repeat(count))
        .into_bytes()
}
