//! What a client says of a file: its name, its type, its checksum.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::name;

/// What RFC 5987 lets stand in an extended parameter value.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The media type of bytes of which nothing is known.
const BYTES: &str = "application/octet-stream";

/// A file's name: 1 to 255 characters of any Unicode but control characters, one at least that is seen. In the database only: never in
/// an object's key, a log line or, unescaped, a header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Filename(String);

impl Filename {
    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is searched by.
    pub fn key(&self) -> String {
        name::key(&self.0)
    }

    /// What was admitted when it was uploaded, by whatever rules there were then.
    pub const fn stored(name: String) -> Self {
        Self(name)
    }

    /// A `Content-Disposition` that saves the file under this name (RFC 6266, RFC 5987), without the characters that would have a
    /// program shown as a picture.
    pub fn as_attachment(&self) -> String {
        let name = name::undirected(&self.0);
        let plain: String = name
            .chars()
            .map(|c| if matches!(c, ' ' | '!'..='~') && !"\"\\%/".contains(c) { c } else { '_' })
            .collect();
        format!(
            "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
            utf8_percent_encode(&name, ATTR_CHAR)
        )
    }
}

impl TryFrom<String> for Filename {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.is_empty() || name.chars().count() > 255 {
            return Err("a filename has 1 to 255 characters");
        }
        if name.chars().any(char::is_control) {
            return Err("a filename has no control characters");
        }
        if !name::is_visible(&name) {
            return Err("a filename has a character that can be seen");
        }
        Ok(Self(name))
    }
}

/// A media type, as RFC 9110 writes it: `type/subtype` and parameters. Where none is declared, as by a browser that does not know a
/// file's type, it is `application/octet-stream`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ContentType(String);

impl ContentType {
    /// Types that a browser shows and never runs.
    const HARMLESS: [&str; 10] = [
        "application/pdf",
        "image/avif",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/markdown",
        "text/plain",
        "application/json",
    ];

    /// As declared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Lower-case, without parameters.
    pub fn essence(&self) -> String {
        self.0.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// What a download is served as: the declared type where it is harmless, else bytes.
    pub fn safe_to_serve(&self) -> &str {
        if Self::HARMLESS.contains(&self.essence().as_str()) { &self.0 } else { BYTES }
    }
}

impl TryFrom<String> for ContentType {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const PROBLEM: &str = "a content type is type/subtype, at most 255 printable ASCII characters";
        if text.is_empty() {
            return Ok(Self(BYTES.into()));
        }
        if text.trim() != text {
            return Err(PROBLEM);
        }
        let text = if text.contains([' ', '\t']) { spaced(&text) } else { text };
        let admitted = text.len() <= 255 && text.bytes().all(|b| matches!(b, b' '..=b'~'));
        match text.parse::<mime::Mime>() {
            Ok(kind) if admitted && kind.subtype() != "" => Ok(Self(text)),
            _ => Err(PROBLEM),
        }
    }
}

/// The media type with one space after each semicolon outside quotes and none before it. RFC 9110 (section 5.6.6) allows any white
/// space there; the parser and the store's signatures do not.
fn spaced(text: &str) -> String {
    let mut quoted = false;
    let separates = |c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    };
    let parts =
        text.split(separates).map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("; ")
}

/// A SHA-256 checksum: lower-case hex in our bodies, base64 in the store's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// For the store.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// From the store; none if it is something else, such as a checksum of checksums.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// For bodies and rows.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const PROBLEM: &str = "sha256 is 64 lower-case hexadecimal digits";
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(PROBLEM);
        }
        let mut sum = [0; 32];
        for (byte, digits) in sum.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| PROBLEM)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| PROBLEM)?;
        }
        Ok(Self(sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filename_is_escaped_in_the_header() {
        let name = Filename::try_from("a \"b\"\\ %41 ü;💾.pdf".to_owned()).unwrap();
        assert_eq!(
            name.as_attachment(),
            "attachment; filename=\"a _b__ _41 _;_.pdf\"; \
             filename*=UTF-8''a%20%22b%22%5C%20%2541%20%C3%BC%3B%F0%9F%92%BE.pdf"
        );
    }

    #[test]
    fn neither_form_of_a_name_in_the_header_turns_what_is_read() {
        let name = Filename::try_from("invoice\u{202e}\u{2066}\u{61c}fdp.exe".to_owned()).unwrap();
        let plain = "attachment; filename=\"invoicefdp.exe\"; filename*=UTF-8''invoicefdp.exe";
        assert_eq!(name.as_attachment(), plain);
    }

    #[test]
    fn filenames_are_counted_in_characters() {
        assert!(Filename::try_from("ü".repeat(255)).is_ok());
        let unseen = ["   ", "\u{3164}", "\u{2800}", "\u{200d}\u{feff}"].map(String::from);
        let others = ["ü".repeat(256), String::new(), "a\nb".into(), "a\0".into(), "a\u{85}".into()];
        for refused in others.into_iter().chain(unseen) {
            assert!(Filename::try_from(refused.clone()).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn content_types_are_media_types() {
        for admitted in [
            "text/plain",
            "text/plain; charset=utf-8",
            "text/plain;charset=utf-8",
            "application/vnd.ms-excel",
        ] {
            assert_eq!(ContentType::try_from(admitted.to_owned()).unwrap().as_str(), admitted);
        }
        for refused in
            [" ", ";", "text", "text/", "te xt/plain", "text/plain\r\nx: y", "text/plän", " text/plain"]
        {
            assert!(ContentType::try_from(refused.to_owned()).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_type_that_nobody_knows_is_that_of_mere_bytes() {
        assert_eq!(ContentType::try_from(String::new()).unwrap().as_str(), "application/octet-stream");
    }

    #[test]
    fn white_space_around_a_semicolon_makes_no_other_type() {
        for (declared, kept) in [
            ("text/plain ; charset=utf-8", "text/plain; charset=utf-8"),
            ("text/plain;\tcharset=utf-8", "text/plain; charset=utf-8"),
            ("text/plain  ;  charset=utf-8 ; format=flowed", "text/plain; charset=utf-8; format=flowed"),
            (r#"a/b ; name="x ; y""#, r#"a/b; name="x ; y""#),
        ] {
            assert_eq!(ContentType::try_from(declared.to_owned()).unwrap().as_str(), kept, "{declared}");
        }
    }

    #[test]
    fn what_a_browser_could_run_is_served_as_bytes() {
        let served = |text: &str| ContentType::try_from(text.to_owned()).unwrap().safe_to_serve().to_owned();
        assert_eq!(served("text/html"), "application/octet-stream");
        assert_eq!(served("IMAGE/SVG+XML"), "application/octet-stream");
        assert_eq!(served("text/plain; charset=utf-8"), "text/plain; charset=utf-8");
    }

    #[test]
    fn checksums_change_their_spelling_only() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let sum = Sha256::try_from(hex.to_owned()).unwrap();
        assert_eq!(sum.to_base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(Sha256::from_base64(&sum.to_base64()).unwrap().to_hex(), hex);
        assert!(Sha256::try_from(hex.to_uppercase()).is_err());
    }
}
