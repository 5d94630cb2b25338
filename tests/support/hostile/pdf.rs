//! PDF files with cycles, missing parts and long content.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A content stream that says `again and again`.
pub const WORDS: &str = "BT /F 9 Tf 9 9 Td (again and again) Tj ET\n";

/// Builds a file of these objects, with a cross-reference table. They are numbered from 1; the first is the
/// catalogue.
pub fn build_pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", number + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    file.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF",
            objects.len() + 1
        )
        .bytes(),
    );
    file
}

/// Builds a stream with these entries in its dictionary.
pub fn build_stream(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("<< {dictionary} /Length {} >>\nstream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"]
        .concat()
}

/// Compresses `unit`, repeated this many times.
fn compress(unit: &str, times: usize) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..times {
        packer.write_all(unit.as_bytes()).unwrap();
    }
    packer.finish().unwrap()
}

/// Builds a file of one page with this content stream.
pub fn build_page(content: Vec<u8>, resources: &str) -> Vec<u8> {
    build_pdf(
        &[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> {resources} >> >>").into(),
            content,
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
            build_stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>", b"/X Do /X Do"),
        ],
        "",
    )
}

/// Builds a file of so many pages that are scans: each shows a picture of a grey pixel, and no text. Before
/// them are so many pages with text.
pub fn with_scans(pages_with_text: usize, scans: usize) -> Vec<u8> {
    let page = |content: u8| {
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {content} 0 R /Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >> >>").into_bytes()
    };
    let numbers: String = (0..pages_with_text + scans).map(|number| format!("{} 0 R ", 7 + number)).collect();
    let count = pages_with_text + scans;
    let picture =
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8";
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{numbers}] /Count {count} >>").into(),
        build_stream("", WORDS.as_bytes()),
        build_stream("", b"600 0 0 800 0 0 cm /X Do"),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
        build_stream(picture, b"\x80"),
    ];
    objects.extend((0..pages_with_text).map(|_| page(3)));
    objects.extend((0..scans).map(|_| page(4)));
    build_pdf(&objects, "")
}

/// Builds a file of one page that shows this picture this many times.
pub fn with_pictures(picture: &[u8], times: usize) -> Vec<u8> {
    let pictures: String = (0..times).map(|number| format!("/X{number} {} 0 R ", 6 + number)).collect();
    let drawn: String = (0..times).map(|number| format!("/X{number} Do ")).collect();
    let dictionary = "/Type /XObject /Subtype /Image /Width 4000 /Height 4000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode";
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> /XObject << {pictures} >> >> >>").into(),
        build_stream("", format!("{drawn} {WORDS}").as_bytes()),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
    ];
    objects.extend((0..times).map(|_| build_stream(dictionary, picture)));
    build_pdf(&objects, "")
}

/// Returns a file of two pages, where the second page is not a page but a number.
pub fn with_broken_page() -> Vec<u8> {
    build_pdf(
        &[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>".to_vec(),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>".to_vec(),
            build_stream("", WORDS.as_bytes()),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
            b"17".to_vec(),
        ],
        "",
    )
}

fn build_page_tree(kids: &str, count: &str) -> Vec<u8> {
    let pages = format!("<< /Type /Pages /Parent 2 0 R /Kids [{kids}] /Count {count} >>");
    build_pdf(&[b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), pages.into()], "")
}

/// Returns a page that draws a form ten times, which draws another ten times, and so on: a short file that
/// takes longer than any time.
pub fn with_endless_drawing() -> Vec<u8> {
    let draw_next = |number: usize| {
        let entries = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources";
        let dictionary = format!("{entries} << /XObject << /X {} 0 R >> >>", number + 1);
        build_stream(&dictionary, "/X Do ".repeat(10).as_bytes())
    };
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 4 0 R >> >> >>".to_vec(),
    ];
    objects.extend((4..24).map(draw_next));
    build_pdf(&objects, "")
}

/// Returns every file of this module with its name.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let drawn = build_page(build_stream("", WORDS.as_bytes()), "");
    vec![
        ("a page tree that contains itself", build_page_tree("2 0 R", "1")),
        ("a page tree that contains itself a hundred times", build_page_tree(&"2 0 R ".repeat(100), "100")),
        ("a page tree that claims two billion pages", build_page_tree("2 0 R", "2147483647")),
        ("a page tree of missing pages", build_page_tree(&"9 0 R ".repeat(100_000), "100000")),
        (
            "a page that inflates",
            build_page(build_stream("/Filter /FlateDecode", &compress(&WORDS.repeat(1_000), 5_000)), ""),
        ),
        (
            "a page of zeros",
            build_page(build_stream("/Filter /FlateDecode", &compress(&"\0".repeat(65_536), 6_000)), ""),
        ),
        (
            "a page compressed twice",
            build_page(
                build_stream("/Filter [/FlateDecode /FlateDecode]", &compress(&"\0".repeat(65_536), 4_000)),
                "",
            ),
        ),
        ("a page that draws itself", build_page(build_stream("", b"/X Do"), "/XObject << /X 6 0 R >>")),
        ("a page of forms within forms", with_endless_drawing()),
        ("a page of words", build_page(build_stream("", WORDS.repeat(100_000).as_bytes()), "")),
        (
            "a page of saved graphics states",
            build_page(build_stream("", "q ".repeat(2_000_000).as_bytes()), ""),
        ),
        ("a page of arrays", build_page(build_stream("", "[".repeat(1_000_000).as_bytes()), "")),
        ("nested arrays", build_pdf(&["[".repeat(1_000_000).into_bytes()], "")),
        ("nested dictionaries", build_pdf(&["<</A".repeat(500_000).into_bytes()], "")),
        (
            "a cross-reference table that continues at itself",
            build_pdf(&[b"<< /Type /Catalog /Pages 1 0 R >>".to_vec()], "/Prev 9"),
        ),
        (
            "a stream whose length is the stream itself",
            build_pdf(&[b"<< /Length 1 0 R >>\nstream\nx\nendstream".to_vec()], ""),
        ),
        ("references in a circle", build_pdf(&[b"2 0 R".to_vec(), b"3 0 R".to_vec(), b"1 0 R".to_vec()], "")),
        (
            "a file without a cross-reference table",
            drawn.split(|byte| *byte == b'x').next().unwrap().to_vec(),
        ),
        ("a header without a file", b"%PDF-1.7".to_vec()),
    ]
}
